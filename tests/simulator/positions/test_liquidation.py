"""Positions that cannot be held end: at the documented prices, with the money where it belongs."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.ledger import FEES
from coinex_pandas.simulator.market.catalogue import DAY
from tests.simulator.futures_exchange import INVERSE, FuturesExchange


@pytest.fixture
def exchange():
    """Give an exchange of the test's own, checked at the end."""
    made = FuturesExchange(USDT="10000", BTC="1")
    yield made
    made.check()


@pytest.mark.parametrize("market", ["BTCUSDT", INVERSE])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_isolated_position_lives_up_to_its_liquidation_price(exchange, side, market):
    """A touch before the price of the row it lives; at the price it is gone, and so is its margin."""
    ccy = "BTC" if market == INVERSE else "USDT"
    before = exchange.balance(ccy)["equity"]
    exchange.isolate(market=market)
    exchange.order(side, "1000" if market == INVERSE else "0.1", market=market)
    row, sign = exchange.row(market=market), 1 if side == "buy" else -1
    assert sign * row["bkr_price"] < sign * row["liq_price"] < sign * row["avg_entry_price"]
    with exchange.pinned(row["liq_price"] + sign * Decimal("0.01"), market):
        exchange.advance()
        assert row["position_id"] == exchange.row(market=market)["position_id"]
    exchange.events_of()
    with exchange.pinned(row["liq_price"] - sign * Decimal("0.01"), market):
        exchange.advance()
    (event, pushed) = exchange.events_of()[-1]
    assert ("liq", "0") == (event, pushed["open_interest"])
    finished = exchange.finished(market=market)
    assert "liq" == finished["finished_type"]
    # the book is where it was, so the order won nothing and lost little: all that is left goes to the fund
    assert exchange.insurance(ccy) > 0
    assert before - row["margin_avbl"] + row["realized_pnl"] == exchange.balance(ccy)["available"]
    assert row["realized_pnl"] - row["margin_avbl"] == finished["realized_pnl"]


def test_more_margin_moves_the_liquidation_price_away(exchange):
    """The price of the row with more margin is the one that counts."""
    exchange.isolate()
    exchange.order("buy", "0.1")
    former = exchange.row()["liq_price"]
    exchange.ask("futures_adjust_position_margin", amount="300")
    with exchange.pinned(former):
        exchange.advance()
        assert exchange.row()["liq_price"] < former


def test_a_cross_position_lives_from_the_whole_balance(exchange):
    """It is liquidated only when the balance is gone too, and orders are cancelled with it."""
    exchange.order("buy", "0.5")
    exchange.order("buy", "0.01", exchange.mark().quantize(Decimal(1)) - 9000)
    row = exchange.row()
    assert 0 < row["bkr_price"] < row["liq_price"] < exchange.mark() - 15_000
    with exchange.pinned(row["liq_price"] + 1):
        exchange.advance()
        assert 1 == len(exchange.ask("futures_positions"))
    with exchange.pinned(row["liq_price"] - 1):
        exchange.advance()
    assert "liq" == exchange.finished()["finished_type"]
    assert [] == exchange.matching.orders(exchange.me, "futures")
    assert 0 == exchange.balance()["frozen"]


def test_the_worst_position_goes_first(exchange):
    """With cross margin the position that has lost most is liquidated; the other one stays when that suffices."""
    exchange.order("buy", "0.5")
    exchange.order("buy", "1", market="ETHUSDT")
    with exchange.pinned(exchange.row(market="BTCUSDT")["liq_price"] - 1):
        exchange.advance()
        assert ["ETHUSDT"] == [row["market"] for row in exchange.ask("futures_positions")]


def test_the_fund_pays_what_an_account_cannot(exchange):
    """A price that jumps over the bankruptcy price: the account loses its margin, the fund the rest."""
    poor = exchange.account("poor", USDT="610")
    exchange.isolate(account=poor)
    exchange.order("buy", "0.1", account=poor)
    position, row = exchange.position(poor), exchange.row(account=poor)
    with exchange.trading.turn():
        settlement = exchange.matching.settlement["futures"]
        settlement.close_out(position, Decimal(40_000), exchange.trading.at, "liq")
    assert exchange.insurance() < -1000
    assert row["realized_pnl"] - row["margin_avbl"] == exchange.finished(account=poor)["realized_pnl"]
    assert 0 <= exchange.balance(account=poor)["available"] < 30


def test_a_loss_goes_before_what_orders_hold(exchange):
    """A cross account whose money is frozen for orders pays with it: they are cancelled, the fund is not asked."""
    exchange.order("buy", "0.1")
    exchange.order("buy", "1.9", exchange.mark().quantize(Decimal(1)) - 10_000)
    free = exchange.balance()["available"]
    position = exchange.position()
    with exchange.trading.turn():
        settlement = exchange.matching.settlement["futures"]
        position.realized -= settlement.money.charge(position, free + 100, FEES, kind="fee", at=exchange.trading.at)
    assert [] == exchange.matching.orders(exchange.me, "futures")
    assert 0 == exchange.insurance()
    assert exchange.balance()["available"] > 8000


def test_a_delisted_market_closes_its_positions(exchange):
    """The system closes them at the last mark price, without a fee."""
    exchange.isolate(3, market="LRCUSDT")
    exchange.order("buy", "100", market="LRCUSDT")
    exchange.ask(
        "futures_set_position_stop_loss", market="LRCUSDT", stop_loss_type="mark_price", stop_loss_price="0.001"
    )
    exchange.events_of()
    exchange.clock.advance(9 * DAY // 1000)
    exchange.trading.advance()
    finished = exchange.finished(market="LRCUSDT")
    assert ("sys", 0) == (finished["finished_type"], finished["open_interest"])
    assert "sys_close" == exchange.events_of()[-1][0]


def test_an_empty_book_does_not_save_a_position(exchange):
    """Nobody takes its order: it is closed against the liquidity at the mark price, its orders are cancelled."""
    exchange.isolate()
    exchange.order("buy", "0.1")
    exchange.order("buy", "0.01", exchange.mark().quantize(Decimal(1)) - 20_000)
    row = exchange.row()
    exchange.matching.liquidity.levels = lambda *_: iter(())
    with exchange.pinned(row["liq_price"] - 1):
        exchange.advance()
    assert "liq" == exchange.finished()["finished_type"]
    assert [] == exchange.matching.orders(exchange.me, "futures")
    assert row["realized_pnl"] - row["margin_avbl"] == exchange.finished()["realized_pnl"]
    # a price between liquidation and bankruptcy leaves something to the fund
    assert 0 < exchange.insurance() < row["maintenance_margin_value"]
