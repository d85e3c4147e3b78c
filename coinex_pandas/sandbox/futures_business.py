"""The futures side of an exchange, put together."""

from __future__ import annotations

from coinex_pandas.sandbox.funding_payments import FundingPayments
from coinex_pandas.sandbox.futures_settlement import FuturesSettlement
from coinex_pandas.sandbox.liquidation import Liquidation
from coinex_pandas.sandbox.matching import Matching
from coinex_pandas.sandbox.position_desk import PositionDesk
from coinex_pandas.sandbox.position_history_desk import PositionHistoryDesk
from coinex_pandas.sandbox.position_margins import PositionMargins
from coinex_pandas.sandbox.position_process import PositionProcess
from coinex_pandas.sandbox.position_stops import PositionStops
from coinex_pandas.sandbox.positions import Positions
from coinex_pandas.sandbox.trading import Trading

__all__ = ["open_futures"]


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
