"""One futures position: its size, cost and result. No money moves here."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders.order import Order
from coinex_pandas.simulator.orders.ticket import Ticket, new_order
from coinex_pandas.simulator.positions.contract import Side, contract_value, money, price_of, profit, settle_ccy

__all__ = [
    "CLOSE_ALL",
    "CLOSE_FIRST",
    "Mode",
    "Position",
    "PositionRecords",
    "PositionStop",
    "StopKind",
    "closing_order",
    "market_ticket",
]


Mode = Literal["cross", "isolated"]
StopKind = Literal["stop_loss", "take_profit"]

ZERO = Decimal(0)


@dataclass(slots=True, eq=False)
class PositionStop:
    """A stop loss or take profit order: it closes an amount of a position at a price; `amount` None: all of it."""

    stop_id: int
    kind: StopKind
    price: Decimal
    price_type: str
    amount: Decimal | None
    created_at: int


@dataclass(slots=True, eq=False)
class Position:
    """A position of an account in a market; there is one at a time, long or short.

    Attributes
    ----------
    size : Decimal
        The open amount: base currency on linear markets, US dollars on inverse ones.
    entry_value : Decimal
        The size's value at the prices at which it was opened.
    settled_value : Decimal
        The value from which profit is counted: at the price of the latest settlement, and at its own price for what
        was opened since.
    realized : Decimal
        Results of closing and of settlements, less fees and funding.
    traded_value : Decimal
        The value of all that was opened and closed.
    finished_type : str
        How it ended; empty while it is open.
    """

    position_id: int
    account: Account
    market: Market
    side: Side
    mode: Mode
    leverage: int
    created_at: int
    updated_at: int = 0
    size: Decimal = ZERO
    entry_value: Decimal = ZERO
    settled_value: Decimal = ZERO
    realized: Decimal = ZERO
    traded_value: Decimal = ZERO
    largest_size: Decimal = ZERO
    largest_value: Decimal = ZERO
    largest_margin: Decimal = ZERO
    first_price: Decimal = ZERO
    latest_price: Decimal = ZERO
    finished_type: str = ""
    stop_loss: list[PositionStop] = field(default_factory=list)
    take_profit: list[PositionStop] = field(default_factory=list)
    _last_prices: tuple[Decimal, Decimal] = (ZERO, ZERO)

    @property
    def ccy(self) -> str:
        """The settlement currency."""
        return settle_ccy(self.market)

    @property
    def purse(self) -> Purse:
        """The purse of its margin."""
        return Purse(self.account.name, f"futures:{self.market.name}")

    @property
    def closing_side(self) -> str:
        """The side of an order that closes it."""
        return "sell" if self.side == "long" else "buy"

    @property
    def entry_price(self) -> Decimal:
        """The mean price at which its size was opened; for a closed position the last one."""
        return price_of(self.market, self.entry_value, self.size) if self.size else self._last_prices[0]

    @property
    def settle_price(self) -> Decimal:
        """The price that profit is counted from; for a closed position the last one."""
        return price_of(self.market, self.settled_value, self.size) if self.size else self._last_prices[1]

    @property
    def initial_margin(self) -> Decimal:
        """The margin that its leverage needs."""
        return money(self.settled_value / self.leverage)

    def stops(self, kind: StopKind) -> list[PositionStop]:
        """Return its stop loss or take profit orders, oldest first."""
        return self.stop_loss if kind == "stop_loss" else self.take_profit

    def unrealized(self, price: Decimal) -> Decimal:
        """Return what closing at a price would bring, fees apart."""
        return profit(self.market, self.side, self.settled_value, contract_value(self.market, price, self.size))

    def add(self, price: Decimal, amount: Decimal, at: int) -> Decimal:
        """Become larger and return the value that was added."""
        value = contract_value(self.market, price, amount)
        self.size += amount
        self.entry_value += value
        self.settled_value += value
        self.largest_size = max(self.largest_size, self.size)
        self.largest_value = max(self.largest_value, self.settled_value)
        self._count_trade(price, value, at)
        return value

    def reduce(self, price: Decimal, amount: Decimal, at: int) -> Decimal:
        """Become smaller and return the profit of the part that was closed, fees apart."""
        if not 0 < amount <= self.size:
            raise AssertionError(f"{amount} of {self.size} cannot be closed")
        value = contract_value(self.market, price, amount)
        self._last_prices = (self.entry_price, self.settle_price)
        result = profit(self.market, self.side, self.share(self.settled_value, amount), value)
        self.settled_value -= self.share(self.settled_value, amount)
        self.entry_value -= self.share(self.entry_value, amount)
        self.size -= amount
        self.realized += result
        self._count_trade(price, value, at)
        return result

    def settle(self, price: Decimal, at: int) -> Decimal:
        """Turn the unrealized result at a price into a realized one and return it."""
        result = self.unrealized(price)
        self.settled_value = contract_value(self.market, price, self.size)
        self.largest_value = max(self.largest_value, self.settled_value)
        self.realized += result
        self.updated_at = at
        return result

    def share(self, of: Decimal, amount: Decimal) -> Decimal:
        """Return the part of a number, such as the margin, that belongs to an amount of the size."""
        # the last part is all that is left, so that nothing remains of what was rounded before
        return of if amount == self.size else money(of * amount / self.size)

    def _count_trade(self, price: Decimal, value: Decimal, at: int) -> None:
        self.traded_value += value
        self.first_price = self.first_price or price
        self.latest_price = price
        self.updated_at = at


CLOSE_ALL = "market_close_all"
CLOSE_FIRST = frozenset({CLOSE_ALL, "take_profit", "stop_loss", "liq"})
"""Origins of orders that close before all others; other closing orders are cancelled when too little is left."""


def market_ticket(position: Position, amount: Decimal) -> Ticket:
    """Return the request to close an amount of a position at market."""
    return Ticket(
        market=position.market,
        market_type="FUTURES",
        side=position.closing_side,
        type="market",
        amount=amount,
        price=Decimal(0),
        ccy=position.market.base,
        client_id="",
        is_hide=False,
        stp_mode="",
    )


def closing_order(
    trading: Trading, position: Position, ticket: Ticket, *, at: int, origin: str, stop_id: int = 0
) -> Order:
    """Return an order that can only reduce a position; `origin` says how the position ends if it closes it."""
    order = new_order(ticket, trading, position.account, at, stop_id)
    order.reduce_only, order.position_id, order.origin = True, position.position_id, origin
    return order


Rows = defaultdict[str, list[dict[str, Any]]]


class PositionRecords:
    """Lists by account name.

    Attributes
    ----------
    finished : mapping of Position
        Closed positions.
    margin, funding, settle : mapping of dict
        Changes of margin, funding fees and settlements, as rows for the wire.
    """

    def __init__(self) -> None:
        self.finished: defaultdict[str, list[Position]] = defaultdict(list)
        self.margin: Rows = defaultdict(list)
        self.funding: Rows = defaultdict(list)
        self.settle: Rows = defaultdict(list)
