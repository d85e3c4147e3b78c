"""coinex-api trades on spot and margin, and both sides see the same orders, deals and balances."""

import pytest

import coinex_pandas as cx
from tests.peers.coinex_api import SPOT, AuthenticationError, InvalidOrder, client


@pytest.fixture(scope="module")
def peer(exchange):
    """Return the client, its markets loaded."""
    made = client(exchange, options={"createMarketBuyOrderRequiresPrice": False})
    made.load_markets()
    return made


@pytest.fixture
def ours(exchange):
    """Return keywords that send our own functions to the same exchange."""
    return {"session": exchange.session}


@pytest.fixture(scope="module")
def low(exchange):
    """Return a price at which nothing is sold soon."""
    return float(round(cx.spot_tickers(session=exchange.session).loc["BTCUSDT", "last"] * 0.8, 2))


def test_it_reads_the_same_balances(peer, ours):
    """Free, used and total of every currency."""
    theirs, frame = peer.fetch_balance(), cx.spot_balances(**ours)
    assert frame["available"].to_dict() == theirs["free"]
    assert frame["frozen"].to_dict() == theirs["used"]


def test_an_order_of_theirs_is_an_order_of_ours(peer, ours, low):
    """Placed, looked up, listed, changed, cancelled: they act, both look."""
    placed = peer.create_order(SPOT, "limit", "buy", 0.01, low, {"clientOrderId": "theirs"})
    number = int(placed["id"])
    pending = cx.spot_pending_orders("BTCUSDT", **ours)
    assert [number] == pending.index.tolist()
    assert ("theirs", low, 0.01) == tuple(pending.loc[number, ["client_id", "price", "amount"]])

    changed = peer.edit_order(placed["id"], SPOT, "limit", "buy", 0.02, low - 100)
    assert (low - 100, 0.02) == (changed["price"], changed["amount"])
    status = cx.spot_order_status("BTCUSDT", number, **ours).iloc[0]
    assert (status["price"], status["amount"], status["status"]) == (low - 100, 0.02, "open")
    assert "open" == peer.fetch_order(placed["id"], SPOT)["status"]
    assert cx.spot_balances(**ours).loc["USDT", "frozen"] == peer.fetch_balance()["used"]["USDT"] > 0

    peer.cancel_order(placed["id"], SPOT)
    assert [] == peer.fetch_open_orders(SPOT)
    assert cx.spot_pending_orders("BTCUSDT", **ours).empty
    assert 0 == peer.fetch_balance()["used"]["USDT"]


def test_an_order_of_ours_is_an_order_of_theirs(peer, ours, low):
    """The other way round, cancelled by its client_id."""
    placed = cx.spot_place_order(
        "BTCUSDT", side="buy", type="limit", amount="0.03", price=low, client_id="ours", **ours
    )
    (found,) = peer.fetch_open_orders(SPOT)
    assert (str(placed.index[0]), "ours") == (found["id"], found["clientOrderId"])
    assert (0.03, low, 0.0) == (found["amount"], found["price"], found["filled"])
    peer.cancel_order(None, SPOT, {"clientOrderId": "ours"})
    assert cx.spot_pending_orders("BTCUSDT", **ours).empty


@pytest.mark.parametrize(
    "order",
    [
        ("market", "buy", 100, {}),
        ("market", "sell", 0.002, {}),
        ("limit", "buy", 0.01, {"timeInForce": "IOC"}),
        ("limit", "buy", 0.01, {"timeInForce": "FOK"}),
    ],
)
def test_a_filled_order_shows_the_same_deals(peer, ours, low, order):
    """Price, amount and fee of each deal; what was filled, and the balances after it."""
    kind, side, amount, params = order
    price = None if kind == "market" else round(low * 1.3, 2)
    placed = peer.create_order(SPOT, kind, side, amount, price, params)
    deals = cx.spot_order_deals("BTCUSDT", int(placed["id"]), **ours)
    theirs = [trade for trade in peer.fetch_my_trades(SPOT) if trade["order"] == placed["id"]]
    assert len(deals) == len(theirs) > 0
    assert deals["deal_id"].tolist() == [int(trade["id"]) for trade in theirs]
    for name, mine in (("price", "price"), ("amount", "amount")):
        assert deals[mine].tolist() == [trade[name] for trade in theirs]
    assert deals["fee"].tolist() == [trade["fee"]["cost"] for trade in theirs]
    (closed,) = [each for each in peer.fetch_closed_orders(SPOT) if each["id"] == placed["id"]]
    finished = cx.spot_finished_orders("BTCUSDT", **ours).loc[int(placed["id"])]
    assert (finished["filled_amount"], finished["filled_value"]) == (closed["filled"], closed["cost"])
    assert cx.spot_balances(**ours)["available"].to_dict() == peer.fetch_balance()["free"]


def test_a_maker_only_order_rests(peer, low):
    """``postOnly`` is maker_only here; one that would take is refused."""
    placed = peer.create_order(SPOT, "limit", "buy", 0.01, low, {"postOnly": True})
    assert "maker_only" == placed["type"]
    peer.cancel_all_orders(SPOT)
    with pytest.raises(InvalidOrder, match="maker_only"):
        peer.create_order(SPOT, "limit", "buy", 0.01, round(low * 1.3, 2), {"postOnly": True})


def test_a_batch_has_a_result_for_each(peer, ours, low):
    """One of two is too small: the other one rests."""
    fine = {"symbol": SPOT, "type": "limit", "side": "buy", "amount": 0.01, "price": low}
    placed = peer.create_orders([fine, fine | {"amount": 0.0000001}])
    assert [0, 3127] == [order["info"]["code"] for order in placed]
    assert [placed[0]["info"]["data"]["order_id"]] == cx.spot_pending_orders("BTCUSDT", **ours).index.tolist()
    (order,) = peer.fetch_open_orders(SPOT)
    peer.edit_orders([fine | {"id": order["id"], "amount": 0.02}])
    assert [0.02] == cx.spot_pending_orders("BTCUSDT", **ours)["amount"].tolist()
    peer.cancel_orders([order["id"]], SPOT)
    assert cx.spot_pending_orders(**ours).empty


def test_a_stop_order(peer, ours, low):
    """Placed, listed and cancelled."""
    placed = peer.create_order(SPOT, "limit", "sell", 0.01, low, {"triggerPrice": low * 0.9})
    ours_now = cx.spot_pending_stop_orders("BTCUSDT", **ours)
    (theirs,) = peer.fetch_open_orders(SPOT, None, None, {"trigger": True})
    assert [int(placed["id"])] == ours_now.index.tolist()
    assert (placed["id"], ours_now["trigger_price"].iloc[0]) == (theirs["id"], theirs["triggerPrice"])
    peer.cancel_order(placed["id"], SPOT, {"trigger": True})
    assert cx.spot_pending_stop_orders("BTCUSDT", **ours).empty


def test_money_comes_moves_and_goes(exchange, peer, ours):
    """A deposit, a transfer and a withdrawal, as both sides list them."""
    number = exchange.deposit(exchange.account, "BTC", "0.5")
    (deposit,) = peer.fetch_deposits("BTC")
    assert (number, 0.5) == (deposit["info"]["deposit_id"], deposit["amount"])
    assert [0.5] == cx.deposits(ccy="BTC", **ours)["amount"].tolist()

    peer.transfer("USDT", 100, "spot", "swap")
    (transfer,) = peer.fetch_transfers("USDT")
    frame = cx.transfers("USDT", **ours)
    assert [100.0] == frame["amount"].tolist() == [transfer["amount"]]
    assert cx.futures_balances(**ours).loc["USDT", "available"] == peer.fetch_balance({"type": "swap"})["free"]["USDT"]

    gone = peer.withdraw("USDT", 50, "an-address-of-nobody", None, {"network": "TRC20"})
    (withdrawal,) = peer.fetch_withdrawals("USDT")
    assert [int(gone["id"])] == cx.withdrawals(ccy="USDT", **ours).index.tolist() == [int(withdrawal["id"])]
    assert (
        peer.fetch_deposit_address("USDT", {"network": "TRC20"})["address"]
        == (cx.deposit_address("USDT", "TRC20", **ours)["address"].iloc[0])
    )


def test_a_margin_loan(peer, ours, low):
    """Moved in, borrowed, traded on, repaid."""
    peer.transfer("USDT", 1000, "spot", "margin", {"symbol": SPOT})
    loan = peer.borrow_isolated_margin(SPOT, "USDT", 100, {"isAutoRenew": False})
    frame = cx.margin_borrows("BTCUSDT", **ours)
    assert [int(loan["id"])] == frame.index.tolist()
    (owed,) = peer.fetch_borrow_interest("USDT", SPOT)
    assert owed["amountBorrowed"] == frame["borrow_amount"].iloc[0] == 100
    peer.create_order(SPOT, "limit", "buy", 0.01, low, {"marginMode": "isolated"})
    assert 1 == len(cx.spot_pending_orders("BTCUSDT", market_type="MARGIN", **ours))
    assert 1 == len(peer.fetch_open_orders(SPOT, None, None, {"marginMode": "isolated"}))
    peer.cancel_all_orders(SPOT, {"marginMode": "isolated"})
    peer.repay_isolated_margin(SPOT, "USDT", 100)


def test_it_pays_the_same_fees(peer, ours):
    """The rates of one market."""
    frame = cx.trade_fee_rate("BTCUSDT", "SPOT", **ours).iloc[0]
    theirs = peer.fetch_trading_fee(SPOT)
    assert (frame["maker_rate"], frame["taker_rate"]) == (theirs["maker"], theirs["taker"])


def test_its_signatures_are_of_the_old_kind(exchange, peer, ours):
    """Both schemes are accepted, and told apart."""
    signed = exchange.server.auth.signed
    before = signed.copy()
    peer.fetch_balance()
    assert (1, 0) == (signed["sha256"] - before["sha256"], signed["hmac"] - before["hmac"])
    cx.spot_balances(**ours)
    assert (1, 1) == (signed["sha256"] - before["sha256"], signed["hmac"] - before["hmac"])


def test_a_wrong_secret_is_refused(exchange):
    """The client knows the code for it: 4006."""
    with pytest.raises(AuthenticationError, match="signature incorrect"):
        client(exchange, secret="0" * 48).fetch_balance()
