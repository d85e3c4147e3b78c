"""The CoinEx v2 exchange as pandas DataFrames.

>>> import coinex_pandas as cx
>>> with cx.sandbox(seed=7):
...     tickers = cx.futures_tickers()

Only what is listed in ``__all__`` is public. The names come from ``door.py`` when the first of them is used, so that
an import costs hardly more than that of pandas; heavy libraries (matplotlib, aiohttp, tqdm) load when they are needed.
"""

import importlib as _importlib
import importlib.util as _importlib_util
import sys as _sys
import types as _types
import typing as _typing

from coinex_pandas import accessor as _accessor  # noqa: F401  # registers DataFrame.coinex

if _typing.TYPE_CHECKING:
    from coinex_pandas.door import *  # noqa: F403  # what a type checker and an editor see is what __getattr__ gives
    from coinex_pandas.door import __all__ as __all__

__version__ = "0.3.0"

# Public names that are also the names of modules.
_SHARED = (
    "deposits",
    "doctor",
    "freshness",
    "futures_positions",
    "options",
    "run",
    "sandbox",
    "subs",
    "transfers",
    "withdrawals",
)


class _Package(_types.ModuleType):
    """The package itself: a shared name always means the public thing.

    Python binds a module to its package when it is first imported, wherever that happens, and would hide the function
    of the same name.
    """

    def __setattr__(self, name: str, value: _typing.Any) -> None:
        if name not in _SHARED or not isinstance(value, _types.ModuleType):
            super().__setattr__(name, value)


_sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> _typing.Any:
    """Return a public name, and from then on have all of them at hand; or one of the modules."""
    if name not in _SHARED and not name.startswith("__") and _importlib_util.find_spec(f"{__name__}.{name}"):
        return _importlib.import_module(f"{__name__}.{name}")
    if name == "__all__" or not name.startswith("__"):
        door = _importlib.import_module("coinex_pandas.door")
        globals().update({public: getattr(door, public) for public in door.__all__}, __all__=door.__all__)
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Return what completion shall show: the public names, not the rooms they come from."""
    return [*__getattr__("__all__"), "__version__"]
