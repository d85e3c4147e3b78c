"""Sub-accounts: opening, freezing, their keys and balances; only keys of the main account may use them."""

from __future__ import annotations

import re
from ipaddress import ip_network

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.assets.balances import BalanceEndpoints
from coinex_pandas.simulator.engine.accounts import KEY_LIFE, Account, Key, require_main, sub_of
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.valuation import account_dollars
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["SubAccountEndpoints"]


_PERMISSIONS = ("FUTURES", "MARGIN", "AMM", "API")
_NAME = re.compile(r"[A-Za-z0-9-]{3,26}", re.ASCII)
_MOST_SUBS = 20
_MOST_KEYS = 50
_MOST_ADDRESSES = 50
_LONGEST_REMARK = 50


class SubAccountEndpoints:
    """The endpoints of sub-accounts, without those of transfers."""

    def __init__(self, trading: Trading, balances: BalanceEndpoints) -> None:
        self._trading = trading
        self._accounts = trading.accounts
        self._balances = balances

    # ---- accounts

    def create_sub(self, account: Account, params: Params) -> Reply:
        """Open a sub-account."""
        require_main(account)
        name = parameters.text(params, "sub_user_name")
        permissions = parameters.texts(params, "permissions", list(_PERMISSIONS))
        remark = parameters.text(params, "remark", "", _LONGEST_REMARK)
        if not _NAME.fullmatch(name) or self._accounts.find(name) is not None:
            raise Refusal(message="invalid argument: sub_user_name has other characters, or is taken")
        if not set(permissions) <= set(_PERMISSIONS):
            raise Refusal(message="invalid argument: permissions")
        if len(self._accounts.subs(account)) >= _MOST_SUBS:
            raise Refusal(message=f"invalid argument: there are {_MOST_SUBS} sub-accounts already")
        self._accounts.open(name, account, permissions).remark = remark
        return Reply({})

    def subs(self, account: Account, params: Params) -> Reply:
        """Return the sub-accounts that are not frozen, or those that are, newest first."""
        require_main(account)
        name, is_frozen = parameters.text(params, "sub_user_name", ""), parameters.flag(params, "is_frozen", False)
        subs = [
            sub
            for sub in reversed(self._accounts.subs(account))
            if name in ("", sub.name) and sub.is_frozen == is_frozen
        ]
        return listing(params, subs, self._sub_row)

    def sub_info(self, account: Account, params: Params) -> Reply:
        """Return whether the key's account is a sub-account."""
        if account.parent is None:
            return Reply({"user_type": "NORMAL", "sub_user_name": None})
        return Reply({"user_type": "SUB_ACCOUNT", "sub_user_name": account.name})

    def freeze_sub(self, account: Account, params: Params) -> Reply:
        """Freeze a sub-account: its keys are refused."""
        self._sub(account, params).is_frozen = True
        return Reply({})

    def unfreeze_sub(self, account: Account, params: Params) -> Reply:
        """End the freeze of a sub-account."""
        self._sub(account, params).is_frozen = False
        return Reply({})

    # ---- balances

    def sub_spot_balances(self, account: Account, params: Params) -> Reply:
        """Return what is in a sub-account's spot wallet."""
        ccy = parameters.text(params, "ccy", "")
        rows = self._balances.spot_rows(self._sub(account, params))
        return Reply([row for row in rows if ccy in ("", row["ccy"])])

    def sub_balances(self, account: Account, params: Params) -> Reply:
        """Return what is in one of a sub-account's wallets, in the shape that the wallet's own endpoint has."""
        sub = self._sub(account, params)
        kind = parameters.choice(params, "market_type", ("SPOT", "MARGIN", "FUTURES"))
        if kind == "MARGIN":
            return Reply(self._balances.margin_rows(sub, params))
        return Reply(self._balances.spot_rows(sub) if kind == "SPOT" else self._balances.futures_rows(sub))

    # ---- keys

    def create_sub_api(self, account: Account, params: Params) -> Reply:
        """Make a key of a sub-account; it works at once."""
        sub = self._sub_with_keys(account, params)
        addresses = _addresses(parameters.texts(params, "ip_whitelist"))
        trade_enabled = parameters.flag(params, "trade_enabled")
        remark = parameters.text(params, "remark", "", _LONGEST_REMARK)
        if len(self._accounts.keys(sub)) >= _MOST_KEYS:
            raise Refusal(message=f"invalid argument: there are {_MOST_KEYS} keys already")
        at = self._trading.at
        key = self._accounts.make_key(
            sub,
            at,
            trade_enabled=trade_enabled,
            ip_whitelist=addresses,
            expires_at=0 if addresses else at + KEY_LIFE,
            remark=remark,
        )
        return Reply(self._key_row(key))

    def sub_apis(self, account: Account, params: Params) -> Reply:
        """Return the keys of a sub-account, newest first."""
        keys = self._accounts.keys(self._sub(account, params))
        return listing(params, keys[::-1], self._key_row)

    def sub_api(self, account: Account, params: Params) -> Reply:
        """Return one key of any sub-account."""
        require_main(account)
        number = parameters.whole(params, "api_id")
        keys = [key for sub in self._accounts.subs(account) for key in self._accounts.keys(sub)]
        return Reply(self._key_row(_key(keys, number)))

    def edit_sub_api(self, account: Account, params: Params) -> Reply:
        """Change a key of a sub-account; absent parameters change nothing."""
        sub = self._sub_with_keys(account, params)
        key = _key(self._accounts.keys(sub), parameters.whole(params, "api_id"))
        trade_enabled = parameters.flag(params, "trade_enabled", key.trade_enabled)
        addresses = _addresses(parameters.texts(params, "ip_whitelist", list(key.ip_whitelist)))
        key.remark = parameters.text(params, "remark", key.remark, _LONGEST_REMARK)
        key.trade_enabled = trade_enabled
        if addresses != key.ip_whitelist:
            key.ip_whitelist, key.expires_at = addresses, 0 if addresses else self._trading.at + KEY_LIFE
        return Reply(self._key_row(key))

    def delete_sub_api(self, account: Account, params: Params) -> Reply:
        """Delete a key of a sub-account."""
        keys = self._accounts.keys(self._sub(account, params))
        self._accounts.delete_key(_key(keys, parameters.whole(params, "api_id")))
        return Reply({})

    def _sub(self, account: Account, params: Params) -> Account:
        require_main(account)
        return sub_of(self._trading.accounts, account, parameters.text(params, "sub_user_name"))

    def _sub_with_keys(self, account: Account, params: Params) -> Account:
        sub = self._sub(account, params)
        if not sub.may("API"):
            raise Refusal(4512, "sub-account lacks the permission API")
        return sub

    def _sub_row(self, sub: Account) -> Row:
        return {
            "sub_user_name": sub.name,
            "is_frozen": sub.is_frozen,
            "is_authorized": False,
            "permissions": [each for each in _PERMISSIONS if each in sub.permissions],
            "balance_usd": plain(account_dollars(self._trading, sub)),
        }

    def _key_row(self, key: Key) -> Row:
        return {
            "api_id": key.api_id,
            "created_at": key.created_at,
            "access_id": key.access_id,
            "secret_key": key.secret_key,
            "ip_whitelist": list(key.ip_whitelist),
            "trade_enabled": key.trade_enabled,
            "withdraw_enabled": key.withdraw_enabled,
            "is_expired": 0 < key.expires_at <= self._trading.at,
            "expires_at": key.expires_at,
            "remark": key.remark,
        }


def _key(keys: list[Key], number: int) -> Key:
    key = next((key for key in keys if key.api_id == number), None)
    if key is None:
        raise Refusal(message="invalid argument: api_id")
    return key


def _addresses(texts: list[str]) -> tuple[str, ...]:
    if len(texts) > _MOST_ADDRESSES:
        raise Refusal(message=f"invalid argument: ip_whitelist has more than {_MOST_ADDRESSES} addresses")
    try:
        for address in texts:
            ip_network(address, strict=False)
    except ValueError as fault:
        raise Refusal(message="invalid argument: ip_whitelist") from fault
    return tuple(texts)
