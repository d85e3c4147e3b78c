"""What a forked child of this process starts anew: connections, pace and clocks.

It inherits a copy of everything, but no thread: a connection would carry the replies to both processes, and a lock that
another thread held at that moment would never be released. So a child forgets what has either.
"""

from __future__ import annotations

import os
from collections.abc import Callable

__all__ = ["call_in_child"]


def call_in_child(renew: Callable[[], None]) -> Callable[[], None]:
    """Call a function in every child that this process forks, before anything else runs there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
    return renew
