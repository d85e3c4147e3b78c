"""When a frame may leave: who looks, what is under way, how often. The clock is passed in."""

from __future__ import annotations

from typing import Any

# Jupyter drops messages, and with them a cell's own output, when there are too many: 10, less the jitter of arrival.
MOST_PER_SECOND = 9.6
BLIND = 0.5  # seconds between frames that nothing acknowledges, because a running cell keeps the answers waiting
EXPECTED = 15.0  # seconds in which a browser must answer after the view was displayed
LOST = 3.0  # seconds after which a frame that a talking browser has not seen counts as lost


class Gate:
    """The rules of painting.

    A frame leaves only while a browser view is visible, at most `per_second` times, and not before the one before it
    was acknowledged. A busy cell can keep all answers waiting (ipykernel 6.31 and 7.4 read them on the main thread):
    then, and before the first answer, frames leave blindly, at most two a second.
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

    def displayed(self, now: float) -> None:
        """Expect a browser view, and paint for it before it answers."""
        self._expected_until = now + EXPECTED
        self.snapshot = True

    def heard(self, said: dict[str, Any], now: float) -> None:
        """Take what a browser view says: that it sees (up to which frame), lacks something, or no longer looks."""
        viewer, last = str(said.get("view")), int(said.get("last", 0))
        self._expected_until = float("-inf")
        if said.get("gone"):
            self._viewers.pop(viewer, None)
            return
        known = viewer in self._viewers
        self._viewers[viewer] = last
        self._acknowledged = max(self._acknowledged, last)
        if said.get("lacks") or (not known and last != self.number) or self._lost(last, now):
            self.snapshot = True
            self._acknowledged = self.number
        self._drop_silent()

    def watched(self, now: float, *, busy: bool) -> bool:
        """Tell whether anyone looks, or may be about to."""
        if busy and self._expected_until > float("-inf"):
            self._expected_until = max(self._expected_until, now + EXPECTED)
        return bool(self._viewers) or now < self._expected_until

    def under_way(self) -> bool:
        """Tell whether a frame is not acknowledged yet."""
        return self._acknowledged < self.number

    def wait(self, now: float, *, busy: bool) -> float | None:
        """Return the seconds until the next frame may leave; None: not before something is heard."""
        if not self.under_way():
            return max(0.0, self._sent_at + self.interval - now)
        if busy or not self._viewers:
            return max(0.0, self._sent_at + max(BLIND, self.interval) - now)
        return None

    def sent(self, now: float) -> int:
        """Note that a frame leaves, and number it."""
        self.number += 1
        self._sent_at = now
        self.snapshot = False
        return self.number

    def _lost(self, last: int, now: float) -> bool:
        return last < self.number and now - self._sent_at > LOST

    def _drop_silent(self) -> None:
        """Forget views that went without a word, a crashed tab for one: they are frames behind another."""
        newest = max(self._viewers.values(), default=0)
        self._viewers = {viewer: last for viewer, last in self._viewers.items() if last > newest - 8}
