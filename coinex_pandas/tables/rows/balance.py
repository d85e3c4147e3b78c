"""What an account holds: balances of every sort, and the ledger of the spot account.

Field names, units and meanings: https://docs.coinex.com/api/v2/assets/balance.
"""

from typing import Annotated, ClassVar

from msgspec import UNSET

from coinex_pandas.tables.column_types import Amount, Currency, Market, Number, Price, Rate, Time, TransactionType, note
from coinex_pandas.tables.row import Row

__all__ = [
    "CreditBalance",
    "CreditInfo",
    "FuturesBalance",
    "MarginBalance",
    "SpotBalance",
    "Transaction",
]


class SpotBalance(Row, kw_only=True):
    """What an account holds of a currency."""

    index: ClassVar = "ccy"
    key: ClassVar = ("ccy",)

    ccy: Currency
    available: Annotated[Amount, note("can be spent", unit="ccy")]
    frozen: Annotated[Amount, note("locked in orders, or not to be used otherwise", unit="ccy")]


class FuturesBalance(Row, kw_only=True):
    """What a futures account holds of a currency."""

    index: ClassVar = "ccy"
    key: ClassVar = ("ccy",)

    ccy: Currency
    available: Annotated[
        Amount,
        note("transfers in - transfers out + realized pnl - (position margin - unrealized pnl) - frozen", unit="ccy"),
    ]
    frozen: Annotated[Amount, note("initial margin and fees of orders that rest", unit="ccy")]
    margin: Annotated[Amount, note("held by positions, their unrealized pnl included", unit="ccy")]
    transferrable: Annotated[Amount, note("can be moved out: available minus what waits for settlement", unit="ccy")]
    unrealized_pnl: Annotated[Amount, note("of open positions, at the mark or latest price", unit="ccy")]
    equity: Annotated[Amount, note("not documented", unit="ccy")] = UNSET


class _Available(Row, kw_only=True):
    base_ccy: Annotated[Amount, note("can be ordered with: own, borrowed and transferred funds", unit="base_ccy")]
    quote_ccy: Annotated[Amount, note("likewise", unit="quote_ccy")]


class _Frozen(Row, kw_only=True):
    base_ccy: Annotated[Amount, note("can neither be ordered with nor transferred", unit="base_ccy")]
    quote_ccy: Annotated[Amount, note("likewise", unit="quote_ccy")]


class _Repaid(Row, kw_only=True):
    base_ccy: Annotated[Amount, note("borrowed and still to be repaid", unit="base_ccy")]
    quote_ccy: Annotated[Amount, note("likewise", unit="quote_ccy")]


class _Interest(Row, kw_only=True):
    base_ccy: Annotated[Amount, note("interest still to be repaid", unit="base_ccy")]
    quote_ccy: Annotated[Amount, note("likewise", unit="quote_ccy")]


class MarginBalance(Row, kw_only=True):
    """What the margin account of a market holds and owes."""

    index: ClassVar = "margin_account"
    key: ClassVar = ("margin_account",)
    also: ClassVar = {"rik_rate": "risk_rate"}

    margin_account: Annotated[Market, note("the market that the account is for")]
    base_ccy: Currency
    quote_ccy: Currency
    available: _Available
    frozen: _Frozen
    repaid: _Repaid
    interest: _Interest
    risk_rate: Annotated[Rate, note("current risk rate; missing: zero")]
    liq_price: Annotated[Price, note("forced liquidation; missing: none")]


class CreditInfo(Row, kw_only=True):
    """The credit account in sums; the exchange names no currency."""

    equity: Annotated[Number, note("value of the assets")]
    repaid: Annotated[Number, note("value still to be repaid")]
    risk_rate: Annotated[Rate, note("current risk rate; missing: none")]
    withdrawal_risk: Annotated[Rate, note("risk rate that withdrawals must keep")]
    withdrawal_value: Annotated[Number, note("value that may be withdrawn")]


class CreditBalance(Row, kw_only=True):
    """What a credit account owes of a currency."""

    index: ClassVar = "ccy"
    key: ClassVar = ("ccy",)

    ccy: Currency
    repaid: Annotated[Amount, note("borrowed and still to be repaid", unit="ccy")]
    interest: Annotated[Amount, note("interest still to be repaid", unit="ccy")]


class Transaction(Row, kw_only=True):
    """A change of a spot balance. The exchange gives it no id: equal rows are as many changes."""

    index: ClassVar = "created_at"
    order: ClassVar = ("created_at",)

    created_at: Time
    ccy: Currency
    type: TransactionType
    balance: Annotated[Amount, note("after the change", unit="ccy")]
    change: Annotated[Amount, note("negative when funds leave", unit="ccy")]
