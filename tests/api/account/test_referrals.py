"""Referrals: ranges of more than a year are walked year by year, each row and each user once."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from coinex_pandas.api.account.referrals import (
    agent_rebate_details,
    agent_rebate_records,
    agent_referees,
    referee_rebate_details,
    referee_rebate_records,
    referees,
)
from coinex_pandas.tables.times import unix_ms
from tests.api.private_tables import DAY, NOW, PrivateExchange
from tests.golden import samples
from tests.profiles import cases

TODAY = unix_ms(NOW.normalize())
YEAR = 365 * DAY


def days(count, **cells):
    """Return rebate days of a function's golden, newest first, one every ten days."""
    golden = samples.sample("agent_rebate_records")["full"]["data"][0]
    return [{**golden, "created_at": TODAY - number * 10 * DAY, **cells} for number in range(count)]


@pytest.mark.parametrize("function", [agent_rebate_records, referee_rebate_records])
def test_all_years_are_read(function):
    """Without a start from the beginning of the exchange, and no request asks for more than a year."""
    exchange = PrivateExchange({function.__name__: days(200)})
    frame = function(session=exchange)
    assert 200 == len(frame)
    assert frame.index.is_monotonic_increasing
    spans = [params["end_time"] - params["start_time"] for params in exchange.params_of(function.__name__)[1:]]
    assert max(spans) <= YEAR


def test_a_range_within_a_year_is_one_request():
    """Nothing else is asked, not even the time."""
    exchange = PrivateExchange({"agent_rebate_records": days(200)})
    frame = agent_rebate_records(start="2026-01-01", end="2026-05-01", session=exchange)
    assert (12, 1) == (len(frame), len(exchange.requests))


def test_an_end_far_ahead_means_until_now():
    """A range until 2100 is not walked year by year."""
    exchange = PrivateExchange({"agent_rebate_records": days(20)})
    assert 20 == len(agent_rebate_records(start="2025-01-01", end="2100-01-01", session=exchange))
    assert 4 >= len(exchange.requests)


@settings(max_examples=cases(40))
@given(
    rows=st.lists(st.tuples(st.integers(0, 1200), st.integers(1, 4)), unique=True, max_size=80),
    start=st.integers(100, 1300),
    length=st.integers(1, 1300),
)
def test_details_of_a_range_come_once(rows, start, length):
    """A row per day and user, whatever the range is."""
    golden = samples.sample("agent_rebate_details")["full"]["data"][0]
    table = [{**golden, "created_at": TODAY - day * DAY, "uid": str(user)} for day, user in sorted(rows)]
    first, last = TODAY - start * DAY, TODAY - start * DAY + length * DAY
    exchange = PrivateExchange({"agent_rebate_details": table}, most=20)
    frame = agent_rebate_details(start=first, end=last, session=exchange)
    expected = sorted((row["created_at"], row["uid"]) for row in table if first <= row["created_at"] < last)
    assert expected == sorted(zip(frame.index.asi8.tolist(), frame["uid"], strict=True))


@pytest.mark.parametrize("function", [referees, agent_referees])
def test_users_of_all_years_stand_once(function):
    """Who is listed in the answers of several years stands in the frame once."""
    golden = samples.sample("referees")["full"]["data"][0]
    rows = [{**golden, "uid": str(number)} for number in range(250)]
    frame = function(start="2023-01-01", session=PrivateExchange({function.__name__: rows}))
    assert {str(number) for number in range(250)} == set(frame.index)
    assert frame.index.is_unique


def test_a_search_is_sent_along():
    """With every request."""
    exchange = PrivateExchange({"referee_rebate_details": []})
    referee_rebate_details("4000077", start="2023-01-01", session=exchange)
    assert {"4000077"} == {params["search"] for params in exchange.params_of("referee_rebate_details")}


def test_user_ids_are_text_whatever_came():
    """Digits as a number or as text."""
    golden = samples.sample("referees")["full"]["data"][0]
    rows = [{**golden, "uid": 4000077}, {**golden, "uid": "4000078"}]
    for numbers in ("float", "decimal", "text"):
        frame = referees(start="2026-01-01", numbers=numbers, session=PrivateExchange({"referees": rows}))
        assert ["4000077", "4000078"] == sorted(frame.index)
        assert isinstance(frame.index.dtype, pd.StringDtype)
