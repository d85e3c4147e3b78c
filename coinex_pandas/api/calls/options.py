"""``cx.options``: the few settings that hold for every call."""

from __future__ import annotations

from typing import Any, get_args

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.tables.kinds import Numbers

__all__ = ["Options", "options"]


_CHOICES: dict[str, tuple[Any, ...]] = {"numbers": get_args(Numbers), "progress": (True, False, None)}


class Options:
    """Settings that hold for every call; a call's own keyword wins.

    Attributes
    ----------
    numbers : {"float", "decimal", "text"}, default "float"
        How numbers come back.
    progress : bool or None, default None
        Show a progress bar while a long history is read: always, never, or (None) once it takes
        more than a few requests and two seconds.
    """

    __slots__ = ("numbers", "progress")
    numbers: Numbers
    progress: bool | None

    def __init__(self) -> None:
        self.numbers = "float"
        self.progress = None

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in _CHOICES:
            raise InvalidArgument(f"cx.options has no setting {name!r}; it has {', '.join(_CHOICES)}")
        if not any(value is choice or (isinstance(value, str) and value == choice) for choice in _CHOICES[name]):
            raise InvalidArgument(f"cx.options.{name} is one of {_CHOICES[name]}, not {short_repr(value)}")
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        return f"<options numbers={self.numbers!r} progress={self.progress!r}>"


options = Options()


def numbers_of(numbers: Numbers | None) -> Numbers:
    """Return how numbers come back: as the call says, or else as ``cx.options`` says."""
    if numbers is None:
        return options.numbers
    if not isinstance(numbers, str) or numbers not in _CHOICES["numbers"]:
        raise InvalidArgument(f"numbers is one of {_CHOICES['numbers']}, not {short_repr(numbers)}")
    return numbers
