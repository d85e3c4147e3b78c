"""A stream: the pushes of some markets as a DataFrame that grows, and the gaps in it."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from coinex_pandas.api.calls.arguments import flag
from coinex_pandas.errors import InvalidArgument, MissingExtra, NoData, StaleDataWarning
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.session import Session
from coinex_pandas.live.batches import async_batches, call_with_batches, frame_of
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.retention import Keep, Retention
from coinex_pandas.live.stats import Stats, gaps_frame
from coinex_pandas.live.verdict import DOUBTS, Verdict
from coinex_pandas.widget.source import Status

if TYPE_CHECKING:
    from coinex_pandas.widget.view import View

__all__ = ["Stream", "require_sockets"]


_POLL = 0.1  # seconds between looks at whether the user wants to stop
_LONGEST_CAUSE = 300  # characters of what the exchange says
_NEAR = 1 << 12  # rows at the end of the table in which those of a market are looked for first
_RATE_SPAN = 5.0  # seconds over which pushes per second are counted


class Stream:
    """Pushes of some markets of a channel as a growing DataFrame; made by the functions of ``cx.live``.

    It starts at once, in the background, and goes on until ``stop()``, the end of a ``with`` block, or until nothing
    refers to it any more; a view that a notebook shows refers to it.

    Attributes
    ----------
    name : str
        The table, such as ``futures_deals``.
    markets : tuple of str
        Whose rows.
    venue : str
        Where they come from.
    """

    def __init__(
        self,
        channel: Channel,
        markets: tuple[str, ...],
        session: Session,
        *,
        keep: Keep | None = None,
        stale_after: float | None = None,
        reconnect: bool = True,
    ) -> None:
        from coinex_pandas.live.sockets import pool  # loads picows, which only streams need

        self.name, self.markets, self.venue = channel.name, markets, session.venue.name
        self._channel, self._session = channel, session
        self._stale_after = _seconds(stale_after, channel.still)
        has_reconnect = flag(reconnect, "reconnect")
        self._buffer = self._new_buffer(Retention.of(keep))
        self._views: weakref.WeakSet[View] = weakref.WeakSet()
        self._verdict = Verdict(self._buffer, session)
        self._stale_since: float | str | None = None  # of the last warning
        self._counts: deque[tuple[float, int]] = deque(maxlen=64)  # messages at some moments of the last seconds
        detach = pool.attach(channel, self._buffer, session)
        if not has_reconnect:
            self._buffer.on_loss = _ender(self._buffer, detach)
        self._detach = detach
        self._finalizer = weakref.finalize(self, detach)

    def _new_buffer(self, retention: Retention) -> Buffer:
        return Buffer(self._channel, self.markets, retention)

    # ---- the data

    @property
    def df(self) -> pd.DataFrame:
        """The table so far; rows that come later do not change it, and writing into it changes nothing else.

        Rows stand in the order in which they came. Deals stand in the order of their ids, market by market: those that
        were missed and recovered later are inserted before the newer ones, with the time of their recovery as
        ``received_at``; until then ``gaps`` has a row without an end.

        ``attrs["coinex"]`` says where it is from, how fresh it is, and whether it is complete. A ``StaleDataWarning``
        is raised once when the data have stopped changing.
        """
        return self._describe(self._buffer.locked(self._buffer.frame))

    @property
    def latest(self) -> pd.DataFrame:
        """The last row of each market that has one; index = market."""
        newest = self._buffer.locked(self._buffer.latest)
        frame = frame_of(self._buffer, [(market, row, at) for market, (row, at) in newest.items()])
        return self._describe(frame.reset_index().set_index("market"))

    @property
    def gaps(self) -> pd.DataFrame:
        """What was missed, a row each.

        Columns: ``market`` (missing where a frame of an unknown market was lost), ``start``, ``end`` (NaT: it goes
        on), ``cause``, ``refilled`` (whether all of it was recovered; missing while that is open), ``rows``
        (recovered), ``after_row`` (rows received before). Only rows that would have arrived between start and end can
        be missing from ``df``.
        """
        return self._buffer.locked(lambda: gaps_frame(list(self._buffer.gaps)))

    @property
    def state(self) -> str:
        """The state of the stream.

        ``connecting``, ``waiting`` (subscribed, and nothing has come yet), ``live``, ``stale`` (connected, but the data
        no longer change, whatever acknowledgements say; of tickers also: nothing is traded anywhere), ``frozen`` (the
        funding times of the tickers that come are in the past), ``held`` (reading waits for somebody who iterates),
        ``lost`` (there is no connection, and it tries again; the stream's repr and view say why), ``refused`` or
        ``stopped``.
        """
        buffer = self._buffer
        if buffer.error is not None:
            return "refused"
        if buffer.is_ended:
            return "stopped"
        if buffer.connection is None or buffer.connection.state != "open":
            return "lost" if buffer.acknowledged_at or self._cause() else "connecting"
        if buffer.is_held:
            return "held"
        return self._data_state()

    def _data_state(self) -> str:
        changed = self._buffer.changed_at
        since = min(list(self._buffer.acknowledged_at.values()), default=None) if changed is None else changed
        if since is None:
            return "connecting"
        if time.monotonic() - since > self._stale_after:
            return "stale"
        return "waiting" if changed is None else self._verdict.look()[0]

    @property
    def silent(self) -> tuple[str, ...]:
        """The markets whose subscription was acknowledged and that have sent nothing since within their rhythm."""
        now, unheard = time.monotonic(), dict(self._buffer.unheard)
        return tuple(market for market, since in unheard.items() if now - since > self._channel.rhythm)

    @property
    def stats(self) -> Stats:
        """The counts so far."""
        buffer, connection = self._buffer, self._buffer.connection
        return Stats(
            messages=buffer.messages,
            rows=buffer.received,
            bytes=0 if connection is None else connection.bytes,
            lag=self._lag(),
            reconnects=0 if connection is None else max(0, connection.connects - 1),
            bad_frames=0 if connection is None else connection.bad,
            duplicates=buffer.duplicates,
            late=buffer.late_rows,
            refilled=buffer.refilled_rows,
            missed_by_readers=buffer.missed_by_readers,
            dropped_repaints=sum(view.stats.dropped for view in self._views),
        )

    def _lag(self) -> float:
        newest = self._buffer.locked(self._buffer.latest)
        row, at = max(newest.values(), key=lambda pair: pair[1], default=(None, 0))
        own = getattr(row, str(self._channel.row.index), None) if self._channel.row.index != "market" else None
        return float("nan") if not isinstance(own, int) else float(at - own)

    # ---- what a user does with it

    def wait(self, rows: int | None = None, seconds: float | None = None) -> Self:
        """Wait until so many rows have come, or for so long; return the stream.

        Parameters
        ----------
        rows : int, optional
            Rows since the beginning. None waits for the time only, or for the first row where there is no time either.
        seconds : float, optional
            The longest time to wait for the rows; without rows, how long to wait. None: without limit.

        Raises
        ------
        NoData
            The rows did not come within that time, or the stream ended before.
        Refused
            The exchange refuses the subscription.

        Examples
        --------
        >>> cx.live.futures_deals("BTCUSDT").wait(rows=3, seconds=60).df["price"].notna().all().item()
        True
        """
        if rows is not None and rows < 1:
            raise InvalidArgument(f"rows is a number from 1 on, not {short_repr(rows)}")
        wanted = rows if rows is not None else (1 if seconds is None else None)
        until = None if seconds is None else time.monotonic() + seconds
        while not self._has(wanted):
            left = _POLL if until is None else min(_POLL, until - time.monotonic())
            if left <= 0:
                break
            self._buffer.wait(wanted, left)  # in slices, so that an interrupt is noticed
        if wanted is not None and not self._has(wanted):
            raise NoData(self._why(wanted, seconds), endpoint=self._channel.endpoint)
        return self

    def _has(self, rows: int | None) -> bool:
        """Return whether so many rows have come; raise where no more can come."""
        if self._buffer.error is not None:
            raise self._buffer.error
        if rows is not None and self._buffer.received >= rows:
            return True
        if self._buffer.is_ended:
            raise NoData(f"{self.name}: the stream has ended with {self._buffer.received} rows", endpoint="")
        return False

    def _why(self, rows: int, seconds: float | None) -> str:
        silent = f"; silent: {', '.join(self.silent)}" if self.silent else ""
        text = (
            f"{self.name}: {self._buffer.received} of {rows} rows came within {seconds} s; it is {self.state}{silent}"
        )
        if self.state == "waiting":
            text += ": the exchange acknowledged it and has sent nothing; is the name right?"
        cause, gaps = self._cause(), self._buffer.gaps
        text += f"; {cause}" if cause else ""
        return f"{text}; last gap: {gaps[-1].cause}" if gaps else text

    def on_rows(self, callback: Callable[[pd.DataFrame], object]) -> Callable[[], None]:
        """Call a function with each batch of new rows, on a thread of its own; return a function that ends that.

        A slow callback gets larger batches. One that raises is not called again, and its error is shown as any
        thread's is.
        """
        return call_with_batches(self._buffer, self._describe, callback)

    def __aiter__(self) -> AsyncIterator[pd.DataFrame]:
        """Yield the rows that came since the last batch, as long as the stream lasts; in asyncio and in trio.

        Deals that were recovered after newer ones come in a batch of their own.
        """
        return async_batches(self._buffer, self._describe)

    def watch(self, *, rows: int = 20, per_second: float = 4.0, seconds: float | None = None) -> View:
        """Return a live view: widgets in a notebook, a table of text elsewhere; see ``widget.view.watch``."""
        from coinex_pandas.widget.view import watch  # loaded when a view is wanted

        view = watch(self, rows=rows, per_second=per_second, seconds=seconds)
        self._views.add(view)
        return view

    def stop(self) -> None:
        """End the stream; the rows stay. Does nothing when it has ended."""
        self._detach()  # which may be repeated: an interrupt can strike before the finalizer has gone
        self._finalizer.detach()
        self._buffer.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        gaps = f", {len(self._buffer.gaps)} gaps" if self._buffer.gaps else ""
        counts, cause = f"{self._buffer.received} rows{gaps}", self._cause()
        text = f"{self.name} of {self._label()} at {self.venue}: {self.state}, {counts}"
        return f"<{text}; {cause}>" if cause else f"<{text}>"

    # ---- what a view needs

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first; of one market, or of all."""
        frame = self._buffer.locked(partial(self._tail, rows, market))
        return frame if market is None else frame[frame["market"] == market].tail(rows)

    def _tail(self, rows: int, market: str | None) -> pd.DataFrame:
        """Return a part of the table that holds so many rows; the lock is held."""
        self._buffer.flush()
        table = self._buffer.table
        return table.frame(max(0, len(table) - rows) if market is None else self._start_of(rows, market))

    def _start_of(self, rows: int, market: str) -> int:
        """Return the place from which on a market has so many rows; the lock is held."""
        table = self._buffer.table
        codes, code = table.column("market"), table.code("market", market)
        near = _NEAR
        while near < len(codes) and np.count_nonzero(codes[-near:] == code) < rows:
            near *= 8
        return max(0, len(codes) - near)

    def status(self) -> Status:
        """Return the state and the counts at this moment."""
        buffer, now = self._buffer, time.monotonic()
        changed = buffer.changed_at
        if not self._counts or now - self._counts[-1][0] > _RATE_SPAN / 20:
            self._counts.append((now, buffer.messages))
        while len(self._counts) > 1 and now - self._counts[0][0] > _RATE_SPAN:
            self._counts.popleft()
        began, before = self._counts[0]
        return Status(
            state=self.state,
            age=None if changed is None else now - changed,
            rows=buffer.received,
            messages=buffer.messages,
            gaps=len(buffer.gaps),
            silent=self.silent,
            per_second=(buffer.messages - before) / (now - began) if now > began else 0.0,
            cause=self._cause(),
        )

    # ---- inside

    def _cause(self) -> str:
        """Return why nothing comes at this moment; empty where nothing speaks against it."""
        buffer, connection = self._buffer, self._buffer.connection
        if buffer.error is not None:
            return str(buffer.error)[:_LONGEST_CAUSE]
        if connection is None or buffer.is_ended or (connection.state == "open" and buffer.acknowledged_at):
            return ""
        return connection.trouble

    def _label(self) -> str:
        """Return whose rows these are, in few words."""
        return ", ".join(self.markets[:3]) + (f" and {len(self.markets) - 3} more" if len(self.markets) > 3 else "")

    def _params(self) -> dict[str, Any]:
        """Return what was subscribed to, as the parameters of a request."""
        return {"market": list(self.markets)}

    def _describe(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with its ``attrs``, and raise the warnings that are due."""
        buffer, state = self._buffer, self.state
        reason = self._reason(state)
        frame.attrs["coinex"] = {
            "table": self.name,
            "venue": self.venue,
            "request": {"endpoint": self._channel.endpoint, "params": self._params()},
            "fetched_at": pd.Timestamp(time.time_ns() // 1_000_000, unit="ms", tz="UTC").isoformat(),
            "complete": all(gap.refilled for gap in buffer.gaps),
            "freshness": {"state": state, "because": reason},
        }
        notices, buffer.notices = buffer.notices, []
        for text, category in notices:
            warn(text, category)
        doubt = state if self._verdict.because else buffer.changed_at
        if state in DOUBTS and self._stale_since != doubt:
            self._stale_since = doubt
            warn(f"{self.name} at {self.venue}: {state}: {reason}", StaleDataWarning)
        return frame

    def _reason(self, state: str) -> str:
        changed = self._buffer.changed_at
        cause = f"; {self._cause()}" if self._cause() else ""
        if changed is None:
            return f"nothing has come yet; it is {state}{cause}"
        why = f"{self._verdict.because}; " if self._verdict.because else ""
        return f"{why}the data last changed {time.monotonic() - changed:.1f} s ago{cause}"


def _ender(buffer: Buffer, detach: Callable[[], None]) -> Callable[[], None]:
    """Return what ends a stream that must not connect again."""

    def end() -> None:
        detach()
        buffer.end()

    return end


def _seconds(stale_after: float | None, default: float) -> float:
    is_number = isinstance(stale_after, float) or (isinstance(stale_after, int) and stale_after < 2**63)
    if stale_after is not None and not (is_number and stale_after > 0):
        raise InvalidArgument(f"stale_after is a number of seconds above 0, not {short_repr(stale_after)}")
    return default if stale_after is None else float(stale_after)


def require_sockets(session: Session) -> None:
    """Raise when a session has no address for sockets, or the library for them is not installed."""
    if not session.venue.ws:
        raise InvalidArgument(f"venue {session.venue.name!r} has no address for sockets: give it ws=")
    try:
        import picows  # noqa: F401  # its thread could not raise in the caller
    except ModuleNotFoundError as fault:
        raise MissingExtra("picows", extra="live") from fault
