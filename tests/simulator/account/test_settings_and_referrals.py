"""Settings, fee rates, account and referrals of the sandbox."""

from decimal import Decimal

import pytest

from tests.simulator.private_api import NOW, PrivateApi

DAY = 86_400_000


@pytest.fixture(scope="module")
def api():
    """Give a api."""
    return PrivateApi()


def test_fee_rates_are_the_markets(api):
    """By area."""
    assert {"market": "BTCUSDT", "maker_rate": "0.002", "taker_rate": "0.002"} == api.data(
        "trade_fee_rate", market_type="SPOT", market="BTCUSDT"
    )
    assert "0.0005" == api.data("trade_fee_rate", market_type="FUTURES", market="BTCUSDT")["taker_rate"]


@pytest.mark.parametrize("params", [{}, {"market_type": "MARGIN"}, {"market": "NOPE"}, {"market": None}])
def test_fee_rates_that_are_refused(api, params):
    """Kind and market are required; margin markets have the spot rates and are not asked for by their name."""
    good = {"market_type": "SPOT", "market": "BTCUSDT"} if params else {}
    assert 4004 == api.refusal("trade_fee_rate", **good | params)[0]


def test_settings(api):
    """The switch for fees in CET is kept; positions are one-way, and hedge mode is refused in words."""
    assert {} == api.post("account_settings", cet_discount_enabled=True)
    assert {"cet_discount_enabled": True} == api.me.settings
    assert 4004 == api.refusal("account_settings", cet_discount_enabled="true")[0]
    assert {"position_mode": "one_way"} == api.data("futures_market_settings")
    assert {} == api.post("set_futures_market_settings", position_mode="one_way")
    assert "no hedge mode" in api.refusal("set_futures_market_settings", position_mode="hedge")[1]


def test_account_info(api):
    """The account's number, as text."""
    assert {"user_id": str(api.me.user_id)} == api.data("account_info")


def test_referrals_add_up(api):
    """A user's totals are the sums of the days, and so are the days' of the users."""
    users = api.data("referees")
    details = api.data("referee_rebate_details", limit=1000)
    records = api.data("referee_rebate_records", limit=1000)
    assert 3 == len(users)
    for user in users:
        own = [row for row in details if row["uid"] == user["uid"]]
        assert own
        for name in ("spot_value", "deal_fee", "deal_rebate_usdt"):
            total = sum(Decimal(row[name]) for row in own)
            assert abs(total - Decimal(user[f"total_{name}"])) < Decimal("1e-5")
    for record in records:
        of_day = [row for row in details if row["created_at"] == record["created_at"]]
        assert (len(of_day), 0) == (record["deal_user_number"], record["created_at"] % DAY)
    days = [row["created_at"] for row in records]
    assert sorted(days, reverse=True) == days
    assert max(days) <= NOW - DAY


def test_referrals_are_searched_and_bounded(api):
    """By number or name, by time, in pages; agents have users of their own; sub-accounts have none."""
    users = api.data("referees")
    (found,) = api.data("referees", search=users[0]["uid"])
    assert users[0] == found
    assert {found["uid"]} == {row["uid"] for row in api.data("referee_rebate_details", search=found["account_name"])}
    assert [users[1]] == api.data("referees", start_time=users[1]["bound_at"], end_time=users[1]["bound_at"])
    assert {"total": 3, "has_next": True} == api.get("referees", limit=2).pagination
    agents = api.data("agent_referees")
    assert not {row["uid"] for row in agents} & {row["uid"] for row in users}
    assert 2 == len(agents)
    assert api.data("agent_rebate_records")
    assert api.data("agent_rebate_details")
    sub = api.open("a-sub", parent=api.me)
    for name in ("referees", "referee_rebate_records", "referee_rebate_details"):
        assert [] == api.data(name, sub)


def test_no_range_of_rebates_is_longer_than_a_year(api):
    """A longer one is refused, one without a beginning is the last year."""
    old = NOW - 400 * DAY
    assert 4004 == api.refusal("referee_rebate_records", start_time=old)[0]
    assert api.data("referee_rebate_records", start_time=old, end_time=old + 366 * DAY)
