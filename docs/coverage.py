"""Writes ``coverage.md``: every endpoint and channel of the exchange, and what the package has for it.

``python docs/coverage.py`` writes the page; a test demands that it is what this program would write now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import coinex_pandas as cx
from coinex_pandas.http.route import DOCS, Route
from coinex_pandas.live.channel import Channel
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.mailbox import PRIVATE

PAGE = Path(__file__).with_name("coverage.md")
GOLDEN = Path(__file__).parents[1] / "tests" / "golden"
ENDPOINTS, CHANNELS = 132, 12  # what the exchange's documentation has

_NEEDS = {"": "", "read": "a key", "trade": "`trading=True`", "withdraw": "`withdrawing=True`"}
_ROUTE_HEADS = ("function", "endpoint", "table", "needs", "rate group", "sample", "sandbox", "the exchange's page")
_CHANNEL_HEADS = ("function", "socket", "channel", "table", "needs", "sample", "sandbox", "the exchange's page")
_TOLD = (
    "Each has a function whose docstring tells every parameter, column and unit, a sample that the tests read, and an "
    "answer of the sandbox exchange. Contract tests hold them against each other: the request that is made, the table "
    "that comes back, the refusal. What needs a key needs a `SignedSession`. This page is written by "
    "`python docs/coverage.py`."
)


def page() -> str:
    """Return the page's text."""
    routes = sorted(cx.ROUTES.values(), key=lambda route: (_area(route), route.path, route.method))
    channels = sorted(cx.CHANNELS.values(), key=lambda channel: (channel.method, channel.name))
    methods = {channel.method for channel in channels}
    counted = f"{len(routes)} of {ENDPOINTS} endpoints and {len(methods)} of {CHANNELS} channels."
    parts = ["# Coverage", f"{counted} {_TOLD}"]
    exchange = Exchange()
    for area, group in groupby(routes, key=_area):
        parts += [f"## {area}", _table(_ROUTE_HEADS, [_route_cells(route, exchange) for route in group])]
    parts += ["## Channels", _table(_CHANNEL_HEADS, [_channel_cells(channel) for channel in channels])]
    return "\n\n".join(parts) + "\n"


def _area(route: Route) -> str:
    return route.path.split("/")[1].capitalize()


def _route_cells(route: Route, exchange: Exchange) -> tuple[str, ...]:
    return (
        f"`{route.name}`",
        f"{route.method} {route.path}",
        route.row.__name__,
        _NEEDS[route.needs],
        route.pace,
        _sample(GOLDEN / "http" / f"{route.name}.json"),
        _yes(exchange.serves(route.name)),
        f"[{route.docs}]({DOCS}{route.docs})",
    )


def _channel_cells(channel: Channel) -> tuple[str, ...]:
    pushed = Feed(channel.area).channels if channel.private is None else PRIVATE[channel.area]
    return (
        f"`live.{channel.name}`",
        channel.area,
        channel.method,
        channel.row.__name__,
        _NEEDS["" if channel.private is None else "read"],
        _sample(GOLDEN / "streams" / f"{channel.name}.json"),
        _yes(channel.method in pushed),
        f"[{channel.docs}]({DOCS}{channel.docs})",
    )


def _sample(path: Path) -> str:
    return f"[{path.stem}](../{path.relative_to(GOLDEN.parents[1])})" if path.is_file() else "none"


def _yes(is_there: bool) -> str:
    return "yes" if is_there else "none"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
