"""Which breaks of the chain are told by another table: transfers are no rows of the exchange's ledger.

What happened for certain between the two rows of a break belongs to it. What happened within a minute of one of the
rows may belong to the break beside it, as two clocks are never the same: it goes where the amounts fit exactly, unless
it happened within another break that is still open. What is left of a break then is unexplained.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
    matching = _Matching(chain, movements)
    matching.match_opening()
    matching.match_breaks(slack=0)
    matching.match_breaks(slack=_CLOCKS_APART)
    matching.match_gaps()
    matching.give_the_rest()
    return matching.result()


class _Matching:
    """What is left of movements and breaks while one is matched with the other."""

    def __init__(self, chain: Chain, movements: Iterable[Movement]) -> None:
        self._entries = chain.entries
        self._left = sorted(movements, key=lambda movement: movement.at)
        self._open = list(chain.breaks)
        self._opening = chain.opening
        self._pairs: list[tuple[Movement, Break]] = []
        self._strangers: list[Movement] = []

    def match_opening(self) -> None:
        """Find what the opening balance is made of; it is one where all that came before makes it up."""
        if self._opening and self._take(Break(self._opening, None, self._entries[0]), self._left, _CLOCKS_APART):
            self._opening = ZERO

    def match_breaks(self, slack: int) -> None:
        """Find the breaks that movements make up exactly; none takes what happened within another open one."""
        owners = {id(movement): each for each in self._open for movement in self._within(each, -1)}
        for each in list(self._open):
            free = [movement for movement in self._within(each, slack) if owners.get(id(movement), each) is each]
            if self._take(each, free, slack):
                self._open.remove(each)
                owners = {key: other for key, other in owners.items() if other is not each}

    def match_gaps(self) -> None:
        """Find what came and went again between two rows: it leaves no trace in the chain."""
        groups: defaultdict[int, list[Movement]] = defaultdict(list)
        for movement in self._left:
            groups[bisect_left(self._entries, movement.at, key=lambda entry: entry.at)].append(movement)
        for place, group in groups.items():
            if place < len(self._entries) and (place or not self._opening):
                before = self._entries[place - 1] if place else None
                self._take(Break(ZERO, before, self._entries[place]), group, 0)

    def give_the_rest(self) -> None:
        """Give an open break what can have happened in it only: elsewhere the chain holds."""
        for slack in (-1, 0, _CLOCKS_APART):
            near: defaultdict[int, list[Break]] = defaultdict(list)
            for each in self._open:
                for movement in self._within(each, slack):
                    near[id(movement)].append(each)
            alone = [movement for movement in self._left if len(near[id(movement)]) == 1]
            disputed = [movement for movement in self._left if len(near[id(movement)]) > 1]
            self._pairs += [(movement, near[id(movement)][0]) for movement in alone]
            self._strangers += disputed
            self._left = _without(self._left, [*alone, *disputed])

    def result(self) -> Explanation:
        """Return what was found; movements before the first row are part of the opening balance."""
        told: defaultdict[int, Decimal] = defaultdict(Decimal)
        for movement, each in self._pairs:
            told[id(each)] = EXACT.add(told[id(each)], movement.change)
        rest = [each._replace(amount=EXACT.subtract(each.amount, told[id(each)])) for each in self._open]
        first = self._entries[0].at if self._entries else 0
        strangers = [movement for movement in [*self._left, *self._strangers] if movement.at >= first]
        return Explanation(self._opening, self._pairs, [each for each in rest if each.amount], strangers)

    def _take(self, each: Break, movements: Sequence[Movement], slack: int) -> bool:
        """Match a break with the movements that make it up exactly, if there are such."""
        chosen = _selection(_within(movements, each, slack), each)
        self._pairs += [(movement, each) for movement in chosen]
        self._left = _without(self._left, chosen) if chosen else self._left
        return bool(chosen)

    def _within(self, each: Break, slack: int) -> list[Movement]:
        return _within(self._left, each, slack)


def _within(movements: Sequence[Movement], each: Break, slack: int) -> list[Movement]:
    """Return the movements between the rows of a break and so many milliseconds around, or as many within, below 0.

    The movements are in the order of their times.
    """
    first = bisect_left(movements, each.after.at - slack, key=_time) if each.after else 0
    last = bisect_right(movements, each.until.at + slack, key=_time) if each.until else len(movements)
    return list(movements[first:last])


def _time(movement: Movement) -> int:
    return movement.at


def _selection(movements: Sequence[Movement], each: Break) -> list[Movement]:
    """Return the movements that make up a break's amount exactly: all that belong there for certain, some that may."""
    certain = _within(movements, each, -_CLOCKS_APART)
    possible = _without(movements, certain)
    lacking = EXACT.subtract(each.amount, total(movement.change for movement in certain))
    for chosen in _selections(possible):
        if total(movement.change for movement in chosen) == lacking:
            return [*certain, *chosen]
    return []


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
