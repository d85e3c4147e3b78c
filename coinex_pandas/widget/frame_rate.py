"""When the next frame may leave: who looks, what is not acknowledged, how often. The clock is passed in."""

from __future__ import annotations

from typing import Any

# Jupyter drops messages, and with them a cell's own output, when there are too many: 10, less the jitter of arrival.
MOST_PER_SECOND = 9.6
BLIND = 0.5  # seconds between frames that nothing acknowledges, because a running cell delays the answers
EXPECTED = 15.0  # seconds in which a browser must answer after the view was displayed
LOST = 3.0  # seconds after which a frame that a browser still does not have counts as lost


class FrameRate:
    """When to paint one view.

    A frame leaves only while a browser view is visible, at most `per_second` times, and not before the one before it
    was acknowledged. A busy cell can delay all answers (ipykernel 6.31 and 7.4 read them on the main thread): then, and
    before the first answer, frames leave without acknowledgements, at most two a second.
    """

    def __init__(self, per_second: float) -> None:
        self.interval = 1 / min(per_second, MOST_PER_SECOND)
        self.number = 0
        self.snapshot = False
        self._viewers: dict[str, int] = {}
        self._acknowledged = 0
        self._sent_at = float("-inf")
        self._expected_until = float("-inf")

    @property
    def viewers(self) -> int:
        """How many browser views are visible."""
        return len(self._viewers)

    def on_display(self, now: float) -> None:
        """Expect a browser view, and paint for it before it answers."""
        self._expected_until = now + EXPECTED
        self.snapshot = True

    def on_message(self, message: dict[str, Any], now: float) -> None:
        """Take a message of a browser view: it has drawn a frame, misses one, or is hidden."""
        viewer, last = str(message.get("view")), int(message.get("last", 0))
        self._expected_until = float("-inf")
        if message.get("hidden"):
            self._viewers.pop(viewer, None)
            return
        is_new = viewer not in self._viewers
        self._viewers[viewer] = last
        self._acknowledged = max(self._acknowledged, last)
        if message.get("missing") or (is_new and last != self.number) or self._lost(last, now):
            self.snapshot = True
            self._acknowledged = self.number
        self._drop_silent()

    def is_watched(self, now: float, *, busy: bool) -> bool:
        """Return whether anybody looks, or may be about to."""
        if busy and self._expected_until > float("-inf"):
            self._expected_until = max(self._expected_until, now + EXPECTED)
        return bool(self._viewers) or now < self._expected_until

    def is_pending(self) -> bool:
        """Return whether a frame is not acknowledged yet."""
        return self._acknowledged < self.number

    def wait(self, now: float, *, busy: bool) -> float | None:
        """Return the seconds until the next frame may leave; None: not before a message comes."""
        if not self.is_pending():
            return max(0.0, self._sent_at + self.interval - now)
        if busy or not self._viewers:
            return max(0.0, self._sent_at + max(BLIND, self.interval) - now)
        return None

    def next_number(self, now: float) -> int:
        """Note that a frame leaves, and return its number."""
        self.number += 1
        self._sent_at = now
        self.snapshot = False
        return self.number

    def _lost(self, last: int, now: float) -> bool:
        return last < self.number and now - self._sent_at > LOST

    def _drop_silent(self) -> None:
        """Forget views that ended without a message, such as a crashed tab: they are several frames behind another."""
        newest = max(self._viewers.values(), default=0)
        self._viewers = {viewer: last for viewer, last in self._viewers.items() if last > newest - 8}
