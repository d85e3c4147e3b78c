"""A view claims no more than it shows: of how many markets its rows are, and no price where there is none."""

from __future__ import annotations

import pandas as pd
import pytest

from coinex_pandas.widget import cells
from coinex_pandas.widget.content import Choice, Content
from coinex_pandas.widget.html_table import HtmlContent
from coinex_pandas.widget.panel import _options
from coinex_pandas.widget.sparkline import Sparkline
from coinex_pandas.widget.view import watch
from tests.widget.browser.fake_stream import FakeBook, FakeStream

SCOPE = "the newest {} rows are of {} of {} markets"


@pytest.fixture
def many() -> FakeStream:
    """Return a stream of 90 markets, of which each has a row, the first ones the oldest."""
    source = FakeStream(*(f"C{number}USDT" for number in range(90)), quiet=True)
    for market in source.markets:
        source._deal(market)
    source.add(0)
    return source


def facts(content: Content, source: FakeStream, choice: Choice) -> str:
    """Return the end of the status line of the next message."""
    return content.message(source.status(), choice)["status"]["facts"]


@pytest.mark.parametrize(("rows", "shown"), [(7, 7), (40, 40), (200, 40)])
def test_text_and_html_say_of_how_many_markets(many, rows, shown):
    """Rows of some markets only are not the table of all; text and HTML have 40 rows at most."""
    view, words = watch(many, rows=rows), SCOPE.format(shown, shown, 90)
    assert words in repr(view).splitlines()[0]
    assert words in view._repr_html_()
    assert words in facts(HtmlContent(many), many, Choice(rows))


def test_the_live_table_says_of_how_many_markets(many):
    """What the browser gets says it with each message, until the rows are of all markets."""
    content = Content(many)
    assert facts(content, many, Choice(12)).endswith(SCOPE.format(12, 12, 90))
    many._deal("C89USDT")
    assert facts(content, many, Choice(12)).endswith(SCOPE.format(12, 11, 90))
    assert "markets" not in facts(content, many, Choice(200))


def test_one_market_is_whole(many):
    """A chosen market, a stream of one, and a book leave nothing out."""
    assert "markets" not in facts(Content(many), many, Choice(5, "C3USDT"))
    one = FakeStream("SOLUSDT", quiet=True)
    one.add(30)
    assert "markets" not in repr(watch(one, rows=3))
    book = FakeBook()
    assert "markets" not in repr(watch(book))
    book.stop()


def test_no_choice_claims_all_markets():
    """Without a choice the newest rows are shown, whichever market they are of."""
    assert [("any market", ""), ("SOLUSDT", "SOLUSDT")] == _options(["SOLUSDT"])


def orders(*prices: float, market: str = "SOLUSDT") -> pd.DataFrame:
    """Make pushes of orders: a market order has the price 0."""
    frame = pd.DataFrame({"market": market, "type": ["limit" if price else "market" for price in prices]})
    return frame.assign(price=list(prices), filled_amount=0.5)


def test_a_market_order_is_no_price():
    """The chart has the prices of limit orders only; with market orders alone there is no chart."""
    chart = Sparkline(None)
    chart.extend(orders(0.0, 0.0))
    assert chart.chart() is None
    chart.extend(orders(0.0, 151.25, 0.0, 149.5, 0.0))
    drawn = chart.chart()
    assert ("149.5", "151.25", [100, 0]) == (drawn["low"], drawn["high"], drawn["heights"])


@pytest.mark.parametrize("kind", [float, str])
def test_a_market_order_has_no_arrow(kind):
    """It is neither below the order before it, nor is the next one above it."""
    frame = orders(151.0, 0.0, 152.0, 0.0, 152.0, 150.0)
    frame["price"] = [kind(price) for price in frame["price"]]
    assert "  +  -" == cells.marks(frame)


def test_rates_of_zero_are_rates():
    """A premium or funding rate of 0 is a value like any other."""
    frame = pd.DataFrame({"market": "SOLUSDT", "premium_index": [0.0, 0.0002, 0.0]})
    assert " +-" == cells.marks(frame)
    chart = Sparkline("SOLUSDT")
    chart.extend(frame)
    assert "0" == chart.chart()["low"]
