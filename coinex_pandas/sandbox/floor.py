"""The trading floor: everything about orders, put together."""

from __future__ import annotations

from coinex_pandas.sandbox.flow import Flow
from coinex_pandas.sandbox.matching import Matching
from coinex_pandas.sandbox.order_desk import OrderDesk
from coinex_pandas.sandbox.order_lists import OrderLists
from coinex_pandas.sandbox.stop_desk import StopDesk
from coinex_pandas.sandbox.stops import Stops
from coinex_pandas.sandbox.trading import Trading

__all__ = ["open_floor"]


def open_floor(trading: Trading) -> Matching:
    """Add the desks and the process of spot and futures orders to an exchange, and return where orders meet.

    Futures orders need a settlement of their own, to be put into `Matching.settlement` by its area.
    """
    matching = Matching(trading)
    stops = Stops(trading, matching)
    trading.desks += [OrderDesk(trading, matching), OrderLists(trading, matching), StopDesk(trading, stops)]
    trading.processes.append(Flow(matching, stops))
    return matching
