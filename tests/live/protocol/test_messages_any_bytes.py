"""Whatever bytes come, the decoder refuses them or reads them, and a connection never raises."""

import gzip
import json
from copy import deepcopy

import hypothesis.strategies as st
from hypothesis import HealthCheck, example, given, settings

from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.live.protocol.messages import (
    PRIVATE,
    BadFrame,
    Push,
    Reply,
    UnknownPush,
    method_of,
)
from tests.live.protocol.fuzz_messages import AREAS, MARKETS, Linked, decoded, one_input, seeds
from tests.live.protocol.odd_texts import packed
from tests.profiles import cases

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["", "-0", "nan", "1e999"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
SEEDS = [json.loads(seed[1:]) for seed in seeds()]
VALUES = JSON | st.sampled_from([*MARKETS, 0, -1, 2**63, 2**64, "0", "", "-0", "x", [], {}, [[]], [None]]).map(deepcopy)


def nodes(value, path=()):
    """Return the paths to all that stands in a JSON value."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(found for key, inner in below for found in nodes(inner, (*path, key)))]


@st.composite
def mutants(draw):
    """Return a push or an answer of the golden plays in which some values are others, more, or missing."""
    made = json.loads(json.dumps(draw(st.sampled_from(SEEDS))))
    for _ in range(draw(st.integers(1, 3))):
        path = draw(st.sampled_from([path for path in nodes(made) if path] or [()]))
        if not path:
            return made
        place = made
        for step in path[:-1]:
            place = place[step]
        how = draw(st.integers(0, 3))
        if how == 0:
            del place[path[-1]]
        elif how == 1 and isinstance(place, dict):
            place[draw(st.text(max_size=8) | st.sampled_from(["market", "id", "method", "created_at"]))] = draw(VALUES)
        else:
            place[path[-1]] = draw(VALUES)
    return made


@st.composite
def open_gaps(draw, texts):
    """Return packed text with some bytes changed, cut off, or put behind it."""
    frame = bytearray(gzip.compress(draw(texts), draw(st.sampled_from([0, 1]))))
    for _ in range(draw(st.integers(0, 2))):
        frame[draw(st.integers(0, len(frame) - 1))] = draw(st.integers(0, 255))
    return bytes(frame[: draw(st.none() | st.integers(0, len(frame)))] + draw(st.binary(max_size=4)))


def as_text(value):
    """Return JSON as bytes, lone surrogates as they are written by whoever does not care."""
    return json.dumps(value).encode()


TEXTS = mutants().map(as_text) | JSON.map(as_text) | st.binary(max_size=60)
FRAMES = st.binary(max_size=80) | TEXTS.map(lambda text: gzip.compress(text, 1)) | open_gaps(TEXTS)
FUZZ = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@given(area=st.sampled_from(AREAS), frame=FRAMES)
@settings(FUZZ, max_examples=cases(100))
def test_any_bytes_are_refused_or_read(area, frame):
    """Whatever bytes come, there is a push, an answer, or a refusal."""
    assert isinstance(decoded(area, frame), (Push, Reply, UnknownPush, BadFrame))


@given(area=st.sampled_from(AREAS), frames=st.lists(FRAMES, min_size=1, max_size=6), together=st.booleans())
@settings(FUZZ, max_examples=cases(60))
def test_connection_bears_any_bytes(area, frames, together):
    """Whatever frames come, one by one or together, a connection goes on, and good frames are handled after them."""
    linked = Linked(area)
    if together:
        linked.together(frames)
    else:
        for frame in frames:
            linked.frame(frame)
    assert {1} == set(linked.good().values())


@given(data=st.binary(max_size=60))
@example(b"")
@settings(FUZZ, max_examples=cases(20))
def test_harness_of_the_fuzzer_takes_any_bytes(data):
    """What atheris calls can be called without it."""
    one_input(data)


def test_harness_begins_with_good_frames():
    """Every seed of the fuzzer is read as what it is."""
    found = [decoded(AREAS[seed[0]], packed(seed[1:])) for seed in seeds()]
    public = {channel.method for channel in CHANNELS.values() if channel.private is None}
    expected = {"Reply", *public, *PRIVATE["spot"], *PRIVATE["futures"]}
    assert expected == {"Reply" if isinstance(each, Reply) else method_of(each) for each in found}
