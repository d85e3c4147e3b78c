"""Of one market: its order book, its latest deals, its candles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

import pandas as pd

from coinex_pandas.api.calls.arguments import book_shape, choice, flag, one_name, optional, whole
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import history
from coinex_pandas.api.calls.paging import BEGINNING, FOREVER, PAGE, Ask, by_windows, stamps, time_of, within
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.book import BookLevel
from coinex_pandas.tables.rows.market import Candle, Deal
from coinex_pandas.tables.times import PERIODS, TimeLike, period_name, span

__all__ = ["futures_deals", "futures_depth", "futures_klines", "spot_deals", "spot_depth", "spot_klines"]


@route("GET /spot/depth", BookLevel, docs="spot/market/http/list-market-depth", single=True)
def spot_depth(
    market: str,
    *,
    limit: Literal[5, 10, 20, 50] = 20,
    interval: str | float = "0",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the order book of a spot market, a row per level, asks first.

    ``attrs["coinex"]["book"]`` holds the last price, the book's time, its checksum and whether the checksum fits.

    Parameters
    ----------
    limit : {5, 10, 20, 50}, default 20
        Levels per side.
    interval : str or float, default "0"
        The price step that levels are merged to, a power of ten; 0 merges nothing.

    Raises
    ------
    InvalidArgument
        The limit or the interval is none of the exchange's; nothing was sent.

    Examples
    --------
    >>> cx.spot_depth("BTCUSDT", limit=5).loc[("bid", 1)]
    price     75007.720000
    amount        0.127282
    Name: (bid, 1), dtype: float64
    """
    return _book(Call(spot_depth, numbers, session), market, limit, interval)


@route("GET /futures/depth", BookLevel, like=spot_depth)
def futures_depth(
    market: str,
    *,
    limit: Literal[5, 10, 20, 50] = 20,
    interval: str | float = "0",
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the order book of a futures market, a row per level, asks first.

    Examples
    --------
    >>> cx.futures_depth("BTCUSDT", limit=5).loc["ask", "price"].min().item()
    74975.88
    """
    return _book(Call(futures_depth, numbers, session), market, limit, interval)


@route("GET /spot/deals", Deal, docs="spot/market/http/list-market-deals")
def spot_deals(
    market: str,
    *,
    limit: int = 100,
    last_id: int | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the latest public trades of a spot market, oldest first.

    Parameters
    ----------
    limit : int, default 100
        How many, 1000 at most.
    last_id : int, optional
        The deal to start from; None for the newest. The exchange does not document whether it is included.

    Raises
    ------
    InvalidArgument
        The limit lies outside 1 to 1000; nothing was sent.

    Examples
    --------
    >>> cx.spot_deals("BTCUSDT", limit=2)[["side", "price", "amount"]]
                                   side     price    amount
    created_at
    2026-06-01 11:59:44.645+00:00  sell  75001.59  0.173446
    2026-06-01 11:59:44.645+00:00  sell  75001.53  0.415256
    """
    return _latest_deals(Call(spot_deals, numbers, session), market, limit, last_id)


@route("GET /futures/deals", Deal, like=spot_deals)
def futures_deals(
    market: str,
    *,
    limit: int = 100,
    last_id: int | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the latest public trades of a futures market, oldest first.

    Examples
    --------
    >>> cx.futures_deals("BTCUSDT", limit=1000).groupby("side")["amount"].sum()
    side
    buy     29.854344
    sell    26.823780
    Name: amount, dtype: float64
    """
    return _latest_deals(Call(futures_deals, numbers, session), market, limit, last_id)


@route("GET /spot/kline", Candle, docs="spot/market/http/list-market-kline")
def spot_klines(
    market: str,
    period: str | dt.timedelta,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    limit: int | None = None,
    price_type: Literal["latest_price", "index_price"] | None = None,
    closed: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the candles of a spot market, oldest first, as many requests as it takes.

    Without a start the newest 1000 (or ``limit``) before the end; without an end up to the open candle of now.
    Gaps are not filled: what the exchange has no candle for has no row.

    The open candle changes until its period is over: ``attrs["coinex"]["open_candle"]`` is its ``created_at`` as text,
    or None where the frame has only finished ones. It counts as open until two seconds after its end.

    Parameters
    ----------
    period : str or timedelta
        The exchange's name (``"1min"`` ... ``"1week"``) or as pandas spells it (``"1h"``, ``"1D"``).
    limit : int, optional
        Only the newest so many; None for all of the range.
    price_type : {"latest_price", "index_price"}, optional
        Which price the candles are drawn from; None for the latest. Only the latest is certain on spot.
    closed : bool, default False
        Leave out the open candle.

    Raises
    ------
    InvalidArgument
        The period is none of the exchange's, or the range is reversed; nothing was sent.

    Examples
    --------
    >>> cx.spot_klines("BTCUSDT", "1D", start="2026-05-30", end="2026-06-01")[["open", "close"]]
                                   open     close
    created_at
    2026-05-30 00:00:00+00:00  76281.66  75510.33
    2026-05-31 00:00:00+00:00  75505.09  75270.06
    """
    choice(price_type, (None, "latest_price", "index_price"), "price_type")
    return _candles(
        Call(spot_klines, numbers, session),
        market,
        period,
        price_type=price_type,
        start=start,
        end=end,
        limit=limit,
        closed=closed,
    )


@route("GET /futures/kline", Candle, like=spot_klines)
def futures_klines(
    market: str,
    period: str | dt.timedelta,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    limit: int | None = None,
    price_type: Literal["latest_price", "mark_price", "index_price"] | None = None,
    closed: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the candles of a futures market, oldest first, as many requests as it takes.

    Parameters
    ----------
    price_type : {"latest_price", "mark_price", "index_price"}, optional
        Which price the candles are drawn from; None for the latest.

    Examples
    --------
    >>> len(cx.futures_klines("BTCUSDT", "1min", start="2026-01-01", end="2026-03-01"))
    84960
    """
    choice(price_type, (None, "latest_price", "mark_price", "index_price"), "price_type")
    return _candles(
        Call(futures_klines, numbers, session),
        market,
        period,
        price_type=price_type,
        start=start,
        end=end,
        limit=limit,
        closed=closed,
    )


def _book(call: Call, market: str, limit: int, interval: str | float) -> pd.DataFrame:
    """Return an order book; the exchange acknowledges odd limits and then answers as it likes, so they stop here."""
    name = one_name(market, "market")
    levels, step = book_shape(limit, interval)
    params = {"market": name, "limit": levels, "interval": step}
    return table(call, params)


def _latest_deals(call: Call, market: str, limit: int | None, last_id: int | None) -> pd.DataFrame:
    """Return the latest deals of a market."""
    name = one_name(market, "market")
    params = {
        "market": name,
        "limit": None if limit is None else whole(limit, "limit", most=PAGE),
        "last_id": optional(whole, last_id, "last_id"),
    }
    return table(call, params)


def _candles(
    call: Call,
    market: str,
    period: str | dt.timedelta,
    *,
    price_type: str | None,
    start: TimeLike | None,
    end: TimeLike | None,
    limit: int | None,
    closed: bool,
) -> pd.DataFrame:
    """Return candles: all of ``[start, end)``, or the newest ``limit`` before ``end``."""
    name, length = one_name(market, "market"), period_name(period)
    first, last = span(start, end)
    most = optional(whole, limit, "limit") or (PAGE if first is None else None)
    only_closed = flag(closed, "closed")
    params = {"market": name, "period": length, "price_type": price_type}
    call.more["open_candle"] = None

    def pages(ask: Ask) -> Iterator[pd.DataFrame]:
        replies = _Replies(ask, PERIODS[length])
        needed = None if most is None else most + only_closed  # the open one is read as well, and left out
        frames = _all_candles(replies.ask, first, last, PERIODS[length], needed)
        return _newest(_judged(frames, replies, call, only_closed=only_closed), most)

    window = PERIODS[length] * (PAGE - 2)
    expected = None if first is None or last is None else -(-(last - first) // window)
    return history(call, params, pages, expected=expected)


_SURELY = 2_000  # milliseconds after its end a candle is finished: so much may this machine's clock be ahead


class _Replies:
    """Sends requests for candles, and keeps in mind which candle may still change.

    A candle is finished when the exchange has a later one, or when its end has passed. No other clock than the one at
    its own reply counts: it may have ended since.

    Parameters
    ----------
    ask : Ask
        Sends a request.
    step : int
        Milliseconds of a candle.
    """

    def __init__(self, ask: Ask, step: int) -> None:
        self._ask, self._step = ask, step
        self._latest = BEGINNING
        self.open_at = FOREVER

    def ask(self, **params: int | str | None) -> Page:
        """Return one reply."""
        page = self._ask(**params)
        latest = int(stamps(page.frame)[-1]) if len(page.frame) else -1
        if latest >= self._latest:
            self._latest = latest
            self.open_at = min(self.open_at, latest if latest + self._step + _SURELY > time_of(page) else FOREVER)
        return page


def _judged(
    frames: Iterator[pd.DataFrame], replies: _Replies, call: Call, *, only_closed: bool
) -> Iterator[pd.DataFrame]:
    """Yield candles, and enter the one that may still change into the frame's ``attrs``, or leave it out."""
    for frame in frames:
        finished = within(frame, BEGINNING, replies.open_at)
        if len(finished) < len(frame) and not only_closed:
            call.more["open_candle"] = frame.index[len(finished)].isoformat()
        yield finished if only_closed else frame


def _all_candles(ask: Ask, start: int | None, end: int | None, step: int, most: int | None) -> Iterator[pd.DataFrame]:
    """Yield candles, newest first; an open end begins with the exchange's own newest, not with this machine's clock."""
    lower = BEGINNING if start is None else start
    if end is not None:
        yield from by_windows(ask, lower, end, step)
        return
    limit = min(PAGE, most or PAGE)
    newest = ask(limit=limit).frame
    yield within(newest, lower, int(stamps(newest)[-1]) + 1) if len(newest) else newest
    if len(newest) == limit:  # there may be more
        yield from by_windows(ask, lower, int(stamps(newest)[0]), step, is_past=True)


def _newest(frames: Iterator[pd.DataFrame], most: int | None) -> Iterator[pd.DataFrame]:
    left = most
    for frame in frames:
        if left is None:
            yield frame
            continue
        yield frame.iloc[-left:]
        left -= min(left, len(frame))
        if not left:
            return
