"""The channels of the sockets as functions: each returns at once a `Stream` (or `Book`) that grows in the background.

>>> deals = cx.live.futures_deals("BTCUSDT", "ETHUSDT").wait(rows=10)
>>> frame = deals.df
>>> view = deals.watch()

Nouns, row classes and columns are those of the functions that call HTTP. A stream's table also has ``market`` and
``received_at``; where a push has no time of its own, ``received_at`` is the index.

The channels of one's own account (orders, deals, balances, positions) need a `SignedSession`; see ``account.py``.
"""

from coinex_pandas.live import account as _account
from coinex_pandas.live import market as _market
from coinex_pandas.live.account import *  # the functions of both files, which list them
from coinex_pandas.live.market import *  # the functions of both files, which list them

__all__ = _market.__all__ + _account.__all__


def __dir__() -> list[str]:
    """Return the names that completion shows."""
    return list(__all__)
