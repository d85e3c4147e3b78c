"""The arithmetic of positions holds for all numbers."""

from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.ledger import WIDE
from coinex_pandas.simulator.positions.contract import (
    contract_value,
    money,
    price_of,
    profit,
    reserve,
    threshold,
    tier,
    tiers,
)
from coinex_pandas.simulator.positions.position import Position
from tests.simulator.order_exchange import WORLD

MARKETS = [WORLD.catalogue.find("futures", name) for name in ("BTCUSDT", "BTCUSD", "PEPEUSDT")]
PRICES = st.decimals("0.000001", "200000", places=6)
AMOUNTS = st.decimals("0.0001", "100000", places=4)
TRADES = st.lists(st.tuples(PRICES, AMOUNTS), min_size=1, max_size=8)
EPSILON = Decimal("1e-20")


@pytest.fixture(autouse=True)
def _wide():
    """Reckon as the exchange does."""
    with localcontext(WIDE):
        yield


def opened(market, side, trades):
    """Return a position that some trades have opened."""
    made = Position(1, Account("me", 1), market, side, "isolated", 10, 0)
    for price, amount in trades:
        made.add(price, amount, 1)
    return made


@given(st.sampled_from(MARKETS), st.sampled_from(["long", "short"]), TRADES, st.lists(PRICES, min_size=9, max_size=9))
def test_profits_of_the_parts_are_the_profit_of_the_whole(market, side, trades, prices):
    """Closed in any parts, with settlements in between, the sum is the difference of what was traded, exactly."""
    with localcontext(WIDE):
        position = opened(market, side, trades)
        cost, got, gained = position.entry_value, Decimal(0), Decimal(0)
        for number, (_, amount) in enumerate(trades):
            if number % 3 == 1:
                gained += position.settle(prices[-1], 2)
            got += contract_value(market, prices[number], amount)
            gained += position.reduce(prices[number], amount, 3)
        assert (0, 0, 0) == (position.size, position.entry_value, position.settled_value)
        assert profit(market, side, cost, got) == gained == position.realized
        assert sum(amount for _, amount in trades) == position.largest_size


@given(st.sampled_from(MARKETS), st.sampled_from(["long", "short"]), TRADES, st.integers(1, 100))
def test_at_its_liquidation_price_a_position_has_its_maintenance_margin(market, side, trades, leverage):
    """Margin and result at that price are maintenance margin; at the bankruptcy price nothing is left."""
    with localcontext(WIDE):
        position = opened(market, side, trades)
        margin = money(position.settled_value / leverage)
        for rate in (tier(market, position.size).maintenance_rate, Decimal(0)):
            price = threshold(market, side, position.size, position.settled_value, backing=margin, rate=rate)
            if price:
                value = position.size / price if market.inverse else position.size * price
                left = margin + profit(market, side, position.settled_value, value) - rate * value
                # the price itself is rounded, and that of an inverse contract stands below the line
                assert abs(left) <= 2 * (EPSILON + value * EPSILON / price + position.size * EPSILON)


@given(st.sampled_from(MARKETS), PRICES, st.lists(AMOUNTS, min_size=1, max_size=6), st.integers(1, 100))
def test_the_parts_of_an_order_never_need_more_than_was_held(market, price, amounts, leverage):
    """After each part the rest's hold and what the part took are no more than the hold before."""
    with localcontext(WIDE):
        fee = Decimal("0.0005")

        def hold(amount):
            value = amount / price if market.inverse else amount * price
            return reserve(value / leverage + value * fee)

        left = sum(amounts)
        for amount in amounts:
            value = contract_value(market, price, amount)
            took = money(value / leverage) + money(value * fee)
            assert took + hold(left - amount) <= hold(left)
            left -= amount


@given(st.sampled_from(MARKETS), PRICES, AMOUNTS)
def test_price_and_value_are_two_sides(market, price, amount):
    """The price of a value is the price it was reckoned with, to the places of money."""
    with localcontext(WIDE):
        value = contract_value(market, price, amount)
        if value:
            assert abs(price_of(market, value, amount) - price) <= price * EPSILON / value + EPSILON


@pytest.mark.parametrize("market", MARKETS)
def test_tiers_rise(market):
    """The larger a position, the more margin and the less leverage."""
    found = tiers(market)
    assert sorted(each.amount for each in found) == [each.amount for each in found]
    assert sorted(each.maintenance_rate for each in found) == [each.maintenance_rate for each in found]
    assert found[0] == tier(market, Decimal("0.0001"))
    assert found[-1] == tier(market, found[-1].amount * 2)
