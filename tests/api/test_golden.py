"""The golden samples: there is one for each endpoint, and each becomes the frame it promises and comes back from it."""

import json
import math
import operator
import re
import zlib
from decimal import Decimal
from functools import reduce

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.tables import decoding, unknown_columns
from coinex_pandas.tables.kinds import NameKind, NumberKind
from coinex_pandas.tables.rows.answer import Accepted
from coinex_pandas.tables.rows.book import BookLevel
from tests.golden import samples
from tests.paths import GOLDEN_HTTP

BOOKS = ("spot_depth", "futures_depth")
BARE = tuple(name for name, route in cx.ROUTES.items() if route.row is Accepted)  # answered with code and message alone
TABLES = tuple(name for name in cx.ROUTES if name not in (*BOOKS, *BARE))


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def wire_objects(name):
    """Return the objects of the full reply in the table's order."""
    row, data = cx.ROUTES[name].row, samples.sample(name)["full"]["data"]
    return sorted(data if isinstance(data, list) else [data], key=lambda item: [item[field] for field in row.order])


def stripped(row, item):
    """Return a wire object with its names stripped of blanks: the one thing a frame does not keep."""
    paths = [column.path for column in row.columns() if isinstance(column.kind, NameKind)]
    for path in paths:
        places = item[row.many] if path[0] == row.many else [item]
        for place in places:
            strip_at(place, path[1:] if path[0] == row.many else path)
    return item


def strip_at(item, path):
    """Strip the text at a path of blanks."""
    *above, last = path
    place = reduce(operator.getitem, above, item)
    place[last] = place[last].strip()


def floated(item):
    """Return a wire object with floats in place of its number texts."""
    if isinstance(item, dict):
        return {key: floated(value) for key, value in item.items()}
    if isinstance(item, list):
        return [floated(value) for value in item]
    return float(item) if isinstance(item, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", item) else item


def test_every_endpoint_has_one():
    """A new route needs a golden sample, and no sample is left over."""
    assert {path.stem for path in GOLDEN_HTTP.glob("*.json")} == set(cx.ROUTES)


@pytest.mark.sweep
@pytest.mark.parametrize("name", cx.ROUTES)
@pytest.mark.parametrize("reply", ["full", "minimal", "empty"])
def test_columns_never_depend_on_the_data(name, reply):
    """Index names, columns and dtypes are those of the sample, in their order, whatever the reply holds."""
    sample = samples.sample(name)
    assert {"index": sample["index"], "columns": sample["columns"]} == samples.shape(samples.read(name, reply))
    assert list(sample["index"] or [None]) == list(samples.read(name, reply).index.names)


@pytest.mark.sweep
@pytest.mark.parametrize("name", cx.ROUTES)
@pytest.mark.parametrize("numbers", ["decimal", "text"])
def test_exact_numbers_change_number_columns_only(name, numbers):
    """Asked for exact numbers, all other columns keep their dtypes, also in an empty frame."""
    kinds = {column.name: column.kind for column in cx.ROUTES[name].row.columns()}
    exact = {"decimal": "object", "text": "str"}[numbers]
    sample = samples.sample(name)["columns"]
    expected = {key: exact if isinstance(kinds[key], NumberKind) else dtype for key, dtype in sample.items()}
    assert expected == samples.shape(samples.read(name, "full", numbers))["columns"]
    assert expected == samples.shape(samples.read(name, "empty", numbers))["columns"]


@pytest.mark.parametrize("name", [*TABLES, *BOOKS])
def test_empty_reply_is_an_empty_frame(name):
    """An empty list, null or an empty book have no rows."""
    assert 0 == len(samples.read(name, "empty"))


@pytest.mark.parametrize("name", BARE)
@pytest.mark.parametrize("reply", ["full", "minimal", "empty"])
def test_bare_answer_is_one_row(name, reply):
    """Where the exchange answers that it has done so and nothing else, a row holds its code and its word."""
    assert [(0, "OK")] == [*samples.read(name, reply).itertuples(index=False, name=None)]


@pytest.mark.sweep
@pytest.mark.parametrize("name", TABLES)
def test_text_frames_go_back_to_the_same_wire(name):
    """A frame of texts becomes the very objects it came from: order and blanks around names aside."""
    row = cx.ROUTES[name].row
    assert [stripped(row, item) for item in wire_objects(name)] == row.to_wire(samples.read(name, numbers="text"))


@pytest.mark.sweep
@pytest.mark.parametrize("name", TABLES)
def test_decimal_frames_go_back_to_the_same_wire(name):
    """Exact decimals keep every digit, trailing zeros among them."""
    row = cx.ROUTES[name].row
    assert [stripped(row, item) for item in wire_objects(name)] == row.to_wire(samples.read(name, numbers="decimal"))


@pytest.mark.sweep
@pytest.mark.parametrize("name", TABLES)
def test_float_frames_go_back_to_the_same_numbers(name):
    """A frame of floats becomes objects whose numbers read the same."""
    row = cx.ROUTES[name].row
    expected = [floated(stripped(row, item)) for item in wire_objects(name)]
    assert expected == [floated(item) for item in row.to_wire(samples.read(name))]


@pytest.mark.parametrize("name", BOOKS)
@pytest.mark.parametrize("numbers", ["decimal", "text"])
def test_books_go_back_to_the_same_levels(name, numbers):
    """A book becomes its levels again, without those where nothing stands."""
    depth = samples.sample(name)["full"]["data"]["depth"]
    expected = {side: [level for level in depth[side] if float(level[1])] for side in ("asks", "bids")}
    assert expected == BookLevel.to_wire(samples.read(name, numbers=numbers))[0]


@pytest.mark.parametrize("name", BOOKS)
def test_books_are_checked(name):
    """The checksum of a full book fits, that of a tampered one does not, and none says nothing."""
    full = samples.body(name)
    pages = [samples.page(name, body) for body in (full, full.replace(b'"12"', b'"13"').replace(b"81.0", b"81.1"))]
    pages.append(samples.page(name, samples.body(name, "minimal")))
    assert [True, False, None] == [page.attrs["book"]["verified"] for page in pages]


@pytest.mark.parametrize("name", BOOKS)
def test_checksum_may_count_levels_of_nothing(name):
    """Whether the exchange counts a left over level of amount 0 is not documented: the checksum fits both ways."""
    reply = samples.sample(name)["full"]
    depth = reply["data"]["depth"]
    depth["checksum"] = zlib.crc32(":".join(cell for level in depth["bids"] + depth["asks"] for cell in level).encode())
    assert samples.sample(name)["full"] != reply
    assert samples.page(name, json.dumps(reply).encode()).attrs["book"]["verified"]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_decimals_are_the_numbers_of_the_texts(name):
    """Floats, decimals and texts of one reply say the same numbers."""
    numbers, texts, exact = (samples.read(name, numbers=how) for how in ("float", "text", "decimal"))
    for column in (column for column in numbers if numbers[column].dtype == "float64"):
        assert list(texts[column].map(Decimal)) == list(exact[column])
        assert [float(Decimal(text)) for text in texts[column]] == list(numbers[column])


@pytest.mark.parametrize("name", cx.ROUTES)
def test_optional_columns_are_missing_where_left_out(name):
    """What the minimal reply leaves out is missing in every row."""
    frame = samples.read(name, "minimal")
    for column in (column for column in cx.ROUTES[name].row.columns() if column.optional):
        assert frame[column.name].isna().all(), column.name


@pytest.mark.parametrize("name", [name for name in cx.ROUTES if cx.ROUTES[name].row.order])
def test_time_series_ascend(name):
    """Histories stand oldest first, however the wire had them."""
    row = cx.ROUTES[name].row
    flat = samples.read(name).reset_index()
    assert flat[list(row.order)].equals(flat[list(row.order)].sort_values(list(row.order), kind="stable"))


def test_both_sides_of_a_flag_at_two_levels_are_kept():
    """A currency's flags and its chains' flags stand side by side, told apart by name."""
    frame = samples.read("deposit_withdraw_config")
    assert [True, True] == list(frame["withdraw_enabled"])
    assert [False, True] == list(frame["chain_withdraw_enabled"])


def test_level_of_nothing_is_left_out():
    """A level of amount 0 is no level, and the ones behind it move up."""
    bids = samples.read("spot_depth").loc["bid"]
    assert {1: 71204.49, 2: 70000.0} == bids["price"].to_dict()


def test_names_lose_their_blanks():
    """Names with blanks around them come without."""
    exchanges = samples.read("spot_index_prices").index.get_level_values("exchange")
    assert ["binance", "okx", "kraken", "coinex"] == list(exchanges)


def test_missing_numbers_are_nan():
    """Empty and null numbers are NaN in floats, missing in the exact forms."""
    frame = samples.read("spot_tickers", "minimal")
    assert math.isnan(frame.loc["CETUSDT", "open"])
    assert math.isnan(frame.loc["CETUSDT", "high"])
    for numbers in ("decimal", "text"):
        assert pd.isna(samples.read("spot_tickers", "minimal", numbers).loc["CETUSDT", ["open", "high"]]).all()
