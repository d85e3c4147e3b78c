"""Every setting of a sandbox, its clock, faults and sockets: a wrong one is refused at once, by its name."""

from __future__ import annotations

import inspect
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.cli.main import main
from coinex_pandas.simulator.faults import Faults
from coinex_pandas.simulator.handle import Sandbox
from coinex_pandas.simulator.market.clock import LAST, Clock
from coinex_pandas.simulator.server.app import Server
from coinex_pandas.simulator.server.counters import Counters
from coinex_pandas.simulator.settings import amount

DAY = 86_400
ODD = [
    pd.NA,
    float("nan"),
    float("inf"),
    -1e300,
    "fast\ud801",
    [1],
    np.array([1.0, 2.0]),
    3**9_000,
    Decimal("sNaN"),
    2j,
]


@pytest.fixture(scope="module")
def house():
    """Give a sandbox for all tests that change nothing in it."""
    made = cx.sandbox(seed=5, now="2026-03-04 05:06", speed=0, balances={"USDT": "70"})
    yield made
    made.close()


def refused(name, function, /, *arguments, **more):
    """Call a function, which refuses its arguments by a name."""
    with pytest.raises(cx.InvalidArgument) as caught:
        function(*arguments, **more)
    assert name in str(caught.value)
    assert 1_500 > len(str(caught.value))


SETTINGS = {
    "seed": [*ODD, 1.5, True, "7", 2**70],
    "faults": [[], 3, {"busy": "often"}, {"busy": float("nan")}, {"busy": 1.2}, {"busy": {"of": 1}}, {"busy": [1.5]}],
    "now": [*ODD, -1, 10**17, "the day after", "9999-12-31", b"2026"],
    "speed": [*ODD, 7e299, 1_000_001, -0.1, "2", True, None, np.timedelta64(1, "s")],
    "port": [*ODD, 65_536, -1, "8765", 80.0, True, None],
    "push_every": [*ODD, 2e299, -0.1, "1", None, True],
    "balances": [
        *([("BTC", 1)], "BTC", 5, {"BTC": "2e998"}, {"BTC": 1e18}, {"BTC": "1e-21"}, {"BTC": -1}, {"BTC": None}),
        *({"DOGEDOGE": 1}, {None: 1}, {"BTC": pd.NA}, {"BTC": Decimal("3E+300000000")}, {"BTC": [1]}),
    ],
    "limits": [*ODD, 1, None, "no"],
}


def test_every_setting_is_tried_here():
    """One list for each parameter."""
    assert set(inspect.signature(cx.sandbox).parameters) == set(SETTINGS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in SETTINGS for value in SETTINGS[name]])
def test_a_sandbox_refuses_a_wrong_setting(name, value):
    """Before anything is served."""
    with pytest.raises(cx.InvalidArgument) as caught:
        cx.sandbox(**{name: value})
    assert (name if name != "faults" else "") in str(caught.value)
    assert 1_500 > len(str(caught.value))


@pytest.mark.parametrize(
    "text",
    [
        *(["--speed", "3e297"], ["--speed", "nan"], ["--balance", "BTC=1e997"], ["--push-every", "inf"]),
        *(["--port", "70000"], ["--seed", "9" * 40], ["--now", "9999-12-30"], ["--fault", "busy=7"]),
        *(["--fault", "slow"], ["--speed=-1"]),
    ],
)
def test_the_command_says_what_is_wrong(capsys, text):
    """One line, exit code 1."""
    assert 1 == main(["sandbox", *text])
    error = capsys.readouterr().err
    assert error.startswith("coinex-pandas")
    assert 1 == error.count("\n")


@pytest.mark.parametrize("value", [*ODD, -1, 3e17, "60", True, None, np.timedelta64(9, "D")])
def test_a_clock_cannot_be_advanced_by_a_wrong_number(value):
    """And stays as it was."""
    clock = Clock(1_000, speed=0)
    refused("advance", clock.advance, value)
    assert 1_000 == clock.now_ms()


def test_a_clock_ends_with_the_last_year_that_can_be_written():
    """It cannot be moved past it, and when it runs there it stands still."""
    clock = Clock(LAST - 5_000, speed=0)
    refused("9998", clock.advance, 6)
    clock.advance(5)
    assert LAST == clock.now_ms()
    running = Clock(LAST, speed=1e6)
    assert LAST == running.now_ms()


@pytest.mark.parametrize("value", [*ODD, 3e300, -1, "1", None])
def test_the_speed_of_a_clock_is_checked_when_it_is_changed(value):
    """The former speed stays."""
    clock = Clock(1_000, speed=0)
    refused("speed", setattr, clock, "speed", value)
    assert (0.0, 1_000) == (clock.speed, clock.now_ms())


def test_a_change_of_speed_does_not_move_the_clock():
    """What has passed, has passed at the former speed."""
    clock = Clock(1_000, speed=0)
    clock._since -= 3_600  # an hour of real time at speed 0
    clock.speed = 1.0
    assert 1_000 + 60_000 > clock.now_ms()


@pytest.mark.parametrize(
    "plan",
    [
        *(7, ["busy"], {7: 1.0}, {"buzy": 1.0}, {"busy": "always"}, {"busy": 1.01}, {"busy": -0.1}, {"busy": None}),
        *({"busy": pd.NA}, {"busy": ["1"]}, {"busy": (1.0, 2.0)}, {"latency": (1.0,)}, {"latency": (1.0, -2)}),
        *({"latency": (1.0, float("inf"))}, {"latency": (1.0, 1e298)}, {"latency": (1.0, "1")}, {"latency": (2, 1)}),
        *({"late_ack": (1.0, float("nan"))}, {"busy": {1: 1}}, {"busy": b"ab"}, {"busy": iter([1])}),
    ],
)
def test_faults_refuse_a_wrong_plan(plan):
    """The former plan stays."""
    faults = Faults({"busy": 0.5})
    former = faults.plan
    with pytest.raises(cx.InvalidArgument):
        faults.set(plan)
    assert former is faults.plan


def test_a_range_of_numbers_takes_no_memory():
    """Every second request from the tenth on, without end."""
    faults = Faults({"busy": range(10, 10**17, 2)})
    assert [10, 12] == [number for number in range(1, 14) if "busy" in faults.next()]


ACCOUNTS = {
    "name": ["", "  ", "me", "@exchange", 5, None, "\udd00", "n" * 2_000],
    "balances": [{"ETH": "1e996"}, {"ETH": float("nan")}, [1], {"NOPE": 1}],
    "parent": ["me", 5, pd.NA],
}
KEYS = {
    "account": ["me", None, pd.NA],
    "trade_enabled": [1, None, pd.NA, "yes"],
    "withdraw_enabled": [0, None, "no"],
    "expires_at": ["soon", -5, float("nan"), pd.NaT],
    "ip_whitelist": ["rubbish", ["10.0.0.300"], ["::1", "x"], [5], [None], 7, pd.NA, "\ud811"],
}
DEPOSITS = {
    "account": ["me", None],
    "ccy": ["NOPE", None, ["BTC"], "\udc77", pd.NA],
    "amount": [0, -1, "1e995", float("inf"), Decimal("9E+200000000"), "1e-30", pd.NA, [1], True],
    "chain": ["moon", 5, [], "\udc77"],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in ACCOUNTS for value in ACCOUNTS[name]])
def test_an_account_is_opened_with_good_values_only(house, name, value):
    """And none is left behind otherwise."""
    before = house.trading.accounts.all()
    refused(name, house.add_account, **{"name": "another", name: value})
    assert before == house.trading.accounts.all()


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in KEYS for value in KEYS[name]])
def test_a_key_is_made_with_good_values_only(house, name, value):
    """A key bound to something that is no address made every request fail with HTTP 500."""
    before = house.trading.accounts.keys(house.account)
    refused(name, house.add_key, **{"account": house.account, name: value})
    assert before == house.trading.accounts.keys(house.account)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in DEPOSITS for value in DEPOSITS[name]])
def test_a_deposit_arrives_with_good_values_only(house, name, value):
    """The error names the parameter, or the currency that has no such chain."""
    good = {"account": house.account, "ccy": "USDT", "amount": "3"}
    with pytest.raises(cx.InvalidArgument):
        house.deposit(**{**good, name: value})
    assert "70" == str(house.trading.ledger.totals()["USDT"].copy_abs() + 70)


def test_an_account_of_another_sandbox_is_none_of_this_one(house):
    """Nor is a sub-account a main account."""
    sub = house.add_account("grid", parent=house.account)
    refused("parent", house.add_account, "finer", parent=sub)
    with cx.sandbox(seed=5, speed=0, now="2026-03-04") as other:
        refused("account", house.add_key, other.account)
        refused("account", house.deposit, other.account, "USDT", 1)


def test_the_methods_of_a_sandbox_are_those_tried_here():
    """A new one needs a test here, too."""
    methods = {name for name, value in vars(Sandbox).items() if inspect.isfunction(value) and name[0] != "_"}
    assert {"add_account", "add_key", "deposit", "signed", "close"} == methods


@pytest.mark.parametrize("key", ["me", 5, pd.NA, ("id", "secret")])
def test_a_session_signs_with_a_key(house, key):
    """Nothing else stands for one."""
    refused("key", house.signed, key)


@pytest.mark.parametrize("value", [*ODD, -1, 5e299, "1", None])
def test_the_settings_of_sockets_are_checked_when_they_are_changed(house, value):
    """Now, not in the middle of the next push."""
    for name in ("push_every", "idle_after"):
        refused(name, setattr, house.sockets, name, value)
    refused("restart", house.sockets.restart, value)
    refused("most_bytes", setattr, Counters(), "most_bytes", value)


@pytest.mark.parametrize("plans", ["busy", {"busy": 1.0}, 5, None, ["nonsense"], [{"late_ack": (1.0, 1e297)}]])
def test_a_script_is_a_list_of_plans(house, plans):
    """One name alone is no list."""
    with pytest.raises(cx.InvalidArgument):
        house.sockets.script(plans)


@pytest.mark.parametrize(
    "money", ["0", 0.25, 10**18 - 1, Decimal("1E-20"), "1.50000000000000000000000000", np.int64(3)]
)
def test_good_amounts_are_exact(money):
    """Nothing is rounded."""
    assert Decimal(str(money)) == amount(money, "amount")


@pytest.mark.parametrize("now", [0, 5, LAST - 1, LAST])
@pytest.mark.parametrize("speed", [0, 1e6])
def test_the_ends_of_what_is_allowed_are_answered(serve, now, speed):
    """With code 0, and with a Date that can be read."""
    from coinex_pandas.simulator.exchange import Exchange

    server: Server = serve(Exchange(0, Clock(now, speed)))
    with requests.Session() as session:
        session.trust_env = False
        for path in ("/time", "/futures/ticker", "/spot/depth?market=BTCUSDT&limit=5&interval=0"):
            answer = session.get(server.http + path, timeout=60)
            assert (200, 0) == (answer.status_code, answer.json()["code"])
            assert answer.headers["Date"].endswith("GMT")


def test_money_at_its_limit_is_answered():
    """The largest balance, with all decimals, stays exact when more comes."""
    largest = "9" * 18 + "." + "9" * 20
    with cx.sandbox(seed=5, now="2026-03-04", speed=0, balances={"BTC": largest}) as exchange:
        assert Decimal(largest) == cx.spot_balances(numbers="decimal").loc["BTC", "available"]
        exchange.deposit(exchange.account, "BTC", "0.5")
        exchange.clock.advance(2 * DAY)
        more = "1" + "0" * 18 + ".4" + "9" * 19
        assert Decimal(more) == cx.spot_balances(numbers="decimal").loc["BTC", "available"]
        assert len(cx.margin_balances()) >= 0
        assert not any(exchange.trading.ledger.totals().values())
