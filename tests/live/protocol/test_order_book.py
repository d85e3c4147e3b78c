"""The checked book is the book that its checksum says, and what is wrong with a push is told."""

import pytest

from coinex_pandas.live.protocol.order_book import OrderBook
from tests.live.protocol.slow_book import SlowBook, checksum, push

BIDS = [("101.50", "2.00000000"), ("101.25", "0.75000000"), ("100", "13.5")]
ASKS = [("102.00", "1.10000000"), ("102.5", "0.00000100")]
FULL = (BIDS, ASKS)
WORKED = {
    "full book": (*FULL, 367050895),
    "high bit set and numeric sort": (
        [("100.1", "3"), ("99.9", "1.25"), ("9.5", "40")],
        [("100.2", "0.5"), ("101", "4")],
        3248872419,
    ),
    "no bids": ([], FULL[1], 2907220191),
    "no asks": ([("101.50", "2.00000000")], [], 2997199109),
    "empty": ([], [], 0),
}
"""Books and their checksums, as worked out by hand."""


@pytest.mark.parametrize("name", WORKED)
@pytest.mark.parametrize("signed", [False, True])
def test_worked_example_is_verified(name, signed):
    """Each book fits its checksum, written as an unsigned or as a signed number, in whatever order it comes."""
    bids, asks, sent = WORKED[name]
    book = OrderBook(5)
    sent = sent - 2**32 if signed and sent >= 2**31 else sent
    assert "" == book.apply(push(bids[::-1], asks[::-1], sent, full=True))
    assert (True, bids, asks, sent) == (book.is_verified, book.bids.levels(), book.asks.levels(), book.checksum)


def test_worked_change_is_verified():
    """The example's changes make the example's book."""
    book = OrderBook(5)
    book.apply(push(*FULL, 367050895, full=True))
    changes = [("101.50", "2.50000000"), ("101.25", "0")], [("101.75", "0.40000000")]
    assert "" == book.apply(push(*changes, 1698441139, last="101.75", at=7))
    assert [("101.50", "2.50000000"), ("100", "13.5")] == book.bids.levels()
    assert [("101.75", "0.40000000"), *FULL[1]] == book.asks.levels()
    assert ("101.75", 7) == (book.last, book.updated_at)


@pytest.mark.parametrize("name", WORKED)
@pytest.mark.parametrize("flip", [1, 1 << 31])
def test_other_checksum_is_told(name, flip):
    """A checksum that is one bit off makes the book unverified and stands in what is said."""
    bids, asks, sent = WORKED[name]
    book = OrderBook(5)
    assert f"checksum {sent ^ flip}, that of the book here {sent}" == book.apply(
        push(bids, asks, sent ^ flip, full=True)
    )
    assert not book.is_verified
    assert "" == book.apply(push(bids, asks, sent, full=True))
    assert book.is_verified


def test_missing_checksum_is_told():
    """A push without a checksum proves nothing."""
    book = OrderBook(5)
    assert "no checksum came with it" == book.apply(push(*FULL, None, full=True))
    assert not book.is_verified


def test_missing_sides_are_unchanged_sides():
    """A side that is left out, or empty, of changes stays; of a whole book it is empty."""
    book = OrderBook(5)
    book.apply(push(*FULL, 367050895, full=True))
    assert "" == book.apply(push(None, [], 367050895, last=None))
    assert ("1", FULL[0]) == (book.last, book.bids.levels())
    assert "" == book.apply(push(None, FULL[1], 2907220191, full=True))
    assert [] == book.bids.levels()


@pytest.mark.parametrize("zero", ["0", "0.0", "0.00000000"])
def test_left_over_levels_may_be_counted(zero):
    """A whole book's level of amount 0 is none, whether the checksum counts it or not."""
    bids = [*FULL[0], ("90", zero)]
    counted = checksum(f"{price}:{amount}" for price, amount in (*bids, *FULL[1]))
    for sent in (counted, 367050895):
        book = OrderBook(5)
        assert "" == book.apply(push(bids, FULL[1], sent, full=True))
        assert FULL[0] == book.bids.levels()


CROSSED = [("101", "101"), ("101.5", "101"), ("0.3", "0.29999999999999999999"), ("1" * 31 + "2", "1" * 31 + "1")]
APART = [("0.1", "0.1000000000000000001"), ("1" * 31 + "1", "1" * 31 + "2"), ("9007199254740992", "9007199254740993")]


@pytest.mark.parametrize(("bid", "ask"), CROSSED)
def test_crossed_book_is_told(bid, ask):
    """A best bid at or above the best ask is told, whatever the checksum says, to the last digit."""
    book = OrderBook(5)
    sent = checksum([f"{bid}:1", f"{ask}:1"])
    wrong = book.apply(push([(bid, "1")], [(ask, "1")], sent, full=True))
    assert f"crossed: bid {bid}:1 at or above ask {ask}:1" == wrong
    assert not book.is_verified


@pytest.mark.parametrize(("bid", "ask"), APART)
def test_close_prices_do_not_cross(bid, ask):
    """Prices that are the same float, or the same 28 digits, are told apart."""
    book = OrderBook(5)
    assert "" == book.apply(push([(bid, "1")], [(ask, "1")], checksum([f"{bid}:1", f"{ask}:1"]), full=True))


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("digits", [16, 17, 28, 29, 40])
def test_prices_differ_in_their_last_digit(sign, digits):
    """Two prices that differ in the last of many digits are two levels; one that is spelt otherwise is the same."""
    prices = [f"{'9' * (digits - 1)}{last}" for last in (1, 2, 3)]
    model, book = SlowBook(), OrderBook(5)
    side = "asks" if sign > 0 else "bids"
    for price in (prices[1], prices[0], prices[2], f"{prices[0]}.000"):
        model.change(side, [(price, "1")])
        changes = {"bids": [], "asks": [], side: [(price, "1")]}
        assert "" == book.apply(push(changes["bids"], changes["asks"], model.checksum()))
    assert 3 == len(getattr(book, side).keys)


WORDS = ("", "x", "nan", "inf", "-inf", "1e999", "1:2", "0x1", "None", "-1")
PYTHON_ONLY = ("\uff178", "\u0663", "7_8", " 78", "78 ", "78.", ".5", "+78", "\t78", "7__8", "1_0.5", "\uff11.5")
BARE_POINTS = ("78.", ".5")
NO_NUMBERS = [(place, text) for place in (0, 1) for text in (*WORDS, *PYTHON_ONLY)]


@pytest.mark.sweep
@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("side", ["bids", "asks"])
@pytest.mark.parametrize(("place", "text"), NO_NUMBERS)
def test_what_is_no_number_is_told(text, side, full, place):
    """A price or an amount that is no number makes the book unverified; the next whole book is one again."""
    if text in BARE_POINTS and not full:
        pytest.skip("in changes, which come thousands of times a second, these are the numbers that they look like")
    book = OrderBook(5)
    book.apply(push(*FULL, 367050895, full=True))
    level = ("77", text) if place else (text, "1")
    levels = {"bids": FULL[0], "asks": FULL[1]}
    levels[side] = [*levels[side], level]
    texts = [f"{price}:{amount}" for price, amount in (*levels["bids"], *levels["asks"])]
    wrong = book.apply(push(levels["bids"], levels["asks"], checksum(texts), full=full))
    assert wrong.startswith("no number where one belongs")
    assert not book.is_verified
    assert all(float(cell) > 0 for part in (book.bids, book.asks) for level in part.levels() for cell in level)
    assert "" == book.apply(push(*FULL, 367050895, full=True))


@pytest.mark.parametrize("text", ["78", "78.5", "0.000078", "7.8e1", "7.8E-05", "78.000"])
@pytest.mark.parametrize("full", [True, False])
def test_what_is_a_number_is_taken(text, full):
    """Every spelling that is a number over HTTP is one here."""
    book = OrderBook(5)
    book.apply(push(*FULL, 367050895, full=True))
    levels = [*FULL[0], ("3", text)]
    texts = [f"{price}:{amount}" for price, amount in (*levels, *FULL[1])]
    assert "" == book.apply(push(levels, FULL[1], checksum(texts), full=full))


@pytest.mark.parametrize("last", ["x", "nan", "inf", "-78", "7_8", "\uff178", " 78", "+78"])
def test_last_price_that_is_no_number_is_told(last):
    """What cannot be a price is not kept as the last one."""
    book = OrderBook(5)
    assert book.apply(push(*FULL, 367050895, full=True, last=last)).startswith("no number where one belongs")
    assert ("", False) == (book.last, book.is_verified)
