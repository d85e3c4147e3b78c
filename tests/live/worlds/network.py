"""Between the exchange and the client of a simulated world: connections, what passes over them, and what goes wrong."""

from __future__ import annotations

import gzip
import heapq
import json
import random
import struct
import zlib
from collections.abc import Callable
from typing import Any

from tests.live.worlds.exchange import START
from tests.live.worlds.faults import Faults
from tests.live.worlds.ledger import CAME, LOST, UNSENT, Item, Ledger

_NO_PUSH = b'"no push"'
_ODDITIES = (b"[]", b"null", b"{}", _NO_PUSH, b'{"method":"%s","data":{"market":1}}', b"\xff{}")
_OVERTAKEN = 0.5  # seconds that a frame waits for one to overtake it

Part = tuple[str, Item]


class Clock:
    """Simulated seconds, and what is to happen when."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.skew = 0
        """Milliseconds that the client's clock is ahead."""
        self._queue: list[tuple[float, int, Callable[..., Any], tuple[Any, ...]]] = []
        self._count = 0

    @property
    def ms(self) -> int:
        """Unix milliseconds, by the exchange's clock."""
        return START + int(self.now * 1000)

    @property
    def client_ms(self) -> int:
        """Unix milliseconds, by the client's clock."""
        return START + self.skew + int(self.now * 1000)

    def after(self, seconds: float, what: Callable[..., Any], *args: Any) -> None:
        """Have something happen."""
        self._count += 1
        heapq.heappush(self._queue, (self.now + max(0.0, seconds), self._count, what, args))

    def run(self, until: float) -> None:
        """Let time pass."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, what, args = heapq.heappop(queue)
            what(*args)
        self.now = until


class Frame:
    """What is sent at once; without bytes it stands for what was not sent, so that its place in the order is known."""

    __slots__ = ("about", "data", "is_spoilt", "parts", "text")

    def __init__(self, text: str, parts: list[Part]) -> None:
        self.text, self.parts = text.encode(), parts
        self.data: bytes | None = None
        self.is_spoilt = False
        self.about = ""  # the method that can still be read of what is spoilt


class Socket:
    """One connection, as the exchange has it and as the network carries it."""

    def __init__(self) -> None:
        self.is_open = True  # for the client
        self.is_served = True  # by the exchange
        self.is_mute = False  # nothing arrives at the client any more
        self.is_deaf = False  # nothing arrives at the exchange any more
        self.subscribed: dict[str, dict[str, None]] = {}
        self.books: dict[str, Item] = {}  # what was last pushed
        self.flying: dict[int, Frame] = {}
        self.landed: list[Frame] = []  # arrived, to be handed over together
        self.overtaken = 0
        self.last_arrival = self.last_request = 0.0


class Network:
    """Carries frames and requests; loses, spoils, delays, repeats and exchanges them."""

    def __init__(self, clock: Clock, dice: random.Random, ledger: Ledger, faults: Faults) -> None:
        self.clock, self.dice, self.ledger, self.faults = clock, dice, ledger, faults
        self.latency = dice.uniform(0.01, 0.15)
        self.socket: Socket | None = None
        self.deliver: Callable[[list[Frame]], None]
        self.tell_closed: Callable[[str], None]
        self.serve: Callable[[Socket, str], None]
        self._window = dice.choice((0.0, 0.0, 0.0, 0.02, 0.2))  # seconds of frames that are handed over together
        self._packs = dice.random() < 0.02
        self._number = 0
        self._down_until = 0.0

    def strikes(self, name: str, seconds: float = 1.0) -> bool:
        """Return whether something goes wrong now, and count it."""
        chance: float = getattr(self.faults, name)
        if chance and self.dice.random() < chance * seconds:
            self.ledger.faults[name] += 1
            self.ledger.tell(self.clock.now, f"fault: {name}")
            return True
        return False

    # ---- connections

    def connect(self, done: Callable[[Socket | None], None]) -> None:
        """Make a connection, sooner or later, or refuse."""
        pause = self.dice.uniform(1, 6) if self.strikes("slow_connect") else 0.0
        self.clock.after(2 * self.latency + pause, self._made, done)

    def _made(self, done: Callable[[Socket | None], None]) -> None:
        refused = self.clock.now < self._down_until or self.strikes("refuse")
        self.socket = None if refused else Socket()
        done(self.socket)

    def strike(self, seconds: float) -> None:
        """Let the connection suffer what a time of so many seconds brings."""
        socket = self.socket
        if socket is None or not socket.is_served:
            return
        if not socket.is_mute and self.strikes("half_open", seconds):
            self._hand_over(socket)
            socket.is_mute = socket.is_deaf = True
        if not socket.is_deaf and self.strikes("deaf", seconds):
            socket.is_deaf = True
        for how in ("drop", "late_drop", "restart"):
            if socket.is_served and self.strikes(how, seconds):
                self._end(socket, how)

    def _end(self, socket: Socket, how: str) -> None:
        socket.is_served = False
        if how == "restart":
            self._down_until = self.clock.now + self.dice.uniform(0.5, 12)
        if not socket.is_mute:
            pause = socket.last_arrival - self.clock.now + self._window + 0.001 if how == "late_drop" else 0.0
            self.clock.after(pause, self._tell_end, socket)

    def _tell_end(self, socket: Socket) -> None:
        if socket.is_open:
            self.hang_up(socket)
            self.tell_closed("code 1006")

    def hang_up(self, socket: Socket) -> None:
        """End a connection; what is on its way is lost."""
        socket.is_open = socket.is_served = False
        self.socket = None
        for frame in (*socket.landed, *socket.flying.values()):
            self._note_lost(frame)
        socket.landed.clear()
        socket.flying.clear()

    def _note_lost(self, frame: Frame) -> None:
        for kind, item in frame.parts:
            self.ledger.note(UNSENT if kind == UNSENT else LOST, item, self.clock.client_ms)

    # ---- from the client to the exchange

    def send(self, text: str) -> None:
        """Carry a request."""
        socket = self.socket
        if socket is not None:
            arrival = max(socket.last_request, self.clock.now + self.latency * self.dice.uniform(1.0, 1.2))
            socket.last_request = arrival
            self.clock.after(arrival - self.clock.now, self._asked, socket, text)

    def _asked(self, socket: Socket, text: str) -> None:
        if socket.is_served and not socket.is_deaf:
            self.serve(socket, text)

    # ---- from the exchange to the client

    def carry(self, socket: Socket, frame: Frame, *, is_sent: bool = True) -> None:
        """Carry a frame, or the place of one that was not sent."""
        if not socket.is_open:
            return
        now, dice = self.clock.now, self.dice
        if not (self.faults.hits_frames or socket.overtaken):
            arrival = max(socket.last_arrival, now + self.latency * dice.uniform(1.0, 1.5))
            socket.last_arrival = arrival
            if is_sent:
                frame.data = _packed(frame.text) if self._packs else _stored(frame.text)
            self._fly(socket, frame, arrival)
            return
        if self.strikes("stall"):
            socket.last_arrival = max(socket.last_arrival, now) + dice.uniform(0.5, 5)
        arrival = max(socket.last_arrival, now + self.latency * dice.uniform(1.0, 1.5))
        socket.last_arrival = arrival
        if not is_sent:
            self._fly(socket, frame, arrival)
            return
        self._pack(frame)
        if socket.overtaken:
            self._fly(socket, frame, arrival)
            self._let_go(socket, socket.overtaken)
        elif self.strikes("reorder"):
            self._number += 1
            socket.overtaken = self._number
            socket.flying[self._number] = frame
            self.clock.after(_OVERTAKEN, self._let_go, socket, self._number)
        else:
            self._fly(socket, frame, arrival + (dice.uniform(0.01, 1.0) if self.strikes("delay") else 0))
        if self.strikes("duplicate"):
            self._fly(socket, frame, arrival + dice.choice((0.0, 0.0, 0.3)))

    def _let_go(self, socket: Socket, number: int) -> None:
        """Send on a frame that waited for one to overtake it."""
        if socket.overtaken == number and number in socket.flying:
            socket.overtaken = 0
            socket.last_arrival = max(socket.last_arrival, self.clock.now)
            self._fly(socket, socket.flying.pop(number), socket.last_arrival)

    def _fly(self, socket: Socket, frame: Frame, arrival: float) -> None:
        self._number += 1
        socket.flying[self._number] = frame
        self.clock.after(arrival - self.clock.now, self._arrive, socket, self._number)

    def _arrive(self, socket: Socket, number: int) -> None:
        frame = socket.flying.pop(number, None)
        if frame is None:
            return
        if socket.is_mute:
            self._note_lost(frame)
            return
        socket.landed.append(frame)
        if len(socket.landed) == 1:
            if self._window:
                self.clock.after(self._window, self._hand_over, socket)
            else:
                self._hand_over(socket)

    def _hand_over(self, socket: Socket) -> None:
        frames, socket.landed = socket.landed, []
        if frames:
            self.deliver(frames)

    def _pack(self, frame: Frame) -> None:
        text, dice = frame.text, self.dice
        if self.strikes("truncate"):
            text = text[: dice.randint(0, len(text) - 1)]
        elif self.strikes("odd_shape"):
            text = dice.choice(_ODDITIES)
            if b"%s" in text:  # a push of the same channel; its method can be read
                frame.about = json.loads(frame.text).get("method", "deals.update")
                text = text % frame.about.encode()
        frame.is_spoilt = text is not frame.text
        frame.data = _packed(text) if self._packs else _stored(text)
        if self.strikes("corrupt"):
            frame.is_spoilt, frame.about = True, ""
            size = len(frame.data)
            cut = frame.data[: dice.randint(1, size - 1)]
            frame.data = dice.choice((cut, b"\x00" * size, frame.data[:-1] + b"\xfe"))


def ghost(item: Item) -> Frame:
    """Return the place of a row that is not sent."""
    return Frame("", [(UNSENT, item)])


def came(items: list[Item]) -> list[Part]:
    """Return rows as the parts of a frame."""
    return [(CAME, item) for item in items]


def _packed(text: bytes) -> bytes:
    return gzip.compress(text, 1)


def _stored(text: bytes) -> bytes:
    """Return gzip that packs nothing: packing takes a hundred times as long, and is not what is tried here."""
    size = len(text)
    tail = struct.pack("<II", zlib.crc32(text), size)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01" + struct.pack("<HH", size, size ^ 0xFFFF) + text + tail
