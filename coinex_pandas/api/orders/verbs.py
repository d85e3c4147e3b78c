"""What spot and futures do to orders alike: place, change and cancel, alone and in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.calls.arguments import Ids, ids_of, one_name, whole_id, word
from coinex_pandas.api.calls.verb import change, checks
from coinex_pandas.api.orders.batch import Orders, completed, items_of
from coinex_pandas.api.orders.order_request import Sort, changed, needs_market, new, side_of
from coinex_pandas.errors import InvalidArgument, UnknownMarket
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers

__all__ = [
    "Call",
    "cancel",
    "cancel_all",
    "cancel_by_client_id",
    "cancel_many",
    "modify",
    "modify_many",
    "place",
    "place_many",
]

Given = Mapping[str, Any]

_REQUIRED = frozenset({"market", "side", "type", "amount", "trigger_price", "trigger_price_type"})


class Call(NamedTuple):
    """A verb, and how it was called.

    Attributes
    ----------
    function : callable
        The public function.
    sort : Sort
        Which sort of order it is about.
    check : bool
        Whether to compare with the market's rules first.
    dry_run : bool
        Whether to show the request instead of sending it; rules are then not asked for.
    numbers, session
        As in every public function.
    """

    function: Callable[..., pd.DataFrame]
    sort: Sort
    check: bool
    dry_run: bool
    numbers: Numbers | None
    session: Session | None

    def send(self, params: Given, *, about: str, finds_out: str) -> pd.DataFrame:
        """Send the verb's one request."""
        return change(
            self.function,
            params,
            about=about,
            finds_out=finds_out,
            dry_run=self.dry_run,
            numbers=self.numbers,
            session=self.session,
        )

    def new(self, given: Given) -> dict[str, Any]:
        """Return the JSON object of a new order."""
        return new(self.sort, given, check=self._checks(), session=self.session)

    def changed(self, given: Given) -> dict[str, Any]:
        """Return the JSON object that changes an order."""
        return changed(self.sort, given, check=self._checks(), session=self.session)

    def _checks(self) -> bool:
        return checks(self.function, self.check, dry_run=self.dry_run, session=self.session)


def place(call: Call, given: Given) -> pd.DataFrame:
    """Place one order, or one stop order."""
    order = call.new(given)
    frame = call.send(order, about=order["market"], finds_out=_look_up(call.sort, order))
    return frame if call.dry_run else completed(frame, {"client_id": [order["client_id"]]})


def place_many(call: Call, orders: Orders, common: Given) -> pd.DataFrame:
    """Place several orders, of any markets; each row tells what became of one."""
    sort = call.sort
    given = items_of(orders, sort.names, [name for name in sort.names if name in _REQUIRED])
    made = _each(given, lambda item: call.new({"price": None, **common, **item}))
    lists = _each_once(f"{_pending(sort, _quoted(order), order)} and {_finished(sort, order)}" for order in made)
    finds_out = f"{lists}, by their client_id"
    frame = call.send({"orders": made}, about=_markets_of(made), finds_out=finds_out)
    return frame if call.dry_run else completed(frame, {"client_id": [order["client_id"] for order in made]})


def modify(call: Call, given: Given) -> pd.DataFrame:
    """Change one order, or one stop order."""
    order = call.changed(given)
    return call.send(order, about=order["market"], finds_out=_status(call.sort, order))


def modify_many(call: Call, orders: Orders, common: Given) -> pd.DataFrame:
    """Change several orders, of any markets."""
    given = items_of(orders, ("market", "market_type", "order_id", "amount", "price"), ("market", "order_id"))
    made = _each(given, lambda item: call.changed({**common, **item}))
    finds_out = _each_once(_statuses(call.sort, order["market"], made) for order in made)
    frame = call.send({"orders": made}, about=_markets_of(made), finds_out=finds_out)
    return frame if call.dry_run else completed(frame, {"order_id": [order["order_id"] for order in made]})


def cancel(call: Call, market: str, number: int | str, common: Given) -> pd.DataFrame:
    """Cancel one order, or one stop order."""
    id_name = call.sort.id_name
    order = {"market": one_name(market, "market"), **common, id_name: whole_id(number, id_name)}
    return call.send(order, about=order["market"], finds_out=_status(call.sort, order))


def cancel_many(call: Call, market: str, numbers: Ids, common: Given) -> pd.DataFrame:
    """Cancel several orders of one market by their ids."""
    id_name = call.sort.id_name
    name, ids = one_name(market, "market"), ids_of(numbers, f"{id_name}s")
    frame = call.send(
        {"market": name, **common, f"{id_name}s": ids}, about=name, finds_out=_pending(call.sort, f'"{name}"')
    )
    return frame if call.dry_run else completed(frame, {id_name: ids})


def cancel_all(call: Call, market: str, side: str | None, common: Given) -> pd.DataFrame:
    """Cancel all orders of one market."""
    name = one_name(market, "market")
    params = {"market": name, **common, "side": side_of(side)}
    return call.send(params, about=name, finds_out=_pending(call.sort, f'"{name}"', common))


def cancel_by_client_id(call: Call, client_id: str, market: str | None, common: Given) -> pd.DataFrame:
    """Cancel every order that carries a client_id."""
    carried = word(client_id, "client_id")
    name = None if market is None else one_name(market, "market")
    needs_market(name, common)
    asked = ", ".join([*([f'"{name}"'] if name else []), f'client_id="{carried}"'])
    params = {"market": name, **common, "client_id": carried}
    frame = call.send(params, about=name or "", finds_out=_pending(call.sort, asked, common))
    return frame if call.dry_run else completed(frame, {"client_id": [carried] * len(frame)})


def _each(given: Iterable[Given], make: Callable[[Given], dict[str, Any]]) -> list[dict[str, Any]]:
    """Return every order of a batch; one that cannot be right stops all, and its place is told."""
    made = []
    for at, item in enumerate(given):
        try:
            made.append(make(item))
        except (InvalidArgument, UnknownMarket) as fault:
            fault.add_note(f"orders, item {at}; nothing was sent")
            raise
    return made


def _markets_of(orders: Iterable[Given]) -> str:
    return ", ".join(dict.fromkeys(str(order["market"]) for order in orders))


def _look_up(sort: Sort, order: Given) -> str:
    """Return the call that finds an order by its client_id: among the open ones, or else the finished ones."""
    asked = f'{_quoted(order)}, client_id="{order["client_id"]}"'
    return f"{_pending(sort, asked, order)}, and if it is not there {_finished(sort, order)}"


def _status(sort: Sort, order: Given) -> str:
    """Return the call that tells what became of an order that is known by its id."""
    if sort.is_stop:
        return _pending(sort, _quoted(order), order)
    return f"cx.{sort.area}_order_status({_quoted(order)}, {order['order_id']})"


def _statuses(sort: Sort, market: str, orders: Iterable[Given]) -> str:
    """Return the call that tells what became of the orders of one market among several."""
    ids = [order["order_id"] for order in orders if order["market"] == market]
    return f'cx.{sort.area}_order_statuses("{market}", {ids})'


def _pending(sort: Sort, asked: str, params: Given | None = None) -> str:
    return f"cx.{sort.area}_pending_{_listed(sort)}({asked}{_margin(params or {})})"


def _finished(sort: Sort, order: Given) -> str:
    return f"cx.{sort.area}_finished_{_listed(sort)}({_quoted(order)}{_margin(order)})"


def _listed(sort: Sort) -> str:
    return "stop_orders" if sort.is_stop else "orders"


def _margin(params: Given) -> str:
    return ', market_type="MARGIN"' if params.get("market_type") == "MARGIN" else ""


def _quoted(order: Given) -> str:
    return f'"{order["market"]}"'


def _each_once(calls: Iterable[str]) -> str:
    return " and ".join(dict.fromkeys(calls))
