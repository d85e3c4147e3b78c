"""Signatures: who is let in, and with which code others are not."""

import hashlib
import hmac
from types import SimpleNamespace

import pytest

from coinex_pandas.simulator.engine.accounts import Accounts
from coinex_pandas.simulator.reply import Refusal
from coinex_pandas.simulator.server.auth import Authenticator, SignedRequest, check_permissions

NOW = 1_700_490_703_564
PATH = "/v2/spot/pending-order?market=BTCUSDT&market_type=SPOT&side=buy&page=1&limit=10"
VECTORS = [
    ("GET", PATH, b"", "9592496176e65fd46a677dcbfd8180e3db7027e7c03f6f5dc95fa86ad77c81a2"),
    (
        "POST",
        "/v2/spot/order",
        b'{"market":"BTCUSDT","market_type":"SPOT","side":"buy","type":"limit","amount":"0.001","price":"30000"}',
        "bf040022cafcf2c7b570a8874b9925d39dec6073773a3870cc226c183c45eb5f",
    ),
]


@pytest.fixture
def accounts():
    """Give accounts with one, "me"."""
    made = Accounts()
    made.open("me")
    return made


@pytest.fixture
def key(accounts):
    """Give a key whose secret is that of the documented vectors."""
    made = accounts.make_key(accounts.find("me"), NOW)
    made.secret_key = "example-secret"
    return made


@pytest.fixture
def auth(accounts, key):
    """Give what knows the key."""
    return Authenticator(accounts, None)


def signed(key, path=PATH, *, address="127.0.0.1", **headers):
    """Return a request that is signed by the present scheme."""
    prepared = f"GET{path}{NOW}".encode()
    signature = hmac.new(key.secret_key.encode(), prepared, hashlib.sha256).hexdigest()
    known = {"X-COINEX-KEY": key.access_id, "X-COINEX-SIGN": signature, "X-COINEX-TIMESTAMP": str(NOW)}
    changed = {f"X-COINEX-{name.upper()}": value for name, value in headers.items()}
    return SignedRequest("GET", path, b"", known | changed, address)


def key_of(auth, request, now=NOW, speed=1.0):
    """Return the key that signed a request, by a clock of that time and speed."""
    auth._clock = SimpleNamespace(now_ms=lambda: now, speed=speed)
    return auth.key_of(request)


def code(auth, request, now=NOW, speed=1.0):
    """Return the code of the refusal."""
    with pytest.raises(Refusal) as refused:
        key_of(auth, request, now, speed)
    return refused.value.reply.code


@pytest.mark.parametrize("vector", VECTORS)
def test_documented_vectors_are_let_in(auth, key, vector):
    """The signatures of the documentation's vectors belong to the key."""
    *request, signature = vector
    headers = {"X-COINEX-KEY": key.access_id, "X-COINEX-SIGN": signature, "X-COINEX-TIMESTAMP": str(NOW)}
    assert key is key_of(auth, SignedRequest(*request, headers, "127.0.0.1"))
    assert {"hmac": 1} == auth.signed


def test_the_old_scheme_is_let_in_and_counted_apart(auth, key):
    """Plain SHA-256 with the secret at the end still opens."""
    old = hashlib.sha256(f"GET{PATH}{NOW}example-secret".encode()).hexdigest()
    key_of(auth, signed(key, sign=old), NOW)
    assert {"sha256": 1} == auth.signed


@pytest.mark.parametrize(
    ("expected", "changes"),
    [
        (4005, {"key": "NOBODY"}),
        (4005, {"key": ""}),
        (4006, {"sign": "0" * 64}),
        (4006, {"timestamp": str(NOW + 1)}),
        (4008, {"sign": "0" * 63}),
        (4008, {"sign": "G" * 64}),
        (4008, {"sign": ""}),
        (4004, {"timestamp": ""}),
        (4004, {"timestamp": "-5"}),
        (4004, {"timestamp": "1e3"}),
        (4004, {"timestamp": "9" * 5000}),
        (4004, {"windowtime": "soon"}),
    ],
)
def test_refusals(auth, key, expected, changes):
    """Each thing that is wrong has its code."""
    request = signed(key)
    headers = dict(request.headers) | {f"X-COINEX-{name.upper()}": value for name, value in changes.items()}
    assert expected == code(auth, SignedRequest(request.method, request.path, request.body, headers, "127.0.0.1"))
    assert not auth.signed


@pytest.mark.parametrize("changed", [("POST", PATH, b""), ("GET", PATH + "0", b""), ("GET", PATH, b"{}")])
def test_what_is_signed_is_what_was_sent(auth, key, changed):
    """Another method, path or body under the same signature is refused."""
    assert 4006 == code(auth, SignedRequest(*changed, signed(key).headers, "127.0.0.1"))


def test_percent_encoding_is_part_of_the_signature(auth, key):
    """The same list spelt otherwise is another text."""
    encoded, plain = "/v2/x?market=A%2CB", "/v2/x?market=A,B"
    key_of(auth, signed(key, path=encoded), NOW)
    key_of(auth, signed(key, path=plain), NOW)
    assert 4006 == code(auth, SignedRequest("GET", plain, b"", signed(key, path=encoded).headers, "127.0.0.1"))


@pytest.mark.parametrize(
    ("expected", "age", "options"),
    [
        (0, 5000, {}),
        (4010, 5001, {}),
        (0, -5000, {}),
        (4017, -5001, {}),
        (4010, 1001, {"windowtime": "1000"}),
        (0, 60_000, {"windowtime": "60000"}),
        (4010, 60_001, {"windowtime": "3600000"}),
    ],
)
def test_the_window(auth, key, expected, age, options):
    """A request is good for five seconds, or as long as it says, up to a minute."""
    request = signed(key, **options)
    if expected:
        assert expected == code(auth, request, NOW + age)
    else:
        assert key is key_of(auth, request, NOW + age)


def test_the_window_is_one_of_real_seconds(auth, key):
    """Where the clock runs sixty times as fast, five seconds are five minutes of it."""
    assert key is key_of(auth, signed(key), NOW + 300_000, 60.0)
    assert 4010 == code(auth, signed(key), NOW + 300_001, 60.0)
    assert 4010 == code(auth, signed(key), NOW + 5001, 0.0)


def test_a_key_ends(auth, key):
    """From the moment it lapses a key is unknown."""
    key.expires_at = NOW + 1
    assert key is key_of(auth, signed(key), NOW)
    assert 4005 == code(auth, signed(key), NOW + 1)


@pytest.mark.parametrize(("address", "good"), [("10.1.2.3", True), ("192.168.7.9", True), ("10.1.2.4", False)])
def test_addresses(auth, key, address, good):
    """A bound key opens from its addresses and networks only."""
    key.ip_whitelist = ("10.1.2.3", "192.168.7.0/24", "::1")
    request = signed(key, address=address)
    assert key is key_of(auth, request, NOW) if good else 4007 == code(auth, request)


def test_a_frozen_account_is_refused(auth, key):
    """Its keys are right and do not help."""
    key.account.is_frozen = True
    assert 4011 == code(auth, signed(key))


@pytest.mark.parametrize(
    ("expected", "name", "needs", "changes"),
    [
        (0, "spot_place_order", "trade", {}),
        (4115, "spot_place_order", "trade", {"trade_enabled": False}),
        (4115, "transfer", "withdraw", {"trade_enabled": False}),
        (0, "transfer", "withdraw", {}),
        (4011, "withdraw", "withdraw", {}),
        (0, "withdraw", "withdraw", {"withdraw_enabled": True, "trade_enabled": False}),
        (0, "spot_balances", "read", {"trade_enabled": False}),
    ],
)
def test_permissions_of_keys(key, expected, name, needs, changes):
    """A key does what it was made for."""
    for attribute, value in changes.items():
        setattr(key, attribute, value)
    assert expected == allowed(key, name, needs)


@pytest.mark.parametrize(
    ("expected", "name", "params"),
    [
        (4512, "futures_place_order", {}),
        (4512, "margin_borrow", {}),
        (4512, "amm_add_liquidity", {}),
        (4512, "spot_place_order", {"market_type": "MARGIN"}),
        (0, "spot_place_order", {"market_type": "SPOT"}),
        (0, "spot_place_order", {"market_type": ["SPOT"]}),  # the endpoint refuses it
        (4512, "transfer", {"from_account_type": "SPOT", "to_account_type": "FUTURES"}),
    ],
)
def test_permissions_of_sub_accounts(accounts, key, expected, name, params):
    """A sub-account trades what it may; its main account may everything."""
    sub = accounts.make_key(accounts.open("sub", accounts.find("me"), ["API"]), NOW)
    assert expected == allowed(sub, name, "trade", params)
    assert 0 == allowed(key, name, "trade", params)
    sub.account.permissions |= {"FUTURES", "MARGIN", "AMM"}
    assert 0 == allowed(sub, name, "trade", params)


def test_nothing_that_was_signed_with_shows(auth, key):
    """Neither a request nor a key tells in its repr what opens."""
    shown = repr([signed(key), key, auth])
    assert key.access_id not in shown
    assert key.secret_key not in shown
    assert signed(key).headers["X-COINEX-SIGN"] not in shown


def allowed(key, name, needs, params=None):
    """Return the code of the refusal, 0 for none."""
    try:
        check_permissions(key, name, needs, params or {})
    except Refusal as refused:
        return refused.reply.code
    return 0
