"""One connection to an exchange without sockets, whose clock the test moves."""

from __future__ import annotations

from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.faults import Faults
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.snapshot import Snapshots
from coinex_pandas.simulator.market.clock import Clock

NOW = 1_790_133_720_000


class Connection:
    """An exchange, the feed of one connection to it, and the snapshots that it pushes."""

    def __init__(self, area="futures", faults=None, now=NOW):
        self.area = area
        self.exchange = Exchange(0, Clock(now, speed=0), Faults(faults))
        self.snapshots = Snapshots(self.exchange)
        self.feed = Feed(area)

    def subscribe(self, channel, *markets):
        """Subscribe to markets."""
        self.feed.channels[channel].subscribe(markets)

    def step(self, seconds=0.0, **options):
        """Move the clock and return the pushes that are due."""
        self.exchange.clock.advance(seconds)
        return list(self.feed.due(self.snapshots.now(self.area), **options))

    def http(self, noun, **params):
        """Return the HTTP side's data at the same instant."""
        reply = self.exchange.answer(f"{self.area}_{noun}", params)
        assert 0 == reply.code
        return reply.data


def one(pushes):
    """Return the data of the only push."""
    (push,) = pushes
    return push.data


def changes(connection, steps, seconds):
    """Return how many pushes each of some steps gave."""
    return [len(connection.step(seconds)) for _ in range(steps)]
