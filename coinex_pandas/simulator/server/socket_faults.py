"""The faults of one connection: which of its subscriptions and frames they hit, and what they do to a frame."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import lru_cache

from coinex_pandas.simulator.faults import SOCKET_FAULTS, Faults, Plan, is_hit
from coinex_pandas.simulator.feeds.pushes import GZIP, Push, packed

__all__ = ["ConnectionFaults", "bomb", "corrupt", "damaged", "giant", "truncated"]


_OF_SUBSCRIPTIONS = ("late_ack", "silent_ack")
_OF_FRAMES = tuple(name for name in SOCKET_FAULTS if name not in (*_OF_SUBSCRIPTIONS, "refuse_socket"))
_SECONDS = {"delay_push": 0.3, "late_ack": 0.5, "restart_server": 1.0}
_LEVELS = ("bids", "asks")
_BOMB = 128 * 2**20
_GIANT = 20 * 2**20
_BLANKS = b" " * 2**20


class ConnectionFaults:
    """Counts subscriptions and frames of a connection and returns the faults that hit them.

    Parameters
    ----------
    faults : Faults
        The exchange's plan, followed as it changes.
    connection : int
        Decides, with the seed, what a rate hits.
    own : mapping, optional
        A plan for this connection alone, in place of the exchange's.
    """

    def __init__(self, faults: Faults, connection: int, own: Plan | None = None) -> None:
        self._faults = faults
        self._words = (faults.seed, "socket", connection)
        self._own = own
        self._plan: Plan = {}
        self._subscriptions = self._frames = 0
        self._update_plan()

    def subscription(self) -> frozenset[str]:
        """Count a subscription and return the faults that hit it."""
        self._update_plan()
        self._subscriptions += 1
        return self._hits(_OF_SUBSCRIPTIONS, self._subscriptions)

    def frame(self) -> frozenset[str]:
        """Count a frame and return the faults that hit it."""
        self._update_plan()
        self._frames += 1
        return self._hits(_OF_FRAMES, self._frames)

    def seconds(self, fault: str) -> float:
        """Return how long a fault lasts: as the plan says, or by default."""
        rate = self._plan.get(fault)
        return rate[1] if isinstance(rate, tuple) else _SECONDS[fault]

    def _update_plan(self) -> None:
        """Use the current plan; a new one counts from 1."""
        plan = self._faults.plan if self._own is None else self._own
        if plan is not self._plan:
            self._plan, self._subscriptions, self._frames = plan, 0, 0

    def _hits(self, names: Iterable[str], number: int) -> frozenset[str]:
        plan = self._plan
        return frozenset(name for name in names if name in plan and is_hit(plan[name], number, *self._words, name))


def damaged(push: Push, hits: frozenset[str]) -> tuple[bytes, set[str]]:
    """Return a push's frame with the faults that hit it, and the names of those that could be applied."""
    wrong, applied = _with_wrong_book(push, hits)
    text = truncated(wrong.text) if "truncate_push" in hits else wrong.text
    frame = wrong.frame if text is wrong.text else packed(text)
    for name, pad in (("gzip_bomb", bomb), ("giant_frame", giant)):
        frame = pad(text) if name in hits else frame
    frame = corrupt(frame) if "corrupt_gzip" in hits else frame
    return frame, applied | (hits & {"truncate_push", "gzip_bomb", "giant_frame", "corrupt_gzip"})


def _with_wrong_book(push: Push, hits: frozenset[str]) -> tuple[Push, set[str]]:
    """Return a book's push with a wrong checksum or amount, where the faults say so and it is possible."""
    applied: set[str] = set()
    if push.method != "depth.update" or not hits & {"wrong_checksum", "flip_level"}:
        return push, applied
    depth = dict(push.data["depth"])
    if "wrong_checksum" in hits:
        depth["checksum"] ^= 1
        applied.add("wrong_checksum")
    side = next((name for name in _LEVELS if depth[name]), None)
    if "flip_level" in hits and side is not None:
        (price, amount), *others = depth[side]
        depth[side] = [(price, _another(amount)), *others]
        applied.add("flip_level")
    return Push(push.method, push.data | {"depth": depth}, push.markets, push.rows), applied


def _another(amount: str) -> str:
    """Return an amount that differs in its last digit and is not 0."""
    last = int(amount[-1])
    return amount[:-1] + str(last + 1 if last < 9 else 8)


def truncated(text: bytes) -> bytes:
    """Return the first half of a text."""
    return text[: len(text) // 2]


def corrupt(frame: bytes) -> bytes:
    """Return a frame with one wrong byte in the middle."""
    at = len(frame) // 2
    return frame[:at] + bytes([frame[at] ^ 0xFF]) + frame[at + 1 :]


def bomb(text: bytes) -> bytes:
    """Return a small frame whose text is followed by blanks up to 128 MB, which is still JSON."""
    return _padded(text, _BOMB, level=9)


def giant(text: bytes) -> bytes:
    """Return a frame that takes 20 MB as it is, blanks behind its text."""
    return _padded(text, _GIANT, level=0)


@lru_cache(maxsize=2)
def _padded(text: bytes, size: int, level: int) -> bytes:
    packer = zlib.compressobj(level, zlib.DEFLATED, GZIP)
    parts = [packer.compress(text), *(packer.compress(_BLANKS) for _ in range(size // len(_BLANKS)))]
    return b"".join([*parts, packer.flush()])
