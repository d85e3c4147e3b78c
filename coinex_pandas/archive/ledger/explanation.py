"""Which breaks of the chain are told by another table: transfers are no rows of the exchange's ledger.

A transfer explains a break by its time and its amount, never by one of them alone but in one case: what happened for
certain between the two rows of a break is taken off its amount, and the rest stays unexplained.
"""

from __future__ import annotations

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
    if chain.entries:
        first = chain.entries[0]
        before = [movement for movement in left if movement.at <= first.at]
        start = Break(opening, None, first)
        if chosen := _selection(before, opening) if opening else None:
            pairs += [(movement, start) for movement in chosen]
            opening = ZERO
            left = _without(left, chosen)
    open_breaks = list(chain.breaks)
    for slack in (0, _CLOCKS_APART):
        for each in list(open_breaks):
            chosen = _selection([movement for movement in left if _happened_in(movement, each, slack)], each.amount)
            if chosen:
                pairs += [(movement, each) for movement in chosen]
                left = _without(left, chosen)
                open_breaks.remove(each)
    rest = []
    for each in open_breaks:
        inside = [movement for movement in left if _happened_in(movement, each, -1)]
        pairs += [(movement, each) for movement in inside]
        left = _without(left, inside)
        amount = EXACT.subtract(each.amount, total(movement.change for movement in inside))
        rest.append(each._replace(amount=amount))
    earlier = chain.entries[0].at if chain.entries else None
    strangers = [movement for movement in left if earlier is None or movement.at >= earlier]
    return Explanation(opening, pairs, rest, strangers)


def _happened_in(movement: Movement, each: Break, slack: int) -> bool:
    """Return whether a movement's time lies within a break's; a negative slack leaves out the rows' own times."""
    after = each.after.at if each.after else None
    until = each.until.at if each.until else None
    return (after is None or after - slack <= movement.at) and (until is None or movement.at <= until + slack)


def _selection(movements: Sequence[Movement], amount: Decimal) -> list[Movement] | None:
    """Return movements whose sum is an amount, as many as possible; None when there are none."""
    return next(
        (list(chosen) for chosen in _selections(movements) if total(each.change for each in chosen) == amount), None
    )


def _selections(movements: Sequence[Movement]) -> Iterator[Sequence[Movement]]:
    """Yield selections of movements, the largest first: all of them where they are few, else those without gaps."""
    if len(movements) <= _MOST:
        for count in range(len(movements), 0, -1):
            yield from combinations(movements, count)
    else:
        for count in range(len(movements), max(0, len(movements) - _MOST), -1):
            for start in range(len(movements) - count + 1):
                yield movements[start : start + count]
        for count in range(1, _MOST):
            for start in range(len(movements) - count + 1):
                yield movements[start : start + count]


def _without(movements: Sequence[Movement], others: Iterable[Movement]) -> list[Movement]:
    """Return movements without others; equal ones are as many movements."""
    ids = {id(movement) for movement in others}
    return [movement for movement in movements if id(movement) not in ids]
