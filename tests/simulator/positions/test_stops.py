"""Stop loss and take profit orders of positions."""

from decimal import Decimal

import pytest

from tests.simulator.futures_floor import FuturesFloor

KINDS = ("stop_loss", "take_profit")


@pytest.fixture
def floor():
    """Give an exchange with a long of 0.1, checked at the end."""
    made = FuturesFloor()
    made.order("buy", "0.1")
    made.told()
    yield made
    made.check()


def near(floor, kind, away=1000, side="long"):
    """Return a price on the side where a kind belongs."""
    below = (kind == "stop_loss") is (side == "long")
    return floor.mark().quantize(Decimal(1)) + (-away if below else away)


def set_one(floor, kind, price, amount=None, price_type="mark_price"):
    """Set one and return the position's row."""
    params = {f"{kind}_type": price_type, f"{kind}_price": str(price)}
    return floor.ask(f"futures_set_position_{kind}", **params | ({f"{kind}_amount": str(amount)} if amount else {}))


@pytest.mark.parametrize("kind", KINDS)
def test_set_modify_cancel(floor, kind):
    """Each answers with the position and its lists; a modified one keeps its number."""
    price = near(floor, kind)
    row = set_one(floor, kind, price, "0.04")
    (stop,) = row[f"{kind}_list"]
    assert {"price": str(price), "type": "mark_price", "amount": "0.04", "is_all": False} == {
        name: stop[name] for name in ("price", "type", "amount", "is_all")
    }
    assert (str(price), "mark_price") == (row[f"{kind}_price"], row[f"{kind}_type"])
    further = near(floor, kind, 2000)
    changed = floor.ask(f"futures_modify_position_{kind}", **{f"{kind}_id": stop["id"], f"{kind}_price": str(further)})
    (after,) = changed[f"{kind}_list"]
    assert stop | {"price": str(further)} == after
    row = floor.ask(f"futures_cancel_position_{kind}", **{f"{kind}_id": stop["id"]})
    assert ([], "0", "") == (row[f"{kind}_list"], row[f"{kind}_price"], row[f"{kind}_type"])
    assert 3 == len(floor.told())


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_is_refused(floor, kind):
    """On the wrong side of the price, too large, below the minimum, unknown, or the 21st."""
    other = near(floor, "stop_loss" if kind == "take_profit" else "take_profit")
    name = f"futures_set_position_{kind}"
    good = {f"{kind}_type": "mark_price", f"{kind}_price": str(near(floor, kind))}
    assert 3639 == floor.refused(name, **good | {f"{kind}_price": str(other)})
    assert 3639 == floor.refused(name, **good | {f"{kind}_amount": "0.2"})
    assert 3127 == floor.refused(name, **good | {f"{kind}_amount": "0.00000001"})
    assert 4004 == floor.refused(name, **good | {f"{kind}_type": "any_price"})
    assert 3600 == floor.refused(f"futures_modify_position_{kind}", **{f"{kind}_id": 7, f"{kind}_price": "1"})
    assert 4004 == floor.refused(f"futures_modify_position_{kind}", **{f"{kind}_id": 7})
    assert 3600 == floor.refused(f"futures_cancel_position_{kind}", **{f"{kind}_id": 7})
    for number in range(20):
        set_one(floor, kind, near(floor, kind, 1000 + number), "0.001")
    assert 3639 == floor.refused(name, **good)
    assert [] == floor.ask(f"futures_cancel_position_{kind}")[f"{kind}_list"]


def test_the_one_for_the_whole_position_is_replaced(floor):
    """There is one at most; its amount follows the position."""
    set_one(floor, "stop_loss", near(floor, "stop_loss"))
    row = set_one(floor, "stop_loss", near(floor, "stop_loss", 2000))
    (stop,) = row["stop_loss_list"]
    assert (True, "0.1", str(near(floor, "stop_loss", 2000))) == (stop["is_all"], stop["amount"], stop["price"])
    floor.order("sell", "0.04")
    assert "0.06" == floor.row()["stop_loss_list"][0]["amount"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_whole_position_closes_when_its_price_comes(floor, kind):
    """At market, also when another order was about to close it; the history says why."""
    price = near(floor, kind)
    set_one(floor, kind, price)
    floor.ask("futures_close_position", type="limit", price=str(floor.mark().quantize(Decimal(1)) + 5000))
    sign = -1 if kind == "stop_loss" else 1
    with floor.pinned(price - sign):
        floor.advance()
        assert Decimal("0.1") == floor.row()["open_interest"]
    with floor.pinned(price):
        floor.advance()
    assert kind == floor.finished()["finished_type"]
    assert [] == floor.matching.orders(floor.me, "futures")
    assert "close" == floor.told()[-1][0]


def test_amounts_close_parts_in_turn(floor):
    """Each closes its part, the last one what is left."""
    set_one(floor, "take_profit", near(floor, "take_profit", 500), "0.03")
    set_one(floor, "take_profit", near(floor, "take_profit", 700), "0.09")
    first, second = near(floor, "take_profit", 500), near(floor, "take_profit", 700)
    with floor.pinned(first):
        floor.advance()
    assert Decimal("0.07") == floor.row()["open_interest"]
    with floor.pinned(second):
        floor.advance()
    assert ("take_profit", Decimal("0.1")) == (
        floor.finished()["finished_type"],
        floor.finished()["ath_position_amount"],
    )


@pytest.mark.parametrize("price_type", ["latest_price", "index_price", "mark_price"])
def test_real_prices_trigger(floor, price_type):
    """On the simulated market a close stop is hit within a day, by the price that it names."""
    set_one(floor, "stop_loss", near(floor, "stop_loss", 60), None, price_type)
    set_one(floor, "take_profit", near(floor, "take_profit", 60), None, price_type)
    floor.advance(86_400)
    assert [] == floor.ask("futures_positions")


def test_a_short_is_stopped_above(floor):
    """For a short the stop loss lies above and the take profit below."""
    floor.order("sell", "0.2")
    price = near(floor, "stop_loss", 500, "short")
    assert price > floor.mark()
    set_one(floor, "stop_loss", price)
    with floor.pinned(price):
        floor.advance()
    assert "stop_loss" == floor.finished()["finished_type"]


def test_a_refused_one_is_tried_again(floor):
    """The book takes nothing for a minute: it stays and closes the position in the next one."""
    price = near(floor, "stop_loss")
    set_one(floor, "stop_loss", price)
    levels = floor.matching.street.levels
    with floor.pinned(price):
        floor.matching.street.levels = lambda *_: iter(())
        floor.advance()
        assert 1 == len(floor.row()["stop_loss_list"])
        floor.matching.street.levels = levels
        floor.advance()
    assert "stop_loss" == floor.finished()["finished_type"]


def test_nothing_triggers_when_trading_has_ended(floor):
    """Prices stand still and no order is placed."""
    price = near(floor, "stop_loss")
    set_one(floor, "stop_loss", price)
    floor.trading.freeze = lambda: floor.trading.at
    with floor.pinned(price):
        floor.advance()
    assert Decimal("0.1") == floor.row()["open_interest"]
    assert 4130 == floor.refused("futures_close_position", type="market")
