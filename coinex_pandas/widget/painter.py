"""The thread that paints one view: it looks at the source and sends what is new. It runs while somebody looks."""

from __future__ import annotations

import atexit
import json
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from coinex_pandas.widget import notebook
from coinex_pandas.widget.content import Choice, Content, Message
from coinex_pandas.widget.frame_rate import FrameRate

THREAD = "coinex-watch"


class Stats(NamedTuple):
    """What a view has cost so far.

    Attributes
    ----------
    repaints : int
        Frames sent to the browser.
    dropped : int
        Repaints left out because the browser had not acknowledged the frame before.
    bytes : int
        Size of all frames, as JSON.
    viewers : int
        Browser views that are visible now.
    """

    repaints: int
    dropped: int
    bytes: int
    viewers: int


Send = Callable[[Message], None]


class Painter:
    """Paints one view: sends its content at its frame rate."""

    def __init__(self, content: Content, frame_rate: FrameRate, send: Send, choice: Choice) -> None:
        self.choice = choice
        self.error: Exception | None = None
        self._source = content.source
        self._content = content
        self._frame_rate = frame_rate
        self._send = send
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = self._must_stop = False
        self._repaints = self._dropped = self._bytes = 0

    @property
    def stats(self) -> Stats:
        """What the view has cost so far."""
        return Stats(self._repaints, self._dropped, self._bytes, self._frame_rate.viewers)

    def first(self) -> Message:
        """Return the first frame, which travels with the widget itself."""
        with self._lock:
            return self._next_message()

    def on_display(self) -> None:
        """Begin to paint: a browser is about to look."""
        with self._lock:
            self.error = None
            self._frame_rate.on_display(time.monotonic())
        self._wake_up()

    def on_message(self, message: dict[str, Any]) -> None:
        """Take a message of a browser view; called on the thread on which the kernel reads messages."""
        with self._lock:
            self._frame_rate.on_message(message, time.monotonic())
            if self.error is not None and message.get("last") != self._frame_rate.number:
                self._send_failure(self.error)
        self._wake_up()

    def choose(self, **changes: Any) -> None:
        """Change the choice."""
        self.choice = self.choice._replace(**changes)
        self._wake_up()

    def stop_source(self) -> None:
        """Have the painter's thread stop the source: a widget's callback must return at once."""
        self._must_stop = True
        self._wake_up()

    def close(self) -> None:
        """End the thread, for good."""
        self._closed = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=2)

    def _wake_up(self) -> None:
        """Wake the thread, or start it if there is none."""
        with self._lock:
            if self._thread is None and self.error is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
                # At its end Python stops daemon threads wherever they are; this one ends before.
                atexit.register(self.close)
                self._thread.start()
        self._wake.set()

    def _run(self) -> None:
        while (pause := self._turn()) is not None:
            self._wake.wait(pause)
            self._wake.clear()

    def _turn(self) -> float | None:
        """Paint if there is something to paint, and return how long to sleep; None ends the thread."""
        try:
            if self._must_stop:
                self._must_stop = False
                self._source.stop()
            with self._lock:
                pause = self._paint() if self._is_wanted() else None
                if pause is None:
                    self._end_thread()
                return pause
        except Exception as error:  # shown in the view: a thread cannot raise to a caller
            self._fail(error)
            return None

    def _is_wanted(self) -> bool:
        return not self._closed and self._frame_rate.is_watched(time.monotonic(), busy=notebook.busy())

    def _paint(self) -> float | None:
        status = self._source.status()
        if not (self._frame_rate.snapshot or self._content.changed(status, self.choice)):
            return None if status.state == "stopped" else self._frame_rate.interval
        wait = self._frame_rate.wait(time.monotonic(), busy=notebook.busy())
        if wait == 0:
            self._send(self._next_message())
            return self._frame_rate.interval
        self._dropped += wait is None
        return self._frame_rate.interval if wait is None else wait

    def _next_message(self) -> Message:
        """Return the next frame, numbered."""
        if self._frame_rate.snapshot:
            self._content.reset()
        message = self._content.message(self._source.status(), self.choice)
        message["frame"] = self._frame_rate.next_number(time.monotonic())
        self._repaints += 1
        self._bytes += len(json.dumps(message, separators=(",", ":")))
        return message

    def _end_thread(self) -> None:
        self._thread = None
        atexit.unregister(self.close)

    def _fail(self, error: Exception) -> None:
        """Show the error in the view, and end; the next display tries again."""
        with self._lock:
            self.error = error
            self._end_thread()
            self._frame_rate.next_number(time.monotonic())
            self._send_failure(error)

    def _send_failure(self, error: Exception) -> None:
        self._send({"frame": self._frame_rate.number, "failed": f"{type(error).__name__}: {error}"})
