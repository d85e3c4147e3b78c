"""Orders as they are sent: checked, with exact numbers, each with a client_id; in both areas and in batches."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from typing import Any, Literal, NamedTuple, get_args

from coinex_pandas.api.calls.arguments import choice, flag, one_name, optional, positive, whole_id
from coinex_pandas.api.orders.market_rules import Area, rules_of
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import Session

__all__ = [
    "FUTURES",
    "BuySell",
    "OrderKind",
    "OrderType",
    "SpotOrMargin",
    "StpMode",
    "TriggerPrice",
    "client_id_of",
    "kind_of",
    "needs_market",
    "new_order",
    "order_change",
    "price_of",
    "side_of",
    "spot_or_margin",
]


FUTURES = {"market_type": "FUTURES"}
"""What every request about futures orders carries."""

BuySell = Literal["buy", "sell"]
OrderType = Literal["limit", "market", "maker_only", "ioc", "fok"]
StpMode = Literal["ct", "cm", "both"]
TriggerPrice = Literal["latest_price", "mark_price", "index_price"]
SpotOrMargin = Literal["SPOT", "MARGIN"]

_CLIENT_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")


class OrderKind(NamedTuple):
    """Which kind of order an endpoint is about.

    Attributes
    ----------
    area : {"spot", "futures"}
        Where it trades.
    is_stop : bool
        Whether it waits for a price.
    """

    area: Area
    is_stop: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters of a new order, in the order in which they are sent."""
        spot = self.area == "spot"
        ccy = ("ccy",) if spot else ()
        trigger = (("trigger_price",) if spot else ("trigger_price_type", "trigger_price")) if self.is_stop else ()
        return ("market", "market_type", "side", "type", *ccy, "amount", "price", *trigger, *_LAST)

    @property
    def id_name(self) -> str:
        """What its id is called."""
        return "stop_id" if self.is_stop else "order_id"


_LAST = ("client_id", "is_hide", "stp_mode")


def kind_of(route: Route) -> OrderKind:
    """Return which kind of order an endpoint is about, as its path says: ``/spot/cancel-stop-order``."""
    return OrderKind("spot" if route.path.startswith("/spot/") else "futures", "stop-order" in route.path)


def new_order(kind: OrderKind, params: Mapping[str, Any], rule_source: Session | None) -> dict[str, Any]:
    """Return the JSON object of a new order.

    Parameters
    ----------
    kind : OrderKind
        Which kind of order.
    params : mapping
        The parameters of the public function by name; None for what is left out.
    rule_source : Session or None
        Where to ask for the market's rules that it is compared with; None leaves that to the exchange.

    Raises
    ------
    InvalidArgument, UnknownMarket
        It cannot be right; nothing was sent.
    """
    order_type = choice(params["type"], get_args(OrderType), "type")
    stp_mode = params.get("stp_mode")
    order: dict[str, Any] = {
        "market": one_name(params["market"], "market"),
        "market_type": _market_type(kind, params),
        "side": choice(params["side"], get_args(BuySell), "side"),
        "type": order_type,
        "ccy": _ccy(kind, order_type, params.get("ccy")),
        "amount": positive(params["amount"], "amount"),
        "price": price_of(order_type, params.get("price")),
        "client_id": client_id_of(params.get("client_id")),
        "is_hide": flag(params.get("is_hide", False), "is_hide") or None,  # False is the default, and left out
        "stp_mode": None if stp_mode is None else choice(stp_mode, get_args(StpMode), "stp_mode"),
    }
    if kind.is_stop:
        order["trigger_price"] = positive(params["trigger_price"], "trigger_price")
    if kind.is_stop and kind.area == "futures":
        order["trigger_price_type"] = choice(params["trigger_price_type"], get_args(TriggerPrice), "trigger_price_type")
    order = {name: order[name] for name in kind.names if order[name] is not None}
    if rule_source is not None:
        rules_of(kind.area, order["market"], rule_source).check_order(order)
    return order


def order_change(kind: OrderKind, params: Mapping[str, Any], rule_source: Session | None) -> dict[str, Any]:
    """Return the JSON object that changes an order: its id and the new values; the arguments are as in `new_order`."""
    names = ("amount", "price", "trigger_price") if kind.is_stop else ("amount", "price")
    changes = {name: positive(params[name], name) for name in names if params.get(name) is not None}
    if not changes:
        raise InvalidArgument(f"{', '.join(names)}: name at least one of them with its new value")
    order: dict[str, Any] = {
        "market": one_name(params["market"], "market"),
        "market_type": _market_type(kind, params),
        kind.id_name: whole_id(params[kind.id_name], kind.id_name),
        **changes,
    }
    if rule_source is not None:
        rules_of(kind.area, order["market"], rule_source).check_order(order)
    return order


def _market_type(kind: OrderKind, params: Mapping[str, Any]) -> str:
    if kind.area == "futures":
        return str(choice(params.get("market_type", "FUTURES"), ("FUTURES",), "market_type"))
    return spot_or_margin(params.get("market_type", "SPOT"))


def spot_or_margin(market_type: Any) -> str:
    """Return which account of the spot markets is meant, as the exchange spells it."""
    return str(choice(market_type, get_args(SpotOrMargin), "market_type"))


def _ccy(kind: OrderKind, order_type: str, ccy: Any) -> str | None:
    """Return the currency of a market order's amount.

    What the exchange takes it for when it is left out is not documented (clients rely on quote_ccy for buying, base_ccy
    for selling): 1 BTC and 1 USDT are too far apart to leave it open.
    """
    if kind.area == "futures" or order_type != "market":
        if ccy is not None:
            raise InvalidArgument(
                f"ccy {short_repr(ccy)}: only market orders on spot say what their amount is counted in"
            )
        return None
    if ccy is None:
        raise InvalidArgument(
            'ccy: a market order on spot says what its amount is counted in, such as ccy="USDT" to spend or receive '
            'that much, or ccy="BTC" to buy or sell that much'
        )
    return one_name(ccy, "ccy")


def price_of(order_type: str, price: Any) -> str | None:
    """Return an order's price; None for a market order, which has none."""
    if order_type == "market" and price is not None:
        raise InvalidArgument(
            f"price {short_repr(price)}: a market order has none; use type='limit' or 'ioc' to bound its price"
        )
    if order_type != "market" and price is None:
        raise InvalidArgument(f"price: an order of type {order_type!r} needs one")
    return optional(positive, price, "price")


def client_id_of(client_id: Any) -> str:
    """Return the name of a new order: the caller's, or one made here, so that an order can always be looked up."""
    if client_id is None:
        return f"cx-{secrets.token_hex(12)}"
    if not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        raise InvalidArgument(
            f"client_id: 1 to 32 letters, digits, hyphens and underscores, not {short_repr(client_id)}"
        )
    return client_id


def side_of(side: str | None) -> str | None:
    """Return one side as the exchange spells it, None for both."""
    return None if side is None else str(choice(side, ("buy", "sell"), "side"))


def needs_market(market: str | None, params: Mapping[str, Any]) -> None:
    """Raise where the exchange requires a market: on margin."""
    if market is None and params.get("market_type") == "MARGIN":
        raise InvalidArgument("market: on margin the exchange takes one market at a time; name it")
