"""What a cell means: each kind knows its dtype, its Arrow type, wire to value, value to wire, and a sample.

``column_types.py`` has the names that row classes annotate their columns with (``Price``, ``Time``, ``Side`` ...).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import pandas as pd
from msgspec import UNSET, Meta, UnsetType

from coinex_pandas.tables import blocks
from coinex_pandas.tables.times import unix_ms

__all__ = [
    "ChoiceKind",
    "CountKind",
    "FlagKind",
    "IdKind",
    "Int64",
    "Kind",
    "ListKind",
    "NameKind",
    "NameOrNoneKind",
    "NumberKind",
    "Numbers",
    "TextKind",
    "TextOrNoneKind",
    "TimeKind",
    "UserIdKind",
    "is_number",
]


_PLAIN_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,4})?")  # a longer exponent is none that Decimal bears
_QUOTED_NUMBER = re.compile(rb'"(-?[0-9]+(?:\.[0-9]+)?)"').fullmatch  # nearly all of them
Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]  # what is larger fits no column


def is_number(text: str) -> bool:
    """Return whether a text is a number as the exchange writes them; ``float`` and ``Decimal`` take more.

    Examples
    --------
    >>> [is_number(text) for text in ("0.5", "-12", "1E-8", "1_0", "\uff11", " 1", ".5", "nan")]
    [True, True, True, False, False, False, False, False]
    """
    return _PLAIN_NUMBER.fullmatch(text) is not None


class Kind:
    """How one sort of cell travels between the wire and a column.

    Parameters
    ----------
    name : str
        The kind's name in documentation.
    dtype : str
        The column's dtype.
    arrow : str
        The Arrow type it is stored as.
    sample : object
        A value as the wire carries it.
    unit : str, default ""
        The unit unless the column says otherwise.
    """

    wire: Any = Any
    """The type that msgspec decodes a cell into, where the cell needs no second look."""

    is_secret = False
    """Whether its cells are not shown."""

    def __init__(self, name: str, dtype: str, arrow: str, sample: object, unit: str = "") -> None:
        self.name, self.dtype, self.arrow, self.sample, self.unit = name, dtype, arrow, sample, unit
        self.index_dtype = dtype

    def __repr__(self) -> str:
        return f"<kind {self.name}>"

    def parse(self, value: Any) -> Any:
        """Return one JSON value as the declared reading has it; raise ValueError when it does not fit."""
        if value is UNSET or value is None:
            return UNSET
        return msgspec.convert(value, self.wire, strict=False)

    def parse_all(self, values: Sequence[Any]) -> list[Any]:
        """Return a column of JSON values as `parse` has each of them."""
        if type(self).parse is not Kind.parse or any(value is UNSET or value is None for value in values):
            return [self.parse(value) for value in values]
        every: Any = list[self.wire]  # type: ignore[name-defined]  # built from a value, for msgspec only
        column: list[Any] = msgspec.convert(list(values), every, strict=False)
        return column

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        """Return a column's array from decoded values, UNSET and None being missing ones."""
        raise NotImplementedError  # abstract: every kind below brings its own

    def labels(self, values: Sequence[Any], *, required: bool) -> Any:
        """Return the array that an index is made of; OddCell when a required one is missing."""
        return self.array(values, "float")

    def to_wire(self, value: Any) -> Any:
        """Return a cell as the wire carries it."""
        return value


class NumberKind(Kind):
    """A decimal number, sent as text. ``float64``, or exact on request."""

    wire = float | Literal[""] | UnsetType | None

    def __init__(self, name: str, unit: str = "", sample: str = "1.25") -> None:
        super().__init__(name, "float64", "float64", sample, unit)

    def text(self, raw: msgspec.Raw) -> str | None:
        """Return the wire's text of a number, None for an empty or null one; ValueError for anything else."""
        text = bytes(raw).decode()
        if text in ("null", '""'):
            return None
        text = msgspec.json.decode(text, type=str) if text.startswith('"') else text
        if not is_number(text):
            raise ValueError("not a number")
        return text

    def parse(self, value: Any) -> Any:
        return UNSET if value is UNSET or (text := self.text(value)) is None else text

    def parse_all(self, values: Sequence[Any]) -> list[Any]:
        return [
            found[1].decode() if value is not UNSET and (found := _QUOTED_NUMBER(bytes(value))) else self.parse(value)
            for value in values
        ]

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        if numbers == "text":
            return blocks.texts([None if value is UNSET else value for value in values])
        if numbers == "decimal":
            return blocks.objects([None if value is UNSET else Decimal(value) for value in values])
        return np.array([np.nan if value is UNSET else float(value) for value in values], dtype=np.float64)

    def to_wire(self, value: Any) -> Any:
        if pd.isna(value):
            return ""
        return (
            value
            if isinstance(value, str)
            else format(Decimal(repr(value)) if isinstance(value, float) else value, "f")
        )


class TimeKind(Kind):
    """A moment in milliseconds; ``optional`` ones send 0 for none."""

    wire = Int64 | UnsetType | None

    def __init__(self, name: str, *, optional: bool = False) -> None:
        super().__init__(name, "datetime64[ms, UTC]", "timestamp[ms, tz=UTC]", 1_767_225_600_000, "UTC")
        self.optional = optional

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.times(values, zero_is_none=self.optional)

    def labels(self, values: Sequence[Any], *, required: bool) -> Any:
        return blocks.times(values, required=required)

    def to_wire(self, value: Any) -> Any:
        return 0 if pd.isna(value) else unix_ms(pd.Timestamp(value))


class IdKind(Kind):
    """A 64-bit number that names something; never missing, never a float."""

    wire = Int64

    def __init__(self, name: str = "id") -> None:
        super().__init__(name, "int64", "int64", 31_415_926_535)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return np.fromiter(values, dtype=np.int64, count=len(values))

    def to_wire(self, value: Any) -> Any:
        return int(value)


class CountKind(Kind):
    """A whole number: decimals, levels, minutes, seconds."""

    wire = Int64 | UnsetType | None

    def __init__(self, name: str = "count", unit: str = "") -> None:
        super().__init__(name, "Int64", "int64", 8, unit)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.counts(values)

    def to_wire(self, value: Any) -> Any:
        return None if pd.isna(value) else int(value)


class FlagKind(Kind):
    """Yes, no, or missing."""

    wire = bool | UnsetType | None

    def __init__(self, name: str = "flag") -> None:
        super().__init__(name, "boolean", "bool", True)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.flags(values)

    def to_wire(self, value: Any) -> Any:
        return None if pd.isna(value) else bool(value)


class TextKind(Kind):
    """Free text."""

    wire = str | UnsetType | None

    def __init__(self, name: str = "text", sample: str = "some text") -> None:
        super().__init__(name, "str", "string", sample)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.texts([value if isinstance(value, str) else None for value in values])

    def to_wire(self, value: Any) -> Any:
        return "" if pd.isna(value) else str(value)


class UserIdKind(TextKind):
    """The exchange's number for a user: text, because nobody calculates with it.

    It is documented as text; not every page of the documentation is at hand, so a JSON number stands for its digits.
    """

    wire = str | int | UnsetType | None

    def __init__(self) -> None:
        super().__init__("user id", "4000001")

    def parse(self, value: Any) -> Any:
        return UNSET if value is UNSET or value is None else str(msgspec.convert(value, str | int))

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.texts([None if value is UNSET or value is None else str(value) for value in values])


class NameKind(TextKind):
    """A market, currency, chain or exchange: text as an index, ``category`` as a column, without stray blanks.

    The documentation's own examples carry names with blanks around them.

    Parameters
    ----------
    name : str
        The kind's name in documentation.
    sample : str
        A name of the kind.
    spelt : mapping of str to str, default {}
        Misspelt names that the documentation has, each with the right one.
    """

    def __init__(self, name: str, sample: str, spelt: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(name, sample)
        self.dtype = "category"
        self.arrow = "dictionary<int32, string>"
        self._names = dict(spelt)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.categories(self._right(values), ())

    def labels(self, values: Sequence[Any], *, required: bool) -> Any:
        try:
            return blocks.texts(self._right([*map(str.strip, values)]))
        except TypeError:  # a missing one among them
            if required:
                raise blocks.OddCell from None
            return blocks.texts([value.strip() if isinstance(value, str) else None for value in self._right(values)])

    def _right(self, values: Sequence[Any]) -> Sequence[Any]:
        """Return names in their right spelling."""
        if not self._names:
            return values
        return [self._names.get(value.strip(), value) if isinstance(value, str) else value for value in values]


class NameOrNoneKind(NameKind):
    """A name that need not be there: blank, or the word "null", where there is none."""

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.categories([_without_blank(value) for value in values], ())


class TextOrNoneKind(TextKind):
    """A text that need not be there; a blank one is missing."""

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return super().array([_without_blank(value) for value in values], numbers)


def _without_blank(value: Any) -> Any:
    return None if isinstance(value, str) and value.strip() in ("", "null") else value


class ChoiceKind(TextKind):
    """One of the documented words; an undocumented one is kept and joins the categories.

    Pages and wire disagree on upper and lower case, and misspell: every spelling of a documented word is that word.

    Parameters
    ----------
    name : str
        The kind's name in documentation.
    *choices : str
        The documented words.
    spelt : mapping of str to str, default {}
        Other spellings that the wire has for a documented word, beside its upper and lower case.
    """

    def __init__(self, name: str, *choices: str, spelt: Mapping[str, str] = MappingProxyType({})) -> None:
        super().__init__(name, choices[0])
        self.dtype = self.index_dtype = "category"
        self.arrow = "dictionary<int8, string>"
        self.choices = choices
        self._words = {word.casefold(): word for word in choices} | dict(spelt)

    def word(self, value: Any) -> Any:
        """Return the documented word that a text stands for, another text unchanged, None for a blank one."""
        if not isinstance(value, str):
            return value
        text = value.strip()
        return self._words.get(text.casefold(), text) or None

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        array = blocks.categories(values, self.choices)
        if len(array.categories) == len(self.choices):
            return array
        return blocks.categories([self.word(value) for value in values], self.choices)


class ListKind(Kind):
    """A short list that belongs in one cell, as a tuple."""

    def __init__(self, name: str, item: type, sample: list[Any]) -> None:
        super().__init__(name, "object", "list<string>" if item is str else "list<int64>", sample)
        self.item = item
        self.wire = list[item] | UnsetType | None  # type: ignore[valid-type]  # built from a value, for msgspec only

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        return blocks.objects([tuple(value) if isinstance(value, list) else () for value in values])

    def to_wire(self, value: Any) -> Any:
        return [str(item) for item in value]


Numbers = Literal["float", "decimal", "text"]
"""How numbers come back: ``float64``, exact ``decimal.Decimal``, or the text of the wire."""
