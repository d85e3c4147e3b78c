"""Money that moves: deposits, withdrawals, transfers between own accounts, margin loans.

Field names, units and meanings: https://docs.coinex.com/api/v2/assets.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import (
    AccountType,
    Amount,
    ChainOrNone,
    Count,
    Currency,
    DepositStatus,
    Flag,
    Id,
    IdOrNone,
    LoanStatus,
    Market,
    MarketOrNone,
    PaymentMethod,
    Rate,
    Text,
    Time,
    TransferStatus,
    WithdrawStatus,
    note,
)
from coinex_pandas.tables.row import Row

__all__ = ["BorrowLimit", "Deposit", "DepositAddress", "Loan", "NewLoan", "Transfer", "Withdrawal"]


class DepositAddress(Row, kw_only=True):
    """An address that takes deposits."""

    address: Annotated[Text, note("on some chains address:memo in one text")]
    memo: Annotated[Text, note("empty or missing: the chain needs none")]


class Deposit(Row, kw_only=True):
    """A deposit."""

    index: ClassVar = "deposit_id"
    order: ClassVar = ("created_at", "deposit_id")
    key: ClassVar = ("deposit_id",)

    deposit_id: Id
    created_at: Time
    tx_id: Annotated[Text, note("hash of the chain's transaction; empty between users")]
    tx_id_display: Annotated[Text, note("not documented")] = UNSET
    ccy: Currency
    chain: Annotated[ChainOrNone, note("missing between users")]
    deposit_method: Annotated[PaymentMethod, note("inter_user: from another user of the exchange")]
    amount: Annotated[Amount, note("deposited; below the chain's minimum it waits for a second deposit", unit="ccy")]
    actual_amount: Annotated[Amount, note("credited; missing before", unit="ccy")]
    to_address: Annotated[Text, note("where it was received; between users the sender's e-mail address")]
    confirmations: Annotated[Count, note("blocks so far")]
    status: Annotated[DepositStatus, note("too_small: under the chain's minimum")]
    tx_explorer_url: Text
    to_addr_explorer_url: Text
    remark: Text


class Withdrawal(Row, kw_only=True):
    """A withdrawal."""

    index: ClassVar = "withdraw_id"
    order: ClassVar = ("created_at", "withdraw_id")
    key: ClassVar = ("withdraw_id",)
    also: ClassVar = {"fee_asset": "fee_ccy", "confirmation": "confirmations"}

    withdraw_id: Id
    created_at: Annotated[Time, note("when it was asked for")]
    ccy: Currency
    chain: Annotated[ChainOrNone, note("missing between users")]
    withdraw_method: Annotated[PaymentMethod, note("inter_user: to another user of the exchange, free and at once")]
    memo: Annotated[Text, note("empty: the chain needs none")]
    amount: Annotated[Amount, note("asked for; actual_amount + tx_fee", unit="ccy")]
    actual_amount: Annotated[Amount, note("reaches the receiver", unit="ccy")]
    tx_fee: Annotated[Amount, note("fee of the withdrawal", unit="fee_ccy")]
    fee_ccy: Annotated[Currency, note("currency of the fee; missing: ccy")] = UNSET
    fee_amount: Annotated[Amount, note("not documented", unit="fee_ccy")] = UNSET
    tx_id: Annotated[Text, note("hash of the chain's transaction; empty until known")]
    to_address: Annotated[Text, note("where it goes; between users the receiver's account name")]
    confirmations: Annotated[Count, note("blocks so far")]
    explorer_address_url: Text
    explorer_tx_url: Text
    status: Annotated[WithdrawStatus, note("created: waits for confirmation by e-mail")]
    remark: Text


class Transfer(Row, kw_only=True):
    """A transfer between two accounts of one's own."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)

    id: Annotated[IdOrNone, note("missing in older answers")] = UNSET
    margin_market: Annotated[MarketOrNone, note("the margin account; missing where none takes part")] = UNSET
    created_at: Time
    from_account_type: AccountType
    to_account_type: AccountType
    ccy: Currency
    amount: Annotated[Amount, note("", unit="ccy")]
    status: Annotated[TransferStatus, note("deducted: taken from the source, not yet arrived")]


class _AnyLoan(Row, kw_only=True):
    index: ClassVar = "borrow_id"
    key: ClassVar = ("borrow_id",)
    also: ClassVar = {"to_repaied_amount": "to_repaid_amount"}

    borrow_id: Id
    market: Annotated[Market, note("of the margin account")]
    ccy: Currency
    daily_interest_rate: Rate
    expired_at: Annotated[Time, note("end of the term")]
    borrow_amount: Annotated[Amount, note("", unit="ccy")]
    to_repaid_amount: Annotated[Amount, note("principal and interest still to be repaid", unit="ccy")]
    status: Annotated[LoanStatus, note("loan: running, finish: repaid")]


class NewLoan(_AnyLoan, kw_only=True):
    """A margin loan as it was granted."""


class Loan(_AnyLoan, kw_only=True):
    """A margin loan."""

    order: ClassVar = ("created_at", "borrow_id")

    created_at: Annotated[Time, note("when it was asked for")]
    is_auto_renew: Annotated[Flag, note("renewed at the end of its term, at the rates of then")]


class BorrowLimit(Row, kw_only=True):
    """What can be borrowed of a currency in a margin market, and at which interest."""

    index: ClassVar = ("market", "ccy")

    market: Market
    ccy: Currency
    leverage: Annotated[Count, note("highest", unit="multiple")]
    min_amount: Annotated[Amount, note("smallest loan", unit="ccy")]
    max_amount: Annotated[Amount, note("largest loan", unit="ccy")]
    daily_interest_rate: Rate
