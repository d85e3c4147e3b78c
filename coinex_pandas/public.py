"""Every public name, in the order in which people look for them: the one list that all others are made from.

Type checkers read it through ``coinex_pandas/__init__.py``, which takes them from here on first use. They
are imports, not texts, so that tools which freeze a program, and zip files, have all that it needs.
"""

# Market data
from coinex_pandas.api.market.markets import futures_funding_rates as futures_funding_rates
from coinex_pandas.api.market.markets import futures_index_prices as futures_index_prices
from coinex_pandas.api.market.markets import futures_markets as futures_markets
from coinex_pandas.api.market.markets import futures_position_levels as futures_position_levels
from coinex_pandas.api.market.markets import futures_tickers as futures_tickers, spot_index_prices as spot_index_prices
from coinex_pandas.api.market.markets import spot_markets as spot_markets, spot_tickers as spot_tickers
from coinex_pandas.api.market.book_and_trades import futures_deals as futures_deals, futures_depth as futures_depth
from coinex_pandas.api.market.book_and_trades import futures_klines as futures_klines, spot_deals as spot_deals
from coinex_pandas.api.market.book_and_trades import spot_depth as spot_depth, spot_klines as spot_klines
from coinex_pandas.api.market.futures_history import futures_basis_history as futures_basis_history
from coinex_pandas.api.market.futures_history import futures_funding_rate_history as futures_funding_rate_history
from coinex_pandas.api.market.futures_history import futures_liquidations as futures_liquidations
from coinex_pandas.api.market.futures_history import futures_premium_index_history as futures_premium_index_history
from coinex_pandas.api.market.liveness import freshness as freshness
from coinex_pandas.api.system import maintenances as maintenances, ping as ping, server_time as server_time
from coinex_pandas.api.assets.currencies import assets_info as assets_info
from coinex_pandas.api.assets.currencies import deposit_withdraw_config as deposit_withdraw_config
from coinex_pandas.api.assets.currencies import deposit_withdraw_configs as deposit_withdraw_configs

# Streams, plots and archives
from coinex_pandas import archive as archive, live as live, plot as plot
from coinex_pandas.archive.quality.report import quality as quality
from coinex_pandas.live.channel import CHANNELS as CHANNELS
from coinex_pandas.live.runner import run as run

# Where calls are answered
from coinex_pandas.simulator import sandbox as sandbox
from coinex_pandas.http.venue import LIVE as LIVE, Venue as Venue
from coinex_pandas.http.session import Session as Session, use as use
from coinex_pandas.http.signed_session import SignedSession as SignedSession
from coinex_pandas.api.checkup import doctor as doctor
from coinex_pandas.api.calls.options import options as options
from coinex_pandas.api.endpoints import ROUTES as ROUTES
from coinex_pandas.tables.secret import Secret as Secret

# Orders and deals
from coinex_pandas.api.orders.placing import futures_modify_order as futures_modify_order
from coinex_pandas.api.orders.placing import futures_modify_orders as futures_modify_orders
from coinex_pandas.api.orders.placing import futures_place_order as futures_place_order
from coinex_pandas.api.orders.placing import futures_place_orders as futures_place_orders
from coinex_pandas.api.orders.placing import spot_modify_order as spot_modify_order
from coinex_pandas.api.orders.placing import spot_modify_orders as spot_modify_orders
from coinex_pandas.api.orders.placing import spot_place_order as spot_place_order
from coinex_pandas.api.orders.placing import spot_place_orders as spot_place_orders
from coinex_pandas.api.orders.cancelling import futures_cancel_all_orders as futures_cancel_all_orders
from coinex_pandas.api.orders.cancelling import futures_cancel_order as futures_cancel_order
from coinex_pandas.api.orders.cancelling import futures_cancel_orders as futures_cancel_orders
from coinex_pandas.api.orders.cancelling import futures_cancel_orders_by_client_id as futures_cancel_orders_by_client_id
from coinex_pandas.api.orders.cancelling import spot_cancel_all_orders as spot_cancel_all_orders
from coinex_pandas.api.orders.cancelling import spot_cancel_order as spot_cancel_order
from coinex_pandas.api.orders.cancelling import spot_cancel_orders as spot_cancel_orders
from coinex_pandas.api.orders.cancelling import spot_cancel_orders_by_client_id as spot_cancel_orders_by_client_id
from coinex_pandas.api.orders.stop_placing import futures_modify_stop_order as futures_modify_stop_order
from coinex_pandas.api.orders.stop_placing import futures_place_stop_order as futures_place_stop_order
from coinex_pandas.api.orders.stop_placing import futures_place_stop_orders as futures_place_stop_orders
from coinex_pandas.api.orders.stop_placing import spot_modify_stop_order as spot_modify_stop_order
from coinex_pandas.api.orders.stop_placing import spot_place_stop_order as spot_place_stop_order
from coinex_pandas.api.orders.stop_placing import spot_place_stop_orders as spot_place_stop_orders
from coinex_pandas.api.orders.stop_cancelling import futures_cancel_stop_order as futures_cancel_stop_order
from coinex_pandas.api.orders.stop_cancelling import futures_cancel_stop_orders as futures_cancel_stop_orders
from coinex_pandas.api.orders.stop_cancelling import (
    futures_cancel_stop_orders_by_client_id as futures_cancel_stop_orders_by_client_id,
)
from coinex_pandas.api.orders.stop_cancelling import spot_cancel_stop_order as spot_cancel_stop_order
from coinex_pandas.api.orders.stop_cancelling import spot_cancel_stop_orders as spot_cancel_stop_orders
from coinex_pandas.api.orders.stop_cancelling import (
    spot_cancel_stop_orders_by_client_id as spot_cancel_stop_orders_by_client_id,
)
from coinex_pandas.api.orders.status import futures_order_status as futures_order_status
from coinex_pandas.api.orders.status import futures_order_statuses as futures_order_statuses
from coinex_pandas.api.orders.status import spot_order_status as spot_order_status
from coinex_pandas.api.orders.status import spot_order_statuses as spot_order_statuses
from coinex_pandas.api.orders.listing import futures_finished_orders as futures_finished_orders
from coinex_pandas.api.orders.listing import futures_finished_stop_orders as futures_finished_stop_orders
from coinex_pandas.api.orders.listing import futures_pending_orders as futures_pending_orders
from coinex_pandas.api.orders.listing import futures_pending_stop_orders as futures_pending_stop_orders
from coinex_pandas.api.orders.listing import spot_finished_orders as spot_finished_orders
from coinex_pandas.api.orders.listing import spot_finished_stop_orders as spot_finished_stop_orders
from coinex_pandas.api.orders.listing import spot_pending_orders as spot_pending_orders
from coinex_pandas.api.orders.listing import spot_pending_stop_orders as spot_pending_stop_orders
from coinex_pandas.api.deals import futures_order_deals as futures_order_deals, futures_user_deals as futures_user_deals
from coinex_pandas.api.deals import spot_order_deals as spot_order_deals, spot_user_deals as spot_user_deals

# Positions
from coinex_pandas.api.positions.listing import futures_positions as futures_positions
from coinex_pandas.api.positions.changing import futures_adjust_position_leverage as futures_adjust_position_leverage
from coinex_pandas.api.positions.changing import futures_adjust_position_margin as futures_adjust_position_margin
from coinex_pandas.api.positions.changing import futures_close_position as futures_close_position
from coinex_pandas.api.positions.stops import futures_cancel_position_stop_loss as futures_cancel_position_stop_loss
from coinex_pandas.api.positions.stops import futures_cancel_position_take_profit as futures_cancel_position_take_profit
from coinex_pandas.api.positions.stops import futures_modify_position_stop_loss as futures_modify_position_stop_loss
from coinex_pandas.api.positions.stops import futures_modify_position_take_profit as futures_modify_position_take_profit
from coinex_pandas.api.positions.stops import futures_set_position_stop_loss as futures_set_position_stop_loss
from coinex_pandas.api.positions.stops import futures_set_position_take_profit as futures_set_position_take_profit
from coinex_pandas.api.positions.history import futures_finished_positions as futures_finished_positions
from coinex_pandas.api.positions.history import futures_position_adl_history as futures_position_adl_history
from coinex_pandas.api.positions.history import futures_position_funding_history as futures_position_funding_history
from coinex_pandas.api.positions.history import futures_position_margin_history as futures_position_margin_history
from coinex_pandas.api.positions.history import futures_position_settle_history as futures_position_settle_history

# Assets
from coinex_pandas.api.assets.balances import credit_balances as credit_balances, credit_info as credit_info
from coinex_pandas.api.assets.balances import financial_balances as financial_balances
from coinex_pandas.api.assets.balances import futures_balances as futures_balances, margin_balances as margin_balances
from coinex_pandas.api.assets.balances import spot_balances as spot_balances
from coinex_pandas.api.assets.ledger import spot_transactions as spot_transactions
from coinex_pandas.api.assets.transfers import transfer as transfer, transfers as transfers
from coinex_pandas.api.assets.deposits import deposit_address as deposit_address, deposits as deposits
from coinex_pandas.api.assets.deposits import renew_deposit_address as renew_deposit_address
from coinex_pandas.api.assets.withdrawals import cancel_withdraw as cancel_withdraw, withdraw as withdraw
from coinex_pandas.api.assets.withdrawals import withdrawals as withdrawals
from coinex_pandas.api.assets.loans import margin_borrow as margin_borrow, margin_borrow_limit as margin_borrow_limit
from coinex_pandas.api.assets.loans import margin_borrows as margin_borrows, margin_repay as margin_repay
from coinex_pandas.api.assets.pools import amm_add_liquidity as amm_add_liquidity, amm_incomes as amm_incomes
from coinex_pandas.api.assets.pools import amm_liquidity as amm_liquidity, amm_pools as amm_pools
from coinex_pandas.api.assets.pools import amm_remove_liquidity as amm_remove_liquidity

# Account
from coinex_pandas.api.account.settings import account_info as account_info, account_settings as account_settings
from coinex_pandas.api.account.settings import futures_market_settings as futures_market_settings
from coinex_pandas.api.account.settings import set_futures_market_settings as set_futures_market_settings
from coinex_pandas.api.account.settings import trade_fee_rate as trade_fee_rate
from coinex_pandas.api.account.sub_accounts import create_sub as create_sub, freeze_sub as freeze_sub
from coinex_pandas.api.account.sub_accounts import sub_info as sub_info, subs as subs, unfreeze_sub as unfreeze_sub
from coinex_pandas.api.account.sub_wallets import sub_balances as sub_balances, sub_spot_balances as sub_spot_balances
from coinex_pandas.api.account.sub_wallets import sub_transfer as sub_transfer, sub_transfers as sub_transfers
from coinex_pandas.api.account.sub_keys import create_sub_api as create_sub_api, delete_sub_api as delete_sub_api
from coinex_pandas.api.account.sub_keys import edit_sub_api as edit_sub_api, sub_api as sub_api, sub_apis as sub_apis
from coinex_pandas.api.account.referrals import agent_rebate_details as agent_rebate_details
from coinex_pandas.api.account.referrals import agent_rebate_records as agent_rebate_records
from coinex_pandas.api.account.referrals import agent_referees as agent_referees
from coinex_pandas.api.account.referrals import referee_rebate_details as referee_rebate_details
from coinex_pandas.api.account.referrals import referee_rebate_records as referee_rebate_records, referees as referees

# Errors and warnings
from coinex_pandas.errors import ArchiveBusy as ArchiveBusy, ArchiveDamaged as ArchiveDamaged
from coinex_pandas.errors import ArchiveError as ArchiveError, NotCaptured as NotCaptured
from coinex_pandas.errors import BadParameter as BadParameter, BalanceTooLow as BalanceTooLow, Busy as Busy
from coinex_pandas.errors import ClockSkewed as ClockSkewed, CoinExError as CoinExError
from coinex_pandas.errors import ColumnsChanged as ColumnsChanged, IncompleteWarning as IncompleteWarning
from coinex_pandas.errors import InvalidArgument as InvalidArgument, KeyNeeded as KeyNeeded
from coinex_pandas.errors import MarketClosed as MarketClosed, MissingExtra as MissingExtra, NoAnswer as NoAnswer
from coinex_pandas.errors import NoData as NoData, NotAuthorized as NotAuthorized, NotEnabled as NotEnabled
from coinex_pandas.errors import NotFound as NotFound, NotPermitted as NotPermitted, OrderRefused as OrderRefused
from coinex_pandas.errors import OutcomeUnknown as OutcomeUnknown, RateLimited as RateLimited, Refused as Refused
from coinex_pandas.errors import ServerFault as ServerFault, StaleDataWarning as StaleDataWarning
from coinex_pandas.errors import UnexpectedBody as UnexpectedBody, UnexpectedValue as UnexpectedValue
from coinex_pandas.errors import UnknownMarket as UnknownMarket, UnverifiedWarning as UnverifiedWarning
