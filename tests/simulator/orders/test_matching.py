"""Orders and the simulated liquidity: fills, resting orders, holds, fees."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.ledger import shortfall
from coinex_pandas.simulator.market.catalogue import MINUTE
from coinex_pandas.simulator.orders.liquidity import TapeDeal
from tests.simulator.order_exchange import NOW, OrderExchange


@pytest.fixture
def exchange():
    """Give a exchange for BTCUSDT."""
    return OrderExchange()


@pytest.fixture
def ann(exchange):
    """Give a trader."""
    return exchange.trader()


def test_a_market_buy_takes_the_best_levels(exchange, ann):
    """It pays the levels' prices, best first, and is charged the taker's rate in what it gets."""
    (first, least), (second, _) = exchange.offers("buy")[:2]
    amount = least + Decimal("0.001")
    order = ann.order("buy", amount=str(amount), ccy="BTC")
    cost = first * least + second * Decimal("0.001")
    assert (str(amount), "0", cost) == (
        order["filled_amount"],
        order["unfilled_amount"],
        Decimal(order["filled_value"]),
    )
    assert (2 + amount * Decimal("0.998"), 0) == ann.balance("BTC")
    assert (100_000 - cost, 0) == ann.balance("USDT")
    exchange.check()


def test_what_is_eaten_stays_eaten_until_the_level_changes(exchange, ann):
    """A second order finds what the first has left; the level is whole again when it has a new amount."""
    price, whole = exchange.offers("buy")[0]
    ann.order("buy", amount=str(whole - 1 / Decimal(10**8)), ccy="BTC")
    assert (price, 1 / Decimal(10**8)) == exchange.offers("buy")[0]
    exchange.advance(40)
    assert price not in dict(exchange.offers("buy")) or dict(exchange.offers("buy"))[price] > Decimal("1e-8")


def test_a_buy_by_value_spends_what_it_can(exchange, ann):
    """What is too little for the smallest step is left over, and the order counts as filled."""
    order = ann.order("buy", amount="1000")
    assert ("USDT", "1000") == (order["ccy"], order["amount"])
    assert Decimal(1000) == Decimal(order["filled_value"]) + Decimal(order["unfilled_amount"])
    assert 0 < Decimal(order["unfilled_amount"]) < Decimal("0.001")
    assert "filled" == ann.act("order_status", order_id=order["order_id"])["status"]
    exchange.check()


def test_a_sell_by_value_sells_what_that_is_worth(exchange, ann):
    """With ccy = quote a market sell is told how much to bring."""
    order = ann.order("sell", amount="1000", ccy="USDT")
    assert Decimal(999) < Decimal(order["filled_value"]) <= 1000
    assert Decimal(order["filled_value"]) * Decimal("0.998") == ann.balance("USDT")[0] - 100_000
    exchange.check()


def test_a_limit_order_takes_up_to_its_limit_and_rests(exchange, ann):
    """The rest is held at the limit; the event says put; nothing more is held than that."""
    price, whole = exchange.offers("buy")[0]
    order = ann.order("buy", price, str(whole + 1))
    assert (whole, Decimal(1)) == (Decimal(order["filled_amount"]), Decimal(order["unfilled_amount"]))
    assert price == ann.balance("USDT")[1]
    ((event, pushed),) = ann.events_of("order")
    assert ("put", "1") == (event, pushed["unfilled_amount"])
    assert [("taker", str(price))] == [(deal["role"], deal["price"]) for deal in ann.events_of("user_deals")]
    exchange.check()


def test_cancelled_without_a_fill_an_order_is_forgotten(exchange, ann):
    """Its hold is given back, it shows nowhere any more."""
    order = ann.order("buy", 30_000)
    assert (Decimal(99_700), Decimal(300)) == ann.balance("USDT")
    gone = ann.act("cancel_order", order_id=order["order_id"])
    assert order["order_id"] == gone["order_id"]
    assert (100_000, 0) == ann.balance("USDT")
    assert [] == ann.act("pending_orders") == ann.act("finished_orders")
    assert ["put", "finish"] == [event for event, _ in ann.events_of("order")]


def test_what_the_types_do_not_allow_is_refused(exchange, ann):
    """maker_only must not take, fok must be filled whole, a market order must find enough."""
    price, whole = exchange.offers("buy")[0]
    assert 3622 == ann.refused("buy", price, type="maker_only")
    assert 3621 == ann.refused("buy", price, str(whole * 2), type="fok")
    assert 3620 == ann.refused("buy", amount="90000", ccy="BTC")
    assert 3109 == ann.refused("buy", 50_000, "3")
    assert [] == ann.events
    exchange.check()


def test_ioc_takes_what_is_there_and_drops_the_rest(exchange, ann):
    """Its rest does not rest; without any fill it is not kept."""
    price, whole = exchange.offers("buy")[0]
    taken = ann.order("buy", price, str(whole + 1), type="ioc")
    assert Decimal(1) == Decimal(taken["unfilled_amount"])
    missed = ann.order("buy", price - 100, type="ioc")
    assert [taken["order_id"]] == [row["order_id"] for row in ann.act("finished_orders")]
    assert "0" == missed["filled_amount"]
    assert "part_canceled" == ann.act("order_status", order_id=taken["order_id"])["status"]
    assert [] == ann.act("pending_orders")
    exchange.check()


def test_fok_and_maker_only_do_what_they_say(exchange, ann):
    """A fok order fills whole, a maker_only one rests."""
    price, whole = exchange.offers("buy")[0]
    assert "0" == ann.order("buy", price, str(whole), type="fok")["unfilled_amount"]
    assert "0" == ann.order("buy", 30_000, type="maker_only")["filled_amount"]
    assert ["30000"] == [row["price"] for row in ann.act("pending_orders")]


def test_a_deal_beyond_the_price_fills_a_resting_order_first(exchange, ann):
    """The order trades at its own price, as maker, as much as the deal's amount."""
    ann.order("buy", 50_000, "0.3")
    exchange.matching.hit(exchange.market, TapeDeal(NOW, "sell", Decimal(49_999), Decimal("0.1")))
    exchange.matching.hit(exchange.market, TapeDeal(NOW, "buy", Decimal(49_999), Decimal("0.1")))
    exchange.matching.hit(exchange.market, TapeDeal(NOW, "sell", Decimal(50_001), Decimal("0.1")))
    (deal,) = ann.events_of("user_deals")
    assert ("maker", "50000", "0.1", "0.0002", "BTC") == tuple(
        deal[name] for name in ("role", "price", "amount", "fee", "fee_ccy")
    )
    assert ["put", "update"] == [event for event, _ in ann.events_of("order")]
    assert "part_filled" == ann.act("order_status", order_id=deal["order_id"])["status"]
    exchange.matching.hit(exchange.market, TapeDeal(NOW, "sell", Decimal(49_999), Decimal(7)))
    assert "filled" == ann.act("order_status", order_id=deal["order_id"])["status"]
    exchange.check()


def test_at_its_own_price_an_order_waits_for_what_was_there_before(exchange, ann):
    """Deals at the price fill the liquidity first, then own orders in the order they came."""
    price, whole = exchange.offers("sell")[0]
    orders = [ann.order("buy", price, "0.1")["order_id"] for _ in range(2)]
    deal = TapeDeal(NOW, "sell", price, whole - Decimal("0.001"))
    exchange.matching.hit(exchange.market, deal)
    assert [] == ann.events_of("user_deals")
    exchange.matching.hit(exchange.market, deal._replace(amount=Decimal("0.102")))
    assert [(orders[0], "0.1"), (orders[1], "0.001")] == [
        (deal["order_id"], deal["amount"]) for deal in ann.events_of("user_deals")
    ]
    exchange.check()


def test_who_left_the_queue_is_not_waited_for(exchange, ann):
    """What stood before an order counts as long as it stands there."""
    price, whole = exchange.offers("sell")[0]
    ann.order("buy", price, "0.1")
    later = next(
        at
        for at in range(NOW, NOW + 60_000, 200)
        if not exchange.matching.liquidity.ahead(exchange.market, "buy", price, at)
    )
    exchange.matching.hit(exchange.market, TapeDeal(later, "sell", price, min(whole, Decimal("0.05"))))
    assert 1 == len(ann.events_of("user_deals"))


def test_time_fills_what_the_market_comes_to(exchange, ann):
    """An order just below the market is filled by the tape or the book as time passes; one far away is not."""
    near = exchange.offers("sell")[0][0]
    ann.order("buy", near, "0.01")
    ann.order("buy", near / 2, "0.01")
    exchange.advance(6 * 3600)
    assert [near] == [Decimal(deal["price"]) for deal in ann.events_of("user_deals")]
    assert {"maker"} == {deal["role"] for deal in ann.events_of("user_deals")}
    assert 1 == len(ann.act("pending_orders"))
    exchange.check()


def test_deals_of_the_past_hit_nothing(exchange, ann):
    """The same history comes out whether time passes in one jump or in many."""
    other = OrderExchange()
    bob = other.trader()
    for trader in (ann, bob):
        for price in range(57_000, 58_000, 100):
            trader.order("buy", price, "0.1")
    exchange.advance(3600)
    for _ in range(60):
        other.advance(60)
    keys = ("created_at", "price", "amount", "role")
    assert [[deal[key] for key in keys] for deal in ann.events_of("user_deals")] == [
        [deal[key] for key in keys] for deal in bob.events_of("user_deals")
    ]


def test_time_alone_asks_for_nothing(exchange, ann):
    """Without orders no stretch of time is wanted; with one, every minute is."""
    flow, *_ = exchange.trading.processes
    assert flow.next_due(NOW) is None
    ann.order("buy", 30_000)
    assert NOW + MINUTE == flow.next_due(NOW)


def test_a_delisted_market_cancels_its_orders():
    """LRCUSDT's orders end when the market does, and new ones are refused."""
    exchange = OrderExchange("LRCUSDT")
    ann = exchange.trader(USDT=1000)
    price, _ = exchange.offers("sell")[-1]
    ann.order("buy", price / 2 // Decimal("1e-6") * Decimal("1e-6"), "100")
    ann.stop("buy", price * 9 // 1 or price, amount="100")
    exchange.advance((exchange.market.delisted_at - NOW) / 1000 + 60)
    assert (1000, 0) == ann.balance("USDT")
    assert [("put", "put"), ("cancel", "cancel")] == [(event, stop["status"]) for event, stop in ann.events_of("stop")]
    ((_, _), (event, pushed)) = ann.events_of("order")
    assert ("finish", exchange.market.delisted_at) == (event, pushed["updated_at"])
    assert 4117 == ann.refused("buy", price, "100")


def test_the_fee_can_be_paid_in_cet(exchange):
    """Who has switched it on pays 80% of the fee in CET; without enough CET the usual fee is charged."""
    ann = exchange.trader("ann", USDT=100_000, CET=1000)
    ann.account.settings["cet_discount_enabled"] = True
    order = ann.order("buy", amount="1000")
    assert ("0", "0") == (order["base_fee"], order["quote_fee"])
    assert Decimal(order["discount_fee"]) == 1000 - ann.balance("CET")[0]
    assert Decimal(order["filled_amount"]) == ann.balance("BTC")[0]
    (deal,) = ann.events_of("user_deals")
    assert "CET" == deal["fee_ccy"]
    ann.order("buy", amount="90000")
    fees = [deal["fee_ccy"] for deal in ann.events_of("user_deals")]
    assert {"CET", "BTC"} == set(fees)
    exchange.check()


def test_a_margin_order_trades_from_the_margin_wallet(exchange, ann):
    """Spot money does not pay for it, its rows name the margin market."""
    assert 3109 == ann.refused("buy", amount="1000", market_type="MARGIN")
    exchange.trading.deposit(ann.account, "USDT", 5000, "margin:BTCUSDT")
    ann.order("buy", amount="1000", market_type="MARGIN")
    ann.order("buy", 30_000, market_type="MARGIN")
    assert Decimal(300) == ann.balance("USDT", "margin:BTCUSDT")[1]
    assert {"BTCUSDT"} == {deal["margin_market"] for deal in ann.events_of("user_deals")}
    assert [] == ann.act("pending_orders")
    assert 1 == len(ann.act("pending_orders", market_type="MARGIN"))
    exchange.check()


def test_best_counts_own_orders_too(exchange, ann):
    """The best bid and ask are those of the liquidity and of resting orders together."""
    bid, ask = exchange.matching.best(exchange.market)
    middle = (bid + ask) / 2 // Decimal("0.01") * Decimal("0.01")
    ann.order("buy", middle)
    assert (middle, ask) == exchange.matching.best(exchange.market)


def test_levels_that_come_to_cross_an_order_trade_with_it(exchange):
    """At the order's price, as much as they have, and what they gave is gone."""
    ann = exchange.trader("ann", USDT=10_000_000)
    price = exchange.matching.best(exchange.market)[0] + Decimal("0.01")
    ann.order("buy", price, "50")
    at = next(
        at
        for at in range(NOW, NOW + 600_000, 200)
        if exchange.matching.liquidity.may_cross(exchange.market, "buy", price, at)
    )
    at += 60_000
    crossing = [
        amount for level, amount in exchange.matching.liquidity.levels(exchange.market, "buy", at) if level <= price
    ]
    assert crossing
    exchange.matching.cross(exchange.market, at)
    exchange.matching.cross(exchange.market, at)
    assert crossing == [Decimal(deal["amount"]) for deal in ann.events_of("user_deals")]
    assert {(price, "maker")} == {(Decimal(deal["price"]), deal["role"]) for deal in ann.events_of("user_deals")}
    exchange.check()


class Stingy:
    """A settlement that has nothing left after a fill, as futures can have it."""

    def __init__(self, settlement):
        self.settlement = settlement

    def __getattr__(self, name):
        return getattr(self.settlement, name)

    def hold(self, order):
        """Refuse what follows a fill."""
        if order.filled:
            raise shortfall()
        self.settlement.hold(order)


def test_a_rest_that_cannot_be_held_is_cancelled(exchange, ann):
    """The taker's as well as the maker's: what was filled stays filled."""
    exchange.matching.settlement["spot"] = Stingy(exchange.matching.settlement["spot"])
    (first, least), (second, _) = exchange.offers("buy")[:2]
    taken = ann.order("buy", second, str(least + Decimal("0.001")))
    assert (least, first * least) == (Decimal(taken["filled_amount"]), Decimal(taken["filled_value"]))
    resting = ann.order("buy", 50_000, "0.3")["order_id"]
    exchange.matching.hit(exchange.market, TapeDeal(NOW, "sell", Decimal(49_999), Decimal("0.1")))
    assert "part_canceled" == ann.act("order_status", order_id=resting)["status"]
    assert [] == ann.act("pending_orders")
    exchange.check()
