"""Transfers explain breaks of the chain: generated accounts, some of whose changes nothing tells."""

import random
from decimal import Decimal

from coinex_pandas.archive.ledger.chain import EXACT, Break, Entry, chain, total
from coinex_pandas.archive.ledger.explanation import explained
from coinex_pandas.archive.ledger.movements import Movement
from tests.profiles import times

T0 = 1_700_000_000_000
MINUTE = 60_000


def moved(at, change):
    """Return a transfer out of the spot account or into it."""
    return Movement(at, "SPOT", "BTC", "transfers", Decimal(change), "transfer")


def row(at, change, balance):
    """Return a row of the ledger."""
    return Entry(at, "BTC", "trade", Decimal(change), Decimal(balance))


def amount(rng, *, is_round=False):
    """Return an amount; a round one equals others now and then, as people move round sums."""
    if is_round and rng.random() < 0.5:
        return Decimal(rng.choice((100, 50, -100, -50)))
    return Decimal(rng.randrange(1, 10**20)).scaleb(-rng.choice((20, 8))) * rng.choice((1, -1))


class Account:
    """A generated account: rows of the ledger, transfers, and changes that nothing tells.

    Where the clocks are apart, a transfer may seem to come before or after its neighbours, and no gap holds both.
    """

    def __init__(self, seed):
        rng = random.Random(seed)
        self.rows, self.transfers, self.hidden = [], [], []
        at, balance, late = T0, Decimal(0), rng.choice((0, 0, 50_000))
        for place in range(rng.randrange(2, 20)):
            hidden = amount(rng) if place and rng.random() < 0.2 else 0
            transfers = (
                [amount(rng, is_round=True) for _ in range(rng.choice((0, 0, 1, 1, 2, 4)))]
                if not (hidden and late)
                else []
            )
            for change in transfers:
                at += rng.randrange(1, 30 * MINUTE) + 2 * late
                self.transfers.append(moved(at + rng.randrange(-late, late + 1), change))
                balance = EXACT.add(balance, change)
            at, change = at + 1 + rng.randrange(30 * MINUTE) + 2 * late, amount(rng)
            balance = EXACT.add(EXACT.add(balance, hidden), change)
            self.rows.append(Entry(at, "BTC", "trade", change, balance))
            if hidden:
                self.hidden.append(Break(hidden, self.rows[-2], self.rows[-1]))


def test_what_transfers_tell_is_explained_and_nothing_else():
    """What is left are the hidden changes, each with its amount and between its rows; every transfer has its place."""
    for seed in times(1000):
        account = Account(seed)
        result = explained(chain(account.rows), account.transfers)
        assert account.hidden == result.rest, seed
        assert [] == result.strangers, seed
        assert 0 == result.opening, seed
        assert len(account.transfers) == len(result.movements), seed


def test_amounts_and_gaps_add_up_whatever_the_clocks_say():
    """With clocks that are apart by more than a minute transfers may find no place; no amount is lost or doubled."""
    for seed in times(200):
        account = Account(seed)
        rng = random.Random(seed)
        shifted = [each._replace(at=each.at + rng.randrange(-10 * MINUTE, 10 * MINUTE)) for each in account.transfers]
        whole = chain(account.rows)
        result = explained(whole, shifted)
        told = total(movement.change for movement, _ in result.movements)
        rest = total(each.amount for each in result.rest)
        breaks = total(each.amount for each in whole.breaks)
        assert EXACT.add(whole.opening, breaks) == total([result.opening, told, rest]), seed
        assert all(each in shifted for each in result.strangers)


def test_a_movement_in_the_middle_of_a_gap_is_never_left_out():
    """Two transfers happened for certain; that one of them alone would fit the amount is chance."""
    rows = [row(T0, "500", "500"), row(T0 + 60 * MINUTE, "1", "401")]
    inside = [moved(T0 + 20 * MINUTE, "-100"), moved(T0 + 30 * MINUTE, "-70")]
    result = explained(chain(rows), inside)
    assert [Decimal(70)] == [each.amount for each in result.rest]
    assert 2 == len(result.movements)


def test_many_transfers_of_one_gap_are_explained_at_once():
    """Hundreds of them."""
    transfers = [moved(T0 + place, "-1") for place in range(1, 600)]
    result = explained(chain([row(T0, "1000", "1000"), row(T0 + 700, "1", "402")]), transfers)
    assert ([], 599) == (result.rest, len(result.movements))


def test_transfers_beside_a_hidden_change_find_their_break():
    """Of the same millisecond as its first row; the other side of that row has no room for them."""
    rows = [row(T0, "500", "500"), row(T0 + 60 * MINUTE, "1", "401")]
    result = explained(chain(rows), [moved(T0, "-20"), moved(T0, "-70")])
    assert [Decimal(-10)] == [each.amount for each in result.rest]
    assert ([], 2) == (result.strangers, len(result.movements))


def test_a_transfer_between_two_open_breaks_is_given_to_none():
    """It may belong to either."""
    rows = [row(T0, "5", "5"), row(T0 + MINUTE, "1", "7"), row(T0 + 2 * MINUTE, "1", "11")]
    result = explained(chain(rows), [moved(T0 + MINUTE, "7")])
    assert [Decimal(1), Decimal(3)] == [each.amount for each in result.rest]
    assert 1 == len(result.strangers)
