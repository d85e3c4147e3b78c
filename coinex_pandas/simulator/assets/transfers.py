"""Transfers between the wallets of an account, and between a main account and its sub-accounts.

All of them happen at once. Which currencies a futures wallet takes is not documented: here those that contracts
are settled in. From a margin account with loans only so much can be moved that the risk rate stays at 2 or more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.assets.margin_accounts import MarginAccounts, margin_purse
from coinex_pandas.simulator.engine.accounts import Account, require_main, sub_of
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import Purse, shortfall
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["Side", "Transfer", "TransferEndpoints"]


_TYPES = ("SPOT", "MARGIN", "FUTURES")
_SUB_TYPES = ("SPOT", "FUTURES")
_SAFE_RISK = Decimal(2)


class Side(NamedTuple):
    """One end of a transfer: account and kind of its wallet; for margin accounts the market."""

    account: Account
    kind: str
    market: Market | None = None


@dataclass(frozen=True, slots=True)
class Transfer:
    """One transfer."""

    number: int
    at: int
    source: Side
    target: Side
    ccy: str
    amount: Decimal

    @property
    def market(self) -> str:
        """The margin market, empty when neither side is one."""
        market = self.source.market or self.target.market
        return market.name if market else ""


class TransferEndpoints:
    """The endpoints of transfers."""

    def __init__(self, trading: Trading, margin: MarginAccounts, positions: Positions) -> None:
        self._trading = trading
        self._margin = margin
        self._positions = positions
        self._own: defaultdict[Account, list[Transfer]] = defaultdict(list)
        self._between: defaultdict[Account, list[Transfer]] = defaultdict(list)

    def transfer(self, account: Account, params: Params) -> Reply:
        """Move money between the spot wallet and another one."""
        kinds = [parameters.choice(params, f"{way}_account_type", _TYPES) for way in ("from", "to")]
        if kinds.count("SPOT") != 1:
            raise Refusal(message="invalid argument: one of the two account types is SPOT")
        market = self._margin.market(params) if "MARGIN" in kinds else None
        source, target = (Side(account, kind, market if kind == "MARGIN" else None) for kind in kinds)
        self._own[account].append(self._move(source, target, params))
        return Reply({})

    def transfers(self, account: Account, params: Params) -> Reply:
        """Return the transfers of a currency with one kind of wallet, newest first."""
        ccy, kind = parameters.currency(params), parameters.choice(params, "transfer_type", ("MARGIN", "FUTURES"))
        market = parameters.text(params, "market", "")
        start, end = parameters.times(params)
        transfers = [
            each
            for each in reversed(self._own[account])
            if each.ccy == ccy
            and kind in (each.source.kind, each.target.kind)
            and market in ("", each.market)
            and start <= each.at <= end
        ]
        return listing(params, transfers, _row)

    def sub_transfer(self, account: Account, params: Params) -> Reply:
        """Move money between a main account and its sub-accounts; between two of these from spot to spot only."""
        require_main(account)
        kinds = [parameters.choice(params, f"{way}_account_type", _SUB_TYPES) for way in ("from", "to")]
        names = [parameters.text(params, f"{way}_user_name", "") for way in ("from", "to")]
        if names[0] == names[1] or (all(names) and kinds != ["SPOT", "SPOT"]):
            raise Refusal(message="invalid argument: from_user_name, to_user_name")
        accounts = [sub_of(self._trading.accounts, account, name) if name else account for name in names]
        source, target = (Side(*each) for each in zip(accounts, kinds, strict=True))
        self._between[account].append(self._move(source, target, params))
        return Reply({})

    def sub_transfers(self, account: Account, params: Params) -> Reply:
        """Return the transfers with sub-accounts, newest first."""
        require_main(account)
        name, ccy = parameters.text(params, "sub_user_name", ""), parameters.text(params, "ccy", "")
        start, end = parameters.times(params)
        transfers = [
            each
            for each in reversed(self._between[account])
            if name in ("", each.source.account.name, each.target.account.name)
            and ccy in ("", each.ccy)
            and start <= each.at <= end
        ]
        return listing(params, transfers, _sub_row)

    def _move(self, source: Side, target: Side, params: Params) -> Transfer:
        ccy, amount = parameters.currency(params), parameters.decimal(params, "amount")
        purses = self._purse(source, ccy), self._purse(target, ccy)
        self._check(source, ccy, amount)
        self._trading.ledger.move(ccy, amount, *purses, kind="transfer", at=self._trading.at)
        return Transfer(self._trading.number(), self._trading.at, source, target, ccy, amount)

    def _purse(self, side: Side, ccy: str) -> Purse:
        if side.kind == "FUTURES" and ccy not in self._settle_currencies:
            raise Refusal(message=f"invalid argument: no contract is settled in {ccy}")
        if side.market is None:
            return Purse(side.account.name, side.kind.lower())
        if ccy not in (side.market.base, side.market.quote):
            raise Refusal(message="invalid argument: ccy is none of the margin market's two")
        return margin_purse(side.account, side.market)

    def _check(self, source: Side, ccy: str, amount: Decimal) -> None:
        """Refuse to take what positions or loans need."""
        if source.kind == "FUTURES" and amount > self._positions.transferrable(source.account, ccy):
            raise shortfall()
        if source.market is not None:
            risk = self._margin.state(source.account, source.market, less=(ccy, amount)).risk
            if risk is not None and risk < _SAFE_RISK:
                raise shortfall()

    @property
    def _settle_currencies(self) -> set[str]:
        markets = self._trading.world.catalogue.listed("futures", self._trading.at)
        return {market.base if market.inverse else market.quote for market in markets}


def _row(transfer: Transfer) -> Row:
    return {
        "id": transfer.number,
        "margin_market": transfer.market or None,
        "created_at": transfer.at,
        "from_account_type": transfer.source.kind,
        "to_account_type": transfer.target.kind,
        "ccy": transfer.ccy,
        "amount": plain(transfer.amount),
        "status": "finished",
    }


def _sub_row(transfer: Transfer) -> Row:
    row = _row(transfer) | {
        "from_user_name": _user_name(transfer.source.account),
        "to_user_name": _user_name(transfer.target.account),
    }
    del row["margin_market"]
    return row


def _user_name(account: Account) -> str:
    return account.name if account.parent else ""
