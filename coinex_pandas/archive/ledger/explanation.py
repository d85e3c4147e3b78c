"""Which breaks of the chain are told by another table: transfers are no rows of the exchange's ledger.

What happened for certain between the two rows of a break belongs to it. What happened within a minute of one of the
rows may belong to the break beside it, as two clocks are never the same: it goes where the amounts fit exactly, unless
it happened within another break that is still open. What is left of a break then is unexplained.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import combinations

from coinex_pandas.archive.ledger.chain import EXACT, ZERO, Break, Chain, total
from coinex_pandas.archive.ledger.movements import Movement

__all__ = ["Explanation", "explained"]

_CLOCKS_APART = 60_000  # milliseconds between the time of a transfer and that of its change of the balance
_MOST = 12  # movements of which every selection is tried: 4,096 of them


@dataclass(frozen=True)
class Explanation:
    """A currency's chain, and what its breaks come from.

    Attributes
    ----------
    opening : Decimal
        The balance before the first row, and before the transfers that made it up.
    movements : list of (Movement, Break)
        What other tables tell, each with the break in which it happened.
    rest : list of Break
        What nothing tells: breaks with the amount that is left of them.
    strangers : list of Movement
        What other tables tell and the chain has no place for.
    """

    opening: Decimal = ZERO
    movements: list[tuple[Movement, Break]] = field(default_factory=list)
    rest: list[Break] = field(default_factory=list)
    strangers: list[Movement] = field(default_factory=list)


def explained(chain: Chain, movements: Iterable[Movement]) -> Explanation:
    """Return what the breaks of a chain come from, as far as movements of other tables tell it."""
    left = sorted(movements, key=lambda movement: movement.at)
    opening = chain.opening
    pairs: list[tuple[Movement, Break]] = []
    if opening:
        start = Break(opening, None, chain.entries[0])
        if chosen := _selection(left, start, _CLOCKS_APART):
            pairs += [(movement, start) for movement in chosen]
            opening, left = ZERO, _without(left, chosen)
    open_breaks = list(chain.breaks)
    for slack in (0, _CLOCKS_APART):
        for each in list(open_breaks):
            elsewhere = [
                movement for other in open_breaks if other is not each for movement in _within(left, other, -1)
            ]
            if chosen := _selection(_without(left, elsewhere), each, slack):
                pairs += [(movement, each) for movement in chosen]
                left = _without(left, chosen)
                open_breaks.remove(each)
    rest = []
    for each in open_breaks:
        inside = _within(left, each, -1)
        pairs += [(movement, each) for movement in inside]
        left = _without(left, inside)
        amount = EXACT.subtract(each.amount, total(movement.change for movement in inside))
        rest.append(each._replace(amount=amount))
    for gap, group in _gaps(chain, left):
        if (gap.after or not opening) and (chosen := _selection(group, gap, 0)):
            pairs += [(movement, gap) for movement in chosen]
            left = _without(left, chosen)
    first = chain.entries[0].at if chain.entries else 0
    return Explanation(opening, pairs, rest, [movement for movement in left if movement.at >= first])


def _gaps(chain: Chain, movements: Iterable[Movement]) -> Iterator[tuple[Break, list[Movement]]]:
    """Yield where the chain does not break and yet something happened: what came and went again leaves no trace."""
    groups: defaultdict[int, list[Movement]] = defaultdict(list)
    for movement in movements:
        groups[bisect_left(chain.entries, movement.at, key=lambda entry: entry.at)].append(movement)
    for place, group in groups.items():
        if place < len(chain.entries):
            yield Break(ZERO, chain.entries[place - 1] if place else None, chain.entries[place]), group


def _within(movements: Iterable[Movement], each: Break, slack: int) -> list[Movement]:
    """Return the movements between the rows of a break and so many milliseconds around, or as many within, below 0."""
    after = each.after.at - slack if each.after else None
    until = each.until.at + slack if each.until else None
    return [
        movement
        for movement in movements
        if (after is None or after <= movement.at) and (until is None or movement.at <= until)
    ]


def _selection(movements: Sequence[Movement], each: Break, slack: int) -> list[Movement] | None:
    """Return the movements that make up a break's amount exactly: all that belong there for certain, some that may."""
    certain = _within(movements, each, -_CLOCKS_APART)
    possible = _without(_within(movements, each, slack), certain)
    lacking = EXACT.subtract(each.amount, total(movement.change for movement in certain))
    for chosen in _selections(possible):
        if total(movement.change for movement in chosen) == lacking:
            return [*certain, *chosen] or None
    return None


def _selections(movements: Sequence[Movement]) -> Iterator[Sequence[Movement]]:
    """Yield selections of movements, the largest first: each where they are few, else those without gaps."""
    if len(movements) <= _MOST:
        for count in range(len(movements), -1, -1):
            yield from combinations(movements, count)
    else:
        for count in range(len(movements), -1, -1):
            for start in range(len(movements) - count + 1 if count > len(movements) - _MOST or count < _MOST else 0):
                yield movements[start : start + count]


def _without(movements: Sequence[Movement], others: Iterable[Movement]) -> list[Movement]:
    """Return movements without others; equal ones are as many movements."""
    ids = {id(movement) for movement in others}
    return [movement for movement in movements if id(movement) not in ids]
