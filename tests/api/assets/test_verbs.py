"""Moving money: what is checked before, what is sent, and what is kept out of attrs and errors."""

import json

import pytest

import coinex_pandas as cx
from coinex_pandas.api.assets.deposits import deposit_address, renew_deposit_address
from coinex_pandas.api.assets.loans import margin_borrow, margin_repay
from coinex_pandas.api.assets.pools import amm_add_liquidity
from coinex_pandas.api.assets.transfers import transfer
from coinex_pandas.api.assets.withdrawals import cancel_withdraw, withdraw
from coinex_pandas.errors import KeyNeeded, NotEnabled
from coinex_pandas.http.signed_session import SignedSession
from tests.api.private_tables import PrivateExchange
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")
VENUE = cx.Venue("mock", http="http://127.0.0.1:9/v2")
ADDRESS = "canary-address"


@pytest.fixture
def exchange(requests_mock):
    """Return a signed session whose exchange knows the rules of USDT and takes every withdrawal."""
    requests_mock.get(f"{VENUE.http}/time", content=samples.body("server_time"))
    requests_mock.get(f"{VENUE.http}/assets/deposit-withdraw-config", json=rules())
    requests_mock.post(f"{VENUE.http}/assets/withdraw", content=samples.body("withdraw"))
    return SignedSession("canary-id", "canary-secret", VENUE, withdrawing=True, trading=True, retries=0)


def rules(**changes):
    """Return the rules of USDT with two chains, the second closed."""
    reply = samples.sample("deposit_withdraw_config")["full"]
    asset = {**reply["data"]["asset"], "ccy": "USDT", "withdraw_enabled": True, "inter_transfer_enabled": False}
    chain = {**reply["data"]["chains"][0], "chain": "TRC20", "min_withdraw_amount": "10", "withdrawal_precision": 2}
    closed = {**chain, "chain": "BSC", "withdraw_enabled": False}
    chains = [{**chain, "withdraw_enabled": True, **changes}, closed]
    return {**reply, "data": {"asset": asset, "chains": chains}}


def sent(requests_mock):
    """Return the bodies that were posted."""
    return [json.loads(request.body) for request in requests_mock.request_history if request.method == "POST"]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"chain": "TRC21"}, "TRC20, BSC"),
        ({"chain": None}, "chain"),
        ({"chain": "BSC"}, "cannot be withdrawn on BSC"),
        ({"amount": "9.99"}, "at least 10 USDT"),
        ({"amount": "25.125"}, "2 decimals"),
        ({"amount": 0}, "more than 0"),
        ({"amount": float("nan")}, "amount"),
        ({"withdraw_method": "inter_user", "chain": None}, "cannot be sent to another user"),
        ({"withdraw_method": "by_post"}, "on_chain, inter_user"),
        ({"to_address": " "}, "to_address"),
    ],
)
def test_a_withdrawal_that_cannot_be_is_refused_here(requests_mock, exchange, wrong, words):
    """Chain, least amount, decimals and closed doors are told by name, and nothing is sent."""
    arguments = {"ccy": "USDT", "amount": "25", "to_address": ADDRESS, "chain": "TRC20"} | wrong
    with pytest.raises(cx.InvalidArgument, match=words) as caught:
        withdraw(**arguments, session=exchange)
    assert ADDRESS not in str(caught.value)
    assert [] == sent(requests_mock)


def test_a_withdrawal_is_sent_exactly(requests_mock, exchange):
    """The number as it was given, the address as it was given, and no parameter that was not."""
    withdraw("usdt", "25.10", ADDRESS, chain="TRC20", memo="7", session=exchange)
    expected = {"ccy": "USDT", "amount": "25.10", "to_address": ADDRESS, "chain": "TRC20", "memo": "7"}
    assert [{**expected, "withdraw_method": "on_chain"}] == sent(requests_mock)


def test_unchecked_withdrawals_ask_for_no_rules(requests_mock, exchange):
    """check=False leaves the judgement to the exchange."""
    withdraw("USDT", "1", ADDRESS, chain="any", check=False, session=exchange)
    assert "/v2/assets/deposit-withdraw-config" not in {request.path for request in requests_mock.request_history}


def test_rules_that_are_not_told_refuse_nothing(requests_mock, exchange):
    """A least amount and decimals of null say nothing."""
    requests_mock.get(
        f"{VENUE.http}/assets/deposit-withdraw-config", json=rules(min_withdraw_amount="", withdrawal_precision=None)
    )
    assert 1 == len(withdraw("USDT", "0.00000001", ADDRESS, chain="TRC20", session=exchange))


def test_addresses_stand_in_the_frame_and_nowhere_else(requests_mock, exchange):
    """Attrs travel with every copy of a frame; the address is not among them."""
    frame = withdraw("USDT", "25", ADDRESS, chain="TRC20", memo="canary-memo", session=exchange)
    assert "not-a-real-address" == frame["to_address"].item()
    assert "canary" not in json.dumps(frame.attrs["coinex"])
    requests_mock.post(f"{VENUE.http}/assets/withdraw", json=samples.sample("withdraw")["error"])
    with pytest.raises(cx.Refused) as caught:
        withdraw("USDT", "25", ADDRESS, chain="TRC20", session=exchange)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    "verb",
    [
        lambda session: withdraw("USDT", "25", ADDRESS, chain="TRC20", check=False, session=session),
        lambda session: cancel_withdraw(1, session=session),
        lambda session: transfer("SPOT", "FUTURES", "USDT", 1, session=session),
        lambda session: renew_deposit_address("USDT", "TRC20", session=session),
    ],
)
def test_moving_money_needs_leave(requests_mock, verb):
    """Trading alone does not allow it, and a session without key even less; nothing is sent."""
    with pytest.raises(NotEnabled, match="withdrawing=True"):
        verb(SignedSession("my-id", "my-secret", VENUE, trading=True))
    with pytest.raises(KeyNeeded):
        verb(cx.Session(VENUE))
    assert [] == requests_mock.request_history


@pytest.mark.parametrize(
    "verb",
    [
        lambda session: margin_borrow("BTCUSDT", "USDT", 1, is_auto_renew=True, session=session),
        lambda session: margin_repay("BTCUSDT", "USDT", 1, session=session),
        lambda session: amm_add_liquidity("CETUSDT", 1, 1, session=session),
    ],
)
def test_loans_and_pools_need_leave_to_trade(requests_mock, verb):
    """A session reads only until it is told otherwise."""
    with pytest.raises(NotEnabled, match="trading=True"):
        verb(SignedSession("my-id", "my-secret", VENUE))
    assert [] == requests_mock.request_history


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: transfer("SPOT", "SPOT", "USDT", 1),
        lambda: transfer("MARGIN", "FUTURES", "USDT", 1, market="BTCUSDT"),
        lambda: transfer("SPOT", "MARGIN", "USDT", 1),
        lambda: transfer("SPOT", "FUTURES", "USDT", 1, market="BTCUSDT"),
        lambda: transfer("SPOT", "FUTURES", "USDT", -1),
        lambda: margin_borrow("BTCUSDT", "USDT", 1, is_auto_renew="yes"),
        lambda: margin_repay("BTCUSDT", "USDT", 1, borrow_id=True),
        lambda: deposit_address("USDT", ""),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(wrong):
    """Also without any session that could send it."""
    exchange = PrivateExchange({})
    former = cx.use(exchange)
    try:
        with pytest.raises(cx.InvalidArgument):
            wrong()
    finally:
        cx.use(former)
    assert [] == exchange.requests


def test_a_dry_run_shows_the_withdrawal(requests_mock):
    """Method, address, body and masked headers; without a key, and without a request."""
    frame = withdraw("USDT", "25", ADDRESS, chain="TRC20", check=False, dry_run=True, session=cx.Session(VENUE))
    request = frame.iloc[0]
    assert ("POST", f"{VENUE.http}/assets/withdraw") == (request["method"], request["url"])
    assert ADDRESS == json.loads(request["body"])["to_address"]
    assert [] == requests_mock.request_history
