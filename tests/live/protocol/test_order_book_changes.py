"""After any changes the checked book is the book of a slow model, and what differs from it is told at once."""

import random

import pytest

from coinex_pandas.live.protocol.order_book import OrderBook
from tests.live.protocol.slow_book import SlowBook, pairs, push, whole
from tests.profiles import cases

DELTAS = cases(300_000)
PER_PUSH = 20
CORRUPTIONS = 2_000


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
