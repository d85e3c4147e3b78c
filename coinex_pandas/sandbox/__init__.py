"""``cx.sandbox()``: an exchange on this machine, for trying, teaching and testing.

The exchange itself (``exchange.py``) knows no sockets; ``server.py`` puts it behind the address that a venue is.
This module is light: aiohttp is imported when a sandbox starts.
"""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

from coinex_pandas.errors import MissingExtra
from coinex_pandas.session import Session, Venue, use
from coinex_pandas.times import TimeLike, milliseconds

if TYPE_CHECKING:
    from coinex_pandas.sandbox.clock import Clock
    from coinex_pandas.sandbox.faults import Faults, Spec
    from coinex_pandas.sandbox.sockets import Sockets

__all__ = ["Sandbox", "sandbox"]


class Sandbox:
    """A running sandbox exchange.

    Attributes
    ----------
    http, ws : str
        Its addresses, both including ``/v2``; any program for the exchange can connect there.
    venue : Venue
        The same as a venue.
    session : Session
        A session at it; ``cx.use(sandbox)`` makes it the current one, and so does ``with``.
    clock : Clock
        Its clock: ``advance(seconds)``, ``freeze()``, ``now_ms()``.
    faults : Faults
        What it does wrong: ``faults.set(...)`` changes that while it runs.
    sockets : Sockets
        Its WebSocket side: ``sent``, ``counts``, ``connections``, ``received``, ``drop()``, ``restart(seconds)``.
    """

    def __init__(
        self, *, seed: int, faults: Spec, now: TimeLike | None, speed: float, port: int, push_every: float
    ) -> None:
        try:
            from coinex_pandas.sandbox.server import Server
        except ModuleNotFoundError as fault:
            if fault.name != "aiohttp":
                raise
            raise MissingExtra("aiohttp", extra="sandbox") from fault
        from coinex_pandas.sandbox.clock import Clock
        from coinex_pandas.sandbox.exchange import Exchange
        from coinex_pandas.sandbox.faults import Faults

        self.clock: Clock = Clock(milliseconds(now, "now"), speed)
        self.faults: Faults = Faults(faults, seed)
        self.server = Server(Exchange(seed, self.clock, self.faults), port=port, push_every=push_every).start()
        self.sockets: Sockets = self.server.sockets
        self.venue = Venue("sandbox", http=self.server.http, ws=self.server.ws)
        self.session = Session(self.venue)
        self._former: list[Session] = []

    @property
    def http(self) -> str:
        """The HTTP address."""
        return self.venue.http

    @property
    def ws(self) -> str:
        """The WebSocket address."""
        return self.venue.ws

    def close(self) -> None:
        """Stop it; does nothing when it is stopped already."""
        self.session.close()
        self.server.close()

    def __enter__(self) -> Self:
        self._former.append(use(self.session))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        use(self._former.pop())
        if not self._former:
            self.close()

    def __repr__(self) -> str:
        return f"<sandbox exchange at {self.http}>"


def sandbox(
    *,
    seed: int = 0,
    faults: Spec = None,
    now: TimeLike | None = None,
    speed: float = 1.0,
    port: int = 0,
    push_every: float = 0.2,
) -> Sandbox:
    """Return a sandbox exchange, running on this machine.

    As a context manager it is the current venue until the block ends; then the former one is restored and it stops.

    Parameters
    ----------
    seed : int, default 0
        The same seed and clock give the same exchange, to the last digit.
    faults : str or mapping, optional
        What it shall do wrong: a name such as ``"frozen"``, or a mapping of name to rate (0 to 1) or to the numbers
        of what is hit, counted from 1. None: nothing. To HTTP requests: ``latency``, ``bad_gateway``, ``busy``,
        ``unavailable``, ``rate_limited``, ``drop``, ``truncate``, ``cut``, ``content_type``, ``insert_rows``,
        ``lying_has_next``, ``null_data``, ``new_column``, ``clock_skew``; to both sides: ``frozen``. To socket
        upgrades: ``refuse_socket``; to a connection's subscriptions: ``late_ack``, ``silent_ack``; to the frames
        pushed on a connection: ``drop_socket``, ``half_open``, ``stalled_feed``, ``restart_server``,
        ``duplicate_push``, ``reorder_push``, ``delay_push``, ``corrupt_gzip``, ``truncate_push``, ``gzip_bomb``,
        ``giant_frame``, ``wrong_checksum``, ``flip_level``. ``exchange.sockets.script([...])`` gives each coming
        connection a plan of its own.
    now : str, datetime, Timestamp, date or int, optional
        What time it is there at the start, naive times being UTC; None for the real time.
    speed : float, default 1.0
        Its seconds per real second; 0 stands still.
    port : int, default 0
        The port to listen at; 0 for any free one.
    push_every : float, default 0.2
        Seconds between two looks at what its sockets have to push; 60 is one push a minute, 0 as fast as this
        machine can. What there is to push is decided by the clock: with a high `speed` many deals.

    Returns
    -------
    Sandbox
        With ``http``, ``ws``, ``venue``, ``session``, ``clock``, ``faults``, ``sockets`` and ``close()``.

    Raises
    ------
    MissingExtra
        aiohttp is not installed.
    ValueError
        A fault's name or rate is not known, or `push_every` is negative.

    Examples
    --------
    >>> with cx.sandbox(seed=7) as exchange:
    ...     cx.ping()["result"].item()
    'pong'
    """
    return Sandbox(seed=seed, faults=faults, now=now, speed=speed, port=port, push_every=push_every)
