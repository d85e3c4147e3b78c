"""Threads in virtual time: one runs at a time, and the clock jumps to whoever wakes up next. The same every time."""

import heapq
import itertools
import threading


class VirtualTime:
    """A clock and a sleep for threads that `run` starts.

    Examples
    --------
    >>> time = VirtualTime()
    >>> time.run([lambda: time.sleep(2), lambda: time.sleep(1)])
    >>> time.now
    2.0
    """

    def __init__(self):
        self.now = 0.0
        self._sleepers = []
        self._order = itertools.count()
        self._left = 0
        self._done = threading.Event()

    def clock(self):
        """Return the time."""
        return self.now

    def sleep(self, seconds):
        """Let others run until it is so much later."""
        baton = threading.Event()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), baton))
        self._wake_next()
        baton.wait()

    def run(self, works):
        """Run all works to their ends."""
        self._left = len(works)
        self._done.clear()
        for work in works:
            baton = threading.Event()
            heapq.heappush(self._sleepers, (self.now, next(self._order), baton))
            threading.Thread(target=self._live, args=(work, baton), daemon=True).start()
        self._wake_next()
        assert self._done.wait(60), "somebody never ended"

    def _live(self, work, baton):
        baton.wait()
        try:
            work()
        finally:
            self._left -= 1
            self._wake_next()

    def _wake_next(self):
        if self._sleepers:
            self.now, _, baton = heapq.heappop(self._sleepers)
            baton.set()
        elif not self._left:
            self._done.set()
