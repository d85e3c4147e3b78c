"""Eight threads that share a session at full speed stay within every limit, and use it nearly whole.

Here time is virtual, so that what the machine is busy with decides nothing; ``benchmarks/limits.py`` measures the same
over real sockets against the sandbox.
"""

import random

import pytest

from coinex_pandas.http.pacing import LIMITS, Pacer
from tests.http.test_pacing import busiest
from tests.http.virtual_time import VirtualTime
from tests.profiles import times

THREADS, SECONDS = 8, 30.0
LIMITS_THERE_ARE = sorted(set(LIMITS.values()) - {LIMITS["public"]})  # spread thinner, yet by the same rule


class Way:
    """How long requests and answers are on their way, in seconds.

    Parameters
    ----------
    least : float
        What the way takes at least, there and back.
    jitter : float
        What a request may take longer.
    stalls : float
        Once in three seconds or so nothing gets through for up to so long.
    """

    def __init__(self, least, jitter, stalls, chance):
        self._least, self._jitter, self._chance = least, jitter, chance
        self._stalls = [(begin, begin + chance.uniform(0, stalls)) for begin in self._moments(3)] if stalls else []

    def _moments(self, every):
        moment = 0.0
        while moment < SECONDS * 2:
            moment += self._chance.expovariate(1 / every)
            yield moment

    def arrival(self, sent):
        """Return when what was sent arrives."""
        moment = sent + self._least / 2 + self._chance.uniform(0, self._jitter)
        return max([moment, *(end for begin, end in self._stalls if begin <= moment < end)])


WAYS = {"loopback": (0.002, 0.001, 0), "busy machine": (0.002, 0.001, 0.15), "busy server": (0.03, 0.002, 0.1)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("limit", LIMITS_THERE_ARE)
@pytest.mark.parametrize("seed", times(3))
def test_full_speed(limit, way, seed):
    """No second holds more than the limit where the requests arrive, and 95% of it are used."""
    chance = random.Random(seed)
    time, path = VirtualTime(), Way(*WAYS[way], chance)
    pacer = Pacer(limit, time.clock, lambda seconds: time.sleep(seconds + chance.uniform(0, 0.001)))
    arrived = []

    def work():
        while time.now < SECONDS:
            turn = pacer.wait()
            there = path.arrival(time.now)
            arrived.append(there)
            time.sleep(path.arrival(there) - time.now)
            turn.note_answer(time.now)

    time.run([work] * THREADS)
    assert busiest(arrived) <= limit
    assert 0.95 <= (len(arrived) - 1) / (max(arrived) - min(arrived)) / limit


def test_a_stall_is_known_before_the_next_turn():
    """Eight threads wait for their turns; what is learned meanwhile of a request that was held up moves them on."""
    time = VirtualTime()
    pacer = Pacer(10, time.clock, time.sleep)
    arrived = []

    def work():
        while time.now < 5:
            turn = pacer.wait()
            late = 0.2 if len(arrived) == 3 else 0.0
            arrived.append(time.now + late)
            time.sleep(0.001 + late)
            turn.note_answer(time.now)

    time.run([work] * THREADS)
    assert busiest(arrived) <= 10


def test_a_batch_that_no_second_holds_goes_alone():
    """More items than the limit: nothing else goes within a second before it."""
    time = VirtualTime()
    pacer = Pacer(10, time.clock, time.sleep)
    pacer.wait()
    pacer.wait(25)
    assert time.now == pytest.approx(1.001)
