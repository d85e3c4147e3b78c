"""Stop orders: they hold nothing, fire from the right side, and may fail when they do."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.reply import Refusal
from tests.simulator.order_exchange import WORLD, OrderExchange


@pytest.fixture
def exchange():
    """Give a exchange for BTCUSDT."""
    return OrderExchange()


@pytest.fixture
def ann(exchange):
    """Give a trader."""
    return exchange.trader("ann")


def mark(exchange):
    """Return the mark price, which triggers on spot."""
    return Decimal(round(WORLD.prices.mark_at(exchange.market, exchange.trading.at), 2)).quantize(Decimal("0.01"))


def marks(exchange, hours):
    """Return the mark prices of the minutes ahead."""
    return [
        WORLD.prices.mark_at(exchange.market, exchange.trading.at + minute * 60_000) for minute in range(hours * 60)
    ]


def go_to(exchange, direction):
    """Go to the day's lowest or highest price and return one that the market comes to within six hours."""
    day = marks(exchange, 24)
    turn = day.index(min(day) if direction == "higher" else max(day))
    exchange.advance(turn * 60)
    ahead = marks(exchange, 6)
    return Decimal(round(ahead[0] + ((max(ahead) if direction == "higher" else min(ahead)) - ahead[0]) * 0.8, -1))


@pytest.mark.parametrize("side", ["buy", "sell"])
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_it_waits_without_a_hold_and_becomes_an_order(exchange, ann, side, direction):
    """The order it becomes is filled, the stop says active, and the finished list has it."""
    stop = ann.stop(side, go_to(exchange, direction))["stop_id"]
    (row,) = ann.act("pending_stop_orders")
    assert (stop, direction, "mark_price", "0") == tuple(
        row[name] for name in ("stop_id", "trigger_direction", "trigger_price_type", "price")
    )
    assert 0 == ann.balance("USDT")[1] == ann.balance("BTC")[1]
    exchange.advance(6 * 3600)
    assert [] == ann.act("pending_stop_orders")
    assert [stop] == [row["stop_id"] for row in ann.act("finished_stop_orders")]
    assert [("put", "put"), ("active", "active_success")] == [
        (event, row["status"]) for event, row in ann.events_of("stop")
    ]
    assert {side} == {deal["side"] for deal in ann.events_of("user_deals")}
    exchange.check()


def test_it_fires_only_once_its_price_is_reached(exchange, ann):
    """Before that it waits; a trigger that is already reached fires at the next look."""
    ann.stop("sell", mark(exchange) / 2 // 1)
    exchange.advance(3600)
    assert 1 == len(ann.act("pending_stop_orders"))
    ann.stop("buy", mark(exchange), client_id="now")
    exchange.advance(60)
    fired = [stop["client_id"] for event, stop in ann.events_of("stop") if event == "active"]
    assert set(fired) <= {"now"}


def test_an_order_that_is_refused_then_makes_it_fail(exchange):
    """Nothing was held, so the money may be gone: the event says active_fail."""
    ann = exchange.trader("poor", USDT=1)
    low = go_to(exchange, "lower")
    ann.stop("buy", low, low + 100, "0.5")
    exchange.advance(6 * 3600)
    assert [("put", "put"), ("active", "active_fail")] == [
        (event, stop["status"]) for event, stop in ann.events_of("stop")
    ]
    assert [] == ann.events_of("order")


def test_a_change_makes_a_new_one(exchange, ann):
    """The old id is void; the new one has the new numbers and its own direction."""
    old = ann.stop("sell", 30_000, 29_000)["stop_id"]
    new = ann.act("modify_stop_order", stop_id=old, trigger_price="90000", price="89000", amount="0.02")["stop_id"]
    assert new > old
    (row,) = ann.act("pending_stop_orders")
    assert (new, "higher", "0.02", "89000", "90000") == tuple(
        row[name] for name in ("stop_id", "trigger_direction", "amount", "price", "trigger_price")
    )
    with pytest.raises(Refusal) as refusal:
        ann.act("modify_stop_order", stop_id=old, amount="0.1")
    assert 3600 == refusal.value.reply.code
    with pytest.raises(Refusal) as refusal:
        ann.act("modify_stop_order", stop_id=new)
    assert 4004 == refusal.value.reply.code
    assert ["put", "cancel", "put"] == [event for event, _ in ann.events_of("stop")]


def test_a_refused_change_leaves_it_waiting(exchange, ann):
    """A price too far from the trigger price is one reason."""
    stop = ann.stop("buy", 90_000, 91_000)["stop_id"]
    with pytest.raises(Refusal) as refusal:
        ann.act("modify_stop_order", stop_id=stop, price="200000")
    assert 3619 == refusal.value.reply.code
    assert [stop] == [row["stop_id"] for row in ann.act("pending_stop_orders")]


def test_cancels_by_id_in_a_batch_and_by_client_id(exchange, ann):
    """Every way answers with the row it was; a batch has a row for each id, found or not."""
    first, second, third = (ann.stop("buy", 90_000, client_id="mine")["stop_id"] for _ in range(3))
    assert first == ann.act("cancel_stop_order", stop_id=first)["stop_id"]
    found, missed = ann.act("cancel_stop_orders", stop_ids=[second, first])
    assert (0, second, "") == (found["code"], found["data"]["stop_id"], found["message"])
    assert (3600, None) == (missed["code"], missed["data"])
    assert [third] == [row["data"]["stop_id"] for row in ann.act("cancel_stop_orders_by_client_id", client_id="mine")]
    assert [] == ann.act("cancel_stop_orders_by_client_id", client_id="mine") == ann.act("pending_stop_orders")
    assert [third, second, first] == [row["stop_id"] for row in ann.act("finished_stop_orders")]


def test_a_batch_places_what_it_can(exchange, ann):
    """One refused item does not keep the others from being placed."""
    item = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "market", "amount": "100"}
    replies = ann.ask("spot_place_stop_orders", orders=[item | {"trigger_price": "70000"}, item]).data
    assert [0, 4004] == [row["code"] for row in replies]
    assert [replies[0]["data"]["stop_id"]] == [row["stop_id"] for row in ann.act("pending_stop_orders")]


def test_cancelling_all_orders_leaves_stops_alone(exchange, ann):
    """Whether the real exchange does is not documented."""
    ann.stop("buy", 90_000)
    assert {} == ann.act("cancel_all_orders")
    assert 1 == len(ann.act("pending_stop_orders"))


@pytest.mark.parametrize("price_type", ["latest_price", "mark_price", "index_price"])
@pytest.mark.parametrize("direction", ["higher", "lower"])
def test_futures_choose_what_triggers(price_type, direction):
    """Each price type fires when that price gets there, from the side where it was."""
    exchange = OrderExchange(area="futures")
    ann = exchange.trader("ann", USDT=100_000)
    ann.stop("buy", go_to(exchange, direction), trigger_price_type=price_type, amount="0.001")
    (row,) = ann.act("pending_stop_orders")
    assert (direction, price_type) == (row["trigger_direction"], row["trigger_price_type"])
    exchange.advance(6 * 3600)
    _, active = ann.events_of("stop")
    assert ("active", "active_success") == (active[0], active[1]["status"])
    assert {"stop_id": row["stop_id"]}.items() <= ann.events_of("order")[-1][1].items()
    assert ["taker"] == [deal["role"] for deal in ann.act("user_deals")]


def test_the_price_type_of_futures_is_required():
    """Spot has none to choose."""
    ann = OrderExchange(area="futures").trader("ann", USDT=100_000)
    with pytest.raises(Refusal) as refusal:
        ann.stop("buy", 90_000)
    assert 4004 == refusal.value.reply.code
