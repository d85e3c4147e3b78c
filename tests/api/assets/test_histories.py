"""Histories of wallets and balances: whole, each row once, in order of time, whatever the endpoint can filter."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.api.assets.deposits import deposits
from coinex_pandas.api.assets.ledger import spot_transactions
from coinex_pandas.api.assets.loans import margin_borrows
from coinex_pandas.api.assets.pools import amm_incomes
from coinex_pandas.api.assets.transfers import transfers
from coinex_pandas.api.assets.withdrawals import withdrawals
from coinex_pandas.errors import IncompleteWarning, InvalidArgument, MarketClosed
from tests.api.private_tables import DAY, T0, PrivateExchange
from tests.golden import samples
from tests.profiles import cases

TYPES = ("deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer")


def transaction(at, kind="trade", ccy="USDT", change="1"):
    """Return one change of a balance."""
    return {"created_at": at, "ccy": ccy, "type": kind, "balance": "10", "change": change}


def row_of(name, **changes):
    """Return a golden row of a table with some cells changed."""
    return {**samples.sample(name)["full"]["data"][0], **changes}


def newest_first(rows):
    """Return rows as the exchange lists them."""
    return sorted(rows, key=lambda row: row["created_at"], reverse=True)


@st.composite
def ledgers(draw):
    """Draw changes of all types, several of them in one millisecond."""
    times = draw(st.lists(st.integers(T0, T0 + 40), max_size=60))
    kinds = draw(st.lists(st.sampled_from(TYPES), min_size=len(times), max_size=len(times)))
    return newest_first(
        [transaction(at, kind, change=str(n)) for n, (at, kind) in enumerate(zip(times, kinds, strict=True))]
    )


@settings(max_examples=cases(60))
@given(ledger=ledgers(), most=st.integers(10, 30), start=st.integers(T0 - 5, T0 + 20), length=st.integers(1, 50))
def test_every_transaction_of_a_range_comes_once_in_order_of_time(ledger, most, start, length):
    """All types are gathered, however short the pages are and however many rows share a millisecond."""
    frame = spot_transactions(start=start, end=start + length, session=PrivateExchange(_ledger(ledger), most=most))
    expected = sorted(float(row["change"]) for row in ledger if start <= row["created_at"] < start + length)
    assert expected == sorted(frame["change"])
    assert frame.index.is_monotonic_increasing
    assert frame.attrs["coinex"]["complete"]


def _ledger(rows):
    return {"spot_transactions": rows}


def test_all_types_are_asked_for_one_after_the_other():
    """One type per request is all that the exchange takes; one that is named is asked for alone."""
    exchange = PrivateExchange(_ledger([transaction(T0)]))
    spot_transactions(session=exchange)
    assert list(TYPES) == [params["type"] for params in exchange.params_of("spot_transactions")]
    spot_transactions("trade", "usdt", session=exchange)
    assert ("trade", "USDT") == tuple(exchange.requests[-1][1][name] for name in ("type", "ccy"))


def test_equal_transactions_are_as_many_changes():
    """Rows carry no id, so two that look alike stay two."""
    exchange = PrivateExchange(_ledger([transaction(T0), transaction(T0)]))
    assert 2 == len(spot_transactions("trade", session=exchange))


@settings(max_examples=cases(60))
@given(
    times=st.lists(st.integers(T0, T0 + 300), max_size=150, unique=True),
    start=st.none() | st.integers(T0 - 5, T0 + 299),
    end=st.none() | st.integers(T0 + 300, T0 + 310),
    most=st.integers(10, 40),
    is_sorted=st.booleans(),
)
def test_deposits_of_a_range_come_once_in_order_of_time(times, start, end, most, is_sorted):
    """The endpoint knows no times; they are filtered here, also where the list stands in no order."""
    rows = [row_of("deposits", deposit_id=number + 1, created_at=at) for number, at in enumerate(times)]
    exchange = PrivateExchange({"deposits": newest_first(rows) if is_sorted else rows}, most=most)
    frame = deposits(start=start, end=end, session=exchange)
    expected = [row for row in rows if (start or 0) <= row["created_at"] < (end or 2**62)]
    assert [row["deposit_id"] for row in newest_first(expected)[::-1]] == list(frame.index)
    assert all("start_time" not in params for params in exchange.params_of("deposits"))


def test_reading_stops_early_where_the_order_is_proven():
    """Of a thousand deposits, the last day's take a request or two."""
    rows = [row_of("deposits", deposit_id=1000 - number, created_at=T0 - number * 3_600_000) for number in range(1000)]
    exchange = PrivateExchange({"deposits": rows})
    assert 25 == len(deposits(start=T0 - DAY, session=exchange))
    assert 2 >= len(exchange.requests)


def test_a_list_without_order_is_read_to_its_end():
    """A row of the range that stands last is found."""
    rows = [row_of("deposits", deposit_id=number, created_at=T0 - (number * 7919) % 1000) for number in range(1, 300)]
    rows.append(row_of("deposits", deposit_id=300, created_at=T0 + 5))
    assert [300] == list(deposits(start=T0 + 1, session=PrivateExchange({"deposits": rows})).index)


def test_deposits_that_come_while_reading_do_not_hide_others():
    """What is added in front pushes rows onto the next page, where they are not taken twice."""
    rows = [row_of("deposits", deposit_id=500 - number, created_at=T0 - number) for number in range(500)]

    def one_more():
        newest = rows[0]
        rows.insert(0, {**newest, "deposit_id": newest["deposit_id"] + 1, "created_at": newest["created_at"] + 1})

    frame = deposits(session=PrivateExchange({"deposits": rows}, between=one_more))
    assert set(range(1, 501)) <= set(frame.index)
    assert frame.index.is_unique


def test_the_misspelt_pagination_is_read():
    """Deposits call it paginatation on the wire."""
    rows = [row_of("deposits", deposit_id=250 - number, created_at=T0 - number) for number in range(250)]
    assert 250 == len(deposits(session=PrivateExchange({"deposits": rows}, spelt="paginatation")))


@pytest.mark.parametrize(("function", "name"), [(withdrawals, "withdraw_id"), (margin_borrows, "borrow_id")])
def test_withdrawals_and_loans_are_filtered_here_too(function, name):
    """Neither endpoint knows times."""
    rows = [row_of(function.__name__, **{name: 9 - n, "created_at": T0 - n * DAY}) for n in range(9)]
    frame = function(start=T0 - 3 * DAY, end=T0, session=PrivateExchange({function.__name__: rows}))
    assert [6, 7, 8] == list(frame.index)
    assert name == frame.index.name


def test_a_closed_market_does_not_keep_the_incomes_of_others():
    """What could not be had is named; nothing at all is an error."""

    def answer(params):
        if params["market"] == "CETUSDT":
            raise MarketClosed(4159, "closed", endpoint="GET /assets/amm/income-history", about="CETUSDT")
        return [row_of("amm_incomes", market=params["market"], created_at=T0)]

    exchange = PrivateExchange({"amm_incomes": answer})
    with pytest.warns(IncompleteWarning, match="CETUSDT: refused with code 4159"):
        frame = amm_incomes(["CETUSDT", "BTCUSDT"], session=exchange)
    assert ["BTCUSDT"] == list(frame["market"])
    assert not frame.attrs["coinex"]["complete"]
    with pytest.raises(MarketClosed):
        amm_incomes("CETUSDT", session=exchange)


def test_transfers_of_all_currencies_are_gathered():
    """Which currencies there can be is told by the balances and the ledger; both types are asked for."""
    tables = {
        "spot_balances": [{"ccy": "USDT", "available": "1", "frozen": "0"}],
        "futures_balances": [row_of("futures_balances", ccy="CET")],
        "margin_balances": [row_of("margin_balances")],
        "spot_transactions": [transaction(T0, "deposit", "DOGE")],
        "transfers": lambda params: [
            row_of("transfers", id=None, ccy=params["ccy"], created_at=T0 + len(params["ccy"]))
        ],
    }
    exchange = PrivateExchange(tables)
    frame = transfers(session=exchange)
    parts = {(params["ccy"], params["transfer_type"]) for params in exchange.params_of("transfers")}
    assert {(ccy, kind) for ccy in ("BTC", "CET", "DOGE", "USDT") for kind in ("MARGIN", "FUTURES")} == parts
    assert 8 == len(frame)
    assert frame.index.is_monotonic_increasing
    assert frame["id"].isna().all()


def test_transfers_of_named_currencies_ask_for_nothing_else():
    """No balance is read when the currencies are named."""
    exchange = PrivateExchange({})
    transfers(["USDT", "CET"], "FUTURES", session=exchange)
    assert ["USDT", "CET"] == [params["ccy"] for params in exchange.params_of("transfers")]
    assert {"transfers"} == {name for name, _ in exchange.requests}


def test_incomes_of_all_held_pools_are_gathered():
    """The markets are those of the own liquidity; named ones are asked for as named."""
    tables = {
        "amm_liquidity": [row_of("amm_liquidity"), row_of("amm_liquidity", market="BTCUSDT")],
        "amm_incomes": lambda params: [row_of("amm_incomes", market=params["market"], created_at=T0)],
    }
    assert ["CETUSDT", "BTCUSDT"] == list(amm_incomes(session=PrivateExchange(tables))["market"])
    named = PrivateExchange(tables)
    assert ["ETHUSDT"] == list(amm_incomes("ethusdt", session=named)["market"])
    assert {"amm_incomes"} == {name for name, _ in named.requests}


def test_one_part_in_doubt_does_not_keep_the_others_away():
    """Where one type cannot be read whole, the frame says so and holds the others."""

    def endless(params):
        rows = [transaction(T0, params["type"])]
        return rows * 25 if params["type"] == "deposit" else rows

    exchange = PrivateExchange({"spot_transactions": endless}, most=10)
    with pytest.warns(IncompleteWarning, match="not whole"):
        frame = spot_transactions(start=T0, session=exchange)
    assert set(TYPES) == set(frame["type"])
    assert not frame.attrs["coinex"]["complete"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda exchange: spot_transactions("salary", session=exchange),
        lambda exchange: deposits(status="lost", session=exchange),
        lambda exchange: deposits(start="2026-06-02", end="2026-06-01", session=exchange),
        lambda exchange: transfers("USDT", "SPOT", session=exchange),
        lambda exchange: withdrawals(withdraw_id=1.5, session=exchange),
        lambda exchange: margin_borrows(status="PASS", session=exchange),
    ],
)
def test_a_wrong_argument_is_refused_before_anything_is_sent(wrong):
    """The exchange is not asked."""
    exchange = PrivateExchange({})
    with pytest.raises(InvalidArgument):
        wrong(exchange)
    assert [] == exchange.requests


def test_a_history_without_rows_has_all_columns():
    """Also one that is gathered from no part at all."""
    frame = amm_incomes(session=PrivateExchange({"amm_liquidity": []}))
    assert samples.sample("amm_incomes")["columns"] == samples.shape(frame)["columns"]
    assert isinstance(frame.index, pd.DatetimeIndex)
