"""Orders of different accounts meet each other by price and time; those of one account as it wishes."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.reply import Refusal
from tests.simulator.order_exchange import OrderExchange


@pytest.fixture
def exchange():
    """Give a exchange for BTCUSDT."""
    return OrderExchange()


@pytest.fixture
def ann(exchange):
    """Give a trader."""
    return exchange.trader("ann")


@pytest.fixture
def bob(exchange):
    """Give another trader."""
    return exchange.trader("bob")


@pytest.fixture
def inside(exchange):
    """Give a price between the liquidity's best bid and ask."""
    bid, ask = exchange.matching.best(exchange.market)
    return (bid + ask) / 2 // Decimal("0.01") * Decimal("0.01")


def parts(trader):
    """Return order, price, amount and role of a trader's deals."""
    return [
        (deal["order_id"], Decimal(deal["price"]), deal["amount"], deal["role"])
        for deal in trader.events_of("user_deals")
    ]


def test_better_prices_come_first_then_earlier_orders(exchange, ann, bob, inside):
    """A taker meets the best price, at equal prices the order that came first, then the liquidity."""
    step = Decimal("0.01")
    early, late, best = (ann.order("buy", price, "0.1")["order_id"] for price in (inside, inside, inside + step))
    liquidity = exchange.offers("sell")[0]
    bob.order("sell", liquidity[0], "0.25")
    expected = [(best, inside + step, "0.1", "maker"), (early, inside, "0.1", "maker"), (late, inside, "0.05", "maker")]
    assert expected == parts(ann)
    assert ["0.1", "0.1", "0.05"] == [amount for _, _, amount, _ in parts(bob)]
    ids = [[deal["deal_id"] for deal in trader.events_of("user_deals")] for trader in (ann, bob)]
    assert ids[0] == ids[1]
    assert (liquidity[0], liquidity[1]) == exchange.offers("sell")[0]
    exchange.check()


def test_at_the_streets_price_the_street_comes_first(exchange, ann, bob):
    """An order that joins a level waits behind it, and before liquidity that comes later."""
    price, whole = exchange.offers("sell")[0]
    order = ann.order("buy", price, "0.1")["order_id"]
    bob.order("sell", price, str(whole))
    assert [] == parts(ann)
    bob.order("sell", price, "0.1")
    assert [(order, price, "0.1", "maker")] == parts(ann)
    exchange.check()


def test_nobody_trades_nothing(exchange, ann, bob):
    """An own order waits behind the liquidity of its level: a taker of both goes on at the next price."""
    (first, there), (second, _) = exchange.offers("buy")[:2]
    ann.order("sell", first, "0.01")
    bob.order("buy", second, str(there + Decimal("0.02")))
    taken = [(price, amount) for _, price, amount, _ in parts(bob)]
    assert [(first, f"{there.normalize():f}"), (first, "0.01"), (second, "0.01")] == taken
    exchange.check()


def test_both_sides_pay_their_fee(exchange, ann, bob, inside):
    """The buyer is charged in base, the seller in quote."""
    ann.order("buy", inside, "0.1")
    bob.order("sell", inside, "0.1")
    assert (Decimal("2.0998"), 0) == ann.balance("BTC")
    assert (100_000 + inside * Decimal("0.0998"), 0) == bob.balance("USDT")


def test_without_prevention_one_trades_with_oneself(exchange, ann, inside):
    """That is the default: stp_mode is left out."""
    ann.order("buy", inside, "0.1")
    ann.order("sell", inside, "0.1")
    assert ["maker", "taker"] == [role for *_, role in parts(ann)]
    exchange.check()


@pytest.mark.parametrize(("mode", "resting", "filled"), [("ct", 1, False), ("cm", 0, True), ("both", 0, False)])
def test_self_trade_prevention(exchange, inside, mode, resting, filled):
    """The mode ct drops the taker's rest, cm the maker, both drops both; nobody trades with oneself."""
    ann = exchange.trader("ann")
    ann.order("buy", inside, "0.1")
    taken = ann.order("sell", exchange.offers("sell")[0][0], "0.01", stp_mode=mode)
    assert resting == len(ann.act("pending_orders", side="buy"))
    assert filled == (Decimal(taken["filled_amount"]) > 0)
    assert [] == ann.act("pending_orders", side="sell")
    assert all(price != inside for _, price, *_ in parts(ann))
    exchange.check()


def test_a_change_keeps_the_id_and_moves_the_hold(exchange, ann):
    """The answer names the same order with its new numbers, and the event says modify."""
    order = ann.order("buy", 30_000, "0.1")["order_id"]
    changed = ann.act("modify_order", order_id=order, amount="0.2", price="20000")
    assert (order, "0.2", "20000", "open") == tuple(changed[name] for name in ("order_id", "amount", "price", "status"))
    assert Decimal(4000) == ann.balance("USDT")[1]
    assert ["put", "modify"] == [event for event, _ in ann.events_of("order")]
    exchange.check()


def test_a_change_that_crosses_takes(exchange, ann):
    """Repriced to the other side of the book it is filled at once."""
    order = ann.order("buy", 30_000)["order_id"]
    price = exchange.offers("buy")[0][0]
    ann.act("modify_order", order_id=order, price=str(price))
    assert [(order, price, "0.01", "taker")] == parts(ann)
    assert "finish" == ann.events_of("order")[-1][0]
    exchange.check()


def test_a_change_into_ones_own_order_can_end_an_order(exchange, ann, inside):
    """Self trade prevention cancels it, unfilled: the answer says so, and nothing is known of it afterwards."""
    ann.order("sell", inside)
    order = ann.order("buy", inside - 1000, stp_mode="ct")["order_id"]
    changed = ann.act("modify_order", order_id=order, price=str(inside))
    assert ("canceled", "0.01") == (changed["status"], changed["unfilled_amount"])
    with pytest.raises(Refusal, match="3600"):
        ann.act("order_status", order_id=order)
    exchange.check()


def test_a_refused_change_changes_nothing(exchange, ann):
    """Too dear, too small, crossing although maker_only: the order stands as it was."""
    order = ann.order("buy", 30_000, "0.1", type="maker_only")["order_id"]
    before = ann.act("pending_orders")
    for code, change in (
        (3109, {"amount": "9"}),
        (3622, {"price": str(exchange.offers("buy")[0][0])}),
        (3127, {"amount": "0.0000001"}),
        (4004, {}),
        (3639, {"price": "1.234"}),
    ):
        with pytest.raises(Refusal) as refusal:
            ann.act("modify_order", order_id=order, **change)
        assert code == refusal.value.reply.code
    assert before == ann.act("pending_orders")
    assert Decimal(3000) == ann.balance("USDT")[1]
    exchange.check()


def test_a_smaller_order_keeps_its_turn_a_larger_one_does_not(exchange, ann, bob, inside):
    """Who wants more queues again."""
    first, second = (ann.order("buy", inside, "0.1")["order_id"] for _ in range(2))
    ann.act("modify_order", order_id=first, amount="0.05")
    bob.order("sell", inside, "0.05")
    assert [first] == [order for order, *_ in parts(ann)]
    third = ann.order("buy", inside, "0.1")["order_id"]
    ann.act("modify_order", order_id=second, amount="0.2")
    bob.order("sell", inside, "0.3")
    assert [first, third, second] == [order for order, *_ in parts(ann)]
    exchange.check()


def test_an_amount_below_what_is_filled_is_refused(exchange, ann, bob, inside):
    """At least something must be left open."""
    order = ann.order("buy", inside, "0.1")["order_id"]
    bob.order("sell", inside, "0.05")
    with pytest.raises(Refusal) as refusal:
        ann.act("modify_order", order_id=order, amount="0.05")
    assert 3639 == refusal.value.reply.code
    assert "0.03" == ann.act("modify_order", order_id=order, amount="0.08")["unfilled_amount"]
    exchange.check()
