"""Futures orders open, change and close positions; money moves exactly."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.positions.contract import contract_value, leverages, tiers
from tests.simulator.futures_exchange import INVERSE, FuturesExchange


@pytest.fixture
def exchange():
    """Give an exchange of the test's own, checked at the end."""
    made = FuturesExchange()
    yield made
    made.check()


@pytest.fixture
def inverse():
    """Give one with an account that has bitcoins."""
    made = FuturesExchange(BTC="2")
    yield made
    made.check()


def test_a_buy_opens_a_long_with_margin_and_fee(exchange):
    """A tenth of the value becomes margin, the taker's fee is paid, and the row tells it."""
    order = exchange.order("buy", "0.1")
    value, row = Decimal(order["filled_value"]), exchange.row()
    assert ("long", "cross", Decimal("0.1"), Decimal("0.1")) == tuple(
        row[name] for name in ("side", "margin_mode", "open_interest", "close_avbl")
    )
    assert value / Decimal("0.1") == row["avg_entry_price"] == row["settle_price"]
    assert value == row["settle_value"] == row["cml_position_value"] == row["max_position_value"]
    assert value / 10 == row["margin_avbl"] == row["ath_margin_size"]
    assert Decimal("0.1") == row["position_margin_rate"]
    assert -value * Decimal("0.0005") == row["realized_pnl"] == -Decimal(order["fee"])
    assert Decimal("0.1") * exchange.mark() - value == row["unrealized_pnl"]
    balance = exchange.balance()
    assert 10_000 - value / 10 - value * Decimal("0.0005") == balance["available"]
    assert value / 10 == balance["margin"]
    assert balance["equity"] == balance["available"] + balance["frozen"] + balance["margin"] + balance["unrealized_pnl"]


def test_what_is_closed_pays_its_profit_and_frees_its_margin(exchange):
    """Half closed: half the margin comes back, profit and fee are in the balance, the average stays."""
    opened = exchange.order("buy", "0.2")
    before = exchange.row()
    exchange.advance(7200)
    closed = exchange.order("sell", "0.1")
    cost, got = Decimal(opened["filled_value"]) / 2, Decimal(closed["filled_value"])
    row = exchange.row()
    assert got - cost == Decimal(closed["realized_pnl"])
    assert before["margin_avbl"] / 2 == row["margin_avbl"]
    assert before["avg_entry_price"] == row["avg_entry_price"]
    assert Decimal("0.2") == row["ath_position_amount"]
    fees = Decimal(opened["fee"]) + Decimal(closed["fee"])
    assert got - cost - fees == row["realized_pnl"]
    assert 10_000 + got - cost - fees == exchange.balance()["available"] + row["margin_avbl"]


@pytest.mark.parametrize(("side", "back"), [("buy", "sell"), ("sell", "buy")])
def test_a_closed_position_has_brought_exactly_what_the_deals_say(exchange, side, back):
    """In the end the balance has changed by the difference of values less fees, to the last digit."""
    first, last = exchange.order(side, "0.3"), None
    exchange.advance(3600)
    exchange.order(side, "0.07")
    last = exchange.ask("futures_close_position", type="market")
    deals = exchange.matching.log.deals.rows(exchange.me, "FUTURES")
    cash = sum(
        (deal.price * deal.amount * (1 if deal.order.side == "sell" else -1) - deal.fee for deal in deals), Decimal(0)
    )
    assert first["side"] != last["side"] == back
    assert 10_000 + cash == exchange.balance()["available"] == exchange.balance()["equity"]
    finished = exchange.finished()
    assert "market_close_all" == finished["finished_type"]
    assert cash == finished["realized_pnl"]
    assert (0, 0) == (finished["open_interest"], finished["margin_avbl"])
    assert finished["avg_entry_price"] > 0
    assert [] == exchange.ask("futures_positions")


def test_an_order_of_the_other_side_turns_the_position(exchange):
    """Selling more than the long is closes it and opens a short with a number of its own."""
    exchange.order("buy", "0.1")
    number = exchange.row()["position_id"]
    exchange.order("sell", "0.25")
    row = exchange.row()
    assert ("short", Decimal("0.15")) == (row["side"], row["open_interest"])
    assert number == exchange.finished()["position_id"] != row["position_id"]
    assert "market" == exchange.finished()["finished_type"]


def test_an_inverse_position_is_counted_in_dollars_and_settled_in_coins(inverse):
    """1000 dollars long: value, margin and profit are bitcoins; a rising price wins."""
    order = inverse.order("buy", "1000", market=INVERSE)
    row = inverse.row(market=INVERSE)
    price = row["avg_entry_price"]
    market = inverse.market(INVERSE)
    assert ("BTC", Decimal(1000)) == (order["fee_ccy"], row["open_interest"])
    assert abs(Decimal(1000) / price - row["settle_value"]) < Decimal("1e-18")
    assert abs(row["settle_value"] / 10 - row["margin_avbl"]) < Decimal("1e-18")
    assert row["settle_value"] - contract_value(market, inverse.mark(INVERSE), Decimal(1000)) == row["unrealized_pnl"]
    with inverse.pinned(price * 2, INVERSE):
        assert abs(row["settle_value"] / 2 - inverse.row(market=INVERSE)["unrealized_pnl"]) < Decimal("1e-18")
    inverse.ask("futures_close_position", market=INVERSE, type="market")
    assert inverse.balance("BTC")["equity"] == inverse.balance("BTC")["available"] != 2


def test_a_resting_order_holds_margin_and_fee_and_gives_it_back(exchange):
    """What an order may need is frozen while it rests; a cancel frees it."""
    price = exchange.mark().quantize(Decimal(1)) - 5000
    order = exchange.order("buy", "0.1", price)
    value = Decimal("0.1") * price
    assert value / 10 + value * Decimal("0.0005") == exchange.balance()["frozen"]
    assert [] == exchange.ask("futures_positions")
    exchange.ask("futures_cancel_order", order_id=order["order_id"])
    assert (0, 10_000) == (exchange.balance()["frozen"], exchange.balance()["available"])


def test_too_much_is_refused(exchange):
    """Without balance 3109; beyond the tier of the leverage 3639."""
    assert 3109 == exchange.refused("futures_place_order", side="buy", type="market", amount="1.8")
    exchange.ask("futures_adjust_position_leverage", margin_mode="cross", leverage=100)
    too_large = tiers(exchange.market())[0].amount + 1
    price = str(exchange.mark().quantize(Decimal(1)) - 10_000)
    refused = exchange.refused("futures_place_order", side="buy", type="limit", price=price, amount=str(too_large))
    assert 3639 == refused


def test_a_closing_order_needs_nothing_and_binds_the_position(exchange):
    """It freezes nothing, and what it is about to close cannot be closed again."""
    exchange.order("buy", "0.1")
    price = str(exchange.mark().quantize(Decimal(1)) + 3000)
    exchange.ask("futures_close_position", type="limit", price=price, amount="0.06")
    assert (0, Decimal("0.04")) == (exchange.balance()["frozen"], exchange.row()["close_avbl"])
    assert 3109 == exchange.refused("futures_close_position", type="limit", price=price, amount="0.05")
    rest = exchange.ask("futures_close_position", type="limit", price=price)
    assert (Decimal("0.04"), 0) == (Decimal(rest["amount"]), exchange.row()["close_avbl"])
    assert 3109 == exchange.refused("futures_close_position", type="limit", price=price)


def test_closing_all_at_market_goes_before_other_closing_orders(exchange):
    """They are cancelled, and the position ends as market_close_all."""
    exchange.order("buy", "0.1")
    exchange.ask("futures_close_position", type="limit", price=str(exchange.mark().quantize(Decimal(1)) + 3000))
    exchange.ask("futures_close_position", type="market")
    assert "market_close_all" == exchange.finished()["finished_type"]
    assert [] == exchange.matching.orders(exchange.me, "futures")


def test_closing_orders_go_when_their_position_has_gone(exchange):
    """A plain order closes the long: the closing order that waited is cancelled, not turned into a short."""
    exchange.order("buy", "0.1")
    exchange.ask(
        "futures_close_position", type="limit", price=str(exchange.mark().quantize(Decimal(1)) + 3000), amount="0.06"
    )
    exchange.order("sell", "0.05")
    assert [] == exchange.matching.orders(exchange.me, "futures")
    assert Decimal("0.05") == exchange.row()["open_interest"] == exchange.row()["close_avbl"]


def test_orders_that_would_have_closed_are_held_anew(exchange):
    """A plain sell order above a long holds nothing; when the long is gone it holds what opening a short needs."""
    exchange.order("buy", "0.1")
    price = exchange.mark().quantize(Decimal(1)) + 3000
    exchange.order("sell", "0.1", price)
    assert 0 == exchange.balance()["frozen"]
    exchange.order("sell", "0.1")
    assert [] == exchange.ask("futures_positions")
    assert Decimal("0.1") * price * Decimal("0.1005") == exchange.balance()["frozen"]


def test_margin_is_added_and_removed(exchange):
    """Added from the balance, removed down to what the leverage asks for; both are in the history."""
    exchange.isolate()
    exchange.order("buy", "0.1")
    before = exchange.row()
    row = exchange.ask("futures_adjust_position_margin", amount="100")
    assert before["margin_avbl"] + 100 == Decimal(row["margin_avbl"])
    assert Decimal(row["liq_price"]) < before["liq_price"]
    assert 3109 == exchange.refused("futures_adjust_position_margin", amount="-150")
    exchange.ask("futures_adjust_position_margin", amount="-40")
    assert 3109 == exchange.refused("futures_adjust_position_margin", amount="20000")
    assert 4004 == exchange.refused("futures_adjust_position_margin", amount="1e3")
    history = exchange.ask("futures_position_margin_history")
    assert ["-40", "100"] == [each["margin_change"] for each in history]
    assert Decimal(history[0]["margin_avbl"]) == exchange.row()["margin_avbl"]


def test_leverage_moves_margin_and_what_orders_hold(exchange):
    """A lower leverage takes more margin for position and orders, a higher one gives it back with cross margin."""
    opened = exchange.order("buy", "0.05")
    price = exchange.mark().quantize(Decimal(1)) - 5000
    exchange.order("buy", "0.01", price)
    for leverage in (5, 50, 20):
        done = exchange.ask("futures_adjust_position_leverage", margin_mode="cross", leverage=leverage)
        assert {"margin_mode": "cross", "leverage": leverage} == done
        assert Decimal(opened["filled_value"]) / leverage == exchange.row()["margin_avbl"]
        assert price * Decimal("0.01") * (Decimal(1) / leverage + Decimal("0.0005")) == exchange.balance()["frozen"]
    assert 3639 == exchange.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=7)
    exchange.order("buy", "1")
    before = exchange.balance(), exchange.row()
    assert 3109 == exchange.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=3)
    assert before == (exchange.balance(), exchange.row())


def test_settings_that_do_not_fit_what_is_open_are_refused(exchange):
    """Too much leverage for the size, and isolated margin that would not carry the loss: nothing changes then."""
    exchange.trading.deposit(exchange.me, "USDT", 2_000_000, "futures")
    exchange.order("buy", tiers(exchange.market())[0].amount + 1, exchange.mark().quantize(Decimal(1)) - 5000)
    refused = exchange.refused("futures_adjust_position_leverage", margin_mode="cross", leverage=100)
    assert 3639 == refused
    exchange.order("buy", "1")
    with exchange.pinned(exchange.mark() * 9 / 10):
        before = exchange.balance(), exchange.row()
        refused = exchange.refused("futures_adjust_position_leverage", margin_mode="isolated", leverage=20)
        assert (3109, before) == (refused, (exchange.balance(), exchange.row()))


def test_a_loss_of_cross_positions_cannot_be_spent(exchange):
    """It lowers what may be transferred and what new orders may hold, though the balance is still there."""
    exchange.order("buy", "0.1")
    with exchange.pinned(exchange.mark() - 50_000):
        balance = exchange.balance()
        assert balance["unrealized_pnl"] < -4900
        assert balance["available"] + balance["unrealized_pnl"] == balance["transferrable"]
        order = {"side": "buy", "type": "limit", "price": "50000", "amount": "1"}
        assert 3109 == exchange.refused("futures_place_order", **order)


def test_an_isolated_loss_stays_in_the_position(exchange):
    """The rest of the balance may be spent whatever an isolated position has lost."""
    exchange.isolate()
    exchange.order("buy", "0.1")
    with exchange.pinned(exchange.mark() - 400):
        assert exchange.balance()["transferrable"] == exchange.balance()["available"]


def test_two_accounts_trade_with_each_other(exchange):
    """What one wins the other loses; both positions are exact."""
    you = exchange.account("you", USDT="10000")
    bid, ask = exchange.matching.best(exchange.market())
    price = (bid + (ask - bid) / 2).quantize(Decimal("0.01"))
    exchange.order("buy", "0.1", price)
    exchange.order("sell", "0.1", price, account=you)
    mine, yours = exchange.row(), exchange.row(account=you)
    assert ("long", "short") == (mine["side"], yours["side"])
    assert price == mine["avg_entry_price"] == yours["avg_entry_price"]
    assert 0 == mine["unrealized_pnl"] + yours["unrealized_pnl"]
    assert (price * Decimal("0.00003"), price * Decimal("0.00005")) == (-mine["realized_pnl"], -yours["realized_pnl"])


def test_sockets_are_told(exchange):
    """Each change is told, with the fields of a push."""
    exchange.order("buy", "0.01")
    (event, row) = exchange.events_of()[0]
    assert "update" == event
    assert {"settle_val", "first_filled_price", "latest_filled_price"} <= set(row)
    assert {"settle_value", "market_type", "stop_loss_list"}.isdisjoint(row)
    exchange.ask("futures_adjust_position_margin", amount="1")
    exchange.ask("futures_close_position", type="market")
    told = exchange.events_of()
    assert ["update", "close"] == [told[0][0], told[-1][0]]
    assert ("0", "0") == (told[-1][1]["open_interest"], told[-1][1]["margin_avbl"])


def test_positions_are_asked_for_by_market_and_in_pages(exchange):
    """Newest first; has_next says that there are more."""
    for market in ("BTCUSDT", "ETHUSDT"):
        exchange.order("buy", "0.1", market=market)
    reply = exchange.reply("futures_positions", limit=1)
    assert (["ETHUSDT"], True) == ([row["market"] for row in reply.data], reply.pagination["has_next"])
    assert ["BTCUSDT"] == [row["market"] for row in exchange.ask("futures_positions", market="BTCUSDT")]
    assert 3639 == exchange.refused("futures_positions", market="NONSENSE")
    assert 4004 == exchange.refused("futures_positions", market_type="SPOT")


def test_histories_keep_to_times_markets_and_positions(exchange):
    """start_time and end_time are included; what does not fit is left out."""
    for _ in range(3):
        exchange.order("buy", "0.01")
        exchange.ask("futures_close_position", type="market")
        exchange.advance(60)
    rows = exchange.ask("futures_finished_positions")
    assert sorted((row["updated_at"] for row in rows), reverse=True) == [row["updated_at"] for row in rows]
    at = rows[1]["updated_at"]
    assert rows[1:2] == exchange.ask("futures_finished_positions", start_time=at, end_time=at)
    assert [] == exchange.ask("futures_finished_positions", market="ETHUSDT")
    assert [] == exchange.ask("futures_position_adl_history")


def test_there_is_no_position_to_change(exchange):
    """Verbs without a position are refused with 3600."""
    for name, params in {
        "futures_close_position": {"type": "market"},
        "futures_adjust_position_margin": {"amount": "1"},
        "futures_cancel_position_stop_loss": {},
    }.items():
        assert 3600 == exchange.refused(name, **params)


@pytest.mark.parametrize("market", ["BTCUSDT", "LRCUSDT", INVERSE])
def test_every_leverage_has_a_tier(exchange, market):
    """The smallest tier allows the highest leverage that the market offers."""
    found = exchange.market(market)
    assert max(leverages(found)) <= tiers(found)[0].leverage
