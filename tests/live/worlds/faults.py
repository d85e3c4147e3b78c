"""What goes wrong in a simulated world, and how often."""

from __future__ import annotations

import random
from dataclasses import dataclass, fields


@dataclass
class Faults:
    """How often each thing goes wrong: per frame, per request, per connection or per second."""

    # per frame
    duplicate: float = 0.0
    reorder: float = 0.0  # the next frame overtakes it
    delay: float = 0.0  # it alone is late
    stall: float = 0.0  # it and all that follow are late
    corrupt: float = 0.0  # no gzip
    truncate: float = 0.0  # gzip, but JSON cut short
    odd_shape: float = 0.0  # JSON, but nothing that is documented
    odd_number: float = 0.0  # "nan" or "inf" where a number belongs
    vanish: float = 0.0  # of books only: elsewhere nobody could tell
    # per second
    drop: float = 0.0  # 1006, what is on its way is lost
    late_drop: float = 0.0  # 1006, what is on its way still comes
    half_open: float = 0.0  # nothing passes any more in either direction
    deaf: float = 0.0  # requests do not reach the exchange any more; pushes come
    restart: float = 0.0  # drop, and nobody answers for a while
    # per request
    late_ack: float = 0.0  # after pushes
    no_ack: float = 0.0
    busy: float = 0.0  # a code that says: again, later
    # per connection
    refuse: float = 0.0
    slow_connect: float = 0.0
    # per question over HTTP
    http_fails: float = 0.0
    http_slow: float = 0.0

    def __post_init__(self) -> None:
        self._look()

    def _look(self) -> None:
        self.hits_frames = any(getattr(self, name) for name in NAMES[:8])

    def calm(self) -> None:
        """Let nothing go wrong any more."""
        for field in fields(self):
            setattr(self, field.name, 0.0)
        self._look()


_MOST = {
    "duplicate": 0.06,
    "reorder": 0.05,
    "delay": 0.04,
    "stall": 0.02,
    "corrupt": 0.04,
    "truncate": 0.04,
    "odd_shape": 0.03,
    "odd_number": 0.03,
    "vanish": 0.1,
    "drop": 0.12,
    "late_drop": 0.06,
    "half_open": 0.05,
    "deaf": 0.03,
    "restart": 0.04,
    "late_ack": 0.5,
    "no_ack": 0.1,
    "busy": 0.4,
    "refuse": 0.5,
    "slow_connect": 0.4,
    "http_fails": 0.7,
    "http_slow": 0.6,
}
NAMES = tuple(_MOST)


def drawn(dice: random.Random, seed: int) -> Faults:
    """Return the faults of a world: none in every twentieth, few or many kinds in the others."""
    if seed % 20 == 0:
        return Faults()
    count = dice.choice((1, 2, 3, 5, 8, len(NAMES)))
    return Faults(**{name: _MOST[name] * dice.uniform(0.2, 1.0) for name in dice.sample(NAMES, count)})
