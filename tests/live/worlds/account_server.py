"""The exchange's side of the sockets in a simulated private world."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from tests.live.worlds.network import Frame, Network, Socket


class Server:
    """The exchange's side of the sockets: signatures, subscriptions, pushes."""

    def __init__(self, dice: random.Random, area: str, network: Network) -> None:
        self.dice, self.network = dice, network
        self._code = 30_000 if area == "futures" else 20_000
        self.signed: set[Socket] = set()

    def publish(self, method: str, data: Any) -> None:
        """Push something to who is subscribed."""
        socket = self.network.socket
        if socket is not None and socket.is_served and method in socket.subscribed:
            self._send(socket, {"method": f"{method}.update", "data": data, "id": None})

    def serve(self, socket: Socket, text: str) -> None:
        """Answer a request."""
        request = msgspec.json.decode(text)
        channel, _, verb = request["method"].partition(".")
        number, network = request["id"], self.network
        network.ledger.tell(network.clock.now, f"asked: {text}")
        if verb == "ping":
            self._send(socket, {"id": number, "code": 0, "data": {"result": "pong"}, "message": "OK"})
        elif network.strikes("busy"):
            self._refuse(socket, number, self.dice.choice((3001, 3002, 4002)))
        elif verb == "sign":
            self._sign(socket, request["params"], number)
        elif socket not in self.signed:
            self._refuse(socket, number, 1001)
        else:
            self._change(socket, channel, verb, number)

    def _sign(self, socket: Socket, params: dict[str, Any], number: int) -> None:
        if abs(params["timestamp"] - self.network.clock.ms) > 5_000:
            self.network.ledger.faults["clock"] += 1
            self._refuse(socket, number, 1002)
        else:
            self.signed.add(socket)
            self._answer(socket, number)

    def _change(self, socket: Socket, channel: str, verb: str, number: int) -> None:
        if verb == "subscribe":
            socket.subscribed[channel] = {}
        else:
            socket.subscribed.pop(channel, None)
        self._answer(socket, number)

    def _refuse(self, socket: Socket, number: int, code: int) -> None:
        self._send(socket, {"id": number, "code": self._code + code, "message": "no"})

    def _answer(self, socket: Socket, number: int) -> None:
        network = self.network
        if not network.strikes("no_ack"):
            pause = self.dice.choice((0.1, 1.0, 4.0, 9.0)) if network.strikes("late_ack") else 0.0
            network.clock.after(pause, self._send, socket, {"id": number, "code": 0, "message": "OK"})

    def _send(self, socket: Socket, message: Any) -> None:
        if socket.is_served:
            self.network.carry(socket, Frame(msgspec.json.encode(message).decode(), []))
