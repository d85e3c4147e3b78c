"""Channels, codes, limits, checksums and whole replies against the API reference, where that lies at hand."""

import json
import warnings

import pytest

import coinex_pandas as cx
from coinex_pandas.errors.codes import CODES
from coinex_pandas.http import pacing
from coinex_pandas.tables.decoding import Source, read
from coinex_pandas.tables.rows.book import book_checksum
from tests import reference
from tests.golden import samples
from tests.reference import loaded

REPLIES = reference.SHARED / "samples" / "http"

pytestmark = reference.needed


def test_every_channel_has_a_function():
    """The 12 channels of the reference, on each socket that has them, signed where it says so, with their pages."""
    channels = [entry for entry in loaded("websocket") if entry.get("subscribe")]
    documented = {
        (
            area,
            entry["subscribe"],
            entry["auth"],
            entry["docs"] if isinstance(entry["docs"], str) else entry["docs"][area],
        )
        for entry in channels
        for area in entry["markets"]
    }
    assert 12 == len(channels)
    assert documented == {
        (channel.area, f"{channel.method}.subscribe", channel.private is not None, channel.docs)
        for channel in cx.CHANNELS.values()
    }


def test_codes_are_the_documented_ones():
    """Every refusal code of the reference is route, with the same kind and the same word on repeating."""
    documented = {entry["code"]: (entry["kind"], entry["retry"]) for entry in loaded("rules")["errors"]}
    assert set(documented) <= set(CODES)
    assert documented == {number: (CODES[number].kind, CODES[number].retry) for number in documented}


def test_limits_are_the_documented_ones():
    """Every rate limit group is route, with its requests per second; the address's own limit is called public."""
    limits = loaded("rules")["rate_limits"]
    documented = {name: group["per_second"] for name, group in limits["groups"].items()}
    assert {"public": limits["ip"]["per_second"], **documented} == pacing.LIMITS


def test_book_checksums_are_those_of_the_worked_examples():
    """Each example of the reference gives the checksum that it shows."""
    examples = next(entry for entry in loaded("websocket") if entry["name"] == "depth_checksum")["worked_examples"]
    assert [example["crc32_unsigned"] for example in examples] == [
        book_checksum(example["bids"], example["asks"]) for example in examples
    ]


def captured():
    """Return the names of documented replies that a public function can read."""
    return sorted(path.stem for path in REPLIES.glob("*.json") if path.stem in cx.ROUTES)


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("name", captured())
def test_documented_replies_become_frames(name, numbers):
    """The documentation's own replies, slips included, become the table, and no column is new or missing."""
    route = cx.ROUTES[name]
    reply = json.loads((REPLIES / f"{name}.json").read_text("utf-8"))["response"]
    source = Source(route.endpoint, single=route.single, paged=route.paged)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = read(route.row, json.dumps(reply).encode(), source, numbers=numbers)
    assert 0 < len(page.frame)
    if numbers == "float":
        sample = samples.sample(name)
        assert {"index": sample["index"], "columns": sample["columns"]} == samples.shape(page.frame)
