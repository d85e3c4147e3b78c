"""The order book: one row per level.

Field names and the checksum: https://docs.coinex.com/api/v2/spot/market/http/list-market-depth.
"""

import zlib
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from typing import Annotated, Any, ClassVar

import msgspec

from coinex_pandas.errors import UnexpectedBody, UnexpectedValue
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.tables.column_types import Amount, BookSide, Count, Flag, Market, Price, Time, note
from coinex_pandas.tables.decoding import Page, Source
from coinex_pandas.tables.envelope import Envelope, quoted_text
from coinex_pandas.tables.kinds import Kind, NumberKind, Numbers
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.unknown_columns import warn_once

__all__ = ["BookLevel", "BookTop", "book_checksum"]


_NUMBER = NumberKind("price")


class _Levels(msgspec.Struct):
    asks: list[list[msgspec.Raw]]
    bids: list[list[msgspec.Raw]]
    last: msgspec.Raw
    updated_at: int
    checksum: int | None = None  # documented as text, sent as a number; the decoder takes both


class _Depth(msgspec.Struct):
    market: str
    depth: _Levels
    is_full: bool = True


@cache
def _decoder() -> msgspec.json.Decoder[Envelope[_Depth]]:
    return msgspec.json.Decoder(Envelope[_Depth], strict=False)


class BookLevel(Row, kw_only=True):
    """One level of an order book."""

    index: ClassVar = ("side", "level")

    side: Annotated[BookSide, note("asks come first")]
    level: Annotated[Count, note("1 is the best")]
    price: Price
    amount: Annotated[Amount, note("offered at this price; inverse markets count in quote_ccy")]

    @classmethod
    def decode(cls, body: bytes, source: Source, *, numbers: Numbers = "float") -> Page:
        """Return the frame of an answer; ``attrs["book"]`` has last price, time, checksum and whether it fits."""
        source.check(body)
        try:
            depth = _decoder().decode(body).data
        except (msgspec.DecodeError, UnicodeDecodeError) as fault:
            raise UnexpectedBody(f"no order book ({fault})", endpoint=source.endpoint, body=body) from fault
        if depth is None:
            raise UnexpectedBody("no order book in it", endpoint=source.endpoint, body=body)
        asks, bids = (_texts(side, source, body) for side in (depth.depth.asks, depth.depth.bids))
        state = _state(depth, asks, bids) | _extra_fields(body, source)
        frame, rows = cls.of_levels(asks, bids, numbers), len(asks) + len(bids)
        return Page(frame, rows=rows, attrs={"book": state}, subject={"market": depth.market})

    @classmethod
    def of_levels(cls, asks: list[tuple[str, str]], bids: list[tuple[str, str]], numbers: Numbers) -> Any:
        """Return the frame of both sides, which are wire text, best first; levels of amount 0 are none."""
        sides = {"ask": _without_empty(asks), "bid": _without_empty(bids)}
        cells: dict[str, list[Any]] = {
            "side": [name for name, side in sides.items() for _ in side],
            "level": [at for side in sides.values() for at in range(1, len(side) + 1)],
            "price": [level[0] for side in sides.values() for level in side],
            "amount": [level[1] for side in sides.values() for level in side],
        }
        return cls.frame(cells, numbers)

    @classmethod
    def to_wire(cls, frame: Any) -> list[dict[str, Any]]:
        """Return a frame's levels as the wire carries them: one object with both sides."""
        kinds: dict[str, Kind] = {column.name: column.kind for column in cls.columns()}
        sides = {
            f"{side}s": [
                [kinds["price"].to_wire(price), kinds["amount"].to_wire(amount)]
                for price, amount in frame[frame.index.get_level_values("side") == side].itertuples(index=False)
            ]
            for side in ("ask", "bid")
        }
        return [sides]


class BookTop(Row, kw_only=True):
    """The top of an order book after each push."""

    index: ClassVar = "updated_at"

    market: Market
    updated_at: Annotated[Time, note("when the book changed")]
    best_bid_price: Annotated[Price, note("NaN where nobody bids")]
    best_bid_size: Annotated[Amount, note("inverse markets count in quote_ccy")]
    best_ask_price: Annotated[Price, note("NaN where nobody asks")]
    best_ask_size: Annotated[Amount, note("inverse markets count in quote_ccy")]
    last: Annotated[Price, note("latest traded price")]
    verified: Annotated[Flag, note("whether the whole book fitted its checksum")]


def _texts(side: list[list[msgspec.Raw]], source: Source, body: bytes) -> list[tuple[str, str]]:
    try:
        return [(_number(price), _number(amount)) for price, amount in side]
    except ValueError as fault:
        levels = [[quoted_text(cell) for cell in level] for level in side[:50]]
        text = f"{source.about}: a level of the book is no price and amount: {levels}"
        raise UnexpectedValue(text, endpoint=source.endpoint, body=body) from fault


def _number(raw: msgspec.Raw) -> str:
    text = _NUMBER.text(raw)
    if text is None:
        raise ValueError("empty number")
    if text.startswith("-") and float(text):
        raise ValueError("a number below 0")
    return text


def _without_empty(side: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return a side's levels without those of amount "0", which the incremental feed leaves behind."""
    return [level for level in side if float(level[1])]


def _fits(checksum: int, asks: list[tuple[str, str]], bids: list[tuple[str, str]]) -> bool:
    """Return whether a checksum fits, with or without levels of amount 0: no page says whether it counts them."""
    sides = ((bids, asks), (_without_empty(bids), _without_empty(asks)))
    return any(checksum & 0xFFFFFFFF == book_checksum(*pair) for pair in sides)


def _extra_fields(body: bytes, source: Source) -> dict[str, str]:
    """Return the undocumented fields of a book as text, and warn of each once."""
    data = msgspec.json.decode(body)["data"]
    extras = {name: value for name, value in data.items() if name not in _Depth.__struct_fields__}
    extras |= {name: value for name, value in data["depth"].items() if name not in _Levels.__struct_fields__}
    changes = [f'new field {quoted(name, 80)!r} (kept as text in attrs["coinex"]["book"])' for name in extras]
    warn_once(BookLevel.__name__, changes, source.venue)
    return {name: quoted_text(msgspec.json.encode(value)) for name, value in extras.items()}


def _state(depth: _Depth, asks: list[tuple[str, str]], bids: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a book's fields beside its levels; ``verified`` is None when it carries no checksum."""
    checksum = depth.depth.checksum
    verified = None if checksum is None else _fits(checksum, asks, bids)
    return {
        "last": quoted_text(depth.depth.last),
        "updated_at": depth.depth.updated_at,
        "checksum": checksum,
        "verified": verified,
    }


def book_checksum(bids: Iterable[Sequence[str]], asks: Iterable[Sequence[str]]) -> int:
    """Return the unsigned CRC-32 of a book's wire texts: bids best first, then asks best first.

    The documentation speaks of a signed number, the wire carries unsigned ones: compare masked by ``0xFFFFFFFF``.

    Examples
    --------
    >>> book_checksum([["100.1", "2"]], [["100.2", "1.50"]])
    2149120030
    """
    return zlib.crc32(":".join(chain.from_iterable(chain(bids, asks))).encode())
