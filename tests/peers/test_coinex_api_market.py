"""An independent client of the real exchange, told the sandbox's address and nothing else, reads the same numbers."""

from __future__ import annotations

import pytest

import coinex_pandas as cx

coinex = pytest.importorskip("coinex", reason="the independent client coinex-api is not installed")


@pytest.fixture(scope="module")
def peer(still):
    """Return the client, its markets loaded from the sandbox."""
    client = coinex.CoinexSync({"enableRateLimit": False})
    client.urls["api"] = dict.fromkeys(client.urls["api"], still.http.removesuffix("/v2"))
    client.load_markets()
    return client


def test_it_finds_the_same_markets(peer, still):
    """Every spot and futures market, linear and inverse."""
    ours = set(cx.spot_markets(session=still.session).index) | set(cx.futures_markets(session=still.session).index)
    assert ours == {market["id"] for market in peer.markets.values()}
    assert peer.market("BTC/USD:BTC")["inverse"]


@pytest.mark.parametrize(("kind", "ours"), [("spot", cx.spot_tickers), ("swap", cx.futures_tickers)])
def test_it_reads_the_same_tickers(peer, still, kind, ours):
    """Last price and volume of every market."""
    theirs = {peer.market(name)["id"]: ticker for name, ticker in peer.fetch_tickers(None, {"type": kind}).items()}
    frame = ours(session=still.session)
    assert frame["last"].to_dict() == {name: ticker["last"] for name, ticker in theirs.items()}
    assert frame["volume"].to_dict() == {name: ticker["baseVolume"] for name, ticker in theirs.items()}


def test_it_reads_the_same_candles(peer, still):
    """Times and prices of a hundred hours; it takes `value` for the volume, so that column is left out."""
    frame = cx.futures_klines("BTCUSDT", "1h", limit=100, session=still.session)
    theirs = peer.fetch_ohlcv("BTC/USDT:USDT", "1h", None, 100)
    assert frame.index.asi8.tolist() == [row[0] for row in theirs]
    assert frame[["open", "high", "low", "close"]].to_numpy().tolist() == [row[1:5] for row in theirs]


def test_it_reads_the_same_book_and_trades(peer, still):
    """Twenty levels a side, and a hundred trades with their ids."""
    book = cx.spot_depth("ETHUSDT", limit=20, session=still.session)
    theirs = peer.fetch_order_book("ETH/USDT", 20)
    assert {"ask": theirs["asks"], "bid": theirs["bids"]} == {
        side: book.loc[side].to_numpy().tolist() for side in ("ask", "bid")
    }
    deals = cx.spot_deals("ETHUSDT", limit=100, session=still.session)
    assert deals["deal_id"].tolist() == [int(trade["id"]) for trade in peer.fetch_trades("ETH/USDT", None, 100)]


def test_it_reads_the_same_funding(peer, still):
    """The current rate of every futures market."""
    ours = cx.futures_funding_rates(session=still.session)["latest_funding_rate"].to_dict()
    assert ours == {rate["info"]["market"]: rate["fundingRate"] for rate in peer.fetch_funding_rates().values()}
