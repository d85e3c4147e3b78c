"""Hundreds of simulated worlds: whatever goes wrong, a private table ends in the exchange's state.

A failure names its world; ``python -m tests.live.worlds.account_world 1234`` plays it again and tells what happened.
"""

from __future__ import annotations

from typing import Any

import pytest

from coinex_pandas.live import account_stream
from coinex_pandas.live.protocol import account as account_subscription
from coinex_pandas.live.protocol import account_rows, account_state, connection
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.sockets import recovery
from tests.live.worlds import account_world as worlds
from tests.live.worlds.faults import NAMES
from tests.profiles import times

CHUNK = 200
OTHERS = 1_000_000
NEVER = ("odd_number", "vanish")  # of the public channels


def test_smoke_a_few_worlds_end_well() -> None:
    """Other seeds than the long test's, for a quick look."""
    assert worlds.checked(range(OTHERS, OTHERS + 40))["worlds"] == 40


@pytest.mark.parametrize("chunk", times(1))
def test_every_world_ends_in_the_exchanges_state(chunk: int) -> None:
    """Orders, stops, balances and positions are as they are there, and each deal stands once.

    Each fault struck many times, signatures of a wrong clock among them, and left gaps.
    """
    total = worlds.checked(range(chunk * CHUNK, (chunk + 1) * CHUNK))
    assert CHUNK == total["worlds"]
    names = [*(name for name in NAMES if name not in NEVER), "clock"]
    assert {} == {name: total[name] for name in names if total[name] < CHUNK / 50}
    assert total["gaps"] > CHUNK / 2
    assert total["frames"] > 20 * CHUNK


def test_a_world_without_faults_has_no_gaps() -> None:
    """Every twentieth world is a quiet one."""
    for seed in range(0, 200, 20):
        world = worlds.played(seed)
        world.check()
        assert not world.ledger.faults
        assert all(not one.gaps for one in world.listeners)


def test_a_world_is_the_same_each_time() -> None:
    """What a seed is replayed as is what happened."""
    for seed in (7, 11):
        one, other = (worlds.played(seed, log=True).ledger.log for _ in range(2))
        assert one == other
        assert len(one or ()) > 10


def _nothing(*_args: object, **_kwargs: object) -> Any:
    return ()


def _no(*_args: object, **_kwargs: object) -> bool:
    return False


def _never_missed(self: account_subscription.AccountSubscription, *_: object) -> Any:
    return ()


def _answer_wins(self: Any, row: Any) -> bool:
    return True


BROKEN: dict[str, tuple[Any, str, object]] = {
    "nothing is asked for": (account_subscription.AccountSubscription, "_requests", _nothing),
    "a lost frame is not asked for": (account_subscription.AccountSubscription, "lose_frame", _never_missed),
    "answers win over what was pushed since": (account_state.AccountState, "_is_new", _answer_wins),
    "age does not matter": (account_state.AccountState, "_is_overtaken", _no),
    "deals are not told apart": (account_state, "key_of", lambda *_: object()),
    "late rows go behind the others": (
        account_stream.AccountBuffer,
        "place_of",
        lambda self, *_: (len(self.table), None),
    ),
    "orders that are gone are not told of": (recovery._AccountQuery, "_one_by_one", _nothing),
    "stops that are gone are not told of": (recovery._AccountQuery, "_or_gone", lambda _, found: iter(found)),
    "what came and went is not asked for": (recovery._AccountQuery, "_ended_since", _nothing),
    "a balance that is gone stays": (recovery, "_emptied", lambda row: row),
    "an end is as an update": (account_rows, "is_last", _no),
    "clocks agree": (recovery, "_EARLIER", -60_000),
    "answers that fail are taken for nothing": (
        account_subscription.AccountSubscription,
        "on_recovery",
        lambda self, asked, found, at: _REFILLED(self, asked, Recovery(found.rows or ()), at),
    ),
    "a refused signature is believed at once": (connection.SignIn, "may_repeat", _no),
    "nobody signs": (connection.SignIn, "begin", _nothing),
}
# Some matter only where several things go wrong together; just behind these worlds they do.
FROM = {
    "answers win over what was pushed since": 220,
    "a balance that is gone stays": 95,
    "age does not matter": 45,
    "stops that are gone are not told of": 38,
    "late rows go behind the others": 18,
    "an end is as an update": 18,
}
_REFILLED = account_subscription.AccountSubscription.on_recovery


@pytest.mark.parametrize("what", BROKEN)
def test_a_broken_rule_is_found_out(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The harness would see it: some world among 150 does not end as it should, or ends in an error."""
    where, name, instead = BROKEN[what]
    monkeypatch.setattr(where, name, instead)
    if where is account_rows:
        monkeypatch.setattr(account_state, name, instead)
    first = FROM.get(what, 1)
    assert any(_breaks(seed) for seed in range(first, first + 150))


def _breaks(seed: int) -> bool:
    try:
        worlds.checked(range(seed, seed + 1))
    except Exception:  # however a broken rule ends
        return True
    return False
