"""The chain of balances: generated ledgers with hidden events, each found at its place and with its amount."""

import random
from decimal import Decimal

import pytest

from coinex_pandas.archive.ledger.chain import EXACT, Break, Entry, chain, total
from tests.profiles import times

KINDS = ("deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer")


def entry(at, change, balance, kind="trade", record=""):
    """Return a row of BTC's ledger."""
    return Entry(at, "BTC", kind, Decimal(change), Decimal(balance), record)


def amount(rng):
    """Return an amount that no sum of others equals by chance, of any size and sign."""
    return Decimal(rng.randrange(1, 10**20)).scaleb(-rng.choice((20, 12, 8))) * rng.choice((1, 1, -1))


class History:
    """A generated account in one currency: rows that can be seen, and events that no row tells."""

    def __init__(self, seed):
        rng = random.Random(seed)
        self.opening = self.balance = rng.choice((Decimal(0), abs(amount(rng))))
        self.seen, self.hidden, self.at = [], [], 1_700_000_000_000
        likely = rng.choice((0, 0.05, 0.3))
        together = rng.choice((0, 0.3, 0.9))
        for _ in range(rng.randrange(1, 30)):
            if rng.random() >= together:
                self.at += rng.randrange(1, 100_000)
            if rng.random() < likely:
                self.hide(amount(rng))
            self.see(amount(rng), rng.choice(KINDS))
        if rng.random() < likely:
            self.hide(amount(rng))
        self.rows = list(self.seen)
        rng.shuffle(self.rows)

    def see(self, change, kind):
        """Change the balance, with a row."""
        self.balance = EXACT.add(self.balance, change)
        self.seen.append(Entry(self.at, "BTC", kind, change, self.balance))

    def hide(self, change):
        """Change the balance without a row; before the first one it belongs to the opening balance."""
        self.balance = EXACT.add(self.balance, change)
        if not self.seen:
            self.opening = EXACT.add(self.opening, change)
        elif self.hidden and self.hidden[-1][0] == len(self.seen):
            self.hidden[-1] = (len(self.seen), EXACT.add(self.hidden[-1][1], change))
        else:
            self.hidden.append((len(self.seen), change))

    def breaks(self):
        """Return the breaks that there are: amount, the row before and the row after."""
        rows = [*self.seen, None]
        return [Break(change, rows[place - 1], rows[place]) for place, change in self.hidden]


def test_every_hidden_event_is_found_and_none_is_invented():
    """In each ledger: amount and window of each hidden event, rows in any order and many of one millisecond."""
    for seed in times(1000):
        history = History(seed)
        found = chain(history.rows, history.balance)
        expected = history.breaks()
        moments = [_window(each) for each in expected]
        assert moments == [_window(each) for each in found.breaks], seed
        if all(each.certain for each in found.breaks):
            assert [each.amount for each in expected] == [each.amount for each in found.breaks], seed
            assert history.opening == found.opening, seed
        assert len(history.seen) == len(found.entries)
        assert [] == found.repetitions
        assert sorted(row.at for row in history.rows) == [row.at for row in found.entries]
        changes = [row.change for row in history.rows] + [each.amount for each in found.breaks]
        assert history.balance == total([found.opening, *changes])


def _window(each):
    return (each.after and each.after.at, each.until and each.until.at)


def test_hundreds_of_rows_of_one_millisecond_are_ordered_at_once():
    """In whatever order they came, also with hidden events among them and a page of them captured twice."""
    rng = random.Random(5)
    rows, balance = [entry(6, "3", "3")], Decimal(3)
    for place in range(400):
        change = amount(rng)
        balance = EXACT.add(balance, change)
        rows.append(Entry(7, "BTC", "trade", change, balance, str(place)))
    shuffled = [*rows[1:], *rows[100:200]]
    rng.shuffle(shuffled)
    found = chain([rows[0], *shuffled], balance)
    assert [row._replace(record="") for row in rows] == [row._replace(record="") for row in found.entries]
    assert 100 == len(found.repetitions)
    assert [] == found.breaks


@pytest.mark.parametrize("seed", range(20))
def test_a_ledger_captured_twice_is_told_from_one_that_moves_twice(seed):
    """A repeated row that the chain has no place for is a repetition; one that it needs is a change."""
    rng = random.Random(seed)
    again = [entry(5, "2", "2"), entry(5, "-2", "0"), entry(5, "2", "2"), entry(5, "-2", "0"), entry(5, "2", "2")]
    rng.shuffle(again)
    found = chain([*again, entry(9, "1", "3")], Decimal(3))
    assert ([], []) == (found.breaks, found.repetitions)
    twice = [entry(1, "1", "1"), *[entry(5, "2", "3"), entry(5, "4", "7"), entry(5, "-1", "6")] * 2, entry(9, "1", "7")]
    rng.shuffle(twice)
    found = chain(twice, Decimal(7))
    assert ([], 3) == (found.breaks, len(found.repetitions))
    assert [Decimal(each) for each in ("1", "3", "7", "6", "7")] == [row.balance for row in found.entries]


def test_a_break_says_between_which_rows():
    """With the amount, the rows on both sides, and their records."""
    rows = [entry(1, "5", "5", record="a:1"), entry(4, "1", "8.00000000000000000001", record="a:2")]
    found = chain(rows, Decimal("7.5"))
    between, after = found.breaks
    assert Decimal("2.00000000000000000001") == between.amount
    assert ("a:1", "a:2") == (between.after.record, between.until.record)
    assert (Decimal("-0.50000000000000000001"), "a:2", None) == (after.amount, after.after.record, after.until)


def test_a_balance_without_rows_is_a_break():
    """Nothing tells where it came from; an account without rows and balance has none."""
    assert [Break(Decimal(3), None, None)] == chain([], Decimal(3)).breaks
    assert [] == chain([], Decimal(0)).breaks
    assert [] == chain([]).breaks


def test_two_hidden_events_of_one_millisecond_are_not_called_sure():
    """Where their order is open, only their sum is certain."""
    rows = [entry(1, "1", "1"), entry(2, "1", "11"), entry(2, "1", "21"), entry(3, "1", "31")]
    found = chain(rows)
    assert [False] * 3 == [each.certain for each in found.breaks]
    assert Decimal(27) == total(each.amount for each in found.breaks)
