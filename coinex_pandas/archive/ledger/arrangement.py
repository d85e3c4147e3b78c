"""The order of rows that have one time: the one in which each balance follows from the one before.

Each row leads from the balance before it to the one after it, so the rows are the edges of a graph, and an order in
which none breaks is a walk that takes each edge once (Euler's). The time to find it grows with the number of rows, not
of their orders. Where no such walk exists, as few jumps as possible make one: these are the breaks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

__all__ = ["arranged", "starts"]


class Step(Protocol):
    """A row that leads from one balance to another."""

    @property
    def kind(self) -> str:
        """What changed the balance."""

    @property
    def before(self) -> Decimal:
        """The balance before it."""

    @property
    def balance(self) -> Decimal:
        """The balance after it."""


Row = TypeVar("Row", bound=Step)


class _Edge(NamedTuple):
    source: Decimal
    target: Decimal
    place: int  # of the row within the moment; negative: no row


_CLOSING, _JUMP = -1, -2
_MOST = 8  # possible ends that are compared: more of them come in no real ledger


def starts(rows: Sequence[Step]) -> list[Decimal]:
    """Return the balances from which the rows of a moment can begin without a break: more rows lead away than back."""
    surplus = _surplus((row.before, row.balance) for row in rows)
    first = [node for node, count in surplus.items() if count > 0]
    return first or list(dict.fromkeys(row.before for row in rows))


def arranged(rows: Sequence[Row], start: Decimal | None, goals: Sequence[Decimal]) -> tuple[list[Row], list[Row], bool]:
    """Return the rows of a moment in order, those that are repetitions, and whether the breaks are certain.

    Parameters
    ----------
    rows : sequence
        The rows, in the order in which they came.
    start : Decimal, optional
        The balance before all of them; None where it is unknown.
    goals : sequence of Decimal
        The balances of which one should be reached in the end; empty where none is known.
    """
    kept, repetitions = _without_repetitions(list(rows), start, goals)
    source, target = _ends(kept, start, goals)
    edges = [_Edge(row.before, row.balance, place) for place, row in enumerate(kept)]
    trails = _trails([*edges, _Edge(target, source, _CLOSING)])
    order, certain = _joined(trails)
    known = start is not None and bool(goals)
    return [kept[place] for place in order], repetitions, certain and (known or len(trails) == 1)


def _surplus(pairs: Iterable[tuple[Decimal, Decimal]]) -> Counter[Decimal]:
    """Return for each balance how many more rows lead away from it than to it."""
    counts: Counter[Decimal] = Counter()
    for source, target in pairs:
        counts[source] += 1
        counts[target] -= 1
    return counts


def _ends(rows: Sequence[Step], start: Decimal | None, goals: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    """Return where the walk begins and ends: as known, else so that it breaks least."""
    firsts = [start] if start is not None else sorted(starts(rows), key=bool)[:_MOST]
    pairs = [(first, last) for first in firsts for last in _lasts(rows, first, goals)]
    return pairs[0] if len(pairs) == 1 else min(pairs, key=lambda pair: _jumps(rows, *pair))


def _lasts(rows: Sequence[Step], first: Decimal, goals: Sequence[Decimal]) -> list[Decimal]:
    """Return the balances in which a walk that begins there may end; of the goals those that it can reach."""
    surplus = _surplus((row.before, row.balance) for row in rows)
    surplus[first] -= 1
    nodes = {node for row in rows for node in (row.before, row.balance)}
    short = dict.fromkeys(row.balance for row in rows if surplus[row.balance] < 0)
    if not goals:
        return list(short)[:_MOST] or [first]
    return ([node for node in goals if node in short] or [node for node in goals if node in nodes] or list(goals))[
        :_MOST
    ]


def _without_repetitions(
    rows: list[Row], start: Decimal | None, goals: Sequence[Decimal]
) -> tuple[list[Row], list[Row]]:
    """Take out rows that are there more than once, as far as the chain breaks less without them.

    Rows that follow each other are taken out together: without some of them it would break as often.
    """
    units = _copies(rows)
    if not units or not (breaks := _breaks(rows, start, goals)):
        return rows, []
    everything = [row for unit in units for row in unit]
    if _breaks(_less(rows, everything), start, goals) <= breaks - len(units):
        return _less(rows, everything), everything
    repetitions: list[Row] = []
    for unit in units:
        rest = _less(rows, unit)
        if (fewer := _breaks(rest, start, goals)) < breaks:
            rows, breaks = rest, fewer
            repetitions.extend(unit)
    return rows, repetitions


def _copies(rows: Sequence[Row]) -> list[list[Row]]:
    """Return the rows that are equal to an earlier one, those together that a walk connects."""
    earlier: set[tuple[str, Decimal, Decimal]] = set()
    copies = []
    for row in rows:
        same = (row.kind, row.before, row.balance)
        if same in earlier:
            copies.append(row)
        earlier.add(same)
    parts = _parts((row.before, row.balance) for row in copies)
    units: defaultdict[Decimal, list[Row]] = defaultdict(list)
    for row in copies:
        units[parts[row.before]].append(row)
    return list(units.values())


def _less(rows: Sequence[Row], others: Iterable[Row]) -> list[Row]:
    """Return the rows without others; of equal ones the last are taken."""
    excess = Counter((row.kind, row.before, row.balance) for row in others)
    result = []
    for row in reversed(rows):
        same = (row.kind, row.before, row.balance)
        if excess[same]:
            excess[same] -= 1
        else:
            result.append(row)
    return result[::-1]


def _breaks(rows: Sequence[Step], start: Decimal | None, goals: Sequence[Decimal]) -> int:
    """Return how often the best order breaks."""
    return _jumps(rows, *_ends(rows, start, goals))


def _jumps(rows: Sequence[Step], source: Decimal, target: Decimal) -> int:
    """Return how many jumps a walk with these ends needs."""
    pairs = [*((row.before, row.balance) for row in rows), (target, source)]
    surplus, parts = _surplus(pairs), _parts(pairs)
    counts: Counter[Decimal] = Counter()
    for node in parts:
        counts[parts[node]] += max(0, surplus[node])
    return sum(counts.values()) if len(counts) == 1 else sum(max(1, count) for count in counts.values())


def _parts(pairs: Iterable[tuple[Decimal, Decimal]]) -> dict[Decimal, Decimal]:
    """Return for each balance one that stands for all those that rows connect it with."""
    parent: dict[Decimal, Decimal] = {}

    def root(node: Decimal) -> Decimal:
        parent.setdefault(node, node)
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    for source, target in pairs:
        parent[root(source)] = root(target)
    return {node: root(node) for node in list(parent)}


def _trails(edges: Sequence[_Edge]) -> list[list[_Edge]]:
    """Return the edges as trails, as few as there can be; each goes on from edge to edge without a jump."""
    parts = _parts((edge.source, edge.target) for edge in edges)
    groups: defaultdict[Decimal, list[_Edge]] = defaultdict(list)
    for edge in edges:
        groups[parts[edge.source]].append(edge)
    return [trail for group in groups.values() for trail in _trails_of_part(group)]


def _trails_of_part(edges: list[_Edge]) -> list[list[_Edge]]:
    surplus = _surplus((edge.source, edge.target) for edge in edges)
    first = [node for node, count in surplus.items() for _ in range(count)]
    last = [node for node, count in surplus.items() for _ in range(-count)]
    jumps = [_Edge(source, target, _JUMP) for source, target in zip(last, first, strict=True)]
    circuit = _circuit([*edges, *jumps])
    if not jumps:
        return [circuit]
    cut = next(at for at, edge in enumerate(circuit) if edge.place == _JUMP)
    trails: list[list[_Edge]] = []
    for edge in circuit[cut:] + circuit[:cut]:
        if edge.place == _JUMP:
            trails.append([])
        else:
            trails[-1].append(edge)
    return trails


def _circuit(edges: Sequence[_Edge]) -> list[_Edge]:
    """Return edges, as many to each balance as away from it, as a walk that ends where it begins (Hierholzer)."""
    leaving: defaultdict[Decimal, list[_Edge]] = defaultdict(list)
    for edge in reversed(edges):
        leaving[edge.source].append(edge)
    path: list[_Edge] = []
    stack: list[tuple[Decimal, _Edge | None]] = [(edges[0].source, None)]
    while stack:
        node, arrival = stack[-1]
        if leaving[node]:
            edge = leaving[node].pop()
            stack.append((edge.target, edge))
        else:
            stack.pop()
            if arrival is not None:
                path.append(arrival)
    return path[::-1]


def _joined(trails: list[list[_Edge]]) -> tuple[list[int], bool]:
    """Return the places of all rows: the trail from the start first, the one to the goal last, the others between."""
    head: list[_Edge] = []
    tail: list[_Edge] = []
    middle: list[list[_Edge]] = []
    for trail in trails:
        cut = next((at for at, edge in enumerate(trail) if edge.place == _CLOSING), None)
        if cut is None:
            middle.append(trail)
        elif trail[0].source == trail[-1].target:
            head = trail[cut + 1 :] + trail[:cut]
        else:
            head, tail = trail[cut + 1 :], trail[:cut]
    middle.sort(key=lambda trail: min(edge.place for edge in trail))
    walk = [edge for trail in (head, *middle, tail) for edge in trail]
    return [edge.place for edge in walk], _is_certain(trails, middle)


def _is_certain(trails: Sequence[Sequence[_Edge]], middle: Sequence[Sequence[_Edge]]) -> bool:
    """Return whether no other order has as few breaks at other places."""
    if len(trails) == 1:
        return True
    closed = any(trail[0].source == trail[-1].target for trail in trails)
    visits = Counter(edge.source for trail in trails for edge in trail)
    return len(middle) < 2 and not closed and max(visits.values()) == 1
