"""Funding is paid by who holds a position when it settles, and results become margin."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.ledger import LIQUIDITY
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.clock import Clock
from tests.simulator.futures_exchange import INVERSE, FuturesExchange
from tests.simulator.order_exchange import WORLD

HOUR = 3600


@pytest.fixture
def exchange():
    """Give an exchange of the test's own, checked at the end."""
    made = FuturesExchange(USDT="10000", BTC="1")
    yield made
    made.check()


def public_rates(exchange, market):
    """Return the settlements that everybody sees, by time."""
    public = Exchange(0, Clock(exchange.trading.at, speed=0))
    public.world = WORLD
    rows = public.answer("futures_funding_rate_history", {"market": market, "limit": "100"}).data
    return {row["funding_time"]: row["actual_funding_rate"] for row in rows}


@pytest.mark.parametrize(("market", "amount"), [("BTCUSDT", "0.1"), (INVERSE, "1000"), ("PEPEUSDT", "1000000")])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_each_public_settlement_is_paid_once(exchange, market, amount, side):
    """Time, rate and value are those of the public history; a long pays a positive rate, a short gets it."""
    exchange.order(side, amount, market=market)
    opened = exchange.trading.at
    exchange.advance(25 * HOUR)
    rates = {at: rate for at, rate in public_rates(exchange, market).items() if at > opened}
    rows = exchange.ask("futures_position_funding_history", market=market, limit=100)
    assert sorted(rates, reverse=True) == [row["created_at"] for row in rows]
    assert [rates[row["created_at"]] for row in rows] == [row["funding_rate"] for row in rows]
    for row in rows:
        price = Decimal(row["settle_price"])
        value = Decimal(amount) / price if market == INVERSE else Decimal(amount) * price
        paid = value * Decimal(row["funding_rate"]) * (1 if side == "buy" else -1)
        assert abs(paid - Decimal(row["funding_value"])) < Decimal("1e-18")
        assert ("BTC" if market == INVERSE else "USDT", amount) == (row["ccy"], row["open_interest"])


def test_a_settlement_turns_the_result_into_margin(exchange):
    """Profit goes into the margin, profit counts from the mark price then, and the account is worth the same."""
    exchange.isolate()
    exchange.order("buy", "0.1")
    exchange.advance(8 * HOUR)
    (settled,) = exchange.ask("futures_position_settle_history")
    row, (funded,) = exchange.row(), exchange.ask("futures_position_funding_history")
    assert Decimal(settled["settle_price"]) == Decimal(funded["settle_price"]) == row["settle_price"]
    assert row["settle_price"] != row["avg_entry_price"]
    change = Decimal("0.1") * (row["settle_price"] - row["avg_entry_price"])
    assert change == Decimal(settled["margin_change"])
    assert Decimal("0.01") * row["avg_entry_price"] + change == row["margin_avbl"] == Decimal(settled["margin_avbl"])
    assert Decimal("0.1") * (exchange.mark() - row["settle_price"]) == row["unrealized_pnl"]
    fee = Decimal("0.1") * row["avg_entry_price"] * Decimal("0.0005")
    assert change - fee - Decimal(funded["funding_value"]) == row["realized_pnl"]


def test_settlements_do_not_change_what_a_position_brings(exchange):
    """Realized in parts or at once: in the end balance and deals agree to the last digit."""
    exchange.order("sell", "0.1")
    exchange.advance(30 * HOUR)
    exchange.order("sell", "0.05")
    exchange.advance(30 * HOUR)
    exchange.ask("futures_close_position", type="market")
    deals = exchange.matching.log.deals.rows(exchange.me, "FUTURES")
    cash = sum(
        (deal.price * deal.amount * (1 if deal.order.side == "sell" else -1) - deal.fee for deal in deals), Decimal(0)
    )
    funding = sum(Decimal(row["funding_value"]) for row in exchange.ask("futures_position_funding_history", limit=100))
    assert len(exchange.ask("futures_position_settle_history", limit=100)) >= 6
    assert 10_000 + cash - funding == exchange.balance()["available"]
    assert cash - funding == exchange.finished()["realized_pnl"]


def test_a_jump_of_the_clock_misses_no_settlement(exchange):
    """Whether the clock goes in one jump or minute by minute, the same is paid at the same times."""
    other = FuturesExchange(USDT="10000", BTC="1")
    for each in (exchange, other):
        each.order("buy", "0.1")
    exchange.advance(9 * HOUR)
    for _ in range(9 * 60):
        other.advance(60)
    name = "futures_position_funding_history"
    assert [row["funding_value"] for row in exchange.ask(name)] == [row["funding_value"] for row in other.ask(name)]
    assert exchange.balance() == other.balance()


def test_funding_that_the_balance_cannot_pay_comes_from_the_margin(exchange):
    """Then from the fund: it is paid in any case."""
    poor = exchange.account("poor", USDT="580.8")
    exchange.isolate(account=poor)
    exchange.order("buy", "0.1", account=poor)
    position, money = exchange.position(poor), exchange.matching.settlement["futures"].money
    margin = exchange.row(account=poor)["margin_avbl"]
    with exchange.trading.turn():
        free = exchange.positions.spendable(poor, "USDT")
        paid = money.charge(position, free + 5, LIQUIDITY, kind="funding", at=exchange.trading.at)
        position.realized -= paid
    assert free + 5 == paid
    assert margin - 5 == exchange.row(account=poor)["margin_avbl"]
