"""The exchange's side of the sockets in a simulated private world."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from tests.live.worlds.network import Connection, Frame, Network


class Server:
    """The exchange's side of the sockets: signatures, subscriptions, pushes."""

    def __init__(self, dice: random.Random, area: str, network: Network) -> None:
        self.dice, self.network = dice, network
        self._code = 30_000 if area == "futures" else 20_000
        self.signed: set[Connection] = set()

    def publish(self, method: str, data: Any) -> None:
        """Push something to who is subscribed."""
        connection = self.network.connection
        if connection is not None and connection.is_served and method in connection.subscribed:
            self._send(connection, {"method": f"{method}.update", "data": data, "id": None})

    def serve(self, connection: Connection, text: str) -> None:
        """Answer a request."""
        request = msgspec.json.decode(text)
        channel, _, verb = request["method"].partition(".")
        number, network = request["id"], self.network
        network.ledger.tell(network.clock.now, f"asked: {text}")
        if verb == "ping":
            self._send(connection, {"id": number, "code": 0, "data": {"result": "pong"}, "message": "OK"})
        elif network.strikes("busy"):
            self._refuse(connection, number, self.dice.choice((3001, 3002, 4002)))
        elif verb == "sign":
            self._sign(connection, request["params"], number)
        elif connection not in self.signed:
            self._refuse(connection, number, 1001)
        else:
            self._change(connection, channel, verb, number)

    def _sign(self, connection: Connection, params: dict[str, Any], number: int) -> None:
        if abs(params["timestamp"] - self.network.clock.ms) > 5_000:
            self.network.ledger.faults["clock"] += 1
            self._refuse(connection, number, 1002)
        else:
            self.signed.add(connection)
            self._answer(connection, number)

    def _change(self, connection: Connection, channel: str, verb: str, number: int) -> None:
        if verb == "subscribe":
            connection.subscribed[channel] = {}
        else:
            connection.subscribed.pop(channel, None)
        self._answer(connection, number)

    def _refuse(self, connection: Connection, number: int, code: int) -> None:
        self._send(connection, {"id": number, "code": self._code + code, "message": "no"})

    def _answer(self, connection: Connection, number: int) -> None:
        network = self.network
        if not network.strikes("no_ack"):
            pause = self.dice.choice((0.1, 1.0, 4.0, 9.0)) if network.strikes("late_ack") else 0.0
            network.clock.after(pause, self._send, connection, {"id": number, "code": 0, "message": "OK"})

    def _send(self, connection: Connection, message: Any) -> None:
        if connection.is_served:
            self.network.carry(connection, Frame(msgspec.json.encode(message).decode(), []))
