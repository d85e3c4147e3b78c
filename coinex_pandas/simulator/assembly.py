"""The parts of an exchange, put together: who answers which endpoint, and what goes on while time passes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from coinex_pandas.simulator.account.referrals import ReferralEndpoints
from coinex_pandas.simulator.account.settings import SettingsEndpoints
from coinex_pandas.simulator.account.sub_accounts import SubAccountEndpoints
from coinex_pandas.simulator.assets.balances import BalanceEndpoints, BalanceEvents, StatementEndpoints
from coinex_pandas.simulator.assets.deposits import Deposits
from coinex_pandas.simulator.assets.loans import Loans
from coinex_pandas.simulator.assets.margin_accounts import MarginAccounts
from coinex_pandas.simulator.assets.pools import Pools
from coinex_pandas.simulator.assets.transfers import TransferEndpoints
from coinex_pandas.simulator.assets.withdrawals import Withdrawals
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
from coinex_pandas.simulator.orders.endpoints import OrderEndpoints
from coinex_pandas.simulator.orders.listing import OrderListEndpoints
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.process import OrderProcess
from coinex_pandas.simulator.orders.stop_endpoints import StopOrderEndpoints
from coinex_pandas.simulator.orders.stops import Stops
from coinex_pandas.simulator.positions.endpoints import PositionEndpoints
from coinex_pandas.simulator.positions.funding import FundingPayments
from coinex_pandas.simulator.positions.history import PositionHistoryEndpoints
from coinex_pandas.simulator.positions.leverage import PositionMargins
from coinex_pandas.simulator.positions.liquidation import Liquidation, PositionProcess
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.settlement import FuturesSettlement
from coinex_pandas.simulator.positions.stops import PositionStops

__all__ = ["PrivateSide", "add_private_side", "public_endpoints"]


class PrivateSide(NamedTuple):
    """The parts of the private side that are used from outside, too."""

    deposits: Deposits
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
    trading.endpoints.add(
        OrderEndpoints(trading, matching), OrderListEndpoints(trading, matching), StopOrderEndpoints(trading, stops)
    )
    trading.processes.append(OrderProcess(matching, stops))


def _add_positions(trading: Trading, matching: Matching, positions: Positions) -> None:
    settlement = FuturesSettlement(trading, matching, positions)
    stops = PositionStops(trading, matching, positions)
    matching.settlement["futures"] = settlement
    trading.endpoints.add(
        PositionEndpoints(trading, matching, positions, PositionMargins(trading, positions, settlement), stops),
        PositionHistoryEndpoints(trading, positions),
    )
    trading.processes.append(
        PositionProcess(
            positions,
            FundingPayments(trading, positions, settlement.money),
            stops,
            Liquidation(trading, matching, positions, settlement),
        )
    )


def _add_assets(trading: Trading, matching: Matching, positions: Positions) -> Deposits:
    margin = MarginAccounts(trading)
    balances = BalanceEndpoints(trading, margin, positions)
    deposits = Deposits(trading)
    withdrawals, pools = Withdrawals(trading, deposits), Pools(trading)
    loans = Loans(trading, margin, partial(_cancel_margin_orders, matching))
    trading.endpoints.add(
        balances,
        TransferEndpoints(trading, margin, positions),
        loans,
        deposits,
        withdrawals,
        pools,
        SubAccountEndpoints(trading, balances),
        SettingsEndpoints(trading),
        StatementEndpoints(trading),
        ReferralEndpoints(trading),
    )
    trading.processes += [deposits, withdrawals, loans, pools]
    BalanceEvents(trading, positions)
    return deposits


def _cancel_margin_orders(matching: Matching, account: Account, market: Market) -> None:
    for order in matching.orders(account, "spot"):
        if order.market_type == "MARGIN" and order.market is market:
            matching.cancel(order, matching.trading.at)
