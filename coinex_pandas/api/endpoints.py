"""Every endpoint: importing this room makes ``ROUTES`` complete."""

from __future__ import annotations

from coinex_pandas.api import deals as _api_deals  # noqa: F401
from coinex_pandas.api import system as _api_system  # noqa: F401
from coinex_pandas.api.account import referrals as _account_referrals  # noqa: F401
from coinex_pandas.api.account import settings as _account_settings  # noqa: F401
from coinex_pandas.api.account import sub_accounts as _account_sub_accounts  # noqa: F401
from coinex_pandas.api.account import sub_keys as _account_sub_keys  # noqa: F401
from coinex_pandas.api.account import sub_wallets as _account_sub_wallets  # noqa: F401
from coinex_pandas.api.assets import balances as _assets_balances  # noqa: F401
from coinex_pandas.api.assets import currencies as _assets_currencies  # noqa: F401
from coinex_pandas.api.assets import deposits as _assets_deposits  # noqa: F401
from coinex_pandas.api.assets import ledger as _assets_ledger  # noqa: F401
from coinex_pandas.api.assets import loans as _assets_loans  # noqa: F401
from coinex_pandas.api.assets import pools as _assets_pools  # noqa: F401
from coinex_pandas.api.assets import transfers as _assets_transfers  # noqa: F401
from coinex_pandas.api.assets import withdrawals as _assets_withdrawals  # noqa: F401
from coinex_pandas.api.market import book_and_trades as _market_book_and_trades  # noqa: F401
from coinex_pandas.api.market import futures_history as _market_futures_history  # noqa: F401
from coinex_pandas.api.market import markets as _market_markets  # noqa: F401
from coinex_pandas.api.orders import cancelling as _orders_cancelling  # noqa: F401
from coinex_pandas.api.orders import listing as _orders_listing  # noqa: F401
from coinex_pandas.api.orders import placing as _orders_placing  # noqa: F401
from coinex_pandas.api.orders import status as _orders_status  # noqa: F401
from coinex_pandas.api.orders import stop_cancelling as _orders_stop_cancelling  # noqa: F401
from coinex_pandas.api.orders import stop_placing as _orders_stop_placing  # noqa: F401
from coinex_pandas.api.positions import changing as _positions_changing  # noqa: F401
from coinex_pandas.api.positions import history as _positions_history  # noqa: F401
from coinex_pandas.api.positions import listing as _positions_listing  # noqa: F401
from coinex_pandas.api.positions import stops as _positions_stops  # noqa: F401
from coinex_pandas.http.route import ROUTES

__all__ = ["ROUTES"]
