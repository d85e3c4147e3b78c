"""Tables whose texts are read, not calculated with: their repr shows each text whole.

pandas cuts the texts of any repr after 50 characters, and in a terminal it leaves out the columns in the middle.
Sentences such as "index price is 69 days old; next funding was due 69 days ago" lose their end there, in a table that
exists to be read. The user's options and other frames stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

import pandas as pd

__all__ = ["Evidence"]

_DEFAULTS = {"display.max_colwidth": 50, "display.max_columns": 0}
"""What pandas has where nobody has chosen anything; whoever has set another limit gets that."""


class Evidence(pd.DataFrame):
    """A DataFrame that shows its texts whole; so do parts of it."""

    @property
    def _constructor(self) -> Callable[..., Evidence]:
        return Evidence

    @property
    def _constructor_sliced(self) -> Callable[..., EvidenceColumn]:
        return EvidenceColumn

    def __repr__(self) -> str:
        with _whole_texts():
            return super().__repr__()

    def _repr_html_(self) -> str | None:
        with _whole_texts():
            plain: Any = super()  # pandas' stubs lack this method, which notebooks call
            html: str | None = plain._repr_html_()
            return html


class EvidenceColumn(pd.Series):
    """A column or row of such a table."""

    @property
    def _constructor(self) -> Callable[..., EvidenceColumn]:
        return EvidenceColumn

    @property
    def _constructor_expanddim(self) -> Callable[..., Evidence]:
        return Evidence

    def __repr__(self) -> str:
        with _whole_texts():
            return super().__repr__()


def _whole_texts() -> ExitStack:
    """Lift pandas' limits while a table is written: columns that a terminal has no room for go below the others."""
    stack = ExitStack()
    for name, default in _DEFAULTS.items():
        if pd.get_option(name) == default:
            stack.enter_context(pd.option_context(name, None))
    return stack
