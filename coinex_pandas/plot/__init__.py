"""Plots: a frame in, matplotlib Axes out. Nothing here asks the exchange for anything.

>>> ax = cx.plot.candles(cx.futures_klines("BTCUSDT", "1hour"))
>>> ax.figure.savefig("btcusdt.png")

Every plot draws on the Axes given as ``ax=`` (``axes=`` where it needs two), or on a figure of its own. In a notebook
that figure appears under the cell; in a script it belongs to nobody, so ``plt.show()`` does not know it: save it, or
pass ``ax=plt.gca()``.

Colours fit the background: plots are readable under any matplotlib style, on a dark figure, and on a page that shines
through. In a dark notebook a figure has matplotlib's own white background; ``plt.style.use("dark_background")`` makes
it dark. The look is the same on Axes of one's own; a title or label that is there already stays.

A frame with several rows of a market, such as ``df`` of a stream, is drawn over the times of its rows, or only its
newest rows are where it has no times; the title says which. Names are written as they are, never as formulas.
"""

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from coinex_pandas.plot.public import *  # what a type checker and an editor see is what __getattr__ gives


def __getattr__(name: str) -> _typing.Any:
    """Return a plot, and from then on have all of them at hand: importing the package must not wait for them."""
    if name == "__all__" or not name.startswith("__"):
        public = vars(_importlib.import_module("coinex_pandas.plot.public"))
        names = [each for each in public if not each.startswith("__")]
        globals().update({each: public[each] for each in names}, __all__=names)
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Return what completion shall show."""
    return list(__getattr__("__all__"))
