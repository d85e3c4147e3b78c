"""The thread that paints one view: it looks at the source, asks the gate, and sends. It lives while someone looks."""

from __future__ import annotations

import atexit
import json
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from coinex_pandas.widget import notebook as kernel
from coinex_pandas.widget.content import Choice, Content, Picture
from coinex_pandas.widget.frame_rate import Gate

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


Send = Callable[[Content], None]


class Painter:
    """Paints one view: what the picture shows, through `send`, at the gate's pace."""

    def __init__(self, picture: Picture, gate: Gate, send: Send, choice: Choice) -> None:
        self.choice = choice
        self.error: Exception | None = None
        self._source = picture.source
        self._picture = picture
        self._gate = gate
        self._send = send
        self._lock = threading.RLock()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = self._stop_asked = False
        self._repaints = self._dropped = self._bytes = 0

    @property
    def stats(self) -> Stats:
        """What the view has cost so far."""
        return Stats(self._repaints, self._dropped, self._bytes, self._gate.viewers)

    def first(self) -> Content:
        """Return the first frame, which travels with the widget itself."""
        with self._lock:
            return self._numbered()

    def displayed(self) -> None:
        """Begin to paint: a browser is about to look."""
        with self._lock:
            self.error = None
            self._gate.displayed(time.monotonic())
        self._awake()

    def heard(self, said: dict[str, Any]) -> None:
        """Take what a browser view says; called on whatever thread the kernel reads messages on."""
        with self._lock:
            self._gate.heard(said, time.monotonic())
            if self.error is not None and said.get("last") != self._gate.number:
                self._tell_failure(self.error)
        self._awake()

    def choose(self, **changes: Any) -> None:
        """Take up what the person chose."""
        self.choice = self.choice._replace(**changes)
        self._awake()

    def stop_source(self) -> None:
        """Have the painter's thread stop the source: a widget's callback has no time for that."""
        self._stop_asked = True
        self._awake()

    def close(self) -> None:
        """End the thread, for good."""
        self._closed = True
        self._wake.set()
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout=2)

    def _awake(self) -> None:
        """Wake the thread, or start it if there is none."""
        with self._lock:
            if self._thread is None and self.error is None and not self._closed:
                self._thread = threading.Thread(target=self._run, name=THREAD, daemon=True)
                # Python freezes daemon threads wherever they are at its end; this one is asked to leave before.
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
            if self._stop_asked:
                self._stop_asked = False
                self._source.stop()
            with self._lock:
                pause = self._painted() if self._wanted() else None
                if pause is None:
                    self._leave()
                return pause
        except Exception as error:  # shown in the view: a thread has nobody to raise to
            self._fail(error)
            return None

    def _wanted(self) -> bool:
        return not self._closed and self._gate.watched(time.monotonic(), busy=kernel.busy())

    def _painted(self) -> float | None:
        status = self._source.status()
        if not (self._gate.snapshot or self._picture.changed(status, self.choice)):
            return None if status.state == "stopped" else self._gate.interval
        wait = self._gate.wait(time.monotonic(), busy=kernel.busy())
        if wait == 0:
            self._send(self._numbered())
            return self._gate.interval
        self._dropped += wait is None
        return self._gate.interval if wait is None else wait

    def _numbered(self) -> Content:
        """Compose the next frame."""
        if self._gate.snapshot:
            self._picture.forget()
        content = self._picture.frame(self._source.status(), self.choice)
        content["frame"] = self._gate.sent(time.monotonic())
        self._repaints += 1
        self._bytes += len(json.dumps(content, separators=(",", ":")))
        return content

    def _leave(self) -> None:
        self._thread = None
        atexit.unregister(self.close)

    def _fail(self, error: Exception) -> None:
        """Show in the view why it stands still, and end; the next display tries again."""
        with self._lock:
            self.error = error
            self._leave()
            self._gate.sent(time.monotonic())
            self._tell_failure(error)

    def _tell_failure(self, error: Exception) -> None:
        self._send({"frame": self._gate.number, "failed": f"{type(error).__name__}: {error}"})
