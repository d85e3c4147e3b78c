"""What the children of this process have of it: forked ones a copy of nearly everything, others the venue in use.

A forked child inherits no thread: a connection would carry the replies to both processes, and a lock that another
thread held at that moment would never be released. So it starts with connections, pace and clocks of its own.

Any other child, of ``spawn`` or of a fork server, imports everything anew: it would ask the live exchange although its
parent uses a sandbox. ``multiprocessing`` copies the settings of a process into each child when it starts it, whatever
the start method; the venue travels among them.

Why not the environment: a fork server keeps the one that it began with, and every program that is started from here
would use the venue as well, though it has nothing to do with this one. A key is never passed on.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.venue import LIVE, Venue

__all__ = ["call_in_child", "inherited_venue", "pass_on"]

_SETTING = "coinex_pandas_venue"


def call_in_child(renew: Callable[[], None]) -> Callable[[], None]:
    """Call a function in every child that this process forks, before anything else runs there."""
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=renew)
    return renew


def pass_on(venue: Venue) -> None:
    """Let the processes that are started from now on use a venue."""
    if venue == LIVE and "multiprocessing.process" not in sys.modules:
        return  # no other one was passed on: it need not be imported
    from multiprocessing import process

    settings = _settings_of(process)
    if venue == LIVE:
        settings.pop(_SETTING, None)
    else:
        settings[_SETTING] = (venue.name, *("" if _holds_password(text) else text for text in (venue.http, venue.ws)))


def inherited_venue() -> Venue | None:
    """Return the venue that the process which started this one used; None for a process of its own, and for live.

    Raises
    ------
    InvalidArgument
        The venue's address holds a password, which is not passed on.
    """
    process = sys.modules.get("multiprocessing.process")
    if process is None or process.parent_process() is None:
        return None
    setting = _settings_of(process).get(_SETTING)
    if setting is None:
        return None
    name, http, ws = setting
    if not http:
        raise InvalidArgument(
            f"the process that started this one uses venue {name!r}, whose address holds a password and was not passed "
            "on; say here first where to ask: cx.use(cx.Venue(...))"
        )
    return Venue(name, http=http, ws=ws)


def _settings_of(process: Any) -> dict[str, Any]:
    """Return what a process passes on to its children, such as their common key; there is no public name for it."""
    settings: dict[str, Any] = vars(process.current_process()).get("_config", {})
    return settings


def _holds_password(address: str) -> bool:
    return "@" in urlsplit(address).netloc
