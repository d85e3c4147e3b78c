"""Faults: over a real socket, on the requests they are meant for, and gone when switched off."""

import json
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.faults import FAULTS, HTTP_FAULTS, SOCKET_FAULTS, Faults, Hits
from coinex_pandas.simulator.feeds.feed import Feed
from coinex_pandas.simulator.feeds.snapshot import Snapshots
from coinex_pandas.simulator.market.clock import Clock

NOW = 1_790_133_720_000
HISTORY = "/futures/funding-rate-history"


@pytest.fixture
def get(still, serve):
    """Give a getter of one path under a plan of faults."""
    server = serve(still)
    with requests.Session() as session:
        session.trust_env = False

        def ask(path, faults=None, **params):
            still.faults.set(faults)
            return session.get(server.http + path, params=params, timeout=60)

        yield ask


def test_without_faults_all_is_well(get):
    """A plain answer is HTTP 200, JSON, code 0."""
    answer = get("/ping")
    assert (200, "application/json") == (answer.status_code, answer.headers["Content-Type"])
    assert {"code": 0, "data": {"result": "pong"}, "message": "OK"} == answer.json()


@pytest.mark.parametrize(("fault", "code"), [("busy", 3008), ("unavailable", 4001), ("rate_limited", 4213)])
def test_refusals_are_http_200_with_their_code(get, fault, code):
    """A business error comes with status 200 and an empty object."""
    answer = get("/ping", fault)
    assert (200, code, {}) == (answer.status_code, answer.json()["code"], answer.json()["data"])


def test_a_rate_limit_carries_its_headers(get):
    """The headers say that nothing is left and that one may ask again at once."""
    headers = get("/ping", "rate_limited").headers
    assert ("0", "0") == (headers["X-RateLimit-Remaining"], headers["Retry-After"])


def test_a_bad_gateway_is_a_html_page(get):
    """A gateway's error is no JSON."""
    answer = get("/ping", "bad_gateway")
    assert (502, True) == (answer.status_code, answer.text.startswith("<html>"))


def test_latency_delays_the_answer(get):
    """The delay is 50 ms, or the one given."""
    started = time.perf_counter()
    get("/ping", {"latency": (1.0, 0.3)})
    assert time.perf_counter() - started >= 0.3
    started = time.perf_counter()
    get("/ping", "latency")
    assert time.perf_counter() - started >= 0.05


@pytest.mark.parametrize("path", ["/ping", "/futures/ticker"])
def test_drop_closes_without_an_answer(get, path):
    """The client sees a broken connection."""
    with pytest.raises(requests.ConnectionError):
        get(path, "drop")
    assert 200 == get(path).status_code


def test_cut_closes_in_the_middle(get):
    """The body is shorter than its Content-Length."""
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        get("/futures/ticker", "cut")
    assert 200 == get("/futures/ticker").status_code


def test_truncate_is_whole_for_http_and_broken_for_json(get):
    """The length is right, the JSON stops."""
    answer = get("/futures/ticker", "truncate")
    assert str(len(answer.content)) == answer.headers["Content-Length"]
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.content)


def test_content_type_is_wrong_and_the_body_right(get):
    """Right JSON is labelled as HTML."""
    answer = get("/ping", "content_type")
    assert (True, 0) == (answer.headers["Content-Type"].startswith("text/html"), json.loads(answer.text)["code"])


def test_null_data_keeps_code_zero(get):
    """An answer can hold nothing at all."""
    assert {"code": 0, "data": None, "message": "OK"} == get("/futures/ticker", "null_data").json()


def test_a_new_column_is_on_every_row(get):
    """Every row has the field, lists and objects alike; the next plain answer has it no more."""
    rows = get("/futures/ticker", "new_column").json()["data"]
    assert {"1.5"} == {row["brand_new"] for row in rows}
    assert "1.5" == get("/ping", "new_column").json()["data"]["brand_new"]
    assert "brand_new" not in get("/futures/ticker").json()["data"][0]


def test_has_next_can_lie(get):
    """The last page claims another one, which is empty."""
    page = {"market": "BTCUSDT", "limit": "1000"}
    for number, rows in ((3, True), (4, False)):
        answer = get(HISTORY, "lying_has_next", page=number, **page).json()
        assert (True, rows) == (answer["pagination"]["has_next"], bool(answer["data"]))


def test_clock_skew_shows_in_time_and_date(get):
    """Both clocks of the server run seven seconds ahead."""
    true, skewed = get("/time"), get("/time", "clock_skew")
    assert 7000 == skewed.json()["data"]["timestamp"] - true.json()["data"]["timestamp"]
    dates = [parsedate_to_datetime(answer.headers["Date"]).timestamp() for answer in (true, skewed)]
    assert [NOW / 1000, NOW / 1000 + 7] == dates


@pytest.mark.parametrize("path", [HISTORY, "/futures/liquidation-history"])
def test_inserted_rows_push_the_pages_along(get, path):
    """A row that appears at the front makes page 2 repeat the last row of page 1, and stays."""
    page = {"market": "BTCUSDT", "limit": "10"}
    plain = [get(path, page=number, **page).json()["data"] for number in (1, 2)]
    pushed = get(path, "insert_rows", page=2, **page).json()["data"]
    assert plain[0][-1:] + plain[1][:-1] == pushed
    assert plain[0][:9] == get(path, page=1, **page).json()["data"][1:]
    assert pushed == get(path, page=2, **page).json()["data"]


def test_a_fixed_end_is_safe_from_inserted_rows(get):
    """Rows that appear after end_time do not move the pages of a fixed range."""
    page = {"market": "BTCUSDT", "limit": "10", "end_time": str(NOW - 1)}
    plain = get(HISTORY, page=2, **page).json()
    assert plain == get(HISTORY, "insert_rows", page=2, **page).json()


def test_schedules_and_rates_are_deterministic():
    """Request numbers hit exactly those requests; a rate hits its share, the same ones every time."""
    faults = Faults({"busy": [2, 4], "drop": range(5, 7)})
    assert [[], ["busy"], [], ["busy"], ["drop"], ["drop"], []] == [sorted(faults.next().names) for _ in range(7)]
    runs = [
        [bool(plan.next().names) for _ in range(1000)] for plan in (Faults({"busy": 0.2}, 7), Faults({"busy": 0.2}, 7))
    ]
    assert runs[0] == runs[1]
    assert 150 < sum(runs[0]) < 250
    faults.set(None)
    assert Hits() == faults.next()


@pytest.mark.parametrize("wrong", ["nope", {"busy": 2}, {"busy": (0.5, 1.0)}, {"nope": 0.1}])
def test_a_wrong_plan_says_what_is_possible(wrong):
    """Unknown names and impossible rates raise at once, and the plan before stays."""
    faults = Faults("busy")
    with pytest.raises(ValueError, match=r"bad_gateway|list"):
        faults.set(wrong)
    assert "busy" in faults.next()


def test_a_plan_is_followed_over_the_wire(get, still):
    """Numbers count requests from the moment the plan was set."""
    codes = [get("/ping", {"busy": [2]}).json()["code"]]
    with requests.Session() as session:
        session.trust_env = False
        url = get("/ping").url
        still.faults.set({"busy": [2]})
        codes += [session.get(url, timeout=60).json()["code"] for _ in range(3)]
    assert [0, 0, 3008, 0] == codes


def frozen(exchange, name, **params):
    """Ask a frozen exchange."""
    return exchange.answer(name, params, Hits(frozenset({"frozen"})))


def test_frozen_futures_look_as_they_did(still):
    """Everything the probe saw on 2026-09-23, at the same instant of the clock."""
    stopped = NOW - 24 * 3_600_000 - 12 * 60_000  # 2026-09-22 03:10 UTC
    for row in frozen(still, "futures_markets").data:
        assert ("online", True, False, "0") == (
            row["status"],
            row["is_api_trading_available"],
            row["is_market_available"],
            row["open_interest_volume"],
        )
    tickers = {row["market"]: row for row in frozen(still, "futures_tickers").data}
    for row in tickers.values():
        assert {"0"} == {row[name] for name in ("volume", "value", "volume_buy", "volume_sell")}
        assert row["open_interest_volume"] != "0"
    assert "552.725" == tickers["BTCUSDT"]["open_interest_volume"]
    for row in frozen(still, "futures_index_prices").data:
        assert stopped - 60_000 <= row["created_at"] <= stopped
    for row in frozen(still, "futures_funding_rates").data:
        assert 11 * 3_600_000 <= NOW - row["next_funding_time"] < 20 * 3_600_000
    history = frozen(still, "futures_funding_rate_history", market="BTCUSDT").data
    assert ["-0.00375", "-0.00375", "0"] == [row["actual_funding_rate"] for row in history[:3]]
    assert history[0]["funding_time"] > NOW - 8 * 3_600_000


def test_frozen_books_are_empty_and_move_on(still):
    """No levels, checksum 0, yet a new updated_at each time."""
    seen = []
    for _ in range(2):
        depth = frozen(still, "futures_depth", market="BTCUSDT", limit="5", interval="0").data["depth"]
        assert ([], [], 0) == (depth["asks"], depth["bids"], depth["checksum"])
        seen.append(depth["updated_at"])
        still.clock.advance(1)
    assert 1000 == seen[1] - seen[0]


def test_frozen_candles_go_on_flat(still):
    """Candles after the end repeat the last price with volume "0"; those before are as ever."""
    params = {"market": "BTCUSDT", "period": "1hour", "limit": "48"}
    before, after = still.answer("futures_klines", params).data, frozen(still, "futures_klines", **params).data
    assert [row["created_at"] for row in before] == [row["created_at"] for row in after]
    assert before[:22] == after[:22]
    assert before[:24] != after[:24]
    assert {("0", after[-1]["close"])} == {(row["volume"], row["high"]) for row in after[-24:]}
    assert {"0"} == {row["volume"] for row in frozen(still, "spot_klines", **params).data[-24:]}


@pytest.mark.parametrize("start", [NOW, NOW + 5 * 3_600_000, NOW + 14 * 3_600_000 + 1])
def test_the_frozen_picture_is_the_same_at_any_start(start):
    """However the clock starts, volumes are zero and the next settlement lies eleven hours back or more."""
    exchange = Exchange(0, Clock(start, speed=0))
    assert {"0"} == {row["volume"] for row in frozen(exchange, "futures_tickers").data}
    for row in frozen(exchange, "futures_funding_rates").data:
        assert row["next_funding_time"] <= start - 11 * 3_600_000
    deals = frozen(exchange, "futures_deals", market="BTCUSDT").data
    assert deals[0]["created_at"] <= start - 24 * 3_600_000


def test_thawing_brings_the_market_back(still):
    """Without the fault the same exchange is alive again."""
    assert "0" == frozen(still, "futures_tickers", market="BTCUSDT").data[0]["volume"]
    assert "0" != still.answer("futures_tickers", {"market": "BTCUSDT"}).data[0]["volume"]


def closed(exchange, name, **params):
    """Ask an exchange whose spot area is closed."""
    return exchange.answer(name, params, Hits(frozenset({"closed_spot"})))


SPOT_DATA = {
    "spot_tickers": {},
    "spot_index_prices": {},
    "spot_depth": {"limit": "5", "interval": "0"},
    "spot_deals": {},
    "spot_klines": {"period": "1day"},
}


@pytest.mark.parametrize("market", ["BTCUSDT", "CETUSDT", "BTCUSDT,ETHUSDT", "NOSUCHUSDT"])
@pytest.mark.parametrize("name", SPOT_DATA)
def test_a_closed_spot_area_knows_no_market(still, name, market):
    """Every market is "not found", one as well as several; without the fault the market is there again."""
    reply = closed(still, name, market=market, **SPOT_DATA[name])
    assert (3639, f"Invalid Parameter: market {market} not found") == (reply.code, reply.message)
    assert 0 == still.answer(name, {"market": "BTCUSDT", **SPOT_DATA[name]}).code


def test_lists_of_a_closed_spot_area_are_empty(still):
    """Where no market is named there is no row; a book without a market stays a wrong request."""
    assert [[], []] == [closed(still, name).data for name in ("spot_tickers", "spot_index_prices")]
    assert 4004 == closed(still, "spot_depth", limit="5", interval="0").code


def test_a_closed_spot_area_leaves_its_catalogues(still):
    """The market lists answer as before, and the settings of the chains: for withdrawals only."""
    for name, params in (("spot_markets", {}), ("assets_info", {}), ("amm_pools", {"market": "CETUSDT"})):
        assert 0 == closed(still, name, **params).code
    assert still.answer("spot_markets", {}) == closed(still, "spot_markets")
    settings = closed(still, "deposit_withdraw_configs").data
    assert closed(still, "deposit_withdraw_config", ccy="BTC").data in settings
    assert {False} == {row["deposit_enabled"] for each in settings for row in (each["asset"], *each["chains"])}
    assert any(each["asset"]["withdraw_enabled"] for each in settings)
    assert any(each["asset"]["deposit_enabled"] for each in still.answer("deposit_withdraw_configs", {}).data)


@pytest.mark.parametrize(
    "name", ["futures_markets", "futures_tickers", "futures_index_prices", "futures_funding_rates"]
)
def test_beside_a_closed_spot_area_futures_are_frozen(still, name):
    """What `frozen` shows of them."""
    assert frozen(still, name) == closed(still, name)


@pytest.fixture
def session():
    """Give a session at a sandbox whose spot area is closed."""
    with cx.sandbox(now=NOW, speed=0, faults="closed_spot") as exchange:
        yield exchange.session


def test_a_closed_spot_area_over_the_wire(session):
    """Tickers are unknown markets to a client, private data answers, orders are refused."""
    with pytest.raises(cx.UnknownMarket, match="3639"):
        cx.spot_tickers("BTCUSDT", session=session)
    assert "USDT" in cx.spot_balances(session=session).index
    with pytest.raises(cx.MarketClosed, match="4117"):
        cx.spot_place_order("BTCUSDT", "buy", "limit", "0.001", "20000", session=session)


def test_sockets_of_a_closed_spot_area_are_silent(still):
    """Spot markets push nothing; those of futures push what they do when frozen."""
    pushes = {}
    for fault in (None, "closed_spot", "frozen"):
        still.faults.set(fault)
        for area in ("spot", "futures"):
            feed = Feed(area)
            feed.channels["state"].subscribe([])
            feed.channels["bbo"].subscribe(["BTCUSDT"])
            pushes[area, fault] = [push.data for push in feed.due(Snapshots(still).now(area))]
    assert ([], pushes["futures", "frozen"]) == (pushes["spot", "closed_spot"], pushes["futures", "closed_spot"])
    assert pushes["spot", None]


def test_every_fault_is_explained():
    """Each name says what it does."""
    assert all(FAULTS.values())
    assert (18, 16) == (len(HTTP_FAULTS), len(SOCKET_FAULTS))
    assert len(FAULTS) == len(HTTP_FAULTS) + len(SOCKET_FAULTS)
