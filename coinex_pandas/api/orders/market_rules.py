"""A market's rules, and whether an order follows them, before anything is sent.

The exchange refuses an order with codes that name no parameter; the errors here say which one, and what would do.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal, localcontext
from typing import Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

import pandas as pd

from coinex_pandas.api.market.markets import futures_markets, spot_markets
from coinex_pandas.errors import InvalidArgument, UnknownMarket
from coinex_pandas.http.route import route_of
from coinex_pandas.http.session import Session

__all__ = ["Area", "Rules", "rules_of"]

Area = Literal["spot", "futures"]

_WIDE = Context(prec=100)  # the caller's own may round to a few digits

_rules_by_session: WeakKeyDictionary[Session, dict[tuple[str, str], Rules]] = WeakKeyDictionary()


class Rules(NamedTuple):
    """What a market requires of its orders.

    Attributes
    ----------
    market : str
        Its name.
    table : str
        The function that lists the rules, for errors.
    base_ccy, quote_ccy : str
        Its currencies.
    amount_step : Decimal or None
        Amounts are multiples of it; None where the exchange does not say.
    price_step : Decimal or None
        Prices are multiples of it; None where the exchange does not say.
    min_amount : Decimal or None
        The smallest amount.
    """

    market: str
    table: str
    base_ccy: str
    quote_ccy: str
    amount_step: Decimal | None
    price_step: Decimal | None
    min_amount: Decimal | None

    def check_order(self, order: Mapping[str, Any]) -> None:
        """Raise unless the market takes an order, or a change of one: its currency, amount and prices."""
        ccy = order.get("ccy")
        if ccy is not None:
            self.check_ccy(ccy)
        if "amount" in order and ccy in (None, self.base_ccy):  # the steps of amounts in quote_ccy are not documented
            self.check_amount(order["amount"])
        for name in ("price", "trigger_price"):
            if name in order:
                self.check_price(order[name], name)

    def check_amount(self, text: str) -> None:
        """Raise unless an amount in the market's own unit is large enough, and no finer than the market counts."""
        self._check_step("amount", text, self.amount_step)
        if self.min_amount is not None and Decimal(text) < self.min_amount:
            raise InvalidArgument(
                f"amount {text} on {self.market}: the smallest order is {self.min_amount:f}{self._advice()}"
            )

    def check_price(self, text: str, parameter: str = "price") -> None:
        """Raise unless a price is a multiple of the market's price step."""
        self._check_step(parameter, text, self.price_step)

    def check_ccy(self, ccy: str) -> None:
        """Raise unless a currency is one of the market's two."""
        if ccy not in (self.base_ccy, self.quote_ccy):
            raise InvalidArgument(
                f"ccy {ccy!r} on {self.market}: an amount is counted in {self.base_ccy} or {self.quote_ccy}"
            )

    def _check_step(self, parameter: str, text: str, step: Decimal | None) -> None:
        if step is None:
            return
        number = Decimal(text)
        with localcontext(_WIDE):
            below, above = ((number / step).to_integral_value(way) * step for way in (ROUND_FLOOR, ROUND_CEILING))
        if below == number:
            return
        nearest = " and ".join(f"{near:f}" for near in (below, above) if near > 0)
        raise InvalidArgument(
            f"{parameter} {text} on {self.market}: only multiples of {step:f} are taken; the nearest are "
            f"{nearest}{self._advice()}"
        )

    def _advice(self) -> str:
        return f" (by cx.{self.table}({self.market!r}); check=False sends it as it is)"


def rules_of(area: Area, market: str, session: Session) -> Rules:
    """Return a market's rules, read once for each session and market.

    Raises
    ------
    UnknownMarket
        There is no such market.
    InvalidArgument
        It does not take orders over the API.
    """
    rules = _rules_by_session.setdefault(session, {})  # without a lock, which a forked child might inherit
    if (area, market) not in rules:
        rules[area, market] = _read(area, market, session)
    return rules[area, market]


def _read(area: Area, market: str, session: Session) -> Rules:
    """Read a market's rules; those of a closed market are not remembered, because it may open."""
    route = route_of(spot_markets if area == "spot" else futures_markets)
    frame = session.page(route, {"market": market}, "decimal", market).frame
    if market not in frame.index:
        raise UnknownMarket(0, "the answer (code 0) leaves it out", endpoint=route.endpoint, about=market)
    row = frame.loc[[market]].iloc[0]
    flags = ("is_api_trading_available",) if area == "spot" else ("is_api_trading_available", "is_market_available")
    if closed := [flag for flag in flags if not pd.isna(row[flag]) and not row[flag]]:
        raise InvalidArgument(
            f"market {market} takes no orders: {closed[0]} is False in cx.{route.name}({market!r}); choose another "
            "market; check=False sends it as it is"
        )
    return _rules(market, route.name, row)


def _rules(market: str, table: str, row: pd.Series[Any]) -> Rules:
    # Amounts of inverse markets are counted in quote_ccy, whose decimals the exchange does not say.
    is_inverse = row.get("contract_type") == "inverse"
    tick = row.get("tick_size")
    return Rules(
        market,
        table,
        str(row["base_ccy"]),
        str(row["quote_ccy"]),
        None if is_inverse else _step(row["base_ccy_precision"]),
        tick if isinstance(tick, Decimal) and tick > 0 else _step(row["quote_ccy_precision"]),
        row["min_amount"] if isinstance(row["min_amount"], Decimal) else None,
    )


def _step(decimals: Any) -> Decimal | None:
    return None if pd.isna(decimals) else Decimal((0, (1,), -int(decimals)))
