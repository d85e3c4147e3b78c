"""The checked book is the book that a slow model keeps, and whatever differs from it is told at the very next push."""

import random
import zlib
from decimal import Decimal

import pytest

from coinex_pandas.live.protocol.messages import Depth, Levels
from coinex_pandas.live.protocol.order_book import OrderBook
from tests.profiles import cases

DELTAS = cases(300_000)
PER_PUSH = 20
CORRUPTIONS = 2_000


class SlowBook:
    """A book as its documentation tells it: texts by exact price, sorted anew at each look."""

    def __init__(self):
        self.sides = {"bids": {}, "asks": {}}

    def change(self, side, levels):
        """Set the amounts of some prices."""
        for price, amount in levels:
            key = Decimal(price)
            self.sides[side].pop(key, None)
            if Decimal(amount):
                self.sides[side][key] = f"{price}:{amount}"

    def texts(self, side):
        """Return a side's levels, best first."""
        return [text for _, text in sorted(self.sides[side].items(), reverse=side == "bids")]

    def copy(self):
        """Return the same book, apart from this one."""
        made = SlowBook()
        made.sides = {side: dict(levels) for side, levels in self.sides.items()}
        return made

    def checksum(self):
        """Return the checksum of both sides."""
        return checksum(self.texts("bids") + self.texts("asks"))


def checksum(texts):
    """Return the checksum of levels."""
    return zlib.crc32(":".join(texts).encode())


def push(bids, asks, sent, *, full=False, last="1", at=1):
    """Return a push of the depth channel."""
    return Depth("BTCUSDT", Levels(at, asks, bids, last, sent), full)


def pairs(texts):
    """Return levels as the wire has them."""
    return [tuple(text.split(":")) for text in texts]


def whole(model, **changed):
    """Return the push of a whole book."""
    bids, asks = pairs(model.texts("bids")), pairs(model.texts("asks"))
    return push(bids, asks, model.checksum(), full=True, **changed)


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


WORDS = ("", "x", "nan", "inf", "-inf", "1e999", "1:2", "0x1", "None")
NO_NUMBERS = [(place, text) for place in (0, 1) for text in WORDS]
NO_NUMBERS += [(1, "-1")]  # a price below 0 has happened to oil


@pytest.mark.parametrize("full", [True, False])
@pytest.mark.parametrize("side", ["bids", "asks"])
@pytest.mark.parametrize(("place", "text"), NO_NUMBERS)
def test_what_is_no_number_is_told(text, side, full, place):
    """A price or an amount that is no number makes the book unverified; the next whole book is one again."""
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


@pytest.mark.parametrize("last", ["x", "nan", "inf"])
def test_last_price_that_is_no_number_is_told(last):
    """What cannot be a price is not kept as the last one."""
    book = OrderBook(5)
    assert book.apply(push(*FULL, 367050895, full=True, last=last)).startswith("no number where one belongs")
    assert ("", False) == (book.last, book.is_verified)


# ---- random changes, in make long three million


EMPTIED = (("bids",), ("bids",), ("bids", "asks"), ("bids", "asks"), ("asks",), ("asks",))
"""Sides that are emptied by one push after another, now and then."""


def spelt(number, decimals, dice):
    """Return a number of a price step as text, sometimes with zeros that say nothing."""
    whole_part, part = divmod(number, 10**decimals)
    text = f"{whole_part}.{part:0{decimals}}" if decimals else str(number)
    zeros = dice.choice(("", "", "", "0", "000"))
    return text + zeros if "." in text else text + (f".{zeros}" if zeros else "")


SCALES = {"whole": (0, 10**5), "cents": (2, 5 * 10**6), "twelve decimals": (12, 7 * 10**2)} | {
    "twenty digits": (18, 3 * 10**19),
    "forty digits": (20, 10**40),
    "at two to the 53rd": (0, 2**53),
}
"""Decimals, and the price in the middle, in steps."""


def amount_of(dice):
    """Return an amount, often 0, spelt in one of many ways."""
    if dice.random() < 0.4:
        return dice.choice(("0", "0.0", "0.00000000"))
    return dice.choice(
        (f"{dice.random():.8f}1", f"{dice.randint(1, 999)}", f"{dice.randint(1, 99)}.50", "0.000000000001")
    )


def deltas(model, scale, dice, emptied):
    """Return changes of both sides; one that is to be emptied loses all it has, and some that it has not."""
    decimals, middle = SCALES[scale]
    found = {"bids": [], "asks": []}
    for _ in range(PER_PUSH):
        side = dice.choice(("bids", "asks"))
        step = 1 + int(dice.expovariate(1 / 40))
        price = spelt(middle - step if side == "bids" else middle + step, decimals, dice)
        found[side].append((price, "0" if side in emptied else amount_of(dice)))
    for side in emptied:
        found[side] += [(text.split(":")[0], "0.0") for text in model.texts(side)]
    return found


@pytest.mark.parametrize("scale", SCALES)
def test_book_is_the_slow_models_at_every_change(scale):
    """At every push the levels are the model's, text by text, and its checksum fits."""
    dice = random.Random(scale)
    model, book, sizes = SlowBook(), OrderBook(1000), set()
    for at in range(DELTAS // len(SCALES) // PER_PUSH + 1):
        emptied = EMPTIED[at % 400] if at % 400 < len(EMPTIED) else ()
        if at % 500 == 250:
            wrong = book.apply(whole(model))
        else:
            changes = deltas(model, scale, dice, emptied)
            for side, levels in changes.items():
                model.change(side, levels)
            sent = model.checksum()
            wrong = book.apply(push(changes["bids"], changes["asks"], sent - 2**32 if at % 2 else sent))
        assert "" == wrong
        assert (model.texts("bids"), model.texts("asks")) == (book.bids.texts, book.asks.texts)
        sizes.add((len(book.bids.texts), len(book.asks.texts)))
    assert {(0, 0)} < sizes
    assert {-1, 0, 1} == {bool(bids) - bool(asks) for bids, asks in sizes}
    assert max(sizes) > (50, 50)


# ---- corruptions


def ladder(dice, levels=20):
    """Return a model of some levels a side."""
    model = SlowBook()
    for side, sign in (("bids", -1), ("asks", 1)):
        steps = dice.sample(range(1, 99), levels)
        model.change(side, [(f"{(5000 + sign * step) / 10:.1f}", f"{dice.random():.4f}1") for step in steps])
    return model


def other(text, dice):
    """Return a number's text with another digit somewhere."""
    at = dice.choice([at for at, digit in enumerate(text) if digit.isdigit()])
    return text[:at] + dice.choice([digit for digit in "0123456789" if digit != text[at]]) + text[at + 1 :]


def corrupted(levels, kind, dice):
    """Return levels with one of them corrupted."""
    made = list(levels)
    at, to = dice.sample(range(len(made)), 2)
    if kind == "amount":
        made[at] = (made[at][0], other(made[at][1], dice))
    elif kind == "price":
        made[at] = (other(made[at][0], dice), made[at][1])
    elif kind == "missing":
        del made[at]
    elif kind == "extra":
        made.insert(at, (f"{dice.randint(4000, 6000) / 10:.1f}5", "1"))
    else:
        made[at], made[to] = (made[at][0], made[to][1]), (made[to][0], made[at][1])
    return made


KINDS = ("amount", "price", "missing", "extra", "swapped")


def applied(model, changes, *, full):
    """Return what a push should make of a book."""
    made = SlowBook() if full else model.copy()
    for side, levels in changes.items():
        made.change(side, levels)
    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("full", [True, False])
def test_corrupted_level_is_told_at_once(kind, full):
    """A level that differs in a whole book, or in changes, is told at the push that brings it."""
    dice = random.Random(f"{kind} {full}")
    for _ in range(CORRUPTIONS // 10):
        before = ladder(dice)
        changes = {side: pairs(ladder(dice, 20 if full else 4).texts(side)) for side in ("bids", "asks")}
        right = applied(before, changes, full=full)
        bad = right
        while bad.checksum() == right.checksum():  # what changes nothing is no corruption
            side = dice.choice(("bids", "asks"))
            sent = changes | {side: corrupted(changes[side], kind, dice)}
            bad = applied(before, sent, full=full)
        book = OrderBook(50)
        assert "" == book.apply(whole(before))
        assert book.apply(push(sent["bids"], sent["asks"], right.checksum(), full=full))
        assert not book.is_verified
        assert "" == book.apply(whole(right))


def test_lost_push_is_told_at_the_next():
    """Changes that never came show at the very next push, even one that says nothing."""
    dice = random.Random(11)
    for _ in range(200):
        model = ladder(dice)
        book = OrderBook(50)
        book.apply(whole(model))
        side = dice.choice(("bids", "asks"))
        price = dice.choice(pairs(model.texts(side)))[0]
        model.change(side, [(price, dice.choice(("0", "77.5")))])
        assert book.apply(push([], [], model.checksum()))


# ---- the window


def window(model, limit):
    """Return the best levels of a model as a model."""
    made = SlowBook()
    for side in made.sides:
        made.change(side, pairs(model.texts(side)[:limit]))
    return made


def changes_between(before, after, *, tells):
    """Return the changes between two windows; a level that has slipped out is taken back by an amount of 0, or not."""
    found = {}
    for side in ("bids", "asks"):
        old, new = before.sides[side], after.sides[side]
        gone = [key for key in old if key not in new]
        if not tells and len(new):
            worst = min(new) if side == "bids" else max(new)
            gone = [key for key in gone if (key > worst if side == "bids" else key < worst)]
        found[side] = [(old[key].split(":")[0], "0") for key in gone]
        found[side] += [tuple(text.split(":")) for key, text in new.items() if old.get(key) != text]
    return found


@pytest.mark.parametrize("limit", [5, 10, 20, 50])
@pytest.mark.parametrize("tells", [True, False])
def test_window_is_followed_under_both_readings(limit, tells):
    """Whether or not the exchange takes back the levels that slip out of the window, the book is the window."""
    dice = random.Random(f"{limit} {tells}")
    model = ladder(dice, min(98, 2 * limit))
    shown, book = window(model, limit), OrderBook(limit)
    assert "" == book.apply(whole(shown))
    for _ in range(600):
        for side, sign in (("bids", -1), ("asks", 1)):
            steps = [1 + int(dice.expovariate(2 / limit)) for _ in range(3)]
            model.change(side, [(f"{(5000 + sign * step) / 10:.1f}", amount_of(dice)) for step in steps])
        after = window(model, limit)
        changes = changes_between(shown, after, tells=tells)
        assert "" == book.apply(push(changes["bids"], changes["asks"], after.checksum()))
        assert (after.texts("bids"), after.texts("asks")) == (book.bids.texts, book.asks.texts)
        shown = after


def test_level_behind_the_window_is_cut_off_when_the_rest_fits():
    """A level too many at the far end is no corruption of the window: it goes, and the book is right."""
    model = ladder(random.Random(5), 6)
    shown, book = window(model, 5), OrderBook(5)
    book.apply(whole(shown))
    changes = {"bids": pairs(model.texts("bids")[5:]), "asks": pairs(model.texts("asks")[5:])}
    assert "" == book.apply(push(changes["bids"], changes["asks"], shown.checksum()))
    assert (shown.texts("bids"), shown.texts("asks")) == (book.bids.texts, book.asks.texts)
