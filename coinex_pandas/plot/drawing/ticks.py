"""Numbers as people read them: 1.2M, 87,250.5, 0.0000001528."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axis import Axis

SCALES = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
MOST_DECIMALS = 14


def compact(value: float) -> str:
    """Three figures and a letter: ``1.23M``, ``45k``, ``0.012``."""
    # 999,999 would read "1e+03k" if the letter were chosen before rounding.
    rounded = float(f"{value:.3g}")
    scale, letter = scale_of(rounded)
    scaled = rounded / scale
    return f"{scaled:.3g}{letter}" if 1e-4 <= abs(scaled) < 1e3 or scaled == 0 else f"{scaled:.2e}"


def plain(value: float, figures: int = 8) -> str:
    """All decimals that `figures` significant figures need, never an exponent, thousands separated."""
    if value == 0:
        return "0"
    decimals = max(0, min(MOST_DECIMALS, figures - 1 - math.floor(math.log10(abs(value)))))
    text = f"{value:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def scale_of(value: float) -> tuple[float, str]:
    """Choose the divisor and the letter that suit a number of this size."""
    return next(((scale, letter) for scale, letter in SCALES if abs(value) >= scale), (1.0, ""))


def decimals_of(step: float) -> int:
    """How many decimals tell multiples of `step` apart (0.25 needs two, 20 none)."""
    for decimals in range(MOST_DECIMALS):
        if math.isclose(round(step, decimals), step, rel_tol=1e-6):
            return decimals
    return MOST_DECIMALS


def step_of(axis: Axis) -> float:
    """Measure the distance between two neighbouring ticks."""
    gaps = np.diff(np.sort(axis.get_majorticklocs()))
    gaps = gaps[gaps > 0]
    return float(gaps.min()) if len(gaps) else 1.0


def tick_numbers(axis: Axis, *, letters: bool = False, positive: bool = False) -> None:
    """Ticks as plain numbers with just enough decimals.

    `letters` writes 1.2M for 1,200,000; `positive` leaves ticks below zero without a label, for prices on an axis that
    reaches lower only to make room.
    """
    from matplotlib.ticker import FuncFormatter

    def text(value: float, _position: int | None) -> str:
        if positive and value < 0:
            return ""
        scale, letter = scale_of(max(np.abs(axis.get_view_interval()))) if letters else (1.0, "")
        # A tick at zero comes out of the locator as -1e-17, which would read "-0".
        rounded = round(value / scale, decimals := decimals_of(step_of(axis) / scale)) + 0.0
        return f"{rounded:,.{decimals}f}{letter if rounded else ''}"

    axis.set_major_formatter(FuncFormatter(text))


def tick_magnitudes(axis: Axis) -> None:
    """Ticks of a logarithmic axis: 1k, 10k, 100k."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _position: compact(value)))
    axis.set_minor_formatter(NullFormatter())
