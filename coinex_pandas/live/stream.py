"""A stream: pushes of some markets as a DataFrame that grows, with what it missed beside it."""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument, MissingExtra, NoData, StaleDataWarning
from coinex_pandas.errors.warn import warn
from coinex_pandas.http.session import Session
from coinex_pandas.live.batches import awaited, called, frame_of
from coinex_pandas.live.buffer import Intake
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.retention import Keep, kept
from coinex_pandas.live.stats import Stats, gaps_frame
from coinex_pandas.widget.source import Status

if TYPE_CHECKING:
    from coinex_pandas.widget.view import View

__all__ = ["Stream"]


_BLINK = 0.1  # seconds between looks at whether the user wants to stop
_NEAR = 1 << 12  # rows at the end of the table in which those of a market are looked for first
_LATELY = 5.0  # seconds that pushes per second are counted over


class Stream:
    """Pushes of some markets of a channel as a growing DataFrame; made by the functions of ``cx.live``.

    It begins at once, in the background, and goes on until ``stop()``, the end of a ``with`` block, or until nobody
    holds it any more; a view that a notebook shows holds it.

    Attributes
    ----------
    name : str
        The table, such as ``futures_deals``.
    markets : tuple of str
        Whose rows.
    venue : str
        Where from.
    """

    def __init__(
        self,
        channel: Channel,
        markets: tuple[str, ...],
        session: Session,
        *,
        keep: int | str | pd.Timedelta | None = None,
        stale_after: float | None = None,
        reconnect: bool = True,
    ) -> None:
        from coinex_pandas.live.sockets import pool as pump  # loads picows, which only who streams needs

        self.name, self.markets, self.venue = channel.name, markets, session.venue.name
        self._channel, self._session = channel, session
        self._still = _seconds(stale_after, channel.still)
        self._began = time.time()
        self._intake = self._made(kept(keep))
        self._views: weakref.WeakSet[View] = weakref.WeakSet()
        self._stale_told: int | None = None
        self._marks: deque[tuple[float, int]] = deque(maxlen=64)
        let_go = pump.attach(channel, self._intake, session)
        if not reconnect:
            self._intake.on_loss = _ender(self._intake, let_go)
        self._let_go = weakref.finalize(self, let_go)

    def _made(self, keep: Keep) -> Intake:
        return Intake(self._channel, self.markets, keep)

    # ---- what is there

    @property
    def df(self) -> pd.DataFrame:
        """The table so far; what comes later does not change it, and writing into it changes nothing else.

        ``attrs["coinex"]`` says where it is from, how fresh it is, and whether it is complete. A ``StaleDataWarning``
        is raised once when the data have come to stand still.
        """
        with self._intake.lock:
            self._intake.flush()
            made = self._intake.table.frame()
        return self._told(made)

    @property
    def latest(self) -> pd.DataFrame:
        """The last row of each market, those without any left out; index = market."""
        with self._intake.lock:
            newest = list(self._intake.latest.items())
        frame = frame_of(self._intake, [(market, row, at) for market, (row, at) in newest])
        return self._told(frame.reset_index().set_index("market"))

    @property
    def gaps(self) -> pd.DataFrame:
        """What was missed, a row each.

        Columns: ``market`` (missing where a frame was lost and nobody knows whose), ``start``, ``end`` (NaT: it
        lasts), ``cause``, ``refilled`` (whether all of it was recovered; missing while that is open), ``rows``
        (recovered), ``after_row`` (rows received before). Rows that would have arrived between start and end may be
        missing from ``df``, and no others.
        """
        with self._intake.lock:
            return gaps_frame(list(self._intake.gaps))

    @property
    def state(self) -> str:
        """How it fares.

        ``connecting``, ``waiting`` (subscribed, and nothing has come yet), ``live``, ``stale`` (connected, and the data
        stand still, whatever acknowledgements say), ``held`` (reading waits for somebody who iterates), ``lost`` (no
        connection; it is tried again), ``refused`` or ``stopped``.
        """
        intake = self._intake
        if intake.error is not None:
            return "refused"
        if intake.is_ended:
            return "stopped"
        if intake.link is None or intake.link.state != "open":
            return "lost" if intake.agreed_at else "connecting"
        if intake.is_held:
            return "held"
        return self._data_state()

    def _data_state(self) -> str:
        changed = self._intake.changed_at
        since = changed or min(self._intake.agreed_at.values(), default=0)
        if not since:
            return "connecting"
        if time.time() - since / 1000 > self._still:
            return "stale"
        return "waiting" if changed is None else "live"

    @property
    def silent(self) -> tuple[str, ...]:
        """The markets whose subscription was acknowledged and that have sent nothing since within their rhythm."""
        intake, now = self._intake, time.time() * 1000
        with intake.lock:
            heard, agreed = intake.latest, dict(intake.agreed_at)
        late = [market for market, at in agreed.items() if now - at > self._channel.rhythm * 1000]
        return tuple(market for market in late if market not in heard or heard[market][1] < agreed[market])

    @property
    def stats(self) -> Stats:
        """The counts so far."""
        intake, link = self._intake, self._intake.link
        return Stats(
            messages=intake.messages,
            rows=intake.received,
            bytes=0 if link is None else link.bytes,
            lag=self._lag(),
            reconnects=0 if link is None else max(0, link.connects - 1),
            bad_frames=0 if link is None else link.bad,
            duplicates=intake.duplicates,
            late=intake.late_rows,
            refilled=intake.refilled_rows,
            missed_by_readers=intake.missed_by_readers,
            dropped_repaints=sum(view.stats.dropped for view in self._views),
        )

    def _lag(self) -> float:
        with self._intake.lock:
            newest = list(self._intake.latest.values())
        row, at = max(newest, key=lambda found: found[1], default=(None, 0))
        own = getattr(row, str(self._channel.row.index), None) if self._channel.row.index != "market" else None
        return float("nan") if not isinstance(own, int) else float(at - own)

    # ---- what one does with it

    def wait(self, rows: int | None = None, seconds: float | None = None) -> Self:
        """Wait until so many rows have come in all, or for so long; return the stream.

        Parameters
        ----------
        rows : int, optional
            Rows since the beginning; None waits for the time alone, or for the first row where no time is given.
        seconds : float, optional
            The longest to wait for the rows; without rows simply how long to wait. None: without end.

        Raises
        ------
        NoData
            The rows did not come in that time, or the stream ended before.
        Refused
            The exchange refuses the subscription.

        Examples
        --------
        >>> cx.live.futures_deals("BTCUSDT").wait(rows=3, seconds=60).df["price"].notna().all().item()
        True
        """
        if rows is not None and rows < 1:
            raise InvalidArgument(f"rows is a number from 1 on, not {rows!r}")
        wanted = rows if rows is not None else (1 if seconds is None else None)
        until = None if seconds is None else time.monotonic() + seconds
        while not self._has(wanted):
            left = _BLINK if until is None else min(_BLINK, until - time.monotonic())
            if left <= 0:
                break
            self._intake.doze(wanted, left)  # in slices, so that an interrupt is heard
        if wanted is not None and not self._has(wanted):
            raise NoData(self._why(wanted, seconds), endpoint=self._channel.endpoint)
        return self

    def _has(self, rows: int | None) -> bool:
        """Return whether there is nothing more to wait for."""
        if self._intake.error is not None:
            raise self._intake.error
        if rows is not None and self._intake.received >= rows:
            return True
        if self._intake.is_ended:
            raise NoData(f"{self.name}: the stream has ended with {self._intake.received} rows", endpoint="")
        return False

    def _why(self, rows: int, seconds: float | None) -> str:
        silent = f"; silent: {', '.join(self.silent)}" if self.silent else ""
        text = (
            f"{self.name}: {self._intake.received} of {rows} rows came within {seconds} s; it is {self.state}{silent}"
        )
        if self.state == "waiting":
            text += ": acknowledged, and nothing was sent; is the name right?"
        link, gaps = self._intake.link, self._intake.gaps
        if link is not None and link.trouble and (link.state != "open" or not self._intake.agreed_at):
            text += f"; {link.trouble}"
        return f"{text}; last gap: {gaps[-1].cause}" if gaps else text

    def on_rows(self, callback: Callable[[pd.DataFrame], object]) -> Callable[[], None]:
        """Call a function with each batch of new rows, on a thread of its own; return a function that ends that.

        A callback that takes its time gets larger batches. One that raises is not called again, and its error is
        shown as any thread's is.
        """
        return called(self._intake, self._told, callback)

    def __aiter__(self) -> AsyncIterator[pd.DataFrame]:
        """Yield the rows that came since the last batch, as long as the stream lasts; in any event loop."""
        return awaited(self._intake, self._told)

    def watch(self, *, rows: int = 20, per_second: float = 4.0, seconds: float | None = None) -> View:
        """Return a live view: widgets in a notebook, a table of text elsewhere; see ``watch.watch``."""
        from coinex_pandas.widget.view import watch  # the stream and its view know each other

        view = watch(self, rows=rows, per_second=per_second, seconds=seconds)
        self._views.add(view)
        return view

    def stop(self) -> None:
        """End it; the rows stay. Does nothing when it has ended."""
        self._let_go()  # once: then it is dead
        self._intake.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        gaps = f", {len(self._intake.gaps)} gaps" if self._intake.gaps else ""
        return f"<{self.name} of {self._named()} at {self.venue}: {self.state}, {self._intake.received} rows{gaps}>"

    # ---- what a view needs

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first; of one market, or of all."""
        with self._intake.lock:
            self._intake.flush()
            table = self._intake.table
            if market is None:
                return table.frame(max(0, len(table) - rows))
            made = table.frame(self._start_of(rows, market))
        return made[made["market"] == market].tail(rows)

    def _start_of(self, rows: int, market: str) -> int:
        """Return from where on a market has so many rows, looking from the end; the lock is held."""
        table = self._intake.table
        codes, code = table.column("market"), table.code("market", market)
        near = _NEAR
        while near < len(codes) and np.count_nonzero(codes[-near:] == code) < rows:
            near *= 8
        return max(0, len(codes) - near)

    def status(self) -> Status:
        """Return how it fares at a glance."""
        intake, now = self._intake, time.monotonic()
        changed = intake.changed_at
        if not self._marks or now - self._marks[-1][0] > _LATELY / 20:
            self._marks.append((now, intake.messages))
        while len(self._marks) > 1 and now - self._marks[0][0] > _LATELY:
            self._marks.popleft()
        began, before = self._marks[0]
        return Status(
            state=self.state,
            age=None if changed is None else max(0.0, time.time() - changed / 1000),
            rows=intake.received,
            messages=intake.messages,
            gaps=len(intake.gaps),
            silent=self.silent,
            per_second=(intake.messages - before) / (now - began) if now > began else 0.0,
        )

    # ---- inside

    def _named(self) -> str:
        """Return whose rows these are, in few words."""
        return ", ".join(self.markets[:3]) + (f" and {len(self.markets) - 3} more" if len(self.markets) > 3 else "")

    def _asked(self) -> dict[str, Any]:
        """Return the parameters that say what was asked for."""
        return {"market": list(self.markets)}

    def _told(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return a frame with what is known of it, and warn of what a reader must know."""
        intake, state = self._intake, self.state
        because = self._because(state)
        frame.attrs["coinex"] = {
            "table": self.name,
            "venue": self.venue,
            "request": {"endpoint": self._channel.endpoint, "params": self._asked()},
            "fetched_at": pd.Timestamp(time.time_ns() // 1_000_000, unit="ms", tz="UTC").isoformat(),
            "complete": all(gap.refilled for gap in intake.gaps),
            "freshness": {"state": state, "because": because},
        }
        notices, intake.notices = intake.notices, []
        for text, category in notices:
            warn(text, category)
        if state == "stale" and self._stale_told != intake.changed_at:
            self._stale_told = intake.changed_at
            warn(f"{self.name} at {self.venue}: stale: {because}", StaleDataWarning)
        return frame

    def _because(self, state: str) -> str:
        changed = self._intake.changed_at
        if changed is None:
            return f"nothing has come yet; it is {state}"
        return f"the data last changed {max(0.0, time.time() - changed / 1000):.1f} s ago"


def _ender(intake: Intake, let_go: Callable[[], None]) -> Callable[[], None]:
    """Return what ends a stream that shall not connect again."""

    def end() -> None:
        let_go()
        intake.end()

    return end


def _seconds(given: float | None, default: float) -> float:
    if given is not None and not (isinstance(given, (int, float)) and given > 0):
        raise InvalidArgument(f"stale_after is a number of seconds above 0, not {given!r}")
    return default if given is None else float(given)


def check(where: Session) -> None:
    """Raise when a session has no sockets to connect to, or the library for them is not there."""
    if not where.venue.ws:
        raise InvalidArgument(f"venue {where.venue.name!r} has no address for sockets: give it ws=")
    try:
        import picows  # noqa: F401  # the thread that needs it cannot tell the caller
    except ModuleNotFoundError as fault:
        raise MissingExtra("picows", extra="live") from fault
