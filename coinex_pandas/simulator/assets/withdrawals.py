"""Withdrawals and their states as time passes.

A withdrawal is ``created``, ``audited`` after 20 s and ``processing`` after a minute; until then it can be cancelled,
and its amount is frozen. Then it leaves the exchange, ``confirming`` from its first block and ``finished`` at its
chain's ``safe_confirmations``. One to another account of the exchange (``inter_user``) is done at once, without a fee.
States ``audit_required``, ``cancellation_failed`` and ``failed`` do not happen.

Simplified: there is no list of allowed addresses, every address is accepted; the fee is in the currency itself.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.assets.deposits import BLOCK_MS, ChainRules, Deposits, chain_rules, explorer_of, hash_of
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import FEES, OUTSIDE, Purse
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["Withdrawal", "Withdrawals"]

ZERO = Decimal(0)
_STATUSES = (
    "created",
    "audit_required",
    "audited",
    "processing",
    "confirming",
    "finished",
    "cancelled",
    "cancellation_failed",
    "failed",
)
_AUDITED_AFTER = 20_000
_LEAVES_AFTER = 60_000
_OPEN = ("created", "audited", "processing", "confirming")
_CANCELLABLE = ("created", "audited")


@dataclass(slots=True, eq=False)
class Withdrawal:
    """One withdrawal: `amount` reaches the receiver, `fee` is paid on top. Without `rules` it stays in the exchange."""

    number: int
    account: Account
    at: int
    ccy: str
    amount: Decimal
    fee: Decimal
    rules: ChainRules | None
    to_address: str
    memo: str
    remark: str
    status: str = "created"
    tx_id: str = ""

    @property
    def total(self) -> Decimal:
        """What the account pays."""
        return self.amount + self.fee

    @property
    def due(self) -> int:
        """When its state changes next."""
        blocks = self.rules.safe if self.rules is not None else 0
        after = {
            "created": _AUDITED_AFTER,
            "audited": _LEAVES_AFTER,
            "processing": _LEAVES_AFTER + BLOCK_MS,
            "confirming": _LEAVES_AFTER + max(1, blocks) * BLOCK_MS,
        }
        return self.at + after[self.status]

    def confirmations(self, at: int) -> int:
        """Return how many blocks there have been since it left the exchange."""
        if self.rules is None or not self.tx_id:
            return 0
        return max(0, min((at - self.at - _LEAVES_AFTER) // BLOCK_MS, self.rules.irreversible))


class Withdrawals:
    """The endpoints of withdrawals, and the process that sends and confirms them."""

    def __init__(self, trading: Trading, deposits: Deposits) -> None:
        self._trading = trading
        self._deposits = deposits
        self._withdrawals: defaultdict[Account, list[Withdrawal]] = defaultdict(list)
        self._open: list[Withdrawal] = []

    # ---- endpoints

    def withdraw(self, account: Account, params: Params) -> Reply:
        """Submit a withdrawal."""
        method = parameters.choice(params, "withdraw_method", ("on_chain", "inter_user"), "on_chain")
        withdrawal = self._new(account, params, on_chain=method == "on_chain")
        receiver = None if withdrawal.rules is not None else self._receiver(account, withdrawal.to_address)
        self._trading.ledger.freeze(Purse(account.name, "spot"), withdrawal.ccy, withdrawal.total)
        self._withdrawals[account].append(withdrawal)
        if receiver is None:
            self._open.append(withdrawal)
        else:
            withdrawal.status = "finished"
            self._pay(withdrawal)
            self._deposits.receive(receiver, withdrawal.ccy, withdrawal.amount, account.name)
        return Reply(self._row(withdrawal))

    def cancel_withdraw(self, account: Account, params: Params) -> Reply:
        """Cancel a withdrawal that has not left the exchange."""
        number = parameters.whole(params, "withdraw_id")
        withdrawal = next((each for each in self._withdrawals[account] if each.number == number), None)
        if withdrawal is None:
            raise Refusal(message="invalid argument: withdraw_id")
        if withdrawal.status not in _CANCELLABLE:
            raise Refusal(message=f"invalid argument: a withdrawal that is {withdrawal.status} cannot be cancelled")
        withdrawal.status = "cancelled"
        self._open.remove(withdrawal)
        self._trading.ledger.unfreeze(Purse(account.name, "spot"), withdrawal.ccy, withdrawal.total)
        return Reply({})

    def withdrawals(self, account: Account, params: Params) -> Reply:
        """Return withdrawals, newest first."""
        ccy, number = parameters.text(params, "ccy", ""), parameters.whole(params, "withdraw_id", 0)
        status = parameters.choice(params, "status", ("", *_STATUSES), "")
        withdrawals = [
            each
            for each in reversed(self._withdrawals[account])
            if ccy in ("", each.ccy) and number in (0, each.number) and status in ("", each.status)
        ]
        return listing(params, withdrawals, self._row)

    # ---- process

    def next_due(self, at: int) -> int | None:
        """Return when the next withdrawal changes its state."""
        return min((withdrawal.due for withdrawal in self._open), default=None)

    def step(self, start: int, end: int) -> None:
        """Send and confirm withdrawals."""
        for withdrawal in list(self._open):
            while withdrawal.status in _OPEN and withdrawal.due <= end:
                self._advance(withdrawal)
            if withdrawal.status not in _OPEN:
                self._open.remove(withdrawal)

    def _new(self, account: Account, params: Params, *, on_chain: bool) -> Withdrawal:
        ccy, amount = parameters.currency(params), parameters.decimal(params, "amount")
        rules = chain_rules(ccy, parameters.text(params, "chain")) if on_chain else None
        memo = parameters.text(params, "memo", "")
        if parameters.text(params, "fee_ccy", ccy) != ccy:
            raise Refusal(message="invalid argument: fee_ccy, the sandbox takes fees in the currency itself")
        if rules is not None:
            _check(rules, ccy, amount)
        return Withdrawal(
            number=self._trading.number(),
            account=account,
            at=self._trading.at,
            ccy=ccy,
            amount=amount,
            fee=rules.fee if rules is not None else ZERO,
            rules=rules,
            to_address=parameters.text(params, "to_address"),
            memo=memo,
            remark=parameters.text(params, "remark", ""),
        )

    def _receiver(self, account: Account, name: str) -> Account:
        receiver = self._trading.accounts.find(name)
        if receiver is None or receiver is account:
            raise Refusal(message="invalid argument: to_address is no other account of this exchange")
        return receiver

    def _advance(self, withdrawal: Withdrawal) -> None:
        """Bring a withdrawal into its next state."""
        withdrawal.status = (
            _OPEN[_OPEN.index(withdrawal.status) + 1] if withdrawal.status != "confirming" else "finished"
        )
        if withdrawal.status == "processing":
            withdrawal.tx_id = hash_of("withdrawal", withdrawal.number)
            self._pay(withdrawal)

    def _pay(self, withdrawal: Withdrawal) -> None:
        ledger, purse = self._trading.ledger, Purse(withdrawal.account.name, "spot")
        for amount, target in ((withdrawal.amount, OUTSIDE), (withdrawal.fee, FEES)):
            at = self._trading.at
            ledger.move(withdrawal.ccy, amount, purse, target, kind="withdraw", at=at, frozen=True)

    def _row(self, withdrawal: Withdrawal) -> dict[str, Any]:
        rules = withdrawal.rules
        explorer = explorer_of(withdrawal.ccy, rules.chain) if rules else ""
        row: Row = {
            "withdraw_id": withdrawal.number,
            "created_at": withdrawal.at,
            "ccy": withdrawal.ccy,
            "chain": rules.chain if rules else "",
            "withdraw_method": "on_chain" if rules else "inter_user",
            "memo": withdrawal.memo,
            "amount": plain(withdrawal.total),
            "actual_amount": plain(withdrawal.amount),
            "tx_fee": plain(withdrawal.fee),
            "fee_asset": withdrawal.ccy,  # the wire's name for fee_ccy
            "fee_amount": plain(withdrawal.fee),
            "tx_id": withdrawal.tx_id,
            "to_address": withdrawal.to_address,
            "confirmations": withdrawal.confirmations(self._trading.at),
            "explorer_address_url": f"{explorer}/address/{withdrawal.to_address}" if rules else "",
            "explorer_tx_url": f"{explorer}/tx/{withdrawal.tx_id}" if rules else "",
            "status": withdrawal.status,
            "remark": withdrawal.remark,
        }
        return row


def _check(rules: ChainRules, ccy: str, amount: Decimal) -> None:
    if not rules.withdraw_enabled:
        raise Refusal(message=f"invalid argument: withdrawals of {ccy} by {rules.chain} are closed")
    if amount < rules.min_withdraw:
        raise Refusal(message=f"invalid argument: amount is at least {plain(rules.min_withdraw)} {ccy}")
    if amount != round(amount, rules.precision):
        raise Refusal(message=f"invalid argument: amount has at most {rules.precision} decimals")
