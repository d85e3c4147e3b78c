"""The parts of an exchange, put together: who answers which endpoint, and what goes on while time passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

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
from coinex_pandas.simulator.endpoints import Endpoints
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.faults import Hits
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.clock import Clock, Moment
from coinex_pandas.simulator.market.endpoints import MarketEndpoints
from coinex_pandas.simulator.market.futures_endpoints import FuturesEndpoints
from coinex_pandas.simulator.market.reference import ReferenceEndpoints
from coinex_pandas.simulator.market.world import World
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

__all__ = ["PrivateSide", "add_private_side", "public_endpoints"]


class PrivateSide(NamedTuple):
    """The parts of the private side that are used from outside, too."""

    deposits: DepositDesk
    matching: Matching
    positions: Positions


def public_endpoints(world: World, clock: Clock, moment: Callable[[], Moment], hits: Callable[[], Hits]) -> Endpoints:
    """Return the endpoints that need no key."""
    return Endpoints(
        ReferenceEndpoints(clock, hits), MarketEndpoints(world, moment), FuturesEndpoints(world, moment, hits)
    )


def add_private_side(trading: Trading) -> PrivateSide:
    """Give an exchange its private endpoints and processes."""
    matching = Matching(trading)
    positions = Positions(trading)
    _add_orders(trading, matching)
    # after the orders' process: within a stretch of time orders are filled before positions are judged
    _add_positions(trading, matching, positions)
    deposits = _add_assets(trading, matching, positions)
    return PrivateSide(deposits, matching, positions)


def _add_orders(trading: Trading, matching: Matching) -> None:
    stops = Stops(trading, matching)
    trading.endpoints.add(OrderDesk(trading, matching), OrderLists(trading, matching), StopDesk(trading, stops))
    trading.processes.append(Flow(matching, stops))


def _add_positions(trading: Trading, matching: Matching, positions: Positions) -> None:
    settlement = FuturesSettlement(trading, matching, positions)
    stops = PositionStops(trading, matching, positions)
    matching.settlement["futures"] = settlement
    trading.endpoints.add(
        PositionDesk(trading, matching, positions, PositionMargins(trading, positions, settlement), stops),
        PositionHistoryDesk(trading, positions),
    )
    trading.processes.append(
        PositionProcess(
            positions,
            FundingPayments(trading, positions, settlement.money),
            stops,
            Liquidation(trading, matching, positions, settlement),
        )
    )


def _add_assets(trading: Trading, matching: Matching, positions: Positions) -> DepositDesk:
    margin = MarginAccounts(trading)
    balances = BalanceDesk(trading, margin, positions)
    deposits = DepositDesk(trading)
    withdrawals, pools = WithdrawalDesk(trading, deposits), PoolDesk(trading)
    loans = LoanDesk(trading, margin, partial(_cancel_margin_orders, matching))
    trading.endpoints.add(
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
    )
    trading.processes += [deposits, withdrawals, loans, pools]
    BalanceNews(trading, positions)
    return deposits


def _cancel_margin_orders(matching: Matching, account: Account, market: Market) -> None:
    for order in matching.orders(account, "spot"):
        if order.market_type == "MARGIN" and order.market is market:
            matching.cancel(order, matching.trading.at)
