"""Positions that cannot be held end: at the documented prices, with the money where it belongs."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.engine.ledger import FEES
from coinex_pandas.simulator.market.catalogue import DAY
from tests.simulator.futures_floor import INVERSE, FuturesFloor


@pytest.fixture
def floor():
    """Give an exchange of the test's own, checked at the end."""
    made = FuturesFloor(USDT="10000", BTC="1")
    yield made
    made.check()


@pytest.mark.parametrize("market", ["BTCUSDT", INVERSE])
@pytest.mark.parametrize("side", ["buy", "sell"])
def test_an_isolated_position_lives_up_to_its_liquidation_price(floor, side, market):
    """A touch before the price of the row it lives; at the price it is gone, and so is its margin."""
    ccy = "BTC" if market == INVERSE else "USDT"
    before = floor.balance(ccy)["equity"]
    floor.isolate(market=market)
    floor.order(side, "1000" if market == INVERSE else "0.1", market=market)
    row, sign = floor.row(market=market), 1 if side == "buy" else -1
    assert sign * row["bkr_price"] < sign * row["liq_price"] < sign * row["avg_entry_price"]
    with floor.pinned(row["liq_price"] + sign * Decimal("0.01"), market):
        floor.advance()
        assert row["position_id"] == floor.row(market=market)["position_id"]
    floor.told()
    with floor.pinned(row["liq_price"] - sign * Decimal("0.01"), market):
        floor.advance()
    (event, pushed) = floor.told()[-1]
    assert ("liq", "0") == (event, pushed["open_interest"])
    finished = floor.finished(market=market)
    assert "liq" == finished["finished_type"]
    # the book is where it was, so the order won nothing and lost little: all that is left goes to the fund
    assert floor.insurance(ccy) > 0
    assert before - row["margin_avbl"] + row["realized_pnl"] == floor.balance(ccy)["available"]
    assert row["realized_pnl"] - row["margin_avbl"] == finished["realized_pnl"]


def test_more_margin_moves_the_liquidation_price_away(floor):
    """The price of the row with more margin is the one that counts."""
    floor.isolate()
    floor.order("buy", "0.1")
    former = floor.row()["liq_price"]
    floor.ask("futures_adjust_position_margin", amount="300")
    with floor.pinned(former):
        floor.advance()
        assert floor.row()["liq_price"] < former


def test_a_cross_position_lives_from_the_whole_balance(floor):
    """It is liquidated only when the balance is gone too, and orders are cancelled with it."""
    floor.order("buy", "0.5")
    floor.order("buy", "0.01", floor.mark().quantize(Decimal(1)) - 9000)
    row = floor.row()
    assert 0 < row["bkr_price"] < row["liq_price"] < floor.mark() - 15_000
    with floor.pinned(row["liq_price"] + 1):
        floor.advance()
        assert 1 == len(floor.ask("futures_positions"))
    with floor.pinned(row["liq_price"] - 1):
        floor.advance()
    assert "liq" == floor.finished()["finished_type"]
    assert [] == floor.matching.orders(floor.me, "futures")
    assert 0 == floor.balance()["frozen"]


def test_the_worst_position_goes_first(floor):
    """With cross margin the position that has lost most is liquidated; the other one stays when that suffices."""
    floor.order("buy", "0.5")
    floor.order("buy", "1", market="ETHUSDT")
    with floor.pinned(floor.row(market="BTCUSDT")["liq_price"] - 1):
        floor.advance()
        assert ["ETHUSDT"] == [row["market"] for row in floor.ask("futures_positions")]


def test_the_fund_pays_what_an_account_cannot(floor):
    """A price that jumps over the bankruptcy price: the account loses its margin, the fund the rest."""
    poor = floor.account("poor", USDT="610")
    floor.isolate(account=poor)
    floor.order("buy", "0.1", account=poor)
    position, row = floor.position(poor), floor.row(account=poor)
    with floor.trading.turn():
        settlement = floor.matching.settlement["futures"]
        settlement.close_out(position, Decimal(40_000), floor.trading.at, "liq")
    assert floor.insurance() < -1000
    assert row["realized_pnl"] - row["margin_avbl"] == floor.finished(account=poor)["realized_pnl"]
    assert 0 <= floor.balance(account=poor)["available"] < 30


def test_a_loss_goes_before_what_orders_hold(floor):
    """A cross account whose money is frozen for orders pays with it: they are cancelled, the fund is not asked."""
    floor.order("buy", "0.1")
    floor.order("buy", "1.9", floor.mark().quantize(Decimal(1)) - 10_000)
    free = floor.balance()["available"]
    position = floor.position()
    with floor.trading.turn():
        settlement = floor.matching.settlement["futures"]
        position.realized -= settlement.money.charge(position, free + 100, FEES, kind="fee", at=floor.trading.at)
    assert [] == floor.matching.orders(floor.me, "futures")
    assert 0 == floor.insurance()
    assert floor.balance()["available"] > 8000


def test_a_delisted_market_closes_its_positions(floor):
    """The system closes them at the last mark price, without a fee."""
    floor.isolate(3, market="LRCUSDT")
    floor.order("buy", "100", market="LRCUSDT")
    floor.ask("futures_set_position_stop_loss", market="LRCUSDT", stop_loss_type="mark_price", stop_loss_price="0.001")
    floor.told()
    floor.clock.advance(9 * DAY // 1000)
    floor.trading.advance()
    finished = floor.finished(market="LRCUSDT")
    assert ("sys", 0) == (finished["finished_type"], finished["open_interest"])
    assert "sys_close" == floor.told()[-1][0]


def test_an_empty_book_does_not_save_a_position(floor):
    """Nobody takes its order: it is closed against the street at the mark price, its orders are cancelled."""
    floor.isolate()
    floor.order("buy", "0.1")
    floor.order("buy", "0.01", floor.mark().quantize(Decimal(1)) - 20_000)
    row = floor.row()
    floor.matching.street.levels = lambda *_: iter(())
    with floor.pinned(row["liq_price"] - 1):
        floor.advance()
    assert "liq" == floor.finished()["finished_type"]
    assert [] == floor.matching.orders(floor.me, "futures")
    assert row["realized_pnl"] - row["margin_avbl"] == floor.finished()["realized_pnl"]
    # a price between liquidation and bankruptcy leaves something to the fund
    assert 0 < floor.insurance() < row["maintenance_margin_value"]
