"""Orders against the API reference that they were written from, where that lies beside the repository."""

import inspect

import pytest

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.tables import kinds
from tests import reference
from tests.api.orders.order_samples import FUNCTIONS

pytestmark = reference.needed

KINDS = {
    "symbol": kinds.NameKind,
    "ccy": kinds.NameKind,
    "decimal": kinds.NumberKind,
    "id": (kinds.IdKind, kinds.CountKind),
    "int": kinds.CountKind,
    "ms": kinds.TimeKind,
    "ms0": kinds.TimeKind,
    "enum": kinds.ChoiceKind,
    "str": kinds.TextKind,
}
OURS = {"start_time": "start", "end_time": "end"}
NOT_ASKED = {"page", "limit", "market_type"}


def entries():
    """Return the endpoints of the reference by name."""
    if not reference.FOLDER.is_dir():
        return {}
    areas = [reference.loaded(area) for area in ("spot", "futures")]
    return {entry["name"]: entry for area in areas for entry in area}


ENTRIES = entries()


def test_all_are_there():
    """Every private endpoint of both areas but those of positions is one of these."""
    private = {name for name, entry in ENTRIES.items() if entry["auth"] and "position" not in name}
    assert private == set(FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_route_is_the_documented_one(name):
    """Method, path, group of the rate limit, page of the documentation, shape of the answer."""
    entry, route = ENTRIES[name], ROUTES[name]
    assert (entry["method"], entry["path"], entry["rate_limit"]) == (route.method, route.path, route.pace)
    assert entry["docs"] == route.docs
    assert (entry["response"] != "list", entry["paginated"]) == (route.single, route.paged)
    assert ("trade" if entry["method"] == "POST" else "read") == route.needs


@pytest.mark.parametrize("name", FUNCTIONS)
def test_parameters_are_the_documented_ones(name):
    """Each documented parameter is a parameter of the function, or filled in; the exchange's own name for each."""
    signature = inspect.signature(FUNCTIONS[name]).parameters
    documented = {OURS.get(item["name"], item["name"]) for item in ENTRIES[name]["params"] if "[" not in item["name"]}
    for parameter in documented - NOT_ASKED:
        assert parameter in signature, parameter
    has_account = bool(documented & {"market_type", "orders"})  # the items of a batch say it each
    assert (has_account and name.startswith("spot")) == ("market_type" in signature)


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if ENTRIES.get(name, {}).get("response") != "nothing"])
def test_fields_are_the_documented_ones(name):
    """Each documented field is a column, of the kind that the reference says."""
    entry, columns = ENTRIES[name], {column.path: column for column in ROUTES[name].row.columns()}
    fields = [((field["name"],), field) for field in entry["fields"] if field["kind"] != "object"]
    fields += [((outer, field["name"]), field) for outer, inner in entry["nested"].items() for field in inner]
    for path, field in fields:
        assert isinstance(columns[path].kind, KINDS[field["kind"]]), path
        for value in field.get("values", ()):
            assert value in columns[path].kind.choices
