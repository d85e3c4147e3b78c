"""The live order book of one market, verified at every push, and its buffer."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pandas as pd

from coinex_pandas.api.calls.options import numbers_of
from coinex_pandas.errors import UnverifiedWarning
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.session import Session
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.depth import Shape
from coinex_pandas.live.protocol.order_book import OrderBook
from coinex_pandas.live.retention import Retention
from coinex_pandas.live.stream import Stream
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.book import BookLevel

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["Book", "BookBuffer"]


class Book(Stream):
    """The order book of one market as it changes; made by ``cx.live.spot_depth`` and ``cx.live.futures_depth``.

    What a `Stream` has, this has too; its rows are the top of the book after each push (``history``), and ``df`` is
    the whole current book. ``state`` is ``unverified`` from the moment when a push does not fit its checksum, is
    missing, or crosses the book, until a whole book that fits has come; that time is a row of ``gaps``.
    """

    _buffer: BookBuffer

    def __init__(self, channel: Channel, market: str, shape: Shape, session: Session, **settings: Any) -> None:
        self._shape = shape
        self._unverified_gaps = -1
        super().__init__(channel, (market,), session, **settings)

    def _new_buffer(self, retention: Retention) -> BookBuffer:
        return BookBuffer(self._channel, self.markets, retention, self._shape)

    @property
    def df(self) -> pd.DataFrame:
        """The current book, a row per level, asks first; index = (side, level), columns price and amount.

        While it is unverified an ``UnverifiedWarning`` is raised, once each time it becomes so.

        ``attrs["coinex"]["book"]`` holds the last price, the book's time, its checksum and whether it is verified.
        """
        return self.levels()

    def levels(self, numbers: Numbers | None = None) -> pd.DataFrame:
        """Return the current book; ``numbers`` as in every function: floats, exact Decimals, or the wire's text."""
        bids, asks, facts = self._buffer.levels()
        frame = self._describe(BookLevel.of_levels(asks, bids, numbers_of(numbers)))
        frame.attrs["coinex"]["book"] = facts
        if (bids or asks) and not facts["verified"] and self._unverified_gaps != len(self._buffer.gaps):
            self._unverified_gaps = len(self._buffer.gaps)
            cause = self._buffer.gaps[-1].cause if self._buffer.gaps else "no book has come yet"
            warn(f"{self.name} of {self.markets[0]}: unverified: {cause}", UnverifiedWarning)
        return frame

    @property
    def history(self) -> pd.DataFrame:
        """The top of the book after each push, as far as it is kept; index = updated_at.

        Columns: ``market``, ``best_bid_price``, ``best_bid_size``, ``best_ask_price``, ``best_ask_size``, ``last``,
        ``verified`` (whether the whole book fitted its checksum), ``received_at``.
        """
        return super().df

    @property
    def state(self) -> str:
        """The state of the stream, or ``unverified`` while the book cannot be relied on."""
        state = super().state
        return state if state not in ("live", "stale") or self._buffer.is_verified else "unverified"

    @property
    def mid(self) -> Decimal | None:
        """The middle of best bid and best ask, exact; None while a side is empty or the book is unverified."""
        best = self._best()
        return None if best is None else (best[0] + best[1]) / 2

    @property
    def spread(self) -> Decimal | None:
        """Best ask minus best bid, in quote_ccy, exact; None while a side is empty or the book is unverified."""
        best = self._best()
        return None if best is None else best[1] - best[0]

    def imbalance(self, levels: int = 5) -> float | None:
        """Return (bids - asks) / (bids + asks) of the amounts in the best levels, from -1 to 1; None as for ``mid``.

        Parameters
        ----------
        levels : int, default 5
            Levels of each side.
        """
        bids, asks, facts = self._buffer.levels()
        if not facts["verified"] or not bids or not asks:
            return None
        bid, ask = (sum(Decimal(amount) for _, amount in side[:levels]) for side in (bids, asks))
        return float((bid - ask) / (bid + ask))

    def plot(self, *, ax: Axes | None = None) -> Axes:
        """Return Axes with the current cumulative book; see ``cx.plot.depth``."""
        from coinex_pandas import plot  # loads matplotlib

        return plot.depth(self.df, ax=ax)

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the best levels of the current book, half of them on each side."""
        bids, asks, _ = self._buffer.levels()
        frame = BookLevel.of_levels(asks, bids, "float")  # a view shows the state instead of a warning
        best: pd.DataFrame = frame[frame.index.get_level_values("level") <= max(1, rows // 2)]
        return best

    def _best(self) -> tuple[Decimal, Decimal] | None:
        bids, asks, facts = self._buffer.levels()
        if not facts["verified"] or not bids or not asks:
            return None
        return Decimal(bids[0][0]), Decimal(asks[0][0])


class BookBuffer(Buffer):
    """The top of a book after each push, and the book itself, which all buffers of the same book share.

    Parameters
    ----------
    shape : (int, str, bool)
        Levels a side, price step, whether every push is the whole book.
    """

    def __init__(self, channel: Channel, markets: tuple[str, ...], retention: Retention, shape: Shape) -> None:
        super().__init__(channel, markets, retention)
        self.shape = shape
        self.book: OrderBook | None = None

    def end(self) -> None:
        """Take no more rows; the book goes on for other buffers."""
        super().end()
        if self.book is not None:
            self.book = _copy(self.book)

    @property
    def is_verified(self) -> bool:
        """Whether the current book fits its checksum."""
        return self.book is not None and self.book.is_verified

    def levels(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]], dict[str, Any]]:
        """Return bids and asks, best first, as wire text, and the facts about the book."""
        if self.book is None:
            return [], [], {"last": "", "updated_at": 0, "checksum": None, "verified": False}
        book = _copy(self.book)
        facts = {
            "last": book.last,
            "updated_at": book.updated_at,
            "checksum": book.checksum,
            "verified": book.is_verified,
        }
        return book.bids.levels(), book.asks.levels(), facts


def _copy(book: OrderBook) -> OrderBook:
    """Return a copy of a book as it is between two pushes."""
    while (copy := book.copy()) is None:
        time.sleep(0)  # the socket's thread changes it
    return copy
