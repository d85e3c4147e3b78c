"""Simulated worlds of private channels: an account that trades, a network that misbehaves, and the rules between them.

A seed is a world. ``python -m tests.live.worlds.account_world 1234`` plays one and prints what happened.
With two numbers it plays all from the first to before the second, and prints how often what went wrong.
"""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

from coinex_pandas.live.channel import CHANNELS
from coinex_pandas.live.protocol.actions import Connect, Drop, Recover, Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.sockets import recovery
from tests.live.worlds.account import CURRENCIES, MARKETS, Account, nobody_answers
from tests.live.worlds.account_check import Listener, faults_of
from tests.live.worlds.account_server import Server
from tests.live.worlds.faults import Faults, drawn
from tests.live.worlds.ledger import Ledger
from tests.live.worlds.network import Clock, Frame, Network, Socket
from tests.live.worlds.playing import WrongWorld, check_all, command, main, play

_LONGEST_CALM = 200.0
_NOUNS = {
    "order": "orders",
    "stop": "stops",
    "user_deals": "user_deals",
    "balance": "balances",
    "position": "positions",
}


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
        if seed % 20 == 10:  # nothing is lost, but much comes twice or is overtaken
            self.faults = Faults(reorder=0.3, duplicate=0.3)
        self.area = dice.choice(("spot", "futures"))
        self.clock, self.ledger = Clock(), Ledger()
        self.ledger.log = [] if log else None
        methods = [*list(_NOUNS)[: 4 if self.area == "spot" else 5]]
        self.methods = dice.sample(methods, dice.randint(1, 2))
        if "balance" in self.methods:  # their rows cannot all be told apart by age: they come as TCP brings them
            self.faults.reorder = self.faults.delay = 0.0
            self.faults.duplicate *= self.area == "spot"
            self.faults._look()
        self.account = Account(dice, self.area, lambda: self.clock.ms)
        self.network = Network(self.clock, dice, self.ledger, self.faults)
        self.server = Server(dice, self.area, self.network)
        self.clock.skew = dice.choice((0, 0, -2_500, 2_500, 20_000))
        self._wrong_by = dice.choice((0, 0, 0, 60_000)) if seed % 20 else 0  # by how much its measured clock is
        self.connection = Connection(self.area, random.Random(seed))
        self.listeners: list[Listener] = []
        self.gone: list[Listener] = []
        self.network.deliver, self.network.tell_closed = self._deliver, self._closed
        self.network.serve = self.server.serve
        self.pause = dice.uniform(0.4, 2.0)
        self.seconds = dice.uniform(8, 40)
        self.asking = self.frames = 0
        self._is_calm = self._rested = self._is_over = False

    # ---- what happens

    def play(self) -> None:
        """Let it all happen."""
        for _ in range(self.dice.choice((0, 3))):
            self.account.act(self.methods)
        for method in self.methods:
            self._join(method)
        self.clock.after(0.0, self._tick)
        self.clock.after(self.dice.random(), self._beat)
        self.clock.after(1.0, self._strike)
        for _ in range(self.dice.choice((0, 0, 1, 3))):
            self.clock.after(self.dice.uniform(0, self.seconds), self._come_or_go)
        self.clock.run(self.clock.now + self.seconds)
        self._calm_down()

    def _calm_down(self) -> None:
        self.faults.calm()
        self._is_calm = True
        end = self.clock.now + _LONGEST_CALM
        while self.clock.now < end and not self._rested:
            self.clock.run(self.clock.now + 2.0)
            self._rested = self._is_quiet
        self._act()
        self._is_over = True  # what was pushed arrives, however slowly, and nothing more happens
        self.clock.run(self.clock.now + 12.0)

    @property
    def _is_quiet(self) -> bool:
        connection, socket = self.connection, self.network.socket
        if not self.listeners:
            return True
        if socket is None or socket.is_deaf or not socket.is_served or connection.state != "open":
            return False
        return not (
            self.asking or connection._requests or connection._retries or any(gap.end is None for gap in self._gaps())
        )

    def _gaps(self) -> list[Any]:
        return [gap for one in self.listeners for gap in one.gaps]

    def _join(self, method: str) -> None:
        dice = self.dice
        known = CHANNELS[f"{self.area}_{_NOUNS[method]}"]
        all_names = CURRENCIES if method == "balance" else MARKETS
        names = tuple(dice.sample(all_names, dice.randint(1, 2))) if dice.random() < 0.3 else ()
        keep = dice.choice(((None, None), (None, None), (dice.randint(5, 40), None)))
        one = Listener(known, names, self.area.upper(), keep)
        one.clock, one.joined = self.clock, self.clock.ms
        self.ledger.tell(self.clock.now, f"joins: {known.name} {names} keep={keep}")
        self.listeners.append(one)
        self.connection.add(known, one, self.clock.now, self.clock.client_ms)
        self._work()

    def _come_or_go(self) -> None:
        if self.listeners and self.dice.random() < 0.5:
            gone = self.dice.choice(self.listeners)
            self.ledger.tell(self.clock.now, f"leaves: {gone.channel.name}")
            self.listeners.remove(gone)
            self.gone.append(gone)
            self.connection.remove(gone.channel, gone, self.clock.now)
            gone.end()
            self._work()
        else:
            self._join(self.dice.choice(self.methods))

    def _beat(self) -> None:
        if self._is_over:
            return
        self._act()
        if self.listeners and self.dice.random() < 0.05:
            one = self.dice.choice(self.listeners)
            with one.lock:
                one.flush()
        self.clock.after((self.pause if not self._is_calm else 3.0) * self.dice.uniform(0.1, 1.9), self._beat)

    def _act(self) -> None:
        for method, data in self.account.act(self.methods):
            self.ledger.tell(self.clock.now, f"happens: {method} {data}")
            self.server.publish(method, data)

    def _strike(self) -> None:
        self.network.strike(1.0)
        if not self._is_calm:
            self.clock.after(1.0, self._strike)

    # ---- the client

    def _tick(self) -> None:
        self.connection.tick(self.clock.now)
        self._work()
        self.clock.after(min(max(0.25, self.connection.wake - self.clock.now), 1.0), self._tick)

    def _deliver(self, frames: list[Frame]) -> None:
        batch = [frame.data for frame in frames if frame.data is not None]
        self.frames += len(batch)
        for frame in frames:
            self.ledger.tell(self.clock.now, f"{'spoilt' if frame.is_spoilt else 'frame'}: {frame.text!r}")
        if len(batch) > 1:
            self.connection.on_frames(batch, self.clock.now, self.clock.client_ms)
        elif batch:
            self.connection.on_frame(batch[0], self.clock.now, self.clock.client_ms)
        self._work()

    def _closed(self, cause: str) -> None:
        self.ledger.tell(self.clock.now, f"closed: {cause}")
        self.connection.on_close(self.clock.now, cause)
        self._work()

    def _work(self) -> None:
        actions = self.connection.actions
        while actions:
            action = actions.pop(0)
            if isinstance(action, Send):
                self.network.send(action.text)
            elif isinstance(action, Connect):
                self.network.connect(self._connected)
            elif isinstance(action, Drop):
                if self.network.socket is not None:
                    self.network.hang_up(self.network.socket)
                self._closed(action.cause)
            elif isinstance(action, Sign):
                self.clock.after(self.dice.uniform(0.0, 0.3), self._signed, action)
            else:
                self.asking += 1
                self.clock.after(action.pause + self.network.latency, self._asked, action)

    def _connected(self, socket: Socket | None) -> None:
        if socket is None:
            self._closed("refused")
            return
        self.connection.on_open(self.clock.now, self.clock.client_ms)
        self._work()

    def _signed(self, action: Sign) -> None:
        if action.anew:
            self._wrong_by = 0
        if self.network.strikes("http_fails"):
            self.connection.on_sign_failure("nobody answers", action.connection, self.clock.now)
        else:
            params = {"access_id": "a", "signed_str": "b", "timestamp": self.clock.ms + self._wrong_by}
            self.connection.on_signature(Signature(params), action.connection, self.clock.now)
        self._work()

    def _asked(self, action: Recover) -> None:
        found = _answered(self, action.request)
        slow = self.dice.uniform(0.5, 8) if self.network.strikes("http_slow") else 0.0
        self.clock.after(slow + self.network.latency, self._told, action, found)

    def _told(self, action: Recover, found: Recovery) -> None:
        rows = None if found.rows is None else len(found.rows)
        self.ledger.tell(self.clock.now, f"told: {action.request.channel.name} {rows} {found.why} {found.rows}")
        self.asking -= 1
        self.connection.on_recovery(action.request, found, self.clock.client_ms)
        self._work()

    def ask(self, name: str, *names: Any, **params: Any) -> Any:
        """Answer one request of a question; the account goes on meanwhile."""
        if self.network.strikes("http_fails"):
            raise nobody_answers(name)
        if self.dice.random() < 0.1:
            self._act()
        return self.account.ask(name, *names, **params)

    # ---- what must hold

    def check(self) -> None:
        """Demand that every table ends in the exchange's state, and that each deal stands once.

        Raises
        ------
        WrongWorld
            It does not.
        """
        found = [] if self._rested else ["it does not come to rest"]
        for one in self.listeners:
            found += [f"{one.channel.name} {one.markets}: {text}" for text in faults_of(one, self.account)]
        if not self.ledger.faults:
            found += [f"a gap without a fault: {gap}" for gap in self._gaps()]
        if found:
            shown = "\n".join(found[:5])
            raise WrongWorld(f"world {self.seed}: {command(self)}\n{shown}")

    def counts(self) -> Counter[str]:
        """Return how many frames and gaps there were."""
        return Counter(frames=self.frames, gaps=len(self._gaps()))


def _answered(world: World, asked: Any) -> Recovery:
    """Ask as the package does, with the world in the place of HTTP."""
    query = recovery._AccountQuery(None, asked)  # type: ignore[arg-type]  # it is not asked by way of a session
    query._call = world.ask  # type: ignore[method-assign]  # the one seam to HTTP
    former, recovery._offset = recovery._offset, lambda _: -world.clock.skew  # as a session has measured it
    at = world.clock.ms
    try:
        return Recovery(list(query.rows()), at=at)
    except Exception as error:
        if type(error).__name__ != "NoAnswer":
            raise
        return Recovery(None, str(error))
    finally:
        recovery._offset = former


def played(seed: int, *, log: bool = False) -> World:
    """Return a world after all has happened in it."""
    return play(World(seed, log=log))


def checked(seeds: range) -> Counter[str]:
    """Play worlds and demand the exchange's state in each; return the faults that there were."""
    return check_all(played, seeds)


if __name__ == "__main__":
    main(played)
