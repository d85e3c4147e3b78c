"""Simulated worlds: an exchange, a network that misbehaves, and the rules of a connection between them.

A seed is a world. ``python -m tests.live.worlds.world 1234`` plays one and prints what happened.
With two numbers it plays all from the first to before the second, and prints how often what went wrong.
"""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Iterator

from coinex_pandas import live
from coinex_pandas.live import buffer
from coinex_pandas.live.channel import CHANNELS, Channel
from coinex_pandas.live.sockets import recovery
from tests.live.worlds.accounting import faults_of
from tests.live.worlds.client import Client, Listener
from tests.live.worlds.exchange import Exchange
from tests.live.worlds.faults import drawn
from tests.live.worlds.ledger import Ledger
from tests.live.worlds.network import Clock, Network
from tests.live.worlds.playing import WrongWorld, check_all, command, main, play
from tests.live.worlds.server import Server

_CHANNELS = {
    "spot": (live.spot_deals, live.spot_bbo, live.spot_tickers, live.spot_index_prices, live.spot_depth),
    "futures": (
        live.futures_deals,
        live.futures_bbo,
        live.futures_tickers,
        live.futures_index_prices,
        live.futures_premium_index,
        live.futures_depth,
    ),
}
_LONGEST_CALM = 200.0


class World:
    """One world.

    Parameters
    ----------
    seed : int
        Decides everything.
    log : bool, default False
        Whether to keep a log.
    """

    def __init__(self, seed: int, *, log: bool = False) -> None:
        self.seed = seed
        self.dice = dice = random.Random(seed)
        self.faults = drawn(dice, seed)
        self.area = dice.choice(("spot", "futures"))
        self.clock, self.ledger = Clock(), Ledger()
        self.ledger.log = [] if log else None
        self.exchange = Exchange(dice, self.area)
        self.network = Network(self.clock, dice, self.ledger, self.faults)
        self.server = Server(dice, self.exchange, self.network)
        self.clock.skew = dice.choice((0, 0, -2_500, 2_500))
        self.client = Client(seed, self.network, self.server)
        self.network.deliver, self.network.tell_closed = self.client.deliver, self.client.closed
        self.network.serve = self.server.serve
        known = [CHANNELS[function.__name__] for function in _CHANNELS[self.area]]
        self.channels: list[Channel] = dice.sample(known, dice.randint(1, min(3, len(known))))
        if dice.random() < 0.5 and known[0] not in self.channels:
            self.channels.append(known[0])
        self.pause = dice.uniform(0.3, 1.5)  # seconds between a market's pushes
        self.seconds = dice.uniform(10, 45)  # of misfortune
        self._is_calm = self._rested = False

    def play(self) -> None:
        """Let it all happen."""
        for _ in range(self.dice.randint(1, 3)):
            self._join()
        for channel in self.channels:
            for market in self.exchange.markets if channel.method != "state" else ("",):
                self.clock.after(self.dice.random() * self.pause, self._beat, channel.method, market)
        self.clock.after(1.0, self._strike)
        for _ in range(self.dice.choice((0, 0, 1, 3))):
            self.clock.after(self.dice.uniform(0, self.seconds), self._come_or_go)
        self.clock.run(self.clock.now + self.seconds)
        self._calm_down()

    def _calm_down(self) -> None:
        """Let nothing go wrong any more, and wait until all is well."""
        self.faults.calm()
        self._is_calm = True
        self.pause = max(self.pause, 1.5)
        end = self.clock.now + _LONGEST_CALM
        while self.clock.now < end:
            self.clock.run(self.clock.now + 2.0)
            if self.is_quiet:
                self._rested = True
                break
        for channel in self.channels:
            for market in self.exchange.markets:
                self._make(channel.method, market)
        self.clock.run(self.clock.now + 2.0)

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is under way and nothing is amiss."""
        connection, socket = self.client.connection, self.network.socket
        if socket is None or socket.is_deaf or not socket.is_served or connection.state != "open":
            return False
        return not (
            self.client.asking
            or connection._requests
            or connection._retries
            or any(f.open_gaps for f in connection.subscriptions.values())
        )

    def check(self) -> None:
        """Demand exact accounting.

        Raises
        ------
        WrongWorld
            It is not.
        """
        found = [] if self._rested or not self.client.listeners else ["it does not come to rest"]
        found += faults_of(self.client)
        if not self.ledger.faults:
            found += [f"a gap without a fault: {gap}" for one in self.client.listeners for gap in one.buffer.gaps]
        if found:
            shown = "\n".join(found[:5])
            raise WrongWorld(f"world {self.seed}: {command(self)}\n{shown}")

    def counts(self) -> Counter[str]:
        """Return how many frames and gaps there were."""
        gaps = sum(len(one.buffer.gaps) for one in self.client.listeners)
        return Counter(frames=self.client.delivered, gaps=gaps)

    # ---- what happens

    def _join(self) -> None:
        dice = self.dice
        channel = dice.choice(self.channels)
        markets = self.exchange.markets
        count = 1 if channel.method == "depth" else dice.randint(1, len(markets))
        keep = dice.choice(((None, None), (None, None), (None, None), (dice.randint(3, 60), None), (None, 10_000)))
        shape = (self.exchange.limit, "0", self.server.is_full)
        chosen = tuple(dice.sample(markets, count))
        self.client.join(Listener(channel, chosen, keep, shape, self.ledger))

    def _come_or_go(self) -> None:
        if self.client.listeners and self.dice.random() < 0.5:
            gone = self.dice.choice(self.client.listeners)
            self.client.leave(gone)
            if self.dice.random() < 0.5:  # somebody else comes at once or soon
                self.clock.after(self.dice.choice((0.0, 0.05, 0.2, 1.0)), self._join)
        else:
            self._join()

    def _strike(self) -> None:
        self.network.strike(1.0)
        if not self._is_calm:
            self.clock.after(1.0, self._strike)

    def _beat(self, method: str, market: str) -> None:
        dice = self.dice
        self._make(method, market)
        if dice.random() < 0.03:
            self._look()
        self.clock.after(self.pause * dice.uniform(0.1, 1.9), self._beat, method, market)

    def _make(self, method: str, market: str) -> None:
        dice, now = self.dice, self.clock.ms
        markets = self.exchange.markets if not market else (market,)
        wanted = [name for name in markets if self.client.has_use_for((method, name))]
        if not wanted:
            return
        if method == "deals":
            self.server.publish(method, self.exchange.trade(market, now, dice.choice((1, 1, 2, 5))))
        elif method == "depth":
            self.server.publish(method, [self.exchange.book(market, now)])
            if dice.random() < 0.02:
                self.server.whole_book(market)
        else:
            some = [name for name in wanted if market or dice.random() < 0.6]
            if some:
                self.server.publish(method, [self.exchange.quote(method, name, now) for name in some])

    def _look(self) -> None:
        """Read a table in between, as a notebook does."""
        if self.client.listeners:
            found = self.dice.choice(self.client.listeners).buffer
            with found.lock:
                found.flush()


def played(seed: int, *, log: bool = False) -> World:
    """Return a world after all has happened in it."""
    world = World(seed, log=log)
    return play(world, _small(world.dice.choice((7, 50, 1000)), world.dice.choice((4, 32, 256))))


def checked(seeds: range) -> Counter[str]:
    """Play worlds and demand exact accounting in each; return the faults that there were."""
    return check_all(played, seeds)


@contextlib.contextmanager
def _small(page: int, flush: int) -> Iterator[None]:
    """Have small pages over HTTP and small bulks of rows, so that few rows meet their edges."""
    former = recovery.PAGE, buffer.FLUSH
    recovery.PAGE, buffer.FLUSH = page, flush
    try:
        yield
    finally:
        recovery.PAGE, buffer.FLUSH = former


if __name__ == "__main__":
    main(played)
