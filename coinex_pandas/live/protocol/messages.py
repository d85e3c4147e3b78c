"""The messages of the sockets: frames unpacked and decoded as pushes or replies. Pure functions, memory bounded.

Source: https://docs.coinex.com/api/v2/guide and the channels' pages.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from itertools import product
from typing import Annotated, Any, Union

import msgspec
from msgspec import UNSET, Meta

from coinex_pandas.errors import CoinExError
from coinex_pandas.errors.quoting import quoted
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.market import Deal, SpotTicker
from coinex_pandas.tables.rows.push import BestPrices, FuturesIndex, FuturesState, PremiumPush, SpotIndex
from coinex_pandas.tables.structs import row_type
from coinex_pandas.tables.times import SECONDS
from coinex_pandas.tables.unknown_columns import Extra, Extras, extras_in_objects

__all__ = [
    "MAX_UNPACKED",
    "MEMBER",
    "PRIVATE",
    "SAFE_PACKED",
    "BadFrame",
    "Depth",
    "Levels",
    "Push",
    "Reply",
    "UnknownPush",
    "decode_any",
    "decoder",
    "method_of",
    "unpack",
    "with_negative_zeros",
]


MAX_UNPACKED = 1 << 22
"""The largest frame, unpacked, that is decoded: 4 MiB, forty times what all markets' tickers take.

The objects decoded from so much text can take seventeen times as much memory for a moment.
"""

SAFE_PACKED = MAX_UNPACKED // 1032
"""Packed bytes up to which no frame can exceed the cap: deflate packs at most 1032 to 1."""

MEMBER = b"\x1f\x8b\x08"
"""How a member of gzip begins; seldom also what stands in the midst of one."""

_MOST_MEMBERS = 16
_LONGEST_CAUSE = 120  # characters of another library's words


_WIDE = MAX_UNPACKED >> 4
"""The largest text that is searched for undeclared columns: an empty object takes 40 times its two characters."""


class BadFrame(CoinExError):
    """A frame of the socket that cannot be decoded; what it held is lost, and the gap says so.

    Parameters
    ----------
    text : str
        What is wrong with it.
    method : str, optional
        The channel whose push it was, where that much can be decoded; then the others have lost nothing.
    """

    def __init__(self, text: str, method: str | None = None) -> None:
        self.method = method
        super().__init__(text)


class Reply(msgspec.Struct, gc=False):
    """The reply to a request; ``code`` 0 is success."""

    id: int
    code: int
    message: str | None = ""


class UnknownPush(msgspec.Struct, gc=False):
    """A push of a channel that nobody here subscribed to."""

    method: str


class Levels(msgspec.Struct, gc=False):
    """A book or the changes of one, as wire text."""

    updated_at: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    asks: list[tuple[str, str]] | None = None
    bids: list[tuple[str, str]] | None = None
    last: str | None = None
    checksum: int | None = None


class Depth(msgspec.Struct, gc=False):
    """A push of the depth channel."""

    market: str
    depth: Levels
    is_full: bool = True


class DealList(msgspec.Struct, gc=False):
    """A push of the deals channel, newest first."""

    market: str
    deal_list: list[Deal]


ROWS: dict[str, dict[str, type[Row]]] = {
    "spot": {"state": SpotTicker, "deals": Deal, "index": SpotIndex, "bbo": BestPrices},
    "futures": {
        "state": FuturesState,
        "deals": Deal,
        "index": FuturesIndex,
        "bbo": BestPrices,
        "premium": PremiumPush,
    },
}
"""What each socket's public channels push."""

PRIVATE: dict[str, tuple[str, ...]] = {
    "spot": ("order", "stop", "user_deals", "balance", "notice"),
    "futures": ("order", "stop", "user_deals", "balance", "position", "notice"),
}
"""The channels of each socket that need a signature; ``account_rows.py`` decodes what they push."""

_ROW_LISTS = {"state": "state_list", "deals": "deal_list"}


class _Head(msgspec.Struct, gc=False):
    """What distinguishes a push from a reply; all else is skipped without making objects of it."""

    method: str | None = None


class Push(msgspec.Struct, tag_field="method", gc=False):
    """A push; the channel is the subclass's tag."""

    data: Any
    id: int | None = None


def method_of(push: Any) -> str:
    """Return the channel of a push."""
    return str(type(push).__struct_config__.tag).removesuffix(".update")


def unpack(frame: Any) -> bytes:
    """Return the JSON of a binary frame: the texts of its gzip members together, bounded by `MAX_UNPACKED`.

    Raises
    ------
    BadFrame
        It is no gzip, larger than the cap, or has too many members.
    """
    data = bytes(frame)
    try:
        if len(data) <= SAFE_PACKED and data.find(MEMBER, 1) < 0:
            return zlib.decompress(data, 31)
        return b"".join(_members(data))
    except zlib.error as fault:
        raise BadFrame(f"a frame of {len(frame)} bytes is no gzip: {fault}") from fault


def _members(frame: bytes) -> Iterator[bytes]:
    """Yield the text of each member of a frame."""
    rest, room = frame, MAX_UNPACKED
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(31)
        text = unpacker.decompress(rest, room + 1)
        room -= len(text)
        if room < 0 or not unpacker.eof:
            raise BadFrame(
                f"a frame of {len(frame)} bytes is larger than {MAX_UNPACKED} bytes when unpacked, or cut short"
            )
        yield text
        rest = unpacker.unused_data
        if not rest.startswith(MEMBER):
            return
    raise BadFrame(f"a frame of {len(frame)} bytes has more than {_MOST_MEMBERS} members")


@cache
def decoder(area: str) -> Callable[[bytes], Any]:
    """Return the quick decoder of a socket's pushes: what is declared and nothing else."""
    pushes = [_push_type(method, row) for method, row in ROWS[area].items()]
    pushes.append(_depth_type())
    pushes += [_raw_push(method) for method in PRIVATE[area]]
    quick: Any = msgspec.json.Decoder(Union[tuple(pushes)], strict=False)  # noqa: UP007  # made at run time
    decode: Callable[[bytes], Any] = quick.decode
    return decode


def with_negative_zeros(text: bytes) -> bytes:
    """Return JSON in which "-0" is spelt so that msgspec makes of it what float(Decimal("-0")) is, and not 0.0."""
    return text.replace(b'"-0"', b'"-0.0"')


def decode_any(area: str, text: bytes, extras: Extras | None = None) -> Any:
    """Return what the quick decoder refuses: a reply, or a push with other columns than declared.

    Parameters
    ----------
    area : str
        ``spot`` or ``futures``.
    text : bytes
        The frame's JSON.
    extras : Extras, optional
        The columns that are not declared and came before on this connection; new ones are added.

    Raises
    ------
    BadFrame
        It is neither.
    """
    method: str | None = None
    try:
        method = msgspec.json.decode(text, type=_Head).method
        if method is None:
            return msgspec.json.decode(text, type=Reply, strict=False)
        return _wide(area, method, text, extras or Extras())
    except (msgspec.DecodeError, ValueError, RecursionError) as fault:  # msgspec takes no quote in a column's name
        channel = None if method is None else method.removesuffix(".update")
        cause = quoted(fault, _LONGEST_CAUSE)
        raise BadFrame(f"a frame is not what is documented ({cause}): {text[:80]!r}", channel) from fault


def _wide(area: str, method: str, text: bytes, extras: Extras) -> Any:
    channel = method.removesuffix(".update")
    row = ROWS[area].get(channel)
    if channel == "depth":
        return msgspec.json.decode(text, type=_depth_type(), strict=False)
    if channel in PRIVATE[area]:
        return msgspec.json.decode(text, type=_raw_push(channel), strict=False)
    if row is None:
        return UnknownPush(method[:_LONGEST_CAUSE])
    if len(text) > _WIDE:
        raise BadFrame(f"a frame of {len(text)} bytes is not what is documented: {text[:80]!r}", channel)
    extras.add(row, (_own_name(row, extra) for extra in extras_in_objects(row, _rows_in(channel, text))))
    push = msgspec.json.decode(text, type=_wide_type(channel, row, extras.of(row)), strict=False)
    needed = _needed(row)
    rows = push.data.deal_list if channel == "deals" else getattr(push.data, "state_list", [push.data])
    if any(getattr(each, name) in (UNSET, None) for each in rows for name in needed):
        raise BadFrame(f"a row without {' or '.join(needed)}: {text[:80]!r}", channel)
    for each, name in product(rows, row.in_seconds):
        if getattr(each, name) in SECONDS:
            setattr(each, name, 1000 * getattr(each, name))
    return push


@cache
def _needed(row: type[Row]) -> tuple[str, ...]:
    """Return the columns without which a row cannot be distinguished from others: its market, its time, its id."""
    names = {"market", *row.index_names(), *row.key}
    return tuple(column.name for column in row.columns() if column.name in names)


def _own_name(row: type[Row], extra: Extra) -> Extra:
    """Return an undeclared column under a name that no other has: a renamed one may come under both names."""
    taken = (*row.__struct_fields__, "market", "received_at")
    return extra._replace(name=f"sent.{extra.name}") if extra.name in taken else extra


def _rows_in(channel: str, text: bytes) -> list[Any]:
    """Return the rows of a push as objects of JSON whose cells are not decoded."""
    data = msgspec.json.decode(text, type=_raw_type(channel)).data
    rows: list[Any] = getattr(data, _ROW_LISTS[channel]) if channel in _ROW_LISTS else [data]
    return rows


@cache
def _raw_type(channel: str) -> Any:
    data: Any = dict[str, msgspec.Raw]
    if channel in _ROW_LISTS:
        data = msgspec.defstruct("Rows", [(_ROW_LISTS[channel], list[data])], gc=False)
    return msgspec.defstruct("Raw", [("data", data)], gc=False)


@cache
def _depth_type() -> Any:
    return msgspec.defstruct("DepthPush", [("data", Depth)], bases=(Push,), tag="depth.update", gc=False)


@cache
def _raw_push(channel: str) -> Any:
    return msgspec.defstruct("RawPush", [("data", msgspec.Raw)], bases=(Push,), tag=f"{channel}.update", gc=False)


@lru_cache(maxsize=256)
def _wide_type(channel: str, row: type[Row], extras: tuple[Extra, ...]) -> Any:
    return _push_type(channel, row_type(row, extras))


def _push_type(channel: str, item: Any) -> Any:
    data: Any = item
    if channel == "deals":
        data = DealList if item is Deal else _deals_of(item)
    elif channel == "state":
        data = msgspec.defstruct("StateList", [("state_list", list[item])], gc=False)
    return msgspec.defstruct(
        f"{channel.capitalize()}Push", [("data", data)], bases=(Push,), tag=f"{channel}.update", gc=False
    )


def _deals_of(item: Any) -> Any:
    return msgspec.defstruct("DealList", [("market", str), ("deal_list", list[item])], gc=False)
