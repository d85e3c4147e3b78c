"""The interface between matching and the money that moves with each fill, and its side for spot and margin."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Protocol

from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import FEES, LIQUIDITY, Purse
from coinex_pandas.simulator.engine.valuation import dollars
from coinex_pandas.simulator.orders.order import Order, Role

__all__ = ["Fill", "Settlement", "SpotSettlement", "purse_of"]

ZERO = Decimal(0)
_DISCOUNT = Decimal("0.8")
_DISCOUNT_CCY = "CET"
_DISCOUNT_STEP = Decimal("1e-8")


@dataclass(frozen=True, slots=True)
class Fill:
    """What a fill has cost and gained.

    Attributes
    ----------
    fee : Decimal
        In `fee_ccy`.
    is_discount : bool
        Whether the fee was paid in CET in place of the usual currency.
    position_id : int
        The futures position that it opened or changed.
    realized_pnl : Decimal
        What a futures position has gained or lost by it.
    """

    fee: Decimal
    fee_ccy: str
    position_id: int = 0
    realized_pnl: Decimal = Decimal(0)
    is_discount: bool = False


class Settlement(Protocol):
    """Sets aside what orders need and moves money when they trade.

    `Matching` calls in this order: `hold` when an order is placed or modified; for each fill `fill`, while the
    order's numbers still are those before it, and then, the numbers counted, `hold` again for what is open;
    `release` when nothing is.
    """

    def hold(self, order: Order) -> None:
        """Set aside exactly what the order's open part needs now; calling it again changes nothing.

        Raises
        ------
        Refusal
            Code 3109: there is not enough. Nothing has changed then, and what was held before stays held. After a
            fill the rest of the order is cancelled.
        """

    def release(self, order: Order) -> None:
        """Release what is held: the order has ended."""

    def fill(
        self, order: Order, price: Decimal, amount: Decimal, *, role: Role, at: int, other: Purse | Order | None
    ) -> Fill:
        """Move the money of one side of a deal.

        When two orders of this exchange trade with each other it is called once for each; `other` is the order on the
        other side, None for the simulated liquidity. In the ledger each of them pays to the liquidity what the
        other receives from it.
        """


class SpotSettlement:
    """Settles spot and margin orders.

    A buy holds its value in quote currency and is charged in what it gets, the base; a sell holds base and is
    charged in quote. An account that has switched ``cet_discount_enabled`` on pays 80% of the fee, in CET at CET's
    newest price, while its wallet has enough of it. The real discount is not documented, nor what happens when
    CET runs out; here the usual fee is charged then.
    """

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def hold(self, order: Order) -> None:
        """Set aside what the order's open part needs; Refusal 3109 when it is not there."""
        ccy, need = (order.market.quote, order.open_value) if order.is_buy else (order.market.base, order.open_amount)
        self._hold(order, ccy, need)

    def release(self, order: Order) -> None:
        """Release what the order holds."""
        for ccy in order.held:
            self._hold(order, ccy, ZERO)

    def fill(
        self, order: Order, price: Decimal, amount: Decimal, *, role: Role, at: int, other: Purse | Order | None
    ) -> Fill:
        """Pay from what is held, and receive what was bought, less the fee."""
        market, value = order.market, price * amount
        paid, received = ((market.quote, value), (market.base, amount))[:: 1 if order.is_buy else -1]
        purse, ledger = purse_of(order), self._trading.ledger
        ledger.move(*paid, purse, LIQUIDITY, kind="trade", at=at, frozen=True)
        order.held[paid[0]] -= paid[1]
        rate = order.maker_fee_rate if role == "maker" else order.taker_fee_rate
        discount = self._discount(order, purse, value * rate, at)
        if discount is not None:
            ledger.move(*received, LIQUIDITY, purse, kind="trade", at=at)
            return discount
        ccy, gross = received
        fee = gross * rate
        ledger.move(ccy, gross - fee, LIQUIDITY, purse, kind="trade", at=at)
        ledger.move(ccy, fee, LIQUIDITY, FEES, kind="trade", at=at)
        return Fill(fee, ccy)

    def _discount(self, order: Order, purse: Purse, fee_value: Decimal, at: int) -> Fill | None:
        """Charge a fee of that value, in quote currency, in CET; None when the account does not or cannot."""
        if not order.account.main.settings.get("cet_discount_enabled") or not fee_value:
            return None
        value = fee_value * dollars(self._trading, order.market.quote) * _DISCOUNT
        fee = (value / dollars(self._trading, _DISCOUNT_CCY)).quantize(_DISCOUNT_STEP, ROUND_UP)
        if self._trading.ledger.available(purse, _DISCOUNT_CCY) < fee:
            return None
        self._trading.ledger.move(_DISCOUNT_CCY, fee, purse, FEES, kind="trade", at=at)
        return Fill(fee, _DISCOUNT_CCY, is_discount=True)

    def _hold(self, order: Order, ccy: str, need: Decimal) -> None:
        more = need - order.held.get(ccy, ZERO)
        if more > 0:
            self._trading.ledger.freeze(purse_of(order), ccy, more)
        elif more < 0:
            self._trading.ledger.unfreeze(purse_of(order), ccy, -more)
        order.held[ccy] = need


def purse_of(order: Order) -> Purse:
    """Return the wallet that an order trades from."""
    wallet = f"margin:{order.market.name}" if order.market_type == "MARGIN" else order.area
    return Purse(order.account.name, wallet)
