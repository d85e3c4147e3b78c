"""An order, its deals, and how its amounts change with fills."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Literal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.tape import VALUE_PLACES

__all__ = ["Deal", "Order", "Role", "value_of"]

Role = Literal["maker", "taker"]

ZERO = Decimal(0)


@dataclass(slots=True, eq=False)
class Order:
    """One order of an account.

    Attributes
    ----------
    area : str
        ``spot`` or ``futures``.
    market_type : str
        ``SPOT``, ``MARGIN`` or ``FUTURES``.
    type : str
        ``limit``, ``market``, ``maker_only``, ``ioc`` or ``fok``.
    amount, unfilled : Decimal
        The amount ordered, and how much of it is open, in `ccy`.
    filled, filled_value : Decimal
        The amount bought or sold, in the market's base currency whatever `ccy` is, and its value.
    price : Decimal
        The limit; 0 for a market order.
    ccy : str
        The currency of `amount`: the base, or the quote for market orders by value.
    planned_amount, planned_value : Decimal
        What the open part of a market order is about to trade, which it has no price to compute from. `Matching`
        sets both before it calls `hold`.
    held : dict
        The amounts that the settlement has set aside, by currency.
    fees : dict
        The fees charged so far, by currency, without the discounted ones.
    discount_fee : Decimal
        The fees charged in CET in place of other fees.
    stop_id : int
        The stop order it came from; 0 for none.
    origin : str
        Who placed it: empty for the user, or ``close``, ``take_profit``, ``stop_loss``, ``liq``, ``adl``.
    is_done : bool
        Whether it is filled or cancelled.
    """

    order_id: int
    account: Account
    area: str
    market: Market
    market_type: str
    side: str
    type: str
    amount: Decimal
    price: Decimal
    ccy: str
    created_at: int
    maker_fee_rate: Decimal
    taker_fee_rate: Decimal
    client_id: str = ""
    is_hide: bool = False
    stp_mode: str = ""
    reduce_only: bool = False
    position_id: int = 0
    stop_id: int = 0
    origin: str = ""
    unfilled: Decimal = field(init=False)
    updated_at: int = field(init=False)
    filled: Decimal = ZERO
    filled_value: Decimal = ZERO
    last_filled_amount: Decimal = ZERO
    last_filled_price: Decimal = ZERO
    planned_amount: Decimal = ZERO
    planned_value: Decimal = ZERO
    held: dict[str, Decimal] = field(default_factory=dict)
    fees: dict[str, Decimal] = field(default_factory=dict)
    discount_fee: Decimal = ZERO
    realized_pnl: Decimal = ZERO
    is_done: bool = False

    def __post_init__(self) -> None:
        self.unfilled = self.amount
        self.updated_at = self.created_at

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.side == "buy"

    @property
    def by_value(self) -> bool:
        """Whether its amount is in the quote currency."""
        return self.area == "spot" and self.ccy != self.market.base

    @property
    def open_amount(self) -> Decimal:
        """The amount that it may still buy or sell, in the unit of the market's amounts."""
        return self.planned_amount if self.type == "market" else self.unfilled

    @property
    def open_value(self) -> Decimal:
        """The value of `open_amount`: at its limit, or as planned for a market order."""
        return self.planned_value if self.type == "market" else value_of(self.market, self.price, self.unfilled)

    @property
    def status(self) -> str:
        """The status as the wire names it; a market order by value that leaves a remainder is filled."""
        if not self.is_done:
            return "part_filled" if self.filled else "open"
        if not self.filled:
            return "canceled"
        return "part_canceled" if self.unfilled and not self.by_value else "filled"

    def apply(self, price: Decimal, amount: Decimal, at: int) -> None:
        """Count a fill."""
        value = value_of(self.market, price, amount)
        self.filled += amount
        self.filled_value += value
        self.unfilled -= value if self.by_value else amount
        if self.type == "market":
            self.planned_amount -= amount
            self.planned_value -= value
        self.last_filled_amount, self.last_filled_price, self.updated_at = amount, price, at


@dataclass(slots=True, eq=False)
class Deal:
    """One fill of one order; the other side may be the simulated liquidity or another order."""

    deal_id: int
    order: Order
    created_at: int
    price: Decimal
    amount: Decimal
    role: Role
    fee: Decimal
    fee_ccy: str
    position_id: int = 0
    realized_pnl: Decimal = ZERO


def value_of(market: Market, price: Decimal, amount: Decimal) -> Decimal:
    """Return the value of an amount: in quote currency, or in coins for an inverse market's US dollars."""
    if market.inverse:
        return (amount / price).quantize(Decimal(1).scaleb(-VALUE_PLACES), ROUND_DOWN)
    return price * amount
