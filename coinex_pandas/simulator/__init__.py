"""``cx.sandbox()``: an exchange on this machine, for trying, teaching and testing, with play money.

The exchange itself (``exchange.py``) knows no sockets; ``server.py`` puts it behind the address that a venue is.
This module is light: aiohttp is imported when a sandbox starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from coinex_pandas.simulator.handle import Balances, Sandbox
from coinex_pandas.tables.times import TimeLike

if TYPE_CHECKING:
    from coinex_pandas.simulator.faults import Spec

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

    Notes
    -----
    What is simplified; what it does not have it refuses with an error that says so:

    - Orders: own orders and deals show to their owner only, not in the public book, tape, candles and tickers, so
      that ``is_hide`` changes nothing. Resting orders meet simulated deals one by one, and the simulated book when
      a minute ends and whenever somebody asks. In a call auction no orders are taken (4117). Too far from the
      newest or the trigger price is more than 30% on the expensive side (3606, 3619); the exchange's other guards
      of prices and its protection period after a maintenance are not there. Cancelling all orders of a market
      leaves stop orders alone.
    - Fees: those of the markets for everybody, without VIP levels and rebates for makers; 80% of them when paid in CET.
    - Futures: one-way positions (hedge mode is refused), ten times cross margin at the start. Mark and index prices
      act on stop orders, stop losses, take profits and liquidation when a minute ends. Nobody is deleveraged, the
      insurance fund pays instead.
    - Chains: a block takes 30 s; any address is taken, no deposit and no withdrawal fails, fees are in the currency
      itself. Transfers are done at once.
    - Loans: ten times leverage, ten days, liquidation at a risk rate of 1.1. Pools: what is in one stays as it is
      and earns the published rate.
    - Accounts: keys work at once. Financial and credit accounts are empty, referrals are made up. As in the
      documentation, transfers, loans and pools show in no `spot_transactions`.
    - Rate limits: a bucket of one second for each group; the limits for longer times are not there.

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
