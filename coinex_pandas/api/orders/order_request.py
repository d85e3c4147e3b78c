"""Orders as the exchange takes them: checked, exact, each with a name of its own; shared by both areas and batches."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import choice, flag, one_name, positive, whole_id
from coinex_pandas.api.orders.market_rules import Area, rules_of
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.session import Session

__all__ = [
    "BuySell",
    "OrderType",
    "Sort",
    "SpotOrMargin",
    "StpMode",
    "TriggerPrice",
    "changed",
    "client_id_of",
    "new",
    "price_of",
    "spot_or_margin",
]


BuySell = Literal["buy", "sell"]
OrderType = Literal["limit", "market", "maker_only", "ioc", "fok"]
StpMode = Literal["ct", "cm", "both"]
TriggerPrice = Literal["latest_price", "mark_price", "index_price"]
SpotOrMargin = Literal["SPOT", "MARGIN"]

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class Sort(NamedTuple):
    """Which sort of order it is about.

    Attributes
    ----------
    area : {"spot", "futures"}
        Where it trades.
    is_stop : bool
        Whether it waits for a price.
    """

    area: Area
    is_stop: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """What can be said of a new order, in the order in which it is sent."""
        spot = self.area == "spot"
        ccy = ("ccy",) if spot else ()
        trigger = (("trigger_price",) if spot else ("trigger_price_type", "trigger_price")) if self.is_stop else ()
        return ("market", "market_type", "side", "type", *ccy, "amount", "price", *trigger, *_LAST)

    @property
    def id_name(self) -> str:
        """What its id is called."""
        return "stop_id" if self.is_stop else "order_id"


_LAST = ("client_id", "is_hide", "stp_mode")


def new(sort: Sort, given: Mapping[str, Any], *, check: bool, session: Session | None) -> dict[str, Any]:
    """Return the JSON object of a new order.

    Parameters
    ----------
    sort : Sort
        Which sort of order.
    given : mapping
        Its parameters by name; None for what was not given.
    check : bool
        Whether to compare it with the market's rules, which are asked for once.
    session
        Where to ask.

    Raises
    ------
    InvalidArgument, UnknownMarket
        It cannot be right; nothing was sent.
    """
    kind = choice(given["type"], get_args(OrderType), "type")
    made: dict[str, Any] = {
        "market": one_name(given["market"], "market"),
        "market_type": _market_type(sort, given),
        "side": choice(given["side"], get_args(BuySell), "side"),
        "type": kind,
        "ccy": _ccy(sort, kind, given.get("ccy")),
        "amount": positive(given["amount"], "amount"),
        "price": price_of(kind, given.get("price")),
        "client_id": client_id_of(given.get("client_id")),
        "is_hide": flag(given.get("is_hide", False), "is_hide") or None,  # no is the exchange's default, and left out
        "stp_mode": None if given.get("stp_mode") is None else choice(given["stp_mode"], get_args(StpMode), "stp_mode"),
    }
    if sort.is_stop:
        made["trigger_price"] = positive(given["trigger_price"], "trigger_price")
    if sort.is_stop and sort.area == "futures":
        made["trigger_price_type"] = choice(given["trigger_price_type"], get_args(TriggerPrice), "trigger_price_type")
    if check:
        _check(sort, made, session)
    return {name: made[name] for name in sort.names if made[name] is not None}


def changed(sort: Sort, given: Mapping[str, Any], *, check: bool, session: Session | None) -> dict[str, Any]:
    """Return the JSON object that changes an order: its id, and what shall be otherwise."""
    numbers = ("amount", "price", "trigger_price") if sort.is_stop else ("amount", "price")
    news = {name: positive(given[name], name) for name in numbers if given.get(name) is not None}
    if not news:
        raise InvalidArgument(f"{', '.join(numbers)}: at least one of them says what shall change")
    made = {
        "market": one_name(given["market"], "market"),
        "market_type": _market_type(sort, given),
        sort.id_name: whole_id(given[sort.id_name], sort.id_name),
        **news,
    }
    if check:
        _check(sort, made, session)
    return made


def _check(sort: Sort, order: Mapping[str, Any], session: Session | None) -> None:
    rules = rules_of(sort.area, order["market"], session)
    if order.get("ccy") is not None:
        rules.check_ccy(order["ccy"])
    if "amount" in order and order.get("ccy") in (
        None,
        rules.base_ccy,
    ):  # nobody tells the steps of amounts in quote_ccy
        rules.check_amount(order["amount"])
    for name in ("price", "trigger_price"):
        if order.get(name) is not None:
            rules.check_price(order[name], name)


def _market_type(sort: Sort, given: Mapping[str, Any]) -> str:
    if sort.area == "futures":
        return str(choice(given.get("market_type", "FUTURES"), ("FUTURES",), "market_type"))
    return spot_or_margin(given.get("market_type", "SPOT"))


def spot_or_margin(market_type: Any) -> str:
    """Return which account of the spot markets is meant, as the exchange spells it."""
    return str(choice(market_type, get_args(SpotOrMargin), "market_type"))


def _ccy(sort: Sort, kind: str, ccy: Any) -> str | None:
    """Return the currency of a market order's amount.

    What the exchange takes it for when it is left out is not documented (clients rely on quote_ccy for buying, base_ccy
    for selling): 1 BTC and 1 USDT are too far apart to leave it open.
    """
    if sort.area == "futures" or kind != "market":
        if ccy is not None:
            raise InvalidArgument(f"ccy {ccy!r}: only market orders on spot say what their amount is counted in")
        return None
    if ccy is None:
        raise InvalidArgument(
            'ccy: a market order on spot says what its amount is counted in, such as ccy="USDT" to spend or receive '
            'that much, or ccy="BTC" to buy or sell that much'
        )
    return one_name(ccy, "ccy")


def price_of(kind: str, price: Any) -> str | None:
    """Return an order's price; None for a market order, which has none."""
    if kind == "market" and price is not None:
        raise InvalidArgument(f"price {price!r}: a market order has none; use type='limit' or 'ioc' to bound its price")
    if kind != "market" and price is None:
        raise InvalidArgument(f"price: an order of type {kind!r} needs one")
    return None if price is None else positive(price, "price")


def client_id_of(given: Any) -> str:
    """Return the name of a new order: the caller's, or one made here, so that an order can always be looked up."""
    if given is None:
        return f"cx-{secrets.token_hex(12)}"
    if not isinstance(given, str) or not _CLIENT_ID.fullmatch(given):
        raise InvalidArgument(f"client_id: 1 to 32 letters, digits, hyphens and underscores, not {given!r}")
    return given


Function = Callable[..., pd.DataFrame]


def side_of(side: str | None) -> str | None:
    """Return the one side that is asked for, None for both."""
    return None if side is None else str(choice(side, ("buy", "sell"), "side"))


def needs_market(market: str | None, params: Mapping[str, Any]) -> None:
    """Raise where the exchange wants a market: on margin."""
    if market is None and params.get("market_type") == "MARGIN":
        raise InvalidArgument("market: on margin the exchange takes one market at a time; name it")


FUTURES = {"market_type": "FUTURES"}
