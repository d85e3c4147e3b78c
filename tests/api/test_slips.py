"""Older spellings and slips of the documentation: the right row, without warning and without an extra column."""

import json
import re

import pytest

import coinex_pandas as cx
from coinex_pandas.tables import decoding, unknown_columns
from coinex_pandas.tables.spellings import other_names
from tests.api.slips import SLIPS
from tests.golden import samples

pytestmark = pytest.mark.sweep

CASES = [(name, function) for name, slip in SLIPS.items() for function in slip.functions]


@pytest.fixture(autouse=True)
def no_memory_of_columns(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def altered(data, slip, alter):
    """Return the data of a reply with the rows altered that a slip is about."""
    rows = data if isinstance(data, list) else [data]
    made = []
    for at, row in enumerate(rows):
        if at and slip.first_only:
            made.append(row)
        elif slip.within:
            inside = row[slip.within]
            inner = [alter(each) for each in inside] if isinstance(inside, list) else inside and alter(inside)
            made.append(row | {slip.within: inner})
        else:
            made.append(alter(row))
    return made if isinstance(data, list) else made[0]


def documented(slip):
    """Return how a row is changed into the documented one that a slip differs from."""

    def alter(row):
        cells = {name: cell for name, (cell, _) in slip.cells.items() if name in row}
        return {name: cell for name, cell in (row | cells).items() if name not in slip.gone} | dict.fromkeys(slip.gone)

    return alter


def slipped(slip):
    """Return how a row is changed into the one that came."""

    def alter(row):
        cells = {name: cell for name, (_, cell) in slip.cells.items() if name in row}
        texts = {name: json.dumps(row[name]) for name in slip.texts if name in row}
        row = {name: cell for name, cell in (row | cells | texts).items() if name not in slip.gone}
        return {slip.renamed.get(name, name): cell for name, cell in row.items()} | dict(slip.more)

    return alter


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize(("name", "function"), CASES)
def test_slip_leads_to_the_right_row(name, function, numbers):
    """The frame is the one of the documented rows: columns, dtypes, cells, index."""
    slip, full = SLIPS[name], samples.sample(function)["full"]
    right = full | {"data": altered(full["data"], slip, documented(slip))}
    wrong = full | {"data": altered(full["data"], slip, slipped(slip))}
    assert wrong != full, "the slip concerns no field of this function"
    frame = samples.page(function, json.dumps(wrong).encode(), numbers).frame
    expected = samples.page(function, json.dumps(right).encode(), numbers).frame
    assert list(samples.read(function, numbers=numbers).columns) == list(frame.columns)
    assert expected.dtypes.equals(frame.dtypes)
    assert expected.equals(frame)


@pytest.mark.parametrize("function", cx.ROUTES)
def test_every_other_name_of_a_row_is_in_the_list(function):
    """What a row class knows of other names and former fields stands in the list of slips, too."""
    listed = {wire for slip in SLIPS.values() for wire in (*slip.renamed.values(), *slip.more)}
    row = cx.ROUTES[function].row
    assert {*other_names(row), *row.former} - listed <= {"fill_amount"}  # the push's, of which HTTP knows nothing


def test_a_loan_that_passed_is_kept():
    """PASS is an older word that no page explains: it stays as it is."""
    full = samples.sample("margin_borrows")["full"]
    body = json.dumps(full | {"data": [row | {"status": "PASS"} for row in full["data"]]}).encode()
    assert {"PASS"} == set(samples.page("margin_borrows", body).frame["status"])


def test_names_are_told_by_what_they_are_about():
    """Each entry has a name that a failure can be read by."""
    assert all(re.fullmatch(r"[A-Za-z0-9' -]+", name) for name in SLIPS)
