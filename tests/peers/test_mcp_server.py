"""coinex-mcp-server, spoken to as an assistant does, trades at the sandbox; its numbers are ours."""

import importlib.util

import pytest

import coinex_pandas as cx
from tests.peers.mcp_program import McpProgram

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("coinex_mcp_server") is None, reason="coinex-mcp-server is not installed"
)


@pytest.fixture(scope="module")
def programs(exchange, still, tmp_path_factory):
    """Return a program at each exchange; they take seconds to start, so both start at once."""
    started = [McpProgram(where, tmp_path_factory.mktemp("mcp")) for where in (exchange, still)]
    with started[0] as peer, started[1] as still_peer:
        yield peer, still_peer


@pytest.fixture
def peer(programs):
    """Return the program that can trade."""
    return programs[0]


@pytest.fixture
def still_peer(programs):
    """Return a program at the exchange that stands still; its clock is another one, so that nobody can sign there."""
    return programs[1]


@pytest.fixture
def ours(exchange):
    """Return keywords that send our own functions to the same exchange."""
    return {"session": exchange.session}


def test_every_tool_is_tried(peer):
    """A tool that the server newly has shall not go unnoticed; it never calls the exchange for liquidations."""
    market = {"get_ticker", "list_markets", "get_index_price", "get_orderbook", "get_deals", "get_kline"}
    futures = {"get_funding_rate", "get_funding_rate_history", "get_premium_index_history", "get_basis_history"}
    account = {"get_account_balance", "place_order", "cancel_order", "get_order_history"}
    assert market | futures | account | {"get_margin_tiers", "get_liquidation_history"} == peer.tools()


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_markets_and_prices(still_peer, still, area):
    """Ticker, market, book, deals, candles and index, number by number; signed headers on public calls do no harm."""
    at = {"base": "BTC", "market_type": area}
    own = {"numbers": "text", "session": still.session}

    def ours(name, *args, **more):
        return getattr(cx, f"{area}_{name}")(*args, **more, **own)

    (ticker,) = still_peer.data("get_ticker", **at)
    assert ticker["last"] == ours("tickers", "BTCUSDT")["last"].iloc[0]
    (market,) = still_peer.data("list_markets", **at)
    assert market["min_amount"] == ours("markets", "BTCUSDT")["min_amount"].iloc[0]
    book = still_peer.data("get_orderbook", **at)["depth"]
    frame = ours("depth", "BTCUSDT", limit=20)
    assert {side: frame.loc[side].to_numpy().tolist() for side in ("ask", "bid")} == {
        "ask": book["asks"],
        "bid": book["bids"],
    }
    deals = still_peer.data("get_deals", limit=50, **at)
    assert {deal["deal_id"]: deal["price"] for deal in deals} == (
        ours("deals", "BTCUSDT", limit=50).set_index("deal_id")["price"].to_dict()
    )
    candles = still_peer.data("get_kline", period="1hour", limit=30, **at)
    assert [candle["close"] for candle in candles] == ours("klines", "BTCUSDT", "1h", limit=30)["close"].tolist()
    (index,) = still_peer.data("get_index_price", **at)
    assert index["price"] == ours("index_prices", "BTCUSDT")["price"].iloc[0]


def test_futures_histories(still_peer, still):
    """Funding, premium, basis and tiers."""
    own = {"numbers": "text", "session": still.session}
    (rate,) = still_peer.data("get_funding_rate", base="BTC")
    assert rate["latest_funding_rate"] == cx.futures_funding_rates("BTCUSDT", **own)["latest_funding_rate"].iloc[0]
    tiers = still_peer.data("get_margin_tiers", base="BTC")[0]["level"]
    assert [tier["leverage"] for tier in tiers] == cx.futures_position_levels(
        "BTCUSDT", numbers="text", session=still.session
    )["leverage"].astype(str).tolist()
    for tool, column, frame in (
        ("get_funding_rate_history", "actual_funding_rate", cx.futures_funding_rate_history),
        ("get_premium_index_history", "premium_index", cx.futures_premium_index_history),
        ("get_basis_history", "basis_rate", cx.futures_basis_history),
    ):
        theirs = still_peer.data(tool, base="BTC")
        own_values = frame("BTCUSDT", **own)[column].tolist()
        assert {row[column] for row in theirs} <= set(own_values)
        assert theirs


def test_balances(peer, ours):
    """What the spot wallet holds."""
    theirs = {row["ccy"]: row["available"] for row in peer.data("get_account_balance")}
    assert theirs == cx.spot_balances(numbers="text", **ours)["available"].to_dict()


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_an_order_from_placing_to_cancelling(peer, ours, area):
    """It places, both sides list, it cancels."""
    at = {"base": "BTC", "market_type": area}
    placed = peer.data("place_order", side="buy", amount="0.01", price="30000", client_id="theirs", **at)
    pending = getattr(cx, f"{area}_pending_orders")("BTCUSDT", **ours)
    assert [placed["order_id"]] == pending.index.tolist()
    assert ("theirs", 30000, 0.01) == tuple(pending.iloc[0][["client_id", "price", "amount"]])
    listed = peer.data("get_order_history", status="pending", **at)
    assert [placed["order_id"]] == [order["order_id"] for order in listed]
    peer.data("cancel_order", order_id=placed["order_id"], **at)
    assert getattr(cx, f"{area}_pending_orders")("BTCUSDT", **ours).empty
    assert 3600 == peer.call("cancel_order", order_id=placed["order_id"], **at)["code"]


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_a_market_order_stands_in_the_history(peer, ours, area):
    """Filled at once, with the numbers that we read."""
    at = {"base": "BTC", "market_type": area}
    placed = peer.data("place_order", side="sell", amount="0.01", **at)
    history = peer.data("get_order_history", side="sell", **at)
    finished = getattr(cx, f"{area}_finished_orders")("BTCUSDT", numbers="text", **ours)
    assert [order["order_id"] for order in history] == finished.index.tolist()[::-1] == [placed["order_id"]]
    assert history[0]["filled_value"] == finished["filled_value"].iloc[0] == placed["filled_value"]


def test_a_stop_order_on_spot(peer, ours):
    """With a trigger price it becomes a stop order."""
    placed = peer.data("place_order", base="BTC", side="buy", amount="0.01", price="30000", trigger_price="31000")
    assert [placed["stop_id"]] == cx.spot_pending_stop_orders("BTCUSDT", **ours).index.tolist()
    listed = peer.data("get_order_history", base="BTC", status="pending", is_stop=True)
    assert [placed["stop_id"]] == [order["stop_id"] for order in listed]


def test_wrong_types_are_refused(peer, ours):
    """A flag as text, and a futures stop order without its kind of price: both are wrong by the reference."""
    hidden = peer.call("place_order", base="BTC", side="buy", amount="0.01", price="30000", is_hide=True)
    assert (4004, "invalid argument: is_hide") == (hidden["code"], hidden["message"])
    stop = {"base": "BTC", "side": "buy", "amount": "0.01", "price": "30000", "trigger_price": "31000"}
    assert 4004 == peer.call("place_order", market_type="futures", **stop)["code"]
    assert cx.spot_pending_orders("BTCUSDT", **ours).empty


def test_its_signatures_are_of_the_present_kind(exchange, peer):
    """HMAC-SHA256."""
    signed = exchange.server.auth.signed
    before = signed.copy()
    peer.data("get_account_balance")
    assert {"hmac": 1} == dict(signed - before)
