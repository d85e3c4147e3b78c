"""The private side of the exchange: endpoints that answer for an account, and processes that time moves on.

Nothing here runs by itself: `Trading.advance` brings everything up to the clock, before each answer and each push.
The time since the last call is cut into stretches that end where a process says that something is due, so that a
deposit, a fill and a funding settlement happen in their order, however far the clock has jumped.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Any, Protocol

from coinex_pandas.simulator.endpoints import Endpoints
from coinex_pandas.simulator.engine.accounts import Account, Accounts
from coinex_pandas.simulator.engine.ledger import OUTSIDE, WIDE, Ledger, Purse
from coinex_pandas.simulator.market.catalogue import MINUTE
from coinex_pandas.simulator.market.clock import Clock, Moment
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Reply

__all__ = ["Event", "Process", "Trading"]

_LONG_STRETCH = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to an account, for its sockets.

    Attributes
    ----------
    account : Account
        Whose it is.
    area, method : str
        Which socket and channel, such as ``futures`` and ``order``.
    name : str
        The market, or for balances the currency: what subscriptions choose by.
    data : dict
        The ``data`` of the push, ready for JSON.
    at : int
        When it happened.
    """

    account: Account
    area: str
    method: str
    name: str
    data: dict[str, Any]
    at: int


class Process(Protocol):
    """Something that goes on while time passes."""

    def next_due(self, at: int) -> int | None:
        """Return when the next stretch of time that it handles on its own ends, after `at`; None when it needs none."""

    def step(self, start: int, end: int) -> None:
        """Do everything that happens in (start, end]; ``Trading.at`` is the end already."""


class Trading:
    """Accounts, ledger, private endpoints and processes of one exchange.

    Parameters
    ----------
    world : World
        The simulated markets.
    clock : Clock
        The exchange's time.

    Attributes
    ----------
    endpoints : Endpoints
        The private ones; their methods take account and parameters.
    processes : list of Process
        Stepped in order.
    listeners : list of callable
        Called with each `Event` as it happens.
    at : int
        The exchange's time: how far everything has been brought.
    after_turn : list of callable
        Called when a request is answered or a step is done, for events that are published once and not for each change.
    freeze : callable
        Returns when trading ended, None while it goes on; set by the exchange.
    """

    def __init__(self, world: World, clock: Clock) -> None:
        self.world = world
        self.clock = clock
        self.ledger = Ledger()
        self.accounts = Accounts()
        self.endpoints = Endpoints()
        self.processes: list[Process] = []
        self.listeners: list[Callable[[Event], None]] = []
        self.after_turn: list[Callable[[], None]] = []
        self.freeze: Callable[[], int | None] = lambda: None
        self.lock = (
            threading.RLock()
        )  # requests come on the server's threads, and from the program that runs the sandbox
        self.at = clock.now_ms()
        self._last_number = 0

    def answer(self, name: str, account: Account, params: Params) -> Reply:
        """Answer a private request; raises Refusal."""
        with self.turn():
            method = self.endpoints.find(name)
            if method is None:
                raise LookupError(f"the sandbox has no private endpoint {name!r}")
            return method(account, params)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Bring everything up to the clock, do one thing, and publish what it changed; other threads wait meanwhile."""
        with self.lock, localcontext(WIDE):
            self.advance()
            try:
                yield
            finally:
                self._end_turn()

    @property
    def is_far_behind(self) -> bool:
        """Whether it takes a while to bring everything up to the clock: too long for an event loop to wait."""
        return self.clock.now_ms() - self.at > _LONG_STRETCH

    def advance(self) -> None:
        """Bring everything up to the clock."""
        with self.lock, localcontext(WIDE):
            until = self.clock.now_ms()
            while self.at < until:
                dues = [due for process in self.processes if (due := process.next_due(self.at)) is not None]
                end = min([until, *dues])
                if end <= self.at:
                    raise AssertionError(f"a process wants to be stepped to {end}, which is not after {self.at}")
                start, self.at = self.at, end
                for process in self.processes:
                    process.step(start, end)
                self._end_turn()

    def moment(self) -> Moment:
        """Return the instant that everything has been brought to, and whether trading has ended."""
        return Moment(self.at, self.freeze())

    def _end_turn(self) -> None:
        for call in self.after_turn:
            call()

    def publish(self, event: Event) -> None:
        """Pass an event on to the listeners."""
        for listener in self.listeners:
            listener(event)

    def number(self) -> int:
        """Return the next number for an order, deal, position, transfer ...: they rise through the whole exchange."""
        self._last_number += 1
        return 130_000_000_000 + self._last_number

    def deposit(self, account: Account, ccy: str, amount: str | int | Decimal, wallet: str = "spot") -> None:
        """Give an account money from outside, at once and without a deposit record."""
        with self.turn():
            self.ledger.move(ccy, Decimal(amount), OUTSIDE, Purse(account.name, wallet), kind="deposit", at=self.at)
