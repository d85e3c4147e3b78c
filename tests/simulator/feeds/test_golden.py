"""The golden files of the channels: as documented, and as the sandbox answers and pushes."""

from __future__ import annotations

import json
import zlib
from decimal import Decimal

import pytest

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.feeds.channels import Channel
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.snapshot import Snapshots
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.server.requests import SocketRequests
from tests.paths import GOLDEN_STREAMS

NOUNS = {
    "state": "tickers",
    "depth": "depth",
    "deals": "deals",
    "index": "index_prices",
    "bbo": "bbo",
    "premium": "premium_index",
}
PLAYS = {f"{area}_{NOUNS[channel]}": (area, channel) for area in ("spot", "futures") for channel in Feed(area).channels}
SYNTHETIC = {"mark_price", "index_price"}  # what a row such as ETHUSD_SIGNPRICE lacks


def play(name):
    """Return a golden play."""
    return json.loads((GOLDEN_STREAMS / f"{name}.json").read_text("utf-8"))


def shape(data):
    """Return the field names of a push's data and of the rows in it."""
    rows = data.get("state_list", data.get("deal_list", [data.get("depth", {})]))
    return set(data), [set(row) for row in rows]


def test_every_channel_has_one():
    """No channel is without a play and no play is left over; those that are signed are private channels'."""
    signed = {path.stem for path in GOLDEN_STREAMS.glob("*.json") if "signed" in play(path.stem)}
    assert set(PLAYS) == {path.stem for path in GOLDEN_STREAMS.glob("*.json")} - signed


@pytest.mark.parametrize("name", PLAYS)
def test_the_sandbox_pushes_the_same(name):
    """The request is acknowledged with the very words, and what follows has the same method and fields."""
    area, channel = PLAYS[name]
    golden = play(name)
    exchange, feed = Exchange(0, Clock(1_790_133_720_000, speed=0)), Feed(area)
    outcome = SocketRequests(feed).handle(golden["sent"])
    assert (golden["acknowledged"], f"{channel}.subscribe") == (outcome.reply, golden["sent"]["method"])
    outcome.change()
    pushes = [json.loads(push.text) for push in feed.due(Snapshots(exchange).now(area))]
    mine, rows = shape(pushes[0]["data"])
    for push in golden["pushed"]:
        assert (set(pushes[0]), pushes[0]["method"], None) == (set(push), push["method"], push["id"])
        fields, others = shape(push["data"])
        assert mine == fields
        assert all(rows[0] - other <= SYNTHETIC | {"asks", "bids"} and other <= rows[0] for other in others)


@pytest.mark.parametrize("name", ["spot_depth", "futures_depth"])
def test_checksums_of_the_golden_files_fit(name):
    """Kept as a client keeps them, the books have the checksums that came with them; one is empty with 0."""
    books: dict[str, dict[str, dict[str, str]]] = {}
    sums = []
    for push in play(name)["pushed"]:
        data = push["data"]
        book = {"bids": {}, "asks": {}} if data["is_full"] else books[data["market"]]
        books[data["market"]] = book
        for side in book:
            book[side] |= dict(data["depth"].get(side, []))
            book[side] = {price: amount for price, amount in book[side].items() if Decimal(amount)}
        bids = sorted(book["bids"].items(), key=lambda level: -Decimal(level[0]))
        asks = sorted(book["asks"].items(), key=lambda level: Decimal(level[0]))
        sums.append(zlib.crc32(":".join(text for level in bids + asks for text in level).encode()))
        assert sums[-1] == data["depth"]["checksum"]
    assert 0 in sums
    assert max(sums) > 2**31  # one that a signed reading would get wrong


def test_channels_are_made_for_each_area():
    """The base class names no channel by itself."""
    assert set(NOUNS) == {kind.name for kind in Channel.__subclasses__() if hasattr(kind, "name")} | {
        "index",
        "bbo",
        "premium",
    }
