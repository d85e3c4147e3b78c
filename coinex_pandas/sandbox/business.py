"""The private side of an exchange, put together: who serves which endpoint, and what goes on by itself."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from coinex_pandas.sandbox.accounts import Account
from coinex_pandas.sandbox.balances import BalanceDesk, BalanceNews
from coinex_pandas.sandbox.catalogue import Market
from coinex_pandas.sandbox.deposits import DepositDesk
from coinex_pandas.sandbox.floor import open_floor
from coinex_pandas.sandbox.futures_business import open_futures
from coinex_pandas.sandbox.loans import LoanDesk
from coinex_pandas.sandbox.margin_accounts import MarginAccounts
from coinex_pandas.sandbox.matching import Matching
from coinex_pandas.sandbox.pools import PoolDesk
from coinex_pandas.sandbox.positions import Positions
from coinex_pandas.sandbox.referrals import ReferralDesk
from coinex_pandas.sandbox.settings import SettingsDesk
from coinex_pandas.sandbox.statements import StatementDesk
from coinex_pandas.sandbox.subs import SubDesk
from coinex_pandas.sandbox.trading import Trading
from coinex_pandas.sandbox.transfers import TransferDesk
from coinex_pandas.sandbox.withdrawals import WithdrawalDesk

__all__ = ["Business", "open_for_business"]


@dataclass(frozen=True, slots=True)
class Business:
    """The parts of the private side that are used from outside, too.

    Attributes
    ----------
    deposits : DepositDesk
        Where the world's money arrives.
    matching : Matching
        Where orders meet.
    positions : Positions
        The open futures positions.
    """

    deposits: DepositDesk
    matching: Matching
    positions: Positions


def open_for_business(trading: Trading) -> Business:
    """Fill an exchange's private side with desks and processes."""
    matching = open_floor(trading)
    positions = open_futures(trading, matching)
    margin = MarginAccounts(trading)
    balances = BalanceDesk(trading, margin, positions)
    deposits = DepositDesk(trading)
    withdrawals, pools = WithdrawalDesk(trading, deposits), PoolDesk(trading)
    loans = LoanDesk(trading, margin, partial(_cancel_margin_orders, matching))
    trading.desks += [
        balances,
        TransferDesk(trading, margin, positions),
        loans,
        deposits,
        withdrawals,
        pools,
        SubDesk(trading, balances),
        SettingsDesk(trading),
        StatementDesk(trading),
        ReferralDesk(trading),
    ]
    trading.processes += [deposits, withdrawals, loans, pools]
    BalanceNews(trading, positions)
    return Business(deposits, matching, positions)


def _cancel_margin_orders(matching: Matching, account: Account, market: Market) -> None:
    for order in matching.orders(account, "spot"):
        if order.market_type == "MARGIN" and order.market is market:
            matching.cancel(order, matching.trading.at)
