"""Whatever stands in a reply's body, reading it ends in a frame or in one of the package's errors, soon."""

import json
import time
import warnings

import pytest

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.tables.decoding import Source, read
from coinex_pandas.tables.unknown_columns import _warned
from tests.paths import ROOT

pytestmark = pytest.mark.sweep

ODD = {
    "deep lists": "[" * 3_000 + "]" * 3_000,
    "deep objects": '{"a":' * 3_000 + "1" + "}" * 3_000,
    "a long number": "7" * 6_000,
    "a long text of digits": f'"{"7" * 6_000}"',
    "too large for a float": "1e777",
    "too large for 64 bits": "-36893488147419103232",
    "too large for a time": "4611686018427387904",
    "a large exponent": '"3E+888888888"',
    "a text": '"\\u0000 ten"',
    "an object": '{"b": [2]}',
    "a flag": "false",
}
WAYS = [
    "futures_modify_position_stop_loss",  # a list of orders inside
    "futures_positions",
    "spot_depth",
    "delete_sub_api",  # whose data are nothing
    "sub_apis",
    "spot_deals",
    "spot_place_orders",  # a batch
    "server_time",
]


def source_of(route):
    """Return the source of a route's replies."""
    return Source(route.endpoint, "BTCUSDT", "test", single=route.single, paged=route.paged)


def places(value, path=()):
    """Yield the paths to all values in JSON, of lists only to the first one."""
    yield path
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from places(inner, (*path, name))
    elif isinstance(value, list) and value:
        yield from places(value[0], (*path, 0))


def with_odd(value, path, odd):
    """Return JSON text in which one value is another one."""
    if not path:
        return odd
    first, *rest = path
    items = value.items() if isinstance(value, dict) else enumerate(value)
    texts = [(name, with_odd(inner, rest, odd) if name == first else json.dumps(inner)) for name, inner in items]
    if isinstance(value, dict):
        return f"{{{', '.join(f'{json.dumps(name)}: {text}' for name, text in texts)}}}"
    return f"[{', '.join(text for _, text in texts)}]"


def error_of(route, body, numbers):
    """Return the package's error about a body; None when it can be read. Errors of others go on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        try:
            read(route.row, body, source_of(route), numbers=numbers)
        except cx.CoinExError as error:
            return error
    return None


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", WAYS)
def test_an_odd_value_anywhere_ends_in_a_frame_or_an_error(name, odd):
    """In the envelope, in each column, inside of lists, and in a new column; as floats and as exact decimals."""
    route = ROUTES[name]
    reply = json.loads((ROOT / f"tests/golden/http/{name}.json").read_text("utf-8"))["full"] | {"new": 1}
    for path in places(reply):
        body = with_odd(reply, path, odd).encode()
        for numbers in ("float", "decimal"):
            error = error_of(route, body, numbers)
            assert error is None or route.endpoint in str(error)
            assert 5_000 > len(str(error))


def test_too_deep_a_nesting_is_named():
    """Beside a refusal, in the rows, and where nobody looks."""
    route, deep = ROUTES["spot_deals"], "[" * 1_000_000
    for body in (
        f'{{"code": 4004, "data": {deep}',
        f'{{"code": 0, "data": {deep}',
        f'{{"x": {deep}, "code": 0, "data": []}}',
    ):
        with pytest.raises(cx.UnexpectedBody, match=r"GET /spot/deals.*too deep"):
            read(route.row, body.encode(), source_of(route))


def test_a_fault_of_another_library_is_not_shown_beside_the_error():
    """It may quote a cell, and so an echo of a key: an error's chain is printed, too."""
    route = ROUTES["spot_deals"]
    reply = {"code": 0, "data": [{"deal_id": 7, "created_at": "ECHO", "side": "buy", "price": "1", "amount": "1"}]}
    with pytest.raises(cx.UnexpectedValue, match="'ECHO'") as caught:
        read(route.row, json.dumps(reply).encode(), source_of(route))
    assert (None, None) == (caught.value.__cause__, caught.value.__context__)


def row_with(count):
    """Return the body of one deal with so many new columns."""
    new = {f"new_{number}": number for number in range(count)}
    deal = {"deal_id": 7, "created_at": 1780315199500, "side": "buy", "price": "1", "amount": "1"} | new
    return json.dumps({"code": 0, "data": [deal], "message": "OK"}).encode()


def test_new_columns_by_the_thousand_are_an_error():
    """Each of them costs a pass over all rows; two hundred are kept, three times what the widest table has."""
    route = ROUTES["spot_deals"]
    with pytest.warns(cx.ColumnsChanged):
        assert 4 + 200 == len(read(route.row, row_with(200), source_of(route)).frame.columns)
    with pytest.raises(cx.UnexpectedBody, match=r"GET /spot/deals.*30,000 new columns"):
        read(route.row, row_with(30_000), source_of(route))


def test_new_columns_in_every_reply_are_not_remembered_for_ever(monkeypatch):
    """So many warnings are enough; what is remembered of them stays small."""
    monkeypatch.setattr("coinex_pandas.tables.unknown_columns._MOST_WARNINGS", len(_warned) + 50)
    route = ROUTES["spot_deals"]
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        for number in range(70):
            read(route.row, row_with(1).replace(b"new_0", f"odd_{number}".encode()), source_of(route))
    assert 51 == len(seen)


def test_the_name_of_a_new_column_is_cut_in_its_warning():
    """A name of a megabyte is no reason for a warning of a megabyte."""
    route = ROUTES["spot_deals"]
    with pytest.warns(cx.ColumnsChanged) as seen:
        read(route.row, row_with(1).replace(b"new_0", b"Z" * 1_000_000), source_of(route))
    assert 400 > len(str(seen[0].message))


def test_a_secret_under_a_new_name_is_a_secret():
    """A table that holds secrets shows no new column: the cells are masked, and give their text when asked."""
    route = ROUTES["sub_apis"]
    reply = json.loads((ROOT / "tests/golden/http/sub_apis.json").read_text("utf-8"))["full"]
    for row in reply["data"]:
        row["api_secret"] = row.pop("secret_key")
    secret = reply["data"][0]["api_secret"]
    for numbers in ("float", "decimal"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", cx.ColumnsChanged)
            frame = read(route.row, json.dumps(reply).encode(), source_of(route), numbers=numbers).frame
        said = repr(frame.to_dict()) + frame.to_csv() + frame.to_html() + repr(frame.attrs)
        assert secret not in said
        assert secret in [cell.reveal() for cell in frame["api_secret"]]


def test_reading_takes_time_in_proportion_to_its_bytes():
    """Twenty thousand rows with new columns, cells that need the exact reading, and a long text each."""
    route = ROUTES["spot_deals"]
    row = '{"deal_id": %d, "created_at": 1780315199500, "side": "buy", "price": "-0", "amount": "1", "new": "%s"}'
    body = b'{"code": 0, "data": [' + ",".join(row % (at, "t" * 400) for at in range(20_000)).encode() + b"]}"
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        assert 20_000 == len(read(route.row, body, source_of(route)).frame)
    assert 5 > time.process_time() - start
