"""The plain ledger: every movement one row, with its value in USDT, the rate behind it and the raw record."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from coinex_pandas.archive.ledger.chain import EXACT
from coinex_pandas.archive.ledger.exports.files import write_csv, write_parquet
from coinex_pandas.archive.ledger.figures import iso, plain
from coinex_pandas.archive.ledger.movements import Movement
from coinex_pandas.archive.ledger.prices import Prices, Rate

__all__ = ["COLUMNS", "NUMBERS", "ValuedMovement", "valued", "write"]

COLUMNS = (
    "time",
    "area",
    "market",
    "category",
    "type",
    "ccy",
    "change",
    "balance",
    "fee",
    "value_usdt",
    "rate",
    "rate_time",
    "rate_source",
    "note",
    "tx_id",
    "address",
    "table",
    "record",
)
NUMBERS = ("change", "balance", "fee", "value_usdt", "rate")
_TIMES = ("time", "rate_time")


class ValuedMovement(NamedTuple):
    """A movement, and what a unit of its currency was worth then."""

    movement: Movement
    rate: Rate

    @property
    def value(self) -> Decimal | None:
        """The value of the change in USDT; None where there is no rate."""
        return None if self.rate.rate is None else EXACT.multiply(self.movement.change, self.rate.rate)


def valued(movements: Sequence[Movement], prices: Prices) -> list[ValuedMovement]:
    """Return movements with their rates."""
    return [ValuedMovement(each, _rate(each, prices)) for each in movements]


def _rate(movement: Movement, prices: Prices) -> Rate:
    return prices.rate(movement.ccy, movement.at) if movement.ccy else Rate(None, None, "no currency is named")


def write(folder: Path, movements: Sequence[ValuedMovement]) -> list[Path]:
    """Write the ledger as ``ledger.csv`` and ``ledger.parquet``, and return their paths."""
    paths = [folder / "ledger.csv", folder / "ledger.parquet"]
    rows = [_texts(each) for each in movements]
    write_csv(paths[0], COLUMNS, rows, NUMBERS)
    columns: dict[str, Sequence[object]] = {name: [row[place] for row in rows] for place, name in enumerate(COLUMNS)}
    columns["time"] = [each.movement.at for each in movements]
    columns["rate_time"] = [each.rate.at for each in movements]
    write_parquet(paths[1], columns, _TIMES)
    return paths


def _texts(each: ValuedMovement) -> list[str]:
    movement, rate = each.movement, each.rate
    return [
        iso(movement.at),
        movement.area,
        movement.market,
        movement.category,
        movement.kind,
        movement.ccy,
        plain(movement.change),
        plain(movement.balance),
        plain(movement.fee) if movement.fee else "",
        plain(each.value),
        plain(rate.rate),
        iso(rate.at),
        rate.source,
        movement.note,
        movement.tx_id,
        movement.address,
        movement.table,
        movement.record,
    ]
