"""Rows about prices: candles, deals, tickers, funding rates, index prices."""

from __future__ import annotations

from coinex_pandas.simulator.market.candles import Bars
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.prices import Prices
from coinex_pandas.simulator.market.tape import VALUE_PLACES, Deals
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.noise import key
from coinex_pandas.simulator.reply import Row
from coinex_pandas.simulator.text import fixed, fixed_all, quantities, quantity, rate

__all__ = [
    "candle_rows",
    "deal_rows",
    "funding_rate",
    "futures_ticker",
    "index_row",
    "index_time",
    "open_interest",
    "price_text",
    "spot_ticker",
]

_BASKETS = (
    (("binance", "0.5"), ("okx", "0.2"), ("kucoin", "0.15"), ("bybit", "0.15")),
    (("binance", "0.25"), ("coinex", "0.25"), ("mexc", "0.25"), ("bybit", "0.25")),
    (("okx", "0.4"), ("gate", "0.3"), ("coinex", "0.2"), ("kucoin", "0.1")),
)
_FROZEN_INTEREST = "552.725"  # BTCUSDT's, as the wire showed it after trading had ended
_INDEX_PACE = 3_000  # milliseconds between index values


def candle_rows(market: Market, bars: Bars) -> list[Row]:
    """Return candles, oldest first."""
    prices = [
        fixed_all(column.tolist(), market.price_places) for column in (bars.open, bars.close, bars.high, bars.low)
    ]
    volume = quantities(bars.volume.tolist(), market.amount_places)
    value = quantities(bars.value.tolist(), VALUE_PLACES)
    name = market.name
    return [
        {
            "market": name,
            "created_at": created_at,
            "open": opened,
            "close": closed,
            "high": high,
            "low": low,
            "volume": traded,
            "value": turnover,
        }
        for created_at, opened, closed, high, low, traded, turnover in zip(
            (bars.minute * MINUTE).tolist(), *prices, volume, value, strict=True
        )
    ]


def deal_rows(market: Market, deals: Deals) -> list[Row]:
    """Return deals, newest first."""
    columns = (
        deals.deal_id[::-1].tolist(),
        deals.created_at[::-1].tolist(),
        deals.buy[::-1].tolist(),
        fixed_all(deals.price[::-1].tolist(), market.price_places),
        fixed_all(deals.amount[::-1].tolist(), market.amount_places),
    )
    return [
        {
            "deal_id": deal_id,
            "created_at": created_at,
            "side": "buy" if buy else "sell",
            "price": price,
            "amount": amount,
        }
        for deal_id, created_at, buy, price, amount in zip(*columns, strict=True)
    ]


def spot_ticker(world: World, market: Market, moment: Moment) -> Row:
    """Return the day figures of a market, those that both areas have."""
    day = world.tickers.day(market, moment)
    last, opened, high, low = fixed_all((day.close, day.open, day.high, day.low), market.price_places)
    return {
        "market": market.name,
        "last": last,
        "open": opened,
        "close": last,
        "high": high,
        "low": low,
        "volume": quantity(day.volume, market.amount_places),
        "volume_sell": quantity(day.sold, market.amount_places),
        "volume_buy": quantity(day.bought, market.amount_places),
        "value": quantity(day.value, VALUE_PLACES),
        "period": 86400,
    }


def futures_ticker(world: World, market: Market, moment: Moment) -> Row:
    """Return the day figures of a futures market."""
    row = spot_ticker(world, market, moment)
    del row["period"]  # it comes last, after the columns that only futures have
    index = world.prices.index_at(market, index_time(market, moment))
    stuck = moment.freeze is not None and market.name == "BTCUSDT"
    return row | {
        "index_price": price_text(market, index),
        "mark_price": price_text(market, world.prices.mark_at(market, moment.until)),
        "open_interest_volume": _FROZEN_INTEREST if stuck else open_interest(world, market, moment),
        "period": 86400,
    }


def funding_rate(world: World, market: Market, moment: Moment) -> Row:
    """Return the current funding of one market."""
    latest, following = world.funding.current(market, moment)
    latest_time, next_time = world.funding.upcoming(market, moment)
    return {
        "market": market.name,
        "mark_price": price_text(market, world.prices.mark_at(market, moment.until)),
        "latest_funding_rate": rate(latest),
        "next_funding_rate": rate(following),
        "max_funding_rate": rate(market.cap),
        "min_funding_rate": rate(-market.cap),
        "latest_funding_time": latest_time * MINUTE,
        "next_funding_time": next_time * MINUTE,
    }


def open_interest(world: World, market: Market, moment: Moment) -> str:
    """Return the size of all open positions of a futures market."""
    return quantity(world.funding.open_interest(market, moment), market.amount_places)


def index_time(market: Market, moment: Moment) -> int:
    """Return the time of the newest index value."""
    return moment.until - (moment.until + market.number * 131) % _INDEX_PACE


def index_row(market: Market, moment: Moment, prices: Prices) -> Row:
    """Return the index price with its four sources; only spot shows the price of each."""
    created_at = index_time(market, moment)
    price = prices.index_at(market, created_at)
    sources: list[Row] = []
    for exchange, weight in _BASKETS[market.number % len(_BASKETS)]:
        hashed = key(market.key, exchange, created_at)
        source: Row = {"exchange": exchange, "created_at": created_at - hashed % 1500, "index_weight": weight}
        if market.area == "spot":
            source["index_price"] = price_text(market, price * (1.0 + ((hashed >> 32) % 1001 - 500) * 2e-7))
        sources.append(source)
    return {
        "market": market.name,
        "created_at": created_at,
        "price": price_text(market, price),
        "sources": sources,
    }


def price_text(market: Market, price: float) -> str:
    """Return a computed price with the market's places."""
    return fixed(max(1, round(price * 10**market.price_places)), market.price_places)
