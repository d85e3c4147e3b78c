"""A cell that holds a secret: a frame can be shown, printed and saved without giving it away."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import Any, NoReturn

import pandas as pd
from msgspec import UNSET

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.tables import blocks
from coinex_pandas.tables.kinds import Numbers, TextKind

__all__ = ["Secret", "SecretKind"]


class Secret:
    """A text that is shown as ``***`` everywhere: in frames, HTML, CSV, logs and tracebacks.

    Parameters
    ----------
    text : str
        What is not to be seen.

    Examples
    --------
    >>> key = Secret("swordfish")
    >>> key, str(key), key.reveal()
    (***, '***', 'swordfish')
    """

    __slots__ = ("__text",)  # mangled, and no dict: what lists an object's variables does not meet it by chance

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself; what becomes of it then is up to the caller."""
        return self.__text

    def __repr__(self) -> str:
        return "***"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.reveal().encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, self.__text))

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        raise InvalidArgument(
            "a secret is not pickled, or it would lie in the pickle for all to read; "
            "drop the column before saving the frame, or reveal() what is to be kept"
        )


class SecretKind(TextKind):
    """Text that only `Secret.reveal` gives away."""

    is_secret = True

    def __init__(self) -> None:
        super().__init__("secret", "not shown")
        self.dtype = self.index_dtype = "object"

    def parse(self, value: Any) -> Any:
        """Return one JSON value as text whatever it is: an error about it would show it."""
        return UNSET if value is UNSET or value is None else str(value)

    def array(self, values: Sequence[Any], numbers: Numbers) -> Any:
        """Return the cells, each of them masked."""
        return blocks.objects([Secret(value) if isinstance(value, str) else None for value in values])

    def to_wire(self, value: Any) -> Any:
        """Return a cell as the wire carries it."""
        return value.reveal() if isinstance(value, Secret) else "" if pd.isna(value) else str(value)
