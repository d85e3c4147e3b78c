"""The sandbox exchange without sockets: 25 public endpoints, answered from seed and clock alone, and the private side.

The private side (`trading.py`) remembers: accounts, balances, orders. It is reached through the gate, by signature.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping

from coinex_pandas.simulator.assembly import open_for_business
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.faults import SKEW_MS, Faults, Hits, alter
from coinex_pandas.simulator.market import answers as market_answers
from coinex_pandas.simulator.market import futures_answers, reference
from coinex_pandas.simulator.market.catalogue import DAY, MINUTE
from coinex_pandas.simulator.market.clock import Clock, Moment
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.market.futures_answers import Newcomers
from coinex_pandas.simulator.market.parameters import Query as Params
from coinex_pandas.simulator.market.parameters import Row, page
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.reply import Refusal, Reply
from coinex_pandas.simulator.server.auth import Asked, Endpoint, Gate, Outcome, Reception
from coinex_pandas.simulator.server.rate_limits import Buckets

__all__ = ["PUBLIC", "Exchange"]

PUBLIC = [
    "ping",
    "server_time",
    "maintenances",
    "spot_markets",
    "spot_tickers",
    "spot_depth",
    "spot_deals",
    "spot_klines",
    "spot_index_prices",
    "futures_markets",
    "futures_tickers",
    "futures_depth",
    "futures_deals",
    "futures_klines",
    "futures_index_prices",
    "futures_funding_rates",
    "futures_funding_rate_history",
    "futures_premium_index_history",
    "futures_basis_history",
    "futures_position_levels",
    "futures_liquidations",
    "deposit_withdraw_config",
    "deposit_withdraw_configs",
    "assets_info",
    "amm_pools",
]

_SINCE_FREEZE = DAY + 12 * MINUTE  # between the end of trading and the clock's start, as when the wire was probed
_NO_HITS = Hits()


class Exchange:
    """A CoinEx that exists only in this process.

    Every method is one public endpoint: it takes the request's parameters as text and returns a `Reply`. Wrong
    parameters raise `Refusal`; `answer` turns that into the envelope with code 4004. Nothing public depends on
    earlier requests, except that the fault `insert_rows` keeps the rows it has inserted. In particular nobody's own
    orders show in the public book, tape, candles and tickers: these are the simulated street's alone.

    Under the fault `frozen` trading ended 24 h 12 min before the clock's start. Futures then look as they did on
    2026-09-23: listed as online, prices and index standing still, volumes "0", books empty, funding rows still
    growing. What spot would look like is not documented; here its values stand still too and its books stay as
    they were.

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
    trading : Trading
        The private side: accounts, ledger, orders.
    business : Business
        Its parts that are used from outside.
    gate : Gate
        Checks signatures.
    buckets : Buckets
        Rate limits, and what came.
    """

    def __init__(self, seed: int = 0, clock: Clock | None = None, faults: Faults | None = None) -> None:
        self.seed = seed
        self.clock = clock or Clock()
        self.faults = faults or Faults(None, seed)
        self.world = World(seed, self.clock.start)
        self.trading = Trading(self.world, self.clock)
        self.business = open_for_business(self.trading)
        self.trading.freeze = lambda: self.moment_when(frozen=self.faults.frozen or "frozen" in self._hits).freeze
        self.gate = Gate(self.trading.accounts)
        self.buckets = Buckets()
        self._reception = Reception(self.trading, self.gate, self.buckets)
        self._running = threading.local()  # the faults of the request that this thread answers
        self._inserted: dict[tuple[str, str], list[Row]] = {}

    def answer(self, name: str, params: Params, hits: Hits | None = None) -> Reply:
        """Answer a request by its endpoint's name, refusals included.

        Without `hits` the request is counted by `faults`; faults of the connection have no effect here.
        """
        if name not in PUBLIC:
            raise LookupError(f"the sandbox has no endpoint {name!r}")
        self._running.hits = hits = self.faults.next() if hits is None else hits
        try:
            reply: Reply = getattr(self, name)(params)
        except Refusal as refusal:
            return refusal.reply
        finally:
            self._running.hits = _NO_HITS
        return alter(reply, hits)

    def answer_signed(self, asked: Asked, endpoint: Endpoint, query: Mapping[str, str], hits: Hits) -> Outcome:
        """Answer a private request as it came over the wire, refusals included."""
        self._running.hits = hits
        try:
            outcome = self._reception.answer(asked, endpoint, query, SKEW_MS if "clock_skew" in hits else 0)
        finally:
            self._running.hits = _NO_HITS
        return Outcome(alter(outcome.reply, hits), outcome.headers)

    def serves(self, name: str) -> bool:
        """Return whether there is an endpoint of that name, public or private."""
        return name in PUBLIC or any(hasattr(desk, name) for desk in self.trading.desks)

    @property
    def _hits(self) -> Hits:
        hits: Hits = getattr(self._running, "hits", _NO_HITS)
        return hits

    def moment(self) -> Moment:
        """Return the instant that answers are given for."""
        return self.moment_when(frozen="frozen" in self._hits)

    def moment_when(self, *, frozen: bool) -> Moment:
        """Return the instant of the clock, for an exchange that is frozen or alive."""
        return Moment(self.clock.now_ms(), self.clock.start - _SINCE_FREEZE if frozen else None)

    # ---- system

    def ping(self, params: Params) -> Reply:
        """Answer pong."""
        return Reply({"result": "pong"})

    def server_time(self, params: Params) -> Reply:
        """Return the server's clock."""
        return Reply({"timestamp": self.clock.now_ms() + (SKEW_MS if "clock_skew" in self._hits else 0)})

    def maintenances(self, params: Params) -> Reply:
        """Return the planned maintenance window."""
        return Reply([reference.maintenance(self.clock.now_ms())])

    # ---- spot

    def spot_markets(self, params: Params) -> Reply:
        """Return the spot markets."""
        return market_answers.spot_markets(self.world, params, self.moment())

    def spot_tickers(self, params: Params) -> Reply:
        """Return the day figures of spot markets."""
        return market_answers.spot_tickers(self.world, params, self.moment())

    def spot_depth(self, params: Params) -> Reply:
        """Return a spot order book."""
        return market_answers.depth(self.world, "spot", params, self.moment())

    def spot_deals(self, params: Params) -> Reply:
        """Return the newest spot deals; see `futures_deals` for last_id."""
        return market_answers.deals(self.world, "spot", params, self.moment())

    def spot_klines(self, params: Params) -> Reply:
        """Return spot candles; see `futures_klines`."""
        return market_answers.klines(self.world, "spot", params, self.moment())

    def spot_index_prices(self, params: Params) -> Reply:
        """Return the index prices of spot markets."""
        return market_answers.index_prices(self.world, "spot", params, self.moment())

    # ---- futures

    def futures_markets(self, params: Params) -> Reply:
        """Return the futures markets."""
        return market_answers.futures_markets(self.world, params, self.moment())

    def futures_tickers(self, params: Params) -> Reply:
        """Return the day figures of futures markets."""
        return market_answers.futures_tickers(self.world, params, self.moment())

    def futures_depth(self, params: Params) -> Reply:
        """Return a futures order book."""
        return market_answers.depth(self.world, "futures", params, self.moment())

    def futures_deals(self, params: Params) -> Reply:
        """Return the newest futures deals, newest first.

        With last_id: those with deal_id <= last_id. Whether the named deal is included is not documented.
        """
        return market_answers.deals(self.world, "futures", params, self.moment())

    def futures_klines(self, params: Params) -> Reply:
        """Return futures candles that open within start_time..end_time, both included, oldest first.

        When there are more than `limit`, the newest ones.
        """
        return market_answers.klines(self.world, "futures", params, self.moment())

    def futures_index_prices(self, params: Params) -> Reply:
        """Return the index prices of futures markets."""
        return market_answers.index_prices(self.world, "futures", params, self.moment())

    def futures_funding_rates(self, params: Params) -> Reply:
        """Return the current funding rates."""
        return futures_answers.funding_rates(self.world, params, self.moment())

    def futures_funding_rate_history(self, params: Params) -> Reply:
        """Return past settlements, newest first."""
        return futures_answers.funding_rate_history(
            self.world, params, self.moment(), self._newcomers("funding", params)
        )

    def futures_premium_index_history(self, params: Params) -> Reply:
        """Return the premium index every ten minutes, oldest first, without a pagination block."""
        return futures_answers.premium_index_history(self.world, params, self.moment())

    def futures_basis_history(self, params: Params) -> Reply:
        """Return the basis rate every ten minutes, oldest first; by default of the last seven days."""
        return futures_answers.basis_history(self.world, params, self.moment())

    def futures_position_levels(self, params: Params) -> Reply:
        """Return the position tiers."""
        return futures_answers.position_levels(self.world, params, self.moment())

    def futures_liquidations(self, params: Params) -> Reply:
        """Return liquidations, newest first."""
        return futures_answers.liquidation_history(
            self.world, params, self.moment(), self._newcomers("liquidations", params)
        )

    # ---- assets

    def deposit_withdraw_config(self, params: Params) -> Reply:
        """Return the deposit and withdrawal settings of a currency."""
        coin = COINS.get(params.get("ccy", ""))
        if coin is None:
            raise Refusal
        return Reply(reference.chains(coin))

    def deposit_withdraw_configs(self, params: Params) -> Reply:
        """Return the deposit and withdrawal settings of all currencies."""
        return Reply([reference.chains(coin) for coin in COINS.values()])

    def assets_info(self, params: Params) -> Reply:
        """Return the profiles of currencies; always a list."""
        ccy = params.get("ccy", "")
        if ccy and ccy not in COINS:
            raise Refusal
        return Reply([reference.asset(coin) for coin in ([COINS[ccy]] if ccy else COINS.values())])

    def amm_pools(self, params: Params) -> Reply:
        """Return the pools of the markets named; a market without a pool has no row."""
        return market_answers.amm_pools(self.world, params, self.moment())

    def _newcomers(self, history: str, params: Params) -> Newcomers:
        """Return the giver of rows that the fault `insert_rows` has put before a history, one more on each hit."""

        def rows(market: str, fresh: Callable[[], Row]) -> list[Row]:
            known = self._inserted.setdefault((history, market), [])
            if "insert_rows" in self._hits and page(params)[0] > 1:
                known.insert(0, fresh())
            return known

        return rows
