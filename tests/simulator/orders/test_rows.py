"""Rows and pushes have the fields of the API reference, where that lies beside the repository."""

import pytest

from tests import reference
from tests.simulator.order_exchange import OrderExchange

# documented as optional: one client reads it, no table of the documentation has it
UNSENT = {"spot_user_deals": {"client_id"}, "spot_order_deals": {"client_id"}}

pytestmark = reference.needed


def entries(area):
    """Return the private endpoints of an area that are about orders and deals, by name."""
    found = reference.loaded(area)
    return {entry["name"]: entry for entry in found if entry["auth"] and "position" not in entry["name"]}


def fields(entry):
    """Return the fields of an answer's rows, for batches those of the rows inside."""
    return {field["name"] for field in entry["nested"].get("data", entry["fields"])}


def answers(trader):
    """Ask every endpoint about orders once and return the rows by its name."""
    name, kind, area = trader.exchange.market.name, trader.market_type, trader.area
    order = {"market": name, "market_type": kind, "side": "buy", "type": "limit", "amount": "1", "price": "40000"}
    stop = order | {"trigger_price": "90000", "price": "91000", "trigger_price_type": "mark_price"}
    done = {}

    def ask(noun, **params):
        reply = trader.ask(f"{area}_{noun}", **params)
        done[f"{area}_{noun}"] = reply.data
        return reply.data

    def about(**more):
        return {"market": name, "market_type": kind} | more

    taken = ask("place_order", **order | {"type": "ioc", "amount": "0.001", "price": "60000"})["order_id"]
    first, second = (row["data"]["order_id"] for row in ask("place_orders", orders=[order, order | {"client_id": "c"}]))
    third = ask("place_order", **order)["order_id"]
    ask("modify_order", **about(order_id=first, amount="0.5"))
    ask("modify_orders", orders=[about(order_id=first, price="39000")])
    ask("order_status", market=name, order_id=first)
    ask("order_statuses", market=name, order_ids=f"{first},{second}")
    for noun in ("pending_orders", "finished_orders", "user_deals"):
        ask(noun, **about())
    ask("order_deals", **about(order_id=taken))
    ask("cancel_order", **about(order_id=first))
    ask("cancel_orders_by_client_id", **about(client_id="c"))
    ask("cancel_orders", market=name, order_ids=[third])
    ask("cancel_all_orders", **about())
    stops = [ask("place_stop_order", **stop)["stop_id"]]
    stops += [row["data"]["stop_id"] for row in ask("place_stop_orders", orders=[stop, stop | {"client_id": "c"}])]
    stops[0] = ask("modify_stop_order", **about(stop_id=stops[0], amount="0.5"))["stop_id"]
    ask("pending_stop_orders", **about())
    ask("cancel_stop_order", **about(stop_id=stops[0]))
    ask("cancel_stop_orders", market=name, stop_ids=[stops[1]])
    ask("cancel_stop_orders_by_client_id", **about(client_id="c"))
    ask("finished_stop_orders", **about())
    return done


@pytest.fixture(params=["spot", "futures"])
def trader(request):
    """Give a trader of each area."""
    return OrderExchange(area=request.param).trader("ann", USDT=1_000_000, BTC=2)


def test_every_answer_has_the_documented_fields(trader):
    """Neither more nor less, for each of the endpoints."""
    documented = entries(trader.area)
    found = answers(trader)
    assert set(documented) == set(found)
    for name, data in found.items():
        rows = data if isinstance(data, list) else [data]
        assert rows, name
        if "data" in documented[name]["nested"]:
            assert {("code", "data", "message")} == {tuple(sorted(row)) for row in rows}
            rows = [row["data"] for row in rows]
        for row in rows:
            assert fields(documented[name]) - UNSENT.get(name, set()) == set(row), name


def test_every_push_has_the_documented_fields(trader):
    """Those of the area's own table; filled_amount is optional, and sent."""
    channels = {each["name"]: each for each in reference.loaded("websocket")}
    answers(trader)
    for method in ("order", "stop", "user_deals"):
        expected = {field["name"] for field in channels[method]["push_data"][trader.area]}
        rows = trader.events_of(method)
        assert rows, method
        for row in rows:
            assert expected == set(row if method == "user_deals" else row[1]), method
