"""A stream without a connection says why nothing comes, wherever one looks at it."""

from __future__ import annotations

from dataclasses import replace

import pytest

import coinex_pandas as cx
from tests.waiting import until

NOWHERE = cx.Venue("nowhere", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2")


@pytest.mark.outside
def test_an_offline_stream_says_why_in_state_repr_view_and_frame() -> None:
    """The state is lost from the first failure on; repr, view, status and the frame's notes give the reason."""
    with cx.live.spot_deals("BTCUSDT", session=cx.Session(NOWHERE)) as stream:
        view = stream.watch()
        assert until(lambda: "lost" == stream.state)
        reason = "no connection: "
        assert "lost" == stream.status().state
        assert stream.status().cause.startswith(reason)
        assert reason in repr(stream)
        assert reason in repr(view)
        assert reason in view._repr_html_()
        assert reason in stream.df.attrs["coinex"]["freshness"]["because"]
    assert "stopped" == stream.state
    assert reason not in repr(stream)


def test_a_lost_connection_gives_the_reason_until_the_next_one_serves(exchange, returning) -> None:
    """With rows and after them; a stream that is served again says nothing more of it."""
    sandbox = exchange()
    with cx.live.futures_deals("BTCUSDT") as stream:
        stream.wait(rows=1, seconds=60)
        assert "" == stream.status().cause
        sandbox.faults.set({"refuse_socket": 1.0})
        sandbox.sockets.drop()
        assert until(lambda: "lost" == stream.state)
        assert f"; {stream.status().cause}>" in repr(stream)  # nothing can bring it back meanwhile
        sandbox.faults.set(None)
        assert until(lambda: "live" == stream.state)
        assert "" == stream.status().cause


def test_a_refused_subscription_says_what_the_exchange_says(exchange, monkeypatch: pytest.MonkeyPatch) -> None:
    """The repr has the error's text, not only the word."""
    exchange()
    channel = cx.CHANNELS["futures_premium_index"]
    monkeypatch.setitem(cx.CHANNELS, channel.name, replace(channel, area="spot"))  # no such method there
    with cx.live.futures_premium_index("ETHUSDT") as stream:
        assert until(lambda: "refused" == stream.state)
        assert str(stream._buffer.error) == stream.status().cause
        assert "20002" in repr(stream)
