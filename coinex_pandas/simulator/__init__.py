"""``cx.sandbox()``: an exchange on this machine, with play money, to try things, to teach and to test.

The exchange itself (``exchange.py``) has no sockets; ``server/`` serves it at the two addresses of a venue. This module
is light: aiohttp is imported when a sandbox starts.
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
        The faults it has: a name such as ``"frozen"``, or a mapping of name to rate (0 to 1) or to the numbers of what
        is hit, counted from 1. None: no faults. For HTTP requests: ``latency``, ``bad_gateway``, ``busy``,
        ``unavailable``, ``rate_limited``, ``drop``, ``lost_answer``, ``gateway_timeout``, ``truncate``, ``cut``,
        ``content_type``, ``insert_rows``, ``lying_has_next``, ``null_data``, ``new_column``, ``clock_skew``; after
        ``lost_answer``, ``gateway_timeout`` and the faults that damage an answer, the request has been carried out. For
        both HTTP and sockets: ``frozen`` (trading has ended, as seen on 2026-09-23) and ``closed_spot`` (also the
        public data of spot markets is "not found", as reported on 2026-10-05; see Notes). For socket upgrades:
        ``refuse_socket``; for the subscriptions of a connection: ``late_ack``, ``silent_ack``; for the frames pushed on
        a connection: ``drop_socket``, ``half_open``, ``stalled_feed``, ``restart_server``, ``duplicate_push``,
        ``reorder_push``, ``delay_push``, ``corrupt_gzip``, ``truncate_push``, ``gzip_bomb``, ``giant_frame``,
        ``wrong_checksum``, ``flip_level``.
        ``exchange.sockets.script([...])`` gives each new connection a plan of its own.
    now : str, datetime, Timestamp, date or int, optional
        Its time at the start, from 1970 to 9998; a time without zone is UTC. None for the real time.
    speed : float, default 1.0
        Seconds of its clock per real second, up to a million; 0 stops the clock.
    port : int, default 0
        The port to listen on; 0 for any free one.
    push_every : float, default 0.2
        Seconds between two rounds of pushes on its sockets; 60 is one push a minute, 0 as fast as this machine can.
        What is pushed depends on the clock: with a high `speed` many deals.
    balances : mapping, optional
        The spot wallet of its first account, by currency: amounts below 10^18 with up to 20 decimals. None for large
        balances in the spot and futures wallets.
    limits : bool, default True
        Whether it refuses requests beyond the documented rate limits (code 4213).

    Returns
    -------
    Sandbox
        It has ``http``, ``ws``, ``venue``, ``account``, ``key``, ``session``, ``clock``, ``faults``, ``sockets``,
        ``trading``, ``buckets``, and ``add_account()``, ``add_key()``, ``signed()``, ``close()``.

    Raises
    ------
    MissingExtra
        aiohttp is not installed.
    InvalidArgument
        A setting is impossible; the text names it.

    Notes
    -----
    It is simpler than the real exchange in some points; what it does not have it refuses with an error that says so:

    - Orders: own orders and deals show to their owner only, not in the public book, tape, candles and tickers, so
      that ``is_hide`` changes nothing. Resting orders are filled by simulated deals one by one, and by the simulated
      book when a minute ends and at every private request. In a call auction no orders are taken (4117). Prices more
      than 30% worse than the newest or the trigger price are too far from it (3606, 3619); the exchange's other price
      limits and its protection period after a maintenance do not exist here. Cancelling all orders of a market does
      not cancel stop orders.
    - Fees: the rates of the markets for everybody, no VIP levels, no maker rebates; 80% of the fee when paid in CET.
    - Futures: one-way positions (hedge mode is refused), cross margin and leverage 10 at the start. Mark and index
      prices trigger stop orders, stop losses, take profits and liquidation when a minute ends. Nobody is deleveraged,
      the insurance fund pays instead.
    - Chains: a block takes 30 s; any address is accepted, no deposit and no withdrawal fails, fees are in the currency
      itself. Transfers happen at once.
    - Loans: ten times leverage, ten days, liquidation at a risk rate of 1.1. Pools: the amounts in one do not change,
      and earn the published rate.
    - Accounts: keys work at once. Financial and credit accounts are empty, referrals are invented. As in
      the documentation, transfers, loans and pools do not show in `spot_transactions`.
    - Rate limits: a bucket of one second for each group; there are no limits for longer times.
    - The fault ``closed_spot``: reported are the tickers, which refuse every market, and the market lists and the
      deposit and withdrawal settings (withdrawals only), which answer. Books, deals, candles and index prices of spot
      refuse here, too (code 3639; a list that names no market is empty), and spot sockets stay silent. Futures are as
      under ``frozen``, orders are refused, and everything else answers.
    - Web pages: only programs and pages of this machine are answered. A request whose ``Host`` or ``Origin`` is
      elsewhere gets HTTP 403, so that no web page can use the sandbox through a browser.

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
