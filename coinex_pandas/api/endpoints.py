"""Every endpoint: importing this file makes ``ROUTES`` complete."""

from coinex_pandas.api import deals, system
from coinex_pandas.api.account import referrals, settings, sub_accounts, sub_keys, sub_wallets
from coinex_pandas.api.assets import balances, currencies, deposits, ledger, loans, pools, transfers, withdrawals
from coinex_pandas.api.market import book_and_trades, futures_history, markets
from coinex_pandas.api.orders import cancelling, listing, placing, status, stop_cancelling, stop_placing
from coinex_pandas.api.positions import changing, history, stops
from coinex_pandas.api.positions import listing as positions_listing
from coinex_pandas.http.route import ROUTES

__all__ = ["ROUTES"]
