"""What a verb is answered with that has nothing to tell: its code and the exchange's words.

The envelope: https://docs.coinex.com/api/v2/guide.
"""

from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta

from coinex_pandas.tables.column_types import Count, IdOrNone, Text, note
from coinex_pandas.tables.decoding import Page, Source
from coinex_pandas.tables.envelope import Envelope
from coinex_pandas.tables.kinds import IdKind, Numbers
from coinex_pandas.tables.row import Row, fields, kind_in

__all__ = ["Accepted", "per_item"]


_decoder = msgspec.json.Decoder(Envelope[Any], strict=False)


class Accepted(Row, kw_only=True):
    """The exchange has done it; ``data`` is empty, so the envelope is the row."""

    code: Annotated[Count, note("0: a refusal is an error instead")]
    message: Annotated[Text, note("the exchange's words, such as 'OK'")]

    @classmethod
    def decode(cls, body: bytes, source: Source, *, numbers: Numbers = "float") -> Page:
        """Return the page that an answer is: one row, whatever ``data`` holds."""
        source.check(body)
        answer = _decoder.decode(body)
        return Page(cls.frame({"code": [answer.code], "message": [answer.message or ""]}, numbers), rows=1)


class _Item(Row, kw_only=True):
    """What every item of a batch is answered with."""

    wrapped: ClassVar = "data"

    code: Annotated[Count, note("0: this item succeeded; else the exchange's error code")]
    message: Annotated[Text, note("the exchange's words on this item")] = UNSET


def per_item(row: type[Row]) -> type[Row]:
    """Return the table of a batch whose items are rows of another table.

    The rows stand in the order of the request, so the frame's index is the item's place. An item that was refused has
    a code and a message and misses everything else, its id too: ids can be missing here, so they are ``Int64``.
    """
    inner = [(name, _may_be_missing(hint), UNSET) for name, hint in fields(row).items()]
    said = {"__doc__": row.__doc__, "also": row.also, "__module__": __name__}
    data = msgspec.defstruct(row.__name__, inner, bases=(Row,), kw_only=True, namespace=said)
    said = {"__doc__": f"One item of a batch. {row.__doc__}", "__module__": __name__}
    own: list[Any] = [("data", data | None, None)]
    made: Any = msgspec.defstruct(f"{row.__name__}Item", own, bases=(_Item,), kw_only=True, namespace=said)
    item: type[Row] = made
    return item


def _may_be_missing(hint: Any) -> Any:
    """Return an annotation that takes a missing cell as well: ids are the only ones that do not already."""
    if not isinstance(kind_in(hint), IdKind):
        return hint
    meaning = next((item.description for item in hint.__metadata__ if isinstance(item, Meta) and item.description), "")
    return Annotated[IdOrNone, note(meaning)]
