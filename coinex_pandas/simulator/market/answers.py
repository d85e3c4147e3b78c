"""Answers that spot and futures share: lists, tickers, books, deals, candles, index prices."""

from __future__ import annotations

from coinex_pandas.simulator.market import parameters, quotes, reference
from coinex_pandas.simulator.market.book import BUCKET, Book
from coinex_pandas.simulator.market.candles import PERIODS
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.history import PRICE_TYPES
from coinex_pandas.simulator.market.parameters import Query as Params
from coinex_pandas.simulator.market.parameters import choice_text, market_text, whole_text
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.reply import Refusal, Reply
from coinex_pandas.simulator.text import fixed, quantity

__all__ = [
    "amm_pools",
    "books_are_empty",
    "deals",
    "depth",
    "empty_book",
    "futures_markets",
    "futures_ticker",
    "futures_tickers",
    "index_prices",
    "klines",
    "spot_markets",
    "spot_tickers",
]


_FROZEN_INTEREST = "552.725"  # BTCUSDT's, as the wire showed it after trading had ended
_FOREVER = 2**62
_MOST_ROWS = 1000
_LIMITS = ("5", "10", "20", "50")


def spot_markets(world: World, params: Params, moment: Moment) -> Reply:
    """Return the spot markets."""
    listed = parameters.listed(params, world.catalogue, "spot", moment.now)
    return Reply([reference.spot_market(market, moment.now) for market in listed])


def futures_markets(world: World, params: Params, moment: Moment) -> Reply:
    """Return the futures markets; frozen, only availability and open interest tell."""
    frozen = moment.freeze is not None
    return Reply(
        [
            reference.futures_market(
                market,
                moment.now,
                open_interest="0" if frozen else _open_interest(world, market, moment),
                available=not frozen and market.trading(moment.now),
            )
            for market in parameters.listed(params, world.catalogue, "futures", moment.now)
        ]
    )


def spot_tickers(world: World, params: Params, moment: Moment) -> Reply:
    """Return the day figures of spot markets."""
    listed = parameters.listed(params, world.catalogue, "spot", moment.now)
    return Reply([quotes.ticker_row(market, world.tickers.day(market, moment)) for market in listed])


def futures_tickers(world: World, params: Params, moment: Moment) -> Reply:
    """Return the day figures of futures markets, with index, mark and open interest."""
    listed = parameters.listed(params, world.catalogue, "futures", moment.now)
    return Reply([futures_ticker(world, market, moment) for market in listed])


def index_prices(world: World, area: str, params: Params, moment: Moment) -> Reply:
    """Return the index prices of an area."""
    listed = parameters.listed(params, world.catalogue, area, moment.now)
    return Reply([quotes.index_row(market, moment, world.prices) for market in listed])


def depth(world: World, area: str, params: Params, moment: Moment) -> Reply:
    """Return an order book."""
    market = market_text(params, world.catalogue, area, moment.now)
    limit = int(choice_text(params, "limit", _LIMITS))
    step = parameters.merge_step(params, market)
    book = empty_book(moment) if books_are_empty(area, moment) else world.books.book(market, moment.until, limit, step)
    last = fixed(world.tape.last_price(market, moment.until), market.price_places)
    return Reply(
        {
            "market": market.name,
            "is_full": True,
            "depth": {
                "asks": book.asks,
                "bids": book.bids,
                "last": last,
                "updated_at": book.updated_at,
                "checksum": book.checksum,
            },
        }
    )


def books_are_empty(area: str, moment: Moment) -> bool:
    """Return whether all books of an area are empty, as those of futures are once trading has ended."""
    return area == "futures" and moment.freeze is not None


def empty_book(moment: Moment) -> Book:
    """Return a book without levels; its updated_at moves on, as seen on the wire."""
    return Book([], [], moment.now // BUCKET * BUCKET, 0)


def deals(world: World, area: str, params: Params, moment: Moment) -> Reply:
    """Return the newest deals with deal_id <= last_id, newest first; a delisted market keeps its own."""
    market = market_text(params, world.catalogue, area)
    limit = whole_text(params, "limit", 100, least=1, most=_MOST_ROWS)
    last_id = whole_text(params, "last_id", 0)
    return Reply(quotes.deal_rows(market, world.tape.newest(market, limit, last_id, moment.until)))


def klines(world: World, area: str, params: Params, moment: Moment) -> Reply:
    """Return candles that open within start_time..end_time, oldest first; the newest ones when they exceed limit."""
    market = market_text(params, world.catalogue, area)
    period = choice_text(params, "period", PERIODS)
    price_type = choice_text(params, "price_type", PRICE_TYPES[area], default="latest_price")
    limit = whole_text(params, "limit", 100, least=1, most=_MOST_ROWS)
    start = whole_text(params, "start_time", 0)
    stop = whole_text(params, "end_time", _FOREVER)
    bars = world.history.candles(market, price_type, period, start=start, stop=stop, limit=limit, moment=moment)
    return Reply(quotes.candle_rows(market, bars))


def amm_pools(world: World, params: Params, moment: Moment) -> Reply:
    """Return the pools of the markets named; a market without a pool has no row."""
    if not params.get("market"):
        raise Refusal
    return Reply(
        [
            reference.amm_pool(market, world.tape.last_price(market, moment.until))
            for market in parameters.listed(params, world.catalogue, "spot", moment.now)
            if reference.has_pool(market)
        ]
    )


def futures_ticker(world: World, market: Market, moment: Moment) -> quotes.Row:
    """Return the day figures of one futures market."""
    row = quotes.ticker_row(market, world.tickers.day(market, moment))
    del row["period"]  # it stands last, after the columns that only futures have
    index = world.prices.index_at(market, quotes.index_time(market, moment))
    stuck = moment.freeze is not None and market.name == "BTCUSDT"
    return row | {
        "index_price": quotes.price_text(market, index),
        "mark_price": quotes.price_text(market, world.prices.mark_at(market, moment.until)),
        "open_interest_volume": _FROZEN_INTEREST if stuck else _open_interest(world, market, moment),
        "period": 86400,
    }


def _open_interest(world: World, market: Market, moment: Moment) -> str:
    return quantity(world.funding.open_interest(market, moment), market.amount_places)
