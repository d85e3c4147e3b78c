"""Accounts, sub-accounts and their keys: secrets stay hidden, every sub-account is listed, wrong names stop here."""

import copy
import io
import json
import pickle
import traceback

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.account.settings import (
    account_info,
    account_settings,
    set_futures_market_settings,
    trade_fee_rate,
)
from coinex_pandas.api.account.sub_accounts import create_sub, freeze_sub, subs
from coinex_pandas.api.account.sub_keys import create_sub_api, edit_sub_api, sub_api, sub_apis
from coinex_pandas.api.account.sub_wallets import sub_balances, sub_transfer
from coinex_pandas.tables import unknown_columns
from coinex_pandas.tables.secret import Secret
from tests.api.private_tables import PrivateExchange
from tests.golden import samples

CANARY = "canary-secret"


def keys():
    """Return an exchange whose one key has a secret worth looking for."""
    return PrivateExchange({name: [key()] for name in ("sub_apis", "sub_api")})


def key(**cells):
    """Return a golden key with the canary as its secret."""
    return {**samples.sample("sub_api")["full"]["data"], "secret_key": CANARY, "access_id": CANARY, **cells}


@pytest.mark.parametrize(
    "view",
    [
        repr,
        str,
        lambda frame: frame.to_string(),
        lambda frame: frame.to_html(),
        lambda frame: frame._repr_html_(),
        lambda frame: frame.to_csv(),
        lambda frame: frame.T.to_string(),
        lambda frame: repr(frame.iloc[0]),
        lambda frame: repr(frame.to_dict("records")),
        lambda frame: f"{frame['secret_key'].iloc[0]} {frame['secret_key'].iloc[0]!r}",
        lambda frame: repr(frame["secret_key"].tolist()),
        lambda frame: json.dumps(frame.attrs["coinex"]),
        lambda frame: repr(copy.deepcopy(frame)),
    ],
)
def test_a_frame_shows_no_secret(view):
    """In no form in which a frame is looked at, printed or written."""
    frame = sub_apis("grid-1", session=keys())
    assert CANARY not in view(frame)
    assert CANARY == frame["secret_key"].iloc[0].reveal()


def test_a_frame_with_secrets_is_not_pickled():
    """The secret would lie in the file; the error says what to do."""
    frame = sub_api(101, session=keys())
    with pytest.raises(cx.InvalidArgument, match="reveal"):
        pickle.dumps(frame)
    with pytest.raises(cx.InvalidArgument, match="reveal"):
        frame.to_pickle(io.BytesIO())
    assert 1 == len(pickle.loads(pickle.dumps(frame.drop(columns=["access_id", "secret_key"]))))


def test_secrets_can_be_compared_and_copied():
    """They are values: equal when their texts are, usable as keys, unchanged by copying."""
    one, same, other = Secret("a"), Secret("a"), Secret("b")
    assert one == same
    assert one != other
    assert one != "a"
    assert {one} == {same}
    assert copy.copy(one) is copy.deepcopy(one) is one
    assert pd.Series([one, same, other], dtype=object).nunique() == 2


@pytest.mark.parametrize("numbers", ["float", "decimal", "text"])
@pytest.mark.parametrize("odd", [12345, ["x"], {"a": 1}, True])
def test_a_secret_of_another_type_is_hidden_as_well(numbers, odd):
    """It is no error: the error would show it."""
    frame = sub_api(101, numbers=numbers, session=PrivateExchange({"sub_api": [key(secret_key=odd)]}))
    assert "***" == repr(frame["secret_key"].iloc[0])


def test_an_error_about_an_answer_shows_no_secret_of_it():
    """The error of another cell shows the start of the answer, and the secret is masked there."""
    with pytest.raises(cx.UnexpectedBody) as caught:
        sub_api(101, session=PrivateExchange({"sub_api": [key(api_id="x")]}))
    text = "".join(traceback.format_exception(caught.value))
    assert CANARY not in text
    assert "api_id" in text


def test_a_missing_secret_is_missing():
    """As any other text would be."""
    frame = sub_api(101, session=PrivateExchange({"sub_api": [key(secret_key=None)]}))
    assert frame["secret_key"].isna().all()


def test_all_sub_accounts_are_listed():
    """The exchange lists those that are not disabled unless the request says otherwise: both are asked for."""
    golden = samples.sample("subs")["full"]["data"][0]
    rows = [{**golden, "sub_user_name": f"s-{n}", "is_frozen": n % 2 == 0} for n in range(250)]
    exchange = PrivateExchange({"subs": rows})
    assert {f"s-{n}" for n in range(250)} == set(subs(session=exchange).index)
    assert {"true", "false"} == {params["is_frozen"] for params in exchange.params_of("subs")}
    assert 125 == len(subs(is_frozen=True, session=exchange))


def test_balances_of_sub_accounts_have_the_columns_of_their_sort():
    """Those of the own balances, by market type and by nothing else."""
    expected = {"SPOT": "spot_balances", "MARGIN": "margin_balances", "FUTURES": "futures_balances"}
    for kind, name in expected.items():
        rows = samples.sample(name)["full"]["data"]
        for data in (rows, []):
            frame = sub_balances("grid-1", kind, session=PrivateExchange({"sub_balances": lambda _, data=data: data}))
            assert samples.sample(name)["columns"] == samples.shape(frame)["columns"]
            assert samples.sample(name)["index"] == samples.shape(frame)["index"]


def test_unknown_cells_of_an_account_are_kept(monkeypatch):
    """The exchange's page on it is not at hand: what else it tells stands behind, as text, and a number is text."""
    monkeypatch.setattr(unknown_columns, "_warned", set())
    info = {"user_id": 4000001, "email": "a***@example.org", "limits": {"day": "5"}}
    with pytest.warns(cx.ColumnsChanged):
        row = account_info(session=PrivateExchange({"account_info": [info]})).iloc[0]
    assert ("4000001", "a***@example.org", '{"day": "5"}') == tuple(row)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda s: create_sub("no", session=s),
        lambda s: create_sub("under_score", session=s),
        lambda s: create_sub("grid-1", permissions="SPOT", session=s),
        lambda s: create_sub("grid-1", remark="x" * 51, session=s),
        lambda s: freeze_sub("", session=s),
        lambda s: subs(is_frozen="yes", session=s),
        lambda s: sub_api(-1, session=s),
        lambda s: create_sub_api("grid-1", [""], trade_enabled=True, session=s),
        lambda s: create_sub_api("grid-1", [f"192.0.2.{n}" for n in range(51)], trade_enabled=True, session=s),
        lambda s: create_sub_api("grid-1", "192.0.2.1", trade_enabled=1, session=s),
        lambda s: edit_sub_api("grid-1", 101, session=s),
        lambda s: sub_balances("grid-1", "EARN", session=s),
        lambda s: sub_balances("grid-1", "SPOT", market="BTCUSDT", session=s),
        lambda s: sub_transfer("SPOT", "SPOT", "USDT", 1, session=s),
        lambda s: sub_transfer("SPOT", "FUTURES", "USDT", 1, from_user_name="a-1", to_user_name="b-1", session=s),
        lambda s: trade_fee_rate("BTCUSDT", "MARGIN", session=s),
        lambda s: account_settings("on", session=s),
        lambda s: set_futures_market_settings("both", session=s),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(wrong):
    """Names, remarks, addresses, permissions and flags."""
    exchange = PrivateExchange({})
    with pytest.raises(cx.InvalidArgument):
        wrong(exchange)
    assert [] == exchange.requests


def test_user_names_keep_their_case():
    """They are no market names."""
    exchange = PrivateExchange({})
    sub_apis("Grid-One", session=exchange)
    assert "Grid-One" == exchange.requests[0][1]["sub_user_name"]


def test_an_open_key_is_possible():
    """No address at all is an empty list, not a list of an empty text."""
    for none in ((), "", []):
        view = create_sub_api("grid-1", none, trade_enabled=False, dry_run=True, session=PrivateExchange({}))
        assert [] == json.loads(view["body"].item())["ip_whitelist"]
