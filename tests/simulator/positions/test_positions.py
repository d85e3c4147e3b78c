"""Futures orders open, change and close positions; money moves exactly."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.positions.contract import leverages, tiers, worth
from tests.simulator.futures_floor import INVERSE, FuturesFloor


@pytest.fixture
def floor():
    """Give an exchange of the test's own, checked at the end."""
    made = FuturesFloor()
    yield made
    made.check()


@pytest.fixture
def inverse():
    """Give one with an account that has bitcoins."""
    made = FuturesFloor(BTC="2")
    yield made
    made.check()


def test_a_buy_opens_a_long_with_margin_and_fee(floor):
    """A tenth of the value becomes margin, the taker's fee is paid, and the row tells it."""
    order = floor.order("buy", "0.1")
    value, row = Decimal(order["filled_value"]), floor.row()
    assert ("long", "cross", Decimal("0.1"), Decimal("0.1")) == tuple(
        row[name] for name in ("side", "margin_mode", "open_interest", "close_avbl")
    )
    assert value / Decimal("0.1") == row["avg_entry_price"] == row["settle_price"]
    assert value == row["settle_value"] == row["cml_position_value"] == row["max_position_value"]
    assert value / 10 == row["margin_avbl"] == row["ath_margin_size"]
    assert Decimal("0.1") == row["position_margin_rate"]
    assert -value * Decimal("0.0005") == row["realized_pnl"] == -Decimal(order["fee"])
    assert Decimal("0.1") * floor.mark() - value == row["unrealized_pnl"]
    balance = floor.balance()
    assert 10_000 - value / 10 - value * Decimal("0.0005") == balance["available"]
    assert value / 10 == balance["margin"]
    assert balance["equity"] == balance["available"] + balance["frozen"] + balance["margin"] + balance["unrealized_pnl"]


def test_what_is_closed_pays_its_profit_and_frees_its_margin(floor):
    """Half closed: half the margin comes back, profit and fee are in the balance, the average stays."""
    opened = floor.order("buy", "0.2")
    before = floor.row()
    floor.advance(7200)
    closed = floor.order("sell", "0.1")
    cost, got = Decimal(opened["filled_value"]) / 2, Decimal(closed["filled_value"])
    row = floor.row()
    assert got - cost == Decimal(closed["realized_pnl"])
    assert before["margin_avbl"] / 2 == row["margin_avbl"]
    assert before["avg_entry_price"] == row["avg_entry_price"]
    assert Decimal("0.2") == row["ath_position_amount"]
    fees = Decimal(opened["fee"]) + Decimal(closed["fee"])
    assert got - cost - fees == row["realized_pnl"]
    assert 10_000 + got - cost - fees == floor.balance()["available"] + row["margin_avbl"]


@pytest.mark.parametrize(("side", "back"), [("buy", "sell"), ("sell", "buy")])
def test_a_closed_position_has_brought_exactly_what_the_deals_say(floor, side, back):
    """In the end the balance has changed by the difference of values less fees, to the last digit."""
    first, last = floor.order(side, "0.3"), None
    floor.advance(3600)
    floor.order(side, "0.07")
    last = floor.ask("futures_close_position", type="market")
    deals = floor.matching.log.deals.rows(floor.me, "FUTURES")
    cash = sum(
        (deal.price * deal.amount * (1 if deal.order.side == "sell" else -1) - deal.fee for deal in deals), Decimal(0)
    )
    assert first["side"] != last["side"] == back
    assert 10_000 + cash == floor.balance()["available"] == floor.balance()["equity"]
    finished = floor.finished()
    assert "market_close_all" == finished["finished_type"]
    assert cash == finished["realized_pnl"]
    assert (0, 0) == (finished["open_interest"], finished["margin_avbl"])
    assert finished["avg_entry_price"] > 0
    assert [] == floor.ask("futures_positions")


def test_an_order_of_the_other_side_turns_the_position(floor):
    """Selling more than the long is closes it and opens a short with a number of its own."""
    floor.order("buy", "0.1")
    number = floor.row()["position_id"]
    floor.order("sell", "0.25")
    row = floor.row()
    assert ("short", Decimal("0.15")) == (row["side"], row["open_interest"])
    assert number == floor.finished()["position_id"] != row["position_id"]
    assert "market" == floor.finished()["finished_type"]


def test_an_inverse_position_is_counted_in_dollars_and_settled_in_coins(inverse):
    """1000 dollars long: value, margin and profit are bitcoins; a rising price wins."""
    order = inverse.order("buy", "1000", market=INVERSE)
    row = inverse.row(market=INVERSE)
    price = row["avg_entry_price"]
    market = inverse.market(INVERSE)
    assert ("BTC", Decimal(1000)) == (order["fee_ccy"], row["open_interest"])
    assert abs(Decimal(1000) / price - row["settle_value"]) < Decimal("1e-18")
    assert abs(row["settle_value"] / 10 - row["margin_avbl"]) < Decimal("1e-18")
    assert row["settle_value"] - worth(market, inverse.mark(INVERSE), Decimal(1000)) == row["unrealized_pnl"]
    with inverse.pinned(price * 2, INVERSE):
        assert abs(row["settle_value"] / 2 - inverse.row(market=INVERSE)["unrealized_pnl"]) < Decimal("1e-18")
    inverse.ask("futures_close_position", market=INVERSE, type="market")
    assert inverse.balance("BTC")["equity"] == inverse.balance("BTC")["available"] != 2


def test_a_resting_order_holds_margin_and_fee_and_gives_it_back(floor):
    """What an order may need is frozen while it rests; a cancel frees it."""
    price = floor.mark().quantize(Decimal(1)) - 5000
    order = floor.order("buy", "0.1", price)
    value = Decimal("0.1") * price
    assert value / 10 + value * Decimal("0.0005") == floor.balance()["frozen"]
    assert [] == floor.ask("futures_positions")
    floor.ask("futures_cancel_order", order_id=order["order_id"])
    assert (0, 10_000) == (floor.balance()["frozen"], floor.balance()["available"])


def test_too_much_is_refused(floor):
    """Without balance 3109; beyond the tier of the leverage 3639."""
    assert 3109 == floor.refused("futures_place_order", side="buy", type="market", amount="1.8")
    floor.ask("futures_adjust_position_leverage", margin_mode="cross", leverage=100)
    too_large = tiers(floor.market())[0].amount + 1
    price = str(floor.mark().quantize(Decimal(1)) - 10_000)
    refused = floor.refused("futures_place_order", side="buy", type="limit", price=price, amount=str(too_large))
    assert 3639 == refused


def test_a_closing_order_needs_nothing_and_binds_the_position(floor):
    """It freezes nothing, and what it is about to close cannot be closed again."""
    floor.order("buy", "0.1")
    price = str(floor.mark().quantize(Decimal(1)) + 3000)
    floor.ask("futures_close_position", type="limit", price=price, amount="0.06")
    assert (0, Decimal("0.04")) == (floor.balance()["frozen"], floor.row()["close_avbl"])
    assert 3109 == floor.refused("futures_close_position", type="limit", price=price, amount="0.05")
    rest = floor.ask("futures_close_position", type="limit", price=price)
    assert (Decimal("0.04"), 0) == (Decimal(rest["amount"]), floor.row()["close_avbl"])
    assert 3109 == floor.refused("futures_close_position", type="limit", price=price)


def test_closing_all_at_market_goes_before_other_closing_orders(floor):
    """They are cancelled, and the position ends as market_close_all."""
    floor.order("buy", "0.1")
    floor.ask("futures_close_position", type="limit", price=str(floor.mark().quantize(Decimal(1)) + 3000))
    floor.ask("futures_close_position", type="market")
    assert "market_close_all" == floor.finished()["finished_type"]
    assert [] == floor.matching.orders(floor.me, "futures")


def test_closing_orders_go_when_their_position_has_gone(floor):
    """A plain order closes the long: the closing order that waited is cancelled, not turned into a short."""
    floor.order("buy", "0.1")
    floor.ask(
        "futures_close_position", type="limit", price=str(floor.mark().quantize(Decimal(1)) + 3000), amount="0.06"
    )
    floor.order("sell", "0.05")
    assert [] == floor.matching.orders(floor.me, "futures")
    assert Decimal("0.05") == floor.row()["open_interest"] == floor.row()["close_avbl"]


def test_orders_that_would_have_closed_are_held_anew(floor):
    """A plain sell order above a long holds nothing; when the long is gone it holds what opening a short needs."""
    floor.order("buy", "0.1")
    price = floor.mark().quantize(Decimal(1)) + 3000
    floor.order("sell", "0.1", price)
    assert 0 == floor.balance()["frozen"]
    floor.order("sell", "0.1")
    assert [] == floor.ask("futures_positions")
    assert Decimal("0.1") * price * Decimal("0.1005") == floor.balance()["frozen"]


def test_margin_is_added_and_removed(floor):
    """Added from the balance, removed down to what the leverage asks for; both are in the history."""
    floor.isolate()
    floor.order("buy", "0.1")
    before = floor.row()
    row = floor.ask("futures_adjust_position_margin", amount="100")
    assert before["margin_avbl"] + 100 == Decimal(row["margin_avbl"])
    assert Decimal(row["liq_price"]) < before["liq_price"]
    assert 3109 == floor.refused("futures_adjust_position_margin", amount="-150")
    floor.ask("futures_adjust_position_margin", amount="-40")
    assert 3109 == floor.refused("futures_adjust_position_margin", amount="20000")
    assert 4004 == floor.refused("futures_adjust_position_margin", amount="1e3")
    history = floor.ask("futures_position_margin_history")
    assert ["-40", "100"] == [each["margin_change"] for each in history]
    assert Decimal(history[0]["margin_avbl"]) == floor.row()["margin_avbl"]


def test_leverage_moves_margin_and_what_orders_hold(floor):
    """A lower leverage takes more margin for position and orders, a higher one gives it back with cross margin."""
    opened = floor.order("buy", "0.05")
    price = floor.mark().quantize(Decimal(1)) - 5000
    floor.order("buy", "0.01", price)
    for leverage in (5, 50, 20):
        done = floor.ask("futures_adjust_position_leverage", margin_mode="cross", leverage=leverage)
        assert {"margin_mode": "cross", "leverage": leverage} == done
        assert Decimal(opened["filled_value"]) / leverage == floor.row()["margin_avbl"]
        assert price * Decimal("0.01") * (Decimal(1) / leverage + Decimal("0.0005")) == floor.balance()["frozen"]
    assert 3639 == floor.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=7)
    floor.order("buy", "1")
    before = floor.balance(), floor.row()
    assert 3109 == floor.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=3)
    assert before == (floor.balance(), floor.row())


def test_settings_that_do_not_fit_what_is_open_are_refused(floor):
    """Too much leverage for the size, and isolated margin that would not carry the loss: nothing changes then."""
    floor.trading.deposit(floor.me, "USDT", 2_000_000, "futures")
    floor.order("buy", tiers(floor.market())[0].amount + 1, floor.mark().quantize(Decimal(1)) - 5000)
    refused = floor.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=100)
    assert 3639 == refused
    floor.order("buy", "1")
    with floor.pinned(floor.mark() * 9 / 10):
        before = floor.balance(), floor.row()
        refused = floor.refused("futures_adjust_position_leverage", margin_mode="isolated", leverage=20)
        assert (3109, before) == (refused, (floor.balance(), floor.row()))


def test_a_loss_of_cross_positions_cannot_be_spent(floor):
    """It lowers what may be transferred and what new orders may hold, though the balance is still there."""
    floor.order("buy", "0.1")
    with floor.pinned(floor.mark() - 50_000):
        balance = floor.balance()
        assert balance["unrealized_pnl"] < -4900
        assert balance["available"] + balance["unrealized_pnl"] == balance["transferrable"]
        order = {"side": "buy", "type": "limit", "price": "50000", "amount": "1"}
        assert 3109 == floor.refused("futures_place_order", **order)


def test_an_isolated_loss_stays_in_the_position(floor):
    """The rest of the balance may be spent whatever an isolated position has lost."""
    floor.isolate()
    floor.order("buy", "0.1")
    with floor.pinned(floor.mark() - 400):
        assert floor.balance()["transferrable"] == floor.balance()["available"]


def test_two_accounts_trade_with_each_other(floor):
    """What one wins the other loses; both positions are exact."""
    you = floor.account("you", USDT="10000")
    bid, ask = floor.matching.best(floor.market())
    price = (bid + (ask - bid) / 2).quantize(Decimal("0.01"))
    floor.order("buy", "0.1", price)
    floor.order("sell", "0.1", price, account=you)
    mine, yours = floor.row(), floor.row(account=you)
    assert ("long", "short") == (mine["side"], yours["side"])
    assert price == mine["avg_entry_price"] == yours["avg_entry_price"]
    assert 0 == mine["unrealized_pnl"] + yours["unrealized_pnl"]
    assert (price * Decimal("0.00003"), price * Decimal("0.00005")) == (-mine["realized_pnl"], -yours["realized_pnl"])


def test_sockets_are_told(floor):
    """Each change is told, with the fields of a push."""
    floor.order("buy", "0.01")
    (event, row) = floor.told()[0]
    assert "update" == event
    assert {"settle_val", "first_filled_price", "latest_filled_price"} <= set(row)
    assert {"settle_value", "market_type", "stop_loss_list"}.isdisjoint(row)
    floor.ask("futures_adjust_position_margin", amount="1")
    floor.ask("futures_close_position", type="market")
    told = floor.told()
    assert ["update", "close"] == [told[0][0], told[-1][0]]
    assert ("0", "0") == (told[-1][1]["open_interest"], told[-1][1]["margin_avbl"])


def test_positions_are_asked_for_by_market_and_in_pages(floor):
    """Newest first; has_next says that there are more."""
    for market in ("BTCUSDT", "ETHUSDT"):
        floor.order("buy", "0.1", market=market)
    reply = floor.reply("futures_positions", limit=1)
    assert (["ETHUSDT"], True) == ([row["market"] for row in reply.data], reply.pagination["has_next"])
    assert ["BTCUSDT"] == [row["market"] for row in floor.ask("futures_positions", market="BTCUSDT")]
    assert 3639 == floor.refused("futures_positions", market="NONSENSE")
    assert 4004 == floor.refused("futures_positions", market_type="SPOT")


def test_histories_keep_to_times_markets_and_positions(floor):
    """start_time and end_time are included; what does not fit is left out."""
    for _ in range(3):
        floor.order("buy", "0.01")
        floor.ask("futures_close_position", type="market")
        floor.advance(60)
    rows = floor.ask("futures_finished_positions")
    assert sorted((row["updated_at"] for row in rows), reverse=True) == [row["updated_at"] for row in rows]
    at = rows[1]["updated_at"]
    assert rows[1:2] == floor.ask("futures_finished_positions", start_time=at, end_time=at)
    assert [] == floor.ask("futures_finished_positions", market="ETHUSDT")
    assert [] == floor.ask("futures_position_adl_history")


def test_there_is_no_position_to_change(floor):
    """Verbs without a position are refused with 3600."""
    for name, params in {
        "futures_close_position": {"type": "market"},
        "futures_adjust_position_margin": {"amount": "1"},
        "futures_cancel_position_stop_loss": {},
    }.items():
        assert 3600 == floor.refused(name, **params)


@pytest.mark.parametrize("market", ["BTCUSDT", "LRCUSDT", INVERSE])
def test_every_leverage_has_a_tier(floor, market):
    """The smallest tier allows the highest leverage that the market offers."""
    found = floor.market(market)
    assert max(leverages(found)) <= tiers(found)[0].leverage
