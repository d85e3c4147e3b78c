"""One daemon thread with an event loop of its own carries every socket, so that a busy cell starves none of them.

It is the shell around `Link`: it does what the rules ask for. The thread is there as long as anybody listens.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Callable
from functools import partial

from coinex_pandas.http.session import Session
from coinex_pandas.live.buffer import Intake
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.sockets.driver import Line, _tell

__all__ = ["attach", "shut_down"]


_GOODBYE = 1.0  # seconds in which a connection that is being made is waited for when the thread ends

_lock = threading.Lock()
_pump: Pump | None = None
_intakes: weakref.WeakSet[Intake] = weakref.WeakSet()


class Pump:
    """The thread, its loop, and the lines on it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.lines: list[Line] = []
        self.listeners: set[int] = set()  # under the lock: whoever attaches while the last one leaves keeps it alive
        self.thread = threading.Thread(target=self._run, name="coinex-live", daemon=True)
        self.thread.start()

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        try:
            self.loop.run_forever()
        finally:
            self.loop.run_until_complete(self.loop.shutdown_asyncgens())
            self.loop.close()

    def attach(self, channel: Channel, intake: Intake, session: Session) -> None:
        """Let an intake listen on a line that fits, a new one if need be; on the loop's thread."""
        for line in self.lines:
            if line.is_for(session, channel.area) and line.link.fits(channel, intake):
                break
        else:
            line = Line(self.loop, session, channel.area)
            self.lines.append(line)
        line.attach(channel, intake)

    def detach(self, channel: Channel, intake: Intake) -> None:
        """Let an intake go, and its line when nobody else listens; on the loop's thread."""
        for line in list(self.lines):
            line.detach(channel, intake)
            if not line.link.feeds:
                line.close()
                self.lines.remove(line)
        _end_without(self, intake)

    def end(self) -> None:
        """Close everything; on the loop's thread."""
        for line in self.lines:
            line.close()
        self.lines.clear()
        self._last = self.loop.create_task(self._stop())

    async def _stop(self) -> None:
        """Stop once handshakes are over: a task that is cancelled in one leaves its socket open."""
        under_way = asyncio.all_tasks() - {asyncio.current_task()}
        if under_way:
            _, late = await asyncio.wait(under_way, timeout=_GOODBYE)
            for task in late:
                task.cancel()
        self.loop.call_later(0.01, self.loop.stop)  # transports say goodbye first


def attach(channel: Channel, intake: Intake, session: Session) -> Callable[[], None]:
    """Let an intake listen; the thread is started if it is not there. Return what lets it go, from any thread.

    What lets it go takes no lock: it is also called by the garbage collector, wherever that happens to run.
    """
    global _pump  # noqa: PLW0603  # one thread for the whole process is the point
    with _lock:
        if _pump is None:
            _pump = Pump()
        pump = _pump
        pump.listeners.add(id(intake))
        pump.loop.call_soon_threadsafe(pump.attach, channel, intake, session)
    _intakes.add(intake)
    return partial(_tell, pump.loop, pump.detach, channel, intake)


def shut_down() -> None:
    """End the thread and every connection; registered for the interpreter's end."""
    global _pump  # as in attach
    with _lock:
        pump, _pump = _pump, None
    if pump is not None and pump.thread.is_alive():
        pump.loop.call_soon_threadsafe(pump.end)
        pump.thread.join(2.0)


def _end_without(pump: Pump, intake: Intake) -> None:
    """End the thread when nobody else listens."""
    global _pump  # noqa: PLW0603  # as in attach
    with _lock:
        pump.listeners.discard(id(intake))
        if _pump is pump and not pump.listeners:
            _pump = None
            pump.end()


def _forget() -> None:
    """Start anew in a forked child, where the thread does not run."""
    global _pump, _lock  # as in attach
    _pump, _lock = None, threading.Lock()
    for intake in list(_intakes):
        intake.end_in_child()


atexit.register(shut_down)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
