"""Placing, changing and cancelling orders, one or several: the same steps on spot and on futures, plain and stop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pandas as pd

from coinex_pandas.api.calls.arguments import Ids, ids_of, one_name, optional, whole_id, word
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.api.orders.batch import Orders, completed, items_of
from coinex_pandas.api.orders.order_request import OrderKind, kind_of, needs_market, new_order, order_change, side_of
from coinex_pandas.errors import InvalidArgument, UnknownMarket

__all__ = [
    "cancel",
    "cancel_all",
    "cancel_by_client_id",
    "cancel_many",
    "modify",
    "modify_many",
    "place",
    "place_many",
]

Params = Mapping[str, Any]

_REQUIRED = frozenset({"market", "side", "type", "amount", "trigger_price", "trigger_price_type"})


def place(verb: Verb, params: Params) -> pd.DataFrame:
    """Place one order, or one stop order."""
    kind = kind_of(verb.route)
    order = new_order(kind, params, verb.rule_source())
    frame = change(verb, order, finds_out=_look_up(kind, order))
    return frame if verb.dry_run else completed(frame, {"client_id": [order["client_id"]]})


def place_many(verb: Verb, orders: Orders, common: Params) -> pd.DataFrame:
    """Place several orders, of any markets; each row says what became of one."""
    kind, rule_source = kind_of(verb.route), verb.rule_source()
    items = items_of(orders, kind.names, [name for name in kind.names if name in _REQUIRED])
    batch = _each(items, lambda item: new_order(kind, {"price": None, **common, **item}, rule_source))
    lists = _each_once(f"{_pending(kind, _quoted(order), order)} and {_finished(kind, order)}" for order in batch)
    frame = change(verb, {"orders": batch}, about=_markets_of(batch), finds_out=f"{lists}, by their client_id")
    return frame if verb.dry_run else completed(frame, {"client_id": [order["client_id"] for order in batch]})


def modify(verb: Verb, params: Params) -> pd.DataFrame:
    """Change one order, or one stop order."""
    kind = kind_of(verb.route)
    order = order_change(kind, params, verb.rule_source())
    return change(verb, order, finds_out=_status(kind, order))


def modify_many(verb: Verb, orders: Orders, common: Params) -> pd.DataFrame:
    """Change several orders, of any markets."""
    kind, rule_source = kind_of(verb.route), verb.rule_source()
    items = items_of(orders, ("market", "market_type", "order_id", "amount", "price"), ("market", "order_id"))
    batch = _each(items, lambda item: order_change(kind, {**common, **item}, rule_source))
    finds_out = _each_once(_statuses(kind, order["market"], batch) for order in batch)
    frame = change(verb, {"orders": batch}, about=_markets_of(batch), finds_out=finds_out)
    return frame if verb.dry_run else completed(frame, {"order_id": [order["order_id"] for order in batch]})


def cancel(verb: Verb, market: str, number: int | str, common: Params) -> pd.DataFrame:
    """Cancel one order, or one stop order."""
    kind = kind_of(verb.route)
    order = {"market": one_name(market, "market"), **common, kind.id_name: whole_id(number, kind.id_name)}
    return change(verb, order, finds_out=_status(kind, order))


def cancel_many(verb: Verb, market: str, numbers: Ids, common: Params) -> pd.DataFrame:
    """Cancel several orders of one market by their ids."""
    kind = kind_of(verb.route)
    name, ids = one_name(market, "market"), ids_of(numbers, f"{kind.id_name}s")
    params = {"market": name, **common, f"{kind.id_name}s": ids}
    frame = change(verb, params, finds_out=_pending(kind, f'"{name}"'))
    return frame if verb.dry_run else completed(frame, {kind.id_name: ids})


def cancel_all(verb: Verb, market: str, side: str | None, common: Params) -> pd.DataFrame:
    """Cancel all orders of one market."""
    name = one_name(market, "market")
    params = {"market": name, **common, "side": side_of(side)}
    return change(verb, params, finds_out=_pending(kind_of(verb.route), f'"{name}"', common))


def cancel_by_client_id(verb: Verb, client_id: str, market: str | None, common: Params) -> pd.DataFrame:
    """Cancel every order that carries a client_id."""
    own_id = word(client_id, "client_id")
    name = optional(one_name, market, "market")
    needs_market(name, common)
    arguments = ", ".join([*([f'"{name}"'] if name else []), f'client_id="{own_id}"'])
    params = {"market": name, **common, "client_id": own_id}
    frame = change(verb, params, finds_out=_pending(kind_of(verb.route), arguments, common))
    return frame if verb.dry_run else completed(frame, {"client_id": [own_id] * len(frame)})


def _each(items: Iterable[Params], make: Callable[[Params], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every order of a batch; one that cannot be right stops all, and the error names its place."""
    batch = []
    for at, item in enumerate(items):
        try:
            batch.append(make(item))
        except (InvalidArgument, UnknownMarket) as fault:
            fault.add_note(f"orders, item {at}; nothing was sent")
            raise
    return batch


def _markets_of(orders: Iterable[Params]) -> str:
    return ", ".join(dict.fromkeys(str(order["market"]) for order in orders))


def _look_up(kind: OrderKind, order: Params) -> str:
    """Return the call that finds an order by its client_id: among the open ones, or else the finished ones."""
    arguments = f'{_quoted(order)}, client_id="{order["client_id"]}"'
    return f"{_pending(kind, arguments, order)}, and if it is not there {_finished(kind, order)}"


def _status(kind: OrderKind, order: Params) -> str:
    """Return the call that shows what became of an order, by its id."""
    if kind.is_stop:
        return _pending(kind, _quoted(order), order)
    return f"cx.{kind.area}_order_status({_quoted(order)}, {order['order_id']})"


def _statuses(kind: OrderKind, market: str, orders: Iterable[Params]) -> str:
    """Return the call that shows what became of the orders of one market."""
    ids = [order["order_id"] for order in orders if order["market"] == market]
    return f'cx.{kind.area}_order_statuses("{market}", {ids})'


def _pending(kind: OrderKind, arguments: str, params: Params | None = None) -> str:
    return f"cx.{kind.area}_pending_{_listed(kind)}({arguments}{_margin(params or {})})"


def _finished(kind: OrderKind, order: Params) -> str:
    return f"cx.{kind.area}_finished_{_listed(kind)}({_quoted(order)}{_margin(order)})"


def _listed(kind: OrderKind) -> str:
    return "stop_orders" if kind.is_stop else "orders"


def _margin(params: Params) -> str:
    return ', market_type="MARGIN"' if params.get("market_type") == "MARGIN" else ""


def _quoted(order: Params) -> str:
    return f'"{order["market"]}"'


def _each_once(calls: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(calls))
