"""What a stream is told by mistake: refused by the parameter's name, before anything is connected."""

from __future__ import annotations

import inspect

import pytest

import coinex_pandas as cx
from coinex_pandas.live.sockets import pool
from tests.api.calls.test_odd_arguments import NOTHING_TAKES

VENUE = cx.Venue("mock", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2")


@pytest.fixture
def unconnected(monkeypatch):
    """Give a session whose streams must not be connected."""

    def attach(*_):
        raise AssertionError("a stream was connected")

    monkeypatch.setattr(pool, "attach", attach)
    return cx.SignedSession("CANARYACCESS", "canarysecret", VENUE, retries=0)


@pytest.mark.parametrize("name", [name for name in dir(cx.live) if not name.startswith("_")])
def test_an_odd_value_is_refused_by_name(unconnected, name):
    """Of every parameter of every channel."""
    function = getattr(cx.live, name)
    parameters = inspect.signature(function).parameters
    names = [each for each, one in parameters.items() if one.kind is one.VAR_POSITIONAL or each == "market"]
    for parameter in parameters:
        for label, value in NOTHING_TAKES.items():
            arguments = {} if parameter in names else {parameter: value}
            markets = [value] if parameter in names else ["BTCUSDT"] * len(names)
            with pytest.raises(cx.InvalidArgument) as caught:
                function(*markets, **{"session": unconnected} | arguments)
            assert parameter in str(caught.value), label
            assert 1_500 > len(str(caught.value))
