"""coinex-api trades futures, and both sides see the same orders, positions and payments."""

import pandas as pd
import pytest

import coinex_pandas as cx
from tests.peers.coinex_api import SWAP, client


@pytest.fixture(scope="module")
def peer(exchange):
    """Return the client, its markets loaded."""
    made = client(exchange)
    made.load_markets()
    return made


@pytest.fixture
def ours(exchange):
    """Return keywords that send our own functions to the same exchange."""
    return {"session": exchange.session}


@pytest.fixture(scope="module")
def last(exchange):
    """Return what one coin costs."""
    return float(cx.futures_tickers(session=exchange.session).loc["BTCUSDT", "last"])


def test_an_order_of_theirs_is_an_order_of_ours(peer, ours, last):
    """Placed, looked up, listed, changed, cancelled."""
    low = round(last * 0.8, 2)
    placed = peer.create_order(SWAP, "limit", "buy", 0.01, low, {"clientOrderId": "theirs"})
    number = int(placed["id"])
    assert ("theirs", low) == tuple(cx.futures_pending_orders("BTCUSDT", **ours).loc[number, ["client_id", "price"]])
    peer.edit_order(placed["id"], SWAP, "limit", "buy", 0.02, low)
    assert 0.02 == cx.futures_order_status("BTCUSDT", number, **ours)["amount"].iloc[0]
    assert 0.02 == peer.fetch_order(placed["id"], SWAP)["amount"]
    assert [placed["id"]] == [order["id"] for order in peer.fetch_open_orders(SWAP)]
    peer.cancel_order(placed["id"], SWAP)
    assert cx.futures_pending_orders(**ours).empty


def test_a_position_from_opening_to_closing(peer, ours, last):
    """Leverage, entry, margin, stop loss, take profit, close: each step looks the same from both sides."""
    peer.set_leverage(10, SWAP, {"marginMode": "isolated"})
    placed = peer.create_order(SWAP, "market", "buy", 0.01)
    position = cx.futures_positions("BTCUSDT", **ours).iloc[0]
    theirs = peer.fetch_position(SWAP)
    assert (10, "isolated", "long") == (theirs["leverage"], theirs["marginMode"], theirs["side"])
    assert (10, "isolated", "long") == tuple(position[["leverage", "margin_mode", "side"]])
    assert position["avg_entry_price"] == theirs["entryPrice"]
    assert position["open_interest"] == theirs["contracts"] == 0.01
    assert position["liq_price"] == theirs["liquidationPrice"]

    peer.add_margin(SWAP, 10)
    assert 10 == round(cx.futures_positions("BTCUSDT", **ours)["margin_avbl"].iloc[0] - position["margin_avbl"], 6)
    changes = cx.futures_position_margin_history("BTCUSDT", position_id=int(position.name), **ours)
    listed = peer.fetch_margin_adjustment_history(SWAP, None, None, None, {"positionId": int(position.name)})
    assert sorted(changes["margin_change"]) == sorted(change["amount"] for change in listed)

    peer.create_order(SWAP, "market", "sell", 0.01, None, {"takeProfitPrice": round(last * 1.5, 2), "reduceOnly": True})
    peer.create_order(SWAP, "market", "sell", 0.01, None, {"stopLossPrice": round(last * 0.9, 2), "reduceOnly": True})
    guarded = cx.futures_positions("BTCUSDT", **ours).iloc[0]
    assert (round(last * 1.5, 2), round(last * 0.9, 2)) == tuple(guarded[["take_profit_price", "stop_loss_price"]])

    deals = cx.futures_user_deals("BTCUSDT", **ours)
    trades = [trade for trade in peer.fetch_my_trades(SWAP) if trade["order"] == placed["id"]]
    assert deals["deal_id"].tolist() == [int(trade["id"]) for trade in trades]
    assert deals["fee"].tolist() == [trade["fee"]["cost"] for trade in trades]

    peer.close_position(SWAP, None, {"type": "market"})
    assert cx.futures_positions(**ours).empty
    assert [] == peer.fetch_positions()
    (gone,) = peer.fetch_position_history(SWAP)
    finished = cx.futures_finished_positions("BTCUSDT", **ours).iloc[0]
    assert finished["realized_pnl"] == gone["realizedPnl"]
    assert cx.futures_balances(**ours)["available"].to_dict() == pytest.approx(
        peer.fetch_balance({"type": "swap"})["free"]
    )


def test_a_stop_order(peer, ours, last):
    """Placed, listed and cancelled, with a trigger price of its kind."""
    high = round(last * 1.2, 2)
    placed = peer.create_order(SWAP, "limit", "buy", 0.01, high, {"triggerPrice": high})
    frame = cx.futures_pending_stop_orders("BTCUSDT", **ours)
    assert ([int(placed["id"])], [high]) == (frame.index.tolist(), frame["trigger_price"].tolist())
    peer.cancel_all_orders(SWAP)
    peer.cancel_order(placed["id"], SWAP, {"trigger": True})
    assert cx.futures_pending_stop_orders(**ours).empty


def test_funding_was_paid():
    """A position that was held over a settlement: the same payments on both sides."""
    with cx.sandbox(seed=7, now=pd.Timestamp.now("UTC") - pd.Timedelta(hours=9), speed=0) as exchange:
        cx.futures_place_order("BTCUSDT", side="buy", type="market", amount="0.01")
        exchange.clock.advance(9 * 3600)  # the client's clock is this machine's, and by now the exchange's is, too
        frame = cx.futures_position_funding_history("BTCUSDT")
        theirs = client(exchange).fetch_funding_history(SWAP)
        told = {payment["timestamp"]: payment["amount"] for payment in theirs}
        assert told == dict(zip(frame.index.asi8.tolist(), frame["funding_value"], strict=True))
        assert 1 <= len(told) <= 2
        assert all(told.values())
