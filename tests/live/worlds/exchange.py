"""A tiny exchange in simulated time: deals, tickers and books, and the JSON of its pushes. It knows no client."""

from __future__ import annotations

import random
import zlib
from collections.abc import Sequence
from typing import Any

import msgspec

from coinex_pandas.tables.rows.market import Deal
from tests.live.worlds.ledger import Item

START = 1_780_000_000_000
_PERIOD = 86_400
_NAMES = ("BTCUSDT", "ETHUSDT", "CETUSDT", "XRPUSDT")

Levels = list[tuple[str, str]]


class Exchange:
    """A few markets.

    Parameters
    ----------
    dice : random.Random
        For everything.
    area : str
        ``spot`` or ``futures``.
    """

    def __init__(self, dice: random.Random, area: str) -> None:
        self.dice, self.area = dice, area
        self.markets = _NAMES[: dice.randint(1, 4)]
        self.limit = dice.choice((5, 5, 10))
        self.with_zeros = dice.random() < 0.5  # whether a level that slips out of the window is taken back
        self.remembers = dice.choice((10_000, 10_000, 10_000, 25))  # deals that are answered over HTTP
        self.is_inclusive = dice.random() < 0.5  # whether last_id names a deal that is answered too
        self.deals: dict[str, list[Item]] = {market: [] for market in self.markets}
        self._ids = {market: dice.randint(1, 10**9) for market in self.markets}
        self._made = dict.fromkeys(self.markets, START - 90000)
        self._books = {market: _Book(dice) for market in self.markets}
        self._number = 0
        self.ancient: set[int] = set()  # deals from before the world began
        for market in self.markets:
            for at in range(dice.choice((0, 3, 30))):
                self.ancient.add(self.trade(market, START - 80_000 + 2_000 * at, 1)[0].cells[0])

    def trade(self, market: str, now: int, count: int) -> list[Item]:
        """Return new deals, oldest first."""
        dice, made = self.dice, []
        for _ in range(count):
            self._ids[market] += 1 + int(dice.random() * 4)
            self._made[market] = max(self._made[market], now - int(dice.random() * 200))
            made.append(self._deal(market, self._ids[market], self._made[market]))
        self.deals[market] += made
        return made

    def _deal(self, market: str, number: int, at: int) -> Item:
        dice = self.dice
        price, amount = f"{100 + dice.random() * 90_000:.2f}", f"0.{number % 977}"
        side = "buy" if dice.random() < 0.5 else "sell"
        start = f'{{"deal_id":{number},"created_at":{at},"side":"{side}","amount":"{amount}","price":"'
        cells = (number, at, side, float(price), float(amount))
        return Item("deals", market, cells, f'{start}{price}"}}', f'{start}nan"}}')

    def quote(self, channel: str, market: str, now: int) -> Item:
        """Return a new row of a channel that pushes one row a time; each row is unlike all others."""
        self._number += 1
        n = self._number
        if channel == "bbo":
            start = (
                f'{{"market":"{market}","updated_at":{now},"best_bid_price":"{n}.5","best_bid_size":"1.25",'
                f'"best_ask_price":"{n + 1}","best_ask_size":"'
            )
            cells: tuple[Any, ...] = (now, n + 0.5, 1.25, float(n + 1), 0.75)
            return Item(channel, market, cells, f'{start}0.75"}}', f'{start}inf"}}')
        if channel == "premium":
            wire = f'{{"market":"{market}","updated_at":{now},"premium_index":"{n / 1000}"}}'
            return Item(channel, market, (now, n / 1000), wire)
        if channel == "index":
            mark = f',"mark_price":"{n}.5"' if self.area == "futures" else ""
            return Item(channel, market, (float(n),), f'{{"market":"{market}","index_price":"{n}"{mark}}}')
        return self._state(market, n)

    def _state(self, market: str, n: int) -> Item:
        more = f',"index_price":"{n}","mark_price":"{n}","open_interest_size":"5"' if self.area == "futures" else ""
        start = (
            f'{{"market":"{market}","open":"1","close":"{n}","high":"9","low":"1","volume":"{n}.25","value":"5",'
            f'"volume_sell":"1","volume_buy":"2","period":{_PERIOD}{more},"last":"'
        )
        return Item("state", market, (float(n), n + 0.25), f'{start}{n}"}}', f'{start}nan"}}')

    def book(self, market: str, now: int) -> Item:
        """Return the changed book."""
        book = self._books[market]
        book.change()
        return self.book_of(market, now)

    def book_of(self, market: str, now: int) -> Item:
        """Return the book as it is."""
        bids, asks = self._books[market].window(self.limit)
        self._number += 1
        tops = [(float(side[0][0]), float(side[0][1])) if side else (None, None) for side in (bids, asks)]
        item = Item("depth", market, (now, *tops[0], *tops[1], float(self._number)), str(self._number))
        item.sides = (bids, asks)
        return item

    def history(self, market: str, limit: int, last_id: int | None) -> list[Deal]:
        """Return what HTTP answers: the newest deals, newest first, decoded."""
        found = self.deals[market][-self.remembers :]
        if last_id is not None:
            below = last_id + 1 if self.is_inclusive else last_id
            found = [item for item in found if item.cells[0] < below]
        text = ",".join(item.wire for item in reversed(found[-limit:]))
        return msgspec.json.decode(f"[{text}]", type=list[Deal], strict=False)


class _Book:
    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._middle = dice.choice((1000, 99_990))  # near a power of ten, text and number sort differently
        self._sides: tuple[dict[int, str], dict[int, str]] = ({}, {})
        for _ in range(12):
            self.change()

    def change(self) -> None:
        dice = self._dice
        for _ in range(1 + int(dice.random() * 3)):
            at = int(dice.random() * 2)
            side = self._sides[at]
            if len(side) > 12 or (side and dice.random() < 0.4):
                del side[dice.choice(list(side))]
            else:
                price = self._middle + (1 + int(dice.random() * 20)) * (1 if at else -1)
                side[price] = f"{1 + dice.random() * 98:.1f}0"

    def window(self, limit: int) -> tuple[Levels, Levels]:
        bids, asks = self._sides
        return (
            [(_price(price), bids[price]) for price in sorted(bids, reverse=True)[:limit]],
            [(_price(price), asks[price]) for price in sorted(asks)[:limit]],
        )


def _price(ticks: int) -> str:
    """Return a price's text: trailing zeros here and there, as the wire has them."""
    return f"{ticks // 10}.{ticks % 10}" if ticks % 3 else f"{ticks // 10}.{ticks % 10}00"


def deals_text(market: str, wires: Sequence[str]) -> str:
    """Return the push of deals, given oldest first: newest first on the wire."""
    return f'{{"method":"deals.update","data":{{"market":"{market}","deal_list":[{",".join(wires[::-1])}]}},"id":null}}'


def row_text(channel: str, wires: Sequence[str]) -> str:
    """Return the push of tickers, or of the one row of another channel."""
    data = f'{{"state_list":[{",".join(wires)}]}}' if channel == "state" else wires[0]
    return f'{{"method":"{channel}.update","data":{data},"id":null}}'


def book_text(item: Item, before: Item | None, *, limit: int, with_zeros: bool) -> str:
    """Return the push of a book: whole, or what changed since the one before."""
    bids, asks = item.sides
    crc = zlib.crc32(":".join(f"{price}:{amount}" for price, amount in (*bids, *asks)).encode())
    full = "true" if before is None else "false"
    if before is not None:
        bids, asks = (
            _delta(old, new, sign, limit=None if with_zeros else limit)
            for old, new, sign in zip(before.sides, item.sides, (-1, 1), strict=True)
        )
    levels = ",".join(f'"{name}":{_pairs(side)}' for name, side in (("bids", bids), ("asks", asks)))
    depth = f'{{{levels},"last":"{item.wire}","updated_at":{item.cells[0]},"checksum":{crc}}}'
    data = f'{{"market":"{item.market}","is_full":{full},"depth":{depth}}}'
    return f'{{"method":"depth.update","data":{data},"id":null}}'


def _delta(before: Levels, after: Levels, sign: int, *, limit: int | None) -> Levels:
    """Return what changed; with a limit, a level that only slipped out of the window is not taken back."""
    had, has = dict(before), dict(after)
    gone = [price for price in had if price not in has]
    if len(after) == limit:
        worst = sign * float(after[-1][0])
        gone = [price for price in gone if sign * float(price) < worst]
    return [(price, "0") for price in gone] + [level for level in after if had.get(level[0]) != level[1]]


def _pairs(levels: Levels) -> str:
    return "[" + ",".join(f'["{price}","{amount}"]' for price, amount in levels) + "]"
