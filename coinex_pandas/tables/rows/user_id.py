"""The exchange's number for a user: text, because nothing is ever counted with it."""

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from coinex_pandas.tables import blocks
from coinex_pandas.tables.kinds import Numbers, TextKind

__all__ = ["UserId", "UserIdKind"]


class UserIdKind(TextKind):
    """Digits, documented as text; not every page is at hand, so a JSON number is taken for its digits."""

    wire = str | int | UnsetType | None

    def __init__(self) -> None:
        super().__init__("user id", "4000001")

    def parse(self, value: Any) -> Any:
        """Return one JSON value as text."""
        return UNSET if value is UNSET or value is None else str(msgspec.convert(value, str | int))

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        """Return the column of texts."""
        return blocks.texts([None if value is UNSET or value is None else str(value) for value in values])


UserId = Annotated[str | int | UnsetType | None, UserIdKind()]
