"""Accounts with their sub-accounts, and the keys that sign for them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from coinex_pandas.simulator.reply import Refusal

__all__ = ["KEY_LIFE", "Account", "Accounts", "Key", "require_main", "sub_of"]


KEY_LIFE = 90 * 86_400_000
"""The milliseconds after which a key expires that is not bound to addresses."""
_FIRST_USER = 4_000_001


@dataclass(slots=True, eq=False)
class Account:
    """A main account or a sub-account.

    Attributes
    ----------
    name : str
        The owner's name in the ledger; a sub-account's is its user name.
    user_id : int
        The exchange's number for it.
    parent : Account or None
        The main account of a sub-account.
    permissions : set of str
        What a sub-account may do: FUTURES, MARGIN, AMM, API; a main account may do everything.
    settings : dict
        Switches that the account has set, such as ``cet_discount_enabled``.
    """

    name: str
    user_id: int
    parent: Account | None = None
    is_frozen: bool = False
    remark: str = ""
    permissions: set[str] = field(default_factory=set)
    settings: dict[str, object] = field(default_factory=dict)

    @property
    def main(self) -> Account:
        """The main account it belongs to, itself if it is one."""
        return self if self.parent is None else self.parent

    def may(self, permission: str) -> bool:
        """Return whether it may use a part of the exchange."""
        return self.parent is None or permission in self.permissions


@dataclass(slots=True, eq=False, repr=False)
class Key:
    """A key of an account: who signs with it acts as the account."""

    api_id: int
    access_id: str
    secret_key: str
    account: Account
    created_at: int
    expires_at: int
    ip_whitelist: tuple[str, ...] = ()
    trade_enabled: bool = True
    withdraw_enabled: bool = False
    remark: str = ""

    def __repr__(self) -> str:
        return f"<key {self.api_id} of {self.account.name}>"


class Accounts:
    """The accounts of an exchange and their keys."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._keys: dict[str, Key] = {}
        self._last_api = 100

    def open(self, name: str, parent: Account | None = None, permissions: Sequence[str] = ()) -> Account:
        """Open an account; ValueError when the name is taken."""
        if not name or name.startswith("@") or name in self._accounts:
            raise ValueError(f"an account {name!r} cannot be opened: the name is taken, empty, or begins with @")
        account = Account(name, _FIRST_USER + len(self._accounts), parent, permissions=set(permissions))
        self._accounts[name] = account
        return account

    def find(self, name: str) -> Account | None:
        """Return an account by its name."""
        return self._accounts.get(name)

    def subs(self, main: Account) -> list[Account]:
        """Return the sub-accounts of a main account, oldest first."""
        return [account for account in self._accounts.values() if account.parent is main]

    def all(self) -> list[Account]:
        """Return every account, oldest first."""
        return list(self._accounts.values())

    def make_key(
        self,
        account: Account,
        created_at: int,
        *,
        trade_enabled: bool = True,
        withdraw_enabled: bool = False,
        ip_whitelist: Sequence[str] = (),
        expires_at: int = 0,
        remark: str = "",
    ) -> Key:
        """Make a key; `expires_at` 0 means never."""
        self._last_api += 1
        key = Key(
            self._last_api,
            secrets.token_hex(16).upper(),
            secrets.token_hex(24).upper(),
            account,
            created_at,
            expires_at,
            tuple(ip_whitelist),
            trade_enabled,
            withdraw_enabled,
            remark,
        )
        self._keys[key.access_id] = key
        return key

    def key(self, access_id: str) -> Key | None:
        """Return a key by its access id."""
        return self._keys.get(access_id)

    def keys(self, account: Account) -> list[Key]:
        """Return an account's keys, oldest first."""
        return [key for key in self._keys.values() if key.account is account]

    def delete_key(self, key: Key) -> None:
        """Delete a key."""
        del self._keys[key.access_id]


def require_main(account: Account) -> None:
    """Refuse a sub-account."""
    if account.parent is not None:
        raise Refusal(4011, "user not allowed to access: only the main account may")


def sub_of(accounts: Accounts, main: Account, name: str) -> Account:
    """Return a main account's sub-account."""
    sub = accounts.find(name)
    if sub is None or sub.parent is not main:
        raise Refusal(message="invalid argument: there is no sub-account of that name")
    return sub
