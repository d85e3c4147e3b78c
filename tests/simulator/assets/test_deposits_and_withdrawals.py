"""Deposits and withdrawals of the sandbox: states, confirmations, money."""

from decimal import Decimal

import pytest

from coinex_pandas.simulator.assets.deposits import chain_rules, explorer_of
from coinex_pandas.simulator.market.coins import COINS
from coinex_pandas.simulator.reply import Refusal
from tests.simulator.private_api import NOW, PrivateApi

BLOCK = 30


@pytest.fixture
def api():
    """Give a api of the test's own."""
    made = PrivateApi()
    yield made
    made.check()


@pytest.fixture
def deposits(api):
    """Give the deposits of the exchange."""
    return api.exchange.deposits


def states(api, name, seconds):
    """Return the state and confirmations of the newest one after each of some pauses."""
    found = []
    for pause in seconds:
        api.advance(pause)
        row = api.data(name)[0]
        found.append((row["status"], row["confirmations"]))
    return found


def test_a_deposit_goes_its_way(api, deposits):
    """BTC is safe after two blocks and counts six; the money is there when it is safe, not before."""
    deposits.arrive(api.me, "BTC", Decimal("0.5"))
    assert [("processing", 0), ("processing", 0), ("confirming", 1), ("confirming", 1)] == states(
        api, "deposits", (0, 29, 1, 29)
    )
    assert 1 == api.available("BTC")
    assert [("finished", 2), ("finished", 6)] == states(api, "deposits", (1, 10 * BLOCK))
    assert Decimal("1.5") == api.available("BTC")


def test_a_deposit_is_credited_whatever_the_clock_jumps_over(api, deposits):
    """A day in one step gives the same, at the same time."""
    deposits.arrive(api.me, "BTC", Decimal("0.5"))
    api.advance(86_400)
    assert NOW + 2 * BLOCK * 1000 == api.data("spot_transactions", type="deposit", ccy="BTC")[0]["created_at"]


def test_the_row_of_a_deposit(api, deposits):
    """All that the documentation names, with the misspelt pagination."""
    number = deposits.arrive(api.me, "USDT", Decimal("10.50"), "ERC20")
    reply = api.get("deposits", ccy="USDT", status="processing")
    assert "paginatation" == reply.pagination_name
    assert {"total": 1, "has_next": False} == reply.envelope()["paginatation"]
    (row,) = reply.data
    address = api.data("deposit_address", ccy="USDT", chain="ERC20")["address"]
    assert {
        "deposit_id": number,
        "created_at": NOW,
        "tx_id": row["tx_id"],
        "tx_id_display": row["tx_id"],
        "ccy": "USDT",
        "chain": "ERC20",
        "deposit_method": "on_chain",
        "amount": "10.5",
        "actual_amount": "",
        "to_address": address,
        "confirmations": 0,
        "status": "processing",
        "tx_explorer_url": f"https://explorer.example/eth/tx/{row['tx_id']}",
        "to_addr_explorer_url": f"https://explorer.example/eth/address/{address}",
        "remark": "",
    } == row
    assert [row] == api.data("deposits", tx_id=row["tx_id"])
    assert [] == api.data("deposits", status="finished")


def test_too_little_waits_for_more(api, deposits):
    """Two deposits under the minimum wait; the third lifts them over it, and all are credited."""
    least = chain_rules("USDT", "TRC20").min_deposit
    part = (least / 3).quantize(Decimal("1e-8")) + Decimal("1e-8")
    for expected in (["too_small"], ["too_small"] * 2, ["finished"] * 3):
        deposits.arrive(api.me, "USDT", part, "TRC20")
        api.advance(3600)
        assert expected == [row["status"] for row in api.data("deposits")]
    assert 10_000 + 3 * part == api.available("USDT")


def test_addresses_are_ones_own(api):
    """Each account and chain has another one; renewing makes a new one; some chains want a memo."""
    other = api.open("other")
    asked = [("USDT", "ERC20"), ("USDT", "TRC20"), ("XRP", "XRP")]
    found = {
        api.data("deposit_address", who, ccy=ccy, chain=chain)["address"]
        for who in (api.me, other)
        for ccy, chain in asked
    }
    assert 6 == len(found)
    renewed = api.post("renew_deposit_address", ccy="USDT", chain="ERC20")
    assert renewed == api.data("deposit_address", ccy="USDT", chain="ERC20")
    assert renewed["address"] not in found
    assert api.data("deposit_address", ccy="XRP", chain="XRP")["memo"].isdigit()
    assert "" == renewed["memo"]


def test_every_chain_has_rules_and_an_explorer():
    """Each chain of the published list can be asked for by its name."""
    for ccy in COINS:
        chain = chain_rules(ccy).chain
        assert explorer_of(ccy, chain).startswith("https://explorer.example/")
        assert chain == chain_rules(ccy, chain).chain


GOOD = {"ccy": "BTC", "amount": "0.5", "to_address": "somewhere", "chain": "BTC"}
FEE = chain_rules("BTC", "BTC").fee


def test_a_withdrawal_goes_its_way(api):
    """Frozen first, gone when it leaves, finished when it is confirmed; the fee is on top."""
    row = api.post("withdraw", **GOOD)
    assert ("created", "0.5", str(FEE)) == (row["status"], row["actual_amount"], row["tx_fee"])
    assert Decimal(row["amount"]) == Decimal("0.5") + FEE == api.frozen("BTC")
    assert [("created", 0), ("audited", 0), ("audited", 0), ("processing", 0), ("confirming", 1)] == states(
        api, "withdrawals", (19, 1, 39, 1, BLOCK)
    )
    assert (0, Decimal("0.5") - FEE) == (api.frozen("BTC"), api.available("BTC"))
    assert [("finished", 2), ("finished", 6)] == states(api, "withdrawals", (BLOCK, 100 * BLOCK))
    changes = [row["change"] for row in api.data("spot_transactions", type="withdraw")]
    assert [f"-{FEE}", "-0.5"] == changes


def test_the_row_of_a_withdrawal(api):
    """All that the documentation names; the fee's currency is under the wire's name."""
    row = api.post("withdraw", **GOOD, remark="rent")
    assert [row] == api.data("withdrawals") == api.data("withdrawals", withdraw_id=row["withdraw_id"], ccy="BTC")
    assert {
        "withdraw_id": row["withdraw_id"],
        "created_at": NOW,
        "ccy": "BTC",
        "chain": "BTC",
        "withdraw_method": "on_chain",
        "memo": "",
        "amount": str(Decimal("0.5") + FEE),
        "actual_amount": "0.5",
        "tx_fee": str(FEE),
        "fee_asset": "BTC",
        "fee_amount": str(FEE),
        "tx_id": "",
        "to_address": "somewhere",
        "confirmations": 0,
        "explorer_address_url": "https://explorer.example/btc/address/somewhere",
        "explorer_tx_url": "https://explorer.example/btc/tx/",
        "status": "created",
        "remark": "rent",
    } == row
    api.advance(60)
    assert 64 == len(api.data("withdrawals")[0]["tx_id"])


@pytest.mark.parametrize("after", [0, 59])
def test_cancelling_in_time_gives_everything_back(api, after):
    """Until it leaves."""
    number = api.post("withdraw", **GOOD)["withdraw_id"]
    api.advance(after)
    assert {} == api.post("cancel_withdraw", withdraw_id=number)
    assert (0, 1) == (api.frozen("BTC"), api.available("BTC"))
    api.advance(3600)
    assert ["cancelled"] == [row["status"] for row in api.data("withdrawals", status="cancelled")]
    assert 4004 == api.refusal("cancel_withdraw", withdraw_id=number)[0]


def test_cancelling_too_late(api):
    """What has left stays gone, and the refusal says so."""
    number = api.post("withdraw", **GOOD)["withdraw_id"]
    api.advance(60)
    code, message = api.refusal("cancel_withdraw", withdraw_id=number)
    assert (4004, True) == (code, "processing" in message)
    assert 4004 == api.refusal("cancel_withdraw", withdraw_id=str(number))[0]
    assert 4004 == api.refusal("cancel_withdraw", api.open("other"), withdraw_id=number)[0]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (3109, {"amount": "1"}),
        (3109, {"amount": str(Decimal(1) - FEE + Decimal("1e-8"))}),
        (4004, {"amount": "0.000000001"}),
        (4004, {"amount": "0.100000001"}),
        (4004, {"amount": 0.5}),
        (4004, {"chain": "ERC20"}),
        (4004, {"chain": None}),
        (4004, {"to_address": ""}),
        (4004, {"withdraw_method": "by_post"}),
        (4004, {"withdraw_method": "inter_user", "to_address": "nobody"}),
        (4004, {"withdraw_method": "inter_user", "to_address": "me"}),
        (4004, {"fee_ccy": "CET"}),
        (4004, {"ccy": "SHIB", "chain": "ERC20"}),  # closed
    ],
)
def test_withdrawals_that_are_refused(api, code, changes):
    """Each with its code, and nothing has moved."""
    assert code == api.refusal("withdraw", **GOOD | changes)[0]


def test_to_another_account_at_once_and_free(api):
    """Both sides have a row, and the money is there."""
    other = api.open("other")
    row = api.post("withdraw", ccy="BTC", amount="0.25", to_address="other", withdraw_method="inter_user")
    assert ("finished", "0.25", "0", "") == tuple(row[name] for name in ("status", "amount", "tx_fee", "chain"))
    assert (Decimal("0.75"), Decimal("0.25")) == (api.available("BTC"), api.available("BTC", account=other))
    (got,) = api.data("deposits", other)
    assert ("finished", "inter_user", "me", "") == tuple(
        got[name] for name in ("status", "deposit_method", "to_address", "tx_id")
    )
    assert ["-0.25"] == [row["change"] for row in api.data("spot_transactions", type="withdraw")]
    assert ["0.25"] == [row["change"] for row in api.data("spot_transactions", other, type="deposit")]


def test_what_arrives_by_a_closed_or_unknown_chain_is_refused(api, deposits):
    """The world cannot send what the exchange does not take."""
    with pytest.raises(Refusal):
        deposits.arrive(api.me, "BTC", Decimal(1), "TRC20")
    closed = [(ccy, chain_rules(ccy).chain) for ccy in COINS if not chain_rules(ccy).deposit_enabled]
    for ccy, chain in closed:
        with pytest.raises(Refusal, match="closed"):
            deposits.arrive(api.me, ccy, Decimal(1), chain)
