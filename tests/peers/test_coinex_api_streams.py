"""coinex-api's streams: the same tickers, deals, books, balances and orders as ours, over the sandbox's sockets.

It goes wrong by itself in three ways, which these tests keep clear of: on futures it finds tickers only with
``defaultType``; it keeps own and public trades in one list; it never subscribes to both orders and stop orders.
"""

import asyncio

import pytest

import coinex_pandas as cx
from tests.peers.coinex_api import SPOT, SWAP, client, coinex

# How it uses aiohttp is its own matter.
pytestmark = pytest.mark.filterwarnings(r"ignore::DeprecationWarning:aiohttp\.connector")
AREAS = [("spot", SPOT), ("swap", SWAP)]
IDS = ["spot", "futures"]
SECONDS = 100


def streaming(exchange, kind, play):
    """Run a play with a connected client, and close it whatever happens."""

    async def run():
        made = client(
            exchange, coinex.CoinexWs, options={"defaultType": kind, "createMarketBuyOrderRequiresPrice": False}
        )
        try:
            await made.load_markets()
            return await asyncio.wait_for(play(made), SECONDS)
        finally:
            await made.close()

    return asyncio.run(run())


async def while_trading(watched, act):
    """Return what is watched, once something was done that it should show."""
    waiting = asyncio.ensure_future(watched)
    while not waiting.done():
        await act()
        await asyncio.wait([waiting], timeout=0.2)
    return waiting.result()


def buy(peer, kind, symbol):
    """Return what buys a little."""
    return lambda: peer.create_order(symbol, "market", "buy", 100 if kind == "spot" else 0.01)


@pytest.mark.parametrize(("kind", "symbol"), AREAS, ids=IDS)
def test_public_streams(exchange, kind, symbol):
    """A ticker, deals, a book and the best prices; the deals are those that we read over HTTP."""

    async def play(peer):
        ticker = await peer.watch_ticker(symbol)
        trades = await peer.watch_trades(symbol)
        book = await peer.watch_order_book(symbol)
        best = await peer.watch_bids_asks([symbol])
        return ticker, trades, book, best

    ticker, trades, book, best = streaming(exchange, kind, play)
    deals = (cx.spot_deals if kind == "spot" else cx.futures_deals)("BTCUSDT", limit=1000, session=exchange.session)
    known = dict(zip(deals["deal_id"], deals["price"], strict=True))
    assert {int(trade["id"]): trade["price"] for trade in trades}.items() <= known.items()
    assert ticker["last"] in set(deals["price"])
    assert book["bids"][0][0] < book["asks"][0][0]
    assert 50 == len(book["bids"]) == len(book["asks"])
    assert best["bid"] < best["ask"]


@pytest.mark.parametrize(("kind", "symbol"), AREAS, ids=IDS)
def test_balances(exchange, kind, symbol):
    """What is left after an order, as we read it over HTTP."""

    async def play(peer):
        return await while_trading(peer.watch_balance({"type": kind}), buy(peer, kind, symbol))

    balance = streaming(exchange, kind, play)
    ours = (cx.spot_balances if kind == "spot" else cx.futures_balances)(session=exchange.session)
    if kind == "spot":
        assert ours.loc["USDT", "available"] == balance["USDT"]["free"]
    else:  # what is free follows the prices
        assert ours.loc["USDT", "available"] == pytest.approx(balance["USDT"]["free"], rel=1e-3)


@pytest.mark.parametrize(("kind", "symbol"), AREAS, ids=IDS)
def test_orders_and_deals(exchange, kind, symbol):
    """A filled order and its deals, with the numbers that we read over HTTP."""

    async def play(peer):
        return await while_trading(peer.watch_orders(symbol), buy(peer, kind, symbol))

    async def play_deals(peer):
        return await while_trading(peer.watch_my_trades(symbol), buy(peer, kind, symbol))

    area = "spot" if kind == "spot" else "futures"
    order = streaming(exchange, kind, play)[-1]
    finished = getattr(cx, f"{area}_finished_orders")("BTCUSDT", session=exchange.session).loc[int(order["id"])]
    assert finished["filled_amount"] == order["filled"]
    assert "closed" == order["status"]
    trades = streaming(exchange, kind, play_deals)
    deals = getattr(cx, f"{area}_user_deals")("BTCUSDT", session=exchange.session).set_index("deal_id")
    for trade in trades:
        assert (trade["price"], trade["amount"]) == tuple(deals.loc[int(trade["id"]), ["price", "amount"]])


@pytest.mark.parametrize(("kind", "symbol"), AREAS, ids=IDS)
def test_stop_orders(exchange, kind, symbol):
    """A stop order that was put."""

    async def play(peer):
        low = round((await peer.fetch_ticker(symbol))["last"] * 0.7, 2)
        return await while_trading(
            peer.watch_orders(symbol, None, None, {"trigger": True}),
            lambda: peer.create_order(symbol, "limit", "sell", 0.01, low, {"triggerPrice": low}),
        )

    stop = streaming(exchange, kind, play)[-1]
    area = "spot" if kind == "spot" else "futures"
    pending = getattr(cx, f"{area}_pending_stop_orders")("BTCUSDT", session=exchange.session)
    assert pending.loc[int(stop["id"]), "trigger_price"] == stop["triggerPrice"]
