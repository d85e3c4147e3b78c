"""Every endpoint of orders and own deals: the request that is made, the table it becomes, what is filled in."""

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.tables import decoding, unknown_columns
from coinex_pandas.tables.rows.answer import Accepted
from tests.api.orders.order_samples import BATCHES, FUNCTIONS, READS, VENUE, VERBS, call, mock, sent, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")
TABLES = [name for name in FUNCTIONS if ROUTES[name].row is not Accepted]


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch):
    """Forget what earlier tests announced: a change of columns must warn, and so fail, in each test."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    monkeypatch.setattr(decoding, "_last_extras", {})


def test_there_are_forty_four():
    """Both areas have the same endpoints: eight to read, fourteen that change something."""
    spot, futures = (
        {name.partition("_")[2] for name in FUNCTIONS if name.startswith(area)} for area in ("spot", "futures")
    )
    assert spot == futures
    assert (16, 28) == (len(READS), len(VERBS))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_request_is_the_documented_one(requests_mock, name):
    """Method, path and parameters on the wire are the sample's: ids are numbers in JSON, amounts are text."""
    mock(requests_mock, name, "full")
    call(name)
    assert [samples.sample(name)["request"]] == sent(requests_mock, name)


@pytest.mark.parametrize("name", FUNCTIONS)
@pytest.mark.parametrize("reply", ["full", "minimal"])
def test_call_returns_the_table(requests_mock, name, reply):
    """A call returns the frame that the reply alone is, apart from what the request knows of each row."""
    mock(requests_mock, name, reply)
    filled = samples.sample(name).get("filled", [])
    expected = samples.read(name, reply).drop(columns=filled)
    frame = call(name)
    assert expected.equals(frame.drop(columns=filled))
    assert all(frame[column].notna().all() for column in filled)
    assert samples.shape(frame) == {part: samples.sample(name)[part] for part in ("index", "columns")}


@pytest.mark.parametrize("name", BATCHES)
def test_refused_item_hides_no_other(requests_mock, name):
    """A row per item in the order of the request: a refused one has code and message, and what the request says."""
    mock(requests_mock, name, "mixed")
    items = samples.sample(name)["mixed"]["data"]
    frame = call(name)
    assert [item["code"] for item in items] == list(frame["code"])
    assert [item["message"] for item in items] == list(frame["message"])
    filled = samples.sample(name)["filled"]
    refused = frame[frame["code"] != 0]
    if len(frame) == len(samples.sample(name)["full"]["data"]):
        assert refused[filled].notna().all().all()
    assert refused.drop(columns=["code", "message", *filled]).isna().all().all()
    assert isinstance(frame.index, pd.RangeIndex)


@pytest.mark.sweep
@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("reply", ["full", "minimal", "empty"])
def test_columns_never_depend_on_the_data(name, reply):
    """Index names, columns and dtypes are those of the sample, in their order, whatever the reply holds."""
    expected = samples.sample(name)
    assert {"index": expected["index"], "columns": expected["columns"]} == samples.shape(samples.read(name, reply))


@pytest.mark.parametrize("name", TABLES)
def test_text_frames_go_back_to_the_same_wire(name):
    """A frame of texts becomes the very objects it came from."""
    data, row = samples.sample(name)["full"]["data"], ROUTES[name].row
    objects = data if isinstance(data, list) else [data]
    expected = sorted(objects, key=lambda item: [item[field] for field in row.order])
    for item in expected:
        if "market" in item:
            item["market"] = item["market"].strip()  # blanks around names are the one thing a frame does not keep
    assert expected == row.to_wire(samples.read(name, numbers="text"))


@pytest.mark.parametrize("name", TABLES)
def test_optional_columns_are_missing_where_left_out(name):
    """What the minimal reply leaves out is missing in every row."""
    frame = samples.read(name, "minimal").reset_index()
    for column in (column for column in ROUTES[name].row.columns() if column.optional):
        assert frame[column.name].isna().all(), column.name


@pytest.mark.parametrize("name", READS)
def test_refusal_names_code_endpoint_and_subject(requests_mock, name):
    """A refusal's text holds the code, the endpoint and the market; an id or a name beside it may be the wrong one."""
    mock(requests_mock, name, "error")
    with pytest.raises(cx.BadParameter, match=rf"{ROUTES[name].endpoint} for BTCUSDT.*4004") as caught:
        call(name)
    params = sent(requests_mock, name)[0]["params"]
    assert isinstance(caught.value, cx.UnknownMarket) != bool({"order_id", "order_ids", "client_id"} & set(params))


@pytest.mark.parametrize("name", [name for name in READS if not ROUTES[name].single])
def test_null_is_an_empty_table_in_doubt(requests_mock, name):
    """Null in place of rows is an empty table; it is also what a fault looks like, so it is not called whole."""
    mock(requests_mock, name, {"code": 0, "data": None, "message": "OK"})
    with pytest.warns(cx.IncompleteWarning, match="null"):
        frame = call(name)
    assert 0 == len(frame)


@pytest.mark.parametrize("name", ["spot_order_status", "futures_order_status"])
def test_order_that_is_not_there_is_not_found(requests_mock, name):
    """Code 3600, and code 0 without an order, both mean that there is none."""
    for answer in ({"code": 3600, "data": {}, "message": "order not found"}, {"code": 0, "data": None}):
        mock(requests_mock, name, answer)
        with pytest.raises(cx.NotFound, match="BTCUSDT"):
            call(name)


def test_statuses_take_ten_ids_at_once(requests_mock):
    """More ids take more requests; the rows stand in the order of the ids, each once."""

    def answer(request, _context):
        ids = request.qs["order_ids"][0].split(",")
        sample = samples.sample("spot_order_statuses")["full"]["data"][0]
        return {"code": 0, "message": "OK", "data": [sample | {"data": sample["data"] | {"order_id": i}} for i in ids]}

    mock(requests_mock, "spot_order_statuses", "full")
    requests_mock.get(f"{VENUE.http}/spot/batch-order-status", json=answer)
    ids = list(range(1000, 975, -1))
    frame = FUNCTIONS["spot_order_statuses"]("BTCUSDT", [*ids, 1000], session=signed())
    assert ids == list(frame["order_id"])
    assert list(range(25)) == list(frame.index)
    params = [each["params"]["order_ids"].split(",") for each in sent(requests_mock, "spot_order_statuses")]
    assert [10, 10, 5] == list(map(len, params))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_docstring_tells_every_parameter_and_column_once(name):
    """Each parameter stands in the docstring, once; so does each column."""
    text = FUNCTIONS[name].__doc__
    heads = [line.split(" : ")[0] for line in text.partition("\nColumns\n")[0].splitlines() if " : " in line]
    documented = [parameter for head in heads for parameter in head.split(", ")]
    assert sorted(documented) == sorted(set(FUNCTIONS[name].__annotations__) - {"return"})
    for column in ROUTES[name].row.columns():
        assert f"\n{column.name} : " in text
