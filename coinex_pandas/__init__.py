"""The CoinEx v2 exchange as pandas DataFrames.

>>> import coinex_pandas as cx
>>> with cx.sandbox(seed=7):
...     tickers = cx.futures_tickers()

Only what is listed in ``__all__`` is public. The names come from ``public.py`` when the first of them is used, so that
an import costs hardly more than that of pandas; heavy libraries (matplotlib, aiohttp, tqdm) load when they are needed.
"""

import importlib as _importlib
import typing as _typing

from coinex_pandas.plot.accessor import CoinexAccessor as _CoinexAccessor  # registers DataFrame.coinex

if _typing.TYPE_CHECKING:
    from coinex_pandas.public import *  # what a type checker and an editor see is what __getattr__ gives

__version__ = "0.5.0"


def __getattr__(name: str) -> _typing.Any:
    """Return a public name, and from then on have all of them at hand."""
    if name == "__all__" or not name.startswith("__"):
        public = vars(_importlib.import_module("coinex_pandas.public"))
        names = [each for each in public if not each.startswith("__")]
        globals().update({each: public[each] for each in names}, __all__=names)
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Return what completion shall show: the public names, not the folders they come from."""
    return [*__getattr__("__all__"), "__version__"]
