"""Deals while older ones are being recovered: new ones come at once, recovered ones stand in their place."""

import gzip
import json
import random

import pytest

import coinex_pandas as cx
from coinex_pandas.live.batches import _Cursor
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.protocol import deals
from coinex_pandas.live.protocol.actions import Recover
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.retention import Retention
from coinex_pandas.tables.growing_frame import GrowingFrame
from coinex_pandas.tables.rows.market import Deal

CHANNEL = cx.CHANNELS["spot_deals"]
MARKETS = ("LTCUSDT", "XRPUSDT")
AT = 1_780_000_000_000


def wire(*numbers, market=MARKETS[0]):
    """Return the frame that pushes deals, newest first as the exchange sends them."""
    rows = [
        {"deal_id": number, "created_at": AT + number, "side": "buy", "price": f"{number}.5", "amount": "2"}
        for number in sorted(numbers, reverse=True)
    ]
    push = {"method": "deals.update", "data": {"market": market, "deal_list": rows}, "id": None}
    return gzip.compress(json.dumps(push).encode())


def deal(number):
    """Return a deal as HTTP brings it."""
    return Deal(deal_id=number, created_at=AT + number, side="buy", price=number + 0.5, amount=2.0)


class Play:
    """A connection with one buffer, frames that come, and an exchange whose HTTP answers when it is told to."""

    def __init__(self, rows=None):
        self.connection = Connection("spot", random.Random(1))
        self.buffer = Buffer(CHANNEL, MARKETS, Retention(rows=rows))
        self.connection.add(CHANNEL, self.buffer, 0.0, AT)
        self.connection.on_open(0.0, AT)
        self.at = AT

    def frames(self, *frames):
        """Have frames come, each a second after the former."""
        for frame in frames:
            self.at += 1000
            self.connection.on_frame(frame, 0.0, self.at)

    def requests(self):
        """Return what was requested over HTTP, and forget it."""
        wanted = [action.request for action in self.connection.actions if isinstance(action, Recover)]
        self.connection.actions.clear()
        return wanted

    def ids(self, market=MARKETS[0]):
        """Return the deals of a market as they stand in the table."""
        frame = self.buffer.locked(self.buffer.frame)
        return frame["deal_id"][frame["market"] == market].to_list()


@pytest.fixture
def play():
    """Give a play in which five deals came, then a bad frame."""
    begun = Play()
    begun.frames(wire(101, 102), wire(7, 8, market=MARKETS[1]), wire(103, 104, 105), b"no gzip at all")
    return begun


def test_new_deals_come_at_once_while_http_hangs(play):
    """The gap stays open, and every push after the bad frame is in the table."""
    (request, _) = play.requests()
    play.frames(wire(110), wire(111, 112), wire(9, market=MARKETS[1]))
    assert ([101, 102, 103, 104, 105, 110, 111, 112], [7, 8, 9]) == (play.ids(), play.ids(MARKETS[1]))
    (gap, *_) = [gap for gap in play.buffer.gaps if gap.market == MARKETS[0]]
    assert (None, None, 7) == (gap.end, gap.refilled, gap.after_row)
    assert [] == play.requests()
    assert request.after <= 105


def test_recovered_deals_stand_in_their_place_and_close_the_gap(play):
    """Only what was missed is inserted, in the order of ids; it counts as recovered, and nothing as repeated."""
    request = next(each for each in play.requests() if each.market == MARKETS[0])
    play.frames(wire(110), wire(111, 112))
    rows = [deal(number) for number in (103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113)]
    play.connection.on_recovery(request, Recovery(rows), play.at + 5000)
    assert list(range(101, 114)) == play.ids()
    gap = next(gap for gap in play.buffer.gaps if gap.market == MARKETS[0])
    assert (play.at + 5000, True, 5) == (gap.end, gap.refilled, gap.rows)
    assert (0, 4) == (play.buffer.duplicates, play.buffer.late_rows)
    play.frames(wire(113, 114))
    assert list(range(101, 115)) == play.ids()
    assert 1 == play.buffer.duplicates


def test_who_iterates_gets_recovered_deals_too(play):
    """New ones at once, and the recovered ones as a batch of late rows when they come."""
    request = next(each for each in play.requests() if each.market == MARKETS[0])
    with _Cursor(play.buffer, lambda frame: frame, lambda: None) as cursor:
        play.frames(wire(110))
        (first,) = cursor.batches()
        play.connection.on_recovery(request, Recovery([deal(number) for number in range(106, 110)]), play.at + 5000)
        play.frames(wire(111))
        late, last = cursor.batches()
    assert 110 == first["deal_id"].iloc[-1]
    assert ([106, 107, 108, 109], [111]) == (late["deal_id"].to_list(), last["deal_id"].to_list())


def test_a_recovery_that_fails_leaves_the_new_deals(play):
    """After the last attempt the gap says why; what came meanwhile is there."""
    request = next(each for each in play.requests() if each.market == MARKETS[0])
    play.frames(wire(120))
    for attempt in range(1, 5):
        play.connection.on_recovery(request._replace(attempt=attempt), Recovery(None, "no route"), play.at + attempt)
    assert [101, 102, 103, 104, 105, 120] == play.ids()
    gap = next(gap for gap in play.buffer.gaps if gap.market == MARKETS[0])
    assert (False, 0) == (gap.refilled, gap.rows)
    assert "no route" in gap.cause


def test_a_loss_during_a_recovery_is_requested_from_the_first_one_on(play):
    """Deals that come between two losses do not hide what the first one took."""
    request = next(each for each in play.requests() if each.market == MARKETS[0])
    play.frames(wire(110), b"bad again", wire(115))
    play.connection.on_recovery(request, Recovery([deal(number) for number in range(106, 111)]), play.at + 1)
    (again,) = [each for each in play.requests() if each.market == MARKETS[0]]
    assert (request.after, 2) == (again.after, again.attempt)
    play.connection.on_recovery(again, Recovery([deal(number) for number in range(106, 116)]), play.at + 2)
    assert [*range(101, 116)] == play.ids()


def test_a_recovery_that_is_outrun_by_far_is_given_up(play, monkeypatch):
    """The ids of what came meanwhile are remembered up to a bound; then the gap is closed with the reason."""
    monkeypatch.setattr(deals, "_MOST_OUTRUN", 20)
    play.frames(*(wire(number) for number in range(200, 230)))
    gap = next(gap for gap in play.buffer.gaps if gap.market == MARKETS[0])
    assert gap.refilled is False
    assert "longer than 20 deals" in gap.cause
    assert [*range(101, 106), *range(200, 230)] == play.ids()


def test_thousands_of_recovered_deals_are_inserted_together(play, monkeypatch):
    """Those that belong between the same two deals move the rows behind them once."""
    calls, real = [], GrowingFrame.insert
    monkeypatch.setattr(GrowingFrame, "insert", lambda self, *args: calls.append(args[0]) or real(self, *args))
    request = next(each for each in play.requests() if each.market == MARKETS[0])
    play.frames(wire(9_000), wire(9_500))
    missing = [deal(number) for number in range(106, 9_400)]
    play.connection.on_recovery(request, Recovery(missing), play.at + 1)
    assert [*range(101, 9_400), 9_500] == play.ids()
    assert 2 == len(calls)
    assert 9_293 == play.buffer.late_rows


def test_a_bounded_table_keeps_its_bound_while_deals_are_recovered():
    """Deals older than all that is kept are not put before it."""
    play = Play(rows=4)
    play.frames(wire(1, 2, 3), b"bad", wire(*range(10, 20)))
    assert [16, 17, 18, 19] == play.ids()
    (request, *_) = play.requests()
    play.connection.on_recovery(request, Recovery([deal(number) for number in range(4, 20)]), play.at + 1)
    assert [16, 17, 18, 19] == play.ids()
