"""The client of a simulated world: the real `Connection` with real buffers, and a driver for it."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from coinex_pandas.live.book import BookBuffer
from coinex_pandas.live.buffer import Buffer
from coinex_pandas.live.channel import Channel
from coinex_pandas.live.protocol.actions import Connect, Drop, Recover, Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.subscription import Recovery
from coinex_pandas.live.retention import Retention
from coinex_pandas.live.sockets import recovery
from tests.live.worlds.exchange import Levels
from tests.live.worlds.ledger import CAME, IGNORED, ODD, SPOILT, UNSENT, Entry, Item, Key, Ledger, Mark
from tests.live.worlds.network import Frame, Network, Socket
from tests.live.worlds.server import Server

_LONGEST_NAP = 1.0


class Listener:
    """A buffer and the times between which it listens to each market."""

    def __init__(self, channel: Channel, markets: tuple[str, ...], keep: Retention, shape: Any, ledger: Ledger) -> None:
        self.channel, self.markets, self.keep = channel, markets, keep
        self.began: dict[str, Mark] = {}
        self.ended: dict[str, int] = {}
        self.joined_at = 0
        self.welcome: list[Entry] = []
        """What others had last when this one joined: that is handed on."""
        self.buffer: Buffer = (
            _Book(self, ledger, channel, markets, keep, shape)
            if channel.method == "depth"
            else _Rows(self, ledger, channel, markets, keep)
        )

    def key(self, market: str) -> Key:
        """Return where the ledger has a market's rows."""
        return self.channel.method, market


class _Marking:
    """Notes where in the ledger each market's subscription began to work."""

    def __init__(self, listener: Listener, ledger: Ledger, *args: Any) -> None:
        super().__init__(*args)
        self._listener, self._ledger = listener, ledger

    def acknowledge(self, market: str, at: int) -> None:
        super().acknowledge(market, at)  # type: ignore[misc]  # a buffer's
        if market not in self._listener.began:
            self._listener.began[market] = self._ledger.mark(self._listener.key(market))


class _Rows(_Marking, Buffer):
    pass


class _Book(_Marking, BookBuffer):
    pass


class Mirror:
    """The books that a careful client would have, found without the package."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.books: dict[str, tuple[Levels, Levels] | None] = {}

    def doubt(self) -> None:
        """Know nothing any more."""
        self.books = dict.fromkeys(self.books)

    def take(self, frame: Frame, item: Item) -> tuple[str, bool]:
        """Apply a push; return what becomes of its row, and whether the book is right then."""
        data = msgspec.json.decode(frame.text)["data"]
        market, depth = item.market, data["depth"]
        if market not in self.books:
            return IGNORED, False
        former = ([], []) if data["is_full"] else self.books[market]
        if former is None:
            return IGNORED, False
        found = tuple(
            self._changed(levels, depth[name], sign)
            for levels, name, sign in zip(former, ("bids", "asks"), (-1, 1), strict=True)
        )
        is_right = found == item.sides
        self.books[market] = item.sides if is_right else None
        return CAME, is_right

    def _changed(self, levels: Levels, changes: list[list[str]], sign: int) -> Levels:
        amounts = dict(levels) | dict(changes)
        standing = [(price, amount) for price, amount in amounts.items() if float(amount)]
        return sorted(standing, key=lambda level: sign * float(level[0]))[: self.limit]


class Client:
    """The connection, its subscribers, and when it is told what happens."""

    def __init__(self, seed: int, network: Network, server: Server) -> None:
        self.network, self.server, self.clock, self.ledger = network, server, network.clock, network.ledger
        self.connection = Connection(server.exchange.area, random.Random(seed))
        self.dice = network.dice
        self.listeners: list[Listener] = []
        self.gone: list[Listener] = []
        self.mirror = Mirror(server.exchange.limit)
        self.asking = 0  # questions over HTTP that are not answered yet
        self.delivered = self.spoilt = self.bytes = self.connects = 0
        self.faults: list[str] = []
        self.clock.after(0.0, self._tick)

    @property
    def at(self) -> int:
        """Unix milliseconds, by the client's clock."""
        return self.clock.client_ms

    def has_use_for(self, key: Key) -> bool:
        """Return whether rows of a market matter: somebody listens, or the exchange believes so."""
        socket = self.network.socket
        if socket is not None and key[1] in socket.subscribed.get(key[0], ()):
            return True
        return any(one.channel.method == key[0] and key[1] in one.markets for one in self.listeners)

    # ---- who listens

    def join(self, listener: Listener) -> None:
        """Let somebody listen."""
        self.ledger.tell(self.clock.now, f"joins: {listener.channel.name} {listener.markets} keep={listener.keep}")
        self.listeners.append(listener)
        listener.joined_at = self.at
        listener.welcome = [entry for market in listener.markets for entry in self._newest(listener, market)]
        if listener.channel.method == "depth":
            self.mirror.books = dict.fromkeys(listener.markets) | self.mirror.books
        self.connection.add(listener.channel, listener.buffer, self.clock.now, self.at)
        self.work()

    def _newest(self, listener: Listener, market: str) -> list[Entry]:
        subscription = self.connection.subscriptions.get(listener.channel.method)
        if (
            subscription is None
            or market not in subscription.live
            or market in subscription.open_gaps
            or market not in subscription._newest
        ):
            return []
        entries = self.ledger.entries[listener.key(market)]
        return [entry for entry in entries if entry.kind in (CAME, ODD)][-1:]

    def leave(self, listener: Listener) -> None:
        """Let somebody go."""
        self.ledger.tell(self.clock.now, f"leaves: {listener.channel.name} {listener.markets}")
        self.listeners.remove(listener)
        self.gone.append(listener)
        listener.ended = {market: len(self.ledger.entries[listener.key(market)]) for market in listener.markets}
        self.connection.remove(listener.channel, listener.buffer, self.clock.now)
        listener.buffer.end()
        if listener.channel.method == "depth":
            wanted = {m for other in self.listeners if other.channel.method == "depth" for m in other.markets}
            self.mirror.books = {market: book for market, book in self.mirror.books.items() if market in wanted}
        self.work()

    # ---- what happens

    def deliver(self, frames: list[Frame]) -> None:
        """Take frames that arrive together."""
        ledger, connection, at = self.ledger, self.connection, self.at
        if len(frames) > 1 and any(
            connection._leaving.values()
        ):  # what comes before an answer in the midst does not count
            for frame in frames:
                self.deliver([frame])
            return
        ledger.begin({item.key for frame in frames for _, item in frame.parts})
        for frame in frames:
            self._note(frame, at)
        batch = [frame for frame in frames if frame.data is not None]
        self.delivered += len(batch)
        self.spoilt += sum(frame.is_spoilt for frame in batch)
        self.bytes += sum(len(frame.data or b"") for frame in batch)
        if len(batch) > 1:
            connection.on_frames([frame.data for frame in batch if frame.data], self.clock.now, at)
        elif batch:
            connection.on_frame(batch[0].data, self.clock.now, at)
        ledger.end()
        self.work()
        if "depth" in connection.subscriptions:
            self._look_at_books()

    def closed(self, cause: str) -> None:
        """Note that the connection is gone."""
        self.ledger.tell(self.clock.now, f"closed: {cause}")
        self.mirror.doubt()
        self.connection.on_close(self.clock.now, cause)
        self.work()
        self._look_at_books()

    def _note(self, frame: Frame, at: int) -> None:
        if self.ledger.log is not None:
            what = "spoilt" if frame.is_spoilt else "frame"
            self.ledger.tell(self.clock.now, f"{what}: {frame.text!r} {frame.parts}")
        leaving = self.connection._leaving.get("depth", ())
        if frame.is_spoilt and frame.about in ("", "depth.update") and "depth" in self.connection.subscriptions:
            self.mirror.doubt()
        for kind, item in frame.parts:
            if kind == UNSENT:
                self.ledger.note(kind, item, at)
            elif frame.is_spoilt:
                self.ledger.note(SPOILT, item, at)
            elif item.channel == "depth" and item.market in leaving:
                self.ledger.note(IGNORED, item, at)
            elif item.channel == "depth":
                fate, verified = self.mirror.take(frame, item)
                self.ledger.note(fate, item, at, verified)
            else:
                self.ledger.note(kind, item, at)

    def _tick(self) -> None:
        self.connection.tick(self.clock.now)
        self.work()
        now = self.clock.now
        self.clock.after(min(max(0.25, self.connection.wake - now), _LONGEST_NAP), self._tick)

    # ---- the connection's actions

    def work(self) -> None:
        """Carry out the connection's actions, in order."""
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
                self.closed(action.cause)
            else:
                self._ask(action)

    def _connected(self, socket: Socket | None) -> None:
        if socket is None:
            self.closed("refused")
            return
        self.ledger.tell(self.clock.now, "opened")
        self.connects += 1
        self.connection.on_open(self.clock.now, self.at)
        self.work()

    def _ask(self, action: Recover) -> None:
        self.ledger.tell(self.clock.now, f"refill: {action.request[1:]} in {action.pause} s")
        self.asking += 1
        self.clock.after(action.pause + self.network.latency, self._asked, action)

    def _asked(self, action: Recover) -> None:
        slow = self.dice.uniform(0.5, 8) if self.network.strikes("http_slow") else 0.0
        if slow and self.dice.random() < 0.5:
            self.clock.after(slow, self._answered, action, None)
        else:
            found = recovery.recover_deals(self.server, self.connection.area, action.request)  # type: ignore[arg-type]  # page is all
            self.clock.after(slow + self.network.latency, self._answered, action, found)

    def _answered(self, action: Recover, found: Recovery | None) -> None:
        found = found or recovery.recover_deals(self.server, self.connection.area, action.request)  # type: ignore[arg-type]  # a simulated server stands for the session
        how_many = "none" if found.rows is None else len(found.rows)
        self.ledger.tell(self.clock.now, f"refilled: {how_many} {found.why} {action.request[1:]}")
        self.asking -= 1
        self.connection.on_recovery(action.request, found, self.at)
        self.work()

    # ---- at every moment

    def _look_at_books(self) -> None:
        """Hold the books against those of the mirror."""
        for listener in self.listeners:
            buffer = listener.buffer
            if isinstance(buffer, BookBuffer):
                for market in listener.markets:
                    self._look_at(buffer, market)

    def _look_at(self, buffer: BookBuffer, market: str) -> None:
        expected = self.mirror.books.get(market)
        if buffer.is_verified != (expected is not None):
            self.faults.append(f"book {market}: verified is {buffer.is_verified}, the mirror has {expected}")
        elif expected is not None and buffer.levels()[:2] != expected:
            self.faults.append(f"book {market}: {buffer.levels()[:2]}, should be {expected}")
