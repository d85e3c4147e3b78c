"""The keys of sub-accounts. Only the main account may read them; secrets show only when you ask for them."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from coinex_pandas.api.calls.arguments import flag, optional, short_text, texts, user_name, whole_id
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.account import SubKey
from coinex_pandas.tables.rows.answer import Accepted

__all__ = ["create_sub_api", "delete_sub_api", "edit_sub_api", "sub_api", "sub_apis"]

_ADDRESSES = 50  # of one key


@route(
    "GET /account/subs/api",
    SubKey,
    docs="account/subs/http/list-sub-api",
    pace="account_query",
    paged=True,
    needs="read",
)
def sub_apis(sub_user_name: str, *, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return the keys of a sub-account, oldest first.

    The cells of ``access_id`` and ``secret_key`` show as ``***``; a cell's ``reveal()`` gives the text.

    Examples
    --------
    >>> answer = cx.create_sub("grid-1")
    >>> key = cx.create_sub_api("grid-1", "192.0.2.7", trade_enabled=True)
    >>> cx.sub_apis("grid-1")[["secret_key", "ip_whitelist"]].values.tolist()
    [[***, ('192.0.2.7',)]]
    """
    params = {"sub_user_name": user_name(sub_user_name)}
    return listed(Call(sub_apis, numbers, session), params)


@route(
    "GET /account/subs/api-detail",
    SubKey,
    docs="account/subs/http/get-sub-api",
    pace="account_query",
    single=True,
    needs="read",
)
def sub_api(api_id: int | str, *, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return one key of a sub-account, one row.

    The cells of ``access_id`` and ``secret_key`` show as ``***``; their ``reveal()`` gives the text.

    Parameters
    ----------
    api_id : int
        The key's id, as in `sub_apis`.

    Examples
    --------
    >>> answer = cx.create_sub("grid-2")
    >>> api_id = cx.create_sub_api("grid-2", "192.0.2.7", trade_enabled=True).index[0]
    >>> secret = cx.sub_api(api_id)["secret_key"].iloc[0]
    >>> secret, type(secret.reveal())
    (***, <class 'str'>)
    """
    return table(Call(sub_api, numbers, session), {"api_id": whole_id(api_id, "api_id")})


@route(
    "POST /account/subs/api",
    SubKey,
    docs="account/subs/http/create-sub-api",
    pace="account_modify",
    single=True,
    needs="withdraw",
)
def create_sub_api(
    sub_user_name: str,
    ip_whitelist: str | Iterable[str],
    trade_enabled: bool,
    *,
    remark: str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Make a key for a sub-account, and return it, one row.

    The cells of ``access_id`` and ``secret_key`` show as ``***``; ``frame["secret_key"].iloc[0].reveal()`` gives the
    secret's text.

    Parameters
    ----------
    ip_whitelist : str or iterable of str
        Addresses that may use it, up to 50; such a key never expires. ``()``: every address may, and it expires
        after three months.
    trade_enabled : bool
        Whether it may trade; otherwise it reads only.
    remark : str, optional
        A note of your own, up to 50 characters.

    Examples
    --------
    >>> cx.create_sub_api("grid-1", "192.0.2.7", trade_enabled=False, dry_run=True)["body"].item()
    '{"sub_user_name":"grid-1","ip_whitelist":["192.0.2.7"],"trade_enabled":false}'
    """
    name = user_name(sub_user_name)
    params = {
        "sub_user_name": name,
        "ip_whitelist": _addresses(ip_whitelist),
        "trade_enabled": flag(trade_enabled, "trade_enabled"),
        "remark": optional(short_text, remark, "remark"),
    }
    return change(Verb(create_sub_api, numbers, session, dry_run), params, finds_out=f'cx.sub_apis("{name}")')


@route(
    "POST /account/subs/edit-api",
    SubKey,
    docs="account/subs/http/edit-sub-api",
    pace="account_modify",
    single=True,
    needs="withdraw",
)
def edit_sub_api(
    sub_user_name: str,
    api_id: int | str,
    *,
    trade_enabled: bool | None = None,
    ip_whitelist: str | Iterable[str] | None = None,
    remark: str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Change a key of a sub-account, and return it, one row; what is None stays as it is.

    Parameters
    ----------
    api_id : int
        The key's id, as in `sub_apis`.
    trade_enabled : bool, optional
        Whether it may trade.
    ip_whitelist : str or iterable of str, optional
        Addresses that may use it, up to 50, in place of the former ones. ``()``: every address may.
    remark : str, optional
        A note of your own, up to 50 characters.

    Examples
    --------
    >>> cx.edit_sub_api("grid-1", 101, trade_enabled=False, dry_run=True)["body"].item()
    '{"sub_user_name":"grid-1","api_id":101,"trade_enabled":false}'
    """
    name = user_name(sub_user_name)
    changes = {
        "trade_enabled": optional(flag, trade_enabled, "trade_enabled"),
        "ip_whitelist": None if ip_whitelist is None else _addresses(ip_whitelist),
        "remark": optional(short_text, remark, "remark"),
    }
    if all(value is None for value in changes.values()):
        raise InvalidArgument(f"nothing to change: give one of {', '.join(changes)}")
    return change(
        Verb(edit_sub_api, numbers, session, dry_run),
        {"sub_user_name": name, "api_id": whole_id(api_id, "api_id"), **changes},
        finds_out=f'cx.sub_apis("{name}")',
    )


@route(
    "POST /account/subs/delete-api",
    Accepted,
    docs="account/subs/http/delete-sub-api",
    pace="account_modify",
    needs="withdraw",
)
def delete_sub_api(
    sub_user_name: str,
    api_id: int | str,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Delete a key of a sub-account, and return the exchange's confirmation.

    Parameters
    ----------
    api_id : int
        The key's id, as in `sub_apis`.

    Examples
    --------
    >>> cx.delete_sub_api("grid-1", 101, dry_run=True)["body"].item()
    '{"sub_user_name":"grid-1","api_id":101}'
    """
    name = user_name(sub_user_name)
    return change(
        Verb(delete_sub_api, numbers, session, dry_run),
        {"sub_user_name": name, "api_id": whole_id(api_id, "api_id")},
        finds_out=f'cx.sub_apis("{name}")',
    )


def _addresses(ip_whitelist: str | Iterable[str]) -> list[str]:
    addresses = [] if isinstance(ip_whitelist, str) and ip_whitelist == "" else texts(ip_whitelist, "ip_whitelist")
    if len(addresses) > _ADDRESSES:
        raise InvalidArgument(f"ip_whitelist: up to {_ADDRESSES} addresses, not {len(addresses)}")
    return addresses
