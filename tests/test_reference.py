"""The package against the API reference it was written from, where that lies beside the repository."""

import inspect
import json
import warnings
from pathlib import Path

import pytest
from golden import samples

import coinex_pandas as cx
from coinex_pandas import kinds, pace
from coinex_pandas.codes import CODES
from coinex_pandas.reading import Source
from coinex_pandas.rows import book
from coinex_pandas.wire import book_checksum

SHARED = Path(__file__).parents[2] / "shared"
REFERENCE = SHARED / "coinex-v2"
REPLIES = SHARED / "samples" / "http"

pytestmark = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the API reference does not lie beside the repository")

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
BOOKS = ("spot_depth", "futures_depth")
OURS = {"start_time": "start", "end_time": "end"}


def loaded(name):
    """Return a file of the reference."""
    yaml = pytest.importorskip("yaml")
    return yaml.safe_load((REFERENCE / f"{name}.yaml").read_text("utf-8"))


def public_entries():
    """Return the public endpoints of the reference by name."""
    if not REFERENCE.is_dir():
        return {}
    areas = ("common", "spot", "futures", "assets", "account", "refer")
    return {entry["name"]: entry for area in areas for entry in loaded(area) if entry["auth"] is False}


ENTRIES = public_entries()


def fields_of(entry):
    """Return the documented fields of an answer by their path."""
    flat = {(field["name"],): field for field in entry["fields"] if field["name"] not in entry["nested"]}
    for name, inner in entry["nested"].items():
        flat |= {(name, field["name"]): field for field in inner if field["name"] != "(item)"}
    return flat | {(field["name"],): field for field in entry["fields"] if is_plain_list(entry, field["name"])}


def is_plain_list(entry, name):
    """Return whether a field is a list of plain values, which stays in one cell."""
    return [field["name"] for field in entry["nested"].get(name, [])] == ["(item)"]


def test_every_public_endpoint_has_a_function():
    """Functions, methods and paths are those of the reference: none is missing, none is made up."""
    documented = {name: (entry["method"], entry["path"]) for name, entry in ENTRIES.items()}
    assert documented == {name: (known.method, known.path) for name, known in cx.ROUTES.items()}


@pytest.mark.parametrize("name", ENTRIES)
def test_route_says_what_the_reference_says(name):
    """Page of the documentation, one object or a list, and the rate limit group agree."""
    known, entry = cx.ROUTES[name], ENTRIES[name]
    assert entry["docs"] == known.docs
    assert ("object" == entry["response"]) == known.single
    assert (entry["rate_limit"] or known.pace) == known.pace
    assert {"page", "limit"} <= {param["name"] for param in entry["params"]} or not known.paged


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in BOOKS])
def test_columns_are_the_documented_fields(name):
    """A row has the fields of the reference, nested ones at their place, each of the kind that it says."""
    documented = fields_of(ENTRIES[name])
    columns = {column.path: column for column in cx.ROUTES[name].row.columns() if column.path}
    assert set(documented) == set(columns)
    for path, field in documented.items():
        kind = columns[path].kind
        assert isinstance(kind, KINDS[field["kind"]]), path
        if field["kind"] == "enum":
            assert tuple(field["values"]) == kind.choices, path
        if field["kind"] in ("ms", "ms0"):
            assert ("ms0" == field["kind"]) == kind.optional, path


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in BOOKS])
def test_units_are_the_documented_ones(name):
    """Where the reference names a unit, the column has it; a rate is a fraction."""
    units = {column.path: column.unit for column in cx.ROUTES[name].row.columns()}
    documented = {path: field["unit"] for path, field in fields_of(ENTRIES[name]).items() if "unit" in field}
    assert {path: {"rate": "fraction"}.get(unit, unit) for path, unit in documented.items()} == {
        path: units[path] for path in documented
    }


@pytest.mark.parametrize("name", [name for name in BOOKS if name in ENTRIES])
def test_book_has_the_documented_fields(name):
    """What is decoded of a book is what the reference lists."""
    entry = ENTRIES[name]
    assert {field["name"] for field in entry["fields"]} == set(book._Depth.__struct_fields__)
    assert {field["name"] for field in entry["nested"]["depth"]} == set(book._Levels.__struct_fields__)


@pytest.mark.parametrize("name", ENTRIES)
def test_parameters_are_the_documented_ones(name):
    """A function takes each parameter of its endpoint; pages are turned inside, times are named start and end."""
    documented = {param["name"] for param in ENTRIES[name]["params"]}
    if "page" in documented:
        documented -= {"page", "limit"}
    taken = inspect.signature(getattr(cx, name)).parameters
    assert {OURS.get(param, param) for param in documented} == set(taken) - {"numbers", "session"}


@pytest.mark.parametrize("name", ENTRIES)
def test_required_parameters_are_required(name):
    """What the exchange demands has no default, unless the default is a documented value that is sent."""
    parameters = inspect.signature(getattr(cx, name)).parameters
    sent = samples.sample(name)["request"]["params"]
    for param in (param for param in ENTRIES[name]["params"] if param["required"]):
        given = parameters[OURS.get(param["name"], param["name"])].default
        assert given is inspect.Parameter.empty or param["name"] in sent, param["name"]


def test_codes_are_the_documented_ones():
    """Every refusal code of the reference is known, with the same kind and the same word on repeating."""
    documented = {entry["code"]: (entry["kind"], entry["retry"]) for entry in loaded("rules")["errors"]}
    assert set(documented) <= set(CODES)
    assert documented == {number: (CODES[number].kind, CODES[number].retry) for number in documented}


def test_limits_are_the_documented_ones():
    """Every rate limit group is known, with its requests per second; the address's own limit is called public."""
    limits = loaded("rules")["rate_limits"]
    documented = {name: group["per_second"] for name, group in limits["groups"].items()}
    assert {"public": limits["ip"]["per_second"], **documented} == pace.LIMITS


def test_book_checksums_are_those_of_the_worked_examples():
    """Each example of the reference gives the checksum that it shows."""
    shown = next(entry for entry in loaded("websocket") if entry["name"] == "depth_checksum")["worked_examples"]
    assert [example["crc32_unsigned"] for example in shown] == [
        book_checksum(example["bids"], example["asks"]) for example in shown
    ]


def captured():
    """Return the names of documented replies that a public function can read."""
    return sorted(path.stem for path in REPLIES.glob("*.json") if path.stem in cx.ROUTES)


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("name", captured())
def test_documented_replies_become_frames(name, numbers):
    """The documentation's own replies, slips included, become the table, and no column is new or missing."""
    known = cx.ROUTES[name]
    reply = json.loads((REPLIES / f"{name}.json").read_text("utf-8"))["response"]
    source = Source(known.endpoint, single=known.single, paged=known.paged)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        page = known.row.read(json.dumps(reply).encode(), source, numbers=numbers)
    assert 0 < len(page.frame)
    if numbers == "float":
        told = samples.sample(name)
        assert {"index": told["index"], "columns": told["columns"]} == samples.shape(page.frame)
