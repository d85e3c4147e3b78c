"""The colours of a plot: readable on the background that it has, whatever matplotlib style is in use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

    RGB = tuple[float, float, float]

LEGIBLE = 4.5  # the contrast that WCAG asks of small text


class Palette(NamedTuple):
    """The colours of one Axes."""

    ink: str  # of words around the Axes: title, labels, ticks
    text: str  # of words and lines inside
    up: str
    down: str
    lines: tuple[str, ...]
    caution: str
    caution_paper: str
    background: str  # of the Axes; "none" where the page shines through

    def signs(self, rising: NDArray[np.bool_], *, alpha: float = 1.0) -> NDArray[np.float64]:
        """RGBA rows, one for each flag."""
        from matplotlib.colors import to_rgba

        return np.where(rising[:, None], to_rgba(self.up, alpha), to_rgba(self.down, alpha))


# Blue against orange stays apart for every common kind of colour blindness; red against green does not.
LIGHT = Palette(
    ink="#3d4852",
    text="#3d4852",
    up="#2f7ea6",
    down="#d9713c",
    lines=("#2f7ea6", "#d9713c", "#3f9170", "#8a6bb5", "#c49a1f", "#3d4852", "#58a9cd", "#c2628c"),
    caution="#8a4b08",
    caution_paper="#fff4e0",
    background="#ffffff",
)
DARK = Palette(
    ink="#d7dde3",
    text="#d7dde3",
    up="#6cb9e3",
    down="#f2996b",
    lines=("#6cb9e3", "#f2996b", "#63bd97", "#b39ddb", "#e0bd4f", "#d7dde3", "#3f87b8", "#e394b5"),
    caution="#f5c26b",
    caution_paper="#3a2a10",
    background="#000000",
)
# A figure without a background lies on a page that nobody here knows: these are readable on white and on black.
EITHER = Palette(
    ink="#7b858f",
    text="#7b858f",
    up="#2f8ab8",
    down="#d0693a",
    lines=("#2f8ab8", "#d0693a", "#3f9170", "#8f74bd", "#b08a1c", "#7b858f", "#5fa8c8", "#c2628c"),
    caution="#8a4b08",
    caution_paper="#fff4e0",
    background="none",
)
MOST_LINES = len(LIGHT.lines)


def of(ax: Axes) -> Palette:
    """Choose the colours for Axes by their backgrounds as they are now, and by the style's own colour of text."""
    page = _page(ax)
    panel = _over(ax.get_facecolor(), page) if ax.patch.get_visible() else page
    inside = _shade(panel)
    return inside._replace(ink=_ink(_shade(page), page), text=_ink(inside, panel), background=_name(panel))


def _page(ax: Axes) -> RGB | None:
    """Find the colour around the Axes; None where the figure lets the page shine through."""
    from matplotlib.figure import SubFigure

    layers, figure = [], ax.get_figure()
    while figure is not None:
        if figure.patch.get_visible():
            layers.append(figure.get_facecolor())
        figure = figure.get_figure(root=False) if isinstance(figure, SubFigure) else None
    colour: RGB | None = None
    for layer in reversed(layers):
        colour = _over(layer, colour)
    return colour


def _over(layer: Any, below: RGB | None) -> RGB | None:
    """Lay a colour over another one; None stays unknown where too much of it shines through."""
    from matplotlib.colors import to_rgba

    *colour, alpha = to_rgba(layer)
    if below is None:
        below = (0.5, 0.5, 0.5) if alpha > 0.8 else None
    if below is None:
        return None
    red, green, blue = (alpha * own + (1 - alpha) * other for own, other in zip(colour, below, strict=True))
    return red, green, blue


def _shade(background: RGB | None) -> Palette:
    from matplotlib import rcParams, rcParamsDefault

    if background is None:
        style = rcParams["text.color"]
        if style == rcParamsDefault["text.color"]:
            return EITHER
        background = (0.0, 0.0, 0.0) if contrast(style, "black") > contrast(style, "white") else (1.0, 1.0, 1.0)
    return LIGHT if contrast(LIGHT.ink, background) >= contrast(DARK.ink, background) else DARK


def _ink(shade: Palette, background: RGB | None) -> str:
    """Take the style's colour of text where it has one that is readable here."""
    from matplotlib import rcParams, rcParamsDefault
    from matplotlib.colors import to_hex

    style = rcParams["text.color"]
    if style == rcParamsDefault["text.color"]:
        return shade.ink
    return to_hex(style) if background is None or contrast(style, background) >= LEGIBLE else shade.ink


def _name(colour: RGB | None) -> str:
    from matplotlib.colors import to_hex

    return "none" if colour is None else to_hex(colour)


def contrast(one: Any, other: Any) -> float:
    """Return the contrast of two colours, from 1 to 21, as WCAG defines it."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: Any) -> float:
    from matplotlib.colors import to_rgb

    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
