"""The sandbox exchange without sockets, keys and limits: its simulated markets, its accounts, and who answers what."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from coinex_pandas.simulator.assembly import add_private_side, public_endpoints
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.faults import Faults, Hits, alter
from coinex_pandas.simulator.market.catalogue import DAY, MINUTE
from coinex_pandas.simulator.market.clock import Clock, Moment
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal, Reply

__all__ = ["Exchange"]

_SINCE_FREEZE = DAY + 12 * MINUTE  # between the end of trading and the clock's start, as when the wire was probed
_NO_HITS = Hits()
_SPOT_DATA = ("spot_tickers", "spot_depth", "spot_deals", "spot_klines", "spot_index_prices")


class Exchange:
    """A CoinEx that exists only in this process.

    Nothing public depends on earlier requests, except that the fault `insert_rows` keeps the rows it has inserted. In
    particular users' orders do not show in the public book, tape, candles and tickers, which are only simulated.

    Under the fault `frozen` trading ended 24 h 12 min before the clock's start. Futures then look as they did on
    2026-09-23: listed as online, prices and index standing still, volumes "0", books empty, funding rows still
    growing. What spot would look like is not documented; here its values stand still too and its books stay as
    they were.

    Under `closed_spot` the exchange looks as third parties read it between 2026-10-03 and 2026-10-05. Reported:
    ``/spot/ticker`` answers "not found" for every market; the market lists and the deposit and withdrawal settings
    answer, the latter for withdrawals only; futures are as under `frozen`. Not reported, and decided here: books,
    deals, candles and index prices of spot refuse as the tickers do; the code is 3639, the only one that the
    documentation has with such words; a list is empty when no market is named; sockets acknowledge spot markets and
    stay silent, as for markets that do not exist; pools, currencies and all private endpoints answer, but orders are
    refused (4117).

    Parameters
    ----------
    seed : int
        Decides everything that the clock does not.
    clock : Clock, optional
        The exchange's time; default the computer's.
    faults : Faults, optional
        Misbehaviour; default none.

    Attributes
    ----------
    world : World
        The simulated markets.
    trading : Trading
        The private side, which remembers: accounts, ledger, orders.
    deposits : Deposits
        Where money from outside arrives.
    matching : Matching
        Where orders meet.
    positions : Positions
        The open futures positions.
    """

    def __init__(self, seed: int = 0, clock: Clock | None = None, faults: Faults | None = None) -> None:
        self.seed = seed
        self.clock = clock or Clock()
        self.faults = faults or Faults(None, seed)
        self.world = World(seed, self.clock.start)
        self.trading = Trading(self.world, self.clock)
        self.trading.freeze = lambda: self.moment_when(frozen=self.faults.frozen or self._hits().end_trading).freeze
        self.deposits, self.matching, self.positions = add_private_side(self.trading)
        self._public = public_endpoints(self.world, self.clock, self._moment, self._hits)
        self._running = threading.local()  # the faults of the request that this thread answers

    def answer(self, name: str, params: Params, hits: Hits | None = None) -> Reply:
        """Answer a public request by its endpoint's name, refusals included; these do not say what is wrong.

        Without `hits` the request is counted by `faults`; faults of the connection have no effect here.
        """
        method = self._public.find(name)
        if method is None:
            raise LookupError(f"the sandbox has no public endpoint {name!r}")
        hits = self.faults.next() if hits is None else hits
        try:
            with self._request(hits):
                reply = (_closed(name, params) if "closed_spot" in hits else None) or method(params)
        except Refusal:
            return Refusal().reply  # as on the wire, where only private endpoints name the parameter
        return alter(reply, hits)

    def answer_private(self, name: str, account: Account, params: Params, hits: Hits = _NO_HITS) -> Reply:
        """Answer a private request by its endpoint's name, refusals included."""
        try:
            with self._request(hits):
                reply = self.trading.answer(name, account, params)
        except Refusal as refusal:
            return refusal.reply
        return alter(reply, hits)

    def serves(self, name: str) -> bool:
        """Return whether there is an endpoint of that name, public or private."""
        return any(endpoints.find(name) is not None for endpoints in (self._public, self.trading.endpoints))

    def moment_when(self, *, frozen: bool) -> Moment:
        """Return the instant of the clock, for an exchange that is frozen or alive."""
        return Moment(self.clock.now_ms(), self.clock.start - _SINCE_FREEZE if frozen else None)

    @contextmanager
    def _request(self, hits: Hits) -> Iterator[None]:
        """Let the faults that hit a request hold while this thread answers it."""
        self._running.hits = hits
        try:
            yield
        finally:
            self._running.hits = _NO_HITS

    def _hits(self) -> Hits:
        hits: Hits = getattr(self._running, "hits", _NO_HITS)
        return hits

    def _moment(self) -> Moment:
        return self.moment_when(frozen=self._hits().end_trading)


def _closed(name: str, params: Params) -> Reply | None:
    """Return what a closed spot area answers, None where it answers as ever."""
    if name not in _SPOT_DATA:
        return None
    if market := params.get("market"):
        return Refusal(3639, f"Invalid Parameter: market {market} not found").reply
    return Reply([]) if name in ("spot_tickers", "spot_index_prices") else None
