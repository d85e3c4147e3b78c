"""The package against the API reference it was written from, where that lies beside the repository."""

import inspect

import pytest

import coinex_pandas as cx
from coinex_pandas.http import pacing
from coinex_pandas.tables import kinds
from coinex_pandas.tables.rows import book
from coinex_pandas.tables.rows.answer import Accepted
from tests import reference
from tests.golden import samples

pytestmark = reference.needed

KINDS = {
    "symbol": kinds.NameKind,
    "ccy": kinds.NameKind,
    "decimal": kinds.NumberKind,
    "number": kinds.NumberKind,
    "int": kinds.CountKind,
    "id": kinds.IdKind,
    "bool": kinds.FlagKind,
    "ms": kinds.TimeKind,
    "ms0": kinds.TimeKind,
    "enum": kinds.ChoiceKind,
    "str": kinds.TextKind,
    "list": kinds.ListKind,
}
MISSING_IDS = {  # ids that can be missing are counted as Int64
    **{name: {("data", "order_id"), ("data", "stop_id")} for name, route in cx.ROUTES.items() if route.batch},
    **{name: {("order_id",)} for name in ("spot_user_deals", "spot_order_deals")},
    **{name: {("order_id",), ("position_id",)} for name in ("futures_user_deals", "futures_order_deals")},
    **{f"futures_position_{name}_history": {("position_id",)} for name in ("margin", "funding", "settle")},
    "futures_position_adl_history": {("order_id",), ("position_id",)},
    **{name: {("id",)} for name in ("transfers", "sub_transfers")},
}
UNITS = {"rate": "fraction"}
OUR_UNITS = {"fee": "fee_ccy", "discount_fee": "CET"}  # where the reference says no more than "a currency"

BOOKS = ("spot_depth", "futures_depth")
STOP_LISTS = ("stop_loss_list", "take_profit_list")  # they stay in one cell, or are rows of their own with stops=True
IN_ONE_CELL = {name: STOP_LISTS for name, route in cx.ROUTES.items() if route.row is cx.ROUTES["futures_positions"].row}
BEYOND = {  # one table for all answers about an order, so some have columns that the exchange tells elsewhere only
    "status",
    "last_filled_amount",
    "last_filled_price",
    "realized_pnl",
    "client_id",
    *STOP_LISTS,
}

OURS = {"start_time": "start", "end_time": "end"}
PAGES = {"page", "limit"}
NO_TIMES = (  # the exchange cannot be asked for a time here: it is filtered afterwards
    *("spot_finished_orders", "spot_finished_stop_orders", "futures_finished_orders", "futures_finished_stop_orders"),
    *("deposits", "withdrawals", "margin_borrows"),
)
NO_PAGINATION = ("futures_premium_index_history",)  # it takes page and limit, and does not say whether there are more
WITHDRAWING = (  # what moves money or makes keys
    *("withdraw", "cancel_withdraw", "renew_deposit_address", "transfer", "sub_transfer"),
    *("create_sub_api", "edit_sub_api", "delete_sub_api"),
)


ENTRIES = reference.endpoints()
ROWS = [name for name in ENTRIES if name not in (*BOOKS, "sub_balances") and cx.ROUTES[name].row is not Accepted]


def fields_of(entry):
    """Return the documented fields of an answer by their path."""
    whole = IN_ONE_CELL.get(entry["name"], ())
    nested = {name: inner for name, inner in entry["nested"].items() if name not in whole}
    flat = {(field["name"],): field for field in entry["fields"] if field["name"] not in nested}
    for name, inner in nested.items():
        flat |= {(name, field["name"]): field for field in inner if field["name"] != "(item)"}
    return flat | {(field["name"],): field for field in entry["fields"] if is_plain_list(entry, field["name"])}


def is_plain_list(entry, name):
    """Return whether a field is a list of plain values, which stays in one cell."""
    return [field["name"] for field in entry["nested"].get(name, [])] == ["(item)"]


def parameters_of(entry):
    """Return the documented parameters by name; those of a batch's items not among them."""
    return {param["name"]: param for param in entry["params"] if "[" not in param["name"]}


def added(name):
    """Return the parameters that a function has beyond its endpoint's."""
    route = cx.ROUTES[name]
    more = {"numbers", "session"} | ({"dry_run"} if route.method == "POST" else set())
    if name in NO_TIMES:
        more |= {"start", "end"}
    if name.startswith("spot_") and route.batch and "orders" in parameters_of(ENTRIES[name]):
        more.add("market_type")  # it is each item's
    own = {"futures_positions": {"stops"}, "spot_klines": {"closed"}, "futures_klines": {"closed"}}
    return more | own.get(name, set())


def test_every_endpoint_has_a_function():
    """Functions, methods and paths are those of the reference: none of the 132 is missing, none is made up."""
    documented = {name: (entry["method"], entry["path"]) for name, entry in ENTRIES.items()}
    assert documented == {name: (route.method, route.path) for name, route in cx.ROUTES.items()}
    assert 132 == len(documented)


@pytest.mark.parametrize("name", ENTRIES)
def test_route_says_what_the_reference_says(name):
    """Page of the documentation, one object or a list, pages, and the rate limit group agree."""
    route, entry = cx.ROUTES[name], ENTRIES[name]
    assert entry["docs"] == route.docs
    assert route.row is Accepted or route.single == (entry["response"] == "object")
    assert (entry["rate_limit"] or route.pace) == route.pace
    assert route.pace in pacing.LIMITS
    assert route.paged == (entry["paginated"] or name in NO_PAGINATION)
    assert {param["name"] for param in entry["params"]} >= PAGES or not route.paged


@pytest.mark.parametrize("name", ENTRIES)
def test_a_key_is_needed_where_the_reference_says_so(name):
    """Reads need a key alone, verbs leave to trade, and what moves money or makes keys a leave of its own."""
    entry = ENTRIES[name]
    verb = "withdraw" if name in WITHDRAWING else "trade"
    assert cx.ROUTES[name].needs == ("" if not entry["auth"] else verb if entry["method"] == "POST" else "read")


@pytest.mark.parametrize("name", ROWS)
def test_columns_are_the_documented_fields(name):
    """A row has the fields of the reference, nested ones at their place, each of the kind that it says."""
    documented = fields_of(ENTRIES[name])
    columns = {column.path: column for column in cx.ROUTES[name].row.columns() if column.path}
    assert set(documented) <= set(columns)
    assert {path[-1] for path in set(columns) - set(documented)} <= BEYOND
    for path, field in documented.items():
        kind = columns[path].kind
        is_count = path in MISSING_IDS.get(name, ())
        assert isinstance(kind, kinds.CountKind if is_count else KINDS[field["kind"]]), path
        if field["kind"] == "enum":
            assert set(field["values"]) == set(kind.choices), path
        if field["kind"] == "ms0":
            assert kind.optional, path


@pytest.mark.parametrize("name", ROWS)
def test_units_are_the_documented_ones(name):
    """Where the reference names a unit, the column has it; a rate is a fraction."""
    units = {column.path: column.unit for column in cx.ROUTES[name].row.columns()}
    documented = {path: field["unit"] for path, field in fields_of(ENTRIES[name]).items() if "unit" in field}
    ours = {path: OUR_UNITS[path[-1]] for path, unit in documented.items() if unit == "ccy" and path[-1] in OUR_UNITS}
    assert {path: UNITS.get(unit, unit) for path, unit in documented.items()} | ours == {
        path: units[path] for path in documented
    }


@pytest.mark.parametrize("name", [name for name in BOOKS if name in ENTRIES])
def test_book_has_the_documented_fields(name):
    """What is decoded of a book is what the reference lists."""
    entry = ENTRIES[name]
    assert {field["name"] for field in entry["fields"]} == set(book._Depth.__struct_fields__)
    assert {field["name"] for field in entry["nested"]["depth"]} == set(book._Levels.__struct_fields__)


@pytest.mark.parametrize("kind", ["SPOT", "MARGIN", "FUTURES"])
def test_wallets_of_a_sub_account_have_the_documented_fields(kind):
    """What a sub-account has is told as the account's own wallets are."""
    like = {"SPOT": "spot_balances", "MARGIN": "margin_balances", "FUTURES": "futures_balances"}[kind]
    documented = {field["name"] for field in ENTRIES["sub_balances"]["nested"][kind]}
    assert documented == {column.path[0] for column in cx.ROUTES[like].row.columns()}


@pytest.mark.parametrize("name", [name for name in ENTRIES if cx.ROUTES[name].row is Accepted])
def test_bare_answers_are_documented_as_such(name):
    """A row of code and message stands where the exchange answers nothing else."""
    assert ("nothing", []) == (ENTRIES[name]["response"], ENTRIES[name]["fields"])


@pytest.mark.parametrize("name", ENTRIES)
def test_parameters_are_the_documented_ones(name):
    """A function takes each parameter of its endpoint; pages are turned inside, times are named start and end.

    FUTURES, the one market type that futures endpoints take, is not asked of anybody.
    """
    documented = set(parameters_of(ENTRIES[name]))
    if "page" in documented:
        documented -= PAGES
    if name.startswith("futures_"):
        documented.discard("market_type")
    accepted = set(inspect.signature(getattr(cx, name)).parameters) - added(name)
    assert {OURS.get(param, param) for param in documented} == accepted - {"check"}
    assert "check" not in accepted or cx.ROUTES[name].method == "POST"


@pytest.mark.parametrize("name", ENTRIES)
def test_required_parameters_are_required(name):
    """What the exchange demands has no default, unless it is sent all the same, or all of them are gone through."""
    parameters = inspect.signature(getattr(cx, name)).parameters
    sent = samples.sample(name)["request"]["params"]
    for param in (param for param in parameters_of(ENTRIES[name]).values() if param["required"]):
        parameter = parameters.get(OURS.get(param["name"], param["name"]))
        assert parameter is None or parameter.default is inspect.Parameter.empty or param["name"] in sent, param["name"]
        assert parameter is not None or param["name"] in sent


@pytest.mark.parametrize("name", ENTRIES)
def test_parameters_are_sent_where_they_belong(name):
    """The sample's parameters are documented ones: no request has any that the exchange does not know."""
    sent = samples.sample(name)["request"]["params"]
    assert set(sent) <= set(parameters_of(ENTRIES[name]))
    places = {param["in"] for param in ENTRIES[name]["params"]}
    assert places <= {"body" if ENTRIES[name]["method"] == "POST" else "query"}


@pytest.mark.parametrize("name", [name for name in ENTRIES if "orders" in parameters_of(ENTRIES[name])])
def test_items_of_a_batch_take_the_documented_parameters(name):
    """Each documented parameter of an item is taken; the market type is filled in."""
    with pytest.raises(cx.InvalidArgument) as caught:
        getattr(cx, name)([{"markt": "BTCUSDT"}], dry_run=True)
    accepted = set(str(caught.value).partition("there are ")[2].split(", "))
    prefix = "orders[]."
    documented = {param["name"].removeprefix(prefix) for param in ENTRIES[name]["params"] if prefix in param["name"]}
    assert documented - {"market_type"} <= accepted
    assert {item for order in samples.sample(name)["request"]["params"]["orders"] for item in order} <= {
        *accepted,
        "market_type",
    }
