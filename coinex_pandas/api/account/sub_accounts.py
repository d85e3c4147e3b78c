"""Sub-accounts: the list of them, making and disabling them. Most of it only the main account may do."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal, get_args

import pandas as pd

from coinex_pandas.api.calls.arguments import choice, flag, optional, short_text, texts, user_name
from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.api.calls.history import listed
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.account import SubAccount, SubInfo
from coinex_pandas.tables.rows.answer import Accepted

__all__ = ["Permission", "create_sub", "freeze_sub", "sub_info", "subs", "unfreeze_sub"]

Permission = Literal["FUTURES", "MARGIN", "AMM", "API"]
_NAME = re.compile(r"[A-Za-z0-9-]{3,26}")


@route(
    "GET /account/subs",
    SubAccount,
    docs="account/subs/http/list-sub",
    pace="account_query",
    paged=True,
    needs="read",
)
def subs(
    sub_user_name: str | None = None,
    *,
    is_frozen: bool | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return the sub-accounts, a row each. Only the main account may ask.

    Parameters
    ----------
    sub_user_name : str, optional
        Only the one of this name.
    is_frozen : bool, optional
        Only disabled ones, or only the others; None for all, in two requests.

    Examples
    --------
    >>> cx.subs()["balance_usd"].sum().item()
    0.0
    """
    params = {
        "sub_user_name": optional(user_name, sub_user_name, "sub_user_name"),
        # in the query as the words true and false
        "is_frozen": None if is_frozen is None else str(flag(is_frozen, "is_frozen")).lower(),
    }
    parts = [{"is_frozen": word} for word in ("false", "true")] if is_frozen is None else [{}]
    return listed(Call(subs, numbers, session), params, parts)


@route(
    "GET /account/subs/info",
    SubInfo,
    docs="account/subs/http/get-sub-info",
    pace="account_query",
    single=True,
    needs="read",
)
def sub_info(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return which kind of account the key belongs to, one row.

    Examples
    --------
    >>> cx.sub_info()["user_type"].item()
    'NORMAL'
    """
    return table(Call(sub_info, numbers, session))


@route(
    "POST /account/subs",
    Accepted,
    docs="account/subs/http/create-sub",
    pace="account_modify",
    needs="trade",
)
def create_sub(
    sub_user_name: str,
    *,
    permissions: Permission | Iterable[Permission] | None = None,
    remark: str | None = None,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Make a sub-account, and return the exchange's confirmation. Only the main account may, up to 20 of them.

    Parameters
    ----------
    sub_user_name : str
        Its name, a new one: 3 to 26 letters, digits and hyphens.
    permissions : str or iterable of str, optional
        What it may do, out of ``"FUTURES"``, ``"MARGIN"``, ``"AMM"``, ``"API"``; None for all of it.
    remark : str, optional
        A note of your own, up to 50 characters.

    Raises
    ------
    InvalidArgument
        An impossible name, an unknown permission, or a remark that is too long; nothing was sent.

    Examples
    --------
    >>> cx.create_sub("grid-1", permissions="FUTURES", dry_run=True)["body"].item()
    '{"sub_user_name":"grid-1","permissions":["FUTURES"]}'
    """
    if not isinstance(sub_user_name, str) or not _NAME.fullmatch(sub_user_name):
        raise InvalidArgument(f"sub_user_name: 3 to 26 letters, digits and hyphens, not {short_repr(sub_user_name)}")
    params = {
        "sub_user_name": sub_user_name,
        "permissions": None if permissions is None else _permissions(permissions),
        "remark": optional(short_text, remark, "remark"),
    }
    return _change_sub(Verb(create_sub, numbers, session, dry_run), params)


@route(
    "POST /account/subs/frozen",
    Accepted,
    docs="account/subs/http/frozen-sub",
    pace="account_modify",
    needs="trade",
)
def freeze_sub(
    sub_user_name: str, *, dry_run: bool = False, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Disable a sub-account, and return the exchange's confirmation. Only the main account may.

    Examples
    --------
    >>> cx.freeze_sub("grid-1", dry_run=True)["body"].item()
    '{"sub_user_name":"grid-1"}'
    """
    return _change_sub(Verb(freeze_sub, numbers, session, dry_run), {"sub_user_name": user_name(sub_user_name)})


@route("POST /account/subs/unfrozen", Accepted, docs="account/subs/http/cancel-frozen-sub", like=freeze_sub)
def unfreeze_sub(
    sub_user_name: str, *, dry_run: bool = False, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Enable a disabled sub-account again, and return the exchange's confirmation. Only the main account may."""
    return _change_sub(Verb(unfreeze_sub, numbers, session, dry_run), {"sub_user_name": user_name(sub_user_name)})


def _permissions(permissions: Any) -> list[str]:
    return [choice(name, get_args(Permission), "permissions") for name in texts(permissions, "permissions")]


def _change_sub(verb: Verb, params: dict[str, Any]) -> pd.DataFrame:
    finds_out = f'cx.subs("{params["sub_user_name"]}")'
    return change(verb, params, finds_out=finds_out)
