"""Rows: odd but legal answers become the same table; what cannot be one is an error that shows the answer."""

import json
import warnings

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.tables import decoding, unknown_columns
from tests.golden import samples

EXACTNESS = ("float", "decimal", "text")


@pytest.fixture(autouse=True)
def no_memory_of_columns(monkeypatch):
    """Forget what earlier tests announced and remembered of changed columns."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def changed(name, *path, **cells):
    """Return a full reply with cells changed in its first object, or in the one at a path."""
    reply = samples.sample(name)["full"]
    place = reply["data"]
    for step in path or ((0,) if isinstance(place, list) else ()):
        place = place[step]
    place.update(cells)
    return json.dumps(reply).encode()


def without(name, field):
    """Return a full reply whose objects lack a field."""
    reply = samples.sample(name)["full"]
    for row in reply["data"]:
        del row[field]
    return json.dumps(reply).encode()


def frame(name, body, numbers="float"):
    """Return the frame of a reply."""
    return samples.page(name, body, numbers).frame


def quiet_frame(name, body, numbers="float"):
    """Return the frame of a reply whose columns have changed, with the warnings' texts."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = frame(name, body, numbers)
    assert {cx.ColumnsChanged} >= {warning.category for warning in caught}
    return table, [str(warning.message) for warning in caught]


@pytest.mark.parametrize("numbers", EXACTNESS)
def test_new_column_is_kept_as_text(numbers):
    """A new column stands after the declared ones, as text; rows without it miss it."""
    table, texts = quiet_frame("spot_tickers", changed("spot_tickers", rank=7, note="1.50", gone=None), numbers)
    assert [*samples.sample("spot_tickers")["columns"], "rank", "note"] == [name for name in table if name != "gone"]
    assert ["7", "1.50", True] == [*table.loc["CETUSDT", ["rank", "note"]], pd.isna(table.loc["CETUSDT", "gone"])]
    assert table.loc["BTCUSDT", ["rank", "note"]].isna().all()
    assert {"str"} == {str(table[name].dtype) for name in ("rank", "note", "gone")}
    assert [1, True, True] == [len(texts), "SpotTicker" in texts[0], "'rank'" in texts[0]]


def test_new_column_is_announced_once():
    """The second answer with the same new column says nothing; another new column does."""
    assert [1, 0, 1] == [
        len(quiet_frame("spot_tickers", changed("spot_tickers", **{field: 1}))[1])
        for field in ("rank", "rank", "grade")
    ]


def test_new_column_leaves_other_tables_alone():
    """The same column is new in each table of its own."""
    quiet_frame("spot_tickers", changed("spot_tickers", rank=1))
    assert 1 == len(quiet_frame("futures_tickers", changed("futures_tickers", rank=1))[1])


@pytest.mark.parametrize("field", ["index", "order", "key", "many", "numbered", "class", "extra_0", "a b.c", "\u00e9"])
def test_new_column_may_have_any_name(field):
    """Names that are words of Python, or of this package, are names like any other."""
    table, _ = quiet_frame("spot_tickers", changed("spot_tickers", **{field: "x"}))
    assert "x" == table.loc["CETUSDT", field]


def test_new_columns_stand_in_the_answers_order():
    """Several new columns stand as the answer has them."""
    fields = ["zeta", "alpha", "mu", "beta"]
    table, _ = quiet_frame("spot_tickers", changed("spot_tickers", **dict.fromkeys(fields, 1)))
    assert fields == list(table)[-4:]


@pytest.mark.parametrize("numbers", EXACTNESS)
def test_new_nested_columns_are_kept(numbers):
    """New columns in a nested list or object come, too; one that clashes is named by its path."""
    table, texts = quiet_frame(
        "spot_index_prices", changed("spot_index_prices", 0, "sources", 0, depth={"a": 1}), numbers
    )
    assert ('{"a": 1}', 1) == (table["depth"].iloc[0], len(texts))
    assert table["depth"].iloc[1:].isna().all()
    table, _ = quiet_frame("deposit_withdraw_config", changed("deposit_withdraw_config", "asset", chain="x"), numbers)
    assert ["x", "x"] == list(table["asset.chain"])


@pytest.mark.parametrize("numbers", EXACTNESS)
def test_vanished_column_is_missing(numbers):
    """A column that no longer comes stays in its place, all missing, and is announced once."""
    full = samples.read("spot_tickers", numbers=numbers)
    table, texts = quiet_frame("spot_tickers", without("spot_tickers", "high"), numbers)
    assert (list(full), list(full.dtypes)) == (list(table), list(table.dtypes))
    assert table["high"].isna().all()
    assert table.drop(columns="high").equals(full.drop(columns="high"))
    assert [1, True] == [len(texts), "'high' no longer comes" in texts[0]]
    assert [] == quiet_frame("spot_tickers", without("spot_tickers", "high"), numbers)[1]


@pytest.mark.parametrize(
    ("name", "field"), [("spot_deals", "deal_id"), ("spot_deals", "created_at"), ("spot_tickers", "market")]
)
@pytest.mark.parametrize("value", [None, "gone"])
@pytest.mark.filterwarnings("ignore::coinex_pandas.ColumnsChanged")
@pytest.mark.parametrize("numbers", EXACTNESS)
def test_row_without_its_label_is_an_error(name, field, value, numbers):
    """A row that lacks its id, time or name looks like another."""
    body = changed(name, **{field: None}) if value is None else without(name, field)
    with pytest.raises(cx.UnexpectedValue, match=f"has no '{field}'"):
        frame(name, body, numbers)


@pytest.mark.parametrize("numbers", EXACTNESS)
def test_undocumented_word_joins_the_categories(numbers):
    """An undocumented status is a category behind the documented ones."""
    table = frame("spot_markets", changed("spot_markets", status="post_only"), numbers)
    assert ["bidding", "counting_down", "online", "post_only"] == list(table["status"].cat.categories)
    assert ["post_only", "bidding"] == list(table["status"])


def test_documented_words_are_always_categories():
    """An empty table knows the documented words, too."""
    assert ["buy", "sell"] == list(samples.read("spot_deals", "empty")["side"].cat.categories)


def test_blanks_around_a_word_are_no_new_word():
    """A side with blanks around it is that side."""
    assert ["buy", "sell"] == list(frame("spot_deals", changed("spot_deals", side=" buy "))["side"].cat.categories)


@pytest.mark.parametrize("numbers", EXACTNESS)
def test_far_times_do_not_overflow(numbers):
    """A time in the year 2509 (the documentation has one) is that time."""
    table = frame("spot_klines", changed("spot_klines", created_at=17_011_123_200_000), numbers)
    assert pd.Timestamp("2509-01-23", tz="UTC") == table.index[-1]
    assert table.index.is_monotonic_increasing


def test_zero_of_an_optional_time_is_nat():
    """0 means no time where the exchange says so, and 1970 elsewhere."""
    assert pd.isna(samples.read("spot_markets").loc["BTCUSDT", "delisted_at"])
    assert pd.Timestamp("1970-01-01", tz="UTC") == frame("spot_klines", changed("spot_klines", created_at=0)).index[0]


def test_ids_are_exact():
    """Ids beyond what floats can hold keep their last digit."""
    assert [9007199254740993, 9007199254740994, 9007199254740995] == list(samples.read("futures_deals")["deal_id"])
    assert 2**63 - 1 == frame("spot_deals", changed("spot_deals", deal_id=2**63 - 1))["deal_id"].iloc[-1]


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("spot_deals", {"deal_id": "104729000003", "created_at": "1780315199500"}),
        ("spot_deals", {"deal_id": 104729000003.0}),
        ("spot_tickers", {"period": "86400"}),
        ("spot_markets", {"base_ccy_precision": "0", "is_amm_available": "true", "delisted_at": "1784102400000"}),
        ("spot_markets", {"is_amm_available": 1, "is_margin_available": 0}),
        ("futures_markets", {"leverage": [1, 2, 50, 100]}),
        ("spot_tickers", {"market": " CETUSDT "}),
    ],
)
@pytest.mark.parametrize("numbers", EXACTNESS)
def test_whole_numbers_flags_and_names_may_come_differently(name, cells, numbers):
    """Whole numbers and flags as text, flags as 0 and 1, and names with blanks say the same table."""
    at = {"spot_markets": 1}.get(name, 0)
    assert samples.read(name, numbers=numbers).equals(frame(name, changed(name, at, **cells), numbers))


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        ("spot_deals", "deal_id", 1.5),
        ("spot_deals", "deal_id", 2**63),
        ("spot_deals", "deal_id", "abc"),
        ("spot_deals", "created_at", "2026-06-01"),
        ("spot_deals", "created_at", 2**63),
        ("spot_deals", "side", 5),
        ("spot_tickers", "period", "a day"),
        ("spot_tickers", "market", 5),
        ("spot_markets", "is_amm_available", "perhaps"),
        ("spot_markets", "base_ccy", ["BTC"]),
        ("futures_markets", "leverage", "x"),
        ("futures_markets", "leverage", ["1.5"]),
    ],
)
@pytest.mark.parametrize("numbers", EXACTNESS)
def test_cell_of_another_kind_is_an_error_that_says_where(name, field, value, numbers):
    """The error names row, column and value, whatever the column holds."""
    with pytest.raises(cx.UnexpectedValue) as caught:
        frame(name, changed(name, **{field: value}), numbers)
    for text in ("row ", repr(field), repr(value), cx.ROUTES[name].endpoint):
        assert text in str(caught.value)


@pytest.mark.parametrize("name", ["spot_index_prices", "futures_position_levels", "assets_info"])
def test_parent_without_children_is_kept(name):
    """A market without sources or tiers keeps one row, and goes back to the wire unchanged."""
    row, reply = cx.ROUTES[name].row, samples.sample(name)["full"]
    reply["data"][0][row.many] = []
    table = frame(name, json.dumps(reply).encode())
    label = reply["data"][0][row.index_names()[0]]
    assert 1 == (table.index.get_level_values(0) == label).sum()
    assert [] == row.to_wire(table)[0][row.many]
