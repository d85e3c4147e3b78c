"""Every channel keeps its contract: what is written about it, how it is called, and the table that it promises."""

import gc
import inspect
import json
import re
import threading
import time

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas import live
from coinex_pandas.live import account, market
from coinex_pandas.tables.kinds import ChoiceKind
from coinex_pandas.tables.rows.book import BookLevel, BookTop
from tests.waiting import until

NAMES = [name for name, known in cx.CHANNELS.items() if known.private is None]
BOOKS = [name for name in NAMES if name.endswith("_depth")]
TABLES = [name for name in NAMES if name not in BOOKS]
NOWHERE = cx.Venue("nowhere", http="http://127.0.0.1:9/v2", ws="ws://127.0.0.1:9/v2")
MARKETS = ("BTCUSDT", "ETHUSDT")

COUNTERPARTS = {name: name for name in TABLES if name in cx.ROUTES}
COUNTERPARTS["futures_premium_index"] = "futures_premium_index_history"
SOCKET_ONLY = {
    "futures_tickers": {
        "insurance_fund_size",
        "latest_funding_rate",
        "latest_funding_time",
        "next_funding_rate",
        "next_funding_time",
    },
    "futures_index_prices": {"mark_price"},
}
HTTP_ONLY = {"created_at", "exchange", "index_weight", "price", "source_created_at"}
"""What an index's answer says beside its price."""


@pytest.fixture
def session():
    """Give a session at a venue where nobody answers."""
    with cx.Session(NOWHERE, retries=0) as made:
        yield made


@pytest.fixture
def begun(session):
    """Give a function that begins a stream there, and end all of them."""
    made = []

    def begin(name, *markets, **settings):
        named = markets or (MARKETS[:1] if name in BOOKS else MARKETS)
        made.append(getattr(live, name)(*named, session=session, **settings))
        return made[-1]

    yield begin
    for stream in made:
        stream.stop()


def sections(name):
    """Return a function's docstring by section; what stands before the first is called text."""
    parts = re.split(r"^(\w+)\n-+$", inspect.getdoc(getattr(live, name)), flags=re.MULTILINE)
    return {"text": parts[0]} | dict(zip(parts[1::2], parts[2::2], strict=True))


def listed(name):
    """Return the columns that a docstring lists, with what it says of each."""
    return dict(re.findall(r"^(\w+) : (.+)$", sections(name)["Columns"], flags=re.MULTILINE))


def shape(frame):
    """Return the columns of a frame with their dtypes, the index among them."""
    levels = {name: f"{frame.index.get_level_values(name).dtype}, index" for name in frame.index.names}
    return levels | frame.dtypes.astype(str).to_dict()


def plain(frame):
    """Return the same without a word about the index."""
    return {name: dtype.removesuffix(", index") for name, dtype in shape(frame).items()}


def threads():
    """Return the names of the threads that streams have; a sandbox that other tests share has one of its own."""
    names = [thread.name for thread in threading.enumerate() if thread.name.startswith("coinex")]
    return [name for name in names if name != "coinex-sandbox"]


# ---- what is written


def test_names_are_sorted_and_are_the_channels():
    """Each file lists its functions in order, and every channel's function is in one, under its own name."""
    assert [sorted(each.__all__) for each in (market, account)] == [market.__all__, account.__all__]
    assert sorted(cx.CHANNELS) == sorted(live.__all__)
    assert all(name == getattr(live, name).__name__ for name in cx.CHANNELS)


def test_channels_are_those_of_both_sockets():
    """Five public channels on the spot socket, six on the other one."""
    spot = {"state", "depth", "deals", "index", "bbo"}
    expected = {("spot", method) for method in spot} | {("futures", method) for method in spot | {"premium"}}
    assert expected == {(cx.CHANNELS[name].area, cx.CHANNELS[name].method) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_noun_is_that_of_the_function_that_asks(name):
    """A stream is called as the function over HTTP is, where there is one."""
    assert name.partition("_")[0] == cx.CHANNELS[name].area
    assert name in cx.ROUTES or cx.CHANNELS[name].method in ("bbo", "premium")


@pytest.mark.parametrize("name", NAMES)
def test_docstring_tells_what_comes_back(name):
    """The first line is one sentence that says what is returned."""
    first = sections(name)["text"].splitlines()[0]
    assert re.match(r"Return (a|the) .*(stream|order book) ", first)
    assert first[-1] == "."


@pytest.mark.parametrize("name", NAMES)
def test_docstring_has_its_sections_in_order(name):
    """Parameters, errors, an example, the columns, and where they are from."""
    assert ["text", "Parameters", "Raises", "Examples", "Columns", "Notes"] == list(sections(name))


@pytest.mark.parametrize("name", NAMES)
def test_docstring_lists_every_parameter(name):
    """Each parameter is described, with its type, in the signature's order, and none that does not exist."""
    heads = re.findall(r"^\*?(\w+) : ", sections(name)["Parameters"], flags=re.MULTILINE)
    assert list(inspect.signature(getattr(live, name)).parameters) == heads


@pytest.mark.parametrize("name", NAMES)
def test_docstring_tells_errors_example_and_source(name):
    """The errors, a call of the function itself, and the exchange's own page stand in their sections."""
    known, told = cx.CHANNELS[name], sections(name)
    assert "CoinExError" in told["Raises"]
    assert ("UnknownMarket" in told["Raises"]) == (name in BOOKS)
    assert f"cx.live.{name}(" in told["Examples"]
    line = f"{known.method}.subscribe on the {known.area} socket. Source: https://docs.coinex.com/api/v2/{known.docs}"
    assert line in told["Notes"]


@pytest.mark.parametrize("name", NAMES)
def test_docstring_says_kind_unit_and_meaning_of_every_column(name):
    """Below each column stand the words of its declaration."""
    row = BookLevel if name in BOOKS else cx.CHANNELS[name].row
    text = sections(name)["Columns"]
    for column in row.columns():
        (said,) = re.findall(rf"^{column.name} : .+\n    (.+)$", text, flags=re.MULTILINE)
        assert said.startswith(column.kind.name)
        assert column.meaning in said
        assert not column.unit or column.unit in said or column.unit in column.kind.dtype


@pytest.mark.parametrize("name", NAMES)
def test_docstring_lists_the_columns_that_the_frame_has(begun, name):
    """Each column stands there with the dtype that its frame has, and those of the index say so."""
    assert shape(begun(name).df) == listed(name)


# ---- how it is called


@pytest.mark.parametrize("name", NAMES)
def test_all_but_markets_is_keyword_only(name):
    """After the markets, or the market, everything is named; defaults are nothing special."""
    first, *others = inspect.signature(getattr(live, name)).parameters.values()
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD if name in BOOKS else inspect.Parameter.VAR_POSITIONAL
    assert kind == first.kind
    assert {inspect.Parameter.KEYWORD_ONLY} == {parameter.kind for parameter in others}
    shared = {"keep": None, "stale_after": None, "reconnect": True, "session": None}
    defaults = {parameter.name: parameter.default for parameter in others}
    assert shared | ({"limit": 50, "interval": "0", "full": False} if name in BOOKS else {}) == defaults


@pytest.mark.parametrize("name", NAMES)
def test_misspelt_keyword_names_the_function(session, name):
    """What is misspelt is told at once, and nothing has begun."""
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'kepe'"):
        getattr(live, name)("BTCUSDT", kepe=5, session=session)
    assert [] == threads()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"keep": 0}, "keep"),
        ({"keep": -5}, "keep"),
        ({"keep": True}, "keep"),
        ({"keep": 2.5}, "keep"),
        ({"keep": "soon"}, "keep"),
        ({"keep": "-5min"}, "keep"),
        ({"keep": pd.NaT}, "keep"),
        ({"stale_after": 0}, "stale_after"),
        ({"stale_after": -1.0}, "stale_after"),
        ({"stale_after": float("nan")}, "stale_after"),
    ],
)
@pytest.mark.parametrize("name", ["futures_deals", "spot_depth"])
def test_setting_that_makes_no_sense_is_told(session, name, settings, told):
    """The error names the parameter and what it was, and nothing has begun."""
    with pytest.raises(cx.InvalidArgument, match=f"{told} is a.* not "):
        getattr(live, name)("BTCUSDT", session=session, **settings)
    assert [] == threads()


@pytest.mark.parametrize("markets", [("",), (5,), ([],), (["BTCUSDT", ""],), ([b"BTCUSDT"],)])
def test_market_that_is_none_is_told(session, markets):
    """A market that is no name is refused before anything has begun."""
    with pytest.raises(cx.InvalidArgument):
        live.spot_deals(*markets, session=session)
    assert [] == threads()


@pytest.mark.parametrize("settings", [{"limit": 30}, {"limit": 0}, {"interval": "0.3"}, {"interval": "x"}])
@pytest.mark.parametrize("name", BOOKS)
def test_shape_that_the_exchange_does_not_have_is_told(session, name, settings):
    """The exchange acknowledges odd limits, so they stop here."""
    with pytest.raises(cx.InvalidArgument):
        getattr(live, name)("BTCUSDT", session=session, **settings)
    assert [] == threads()


def test_venue_without_sockets_is_told():
    """A venue that has no address for sockets says so."""
    with cx.Session(cx.Venue("mute", http=NOWHERE.http)) as session, pytest.raises(cx.InvalidArgument, match="ws="):
        live.spot_deals("BTCUSDT", session=session)
    assert [] == threads()


def test_missing_library_is_told_with_what_to_install(session, monkeypatch):
    """Without the library for sockets the error names it and the line that installs it."""
    monkeypatch.setitem(__import__("sys").modules, "picows", None)
    with pytest.raises(cx.MissingExtra, match=r"picows.*coinex_pandas\[live\]"):
        live.spot_deals("BTCUSDT", session=session)


@pytest.mark.parametrize("name", TABLES)
def test_markets_may_come_in_any_way(begun, name):
    """One by one, in lists, or both; each once, in order."""
    for markets in (("A", "B"), (["A", "B"],), ("A", ("B", "A")), (pd.Index(["A"]), "B")):
        assert ("A", "B") == begun(name, *markets).markets


@pytest.mark.outside  # asks, though nobody is there
@pytest.mark.parametrize("name", TABLES)
def test_no_market_means_all_that_are_listed(session, name):
    """Without markets the list is asked for; where nobody answers that is the error, and nothing has begun."""
    for markets in ((), (None,)):
        with pytest.raises(cx.NoAnswer):
            getattr(live, name)(*markets, session=session)
    assert [] == threads()


# ---- the table that it promises


@pytest.mark.parametrize("name", TABLES)
def test_table_without_rows_has_all_columns(begun, name):
    """Index, columns, dtypes and documented words are there before anything comes."""
    row, frame = cx.CHANNELS[name].row, begun(name).df
    kinds = {column.name: column.kind for column in row.columns() if column.name != "market"}
    index = row.index if row.index in kinds else "received_at"
    dtypes = {column: kind.dtype for column, kind in kinds.items()}
    expected = {"market": "category", **dtypes, "received_at": "datetime64[ms, UTC]"}
    assert (0, index) == (len(frame), frame.index.name)
    assert [column for column in expected if column != index] == list(frame)
    assert expected | {index: f"{expected[index]}, index"} == shape(frame)
    assert list(MARKETS) == list(frame["market"].cat.categories)
    for column, kind in kinds.items():
        assert not isinstance(kind, ChoiceKind) or list(kind.choices) == list(frame[column].cat.categories)


@pytest.mark.parametrize("name", COUNTERPARTS)
def test_columns_are_those_of_the_function_that_asks(begun, name):
    """What HTTP has the stream has, by the same name and dtype, beside market, received_at and what only it sends."""
    asked, found = plain(cx.ROUTES[COUNTERPARTS[name]].row.empty()), plain(begun(name).df)
    own = {"market", "received_at"} | SOCKET_ONLY.get(name, set())
    both = set(asked) & set(found) - {"market"}
    assert set(found) - own == both
    assert set(asked) - both - {"market"} == (HTTP_ONLY if name.endswith("index_prices") else set())
    assert {column: asked[column] for column in both} == {column: found[column] for column in both}


@pytest.mark.parametrize("name", BOOKS)
def test_book_has_the_table_of_the_function_that_asks(begun, name):
    """The book of now is as it is over HTTP; its history has the top of it."""
    book = begun(name)
    assert shape(cx.ROUTES[name].row.empty()) == shape(book.df)
    kinds = {column.name: column.kind.dtype for column in BookTop.columns()}
    kinds["updated_at"] += ", index"
    assert kinds | {"market": "category", "received_at": "datetime64[ms, UTC]"} == shape(book.history)
    assert (None, None, None) == (book.mid, book.spread, book.imbalance())


@pytest.mark.parametrize("name", NAMES)
def test_notes_are_json(begun, name):
    """The notes of a frame are plain JSON and say table, venue, what was asked for and how fresh it is."""
    notes = begun(name).df.attrs["coinex"]
    assert notes == json.loads(json.dumps(notes, allow_nan=False))
    assert (name, "nowhere") == (notes["table"], notes["venue"])
    assert cx.CHANNELS[name].endpoint == notes["request"]["endpoint"]
    assert notes["freshness"]["state"] in ("connecting", "lost")  # lost as soon as the first attempt has failed


@pytest.mark.parametrize("name", NAMES)
def test_stream_where_nobody_answers_says_so(begun, name):
    """It is lost and says why, waits in vain with an error that tells it too, and has neither rows nor gaps."""
    stream = begun(name)
    assert until(lambda: "lost" == stream.state)
    with pytest.raises(cx.NoData, match=f"{name}: 0 of 1 rows came within 0.01 s; it is lost.*; no connection: "):
        stream.wait(rows=1, seconds=0.01)
    assert "no connection: " in stream.df.attrs["coinex"]["freshness"]["because"]
    assert (0, 0, 0) == (len(stream.gaps), stream.stats.rows, stream.stats.messages)
    assert f"<{name} of BTCUSDT" in repr(stream)
    assert ": lost, 0 rows; no connection: " in repr(stream)
    assert [] == list(stream.latest.index)
    assert () == stream.silent


GAPS = {
    "market": "str",
    "start": "datetime64[ms, UTC]",
    "end": "datetime64[ms, UTC]",
    "cause": "str",
    "refilled": "boolean",
    "rows": "int64",
    "after_row": "int64",
}


@pytest.mark.parametrize("name", NAMES)
def test_gaps_without_rows_have_all_columns(begun, name):
    """No gap is an empty table with all its columns."""
    assert GAPS == begun(name).gaps.dtypes.astype(str).to_dict()


# ---- how it ends


@pytest.mark.parametrize("name", NAMES)
def test_stopped_stream_leaves_no_thread(begun, name):
    """After the end of a with block the thread ends by itself; what is there can still be had."""
    with begun(name) as stream:
        assert until(lambda: ["coinex-live"] == threads())
    assert until(lambda: [] == threads()), threads()
    assert "stopped" == stream.state
    assert 0 == len(stream.df)
    stream.stop()
    with pytest.raises(cx.NoData, match="has ended"):
        stream.wait(rows=1)


def test_forgotten_stream_leaves_no_thread(session):
    """A stream that nobody holds any more ends as if it had been stopped."""
    stream = live.spot_deals("BTCUSDT", session=session)
    assert until(lambda: ["coinex-live"] == threads())
    del stream
    gc.collect()
    assert until(lambda: [] == threads()), threads()


def test_streams_share_one_thread(begun):
    """All streams of both areas live on one thread, which ends with the last of them."""
    streams = [begun(name) for name in NAMES]
    assert until(lambda: ["coinex-live"] == threads())
    for stream in streams[:-1]:
        stream.stop()
    time.sleep(0.1)
    assert ["coinex-live"] == threads()
    streams[-1].stop()
    assert until(lambda: [] == threads()), threads()
