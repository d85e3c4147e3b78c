"""Mistakes in what is asked of one's account: refused by the parameter's name, before anything is signed or sent."""

from __future__ import annotations

import pytest

import coinex_pandas as cx


@pytest.fixture
def me(still):
    """Give a session whose clock is measured: what is counted from now on is what is asked for."""
    cx.server_time(session=still.session)
    cx.account_info(session=still.session)
    return still.session


@pytest.mark.usefixtures("unpaced")
@pytest.mark.parametrize(
    ("ask", "named"),
    [
        (lambda s: cx.spot_place_order("BTCUSDT", "by", "limit", "1", "1", session=s), "side"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "lmit", "1", "1", session=s), "type"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "1e", "1", session=s), "amount"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", True, "1", session=s), "amount"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", float("nan"), "1", session=s), "amount"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "-1", "1", session=s), "amount"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "0", "1", session=s), "amount"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "1", session=s), "price"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "market", "1", session=s), "ccy"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "1", "1", client_id="a b", session=s), "client_id"),
        (lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "1", "1", stp_mode="x", session=s), "stp_mode"),
        (
            lambda s: cx.spot_place_order("BTCUSDT", "buy", "limit", "1", "1", market_type="FUTURES", session=s),
            "market_type",
        ),
        (lambda s: cx.spot_place_order(["A", "B"], "buy", "limit", "1", "1", session=s), "market"),
        (lambda s: cx.spot_place_orders([], session=s), "orders"),
        (lambda s: cx.spot_place_orders([{"market": "BTCUSDT"}], session=s), "side"),
        (lambda s: cx.spot_place_orders([{"markt": "BTCUSDT"}], session=s), "markt"),
        (lambda s: cx.spot_cancel_orders("BTCUSDT", [], session=s), "order_ids"),
        (lambda s: cx.spot_cancel_orders("BTCUSDT", ["x"], session=s), "order_ids"),
        (lambda s: cx.spot_cancel_orders("BTCUSDT", [1.5], session=s), "order_ids"),
        (lambda s: cx.spot_cancel_order("BTCUSDT", None, session=s), "order_id"),
        (lambda s: cx.spot_cancel_all_orders("BTCUSDT", side="long", session=s), "side"),
        (lambda s: cx.spot_modify_order("BTCUSDT", 1, session=s), "amount"),
        (
            lambda s: cx.futures_place_stop_order(
                "BTCUSDT", "buy", "limit", "1", "1", trigger_price="1", trigger_price_type="last", session=s
            ),
            "trigger_price_type",
        ),
        (lambda s: cx.futures_set_position_stop_loss("BTCUSDT", "mark", 1, session=s), "stop_loss_type"),
        (lambda s: cx.futures_modify_position_stop_loss("BTCUSDT", 1, session=s), "stop_loss"),
        (lambda s: cx.futures_close_position("BTCUSDT", "limit", session=s), "price"),
        (lambda s: cx.transfer("SPOT", "SPOT", "USDT", 1, session=s), "SPOT on one side"),
        (lambda s: cx.transfer("SPOT", "MARGIN", "USDT", 1, session=s), "market"),
        (lambda s: cx.transfer("SPOT", "FUTURES", "USDT", -1, session=s), "amount"),
        (lambda s: cx.withdraw("USDT", 1, "", session=s), "to_address"),
        (lambda s: cx.withdraw("USDT", 1, "x", withdraw_method="y", session=s), "withdraw_method"),
        (lambda s: cx.deposits(status="x", session=s), "status"),
        (lambda s: cx.spot_transactions("x", session=s), "type"),
        (lambda s: cx.create_sub("grid", permissions=["FUTURE"], session=s), "permissions"),
        (lambda s: cx.set_futures_market_settings("both", session=s), "position_mode"),
        (lambda s: cx.account_settings("yes", session=s), "cet_discount"),
        (lambda s: cx.trade_fee_rate("BTCUSDT", "MARGIN", session=s), "market_type"),
        (lambda s: cx.margin_borrow("BTCUSDT", "USDT", 1, "yes", session=s), "is_auto_renew"),
        (lambda s: cx.spot_user_deals("BTCUSDT", start="2026-06-01", end="2026-05-01", session=s), "end"),
        (lambda s: cx.spot_finished_orders("BTCUSDT", start="soon", session=s), "start"),
        (lambda s: cx.sub_balances("grid", "SPOTS", session=s), "market_type"),
        (lambda s: cx.amm_add_liquidity("CETUSDT", 0, 1, session=s), "base_ccy_amount"),
        (lambda s: cx.sub_transfer("SPOT", "SPOT", "USDT", 1, session=s), "user_name"),
        (lambda s: cx.edit_sub_api("grid-1", 1, session=s), "trade_enabled"),
    ],
)
def test_a_wrong_argument_is_named_and_nothing_is_sent(still, me, ask, named):
    """Refused here, by the parameter's name, before a single request."""
    before = still.server.requests
    with pytest.raises(cx.InvalidArgument, match=named):
        ask(me)
    assert before == still.server.requests
