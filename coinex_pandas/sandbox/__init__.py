"""``cx.sandbox()``: an exchange on this machine, for trying, teaching and testing, with play money.

The exchange itself (``exchange.py``) knows no sockets; ``server.py`` puts it behind the address that a venue is.
This module is light: aiohttp is imported when a sandbox starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coinex_pandas.sandbox.running import Balances, Sandbox
from coinex_pandas.times import TimeLike

if TYPE_CHECKING:
    from coinex_pandas.sandbox.faults import Spec

__all__ = ["Sandbox", "sandbox"]


def sandbox(
    *,
    seed: int = 0,
    faults: Spec = None,
    now: TimeLike | None = None,
    speed: float = 1.0,
    port: int = 0,
    push_every: float = 0.2,
    balances: Balances | None = None,
    limits: bool = True,
) -> Sandbox:
    """Return a sandbox exchange, running on this machine.

    As a context manager it is the current venue until the block ends; then the former one is restored and it stops.

    Parameters
    ----------
    seed : int, default 0
        The same seed and clock give the same exchange, to the last digit.
    faults : str or mapping, optional
        What it shall do wrong: a name such as ``"frozen"``, or a mapping of name to rate (0 to 1) or to the numbers
        of what is hit, counted from 1. None: nothing. To HTTP requests: ``latency``, ``bad_gateway``, ``busy``,
        ``unavailable``, ``rate_limited``, ``drop``, ``lost_answer``, ``gateway_timeout``, ``truncate``, ``cut``,
        ``content_type``, ``insert_rows``, ``lying_has_next``, ``null_data``, ``new_column``, ``clock_skew``; after
        ``lost_answer``, ``gateway_timeout`` and those of a spoilt answer, what was asked for is done. To both
        sides: ``frozen``. To socket
        upgrades: ``refuse_socket``; to a connection's subscriptions: ``late_ack``, ``silent_ack``; to the frames
        pushed on a connection: ``drop_socket``, ``half_open``, ``stalled_feed``, ``restart_server``,
        ``duplicate_push``, ``reorder_push``, ``delay_push``, ``corrupt_gzip``, ``truncate_push``, ``gzip_bomb``,
        ``giant_frame``, ``wrong_checksum``, ``flip_level``. ``exchange.sockets.script([...])`` gives each coming
        connection a plan of its own.
    now : str, datetime, Timestamp, date or int, optional
        What time it is there at the start, naive times being UTC; None for the real time.
    speed : float, default 1.0
        Its seconds per real second; 0 stands still.
    port : int, default 0
        The port to listen at; 0 for any free one.
    push_every : float, default 0.2
        Seconds between two looks at what its sockets have to push; 60 is one push a minute, 0 as fast as this
        machine can. What there is to push is decided by the clock: with a high `speed` many deals.
    balances : mapping, optional
        What its first account has in its spot wallet, by currency; None for a generous set in the spot and futures
        wallets.
    limits : bool, default True
        Whether it refuses what comes faster than the documented rate limits (code 4213).

    Returns
    -------
    Sandbox
        With ``http``, ``ws``, ``venue``, ``account``, ``key``, ``session``, ``clock``, ``faults``, ``sockets``,
        ``trading``, ``buckets``, and ``add_account()``, ``add_key()``, ``signed()``, ``close()``.

    Raises
    ------
    MissingExtra
        aiohttp is not installed.
    ValueError
        A fault's name or rate is not known, or `push_every` is negative.

    Examples
    --------
    >>> with cx.sandbox(seed=7) as exchange:
    ...     cx.ping()["result"].item()
    'pong'
    """
    return Sandbox(
        seed=seed,
        faults=faults,
        now=now,
        speed=speed,
        port=port,
        push_every=push_every,
        balances=balances,
        limits=limits,
    )
