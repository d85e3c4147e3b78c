"""The subscription to deals: each deal once; what was missed is requested over HTTP by id.

New deals go to the subscribers at once, also while older ones are being recovered; those are inserted in their place
when they come, and only then is the gap closed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import chain, groupby
from operator import lt
from typing import Any

from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.subscription import DealRequest, FollowUp, Recovery, Subscriber, Subscription

__all__ = ["DealSubscription"]

_MOST_OUTRUN = 50_000  # deals of a market that come during a recovery; one that takes longer is given up
_ATTEMPTS = 4
_OUTRUN = "frames were lost again and again while it was requested"
_RECENT = 50  # deals that a subscriber who joins begins with, as many as the exchange sends at first
_OVERTAKEN = 16  # pushes of a market that may arrive before one that was sent earlier


class DealSubscription(Subscription):
    """The deals channel on a connection."""

    def __init__(self, channel: Channel) -> None:
        super().__init__(channel)
        self._last_ids: dict[str, deque[list[int]]] = {}  # of the latest pushes, the largest one last
        self._quick: dict[str, list[Any]] = {}  # the subscribers of markets that have started and miss nothing
        self._recent: dict[str, deque[Any]] = {}
        self._after: dict[str, int] = {}  # the deal after which something is missed; 0 where none is known
        self._later_ids: dict[str, set[int]] = {}  # of the deals that came since then
        self._since: dict[str, int] = {}  # when the loss began
        self._once_more: set[str] = set()  # the reply under way may be older than the latest loss
        self._count = 0
        self._requests: dict[str, int] = {}  # the number of the request that is under way

    def acknowledge(self, markets: Sequence[str], at: int) -> Sequence[FollowUp]:
        """Note that the exchange acknowledged a subscription: now what was missed before can be requested."""
        super().acknowledge(markets, at)
        incomplete = [market for market in markets if market in self.open_gaps]
        self._once_more.update(market for market in incomplete if market in self._requests)
        return [self._request(market) for market in incomplete if market not in self._requests]

    def lose_frame(self, start: int, end: int, cause: str) -> Sequence[FollowUp]:
        """Note that a frame was lost: it may have held deals of any market."""
        requests = []
        for market in self.subscribers:
            self._open_gap(market, start, cause)
            if market in self._requests:
                self._once_more.add(market)
            elif market in self.live:
                requests.append(self._request(market))
        return requests

    def disconnect(self, start: int, cause: str) -> None:
        """Note that the connection is gone; a reply under way cannot hold what is missed from now on."""
        self._requests.clear()
        self._once_more.clear()
        super().disconnect(start, cause)

    def push(self, data: Any, at: int) -> Sequence[FollowUp]:
        """Give the deals of a push to the subscribers, oldest first, each once."""
        return self.push_all((data,), at)

    def push_all(self, pushes: Sequence[Any], at: int) -> Sequence[FollowUp]:
        """Give them the deals of several pushes that came together, those of a market at once."""
        requests: list[FollowUp] = []
        for market, parts in _by_market(pushes).items():
            rows = parts[0] if len(parts) == 1 else list(chain.from_iterable(parts))
            subscribers = self._quick.get(market)
            ids = [row.deal_id for row in rows]
            if subscribers is not None and ids and self._follow(ids, market):
                self._remember(market, rows, at)
                for subscriber in subscribers:
                    subscriber.append(market, rows, at, True)
            else:
                requests += [each for part in parts for each in self._push_with_care(market, part, at)]
        return requests

    def _follow(self, ids: list[int], market: str) -> bool:
        """Return whether ids rise from the last one on, and remember them if they do."""
        last = self._last_ids[market]
        if ids[0] > last[-1][-1] and all(map(lt, ids, ids[1:])):
            last.append(ids)
            return True
        return False

    def _last(self, market: str) -> int:
        last = self._last_ids.get(market)
        return last[-1][-1] if last else 0

    def _push_with_care(self, market: str, rows: list[Any], at: int) -> Sequence[FollowUp]:
        """Give them deals that are the first, or come during a recovery, out of order, or again."""
        if not rows or not self.is_wanted(market):
            return ()
        unique = sorted({row.deal_id: row for row in rows}.values(), key=_by_id)
        self._start(market, at)
        requests = self._outrun(market, unique, at) if market in self.open_gaps else ()
        last = self._last(market) if market in self._last_ids else -(2**63) - 1  # the first may have any id
        old = [row for row in unique if row.deal_id <= last]
        if len(unique) > len(old):
            self._append(market, unique[len(old) :], at)
        repeated = _repeated(rows) if len(unique) < len(rows) else []
        self._insert(market, [*old, *repeated], at, self.subscribers[market])
        return requests

    def _outrun(self, market: str, rows: list[Any], at: int) -> Sequence[FollowUp]:
        """Note deals that come before those that are missed; they show that the subscription works.

        So now is the time to request the others.
        """
        requests = () if market in self._requests else (self._request(market),)
        later = self._later_ids[market]
        later.update(row.deal_id for row in rows)
        if len(later) > _MOST_OUTRUN:
            self._release(market, (), at, why=f"the answer took longer than {_MOST_OUTRUN} deals")
        return requests

    def _append(self, market: str, rows: list[Any], at: int) -> None:
        self._last_ids.setdefault(market, deque(maxlen=_OVERTAKEN)).append([row.deal_id for row in rows])
        if market not in self.open_gaps:
            self._quick[market] = self.subscribers[market]
        self._remember(market, rows, at)
        for subscriber in self.subscribers[market]:
            subscriber.append(market, rows, at, True)

    def _remember(self, market: str, rows: list[Any], at: int) -> None:
        """Keep the latest deals for subscribers who join later."""
        recent = self._recent.setdefault(market, deque(maxlen=_RECENT))
        recent.extend(rows[-_RECENT:])
        self._newest[market] = (recent, at)

    def _send_latest(self, subscriber: Subscriber, market: str) -> None:
        """Give the latest deals to a subscriber who joins."""
        if market in self._newest and market not in self.open_gaps:
            recent, at = self._newest[market]
            for _, alike in groupby(recent, key=type):
                subscriber.append(market, list(alike), at, True)

    def _insert(self, market: str, rows: list[Any], at: int, subscribers: Sequence[Subscriber]) -> None:
        if rows:
            last = self._last_ids[market]
            last[-1] = sorted({*last[-1], *(row.deal_id for row in rows)})
            recent = self._recent[market]
            merged = sorted({row.deal_id: row for row in (*rows, *recent)}.values(), key=_by_id)
            recent.clear()
            recent.extend(merged)
            for subscriber in subscribers:
                subscriber.insert(market, rows, at)

    def awaits(self, request: DealRequest) -> bool:
        """Return whether the reply to a request still counts."""
        return self._requests.get(request.market) == request.number

    def on_recovery(self, request: DealRequest, reply: Recovery, at: int) -> DealRequest | None:
        """Take the reply to a request; return the next attempt, if one is needed."""
        market = request.market
        if not self.awaits(request):
            return None
        again = market in self._once_more
        self._once_more.discard(market)
        if (reply.rows is None or again) and request.attempt < _ATTEMPTS:
            return request._replace(attempt=request.attempt + 1)
        self._release(market, reply.rows or (), at, why=reply.why or (_OUTRUN if again else ""))
        return None

    def _request(self, market: str) -> DealRequest:
        """Return the request for what is missed."""
        self._count += 1
        self._requests[market] = self._count
        return DealRequest(self, market, self._after[market], self._since[market], self._count)

    def _open_gap(self, market: str, start: int, cause: str) -> None:
        """Note that something is missed, from before the pushes that may have overtaken some of it."""
        last = self._last_ids.get(market)
        self._since.setdefault(market, start)
        self._after.setdefault(market, last[0][0] if last else 0)
        self._later_ids.setdefault(market, set())
        self._quick.pop(market, None)
        super()._open_gap(market, start, cause)

    def _release(self, market: str, rows: Sequence[Any], at: int, *, why: str) -> None:
        """Give the subscribers what was recovered, in its place, and close the gap."""
        is_first, last = market not in self._last_ids, self._last(market)
        known_ids = self._later_ids[market].union(*self._last_ids.get(market, ()))
        merged = {row.deal_id: row for row in rows if row.deal_id not in known_ids}
        recovered = sorted(merged.values(), key=_by_id)
        if why:
            self._open_gap(market, self._since[market], "something was missed before")
        older = [row for row in recovered if row.deal_id <= last and not is_first]
        self._insert(market, older, at, [each for each in self.subscribers[market] if each in self.open_gaps[market]])
        for _, alike in groupby(recovered[len(older) :], key=type):
            self._append(market, list(alike), at)
        self._close_gap(market, at, refilled=not why, rows=len(recovered), why=why)
        for by_market in (self._since, self._after, self._later_ids, self._requests):
            by_market.pop(market, None)
        self._once_more.discard(market)

    def _drop(self, market: str) -> None:
        super()._drop(market)
        mine = (self._last_ids, self._quick, self._recent, self._since, self._after, self._later_ids, self._requests)
        for by_market in mine:
            by_market.pop(market, None)
        self._once_more.discard(market)


def _by_market(pushes: Sequence[Any]) -> dict[str, list[list[Any]]]:
    """Return the deals of each push, oldest first, by market; the exchange sends them newest first."""
    deals: dict[str, list[list[Any]]] = {}
    for data in pushes:
        data.deal_list.reverse()
        deals.setdefault(data.market, []).append(data.deal_list)
    return deals


def _repeated(rows: Sequence[Any]) -> list[Any]:
    """Return the rows that repeat an earlier one."""
    ids: set[int] = set()
    repeated = []
    for row in rows:
        if row.deal_id in ids:
            repeated.append(row)
        ids.add(row.deal_id)
    return repeated


def _by_id(row: Any) -> int:
    deal_id: int = row.deal_id
    return deal_id
