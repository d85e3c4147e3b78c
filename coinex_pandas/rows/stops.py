"""Stop loss and take profit orders as they stand in a position's cell: a tuple of dicts, one for each order.

A position has up to 20 of each, so they cannot be columns; rows of their own would repeat the position. As dicts they
survive whatever the exchange adds, ``explode`` and ``str["price"]`` read them, and ``PositionStop`` makes rows of them.
"""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Annotated, Any

import pandas as pd
from msgspec import UnsetType

from coinex_pandas import blocks
from coinex_pandas.kinds import ChoiceKind, ListKind, NumberKind
from coinex_pandas.options import Numbers
from coinex_pandas.times import unix_ms

__all__ = ["StopKind", "Stops", "StopsKind"]

_NUMBERS = ("price", "amount")
_READ: dict[Numbers, Callable[[str], Any]] = {"float": float, "decimal": Decimal, "text": str}
_NUMBER = NumberKind("number")


class StopsKind(ListKind):
    """The stop orders of a position: numbers as asked for, times as Timestamps, all else as it came."""

    wire = list[dict[str, Any]] | UnsetType | None

    def __init__(self) -> None:
        super().__init__("stop orders", dict, [{"id": 27182, "price": "66500", "type": "mark_price"}])
        self.wire = type(self).wire
        self.arrow = (
            "list<struct<id: int64, price: double, type: string, amount: double, is_all: bool, "
            "created_at: timestamp[ms, tz=UTC]>>"
        )

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        """Return the cells; a position whose list did not come has a missing one, one without orders ()."""
        cells = [tuple(_stop(item, numbers) for item in value) if isinstance(value, list) else None for value in values]
        return blocks.objects(cells)

    def to_wire(self, value: Any) -> Any:
        """Return a cell as the wire carries it."""
        return [_on_wire(stop) for stop in value] if isinstance(value, tuple) else []


def _stop(item: dict[str, Any], numbers: Numbers) -> dict[str, Any]:
    found = dict(item)
    for name in _NUMBERS:
        if name in found:
            found[name] = None if found[name] in (None, "") else _READ[numbers](str(found[name]))
    if found.get("created_at") is not None:
        found["created_at"] = pd.Timestamp(int(found["created_at"]), unit="ms", tz="UTC")
    return found


def _on_wire(stop: dict[str, Any]) -> dict[str, Any]:
    sent = dict(stop)
    for name in _NUMBERS:
        if name in sent:
            sent[name] = _NUMBER.to_wire(sent[name])
    if isinstance(sent.get("created_at"), pd.Timestamp):
        sent["created_at"] = unix_ms(sent["created_at"])
    return sent


Stops = Annotated[list[dict[str, Any]] | UnsetType | None, StopsKind()]
StopKind = Annotated[str | UnsetType | None, ChoiceKind("stop order", "stop_loss", "take_profit")]
