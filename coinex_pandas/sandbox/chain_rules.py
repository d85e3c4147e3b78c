"""What a chain demands of deposits and withdrawals of a currency, read from the endpoint that publishes it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from coinex_pandas.sandbox.coins import CHAINS, COINS
from coinex_pandas.sandbox.noise import key
from coinex_pandas.sandbox.reference import chains
from coinex_pandas.sandbox.reply import Refusal

__all__ = ["BLOCK_MS", "ChainRules", "chain_rules", "explorer_of", "hash_of"]

BLOCK_MS = 30_000
"""The time between two blocks, on every chain of the sandbox."""


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


def chain_rules(ccy: str, chain: str = "") -> ChainRules:
    """Return the rules of a currency on a chain, on its first one if none is named; Refusal when there is no such."""
    if ccy not in COINS:
        raise Refusal(message="invalid argument: ccy")
    rows = chains(COINS[ccy])["chains"]
    found = [row for row in rows if chain in ("", row["chain"])]
    if not found:
        names = ", ".join(row["chain"] for row in rows)
        raise Refusal(message=f"invalid argument: chain, {ccy} has {names}")
    row = found[0]
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
    """Return the hash that a transaction or an address made of words has: 64 hexadecimal digits."""
    return "".join(f"{key(*words, part):016x}" for part in range(4))
