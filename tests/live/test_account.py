"""Every private channel keeps its contract: what is written about it, how it is called, the table that it promises."""

import inspect
import json
import re
import threading

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas import live
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import KeyNeeded
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.kinds import ChoiceKind
from tests.live.account_stage import PRIVATE
from tests.waiting import until

NOWHERE = cx.Venue("nowhere", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2")
CANARIES = ("CANARYACCESSID0123456789", "CANARYSECRETKEY0123456789")
COUNTERPART = {
    "spot_orders": "spot_pending_orders",
    "futures_orders": "futures_pending_orders",
    "spot_stops": "spot_pending_stop_orders",
    "futures_stops": "futures_pending_stop_orders",
    "spot_notices": "maintenances",
    "futures_notices": "maintenances",
}
OWN = {
    "spot_orders": {"margin_market"},
    "futures_orders": {"stop_id"},
    "spot_stops": {"margin_market", "taker_fee_rate", "maker_fee_rate"},
    "futures_stops": {"taker_fee_rate", "maker_fee_rate"},
    "spot_balances": {"margin_market", "updated_at"},
    "futures_positions": {"first_filled_price", "latest_filled_price"},
}
"""What only the sockets tell."""
EVENTLESS = {"spot_user_deals", "futures_user_deals"}
NAMED = [name for name in PRIVATE if not name.endswith("notices")]
SPOT = [name for name in NAMED if name.startswith("spot")]


@pytest.fixture
def session():
    """Give a session with a key at a venue where nobody answers."""
    with SignedSession(*CANARIES, NOWHERE, retries=0) as made:
        yield made


@pytest.fixture
def begun(session):
    """Give a function that begins a stream there, and end all of them."""
    made = []

    def begin(name, *names, **settings):
        made.append(getattr(live, name)(*names, session=session, **settings))
        return made[-1]

    yield begin
    for stream in made:
        stream.stop()


def sections(name):
    """Return a function's docstring by section; what stands before the first is called text."""
    parts = re.split(r"^(\w+)\n-+$", inspect.getdoc(getattr(live, name)), flags=re.MULTILINE)
    return {"text": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def shape(frame):
    """Return the columns of a frame with their dtypes, the index among them."""
    levels = {name: f"{frame.index.get_level_values(name).dtype}, index" for name in frame.index.names}
    return levels | frame.dtypes.astype(str).to_dict()


def threads():
    """Return the names of the threads that streams have; a sandbox that other tests share has one of its own."""
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("coinex")]
    return [name for name in names if name != "coinex-sandbox"]


# ---- what is written


def test_channels_are_those_of_both_sockets():
    """Five private channels on the spot socket, six on the other one."""
    spot = {"order", "stop", "user_deals", "balance", "notice"}
    expected = {("spot", method) for method in spot} | {("futures", method) for method in spot | {"position"}}
    assert expected == {(cx.CHANNELS[name].area, cx.CHANNELS[name].method) for name in PRIVATE}


@pytest.mark.parametrize("name", PRIVATE)
def test_docstring_tells_what_comes_back(name):
    """The first line is one sentence that says what is returned; the sections are in order."""
    told = sections(name)
    first = told["text"].splitlines()[0]
    assert re.match(r"Return a stream of .*\.$", first)
    assert ["text", "Parameters", "Raises", "Examples", "Columns", "Notes"] == list(told)


@pytest.mark.parametrize("name", PRIVATE)
def test_docstring_lists_every_parameter(name):
    """Each parameter is described in the signature's order, and none that does not exist."""
    heads = re.findall(r"^\*?(\w+) : ", sections(name)["Parameters"], flags=re.MULTILINE)
    assert list(inspect.signature(getattr(live, name)).parameters) == heads


@pytest.mark.parametrize("name", PRIVATE)
def test_docstring_tells_errors_example_and_source(name):
    """The errors, a call of the function itself, that a key is needed, and the exchange's own page."""
    known, told = cx.CHANNELS[name], sections(name)
    assert "KeyNeeded" in told["Raises"]
    assert "CoinExError" in told["Raises"]
    assert f"cx.live.{name}(" in told["Examples"]
    assert f"{known.method}.subscribe on the {known.area} socket. Needs a `SignedSession`." in told["Notes"]
    assert f"https://docs.coinex.com/api/v2/{known.docs}" in told["Notes"]
    assert "none for all" in told["Parameters"] or name not in NAMED
    assert "lists now" not in told["Parameters"]


@pytest.mark.parametrize("name", PRIVATE)
def test_docstring_lists_the_columns_that_the_frame_has(begun, name):
    """Each column stands there with the dtype that its frame has, its kind and meaning, and the index says so."""
    text = sections(name)["Columns"]
    listed = dict(re.findall(r"^(\w+) : (.+)$", text, flags=re.MULTILINE))
    assert shape(begun(name).df) == listed
    for column in cx.CHANNELS[name].row.columns():
        (said,) = re.findall(rf"^{column.name} : .+\n    (.+)$", text, flags=re.MULTILINE)
        assert said.startswith(column.kind.name)
        assert column.meaning in said


# ---- how it is called


@pytest.mark.parametrize("name", PRIVATE)
def test_all_but_names_is_keyword_only(name):
    """After the markets or currencies everything is named; defaults are nothing special."""
    parameters = inspect.signature(getattr(live, name)).parameters.values()
    named = [parameter for parameter in parameters if parameter.kind == inspect.Parameter.KEYWORD_ONLY]
    shared = {"keep": None, "reconnect": True, "session": None}
    assert shared | ({"market_type": "SPOT"} if name in SPOT else {}) == {each.name: each.default for each in named}
    assert len(parameters) - len(named) == (name in NAMED)


@pytest.mark.parametrize("name", PRIVATE)
def test_session_without_a_key_is_told_at_once(name):
    """Before anything has begun, with what to do."""
    with cx.Session(NOWHERE, retries=0) as plain:
        with pytest.raises(KeyNeeded, match=rf"{cx.CHANNELS[name].method}\.subscribe.*SignedSession\.from_env"):
            getattr(live, name)(session=plain)
        former = cx.use(plain)
        try:
            with pytest.raises(KeyNeeded):
                getattr(live, name)()
        finally:
            cx.use(former)
    assert [] == threads()


@pytest.mark.parametrize("name", NAMED)
def test_names_that_are_none_are_told(session, name):
    """A market or currency that is no name is refused before anything has begun."""
    for names in (("",), (5,), ([],), (["BTCUSDT", ""],)):
        with pytest.raises(cx.InvalidArgument, match="currencies" if name.endswith("balances") else "markets"):
            getattr(live, name)(*names, session=session)
    assert [] == threads()


@pytest.mark.parametrize("name", NAMED)
def test_names_may_come_in_any_way(begun, name):
    """One by one, in lists, or both; each once, in order; none for all."""
    for names in (("A", "B"), (["A", "B"],), ("A", ("B", "A")), ("A,B",)):
        assert ("A", "B") == begun(name, *names).markets
    assert () == begun(name).markets == begun(name, None).markets


@pytest.mark.parametrize("name", SPOT)
def test_market_type_is_one_of_two(session, name):
    """Anything else is told; so are margin orders of all markets, which the exchange does not list."""
    with pytest.raises(cx.InvalidArgument, match="market_type is 'SPOT' or 'MARGIN', not 'FUTURES'"):
        getattr(live, name)(market_type="FUTURES", session=session)
    if name in ("spot_orders", "spot_stops"):
        with pytest.raises(cx.InvalidArgument, match="name the markets"):
            getattr(live, name)(market_type="MARGIN", session=session)
    assert [] == threads()


def test_misspelt_keyword_and_setting_are_told(session):
    """What is misspelt is told at once, and nothing has begun."""
    with pytest.raises(TypeError, match=r"spot_orders\(\) got an unexpected keyword argument 'stale_after'"):
        live.spot_orders(stale_after=5, session=session)
    with pytest.raises(cx.InvalidArgument, match="keep is a"):
        live.spot_orders(keep=0, session=session)
    assert [] == threads()


def test_venue_without_sockets_is_told():
    """A venue that has no address for sockets says so."""
    mute = cx.Venue("mute", http=NOWHERE.http)
    with SignedSession(*CANARIES, mute) as session, pytest.raises(cx.InvalidArgument, match="ws="):
        live.spot_orders(session=session)


# ---- the table that it promises


@pytest.mark.parametrize("name", PRIVATE)
def test_columns_are_those_of_the_function_that_asks(begun, name):
    """All that HTTP has, by the same name and dtype and in the same order, and behind it what the socket adds."""
    request = ROUTES[COUNTERPART.get(name, name)].row.empty()
    levels = {each: request.index.get_level_values(each).dtype for each in request.index.names if each is not None}
    plain = {name: str(dtype) for name, dtype in (request.dtypes.to_dict() | levels).items()}
    found = {column: dtype.removesuffix(", index") for column, dtype in shape(begun(name).df).items()}
    added = OWN.get(name, set()) | {"received_at"} | (set() if name in EVENTLESS else {"event"})
    assert set(plain) | added == set(found)
    odd = {column for column in plain if plain[column] != found[column]}
    assert odd <= {"ccy"}  # text as an index, category as a column
    assert name in EVENTLESS or "event" == list(begun(name).df)[-1]


@pytest.mark.parametrize("name", PRIVATE)
def test_latest_has_the_index_of_the_function_that_asks(begun, name):
    """Order, stop, position and currency label the newest rows as they do over HTTP."""
    latest = begun(name).latest
    index = ROUTES[COUNTERPART.get(name, name)].row.empty().index
    expected = {"market"} if name in EVENTLESS else set(index.names) - {None}
    assert expected in (set(latest.index.names), set())
    if index.nlevels == 1 and name not in EVENTLESS and index.name:
        assert index.dtype == latest.index.dtype
    columns = [each for each in begun(name).df.reset_index() if each not in latest.index.names]
    assert set(columns) == set(latest)
    assert "received_at" == list(latest)[-1]


def test_latest_of_margin_accounts_is_labelled_by_both(begun):
    """The same currency may lie in several accounts."""
    latest = begun("spot_balances", market_type="MARGIN").latest
    assert ["margin_market", "ccy"] == list(latest.index.names)


@pytest.mark.parametrize("name", PRIVATE)
def test_table_without_rows_has_all_columns(begun, name):
    """Index, columns, dtypes and documented words are there before anything comes."""
    frame = begun(name).df
    assert (0, "created_at" if name in EVENTLESS else "received_at") == (len(frame), frame.index.name)
    for column in cx.CHANNELS[name].row.columns():
        if isinstance(column.kind, ChoiceKind):
            assert list(column.kind.choices) == list(frame[column.name].cat.categories)


@pytest.mark.parametrize("name", PRIVATE)
def test_notes_are_json_and_show_no_key(begun, name):
    """The notes of a frame are plain JSON and say table, venue, what was asked for and how fresh it is."""
    stream = begun(name)
    notes = stream.df.attrs["coinex"]
    assert notes == json.loads(json.dumps(notes, allow_nan=False))
    assert (name, "nowhere") == (notes["table"], notes["venue"])
    assert cx.CHANNELS[name].endpoint == notes["request"]["endpoint"]
    shown = "".join(map(repr, (notes, stream, vars(stream), stream.stats, stream.status(), stream.gaps)))
    assert not [canary for canary in CANARIES if canary in shown]


@pytest.mark.parametrize("name", PRIVATE)
def test_stream_where_nobody_answers_says_so(begun, name):
    """It is lost and says why, waits in vain with an error that tells it too, and has neither rows nor gaps."""
    stream = begun(name)
    assert until(lambda: "lost" == stream.state)
    with pytest.raises(cx.NoData, match=f"{name}: 0 of 1 rows came within 0.01 s; it is lost; no connection: "):
        stream.wait(rows=1, seconds=0.01)
    assert repr(stream).startswith(f"<{name} of all at nowhere: lost, 0 rows; no connection: ")
    assert ((), 0, 0) == (stream.silent, len(stream.gaps), stream.stats.rows)
    assert 0 == len(stream.tail(5)) == len(stream.tail(5, "BTCUSDT"))


def test_two_keys_never_share_a_connection(begun):
    """Streams of one key share a connection; those of another key, and of none, have their own."""
    from coinex_pandas.live.sockets import pool

    first = begun("spot_orders")
    begun("spot_balances")
    other = SignedSession("ANOTHERACCESSID0123456789", "ANOTHERSECRETKEY0123456789", NOWHERE, retries=0)
    plain = cx.Session(NOWHERE, retries=0)
    streams = [live.spot_orders(session=other), live.spot_deals("BTCUSDT", session=plain)]
    same_key = live.spot_deals("BTCUSDT", session=first._session)
    assert until(lambda: pool._pool is not None and len(pool._pool.drivers) == 3)
    groups = sorted(sorted(driver.connection.subscriptions) for driver in pool._pool.drivers)
    assert [["balance", "deals", "order"], ["deals"], ["order"]] == groups
    for stream in (*streams, same_key):
        stream.stop()


@pytest.mark.parametrize("name", PRIVATE)
def test_stopped_stream_leaves_no_thread(begun, name):
    """After the end of a with block the thread ends by itself; what is there can still be had."""
    with begun(name) as stream:
        assert until(lambda: "coinex-live" in threads())
    assert until(lambda: [] == threads()), threads()
    assert ("stopped", 0) == (stream.state, len(stream.df))


def test_a_table_takes_any_number_of_names(begun):
    """More markets than a narrow column could tell apart."""
    from tests.live.account_stage import Stage, pushed, table

    stage = Stage("spot_orders").begin()
    for number in range(1, 301):
        stage.push("order", pushed("put", number, market=f"C{number}USDT"))
    frame = table(stage.subscriber)
    assert [f"C{number}USDT" for number in range(1, 301)] == frame["market"].astype(str).to_list()
    assert isinstance(frame["market"].dtype, pd.CategoricalDtype)
