"""Archives: an account and public data in a folder that needs no program of ours to be read again.

::

    cx.archive.capture("./coinex", "account")
    archive = cx.archive.open("./coinex")
    archive.spot_transactions()

What came is stored as it came, proved by checksums; tables are made from it as Parquet. `capture` stores, `verify`
proves, `open` answers the calls of the exchange from it, `record` stores a stream, `statement` says what moved an
account and what that proves, `export` writes it for other tools, `rebuild` makes the tables anew.
"""

import importlib as _importlib
import typing as _typing

if _typing.TYPE_CHECKING:
    from coinex_pandas.archive.public import *  # what a type checker and an editor see is what __getattr__ gives


def __getattr__(name: str) -> _typing.Any:
    """Return a function, and from then on have all of them at hand: importing the package must not wait for them."""
    if name == "__all__" or not name.startswith("__"):
        public = vars(_importlib.import_module("coinex_pandas.archive.public"))
        names = [each for each in public if not each.startswith("__")]
        globals().update({each: public[each] for each in names}, __all__=names)
    try:
        return globals()[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def __dir__() -> list[str]:
    """Return what completion shall show."""
    return list(__getattr__("__all__"))
