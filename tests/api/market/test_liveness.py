"""Alive, stale, frozen or closed: every verdict with its evidence."""

import json

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.staleness import FUNDING_LATE, INDEX_FROZEN, INDEX_STALE, verdict
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.http.session import Session
from coinex_pandas.tables.decoding import Page

NOW = pd.Timestamp("2026-06-01 12:00", tz="UTC")
SOON, SECOND, HOUR = NOW + pd.Timedelta(hours=4), pd.Timedelta(seconds=1), pd.Timedelta(hours=1)
COLUMNS = ["state", "because", "index_age", "funding_overdue", "volume", "is_available", "delisted_at", "book_levels"]


class Evidence(Session):
    """Answers with exactly the evidence of a test, for the markets A and B; B is always well."""

    def __init__(
        self,
        *,
        index_age=SECOND,
        next_funding=SOON,
        volume=1.0,
        other_volume=1.0,
        available=True,
        delisting=None,
        levels=5,
    ):
        super().__init__(cx.Venue("evidence", http="http://127.0.0.1:9/v2"))
        times = {"created_at": pd.Series([NOW - index_age, NOW - SECOND])}
        self.frames = {
            "markets": self._frame(is_market_available=[available, True], delisted_at=pd.Series([delisting, None])),
            "tickers": self._frame(volume=[volume, other_volume]),
            "index": pd.DataFrame(times).set_axis(
                pd.MultiIndex.from_product([["A", "B"], ["okx"]], names=["market", "exchange"])
            ),
            "funding": self._frame(next_funding_time=pd.Series([next_funding, SOON])),
        }
        self.frames["markets"]["delisted_at"] = pd.to_datetime(self.frames["markets"]["delisted_at"], utc=True)
        self.frames["markets"] = self.frames["markets"].astype({"is_market_available": "boolean"})
        self.levels, self.books = levels, []

    @staticmethod
    def _frame(**columns):
        return pd.DataFrame(columns).set_axis(pd.Index(["A", "B"], name="market", dtype="str"))

    def page(self, route, params, numbers="float", about=""):
        """Return the page of a noun, or a book of so many levels."""
        if route.name.endswith("depth"):
            self.books.append(params["market"])
            return Page(pd.DataFrame(), rows=self.levels)
        noun = next(noun for noun in self.frames if noun in route.name)
        return Page(self.frames[noun], at=NOW)


def verdict_of(**evidence):
    """Return the state and the evidence of market A."""
    row = cx.freshness("futures", session=Evidence(**evidence)).loc["A"]
    return row["state"], row["because"]


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (pd.Timedelta(0), "live"),
        (-7 * SECOND, "live"),
        (INDEX_STALE - SECOND, "live"),
        (INDEX_STALE, "stale"),
        (INDEX_FROZEN - SECOND, "stale"),
        (INDEX_FROZEN, "frozen"),
        (24 * HOUR, "frozen"),
    ],
)
def test_the_age_of_the_index_decides(age, state):
    """Five minutes are stale, an hour is frozen, exactly from there on; trades do not outweigh it."""
    assert state == verdict_of(index_age=age)[0]
    assert "index price is" in verdict_of(index_age=age)[1]


@pytest.mark.parametrize(
    ("late", "state"),
    [
        (-SECOND, "live"),
        (0 * SECOND, "live"),
        (SECOND, "stale"),
        (FUNDING_LATE - SECOND, "stale"),
        (FUNDING_LATE, "frozen"),
    ],
)
def test_a_funding_time_in_the_past_tells(late, state):
    """Some minutes are being settled; ten and more stand still."""
    assert state == verdict_of(next_funding=NOW - late)[0]


def test_other_evidence():
    """Availability, delisting, empty books and quiet markets, each with its words."""
    assert ("closed", "is_market_available is False") == verdict_of(available=False)
    assert ("closed", "delisted since 2026-06-01 11:00 UTC") == verdict_of(delisting=NOW - HOUR)
    assert "live" == verdict_of(delisting=NOW + HOUR)[0]
    assert "live" == verdict_of(volume=0.0)[0]
    assert ("stale", "empty order book and no trade in 24 hours") == verdict_of(volume=0.0, levels=0)
    assert "frozen" == verdict_of(volume=0.0, other_volume=0.0)[0]
    assert "no market traded in 24 hours" in verdict_of(volume=0.0, other_volume=0.0)[1]


def test_the_gravest_finding_wins_and_the_others_are_told():
    """Closed before frozen before stale; what else speaks for it stands beside it."""
    state, because = verdict_of(available=False, index_age=24 * HOUR, volume=0.0, other_volume=0.0)
    assert "closed" == state
    assert "is_market_available is False; index price is 24 h old; no market traded in 24 hours" == because


def test_a_planned_delisting_is_shown():
    """The column holds the date; the market lives until then."""
    row = cx.freshness("futures", session=Evidence(delisting=NOW + HOUR)).loc["A"]
    assert ("live", NOW + HOUR) == (row["state"], row["delisted_at"])


@pytest.mark.parametrize(
    ("books", "volume", "read"),
    [(True, 1.0, ["A", "B"]), (False, 0.0, []), (None, 1.0, []), (None, 0.0, ["A"])],
)
def test_books_are_asked_for_as_wished(books, volume, read):
    """True: all; False: none; None: those that are not plainly alive."""
    session = Evidence(volume=volume)
    levels = cx.freshness("futures", books=books, session=session)["book_levels"]
    assert read == sorted(session.books)
    assert read == list(levels.index[levels.notna()])


@pytest.mark.parametrize(("seed", "now"), [(0, None), (1, "2026-06-01 08:00:01"), (5, "2024-02-29 23:59:59")])
@pytest.mark.parametrize("area", ["spot", "futures"])
def test_an_ordinary_exchange_is_alive(area, seed, now):
    """Every market of it, quiet ones, one in its call auction and one with a planned delisting among them."""
    with cx.sandbox(seed=seed, now=now, speed=0):
        frame = cx.freshness(area)
        tables = [getattr(cx, f"{area}_{noun}")() for noun in ("markets", "tickers", "index_prices")]
    assert {"live"} == set(frame["state"])
    assert COLUMNS == list(frame.columns)
    assert frame["delisted_at"].notna().any()
    assert {"live", "unknown"} >= {table.attrs["coinex"]["freshness"]["state"] for table in tables}


def test_an_exchange_whose_clock_is_ahead_is_alive():
    """Seven seconds are no evidence: ages go by the exchange's own clock."""
    with cx.sandbox(seed=7, faults="clock_skew"):
        assert {"live"} == set(cx.freshness("futures", books=False)["state"])


@pytest.fixture(scope="module")
def stopped():
    """Yield an exchange that has stopped and answers on, as it did on 2026-09-23."""
    with cx.sandbox(seed=7, faults="frozen", now="2026-06-01 12:00", speed=0) as exchange:
        yield exchange


@pytest.mark.parametrize(("area", "state"), [("spot", "frozen"), ("futures", "closed")])
@pytest.mark.parametrize("books", [True, False, None])
def test_a_stopped_exchange_is_found_out(stopped, area, state, books):
    """Every market of both areas, with or without books."""
    frame = cx.freshness(area, books=books, session=stopped.session)
    assert {state} == set(frame["state"])
    assert frame["because"].str.contains("index price is 24 h old").all()
    assert (books is not False) == frame["book_levels"].notna().all()


def test_one_market_is_judged_by_the_whole_exchange(stopped):
    """A market alone shows what it shows among all; names are taken as everywhere."""
    whole = cx.freshness("futures", session=stopped.session)
    for market in ("BTCUSDT", "btcusdt", ["BTCUSDT"]):
        pd.testing.assert_frame_equal(whole.loc[["BTCUSDT"]], cx.freshness("futures", market, session=stopped.session))
    assert ["ETHUSDT", "BTCUSDT"] == list(
        cx.freshness("futures", ["ETHUSDT", "BTCUSDT"], session=stopped.session).index
    )


@pytest.mark.parametrize(("area", "market"), [("futures", "NOPEUSDT"), ("spot", ["BTCUSDT", "EOSUSDT"])])
def test_a_market_that_is_not_listed_is_named(still, area, market):
    """Unknown, or delisted: it is not in the list, and no book is asked for."""
    with pytest.raises(
        cx.UnknownMarket, match=rf"GET /{area}/market for (NOPE|EOS)USDT: the market list .code 0. does not hold it"
    ):
        cx.freshness(area, market, session=still.session)


@pytest.mark.parametrize("area", ["future", "", None, "SPOT"])
def test_there_are_two_areas(area):
    """Anything else is refused before anything is sent."""
    with pytest.raises(cx.InvalidArgument, match=r"area is 'spot' or 'futures'"):
        cx.freshness(area)


@pytest.mark.parametrize("market", [[], "", [""], [7]])
def test_no_market_is_not_every_market(still, market):
    """An empty list is a mistake, not a wish for all."""
    with pytest.raises(cx.InvalidArgument, match="market: one name"):
        cx.freshness("futures", market, session=still.session)


VERDICTS = {
    "futures_markets": ("unknown", "closed"),
    "spot_markets": ("unknown", "unknown"),  # spot has no flag that says so
    "futures_tickers": ("live", "frozen"),
    "spot_tickers": ("live", "frozen"),
    "futures_index_prices": ("live", "frozen"),
    "spot_index_prices": ("live", "frozen"),
    "futures_funding_rates": ("live", "frozen"),
}


@pytest.mark.parametrize("name", VERDICTS)
@pytest.mark.filterwarnings("ignore::coinex_pandas.StaleDataWarning")
def test_the_verdict_of_every_table_alone(still, stopped, name):
    """What a table by itself can say, in both worlds, JSON-able."""
    for expected, exchange in zip(VERDICTS[name], (still, stopped), strict=True):
        frame = getattr(cx, name)(session=exchange.session)
        freshness = frame.attrs["coinex"]["freshness"]
        assert expected == freshness["state"]
        assert frame.index.get_level_values(0).nunique() == sum(freshness["markets"].values())
        assert freshness == json.loads(json.dumps(freshness))


def test_other_tables_say_nothing(still):
    """Candles and books alone do not tell; an empty table neither."""
    assert cx.futures_klines("BTCUSDT", "1min", limit=3, session=still.session).attrs["coinex"]["freshness"] is None
    assert verdict("futures_tickers", ROUTES["futures_tickers"].row.empty(), NOW, whole=True) is None


@pytest.mark.parametrize(
    "name", ["futures_tickers", "futures_markets", "futures_index_prices", "futures_funding_rates"]
)
def test_a_dead_table_warns(stopped, name):
    """Each of them says so by itself."""
    with pytest.warns(cx.StaleDataWarning, match=f"{name} at sandbox: (frozen|closed)"):
        getattr(cx, name)(session=stopped.session)


def test_one_quiet_ticker_is_not_called_frozen(stopped):
    """Without the others nothing is known, and nothing is claimed; warnings are errors here."""
    freshness = cx.futures_tickers("BTCUSDT", session=stopped.session).attrs["coinex"]["freshness"]
    assert "unknown" == freshness["state"]
    assert "cx.freshness()" in freshness["because"]
