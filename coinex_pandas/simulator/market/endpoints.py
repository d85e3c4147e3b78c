"""The public endpoints that spot and futures share: markets, tickers, books, deals, candles, index prices, pools."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.endpoints import SpotAndFutures
from coinex_pandas.simulator.market import quotes, reference
from coinex_pandas.simulator.market.candles import PERIODS
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.history import PRICE_TYPES
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.parameters import MERGE_STEPS, Params
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import fixed

__all__ = ["MarketEndpoints"]

_MOST_ROWS = 1000
_LIMITS = ("5", "10", "20", "50")


class MarketEndpoints(SpotAndFutures):
    """The public endpoints that both areas have, and the pools of spot."""

    serves: ClassVar = frozenset({"markets", "tickers", "depth", "deals", "klines", "index_prices"})

    def __init__(self, world: World, moment: Callable[[], Moment]) -> None:
        self._world = world
        self._moment = moment

    def markets(self, area: str, params: Params) -> Reply:
        """Return the markets; frozen, only availability and open interest of futures change."""
        moment = self._moment()
        return Reply([self._market_row(market, moment) for market in self._listed(area, params, moment)])

    def tickers(self, area: str, params: Params) -> Reply:
        """Return the day figures of markets, with index, mark and open interest for futures."""
        moment = self._moment()
        row = quotes.spot_ticker if area == "spot" else quotes.futures_ticker
        return Reply([row(self._world, market, moment) for market in self._listed(area, params, moment)])

    def index_prices(self, area: str, params: Params) -> Reply:
        """Return the index prices."""
        moment = self._moment()
        listed = self._listed(area, params, moment)
        return Reply([quotes.index_row(market, moment, self._world.prices) for market in listed])

    def depth(self, area: str, params: Params) -> Reply:
        """Return an order book."""
        moment, world = self._moment(), self._world
        market = parameters.listed_market(params, world.catalogue, area, moment.now)
        limit = int(parameters.choice(params, "limit", _LIMITS))
        step = parameters.merge_step(parameters.choice(params, "interval", MERGE_STEPS), market)
        book = world.books.shown(market, moment, limit, step)
        last = fixed(world.tape.last_price(market, moment.until), market.price_places)
        depth = {
            "asks": book.asks,
            "bids": book.bids,
            "last": last,
            "updated_at": book.updated_at,
            "checksum": book.checksum,
        }
        return Reply({"market": market.name, "is_full": True, "depth": depth})

    def deals(self, area: str, params: Params) -> Reply:
        """Return the newest deals, newest first; a delisted market keeps its own.

        With last_id: those with deal_id <= last_id. Whether the named deal is included is not documented.
        """
        market = parameters.market(params, self._world.catalogue, area)
        limit = parameters.whole(params, "limit", 100, least=1, most=_MOST_ROWS)
        last_id = parameters.whole(params, "last_id", 0)
        return Reply(quotes.deal_rows(market, self._world.tape.newest(market, limit, last_id, self._moment().until)))

    def klines(self, area: str, params: Params) -> Reply:
        """Return candles that open within start_time..end_time, both included, oldest first.

        When there are more than `limit`, the newest ones.
        """
        market = parameters.market(params, self._world.catalogue, area)
        period = parameters.choice(params, "period", PERIODS)
        price_type = parameters.choice(params, "price_type", PRICE_TYPES[area], "latest_price")
        limit = parameters.whole(params, "limit", 100, least=1, most=_MOST_ROWS)
        start, stop = parameters.times(params)
        bars = self._world.history.candles(
            market, price_type, period, start=start, stop=stop, limit=limit, moment=self._moment()
        )
        return Reply(quotes.candle_rows(market, bars))

    def amm_pools(self, params: Params) -> Reply:
        """Return the pools of the markets named; a market without a pool has no row."""
        if not params.get("market"):
            raise Refusal
        moment = self._moment()
        return Reply(
            [
                reference.amm_pool(market, self._world.tape.last_price(market, moment.until))
                for market in self._listed("spot", params, moment)
                if reference.has_pool(market)
            ]
        )

    def _listed(self, area: str, params: Params, moment: Moment) -> list[Market]:
        return parameters.listed_markets(params, self._world.catalogue, area, moment.now)

    def _market_row(self, market: Market, moment: Moment) -> Row:
        if market.area == "spot":
            return reference.spot_market(market, moment.now)
        frozen = moment.freeze is not None
        return reference.futures_market(
            market,
            moment.now,
            open_interest="0" if frozen else quotes.open_interest(self._world, market, moment),
            available=not frozen and market.trading(moment.now),
        )
