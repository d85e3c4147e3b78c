"""The value of a futures contract and the margin that it needs: pure arithmetic with Decimals.

A linear contract is counted in the base currency, worth amount * price, and settled in the quote currency; an
inverse one is counted in US dollars, worth amount / price, and settled in the base currency. Where a division or a
rate does not end, money is rounded down to 20 places, and what is set aside for an order is rounded up, so that
the parts of an order never need more than the whole. The rounded number moves, on both sides.

Computes in the current decimal context, which is `WIDE` during a turn of `Trading`.
"""

from __future__ import annotations

from decimal import ROUND_DOWN, ROUND_UP, Decimal
from functools import lru_cache
from typing import Literal, NamedTuple

from coinex_pandas.simulator.engine.ledger import WIDE
from coinex_pandas.simulator.market import reference
from coinex_pandas.simulator.market.catalogue import Market

__all__ = [
    "Side",
    "Tier",
    "best_leverage",
    "contract_value",
    "direction",
    "exact_value",
    "leverages",
    "money",
    "price_of",
    "profit",
    "reserve",
    "settle_ccy",
    "threshold",
    "tier",
    "tiers",
]


Side = Literal["long", "short"]

ZERO = Decimal(0)
_PLACES = Decimal("1e-20")


class Tier(NamedTuple):
    """The largest leverage and the maintenance margin rate for positions up to an amount."""

    amount: Decimal
    leverage: Decimal
    maintenance_rate: Decimal


def money(value: Decimal) -> Decimal:
    """Round down to 20 places."""
    return value.quantize(_PLACES, ROUND_DOWN, WIDE)


def reserve(value: Decimal) -> Decimal:
    """Round up to 20 places."""
    return value.quantize(_PLACES, ROUND_UP, WIDE)


def settle_ccy(market: Market) -> str:
    """Return the currency that margin, profit and fees of a market are paid in."""
    return market.base if market.inverse else market.quote


def contract_value(market: Market, price: Decimal, amount: Decimal) -> Decimal:
    """Return the value of an amount at a price, in the settlement currency."""
    return money(exact_value(market, price, amount))


def exact_value(market: Market, price: Decimal, amount: Decimal) -> Decimal:
    """Return `contract_value` before it is rounded to money."""
    return amount / price if market.inverse else amount * price


def price_of(market: Market, value: Decimal, amount: Decimal) -> Decimal:
    """Return the price at which an amount has a value; 0 when there is none."""
    if value <= 0 or amount <= 0:
        return ZERO
    return money(amount / value if market.inverse else value / amount)


def direction(market: Market, side: Side) -> int:
    """Return 1 when a position gains as its value rises, -1 when it gains as its value falls.

    An inverse contract's value falls as the price rises.
    """
    return 1 if (side == "long") is not market.inverse else -1


def profit(market: Market, side: Side, before: Decimal, after: Decimal) -> Decimal:
    """Return what a position gains, or loses, while its value goes from one number to another."""
    return direction(market, side) * (after - before)


def threshold(
    market: Market, side: Side, amount: Decimal, value: Decimal, *, backing: Decimal, rate: Decimal
) -> Decimal:
    """Return the price at which backing and profit together are only `rate` of the position's value; 0: no price.

    Parameters
    ----------
    market, side, amount
        The position's.
    value : Decimal
        Of the position at the price that profit is counted from.
    backing : Decimal
        The money that covers its losses.
    rate : Decimal
        The maintenance margin rate for the liquidation price, 0 for the bankruptcy price.
    """
    sign = direction(market, side)
    return price_of(market, (sign * value - backing) / (sign - rate), amount)


@lru_cache(maxsize=512)
def tiers(market: Market) -> tuple[Tier, ...]:
    """Return the tiers of a futures market, smallest first, as `futures_position_levels` shows them."""
    return tuple(
        Tier(Decimal(row["amount"]), Decimal(row["leverage"]), Decimal(row["maintenance_margin_rate"]))
        for row in reference.position_level(market)["level"]
    )


def tier(market: Market, amount: Decimal) -> Tier:
    """Return the tier of a position's size; the last one for all that is larger."""
    return next((each for each in tiers(market) if amount <= each.amount), tiers(market)[-1])


def best_leverage(market: Market, amount: Decimal) -> Decimal:
    """Return the highest leverage for a size; 0 when no position may be so large."""
    return tier(market, amount).leverage if amount <= tiers(market)[-1].amount else ZERO


def leverages(market: Market) -> list[int]:
    """Return the leverages that a market offers."""
    texts = reference.futures_market(market, 0, open_interest="0", available=True)["leverage"]
    return [int(text) for text in texts]
