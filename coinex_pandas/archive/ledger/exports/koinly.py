"""Koinly's universal CSV: one line per deposit, withdrawal, trade, and result of futures.

The columns and labels are those of Koinly's help pages (support.koinly.io, articles 9489976 and 9490023). All accounts
of the exchange are one wallet there, so transfers between them are left out. Futures appear as results only, labelled
``realized gain``, their fees and funding paid as ``margin fee``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from coinex_pandas.archive.ledger.chain import EXACT, ZERO
from coinex_pandas.archive.ledger.exports.files import write_csv
from coinex_pandas.archive.ledger.exports.plain_ledger import ValuedMovement
from coinex_pandas.archive.ledger.figures import plain
from coinex_pandas.archive.ledger.movements import Movement

__all__ = ["COLUMNS", "Fill", "write"]

COLUMNS = (
    "Date",
    "Sent Amount",
    "Sent Currency",
    "Received Amount",
    "Received Currency",
    "Fee Amount",
    "Fee Currency",
    "Net Worth Amount",
    "Net Worth Currency",
    "Label",
    "Description",
    "TxHash",
)
NUMBERS = ("Sent Amount", "Received Amount", "Fee Amount", "Net Worth Amount")
_LABELS_IN = {"maker_cash_back": "fee refund", "margin_borrow": "margin loan", "realized_pnl": "realized gain"}
_LABELS_IN |= {"funding": "realized gain"}  # received: Koinly's margin fee is for what is paid
_LABELS_OUT = {"realized_pnl": "realized gain", "funding": "margin fee", "fee": "margin fee"}
_LABELS_OUT |= {"withdraw_fee": "cost"}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Fill(NamedTuple):
    """What an own deal moved: base, quote and fee."""

    at: int
    area: str
    market: str
    base: str
    quote: str
    bought: Decimal  # of the base; negative when it was sold
    paid: Decimal  # of the quote; negative when it was received
    fee: Decimal
    fee_ccy: str
    number: str

    @property
    def changes(self) -> dict[str, Decimal]:
        """What it changed, by currency."""
        sums: defaultdict[str, Decimal] = defaultdict(Decimal)
        for ccy, change in (
            (self.base, self.bought),
            (self.quote, self.paid.copy_negate()),
            (self.fee_ccy, self.fee.copy_negate()),
        ):
            sums[ccy] = EXACT.add(sums[ccy], change)
        return {ccy: change for ccy, change in sums.items() if change}


def write(folder: Path, movements: Sequence[ValuedMovement], fills: Iterable[Fill]) -> list[Path]:
    """Write ``koinly.csv`` and return its path."""
    path = folder / "koinly.csv"
    write_csv(path, COLUMNS, sorted(_lines(movements, fills), key=lambda line: line[0]), NUMBERS)
    return [path]


def _lines(movements: Sequence[ValuedMovement], fills: Iterable[Fill]) -> Iterator[list[str]]:
    """Yield the lines. Trades come from the deals where these are what the ledger says of that moment."""
    moments: defaultdict[tuple[int, str], list[ValuedMovement]] = defaultdict(list)
    for each in movements:
        if each.movement.kind in ("trade", "exchange_order_transfer") or _is_trading_fee(each.movement):
            moments[each.movement.at, each.movement.area].append(each)
        elif each.movement.change and each.movement.kind != "transfer":
            yield _single(each)
    deals: defaultdict[tuple[int, str], list[Fill]] = defaultdict(list)
    for fill in fills:
        deals[fill.at, fill.area].append(fill)
    for moment, rows in moments.items():
        found = deals.get(moment, [])
        if found and _changes(rows) == _sum(fill.changes for fill in found):
            values = {each.movement.ccy: each for each in rows}
            yield from (_trade(fill, values) for fill in found)
        else:
            yield from _exchange(rows)


def _is_trading_fee(movement: Movement) -> bool:
    return movement.kind == "fee" and movement.area != "FUTURES"


def _changes(rows: Iterable[ValuedMovement]) -> dict[str, Decimal]:
    return _sum({each.movement.ccy: each.movement.change} for each in rows)


def _sum(changes: Iterable[Mapping[str, Decimal]]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for each in changes:
        for ccy, change in each.items():
            sums[ccy] = EXACT.add(sums[ccy], change)
    return {ccy: change for ccy, change in sums.items() if change}


def _exchange(rows: Sequence[ValuedMovement]) -> Iterator[list[str]]:
    """Yield what was exchanged in a moment: one line where one currency went and another came, else a line each."""
    changes = _changes(rows)
    sent = [ccy for ccy, change in changes.items() if change < 0]
    received = [ccy for ccy, change in changes.items() if change > 0]
    if len(sent) == len(received) == 1:
        ways = {sent[0]: changes[sent[0]].copy_negate(), received[0]: changes[received[0]]}
        each = next(each for each in rows if each.movement.ccy == received[0])
        worth = _worth(each, ways[received[0]])
        yield _line(
            each.movement.at, sent=(ways[sent[0]], sent[0]), received=(ways[received[0]], received[0]), worth=worth
        )
    else:
        yield from (_single(each) for each in rows if each.movement.change)


def _trade(fill: Fill, values: Mapping[str, ValuedMovement]) -> list[str]:
    base, quote = (fill.bought.copy_abs(), fill.base), (fill.paid.copy_abs(), fill.quote)
    sent, received = (quote, base) if fill.bought > 0 else (base, quote)
    each = values.get(fill.quote) or values.get(fill.base)
    amount = quote[0] if fill.quote in values else base[0]
    return _line(
        fill.at,
        sent=sent,
        received=received,
        fee=(fill.fee, fill.fee_ccy),
        worth=None if each is None else _worth(each, amount),
        description=f"{fill.market} deal {fill.number}",
    )


def _single(each: ValuedMovement) -> list[str]:
    movement = each.movement
    amount, fee = movement.change.copy_abs(), movement.fee
    side = (EXACT.subtract(amount, fee), movement.ccy)
    is_in = movement.change > 0
    labels = _LABELS_IN if is_in else _LABELS_OUT
    return _line(
        movement.at,
        sent=None if is_in else side,
        received=side if is_in else None,
        fee=(fee, movement.ccy) if fee else None,
        worth=_worth(each, side[0]),
        label=labels.get(movement.kind, ""),
        description=_description(movement),
        tx_id=movement.tx_id,
    )


def _description(movement: Movement) -> str:
    words = [movement.kind, movement.market, movement.note]
    return " ".join(word for word in words if word)


def _worth(each: ValuedMovement, amount: Decimal) -> Decimal | None:
    return None if each.rate.rate is None else EXACT.multiply(amount.copy_abs(), each.rate.rate)


def _line(
    at: int,
    *,
    sent: tuple[Decimal, str] | None = None,
    received: tuple[Decimal, str] | None = None,
    fee: tuple[Decimal, str] | None = None,
    worth: Decimal | None = None,
    label: str = "",
    description: str = "",
    tx_id: str = "",
) -> list[str]:
    sides = [text for side in (sent, received, fee) for text in _side(side)]
    net = [plain(worth), "USDT" if worth is not None else ""]
    return [f"{_EPOCH + timedelta(milliseconds=at):%Y-%m-%d %H:%M:%S} UTC", *sides, *net, label, description, tx_id]


def _side(side: tuple[Decimal, str] | None) -> tuple[str, str]:
    return ("", "") if side is None or side[0] == ZERO else (plain(side[0]), side[1])
