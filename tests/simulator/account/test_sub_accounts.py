"""Sub-accounts of the sandbox, their keys, balances and transfers."""

import pytest

from tests.simulator.private_api import NOW, PrivateApi

DAY = 86_400_000
MAIN_ONLY = {
    "create_sub": {"sub_user_name": "new-sub"},
    "subs": {},
    "freeze_sub": {"sub_user_name": "sub-1"},
    "unfreeze_sub": {"sub_user_name": "sub-1"},
    "create_sub_api": {"sub_user_name": "sub-1", "ip_whitelist": [], "trade_enabled": True},
    "sub_apis": {"sub_user_name": "sub-1"},
    "sub_api": {"api_id": 1},
    "edit_sub_api": {"sub_user_name": "sub-1", "api_id": 1},
    "delete_sub_api": {"sub_user_name": "sub-1", "api_id": 1},
    "sub_balances": {"sub_user_name": "sub-1", "market_type": "SPOT"},
    "sub_spot_balances": {"sub_user_name": "sub-1"},
    "sub_transfer": {"from_account_type": "SPOT", "to_account_type": "SPOT", "ccy": "USDT", "amount": "1"},
    "sub_transfers": {},
}


@pytest.fixture
def api():
    """Give a api where "me" has a sub-account "sub-1"."""
    made = PrivateApi()
    made.post("create_sub", sub_user_name="sub-1", remark="for bots")
    yield made
    made.check()


@pytest.fixture
def sub(api):
    """Give the sub-account."""
    return api.trading.accounts.find("sub-1")


def give(api, amount="100", **changes):
    """Move money from the main account to the sub-account."""
    params = {"from_account_type": "SPOT", "to_account_type": "SPOT", "to_user_name": "sub-1", "ccy": "USDT"}
    return api.post("sub_transfer", **params | {"amount": amount} | changes)


def make_key(api, **changes):
    """Make a key of the sub-account."""
    return api.post("create_sub_api", **{"sub_user_name": "sub-1", "ip_whitelist": [], "trade_enabled": True} | changes)


def test_a_new_sub_account_may_everything(api, sub):
    """Unless permissions are named; it is worth what is in it."""
    give(api, "250")
    api.post("create_sub", sub_user_name="sub-2", permissions=["AMM"])
    reply = api.get("subs")
    assert [("sub-2", ["AMM"]), ("sub-1", ["FUTURES", "MARGIN", "AMM", "API"])] == [
        (row["sub_user_name"], row["permissions"]) for row in reply.data
    ]
    assert {"total": 2, "has_next": False} == reply.pagination
    (row,) = api.data("subs", sub_user_name="sub-1")
    assert ("250", False, False) == (row["balance_usd"], row["is_frozen"], row["is_authorized"])
    assert (api.me, "for bots") == (sub.parent, sub.remark)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub_user_name": "ab"},
        {"sub_user_name": "a" * 27},
        {"sub_user_name": "with blank"},
        {"sub_user_name": "under_score"},
        {"sub_user_name": "sub-1"},
        {"sub_user_name": "@exchange"},
        {"sub_user_name": 123},
        {"permissions": ["SPOT"]},
        {"permissions": "API"},
        {"remark": "x" * 51},
    ],
)
def test_sub_accounts_that_are_refused(api, changes):
    """Other names, names that are taken, unknown permissions."""
    assert 4004 == api.refusal("create_sub", **{"sub_user_name": "sub-2"} | changes)[0]


def test_twenty_sub_accounts(api):
    """Not one more; the list comes in pages."""
    for number in range(2, 21):
        api.post("create_sub", sub_user_name=f"sub-{number}")
    assert 4004 == api.refusal("create_sub", sub_user_name="sub-21")[0]
    reply = api.get("subs", page=2, limit=15)
    assert (["sub-5", "sub-4", "sub-3", "sub-2", "sub-1"], {"total": 20, "has_next": False}) == (
        [row["sub_user_name"] for row in reply.data],
        reply.pagination,
    )


def test_freezing(api, sub):
    """Frozen ones are listed apart."""
    api.post("freeze_sub", sub_user_name="sub-1")
    assert sub.is_frozen
    assert ([], ["sub-1"]) == tuple(
        [row["sub_user_name"] for row in api.data("subs", is_frozen=word)] for word in ("false", "true")
    )
    assert [] == api.data("subs")
    api.post("unfreeze_sub", sub_user_name="sub-1")
    assert not sub.is_frozen


@pytest.mark.parametrize("name", sorted(MAIN_ONLY))
def test_only_the_main_account_may(api, sub, name):
    """A sub-account's key is refused."""
    assert 4011 == api.refusal(name, sub, **MAIN_ONLY[name])[0]


@pytest.mark.parametrize("name", sorted(name for name in MAIN_ONLY if "sub_user_name" in MAIN_ONLY[name]))
def test_sub_accounts_of_others_are_unknown(api, name):
    """So are names that nobody has; creating apart."""
    other = api.open("other")
    if name != "create_sub":
        assert 4004 == api.refusal(name, other, **MAIN_ONLY[name])[0]
        assert 4004 == api.refusal(name, **MAIN_ONLY[name] | {"sub_user_name": "nobody"})[0]


def test_who_one_is(api, sub):
    """A main account has no sub-account's name."""
    assert {"user_type": "NORMAL", "sub_user_name": None} == api.data("sub_info")
    assert {"user_type": "SUB_ACCOUNT", "sub_user_name": "sub-1"} == api.data("sub_info", sub)


def test_keys(api, sub):
    """Made, listed, shown, changed, deleted; the secret is in each answer."""
    made = make_key(api, remark="bot")
    assert {
        "api_id": made["api_id"],
        "created_at": NOW,
        "access_id": made["access_id"],
        "secret_key": made["secret_key"],
        "ip_whitelist": [],
        "trade_enabled": True,
        "withdraw_enabled": False,
        "is_expired": False,
        "expires_at": NOW + 90 * DAY,
        "remark": "bot",
    } == made
    assert sub is api.trading.accounts.key(made["access_id"]).account
    assert made == api.data("sub_api", api_id=made["api_id"])
    bound = make_key(api, ip_whitelist=["10.0.0.1", "10.1.0.0/16"], trade_enabled=False)
    assert (0, False) == (bound["expires_at"], bound["trade_enabled"])
    reply = api.get("sub_apis", sub_user_name="sub-1")
    assert ([bound, made], {"total": 2, "has_next": False}) == (reply.data, reply.pagination)
    same = {"sub_user_name": "sub-1", "api_id": made["api_id"]}
    assert made | {"trade_enabled": False} == api.post("edit_sub_api", **same, trade_enabled=False)
    changed = api.post("edit_sub_api", **same, ip_whitelist=["::1"], remark="other")
    assert (0, ["::1"], "other", False) == tuple(
        changed[name] for name in ("expires_at", "ip_whitelist", "remark", "trade_enabled")
    )
    assert {} == api.post("delete_sub_api", **same)
    assert api.trading.accounts.key(made["access_id"]) is None
    assert 4004 == api.refusal("delete_sub_api", **same)[0]


def test_a_key_lapses(api):
    """After ninety days, and the list says so."""
    made = make_key(api)
    api.advance(90 * 86_400)
    assert api.data("sub_api", api_id=made["api_id"])["is_expired"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ip_whitelist": ["300.1.1.1"]},
        {"ip_whitelist": ["10.0.0.1"] * 51},
        {"ip_whitelist": "10.0.0.1"},
        {"ip_whitelist": None},
        {"trade_enabled": "true"},
        {"trade_enabled": None},
        {"remark": "x" * 51},
    ],
)
def test_keys_that_are_refused(api, changes):
    """Wrong addresses, wrong types, too much of something."""
    good = {"sub_user_name": "sub-1", "ip_whitelist": [], "trade_enabled": True}
    assert 4004 == api.refusal("create_sub_api", **good | changes)[0]


def test_fifty_keys(api):
    """No more of a sub-account."""
    for _ in range(50):
        make_key(api)
    assert 4004 == api.refusal("create_sub_api", sub_user_name="sub-1", ip_whitelist=[], trade_enabled=True)[0]


def test_a_sub_account_without_the_permission_has_no_keys(api):
    """4512."""
    api.post("create_sub", sub_user_name="sub-2", permissions=["FUTURES"])
    assert 4512 == api.refusal("create_sub_api", sub_user_name="sub-2", ip_whitelist=[], trade_enabled=True)[0]


def test_balances_of_a_sub_account(api, sub):
    """In the shape of each wallet's own endpoint."""
    give(api)
    give(api, "5", to_account_type="FUTURES")
    api.post(
        "transfer", sub, from_account_type="SPOT", to_account_type="MARGIN", ccy="USDT", amount="1", market="BTCUSDT"
    )
    spot = [{"ccy": "USDT", "available": "99", "frozen": "0"}]
    assert spot == api.data("sub_spot_balances", sub_user_name="sub-1")
    assert [] == api.data("sub_spot_balances", sub_user_name="sub-1", ccy="BTC")
    for kind, name in (("SPOT", "spot"), ("MARGIN", "margin"), ("FUTURES", "futures")):
        rows = api.data("sub_balances", sub_user_name="sub-1", market_type=kind)
        assert api.data(f"{name}_balances", sub) == rows
        assert 1 == len(rows)


def test_transfers_with_sub_accounts(api, sub):
    """There and back, and the history names whom."""
    give(api)
    api.advance(1)
    give(api, "40", to_account_type="FUTURES")
    back = {"from_account_type": "FUTURES", "from_user_name": "sub-1", "to_user_name": None}
    give(api, "15", **back)
    assert (100, 25) == (api.available("USDT", account=sub), api.available("USDT", "futures", sub))
    reply = api.get("sub_transfers", sub_user_name="sub-1", ccy="USDT")
    assert [("sub-1", "", "15"), ("", "sub-1", "40"), ("", "sub-1", "100")] == [
        tuple(row[name] for name in ("from_user_name", "to_user_name", "amount")) for row in reply.data
    ]
    assert {"total": 3, "has_next": False} == reply.pagination
    assert {"id", "created_at", "from_account_type", "to_account_type", "ccy", "status"} < set(reply.data[0])
    assert 1 == len(api.data("sub_transfers", end_time=NOW))
    assert [] == api.data("transfers", sub, ccy="USDT", transfer_type="FUTURES")


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        (3109, {"amount": "10001"}),
        (4004, {"to_user_name": None}),
        (4004, {"to_user_name": "nobody"}),
        (4004, {"from_user_name": "sub-1"}),
        (4004, {"from_user_name": "sub-2", "to_account_type": "FUTURES"}),
        (4004, {"to_account_type": "MARGIN"}),
        (3109, {"from_user_name": "sub-2"}),
    ],
)
def test_sub_transfers_that_are_refused(api, code, changes):
    """Between two sub-accounts from spot to spot only."""
    api.post("create_sub", sub_user_name="sub-2")
    params = {"from_account_type": "SPOT", "to_account_type": "SPOT", "to_user_name": "sub-1", "ccy": "USDT"}
    assert code == api.refusal("sub_transfer", **params | {"amount": "1"} | changes)[0]
