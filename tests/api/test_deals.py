"""Own deals of all markets: which ones are asked, and that the result is whole, in order, each row once."""

import json
from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.api.assets import ledger as transactions
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.api.positions import history as futures_position_history
from coinex_pandas.api.positions import listing as futures_positions
from tests.api.orders.order_samples import FUNCTIONS, VENUE, signed
from tests.golden import samples
from tests.profiles import cases

pytestmark = pytest.mark.usefixtures("unpaced")

ROOMS = (futures_position_history, futures_positions, transactions)  # whose tables are asked for as well

DAY = 86_400_000
NOW = 1_780_315_200_000


class Account:
    """Answers the lists and the deals of an account from rows in memory, a page at a time."""

    def __init__(self, requests_mock, area="spot", cut=1000):
        self.area, self.cut = area, cut
        self.rows = {}
        self.requests = []
        self.mock = requests_mock
        requests_mock.get(f"{VENUE.http}/time", content=samples.body("server_time"))

    def answers(self, name, rows, *, times=False):
        """Let a table be answered from rows, newest first."""
        self.rows[name] = rows

        def answer(request, _context):
            params = dict(parse_qsl(urlsplit(request.url).query))
            self.requests.append((name, params))
            matching = [row for row in rows if params.get("market") in (None, row.get("market"))]
            if times:
                first, last = int(params.get("start_time", 0)), int(params.get("end_time", 2**62))
                matching = [row for row in matching if first <= row["created_at"] <= last]
            matching = sorted(matching, key=lambda row: -row["created_at"])
            size = min(int(params["limit"]), self.cut)
            first = (int(params["page"]) - 1) * size
            more = first + size < len(matching)
            return json.dumps({"code": 0, "data": matching[first : first + size], "pagination": {"has_next": more}})

        self.mock.get(VENUE.http + ROUTES[name].path, text=answer)

    def markets_requested(self):
        """Return the markets whose deals were asked for, in order."""
        return list(dict.fromkeys(params["market"] for name, params in self.requests if name.endswith("_user_deals")))


def order(number, market, at=NOW, **more):
    """Return an order of a market."""
    return samples.sample("spot_finished_orders")["full"]["data"][0] | {
        "order_id": number,
        "market": market,
        "created_at": at,
        "updated_at": at,
        **more,
    }


def deal(number, market, at):
    """Return a deal of a market."""
    return samples.sample("spot_user_deals")["full"]["data"][0] | {
        "deal_id": number,
        "market": market,
        "created_at": at,
    }


def market(name, base, quote, **more):
    """Return a market and its rules."""
    return samples.sample("spot_markets")["full"]["data"][0] | {
        "market": name,
        "base_ccy": base,
        "quote_ccy": quote,
        **more,
    }


def moved(ccy, at=NOW):
    """Return a line of the ledger: a trade moved a currency."""
    return {"created_at": at, "ccy": ccy, "type": "trade", "balance": "1", "change": "1"}


@pytest.fixture
def account(requests_mock):
    """An account with orders in two markets, and currencies moved that a third market is made of."""
    account = Account(requests_mock)
    account.answers("spot_finished_orders", [order(3, "BTCUSDT"), order(2, "ETHUSDT"), order(1, "BTCUSDT")])
    account.answers("spot_pending_orders", [order(9, "CETUSDT")])
    with_ledger(account)
    account.answers(
        "spot_user_deals", [deal(at, name, NOW + at) for at, name in enumerate(["BTCUSDT", "CETUSDT"] * 3)], times=True
    )
    markets = [market("BTCUSDT", "BTC", "USDT"), market("ETHBTC", "ETH", "BTC"), market("CETUSDT", "CET", "USDT")]
    requests_mock.get(f"{VENUE.http}/spot/market", json={"code": 0, "data": markets, "message": "OK"})
    return account


def with_ledger(account, *currencies):
    """Let the ledger tell which currencies trades have moved."""
    account.answers("spot_transactions", [moved(ccy, NOW + at) for at, ccy in enumerate(currencies)], times=True)


def test_markets_are_found_from_orders_and_the_ledger(account):
    """Finished orders, open ones, and each market both of whose currencies trades have moved; none is asked twice."""
    with_ledger(account, "ETH", "BTC")
    frame = FUNCTIONS["spot_user_deals"](session=signed())
    assert ["BTCUSDT", "ETHUSDT", "CETUSDT", "ETHBTC"] == account.markets_requested()
    assert list(range(6)) == list(frame["deal_id"])
    assert frame.index.is_monotonic_increasing
    assert frame.attrs["coinex"]["complete"]


def test_named_markets_are_the_only_ones_asked(account):
    """One or several: the lists are left alone."""
    frame = FUNCTIONS["spot_user_deals"](["CETUSDT", "BTCUSDT"], session=signed())
    assert {"spot_user_deals"} == {name for name, _ in account.requests}
    assert ["CETUSDT", "BTCUSDT"] == account.markets_requested()
    assert list(range(6)) == list(frame["deal_id"])


def test_start_is_always_told(account):
    """Which range the exchange takes when it is told none is not documented."""
    FUNCTIONS["spot_user_deals"]("BTCUSDT", session=signed())
    assert "1" == account.requests[0][1]["start_time"]


def test_market_that_is_gone_leaves_the_rest_in_doubt(account, requests_mock):
    """Deals of a delisted market cannot be had any more: the others are, and the table says what it lacks."""
    deals = account.rows["spot_user_deals"]

    def answer(request, _context):
        name = dict(parse_qsl(urlsplit(request.url).query))["market"]
        if name == "ETHUSDT":
            return '{"code": 4004, "data": {}, "message": "invalid argument"}'
        return json.dumps({"code": 0, "data": [row for row in deals if row["market"] == name], "message": "OK"})

    requests_mock.get(f"{VENUE.http}/spot/user-deals", text=answer)
    with pytest.warns(cx.IncompleteWarning, match="ETHUSDT.*no longer known"):
        frame = FUNCTIONS["spot_user_deals"](session=signed())
    assert 6 == len(frame)
    with pytest.raises(cx.UnknownMarket):
        FUNCTIONS["spot_user_deals"](["BTCUSDT", "ETHUSDT"], session=signed())


def refuse(account, market, code, area="spot"):
    """Let the deals of one market be refused with a code."""
    rows = account.rows[f"{area}_user_deals"]

    def answer(request, _context):
        name = dict(parse_qsl(urlsplit(request.url).query))["market"]
        if name == market:
            return json.dumps({"code": code, "data": {}, "message": "not now"})
        return json.dumps({"code": 0, "data": [row for row in rows if row["market"] == name], "message": "OK"})

    account.mock.get(f"{VENUE.http}/{area}/user-deals", text=answer)


@pytest.mark.parametrize("code", [4117, 3157, 4130, 4158, 4159])
@pytest.mark.parametrize("closed", ["BTCUSDT", "CETUSDT"])
@pytest.mark.parametrize("markets", [None, "ETHUSDT,BTCUSDT,CETUSDT"])
def test_closed_market_does_not_keep_the_others(account, code, closed, markets):
    """Whether named or found: the rest comes, and what could not be had is named in warning and ``attrs``."""
    refuse(account, closed, code)
    with pytest.warns(cx.IncompleteWarning, match=f"{closed} is closed: its deals were refused with code {code}"):
        frame = FUNCTIONS["spot_user_deals"](markets, session=signed())
    assert {"BTCUSDT", "CETUSDT"} - {closed} == set(frame["market"])
    notes = frame.attrs["coinex"]
    assert (False, True) == (notes["complete"], closed in notes["incomplete"])


def test_closed_market_alone_is_an_error(account):
    """Nothing else could be had, so there is no table to return."""
    refuse(account, "CETUSDT", 4158)
    with pytest.raises(cx.MarketClosed, match="CETUSDT"):
        FUNCTIONS["spot_user_deals"]("CETUSDT", session=signed())
    refuse(account, "CETUSDT", 4003)
    with pytest.raises(cx.ServerFault):
        FUNCTIONS["spot_user_deals"](session=signed())


def test_closed_lists_leave_the_markets_of_the_others(requests_mock):
    """Where the list of positions is refused, the markets of the orders are read, and the table says so."""
    account = Account(requests_mock, "futures")
    for name, market in (("futures_finished_orders", "BTCUSDT"), ("futures_pending_orders", "ETHUSDT")):
        account.answers(name, [samples.sample(name)["full"]["data"][0] | {"market": market}])
    for name in ("futures_finished_positions", "futures_positions"):
        requests_mock.get(VENUE.http + ROUTES[name].path, json={"code": 4130, "data": {}, "message": "over"})
    account.answers("futures_user_deals", [], times=True)
    with pytest.warns(cx.IncompleteWarning, match="futures_finished_positions: .*4130.*futures_positions: .*4130"):
        FUNCTIONS["futures_user_deals"](session=signed())
    assert ["BTCUSDT", "ETHUSDT"] == account.markets_requested()


def test_refused_ledger_is_told(account, requests_mock):
    """Without the ledger the orders' markets are still right, and the table says that nobody vouches for them."""
    requests_mock.get(VENUE.http + ROUTES["spot_transactions"].path, json={"code": 4018, "data": {}, "message": "no"})
    with pytest.warns(cx.IncompleteWarning, match="ledger"):
        assert 6 == len(FUNCTIONS["spot_user_deals"](session=signed()))


def test_on_margin_all_margin_markets_are_asked(account, requests_mock):
    """Orders on margin are told of one market at a time, so nothing less than all would do."""
    markets = [market("BTCUSDT", "BTC", "USDT"), market("ETHBTC", "ETH", "BTC", is_margin_available=False)]
    requests_mock.get(f"{VENUE.http}/spot/market", json={"code": 0, "data": markets, "message": "OK"})
    FUNCTIONS["spot_user_deals"](market_type="MARGIN", session=signed())
    assert ["BTCUSDT"] == account.markets_requested()
    assert {"MARGIN"} == {params["market_type"] for _, params in account.requests}


def test_nothing_traded_is_an_empty_table(requests_mock):
    """No orders, no deals: all columns, no rows."""
    account = Account(requests_mock)
    for name in ("spot_finished_orders", "spot_pending_orders"):
        account.answers(name, [])
    with_ledger(account)
    frame = FUNCTIONS["spot_user_deals"](session=signed())
    assert 0 == len(frame)
    assert samples.sample("spot_user_deals")["columns"] == samples.shape(frame)["columns"]


def test_old_orders_are_not_gone_through(requests_mock):
    """With a start, the list of finished orders is left once it has gone back before it."""
    account = Account(requests_mock, cut=100)
    account.answers("spot_finished_orders", [order(at, "BTCUSDT", NOW - at * DAY) for at in range(1000)])
    account.answers("spot_pending_orders", [])
    account.answers("spot_user_deals", [], times=True)
    with_ledger(account)
    FUNCTIONS["spot_user_deals"](start=NOW - 50 * DAY, session=signed())
    assert 3 >= sum(name == "spot_finished_orders" for name, _ in account.requests)


def test_futures_markets_are_found_from_orders_and_positions(requests_mock):
    """Liquidations and the like leave no order of one's own, but a position."""
    account = Account(requests_mock, "futures")
    finished, pending = (
        samples.sample(f"futures_{state}_orders")["full"]["data"][0] for state in ("finished", "pending")
    )
    account.answers("futures_finished_orders", [finished | {"market": "BTCUSDT"}])
    account.answers("futures_pending_orders", [pending | {"market": "ETHUSDT"}])
    closed, opened = (samples.sample(f"futures_{state}positions")["full"]["data"][0] for state in ("finished_", ""))
    account.answers("futures_finished_positions", [closed | {"market": "LTCUSDT"}])
    account.answers("futures_positions", [opened | {"market": "BTCUSDT"}])
    account.answers("futures_user_deals", [], times=True)
    FUNCTIONS["futures_user_deals"](session=signed())
    assert ["BTCUSDT", "ETHUSDT", "LTCUSDT"] == account.markets_requested()
    assert {"FUTURES"} == {params["market_type"] for _, params in account.requests}


@settings(max_examples=cases(40))
@given(
    rows=st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["BTCUSDT", "CETUSDT", "ETHUSDT"])), max_size=60),
    cut=st.integers(10, 30),
    span=st.tuples(st.integers(0, 40), st.integers(1, 41)),
)
def test_deals_of_several_markets_are_merged(rows, cut, span):
    """Whatever the pages and the times: exactly the rows of the range, each once, in time order."""
    import requests_mock

    deals = [deal(number, name, NOW + at) for number, (at, name) in enumerate(rows)]
    start, end = NOW + span[0], NOW + span[0] + span[1]
    with requests_mock.Mocker() as mocked:
        account = Account(mocked, cut=cut)
        account.answers("spot_user_deals", deals, times=True)
        names = ["CETUSDT", "BTCUSDT", "ETHUSDT"]
        frame = FUNCTIONS["spot_user_deals"](names, start=start, end=end, session=signed())
    expected = [row for row in deals if start <= row["created_at"] < end]
    assert sorted(row["deal_id"] for row in expected) == sorted(frame["deal_id"])
    assert frame.index.is_monotonic_increasing


@pytest.mark.parametrize("area", ["spot", "futures"])
@pytest.mark.parametrize("table", ["finished_orders", "finished_stop_orders"])
def test_finished_ones_are_cut_to_the_range(requests_mock, area, table):
    """The start is included, the end is not, by ``created_at``; rows stand oldest first."""
    name = f"{area}_{table}"
    account = Account(requests_mock, area, cut=20)
    label = ROUTES[name].row.key[0]
    sample = samples.sample(name)["full"]["data"][0]
    rows = [sample | {label: at, "created_at": NOW + at, "updated_at": NOW + at} for at in range(100)]
    account.answers(name, rows)
    frame = FUNCTIONS[name](start=NOW + 30, end=NOW + 70, session=signed())
    assert list(range(30, 70)) == list(frame.index)
    assert frame["created_at"].is_monotonic_increasing
    assert pd.api.types.is_integer_dtype(frame.index.dtype)


def test_orders_may_be_made_in_one_millisecond(requests_mock):
    """Rows of one time are told apart by their id, over any number of pages."""
    account = Account(requests_mock, cut=10)
    account.answers("futures_pending_orders", [row_of("futures_pending_orders", at) for at in range(95)])
    assert list(range(95)) == list(FUNCTIONS["futures_pending_orders"](session=signed()).index)


def row_of(name, number):
    """Return an order of one and the same time."""
    return samples.sample(name)["full"]["data"][0] | {"order_id": number, "created_at": NOW}


@pytest.mark.parametrize("area", ["spot", "futures"])
@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("cut", [10, 1000])
def test_a_deal_without_an_order_is_kept(requests_mock, area, numbers, cut):
    """Its id is missing, or null on the wire; two of one deal with different orders stay two."""
    account = Account(requests_mock, cut=cut)
    sample = samples.sample(f"{area}_user_deals")["full"]["data"][0] | {"market": "BTCUSDT"}
    rows = [sample | {"deal_id": at // 2, "order_id": 500 + at, "created_at": NOW + at // 2} for at in range(30)]
    del rows[4]["order_id"]
    rows[13]["order_id"] = None
    account.answers(f"{area}_user_deals", rows, times=True)
    frame = FUNCTIONS[f"{area}_user_deals"]("BTCUSDT", numbers=numbers, session=signed())
    assert (30, "Int64", 2) == (len(frame), str(frame["order_id"].dtype), frame["order_id"].isna().sum())
    assert {500 + at for at in range(30) if at not in (4, 13)} == set(frame["order_id"].dropna())
    assert frame.attrs["coinex"]["complete"]


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_the_only_deal_may_have_no_order(requests_mock, area):
    """Without a word of warning: another answer may have it."""
    row = dict(samples.sample(f"{area}_order_deals")["full"]["data"][0])
    del row["order_id"]
    requests_mock.get(f"{VENUE.http}/{area}/order-deals", json={"code": 0, "data": [row], "message": "OK"})
    frame = FUNCTIONS[f"{area}_order_deals"]("BTCUSDT", 12, session=signed())
    assert [True] == list(frame["order_id"].isna())
