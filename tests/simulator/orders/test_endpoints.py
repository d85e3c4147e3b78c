"""Which orders the endpoints take and refuse, and what they answer."""

import json
from decimal import Decimal

import pytest

from coinex_pandas.simulator.orders.order import Order
from coinex_pandas.simulator.reply import Refusal
from tests.simulator.order_exchange import NOW, OrderExchange, Trader


@pytest.fixture
def exchange():
    """Give a exchange for BTCUSDT."""
    return OrderExchange()


@pytest.fixture
def ann(exchange):
    """Give a trader."""
    return exchange.trader("ann")


GOOD = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit", "amount": "0.01", "price": "30000"}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        (4004, {"amount": 0.01}),
        (4004, {"amount": "1e-2"}),
        (4004, {"amount": "-1"}),
        (4004, {"amount": "0"}),
        (4004, {"amount": ""}),
        (4004, {"price": None}),
        (4004, {"price": "NaN"}),
        (4004, {"side": "BUY"}),
        (4004, {"type": "stop"}),
        (4004, {"market_type": "FUTURES"}),
        (4004, {"market_type": None}),
        (4004, {"market": None}),
        (4004, {"client_id": "a b"}),
        (4004, {"client_id": "x" * 33}),
        (4004, {"client_id": 7}),
        (4004, {"is_hide": "true"}),
        (4004, {"stp_mode": "none"}),
        (4004, {"type": "market", "ccy": "ETH"}),
        (3639, {"market": "NOUSDT"}),
        (3639, {"amount": "0.123456789"}),
        (3639, {"amount": "9" * 30 + "." + "9" * 30}),
        (3639, {"price": "30000.001"}),
        (3127, {"amount": "0.0000001"}),
        (3127, {"type": "market", "amount": "0.01"}),
        (3606, {"price": "99000"}),
        (3606, {"side": "sell", "price": "30000"}),
        (3109, {"amount": "10"}),
        (4117, {"market": "ZROUSDT"}),
        (4117, {"market": "EOSUSDT"}),
        (4117, {"market": "GRINUSDT", "market_type": "MARGIN"}),
    ],
)
def test_what_is_wrong_is_refused(exchange, ann, code, change):
    """Each with its code, and nothing has happened."""
    with pytest.raises(Refusal) as refusal:
        ann.ask("spot_place_order", **{**GOOD, **change})
    assert code == refusal.value.reply.code
    assert [] == ann.events == ann.act("pending_orders")
    assert (100_000, 0) == ann.balance("USDT")


def test_far_on_the_harmless_side_is_allowed(exchange, ann):
    """A bid far below the market may rest, and an ask far above."""
    ann.order("buy", "0.01", "1")
    ann.order("sell", "9000000", "1")
    assert 2 == len(ann.act("pending_orders"))


@pytest.mark.parametrize(("area", "code"), [("spot", 4117), ("futures", 4130)])
def test_trading_has_ended(area, code):
    """New orders and stops are refused then; what rests stays, unfilled, and can be cancelled."""
    exchange = OrderExchange(area=area)
    ann = exchange.trader("ann")
    order = ann.order("buy", exchange.offers("sell")[0][0])["order_id"]
    exchange.trading.freeze = lambda: NOW
    assert code == ann.refused("buy", 30_000)
    with pytest.raises(Refusal) as refusal:
        ann.stop("buy", 90_000, trigger_price_type="mark_price")
    assert code == refusal.value.reply.code
    with pytest.raises(Refusal) as refusal:
        ann.act("modify_order", order_id=order, amount="0.02")
    assert code == refusal.value.reply.code
    exchange.advance(6 * 3600)
    assert [] == ann.events_of("user_deals")
    assert order == ann.act("cancel_order", order_id=order)["order_id"]


def test_a_batch_answers_item_by_item(exchange, ann):
    """A refused item has its code and no data; the others are placed."""
    reply = ann.ask("spot_place_orders", orders=[GOOD, {**GOOD, "amount": "99"}, GOOD])
    assert [0, 3109, 0] == [row["code"] for row in reply.data]
    assert reply.data[1]["data"] is None
    changes = [
        {**GOOD, "order_id": row["data"]["order_id"], "price": "20000"} for row in (reply.data[0], reply.data[2])
    ]
    changed = ann.ask("spot_modify_orders", orders=[*changes, {**changes[0], "order_id": 1}]).data
    assert [0, 0, 3600] == [row["code"] for row in changed]
    assert ["20000", "20000"] == [row["price"] for row in ann.act("pending_orders")]


def test_items_ask_for_permission_each(exchange, ann):
    """A sub-account that may not trade on margin gets its other items placed."""
    exchange.trading.accounts.open("sub", ann.account)
    sub = Trader(exchange, exchange.trading.accounts.find("sub"))
    exchange.trading.deposit(sub.account, "USDT", 1000)
    rows = sub.ask("spot_place_orders", orders=[{**GOOD, "market_type": "MARGIN"}, GOOD]).data
    assert [4512, 0] == [row["code"] for row in rows]
    stop = {**GOOD, "market_type": "MARGIN", "trigger_price": "30000"}
    assert [4512] == [row["code"] for row in sub.ask("spot_place_stop_orders", orders=[stop]).data]


@pytest.mark.parametrize("orders", [None, [], {}, "x", [1], [GOOD] * 101])
def test_a_batch_that_is_none_is_refused(exchange, ann, orders):
    """No list, nothing in it, too much in it."""
    with pytest.raises(Refusal) as refusal:
        ann.ask("spot_place_orders", orders=orders)
    assert 4004 == refusal.value.reply.code


def test_all_ways_to_cancel(exchange, ann):
    """By id, several ids, one client_id, one side, everything."""
    ids = [ann.order("buy", 30_000, client_id=f"c{number % 2}")["order_id"] for number in range(6)]
    ann.order("sell", 90_000)
    assert ids[0] == ann.act("cancel_order", order_id=ids[0])["order_id"]
    rows = ann.act("cancel_orders", order_ids=[ids[1], 12, ids[0]])
    assert [0, 3600, 3600] == [row["code"] for row in rows]
    rows = ann.act("cancel_orders_by_client_id", client_id="c1")
    assert [ids[3], ids[5]] == [row["data"]["order_id"] for row in rows]
    assert {} == ann.act("cancel_all_orders", side="buy")
    assert ["sell"] == [row["side"] for row in ann.act("pending_orders")]
    assert {} == ann.act("cancel_all_orders")
    assert [] == ann.act("pending_orders") == ann.act("cancel_orders_by_client_id", client_id="c0")
    exchange.check()


@pytest.mark.parametrize("verb", ["cancel_order", "cancel_orders", "cancel_all_orders"])
def test_nothing_is_cancelled_in_a_call_auction(exchange, ann, verb):
    """Its code comes before all others."""
    with pytest.raises(Refusal) as refusal:
        ann.act(verb, market="ZROUSDT", order_id=1, order_ids=[1])
    assert 3610 == refusal.value.reply.code


def test_futures_prices_keep_to_the_tick():
    """A price with the right decimals between two ticks is refused."""
    exchange = OrderExchange(area="futures")
    ann = exchange.trader("ann", USDT=100_000)
    assert 3639 == ann.refused("buy", "40000.05")
    assert "40000" == ann.order("buy", "40000.00")["price"]


def test_an_inverse_market_counts_dollars_and_is_worth_coins():
    """Amounts are whole dollars; the value and the fee are in the base coin."""
    exchange = OrderExchange("BTCUSD", "futures")
    ann = exchange.trader("ann", BTC=1)
    order = ann.order("buy", amount="1000")
    value = Decimal(1000) / exchange.offers("buy")[0][0]
    assert ("1000", "BTC") == (order["filled_amount"], order["fee_ccy"])
    assert abs(Decimal(order["filled_value"]) / value - 1) < Decimal("0.001")
    assert Decimal("0.0004") < Decimal(order["fee"]) / value < Decimal("0.0006")
    exchange.check()


def test_orders_of_others_are_not_found(exchange, ann):
    """Neither shown, nor changed, nor cancelled; nor in another market."""
    bob = exchange.trader("bob")
    order = ann.order("buy", 30_000)["order_id"]
    for trader, about in ((bob, {}), (ann, {"market": "ETHUSDT"}), (ann, {"market_type": "MARGIN"})):
        for verb in ("cancel_order", "order_status", "modify_order"):
            if verb == "order_status" and "market_type" in about:
                continue  # it takes none
            with pytest.raises(Refusal) as refusal:
                trader.act(verb, order_id=order, **({"amount": "1"} if verb == "modify_order" else {}), **about)
            assert 3600 == refusal.value.reply.code
    assert [] == bob.act("pending_orders")


def test_open_orders_in_pages(exchange, ann):
    """Newest first, with a total; filters are market, side and client_id."""
    ids = [ann.order("buy", 30_000 + number, client_id=f"c{number % 3}")["order_id"] for number in range(7)]
    reply = ann.ask("spot_pending_orders", market_type="SPOT", page=2, limit=3)
    assert ids[1:4][::-1] == [row["order_id"] for row in reply.data]
    assert {"total": 7, "has_next": True} == reply.pagination
    assert {"total": 7, "has_next": False} == ann.ask(
        "spot_pending_orders", market_type="SPOT", page=3, limit=3
    ).pagination
    assert [ids[5], ids[2]] == [row["order_id"] for row in ann.act("pending_orders", client_id="c2")]
    assert [] == ann.act("pending_orders", side="sell") == ann.act("pending_orders", market="ETHUSDT")
    assert [] == ann.act("pending_orders", page=4, limit=3)
    with pytest.raises(Refusal):
        ann.ask("spot_pending_orders", market_type="MARGIN")


def test_deals_by_time_and_by_order(exchange, ann):
    """Both bounds are included, newest first; has_next without a total."""
    times = []
    for _ in range(3):
        order = ann.order("buy", amount="100")
        times.append(order["created_at"])
        exchange.advance(10)
    assert 3 == len(ann.act("user_deals"))
    assert times[:0:-1] == [row["created_at"] for row in ann.act("user_deals", start_time=times[1])]
    assert times[1::-1] == [row["created_at"] for row in ann.act("user_deals", end_time=times[1])]
    assert [] == ann.act("user_deals", side="sell")
    assert [order["order_id"]] == [row["order_id"] for row in ann.act("order_deals", order_id=order["order_id"])]
    assert [] == ann.act("order_deals", order_id=1)
    reply = ann.ask("spot_user_deals", market="BTCUSDT", market_type="SPOT", limit=2)
    assert {"has_next": True} == reply.pagination
    with pytest.raises(Refusal):
        ann.ask("spot_user_deals", market_type="SPOT")


def test_several_statuses(exchange, ann):
    """A row for each id of the list, found or not."""
    order = ann.order("buy", 30_000)["order_id"]
    rows = ann.ask("spot_order_statuses", market="BTCUSDT", order_ids=f"{order},5").data
    assert [(0, "open"), (3600, None)] == [(row["code"], (row["data"] or {}).get("status")) for row in rows]
    with pytest.raises(Refusal):
        ann.ask("spot_order_statuses", market="BTCUSDT", order_ids="1,x")


class Sliced(list):
    """A list that counts which of its rows are looked at."""

    looked_at = 0

    def __getitem__(self, which):
        """Count the rows."""
        found = super().__getitem__(which)
        self.looked_at += len(found) if isinstance(which, slice) else 1
        return found

    def __iter__(self):
        """Count them all."""
        self.looked_at += len(self)
        return super().__iter__()


def test_a_long_history_is_listed_quickly(exchange, ann):
    """A page of 10,000 finished orders takes what a page of few takes: only its rows are looked at."""
    finished = exchange.matching.log.finished
    orders = finished._lists[ann.account, "SPOT", "BTCUSDT", "buy"] = Sliced()
    for number in range(10_000):
        order = Order(
            number, ann.account, "spot", exchange.market, "SPOT", "buy", "limit", Decimal(1), Decimal(1), "BTC", NOW,
            Decimal(0), Decimal(0),
        )  # fmt: skip
        order.apply(Decimal(1), Decimal(1), NOW)
        finished.add(order, ann.account, "SPOT", "BTCUSDT", "buy")
    seen = []
    for page in (1, 50, 100):
        reply = ann.ask("spot_finished_orders", market_type="SPOT", market="BTCUSDT", side="buy", page=page, limit=100)
        seen += [row["order_id"] for row in reply.data]
    assert 300 <= orders.looked_at < 310
    assert (300, 9_999, 0, False) == (len(seen), seen[0], seen[-1], reply.pagination["has_next"])


def test_every_row_is_json(exchange, ann):
    """Rows and pushes hold texts and whole numbers only: no Decimals, no floats."""
    ann.order("buy", amount="100")
    ann.order("buy", 30_000)
    ann.stop("buy", 90_000)
    for data in [*(event.data for event in ann.events), ann.act("pending_orders"), ann.act("finished_orders")]:
        assert "E-" not in json.dumps(data)
        assert "." not in "".join(text for text in json.dumps(data).split('"')[::2])
