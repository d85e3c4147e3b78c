"""Answers to verbs: one that is only a code and a message, and that of a batch, with a code and a message per item.

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
        """Return the page of an answer: one row, whatever ``data`` holds."""
        source.check(body)
        answer = _decoder.decode(body)
        return Page(cls.frame({"code": [answer.code], "message": [answer.message or ""]}, numbers), rows=1)


class _Item(Row, kw_only=True):
    """The columns that the answer to every item of a batch has."""

    wrapped: ClassVar = "data"

    code: Annotated[Count, note("0: this item succeeded; else the exchange's error code")]
    message: Annotated[Text, note("the exchange's words on this item")] = UNSET


def per_item(row: type[Row]) -> type[Row]:
    """Return the table of a batch whose items are rows of another table.

    The rows stand in the order of the request, so the frame's index is the item's place. A refused item has a code and
    a message and lacks everything else, its id too: ids can be missing here, so they are ``Int64``.
    """
    inner = [(name, _or_missing(hint), UNSET) for name, hint in fields(row).items()]
    attributes = {"__doc__": row.__doc__, "also": row.also, "__module__": __name__}
    data = msgspec.defstruct(row.__name__, inner, bases=(Row,), kw_only=True, namespace=attributes)
    attributes = {"__doc__": f"One item of a batch. {row.__doc__}", "__module__": __name__}
    own: list[Any] = [("data", data | None, None)]
    item: Any = msgspec.defstruct(f"{row.__name__}Item", own, bases=(_Item,), kw_only=True, namespace=attributes)
    item_class: type[Row] = item
    return item_class


def _or_missing(hint: Any) -> Any:
    """Return an annotation that takes a missing cell as well: ids are the only ones that do not already."""
    if not isinstance(kind_in(hint), IdKind):
        return hint
    meaning = next((item.description for item in hint.__metadata__ if isinstance(item, Meta) and item.description), "")
    return Annotated[IdOrNone, note(meaning)]
