"""Writes ``coverage.md``: every endpoint and channel of the exchange, and what the package has for it.

``python docs/coverage.py`` writes the page; a test demands that it is what this program would write now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path

import coinex_pandas as cx
from coinex_pandas.channels import Channel
from coinex_pandas.route import DOCS, Route

PAGE = Path(__file__).with_name("coverage.md")
GOLDEN = Path(__file__).parents[1] / "tests" / "golden"

_NEEDS = {"": "nothing", "read": "a key", "trade": "a key, `trading=True`", "withdraw": "a key, `withdrawing=True`"}
_ROUTE_HEADS = ("function", "endpoint", "needs", "rate group", "sample", "the exchange's page")
_CHANNEL_HEADS = ("function", "socket", "channel", "needs", "sample", "the exchange's page")


def page() -> str:
    """Return the page's text."""
    routes = sorted(cx.ROUTES.values(), key=lambda route: (_area(route), route.path, route.method))
    channels = sorted(cx.CHANNELS.values(), key=lambda channel: (channel.method, channel.name))
    parts = [
        "# Coverage",
        f"{len(routes)} endpoints and {len({channel.method for channel in channels})} channels of the exchange. Each has "
        "a function with a documented table, a sample that the tests read, and an answer of the sandbox exchange, which "
        "a contract test holds against the function. This page is written by `python docs/coverage.py`.",
    ]
    for area, group in groupby(routes, key=_area):
        parts += [f"## {area}", _table(_ROUTE_HEADS, [_route_cells(route) for route in group])]
    parts += ["## Channels", _table(_CHANNEL_HEADS, [_channel_cells(channel) for channel in channels])]
    return "\n\n".join(parts) + "\n"


def _area(route: Route) -> str:
    return route.path.split("/")[1].capitalize()


def _route_cells(route: Route) -> tuple[str, ...]:
    return (
        f"`{route.name}`",
        f"{route.method} {route.path}",
        _NEEDS[route.needs],
        route.pace,
        _sample(GOLDEN / f"{route.name}.json"),
        f"[{route.docs}]({DOCS}{route.docs})",
    )


def _channel_cells(channel: Channel) -> tuple[str, ...]:
    return (
        f"`live.{channel.name}`",
        channel.area,
        channel.method,
        _NEEDS["read" if channel.signed else ""],
        _sample(GOLDEN / "plays" / f"{channel.name}.json"),
        f"[{channel.docs}]({DOCS}{channel.docs})",
    )


def _sample(path: Path) -> str:
    return path.name if path.is_file() else "none"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
