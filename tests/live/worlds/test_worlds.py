"""Hundreds of simulated worlds: whatever goes wrong, each row is in its table, or a gap in its place says so.

A failure names its world; ``python -m tests.live.worlds.world 1234`` plays it again and tells what happened.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from coinex_pandas.live import buffer
from coinex_pandas.live.protocol import connection, deals, depth, order_book, subscription
from coinex_pandas.live.sockets import recovery
from tests.live.worlds import world as worlds
from tests.live.worlds.faults import NAMES
from tests.profiles import times

CHUNK = 500
OTHERS = 1_000_000


def test_smoke_a_few_worlds_are_accounted_for() -> None:
    """Other seeds than the long test's, for a quick look."""
    assert worlds.checked(range(OTHERS, OTHERS + 60))["worlds"] == 60


@pytest.mark.parametrize("chunk", times(1))
def test_every_world_is_accounted_for(chunk: int) -> None:
    """Rows received and rows in gaps are all that were sent; each fault struck many times, and left gaps."""
    total = worlds.checked(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert CHUNK == total["worlds"]
    assert {} == {name: total[name] for name in NAMES if total[name] < CHUNK / 20}
    assert total["gaps"] > 3 * CHUNK
    assert total["frames"] > 60 * CHUNK


def test_a_world_without_faults_has_no_gaps() -> None:
    """Every twentieth world is a quiet one."""
    for seed in range(0, 400, 20):
        world = worlds.played(seed)
        world.check()
        assert not world.ledger.faults
        assert all(not listener.buffer.gaps for listener in world.client.listeners)


def test_a_world_is_the_same_each_time() -> None:
    """What a seed is replayed as is what happened."""
    for seed in (7, 11, 1241):
        one, other = (worlds.played(seed, log=True).ledger.log for _ in range(2))
        assert one == other
        assert len(one or ()) > 10


def test_a_failure_names_its_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads it can play that world again."""
    monkeypatch.setattr(buffer.Buffer, "open_gap", lambda *_args: None)
    with pytest.raises(worlds.WrongWorld, match=r"python -m tests.live.worlds.world \d+"):
        worlds.checked(range(1, 200))


def _nothing(*_args: object, **_kwargs: object) -> Any:
    return ()


def _without_gap(_self: buffer.Buffer, waiting: Any) -> Any:
    return [], [], waiting.gaps


def _empty_refill(*_args: object) -> subscription.Recovery:
    return subscription.Recovery([])


def _quick_release(self: Any, asked: Any, found: subscription.Recovery, at: int) -> None:
    if asked.market in self.open_gaps:
        self._release(asked.market, found.rows or (), at, why="")


def _rows_not_told(self: buffer.Buffer, market: str, rows: Any, at: int) -> None:
    self.duplicates += len(rows)


BROKEN: dict[str, tuple[Any, str, object]] = {
    "gaps are not opened": (buffer.Buffer, "open_gap", _nothing),
    "gaps are not closed": (buffer.Buffer, "close_gap", _nothing),
    "a market's loss is not noted": (subscription.Subscription, "_open_gap", _nothing),
    "a lost frame is not noted": (subscription.Subscription, "lose_frame", _nothing),
    "a lost frame is not asked for": (deals.DealSubscription, "lose_frame", _nothing),
    "a lost frame does not make books doubtful": (depth.DepthSubscription, "lose_frame", _nothing),
    "a lost connection does not make books doubtful": (depth.DepthSubscription, "_distrust", _nothing),
    "a fresh book is not asked for": (depth.DepthSubscription, "_renew", _nothing),
    "a renewed book is not waited for": (
        depth.DepthSubscription,
        "_renewing",
        property(lambda _: set(), _nothing),
    ),
    "what was sent before an unsubscription counts": (
        subscription.Subscription,
        "is_wanted",
        lambda self, market: market in self.subscribers,
    ),
    "checksums are not looked at": (order_book.OrderBook, "_wrong", lambda *_args: ""),
    "refills bring nothing": (recovery, "recover_deals", _empty_refill),
    "refills that fail count": (deals.DealSubscription, "on_recovery", _quick_release),
    "late deals are dropped": (buffer.Buffer, "insert", _rows_not_told),
    "clocks agree and nothing takes time": (recovery, "_SKEW", 0),
    "nothing is overtaken": (deals, "_OVERTAKEN", 1),
    "silence is waited out for ever": (connection, "REPLY_TIMEOUT", float("inf")),
    "nobody pings": (connection, "PING", float("inf")),
    "busy answers are final": (connection, "_RETRY", float("inf")),
    "rows that are no numbers pass": (buffer.Buffer, "_clean", _without_gap),
}
# Some matter only where several things go wrong together; these are worlds in which they do.
FROM = {
    "what was sent before an unsubscription counts": 750,
    "clocks agree and nothing takes time": 200,
    "nothing is overtaken": 250,
}


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_found_out(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness would see it: some world among 200 is not accounted for, or ends in an error."""
    where, name, instead = BROKEN[what]
    monkeypatch.setattr(where, name, instead, raising=False)
    if what == "a renewed book is not waited for":
        monkeypatch.setattr(depth, "_RETRY", 0.0)  # it happens too rarely to be seen
    first = FROM.get(what, 0)
    assert _breaks(lambda: worlds.checked(range(first, first + (250 if "renewed" in what else 200))))


def _breaks(play: Callable[[], object]) -> bool:
    try:
        play()
    except (worlds.WrongWorld, LookupError, TypeError, ValueError, AssertionError):  # how broken rules are known to end
        return True
    return False
