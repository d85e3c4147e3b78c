"""Stop loss and take profit orders of positions."""

from decimal import Decimal

import pytest

from tests.simulator.futures_exchange import FuturesExchange

KINDS = ("stop_loss", "take_profit")


@pytest.fixture
def exchange():
    """Give an exchange with a long of 0.1, checked at the end."""
    made = FuturesExchange()
    made.order("buy", "0.1")
    made.events_of()
    yield made
    made.check()


def near(exchange, kind, away=1000, side="long"):
    """Return a price on the side where a kind belongs."""
    below = (kind == "stop_loss") is (side == "long")
    return exchange.mark().quantize(Decimal(1)) + (-away if below else away)


def set_one(exchange, kind, price, amount=None, price_type="mark_price"):
    """Set one and return the position's row."""
    params = {f"{kind}_type": price_type, f"{kind}_price": str(price)}
    return exchange.ask(f"futures_set_position_{kind}", **params | ({f"{kind}_amount": str(amount)} if amount else {}))


@pytest.mark.parametrize("kind", KINDS)
def test_set_modify_cancel(exchange, kind):
    """Each answers with the position and its lists; a modified one keeps its number."""
    price = near(exchange, kind)
    row = set_one(exchange, kind, price, "0.04")
    (stop,) = row[f"{kind}_list"]
    assert {"price": str(price), "type": "mark_price", "amount": "0.04", "is_all": False} == {
        name: stop[name] for name in ("price", "type", "amount", "is_all")
    }
    assert (str(price), "mark_price") == (row[f"{kind}_price"], row[f"{kind}_type"])
    further = near(exchange, kind, 2000)
    changed = exchange.ask(
        f"futures_modify_position_{kind}", **{f"{kind}_id": stop["id"], f"{kind}_price": str(further)}
    )
    (after,) = changed[f"{kind}_list"]
    assert stop | {"price": str(further)} == after
    row = exchange.ask(f"futures_cancel_position_{kind}", **{f"{kind}_id": stop["id"]})
    assert ([], "0", "") == (row[f"{kind}_list"], row[f"{kind}_price"], row[f"{kind}_type"])
    assert 3 == len(exchange.events_of())


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_is_refused(exchange, kind):
    """On the wrong side of the price, too large, below the minimum, unknown, or the 21st."""
    other = near(exchange, "stop_loss" if kind == "take_profit" else "take_profit")
    name = f"futures_set_position_{kind}"
    good = {f"{kind}_type": "mark_price", f"{kind}_price": str(near(exchange, kind))}
    assert 3639 == exchange.refused(name, **good | {f"{kind}_price": str(other)})
    assert 3639 == exchange.refused(name, **good | {f"{kind}_amount": "0.2"})
    assert 3127 == exchange.refused(name, **good | {f"{kind}_amount": "0.00000001"})
    assert 4004 == exchange.refused(name, **good | {f"{kind}_type": "any_price"})
    assert 3600 == exchange.refused(f"futures_modify_position_{kind}", **{f"{kind}_id": 7, f"{kind}_price": "1"})
    assert 4004 == exchange.refused(f"futures_modify_position_{kind}", **{f"{kind}_id": 7})
    assert 3600 == exchange.refused(f"futures_cancel_position_{kind}", **{f"{kind}_id": 7})
    for number in range(20):
        set_one(exchange, kind, near(exchange, kind, 1000 + number), "0.001")
    assert 3639 == exchange.refused(name, **good)
    assert [] == exchange.ask(f"futures_cancel_position_{kind}")[f"{kind}_list"]


def test_the_one_for_the_whole_position_is_replaced(exchange):
    """There is one at most; its amount follows the position."""
    set_one(exchange, "stop_loss", near(exchange, "stop_loss"))
    row = set_one(exchange, "stop_loss", near(exchange, "stop_loss", 2000))
    (stop,) = row["stop_loss_list"]
    assert (True, "0.1", str(near(exchange, "stop_loss", 2000))) == (stop["is_all"], stop["amount"], stop["price"])
    exchange.order("sell", "0.04")
    assert "0.06" == exchange.row()["stop_loss_list"][0]["amount"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_position_closes_when_its_price_comes(exchange, kind):
    """At market, also when another order was about to close it; the history says why."""
    price = near(exchange, kind)
    set_one(exchange, kind, price)
    exchange.ask("futures_close_position", type="limit", price=str(exchange.mark().quantize(Decimal(1)) + 5000))
    sign = -1 if kind == "stop_loss" else 1
    with exchange.pinned(price - sign):
        exchange.advance()
        assert Decimal("0.1") == exchange.row()["open_interest"]
    with exchange.pinned(price):
        exchange.advance()
    assert kind == exchange.finished()["finished_type"]
    assert [] == exchange.matching.orders(exchange.me, "futures")
    assert "close" == exchange.events_of()[-1][0]


def test_amounts_close_parts_in_turn(exchange):
    """Each closes its part, the last one what is left."""
    set_one(exchange, "take_profit", near(exchange, "take_profit", 500), "0.03")
    set_one(exchange, "take_profit", near(exchange, "take_profit", 700), "0.09")
    first, second = near(exchange, "take_profit", 500), near(exchange, "take_profit", 700)
    with exchange.pinned(first):
        exchange.advance()
    assert Decimal("0.07") == exchange.row()["open_interest"]
    with exchange.pinned(second):
        exchange.advance()
    assert ("take_profit", Decimal("0.1")) == (
        exchange.finished()["finished_type"],
        exchange.finished()["ath_position_amount"],
    )


@pytest.mark.parametrize("price_type", ["latest_price", "index_price", "mark_price"])
def test_real_prices_trigger(exchange, price_type):
    """On the simulated market a close stop is hit within a day, by the price that it names."""
    set_one(exchange, "stop_loss", near(exchange, "stop_loss", 60), None, price_type)
    set_one(exchange, "take_profit", near(exchange, "take_profit", 60), None, price_type)
    exchange.advance(86_400)
    assert [] == exchange.ask("futures_positions")


def test_a_short_is_stopped_above(exchange):
    """For a short the stop loss lies above and the take profit below."""
    exchange.order("sell", "0.2")
    price = near(exchange, "stop_loss", 500, "short")
    assert price > exchange.mark()
    set_one(exchange, "stop_loss", price)
    with exchange.pinned(price):
        exchange.advance()
    assert "stop_loss" == exchange.finished()["finished_type"]


def test_a_refused_one_is_tried_again(exchange):
    """The book takes nothing for a minute: it stays and closes the position in the next one."""
    price = near(exchange, "stop_loss")
    set_one(exchange, "stop_loss", price)
    levels = exchange.matching.liquidity.levels
    with exchange.pinned(price):
        exchange.matching.liquidity.levels = lambda *_: iter(())
        exchange.advance()
        assert 1 == len(exchange.row()["stop_loss_list"])
        exchange.matching.liquidity.levels = levels
        exchange.advance()
    assert "stop_loss" == exchange.finished()["finished_type"]


def test_nothing_triggers_when_trading_has_ended(exchange):
    """Prices stand still and no order is placed."""
    price = near(exchange, "stop_loss")
    set_one(exchange, "stop_loss", price)
    exchange.trading.freeze = lambda: exchange.trading.at
    with exchange.pinned(price):
        exchange.advance()
    assert Decimal("0.1") == exchange.row()["open_interest"]
    assert 4130 == exchange.refused("futures_close_position", type="market")
