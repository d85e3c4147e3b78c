"""Stop loss and take profit orders of positions: set, changed, cancelled and triggered.

Each position has up to 20 of each kind. One of them may be for the whole position; setting it again replaces it. A
triggered one closes at market, no more than there is, before other orders that close the position. When that is refused
because the order book is too thin, it stays and is tried again.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.ticket import check_market, check_price, check_ticket
from coinex_pandas.simulator.positions.position import Position, PositionStop, StopKind, closing_order, market_ticket
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import publish
from coinex_pandas.simulator.reply import Refusal

__all__ = ["PositionStops"]

_KINDS: tuple[StopKind, ...] = ("stop_loss", "take_profit")
_MOST = 20


class PositionStops:
    """The stop loss and take profit orders of all positions."""

    def __init__(self, trading: Trading, matching: Matching, positions: Positions) -> None:
        self._trading = trading
        self._matching = matching
        self._positions = positions

    def set(self, position: Position, kind: StopKind, price: Decimal, price_type: str, amount: Decimal | None) -> None:
        """Add one; without an amount it is for the whole position."""
        at = self._trading.at
        stop = PositionStop(self._trading.number(), kind, price, price_type, amount, at)
        self._check(position, stop)
        stops = [each for each in position.stops(kind) if not (amount is None and each.amount is None)]
        if len(stops) >= _MOST:
            raise Refusal(3639, f"Invalid Parameter: a position has {_MOST} {kind} orders at most")
        position.stops(kind)[:] = [*stops, stop]
        self._publish(position, at)

    def modify(
        self, position: Position, stop: PositionStop, price: Decimal, price_type: str, amount: Decimal | None
    ) -> None:
        """Change one; it keeps its number."""
        changed = replace(stop, price=price, price_type=price_type, amount=amount)
        self._check(position, changed)
        stop.price, stop.price_type, stop.amount = price, price_type, amount
        self._publish(position, self._trading.at)

    def cancel(self, position: Position, kind: StopKind, stop: PositionStop | None) -> None:
        """Cancel one, or all of a kind."""
        position.stops(kind)[:] = [each for each in position.stops(kind) if stop is not None and each is not stop]
        self._publish(position, self._trading.at)

    def find(self, position: Position, kind: StopKind, stop_id: int) -> PositionStop:
        """Return one by its number; a Refusal with code 3600 when there is none."""
        stop = next((each for each in position.stops(kind) if each.stop_id == stop_id), None)
        if stop is None:
            raise Refusal(3600, "Order not found")
        return stop

    def trigger(self, start: int, end: int) -> None:
        """Place the orders of those whose price was reached within (start, end]."""
        if self._trading.freeze() is not None:
            return  # trading has ended
        for position in self._positions.all():
            for stop in [each for kind in _KINDS for each in position.stops(kind)]:
                if not position.finished_type and self._is_reached(position, stop, start, end):
                    self._place_order(position, stop, end)

    def _is_reached(self, position: Position, stop: PositionStop, start: int, end: int) -> bool:
        low, high = self._positions.prices.span(position.market, stop.price_type, start, end)
        return low <= stop.price if _triggers_below(position, stop) else high >= stop.price

    def _place_order(self, position: Position, stop: PositionStop, at: int) -> None:
        amount = position.size if stop.amount is None else min(stop.amount, position.size)
        ticket = market_ticket(position, amount)
        order = closing_order(self._trading, position, ticket, at=at, origin=stop.kind, stop_id=stop.stop_id)
        try:
            check_market(position.market, "FUTURES", replace(self._trading.moment(), now=at))
            self._matching.place(order, at)
        except Refusal:
            return
        position.stops(stop.kind).remove(stop)

    def _check(self, position: Position, stop: PositionStop) -> None:
        check_market(position.market, "FUTURES", self._trading.moment())
        check_price(f"{stop.kind}_price", stop.price, position.market)
        now = self._positions.prices.of(position.market, stop.price_type, self._trading.at)
        if (now <= stop.price) if _triggers_below(position, stop) else (now >= stop.price):
            raise Refusal(
                3639, f"Invalid Parameter: {stop.kind}_price has been reached, the {stop.price_type} is {now}"
            )
        if stop.amount is not None:
            check_ticket(market_ticket(position, stop.amount), now)
            if stop.amount > position.size:
                raise Refusal(3639, f"Invalid Parameter: {stop.kind}_amount is larger than the position")

    def _publish(self, position: Position, at: int) -> None:
        position.updated_at = at
        publish(self._trading, self._positions, position, "update", at)


def _triggers_below(position: Position, stop: PositionStop) -> bool:
    return (stop.kind == "stop_loss") is (position.side == "long")
