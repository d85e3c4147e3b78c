"""What one connection is subscribed to, and what it is due: the rules of the sockets, without sockets."""

from __future__ import annotations

from collections.abc import Iterator

from coinex_pandas.simulator.feeds.channels import Bbo, Channel, Deals, Depth, Index, Premium, State
from coinex_pandas.simulator.feeds.mailbox import Mailbox
from coinex_pandas.simulator.feeds.pushes import Push
from coinex_pandas.simulator.feeds.snapshot import View

__all__ = ["Feed", "Standstill"]

_PACES = {"index": 5_000}  # milliseconds; the other channels push every 200 ms at most
_PACE = 200


class Feed:
    """The channels of one connection.

    Parameters
    ----------
    area : str
        "spot" or "futures"; only the latter has premium.

    Attributes
    ----------
    channels : dict of str to Channel
        The public ones.
    mailbox : Mailbox
        The private ones.

    Examples
    --------
    >>> from coinex_pandas.simulator.market.clock import Clock
    >>> from coinex_pandas.simulator.exchange import Exchange
    >>> from coinex_pandas.simulator.feeds.snapshot import Views
    >>> feed = Feed("futures")
    >>> feed.channels["bbo"].subscribe(["BTCUSDT"])
    >>> views = Views(Exchange(0, Clock(1_790_133_720_000, speed=0)))
    >>> [push.method for push in feed.due(views.now("futures"))]
    ['bbo.update']
    """

    def __init__(self, area: str) -> None:
        self.area = area
        self.depth = Depth(area)
        self.mailbox = Mailbox(area)
        kinds = (State, Deals, Index, Bbo, *((Premium,) if area == "futures" else ()))
        channels: list[Channel] = [self.depth, *(kind(area) for kind in kinds)]
        self.channels = {channel.name: channel for channel in channels}

    def due(self, view: View, *, new_only: bool = False) -> Iterator[Push]:
        """Yield what is to be pushed at the view's instant; on request only of markets never shown."""
        for channel in self.channels.values():
            yield from channel.due(view, new_only=new_only)


class Standstill:
    """A feed whose values stand still from now on, while it goes on pushing them with a moving updated_at."""

    def __init__(self, feed: Feed, now: int) -> None:
        self._channels = [channel.standing() for channel in feed.channels.values()]
        self._times = dict.fromkeys(feed.channels, now)

    def due(self, now: int) -> Iterator[Push]:
        """Yield the old values once more, at the rhythm of each channel."""
        for channel in self._channels:
            if now - self._times[channel.name] >= _PACES.get(channel.name, _PACE):
                self._times[channel.name] = now
                yield from channel.again(now)
