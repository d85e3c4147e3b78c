"""A frame takes bounded memory, whatever a few thousand bytes of it would like to become."""

import gzip
import subprocess
import sys
import tracemalloc

import pytest

from coinex_pandas.live.protocol.messages import MAX_UNPACKED
from tests.live.protocol.fuzz_messages import decoded
from tests.paths import ROOT

BOMB = 100_000_000


def filled(head, unit, tail):
    """Return a text of almost the cap: one thing again and again, as a list."""
    count = (MAX_UNPACKED - len(head) - len(tail) - 10) // (len(unit) + 1)
    return head + b",".join([unit] * count) + tail


BOMBS = {
    "nothing": lambda: b"\0" * BOMB,
    "blanks": lambda: b" " * BOMB,
    "lists": lambda: b"[" * BOMB,
    "objects": lambda: b'{"a":' * (BOMB // 5),
    "an answer": lambda: filled(b'{"id":1,"code":0,"data":[', b"{}", b"]}"),
    "an unknown push": lambda: filled(b'{"method":"x.update","data":[', b"[]", b"]}"),
    "deals": lambda: filled(b'{"method":"deals.update","data":{"market":"A","deal_list":[', b"{}", b"]}}"),
    "tickers": lambda: filled(b'{"method":"state.update","data":{"state_list":[', b'{"a":1}', b"]}}"),
    "names": lambda: b"{" + b",".join(b'"%x":1' % at for at in range(500_000)) + b',"method":"x"}',
}


def peak(frame):
    """Return the most memory that a frame takes while it is decoded, in caps."""
    tracemalloc.start()
    decoded("spot", frame)
    found = tracemalloc.get_traced_memory()[1] / MAX_UNPACKED
    tracemalloc.stop()
    return found


@pytest.mark.sweep
@pytest.mark.parametrize("name", BOMBS)
def test_bomb_takes_less_than_three_caps(name):
    """A hundred megabytes in a frame of a few thousand, or as many objects as there is room for, stay bounded."""
    assert 3 > peak(gzip.compress(BOMBS[name](), 9))


def test_levels_take_twenty_times_their_text():
    """What is declared is read up to the cap, and levels take most: so much is the most that one frame can take."""
    levels = b",".join([b'["1","2"]'] * 100_000)
    text = b'{"method":"depth.update","data":{"market":"A","depth":{"updated_at":1,"asks":[' + levels + b"]}}}"
    assert 20 > peak(gzip.compress(text, 9)) * MAX_UNPACKED / len(text)


def test_bombs_leave_nothing_behind():
    """A process that was sent a dozen bombs is no larger than after the first few."""
    code = f"""
import gzip, psutil, sys
sys.path.insert(0, {str(ROOT)!r})
from tests.live.protocol.fuzz_messages import Linked
frame = gzip.compress(b"[" * {BOMB}, 9)
linked = Linked("spot")
def size():
    return psutil.Process().memory_info().rss
for at in range(12):
    linked.frame(frame)
    if at == 3: before = size()
print((size() - before) / {MAX_UNPACKED}, linked.connection.bad)
"""
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=600).stdout
    growth, bad = told.split()
    assert "12" == bad
    assert 1 > float(growth)
