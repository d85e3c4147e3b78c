"""The endpoints that show orders and deals, spot and futures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.endpoints import SpotAndFutures
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.orders import rows as order_rows
from coinex_pandas.simulator.orders.endpoints import batch_ids, batch_reply, no_order, optional_market
from coinex_pandas.simulator.orders.log import between
from coinex_pandas.simulator.orders.matching import Matching
from coinex_pandas.simulator.orders.order import Order
from coinex_pandas.simulator.orders.ticket import MARKET_TYPES, SIDES, order_market
from coinex_pandas.simulator.parameters import Params, page
from coinex_pandas.simulator.reply import Reply

__all__ = ["OrderListEndpoints", "newest_first"]

T = TypeVar("T")


class OrderListEndpoints(SpotAndFutures):
    """The endpoints that show orders and deals, newest first.

    Finished orders are listed in the order in which they ended. Orders that were cancelled without a fill are gone.
    """

    serves: ClassVar = frozenset(
        {"order_status", "order_statuses", "pending_orders", "finished_orders", "user_deals", "order_deals"}
    )

    def __init__(self, trading: Trading, matching: Matching) -> None:
        self._trading = trading
        self._log = matching.log

    def order_status(self, area: str, account: Account, params: Params) -> Reply:
        """Return one order with its status."""
        market = self._market(area, params)
        return Reply(self._status(account, market, parameters.whole(params, "order_id")))

    def order_statuses(self, area: str, account: Account, params: Params) -> Reply:
        """Return several orders of one market, a row for each id."""
        market = self._market(area, params)
        return batch_reply(batch_ids(params, "order_ids"), lambda number: self._status(account, market, number))

    def pending_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Return open orders; the pagination names their total."""
        market_type, market, side = self._filters(area, params)
        client_id = parameters.text(params, "client_id", "")
        orders = [
            order
            for order in self._log.pending(account, area)
            if order.market_type == market_type
            and market in (None, order.market)
            and side in ("", order.side)
            and client_id in ("", order.client_id)
        ]
        return newest_first(params, orders, order_rows.order_row, with_total=True)

    def finished_orders(self, area: str, account: Account, params: Params) -> Reply:
        """Return filled orders, and cancelled ones that were filled in part."""
        market_type, market, side = self._filters(area, params)
        name = "" if market is None else market.name
        return newest_first(params, self._log.finished.rows(account, market_type, name, side), order_rows.finished_row)

    def user_deals(self, area: str, account: Account, params: Params) -> Reply:
        """Return deals of one market within start_time..end_time, both included."""
        market_type, _, side = self._filters(area, params)
        deals = self._log.deals.rows(account, market_type, self._market(area, params).name, side)
        within = between(deals, *parameters.times(params), key=lambda deal: deal.created_at)
        return newest_first(params, deals, order_rows.deal_row, within)

    def order_deals(self, area: str, account: Account, params: Params) -> Reply:
        """Return the deals of one order; an empty list for an unknown order."""
        market, market_type = self._market(area, params), parameters.choice(params, "market_type", MARKET_TYPES[area])
        order = self._log.find(account, area, parameters.whole(params, "order_id"))
        if order is None or order.market != market or order.market_type != market_type:
            return newest_first(params, [], order_rows.deal_row)
        return newest_first(params, self._log.deals_of(order), order_rows.deal_row)

    def _status(self, account: Account, market: Market, order_id: int) -> dict[str, Any]:
        order: Order | None = self._log.find(account, market.area, order_id)
        if order is None or order.market != market:
            raise no_order()
        return order_rows.status_row(order)

    def _filters(self, area: str, params: Params) -> tuple[str, Market | None, str]:
        """Return market type, market (None for all) and side (empty for both)."""
        market_type = parameters.choice(params, "market_type", MARKET_TYPES[area])
        market = optional_market(self._trading, area, params, market_type)
        return market_type, market, parameters.choice(params, "side", (*SIDES, ""), "")

    def _market(self, area: str, params: Params) -> Market:
        return order_market(params, self._trading.world.catalogue, area)


def newest_first(
    params: Params,
    rows: Sequence[T],
    write: Callable[[T], dict[str, Any]],
    within: tuple[int, int] | None = None,
    *,
    with_total: bool = False,
) -> Reply:
    """Return a page of rows that come oldest first, the newest of them on the first page.

    Parameters
    ----------
    params : mapping
        Holds page and limit.
    rows : sequence
        All rows.
    write : callable
        Makes a row for the wire.
    within : tuple of int, optional
        First position and end of the rows that count; default all.
    with_total : bool
        Whether the pagination also says how many rows there are.
    """
    number, limit = page(params)
    first, last = within or (0, len(rows))
    top = max(first, last - (number - 1) * limit)
    bottom = max(first, top - limit)
    pagination: dict[str, Any] = {"total": last - first} if with_total else {}
    return Reply([write(row) for row in rows[bottom:top][::-1]], pagination=pagination | {"has_next": bottom > first})
