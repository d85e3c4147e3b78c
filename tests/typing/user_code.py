"""What users write, held to mypy --strict by `make lint`; it is never run."""

from __future__ import annotations

from decimal import Decimal

from matplotlib.axes import Axes
from pandas import DataFrame

import coinex_pandas as cx


def tables() -> list[DataFrame]:
    """Return frames of each sort of function."""
    with cx.sandbox(seed=7, faults={"busy": 0.1, "truncate": [3, 7]}, now="2026-06-01") as exchange:
        venue = cx.Venue("mine", http=exchange.http, ws=exchange.ws)
        former: cx.Session = cx.use(venue)
        exchange.clock.advance(60)
        exchange.faults.set("frozen")
        found = [
            cx.futures_tickers(),
            cx.futures_tickers(["BTCUSDT", "ETHUSDT"], numbers="decimal"),
            cx.futures_klines("BTCUSDT", "1h", start="2026-01-01", end=1_780_000_000_000, price_type="mark_price"),
            cx.futures_depth("BTCUSDT", limit=5, interval="0.1"),
            cx.freshness("futures", books=False),
        ]
        cx.use(former)
    cx.options.numbers = "float"
    return found


def account(me: cx.SignedSession) -> list[DataFrame]:
    """Return frames of one's own account, and what verbs answer."""
    orders = DataFrame(
        {"market": ["BTCUSDT"], "side": ["buy"], "type": ["limit"], "amount": ["0.01"], "price": [60_000]}
    )
    made = cx.spot_place_order("BTCUSDT", "buy", "limit", Decimal("0.01"), 60_000.5, client_id="mine-1", session=me)
    return [
        made,
        cx.spot_place_order("BTCUSDT", "sell", "market", "0.01", ccy="BTC", dry_run=True),
        cx.spot_place_orders(orders, market_type="MARGIN", check=False, session=me),
        cx.spot_cancel_orders("BTCUSDT", made.index, session=me),
        cx.futures_close_position("BTCUSDT", "market", amount=0.01, session=me),
        cx.futures_positions(stops=True, session=me),
        cx.spot_user_deals(market=None, start="2025-01-01", numbers="decimal", session=me),
        cx.withdraw("USDT", 10, "an-address", chain="TRC20", dry_run=True),
        cx.doctor(key_made="2026-05-20", session=me),
    ]


def found_out(lost: cx.OutcomeUnknown) -> tuple[str, str]:
    """Return what there is to look for, and how."""
    return lost.client_id, lost.finds_out


def followed(me: cx.SignedSession) -> list[DataFrame]:
    """Return what a stream of one's orders has seen, and what it may have missed."""
    with cx.live.spot_orders("BTCUSDT", session=me) as orders:
        return [orders.df, orders.latest, orders.gaps]


def key() -> cx.SignedSession:
    """Return a session of one's own."""
    return cx.SignedSession.from_env(trading=True, withdrawing=False, window=3000)


def drawing(candles: DataFrame) -> Axes:
    """Return a plot."""
    return cx.plot.candles(candles, volume=False)


def advice(error: cx.Refused) -> str:
    """Return what an error knows."""
    return f"{error.code} {error.message} {error.endpoint} {error.advice} {error.retry_after}"
