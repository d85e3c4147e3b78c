"""Verbs on orders: exact numbers, a name for each, rules before sending, and what happens when no answer comes."""

import decimal
import gc
import json
from decimal import Decimal

import numpy as np
import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.api.orders import market_rules
from coinex_pandas.errors import NotEnabled, OutcomeUnknown
from coinex_pandas.http.signed_session import SignedSession
from tests.api.orders.order_samples import FUNCTIONS, ORDER, VENUE, VERBS, call, mock, sent, signed
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")


def rules(requests_mock, area="spot", **changed):
    """Let the market list answer one market with some rules."""
    market = {
        "market": "BTCUSDT",
        "maker_fee_rate": "0.002",
        "taker_fee_rate": "0.002",
        "min_amount": "0.0001",
        "base_ccy": "BTC",
        "quote_ccy": "USDT",
        "base_ccy_precision": 8,
        "quote_ccy_precision": 2,
        "status": "online",
        "delisted_at": 0,
        "is_api_trading_available": True,
    }
    own = {"is_amm_available": True, "is_margin_available": True, "is_pre_market_trading_available": False}
    future = {
        "contract_type": "linear",
        "tick_size": "0.05",
        "leverage": ["3", "10"],
        "open_interest_volume": "1",
        "is_market_available": True,
        "is_copy_trading_available": False,
    }
    row = market | (own if area == "spot" else future) | changed
    answer = {"code": 0, "data": [row], "message": "OK"}
    return requests_mock.get(f"{VENUE.http}/{area}/market", json=answer)


def place(requests_mock, area="spot", *, check=False, session=None, **arguments):
    """Place an order and return what was sent."""
    name = f"{area}_place_order"
    mock(requests_mock, name, "full")
    FUNCTIONS[name](**(ORDER | arguments), check=check, session=session or signed())
    return sent(requests_mock, name)[-1]["params"]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("0.10", "0.10"),
        (3, "3"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (Decimal("2E+3"), "2000"),
        (np.float32(0.1), "0.1"),
    ],
)
def test_numbers_are_sent_as_they_are_written(requests_mock, number, expected):
    """Text, int, Decimal and float become plain decimals; nothing is rounded, no exponent is sent."""
    params = place(requests_mock, amount=number, price=number)
    assert (expected, expected) == (params["amount"], params["price"])


@given(number=st.decimals(min_value="0.00000001", max_value=10**9, allow_nan=False, places=8))
def test_every_way_to_write_a_number_is_the_same_number(number):
    """The text of a batch's amounts is that of the decimals that were given, to the last digit."""
    order = ORDER | {"amount": number, "price": str(number)}
    body = json.loads(FUNCTIONS["spot_place_orders"]([order], dry_run=True)["body"].iloc[0])["orders"][0]
    assert (number, number) == (Decimal(body["amount"]), Decimal(body["price"]))
    assert "E" not in body["amount"].upper()


@pytest.mark.parametrize("amount", [0, -1, "0.0", True, float("nan"), "ten", None, "1_000"])
def test_what_is_no_amount_is_not_sent(requests_mock, amount):
    """Zero, less, and what is no number stop here, and the parameter is named."""
    with pytest.raises(cx.InvalidArgument, match="amount"):
        place(requests_mock, amount=amount)
    assert not sent(requests_mock, "spot_place_order")


def test_name_is_made_when_none_is_given(requests_mock):
    """Each order has a client_id of the documented sort, so that it can be looked up; it stands in the frame."""
    ids = {place(requests_mock)["client_id"] for _ in range(50)}
    assert 50 == len(ids)
    assert all(len(name) < 32 and name.replace("-", "").replace("_", "").isalnum() for name in ids)
    assert "my-order_1" == place(requests_mock, client_id="my-order_1")["client_id"]


@pytest.mark.parametrize("name", ["", "a" * 33, "no spaces", "ümlaut", 7, "a.b"])
def test_name_that_the_exchange_does_not_take_is_not_sent(requests_mock, name):
    """Letters, digits, hyphen, underscore, up to 32 of them."""
    with pytest.raises(cx.InvalidArgument, match="client_id"):
        place(requests_mock, client_id=name)


@pytest.mark.parametrize("name", ["", " ", 7])
def test_name_that_is_none_finds_and_cancels_nothing(requests_mock, name):
    """An empty one could mean every order."""
    for ask in (
        lambda: FUNCTIONS["spot_pending_orders"](client_id=name, session=signed()),
        lambda: FUNCTIONS["futures_cancel_stop_orders_by_client_id"](name, session=signed()),
    ):
        with pytest.raises(cx.InvalidArgument, match="client_id"):
            ask()
    assert not requests_mock.request_history


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"type": "limit", "price": None}, "price"),
        ({"type": "ioc", "price": None}, "price"),
        ({"type": "market", "ccy": "USDT"}, "a market order has none"),
        ({"type": "market", "price": None}, "ccy"),
        ({"type": "limit", "ccy": "USDT"}, "only market orders"),
        ({"type": "stop"}, "type is one of limit"),
        ({"side": "long"}, "side is one of buy"),
        ({"stp_mode": "none"}, "stp_mode is one of ct"),
        ({"market": "BTCUSDT,ETHUSDT"}, "market"),
        ({"is_hide": "yes"}, "is_hide"),
        ({"market_type": "FUTURES"}, "market_type is one of SPOT, MARGIN"),
    ],
)
def test_what_cannot_be_right_is_not_sent(requests_mock, arguments, words):
    """Combinations that no exchange can take stop here."""
    with pytest.raises(cx.InvalidArgument, match=words):
        place(requests_mock, **arguments)
    assert not sent(requests_mock, "spot_place_order")


def test_market_order_says_what_its_amount_is_counted_in(requests_mock):
    """On spot it must, on futures it cannot."""
    params = place(requests_mock, type="market", price=None, ccy="usdt", amount="100")
    assert {"ccy": "USDT", "amount": "100"} == {name: params[name] for name in ("ccy", "amount")}
    assert "price" not in params
    assert "ccy" not in place(requests_mock, "futures", type="market", price=None)


@pytest.mark.parametrize(
    ("area", "arguments", "words"),
    [
        ("spot", {"amount": "0.00001"}, r"amount 0.00001 on BTCUSDT: the smallest order is 0.0001 .*cx.spot_markets"),
        ("spot", {"amount": "0.123456789"}, "nearest are 0.12345678 and 0.12345679"),
        ("spot", {"price": "60000.123"}, "price 60000.123 on BTCUSDT.*nearest are 60000.12 and 60000.13.*check=False"),
        ("spot", {"type": "market", "price": None, "ccy": "ETH"}, "ccy 'ETH' on BTCUSDT.*BTC or USDT"),
        ("futures", {"price": "60000.12"}, "price.*multiples of 0.05.*nearest are 60000.10 and 60000.15"),
        ("futures", {"amount": "0.00001"}, "smallest order is 0.0001 .*cx.futures_markets"),
    ],
)
def test_order_that_breaks_a_rule_is_not_sent(requests_mock, area, arguments, words):
    """The error names parameter, value, market and what would do; nothing is sent."""
    rules(requests_mock, area)
    with pytest.raises(cx.InvalidArgument, match=words):
        place(requests_mock, area, check=True, **arguments)
    assert not sent(requests_mock, f"{area}_place_order")


def test_words_may_be_written_in_any_case(requests_mock):
    """They are sent as the exchange spells them, and mean the same to what is checked here."""
    params = place(requests_mock, side="BUY", type="Limit", market_type="margin", stp_mode="CT")
    expected = {"side": "buy", "type": "limit", "market_type": "MARGIN", "stp_mode": "ct"}
    assert expected == {name: params[name] for name in expected}
    with pytest.raises(cx.InvalidArgument, match="a market order has none"):
        place(requests_mock, type="MARKET", ccy="BTC")


@pytest.mark.parametrize("name", [name for name in FUNCTIONS if "market_type" in FUNCTIONS[name].__annotations__])
def test_account_is_never_guessed(requests_mock, name):
    """What is neither SPOT nor MARGIN stops here, whatever it is asked for."""
    with pytest.raises(cx.InvalidArgument, match="market_type is one of SPOT, MARGIN"):
        call(name, market_type="FUTURES")
    assert not requests_mock.request_history


def test_margin_is_asked_for_in_any_case(requests_mock):
    """A lower case word reaches the exchange as its own, and does not pass for spot here."""
    with pytest.raises(cx.InvalidArgument, match="on margin"):
        FUNCTIONS["spot_pending_orders"](market_type="margin", session=signed())
    mock(requests_mock, "spot_cancel_all_orders", "full")
    FUNCTIONS["spot_cancel_all_orders"]("BTCUSDT", market_type="margin", session=signed())
    assert "MARGIN" == sent(requests_mock, "spot_cancel_all_orders")[0]["params"]["market_type"]


@pytest.mark.parametrize("name", [name for name in VERBS if "check" in FUNCTIONS[name].__annotations__])
def test_nobody_is_asked_for_rules_without_leave(requests_mock, name):
    """What may not be done is refused before anything is sent, public questions too."""
    with pytest.raises(NotEnabled):
        call(name, check=True, session=SignedSession("CANARYACCESS", "canarysecret", VENUE))
    assert not requests_mock.request_history


def test_rules_hold_in_every_decimal_context(requests_mock):
    """A caller who rounds to three digits neither gets a wrong order through nor a right one refused."""
    rules(requests_mock)
    with decimal.localcontext(prec=3):
        assert place(requests_mock, check=True, amount="12345.12345678")
        with pytest.raises(cx.InvalidArgument, match=r"nearest are 12345\.12345678 and 12345\.12345679"):
            place(requests_mock, check=True, amount="12345.123456781")


def test_rules_that_are_not_told_refuse_nothing(requests_mock):
    """Decimals of null say nothing."""
    rules(requests_mock, base_ccy_precision=None, quote_ccy_precision=None, min_amount="")
    assert place(requests_mock, check=True, amount="0.123456789123", price="1.00000001")


def test_rules_are_asked_for_once(requests_mock):
    """Once for each session and market; a session of its own asks again."""
    rules_read, session = rules(requests_mock), signed()
    for _ in range(3):
        place(requests_mock, check=True, session=session)
    assert 1 == rules_read.call_count
    place(requests_mock, check=True, session=signed())
    assert 2 == rules_read.call_count


def test_forgotten_session_is_forgotten_here():
    """The rules of a session go when it goes."""
    session = signed()
    market_rules._rules_by_session[session] = {}
    before = len(market_rules._rules_by_session)
    del session
    gc.collect()
    assert len(market_rules._rules_by_session) < before


@pytest.mark.parametrize(("area", "flag"), [("spot", "is_api_trading_available"), ("futures", "is_market_available")])
def test_closed_market_takes_no_orders(requests_mock, area, flag):
    """The flag is named; with check=False the order is sent nevertheless, and a market that opens is noticed."""
    rules(requests_mock, area, **{flag: False})
    session = signed()
    with pytest.raises(cx.InvalidArgument, match=f"BTCUSDT takes no orders: {flag} is False"):
        place(requests_mock, area, check=True, session=session)
    assert place(requests_mock, area, check=False, session=session)
    rules(requests_mock, area)
    assert place(requests_mock, area, check=True, session=session)


def test_unknown_market_is_told_before_sending(requests_mock):
    """The market list knows no such market: nothing is sent."""
    requests_mock.get(f"{VENUE.http}/spot/market", json={"code": 4004, "data": {}, "message": "invalid argument"})
    with pytest.raises(cx.UnknownMarket, match="NOSUCH"):
        place(requests_mock, check=True, market="NOSUCH")
    assert not sent(requests_mock, "spot_place_order")


def test_inverse_market_counts_in_quote(requests_mock):
    """Steps of amounts in quote_ccy are not documented: only the smallest amount counts."""
    rules(requests_mock, "futures", contract_type="inverse", min_amount="10", base_ccy_precision=4)
    assert place(requests_mock, "futures", check=True, amount="10.12345")
    with pytest.raises(cx.InvalidArgument, match="the smallest order is 10 "):
        place(requests_mock, "futures", check=True, amount="9")


def test_amount_in_quote_has_no_known_step(requests_mock):
    """A market order of 15 USDT is under no rule that the exchange tells."""
    rules(requests_mock)
    assert place(requests_mock, check=True, type="market", price=None, ccy="USDT", amount="0.00001")


def test_changes_are_checked_too(requests_mock):
    """A new price off the step stops here; no change at all, as well."""
    rules(requests_mock)
    with pytest.raises(cx.InvalidArgument, match=r"trigger_price 1\.123"):
        FUNCTIONS["spot_modify_stop_order"]("BTCUSDT", 7, trigger_price="1.123", session=signed())
    with pytest.raises(cx.InvalidArgument, match="at least one"):
        FUNCTIONS["spot_modify_order"]("BTCUSDT", 7, session=signed())


@pytest.mark.parametrize("name", VERBS)
def test_dry_run_sends_nothing(requests_mock, name):
    """It shows the documented request, without any session, and asks for no rules."""
    frame = call(name, dry_run=True, session=None, **({"check": True} if name in CHECKED else {}))
    assert not requests_mock.request_history
    request = samples.sample(name)["request"]
    assert request["params"] == json.loads(frame["body"].iloc[0])
    assert (request["method"], True) == (
        frame["method"].iloc[0],
        frame["url"].iloc[0].endswith(f"/v2{request['path']}"),
    )
    assert "***" in frame["headers"].iloc[0]


CHECKED = [name for name in VERBS if "check" in FUNCTIONS[name].__annotations__]


@pytest.mark.parametrize("name", VERBS)
def test_lost_answer_says_how_to_find_out(requests_mock, name):
    """No answer is neither yes nor no: it is sent once, and the error names the client_id and the call to make."""
    mock(requests_mock, name, "full")
    requests_mock.post(VENUE.http + ROUTES[name].path, exc=requests.ReadTimeout)
    with pytest.raises(OutcomeUnknown) as caught:
        call(name)
    assert 1 == len(sent(requests_mock, name))
    assert f"cx.{name.partition('_')[0]}_" in caught.value.finds_out
    if "client_id" in samples.sample(name)["request"]["params"]:
        assert samples.sample(name)["request"]["params"]["client_id"] == caught.value.client_id


@pytest.mark.parametrize("name", VERBS)
def test_refusal_is_no_riddle(requests_mock, name):
    """A code is a clear answer: nothing happened."""
    mock(requests_mock, name, {"code": 3109, "data": {}, "message": "balance not enough"})
    with pytest.raises(cx.BalanceTooLow):
        call(name)
    assert 1 == len(sent(requests_mock, name))


def test_calls_that_find_out_can_be_made():
    """They name functions that there are, with arguments that these take."""
    calls = {
        "spot_place_order": 'cx.spot_pending_orders("BTCUSDT", client_id="my-order_1"), and if it is not there '
        'cx.spot_finished_orders("BTCUSDT")',
        "futures_cancel_order": 'cx.futures_order_status("BTCUSDT", 142934016817)',
        "spot_cancel_stop_order": 'cx.spot_pending_stop_orders("BTCUSDT")',
    }
    for name, expected in calls.items():
        assert expected == finding_call(name)
    margin = 'cx.spot_pending_orders("BTCUSDT", client_id="my-order_1", market_type="MARGIN")'
    assert margin in finding_call("spot_place_order", market_type="MARGIN")


def finding_call(name, **more):
    """Return the call that an error names."""
    import requests_mock

    with requests_mock.Mocker() as mocked:
        mock(mocked, name, "full")
        mocked.post(VENUE.http + ROUTES[name].path, exc=requests.ConnectionError)
        with pytest.raises(OutcomeUnknown) as caught:
            call(name, **more)
    return caught.value.finds_out
