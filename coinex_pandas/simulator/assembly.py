"""The private side of an exchange, put together: who serves which endpoint, and what goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from coinex_pandas.simulator.account.referrals import ReferralDesk
from coinex_pandas.simulator.account.settings import SettingsDesk
from coinex_pandas.simulator.account.sub_accounts import SubDesk
from coinex_pandas.simulator.assets.balances import BalanceDesk, BalanceNews, StatementDesk
from coinex_pandas.simulator.assets.deposits import DepositDesk
from coinex_pandas.simulator.assets.loans import LoanDesk
from coinex_pandas.simulator.assets.margin_accounts import MarginAccounts
from coinex_pandas.simulator.assets.pools import PoolDesk
from coinex_pandas.simulator.assets.transfers import TransferDesk
from coinex_pandas.simulator.assets.withdrawals import WithdrawalDesk
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.endpoints import OrderDesk
from coinex_pandas.simulator.orders.listing import OrderLists
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.process import Flow
from coinex_pandas.simulator.orders.stop_endpoints import StopDesk
from coinex_pandas.simulator.orders.stops import Stops
from coinex_pandas.simulator.positions.endpoints import PositionDesk
from coinex_pandas.simulator.positions.funding import FundingPayments
from coinex_pandas.simulator.positions.history import PositionHistoryDesk
from coinex_pandas.simulator.positions.leverage import PositionMargins
from coinex_pandas.simulator.positions.liquidation import Liquidation, PositionProcess
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.settlement import FuturesSettlement
from coinex_pandas.simulator.positions.stops import PositionStops

__all__ = ["Business", "open_floor", "open_for_business", "open_futures"]


@dataclass(frozen=True, slots=True)
class Business:
    """The parts of the private side that are used from outside, too.

    Attributes
    ----------
    deposits : DepositDesk
        Where the world's money arrives.
    matching : Matching
        Where orders meet.
    positions : Positions
        The open futures positions.
    """

    deposits: DepositDesk
    matching: Matching
    positions: Positions


def open_for_business(trading: Trading) -> Business:
    """Fill an exchange's private side with desks and processes."""
    matching = open_floor(trading)
    positions = open_futures(trading, matching)
    margin = MarginAccounts(trading)
    balances = BalanceDesk(trading, margin, positions)
    deposits = DepositDesk(trading)
    withdrawals, pools = WithdrawalDesk(trading, deposits), PoolDesk(trading)
    loans = LoanDesk(trading, margin, partial(_cancel_margin_orders, matching))
    trading.desks += [
        balances,
        TransferDesk(trading, margin, positions),
        loans,
        deposits,
        withdrawals,
        pools,
        SubDesk(trading, balances),
        SettingsDesk(trading),
        StatementDesk(trading),
        ReferralDesk(trading),
    ]
    trading.processes += [deposits, withdrawals, loans, pools]
    BalanceNews(trading, positions)
    return Business(deposits, matching, positions)


def _cancel_margin_orders(matching: Matching, account: Account, market: Market) -> None:
    for order in matching.orders(account, "spot"):
        if order.market_type == "MARGIN" and order.market is market:
            matching.cancel(order, matching.trading.at)


def open_floor(trading: Trading) -> Matching:
    """Add the desks and the process of spot and futures orders to an exchange, and return where orders meet.

    Futures orders need a settlement of their own, to be put into `Matching.settlement` by its area.
    """
    matching = Matching(trading)
    stops = Stops(trading, matching)
    trading.desks += [OrderDesk(trading, matching), OrderLists(trading, matching), StopDesk(trading, stops)]
    trading.processes.append(Flow(matching, stops))
    return matching


def open_futures(trading: Trading, matching: Matching) -> Positions:
    """Let futures orders be settled and positions live; return the positions, which know what a balance is worth.

    To be called after the process that moves orders on was added: within a stretch of time orders are filled before
    positions are judged.
    """
    positions = Positions(trading)
    settlement = FuturesSettlement(trading, matching, positions)
    stops = PositionStops(trading, matching, positions)
    matching.settlement["futures"] = settlement
    trading.desks += [
        PositionDesk(trading, matching, positions, PositionMargins(trading, positions, settlement), stops),
        PositionHistoryDesk(trading, positions),
    ]
    trading.processes.append(
        PositionProcess(
            positions,
            FundingPayments(trading, positions, settlement.money),
            stops,
            Liquidation(trading, matching, positions, settlement),
        )
    )
    return positions
