"""Deposits, their states as time passes, and the addresses they go to.

`Deposits.arrive` sends something from outside. On the sandbox's chains a block takes 30 s. A deposit is
``processing`` until its first block, ``confirming`` until its chain's ``safe_confirmations``, then it is credited and
``finished``, and goes on counting blocks up to ``irreversible_confirmations``. One below the chain's minimum is
``too_small`` then and waits for others that lift the sum of them to the minimum. States ``cancelled`` and
``exception`` do not happen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from decimal import Decimal

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import OUTSIDE, Purse
from coinex_pandas.simulator.market.coins import CHAINS, COINS
from coinex_pandas.simulator.market.reference import chains
from coinex_pandas.simulator.noise import key
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["BLOCK_MS", "ChainRules", "Deposit", "Deposits", "chain_rules", "explorer_of", "hash_of"]


BLOCK_MS = 30_000
"""The time between two blocks, on every chain of the sandbox."""
ZERO = Decimal(0)
_STATUSES = ("processing", "confirming", "cancelled", "finished", "too_small", "exception")
_OPEN = ("processing", "confirming")


@dataclass(frozen=True, slots=True)
class ChainRules:
    """The row of a chain in ``deposit_withdraw_config``, as numbers."""

    chain: str
    deposit_enabled: bool
    withdraw_enabled: bool
    min_deposit: Decimal
    min_withdraw: Decimal
    fee: Decimal
    precision: int
    safe: int
    irreversible: int
    needs_memo: bool


@dataclass(slots=True, eq=False)
class Deposit:
    """One deposit; without `rules` it came from another account of the exchange, over no chain."""

    number: int
    account: Account
    at: int
    ccy: str
    amount: Decimal
    rules: ChainRules | None
    to_address: str
    tx_id: str = ""
    status: str = "processing"
    credited: Decimal = ZERO

    def confirmations(self, at: int) -> int:
        """Return how many blocks there have been."""
        return 0 if self.rules is None else min((at - self.at) // BLOCK_MS, self.rules.irreversible)


class Deposits:
    """The endpoints of deposits, and the process that confirms and credits them."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._deposits: defaultdict[Account, list[Deposit]] = defaultdict(list)
        self._open: list[Deposit] = []
        self._renewals: Counter[tuple[Account, str, str]] = Counter()

    def arrive(self, account: Account, ccy: str, amount: Decimal, chain: str = "") -> int:
        """Send something from outside, over the currency's first chain by default, and return the deposit's id."""
        rules = chain_rules(ccy, chain)
        if not rules.deposit_enabled:
            raise Refusal(message=f"invalid argument: deposits of {ccy} by {rules.chain} are closed")
        number, address = self._trading.number(), self._address(account, ccy, rules)["address"]
        deposit = Deposit(number, account, self._trading.at, ccy, amount, rules, address, hash_of("deposit", number))
        self._deposits[account].append(deposit)
        self._open.append(deposit)
        return number

    def receive(self, account: Account, ccy: str, amount: Decimal, sender: str) -> None:
        """Add a deposit from another account of the exchange, and credit it at once."""
        at, number = self._trading.at, self._trading.number()
        deposit = Deposit(number, account, at, ccy, amount, None, sender, status="finished", credited=amount)
        self._deposits[account].append(deposit)
        self._trading.ledger.move(ccy, amount, OUTSIDE, Purse(account.name, "spot"), kind="deposit", at=at)

    # ---- endpoints

    def deposits(self, account: Account, params: Params) -> Reply:
        """Return deposits, newest first; the name of the pagination is misspelt, as on the wire."""
        ccy, tx_id = parameters.text(params, "ccy", ""), parameters.text(params, "tx_id", "")
        status = parameters.choice(params, "status", ("", *_STATUSES), "")
        deposits = [
            each
            for each in reversed(self._deposits[account])
            if ccy in ("", each.ccy) and tx_id in ("", each.tx_id) and status in ("", each.status)
        ]
        reply = listing(params, deposits, self._row)
        reply.pagination_name = "paginatation"
        return reply

    def deposit_address(self, account: Account, params: Params) -> Reply:
        """Return the address for a currency and chain."""
        ccy = parameters.currency(params)
        return Reply(self._address(account, ccy, chain_rules(ccy, parameters.text(params, "chain"))))

    def renew_deposit_address(self, account: Account, params: Params) -> Reply:
        """Make another address for a currency and chain."""
        ccy = parameters.currency(params)
        rules = chain_rules(ccy, parameters.text(params, "chain"))
        self._renewals[account, ccy, rules.chain] += 1
        return Reply(self._address(account, ccy, rules))

    # ---- process

    def next_due(self, at: int) -> int | None:
        """Return when the next deposit changes its state."""
        return min((self._due(deposit) for deposit in self._open), default=None)

    def step(self, start: int, end: int) -> None:
        """Confirm and credit."""
        for deposit in [deposit for deposit in self._open if self._due(deposit) <= end]:
            if deposit.status == "processing":
                deposit.status = "confirming"
            if self._due(deposit) <= end:
                self._open.remove(deposit)
                self._credit(deposit)

    @staticmethod
    def _due(deposit: Deposit) -> int:
        blocks = 1 if deposit.status == "processing" or deposit.rules is None else deposit.rules.safe
        return deposit.at + blocks * BLOCK_MS

    def _credit(self, deposit: Deposit) -> None:
        """Credit a deposit, and with it those that were too small alone; or keep it as too small."""
        deposit.status = "too_small"
        waiting = [each for each in self._deposits[deposit.account] if _is_like(each, deposit)]
        least = ZERO if deposit.rules is None else deposit.rules.min_deposit
        if sum((each.amount for each in waiting), ZERO) < least:
            return
        for each in waiting:
            each.status, each.credited = "finished", each.amount
            purse = Purse(each.account.name, "spot")
            self._trading.ledger.move(each.ccy, each.amount, OUTSIDE, purse, kind="deposit", at=self._trading.at)

    def _address(self, account: Account, ccy: str, rules: ChainRules) -> dict[str, str]:
        renewals = self._renewals[account, ccy, rules.chain]
        words = (account.user_id, ccy, rules.chain, renewals)
        memo = str(int(hash_of("memo", *words)[:8], 16)) if rules.needs_memo else ""
        return {"address": f"sandbox-{hash_of('address', *words)[:32]}", "memo": memo}

    def _row(self, deposit: Deposit) -> Row:
        rules = deposit.rules
        explorer = explorer_of(deposit.ccy, rules.chain) if rules else ""
        return {
            "deposit_id": deposit.number,
            "created_at": deposit.at,
            "tx_id": deposit.tx_id,
            "tx_id_display": deposit.tx_id,
            "ccy": deposit.ccy,
            "chain": rules.chain if rules else "",
            "deposit_method": "on_chain" if rules else "inter_user",
            "amount": plain(deposit.amount),
            "actual_amount": plain(deposit.credited) if deposit.credited else "",
            "to_address": deposit.to_address,
            "confirmations": deposit.confirmations(self._trading.at),
            "status": deposit.status,
            "tx_explorer_url": f"{explorer}/tx/{deposit.tx_id}" if rules else "",
            "to_addr_explorer_url": f"{explorer}/address/{deposit.to_address}" if rules else "",
            "remark": "",
        }


def _is_like(each: Deposit, deposit: Deposit) -> bool:
    """Return whether a deposit was too small and has the currency and chain of another one."""
    return each.status == "too_small" and (each.ccy, each.rules) == (deposit.ccy, deposit.rules)


def chain_rules(ccy: str, chain: str = "") -> ChainRules:
    """Return the rules of a currency on a chain, by default its first one; a Refusal when it does not exist."""
    if ccy not in COINS:
        raise Refusal(message="invalid argument: ccy")
    rows = chains(COINS[ccy])["chains"]
    row = next((row for row in rows if chain in ("", row["chain"])), None)
    if row is None:
        names = ", ".join(row["chain"] for row in rows)
        raise Refusal(message=f"invalid argument: chain, {ccy} has {names}")
    return ChainRules(
        chain=row["chain"],
        deposit_enabled=row["deposit_enabled"],
        withdraw_enabled=row["withdraw_enabled"],
        min_deposit=Decimal(row["min_deposit_amount"]),
        min_withdraw=Decimal(row["min_withdraw_amount"]),
        fee=Decimal(row["withdrawal_fee"]),
        precision=row["withdrawal_precision"],
        safe=row["safe_confirmations"],
        irreversible=row["irreversible_confirmations"],
        needs_memo=row["is_memo_required_for_deposit"],
    )


def explorer_of(ccy: str, chain: str) -> str:
    """Return the address of a chain's explorer."""
    return CHAINS["MAIN" if chain == ccy and chain not in CHAINS else chain].explorer


def hash_of(*words: object) -> str:
    """Return an invented hash of a transaction or an address, 64 hexadecimal digits that depend on the words."""
    return "".join(f"{key(*words, part):016x}" for part in range(4))
