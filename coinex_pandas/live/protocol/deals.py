"""The deals channel of a connection: each deal once and in order, and what was missed is asked for by id."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import chain, groupby
from operator import lt
from typing import Any

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.subscription import Ask, Feed, Recovered, Refill, Sink

__all__ = ["DealFeed"]

_MOST_HELD = 50_000  # deals that wait for a refill, per market; a refill that takes longer than that is given up
_TRIES = 4
_OUTRUN = "frames were lost again and again while it was asked for"
_RECENT = 50  # deals of a market that somebody who joins begins with, as many as the exchange sends to begin with
_OVERTAKEN = 16  # pushes of a market that may arrive before one that was sent earlier


class DealFeed(Feed):
    """The deals channel on a connection; while a refill is under way, what is pushed waits for it."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._known: dict[str, deque[list[int]]] = {}  # the ids of the latest pushes, the largest one last
        self._quick: dict[str, list[Any]] = {}  # the sinks of markets that have begun, with nothing amiss
        self._recent: dict[str, deque[Any]] = {}
        self._held: dict[str, list[Any]] = {}
        self._since: dict[str, int] = {}
        self._once_more: set[str] = set()
        self._questions = 0
        self._open: dict[str, int] = {}  # the question that is under way

    def agreed(self, markets: Sequence[str], at: int) -> Sequence[Ask]:
        """Note an acknowledged subscription; what was missed before it is to be asked for now."""
        super().agreed(markets, at)
        broken = [market for market in markets if market in self.broken]
        self._once_more.update(market for market in broken if market in self._open)  # it was asked before this
        return [self._ask(market) for market in broken if market not in self._open]

    def missed(self, start: int, end: int, cause: str) -> Sequence[Ask]:
        """Note a lost frame: it may have held deals of any market."""
        asked = []
        for market in self.sinks:
            self._break(market, start, cause)
            if market in self._open:
                self._once_more.add(market)  # the answer may be older than the frame
            elif market in self.live:
                asked.append(self._ask(market))
        return asked

    def disconnected(self, start: int, cause: str) -> None:
        """Note that the connection is gone; a refill under way cannot know what is missed from now on."""
        self._open.clear()
        self._once_more.clear()
        super().disconnected(start, cause)

    def push(self, data: Any, at: int) -> Sequence[Ask]:
        """Hand deals on, oldest first, each once."""
        return self.push_all((data,), at)

    def push_all(self, pushes: Sequence[Any], at: int) -> Sequence[Ask]:
        """Hand on the deals of several pushes that came together, those of a market at once."""
        asks: list[Ask] = []
        for market, parts in _by_market(pushes).items():
            rows = parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
            sinks = self._quick.get(market)
            ids = [row.deal_id for row in rows]
            if sinks is not None and ids and self._follow(ids, market):
                self._remember(market, rows, at)
                for sink in sinks:
                    sink.take(market, rows, at, True)
            else:
                asks += [ask for part in parts for ask in self._push_with_care(market, part, at)]
        return asks

    def _follow(self, ids: list[int], market: str) -> bool:
        """Return whether ids rise from the last known one on, and know them if they do."""
        known = self._known[market]
        if ids[0] > known[-1][-1] and all(map(lt, ids, ids[1:])):
            known.append(ids)
            return True
        return False

    def _last(self, market: str) -> int:
        known = self._known.get(market)
        return known[-1][-1] if known else 0

    def _push_with_care(self, market: str, rows: list[Any], at: int) -> Sequence[Ask]:
        """Hand deals on that are the first, or come while a refill is under way, or out of order, or again."""
        if not rows or not self.listens(market):
            return ()
        unique = sorted({row.deal_id: row for row in rows}.values(), key=_by_id)
        self._begin(market, at)
        if market in self.broken:
            return self._hold(market, unique, at)
        last = self._last(market) if market in self._known else -(2**63) - 1  # the first may have any id
        old = [row for row in unique if row.deal_id <= last]
        if len(unique) > len(old):
            self._take(market, unique[len(old) :], at)
        again = _again(rows) if len(unique) < len(rows) else []
        self._late(market, [*old, *again], at)
        return ()

    def _take(self, market: str, rows: list[Any], at: int) -> None:
        self._known.setdefault(market, deque(maxlen=_OVERTAKEN)).append([row.deal_id for row in rows])
        self._quick[market] = self.sinks[market]
        self._remember(market, rows, at)
        for sink in self.sinks[market]:
            sink.take(market, rows, at, True)

    def _remember(self, market: str, rows: list[Any], at: int) -> None:
        """Keep the latest deals for who joins later."""
        recent = self._recent.setdefault(market, deque(maxlen=_RECENT))
        recent.extend(rows[-_RECENT:])
        self._newest[market] = (recent, at)

    def _welcome(self, sink: Sink, market: str) -> None:
        """Hand the latest deals to somebody who joins."""
        if market in self._newest and market not in self.broken:
            recent, at = self._newest[market]
            for _, alike in groupby(recent, key=type):
                sink.take(market, list(alike), at, True)

    def _late(self, market: str, rows: list[Any], at: int) -> None:
        if rows:
            known = self._known[market]
            known[-1] = sorted({*known[-1], *(row.deal_id for row in rows)})
            recent = self._recent[market]
            merged = sorted({row.deal_id: row for row in (*rows, *recent)}.values(), key=_by_id)
            recent.clear()
            recent.extend(merged)
            for sink in self.sinks[market]:
                sink.late(market, rows, at)

    def refilled(self, asked: Refill, found: Recovered, at: int) -> Refill | None:
        """Take the answer to a refill; return what to ask next, if anything."""
        market = asked.market
        if self._open.get(market) != asked.question:
            return None
        again = market in self._once_more
        self._once_more.discard(market)
        if (found.rows is None or again) and asked.attempt < _TRIES:
            return asked._replace(attempt=asked.attempt + 1)
        self._release(market, found.rows or (), at, why=found.why or (_OUTRUN if again else ""))
        return None

    def _ask(self, market: str) -> Refill:
        """Return the question for what is missed, from before the pushes that may have overtaken some of it."""
        self._held.setdefault(market, [])
        self._questions += 1
        self._open[market] = self._questions
        known = self._known.get(market)
        return Refill(self, market, known[0][0] if known else 0, self._since[market], self._questions)

    def _break(self, market: str, start: int, cause: str) -> None:
        self._since.setdefault(market, start)
        self._quick.pop(market, None)
        super()._break(market, start, cause)

    def _hold(self, market: str, rows: list[Any], at: int) -> Sequence[Ask]:
        """Let deals wait; they show that the subscription works, so that now is the time to ask."""
        asked = () if market in self._open else (self._ask(market),)
        self._held[market] += rows
        if len(self._held[market]) > _MOST_HELD:
            self._release(market, (), at, why=f"the answer took longer than {_MOST_HELD} deals")
        return asked

    def _release(self, market: str, rows: Sequence[Any], at: int, *, why: str) -> None:
        """Hand on what was recovered and what waited for it, in order."""
        held, last = self._held.pop(market), self._last(market)
        waited, known = {row.deal_id for row in held}, set(chain.from_iterable(self._known.get(market, ())))
        recovered = [row for row in rows if row.deal_id not in waited and row.deal_id not in known]
        merged = {row.deal_id: row for row in (*recovered, *held)}
        fresh = sorted((row for row in merged.values() if row.deal_id > last), key=_by_id)
        if why:
            self._break(market, self._since[market], "something was missed before")
        self._heal(market, at, refilled=not why, rows=len(recovered), why=why)
        for about in (self._since, self._open):
            about.pop(market, None)
        self._once_more.discard(market)
        self._late(market, [row for row in (*recovered, *held) if row.deal_id <= last], at)
        for _, alike in groupby(fresh, key=type):  # what is pushed may have columns that HTTP does not send
            self._take(market, list(alike), at)

    def _forget(self, market: str) -> None:
        super()._forget(market)
        for about in (self._known, self._quick, self._recent, self._held, self._since, self._open):
            about.pop(market, None)
        self._once_more.discard(market)


def _by_market(pushes: Sequence[Any]) -> dict[str, list[list[Any]]]:
    """Return the deals of each push, oldest first, by market; the exchange sends them newest first."""
    found: dict[str, list[list[Any]]] = {}
    for data in pushes:
        data.deal_list.reverse()
        found.setdefault(data.market, []).append(data.deal_list)
    return found


def _again(rows: Sequence[Any]) -> list[Any]:
    """Return what repeats an earlier row."""
    seen: set[int] = set()
    repeated = []
    for row in rows:
        if row.deal_id in seen:
            repeated.append(row)
        seen.add(row.deal_id)
    return repeated


def _by_id(row: Any) -> int:
    found: int = row.deal_id
    return found
