"""Whatever the wire calls a column and however it spells a word, the table is the same."""

import json
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.tables import column_types, decoding, unknown_columns
from coinex_pandas.tables.decoding import Source, read
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows import order as orders
from coinex_pandas.tables.spellings import other_names, respell
from tests.api.orders.order_samples import FUNCTIONS
from tests.golden import samples
from tests.paths import SHARED

REPLIES = SHARED / "samples" / "http"
SPELT = [name for name in FUNCTIONS if other_names(ROUTES[name].row)]
CHOICES = {
    "side": column_types.Side,
    "type": column_types.OrderType,
    "market_type": column_types.MarketType,
    "status": column_types.OrderStatus,
}


@pytest.fixture(autouse=True)
def no_memory_of_columns(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def otherwise(row, item, names):
    """Return an object with some of its columns under their other names."""
    back = {declared: other for other, declared in row.also.items() if other in names}
    return {back.get(name, name): cell for name, cell in item.items()}


def spelt_otherwise(name, names):
    """Return a golden reply with the other names, and the wrapped rows of a batch alike."""
    full = samples.sample(name)["full"]
    row = ROUTES[name].row
    inner = orders.SpotOrder if name.startswith("spot") else orders.FuturesOrder
    data = full["data"] if isinstance(full["data"], list) else [full["data"]]
    if row.wrapped:
        data = [item | {"data": otherwise(inner, item["data"], names)} for item in data]
    else:
        data = [otherwise(row, item, names) for item in data]
    return {**full, "data": data if isinstance(full["data"], list) else data[0]}


@pytest.mark.parametrize("name", SPELT)
@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
def test_every_spelling_leads_to_the_same_table(name, numbers):
    """All other names at once: the same columns, cells and dtypes, without a word of warning."""
    reply = spelt_otherwise(name, set(other_names(ROUTES[name].row)))
    assert reply != samples.sample(name)["full"]
    page = samples.page(name, json.dumps(reply).encode(), numbers)
    assert samples.read(name, numbers=numbers).equals(page.frame)


@given(
    names=st.sets(st.sampled_from(sorted(other_names(orders.SpotOrder)))), shouted=st.sets(st.sampled_from([*CHOICES]))
)
def test_any_mixture_of_spellings_is_the_same(names, shouted):
    """Some columns by the one name and some by the other, words in capitals or not."""
    reply = spelt_otherwise("spot_pending_orders", names)
    reply["data"] = [
        {name: cell.swapcase() if name in shouted else cell for name, cell in row.items()} for row in reply["data"]
    ]
    page = samples.page("spot_pending_orders", json.dumps(reply).encode())
    assert samples.read("spot_pending_orders").equals(page.frame)


def test_declared_name_counts_unless_it_is_empty():
    """Where a column has both names, the declared one counts, and the other where that is blank or null."""
    for declared, expected in (("3", 3.0), ("", 7.0), (None, 7.0)):
        item = samples.sample("spot_order_status")["full"]
        item["data"] |= {"last_filled_amount": declared, "last_fill_amount": "7"}
        frame = samples.page("spot_order_status", json.dumps(item).encode()).frame
        assert expected == frame["last_filled_amount"].iloc[0]


def test_nothing_to_do_is_left_alone():
    """An answer with declared names is not decoded, nor is one that is no object at all."""
    for body in (samples.body("spot_pending_orders"), b"[]", b'{"code": 0}', b'"last_fill_price"', b"no JSON"):
        assert body is respell(orders.SpotOrder, body) or body == respell(orders.SpotOrder, body)


def test_numbers_keep_every_digit():
    """Renaming leaves the text of numbers alone, JSON numbers among them."""
    body = b'{"code":0,"data":[{"last_fill_price":1.10,"amount":"1e-7","order_id":9007199254740993}]}'
    assert body.replace(b"last_fill_price", b"last_filled_price") == b"".join(
        sorted_like(respell(orders.SpotOrder, body))
    )


def sorted_like(body):
    """Return the bytes with the renamed cell back in its first place."""
    head, _, rest = body.partition(b"{")[2].partition(b'[{"amount"')
    renamed = b'"last_filled_price":1.10'
    cells = (b'"amount"' + rest).replace(b"," + renamed, b"")
    return [b"{", head, b"[{", renamed, b",", cells]


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if ROUTES[name].batch])
def test_rows_without_wrapper_are_read_too(name):
    """Until 2024-08-22 a batch answered what succeeded flat; refused items had a code even then."""
    full = samples.sample(name)["full"]
    refused = {"code": 3109, "message": "balance not enough"}
    flat = {**full, "data": [*(item["data"] for item in full["data"]), refused]}
    frame = samples.page(name, json.dumps(flat).encode()).frame
    expected = samples.read(name)
    assert [*([0] * len(expected)), 3109] == list(frame["code"])
    assert expected.drop(columns="message").equals(frame.iloc[:-1].drop(columns="message"))


def test_misspelt_words_are_the_documented_ones():
    """``higer`` is higher, ``part_deal`` is part_filled, blanks are missing, a new word joins the categories."""
    stop = samples.sample("spot_pending_stop_orders")["full"]["data"][0]
    words = ["higer", "HIGHER", "", " lower ", "sideways"]
    body = {"code": 0, "data": [stop | {"trigger_direction": word, "stop_id": at} for at, word in enumerate(words)]}
    column = samples.page("spot_pending_stop_orders", json.dumps(body).encode()).frame["trigger_direction"]
    assert ["higher", "higher", None, "lower", "sideways"] == list(column.astype(object).where(column.notna(), None))
    assert ["higher", "lower", "sideways"] == list(column.cat.categories)
    status = samples.sample("spot_order_status")["full"]
    status["data"]["status"] = "part_deal"
    assert ["part_filled"] == list(samples.page("spot_order_status", json.dumps(status).encode()).frame["status"])


def test_pagination_may_be_misspelt():
    """``paginatation`` says as much as ``pagination``."""
    body = samples.body("spot_pending_orders").replace(b"pagination", b"paginatation").replace(b"false", b"true")
    assert samples.page("spot_pending_orders", body).has_next


def test_nested_rows_have_spellings_of_their_own():
    """A row inside a row is respell by its own class."""

    class Inner(Row, kw_only=True):
        also: ClassVar = {"prise": "price"}
        price: column_types.Price

    class Outer(Row, kw_only=True):
        name: column_types.Text
        inner: Inner

    body = b'{"code":0,"data":[{"name":"a","inner":{"prise":"1.5"}}]}'
    assert [1.5] == list(read(Outer, body, Source("GET /x")).frame["price"])


@pytest.mark.skipif(not REPLIES.is_dir(), reason="the documented replies do not lie beside the repository")
@pytest.mark.parametrize("name", FUNCTIONS)
def test_documented_replies_are_read(name):
    """What the documentation and captures show becomes a table without a word of warning."""
    path = REPLIES / f"{name}.json"
    if not path.exists():
        pytest.skip("no reply is documented")
    reply = json.loads(path.read_text("utf-8"))["response"]
    for numbers in ("float", "decimal", "text"):
        frame = samples.page(name, json.dumps(reply).encode(), numbers).frame
        assert 1 == len(frame)
        assert not {"BTCUSDT", "CETUSDT"}.isdisjoint(frame["market"]) if "market" in frame else True
