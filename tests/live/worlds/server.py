"""The exchange's side of the sockets in a simulated world: subscriptions, acknowledgements, pushes; and its HTTP."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

import msgspec

from coinex_pandas.errors import NoAnswer
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.rows.market import Deal
from coinex_pandas.tables.structs import cells_of
from tests.live.worlds.exchange import Exchange, book_text, deals_text, row_text
from tests.live.worlds.ledger import CAME, ODD, SILENT, UNSENT, Item
from tests.live.worlds.network import Frame, Network, Socket, came, ghost

_BUSY = (3001, 3002, 4002)


class Server:
    """Answers requests and pushes to who is subscribed."""

    def __init__(self, dice: random.Random, exchange: Exchange, network: Network) -> None:
        self.dice, self.exchange, self.network = dice, exchange, network
        self.clock = network.clock
        self.is_full = dice.random() < 0.15  # whether every push of a book is the whole one
        self._replaces = dice.random() < 0.3  # whether a subscription ends those that it does not name
        self._history = dice.choice((0, 1, 20))  # deals that a subscription begins with
        self._novel_from = network.clock.now + (dice.uniform(0, 20) if dice.random() < 0.1 else 1e9)
        """When rows begin to have a column that nobody knows."""
        self._code = 30_000 if exchange.area == "futures" else 20_000

    # ---- pushes

    def publish(self, channel: str, items: list[Item]) -> None:
        """Push rows of a channel to who is subscribed to their markets."""
        socket = self.network.socket
        if socket is None:
            for item in items:
                self.network.ledger.note(UNSENT, item, self.clock.client_ms)
            return
        wanted = socket.subscribed.get(channel, {}) if socket.is_served else {}
        sent = [item for item in items if item.market in wanted]
        for item in items:
            if item.market not in wanted:
                self.network.carry(socket, ghost(item), is_sent=False)
        if sent:
            self._push(socket, channel, sent)

    def whole_book(self, market: str) -> None:
        """Push the whole book once, as the exchange does every minute."""
        socket = self.network.socket
        if socket is not None and socket.is_served and market in socket.subscribed.get("depth", {}):
            socket.books.pop(market, None)
            self._push(socket, "depth", [self.exchange.book_of(market, self.clock.ms)])

    def _push(self, socket: Socket, channel: str, items: list[Item]) -> None:
        if channel == "depth":
            self._push_book(socket, items[0])
            return
        parts = came(items)
        if items[0].odd and self.network.strikes("odd_number"):
            at = self.dice.randrange(len(items))
            parts[at] = (ODD, items[at])
        wires = [item.odd if kind == ODD else item.wire for kind, item in parts]
        if self.clock.now > self._novel_from:
            wires = [f'{wire[:-1]},"novel":"7"}}' for wire in wires]
        text = deals_text(items[0].market, wires) if channel == "deals" else row_text(channel, wires)
        self.network.carry(socket, Frame(text, parts))

    def _push_book(self, socket: Socket, item: Item) -> None:
        exchange, market = self.exchange, item.market
        before = None if self.is_full else socket.books.get(market)
        text = book_text(item, before, limit=exchange.limit, with_zeros=exchange.with_zeros)
        socket.books[market] = item
        if self.network.strikes("vanish"):
            self.network.ledger.note(SILENT, item, self.clock.client_ms)
        else:
            self.network.carry(socket, Frame(text, [(CAME, item)]))

    # ---- requests

    def serve(self, socket: Socket, text: str) -> None:
        """Answer a request."""
        request = msgspec.json.decode(text)
        channel, _, verb = request["method"].partition(".")
        number, network = request["id"], self.network
        network.ledger.tell(self.clock.now, f"asked: {text}")
        if verb == "ping":
            self._answer(socket, f'{{"id":{number},"code":0,"data":{{"result":"pong"}},"message":"OK"}}')
        elif network.strikes("busy"):
            code = self._code + self.dice.choice(_BUSY)
            self._answer(socket, f'{{"id":{number},"code":{code},"message":"busy"}}')
        elif verb == "subscribe":
            self._subscribe(socket, channel, request["params"]["market_list"], number)
        else:
            for market in request["params"]["market_list"]:
                socket.subscribed.get(channel, {}).pop(market, None)
                socket.books.pop(market, None)
            self._answer(socket, f'{{"id":{number},"code":0,"message":"OK"}}')

    def _answer(self, socket: Socket, text: str) -> None:
        if self.network.strikes("no_ack"):
            return
        if self.network.strikes("late_ack"):
            self.clock.after(self.dice.choice((0.1, 1.0, 4.0, 9.0)), self._answer_late, socket, text)
        else:
            self.network.carry(socket, Frame(text, []))

    def _answer_late(self, socket: Socket, text: str) -> None:
        if socket.is_served:
            self.network.carry(socket, Frame(text, []))

    def _subscribe(self, socket: Socket, channel: str, names: list[Any], number: int) -> None:
        markets = [name[0] if channel == "depth" else name for name in names]
        there = socket.subscribed.get(channel, {})
        fresh = [market for market in markets if market not in there]
        socket.subscribed[channel] = ({} if self._replaces else there) | dict.fromkeys(markets)
        ack_first = self.dice.random() < 0.7
        ack = f'{{"id":{number},"code":0,"message":"OK"}}'
        if ack_first:
            self._answer(socket, ack)
        for market in markets if self.dice.random() < 0.3 else fresh:
            self._begin(socket, channel, market)
        if not ack_first:
            self._answer(socket, ack)

    def _begin(self, socket: Socket, channel: str, market: str) -> None:
        """Push what a subscription begins with."""
        exchange, now = self.exchange, self.clock.ms
        if channel == "depth":
            socket.books.pop(market, None)
            self._push(socket, channel, [exchange.book_of(market, now)])
        elif channel == "state":
            self._push(socket, channel, [exchange.quote(channel, market, now)])
        elif channel == "deals" and self._history and exchange.deals[market]:
            self._push(socket, channel, exchange.deals[market][-self._history :])

    # ---- HTTP: a session as recovery.py needs it

    def page(self, route: Any, params: Mapping[str, Any], about: str = "") -> Page:
        """Return deals as HTTP answers them."""
        if self.network.strikes("http_fails"):
            raise NoAnswer("nobody answers", endpoint=route.endpoint)
        deals = self.exchange.history(params["market"], params["limit"], params["last_id"])
        return Page(Deal.frame(cells_of(Deal, deals, ())), rows=len(deals))
