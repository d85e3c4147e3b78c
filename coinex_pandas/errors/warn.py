"""Warnings that point at the user's line, from any depth of the package."""

from __future__ import annotations

import os
import sys
import warnings
from pathlib import Path

from coinex_pandas.errors.quoting import shown

__all__ = ["warn"]


_PACKAGE = f"{Path(__file__).parents[1]}{os.sep}"


def warn(text: str, category: type[Warning]) -> None:
    """Warn at the first line outside this package; keys are masked, and a very long text is cut."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_code.co_filename.startswith(_PACKAGE):
        level, frame = level + 1, frame.f_back
    warnings.warn(shown(text), category, stacklevel=level)
