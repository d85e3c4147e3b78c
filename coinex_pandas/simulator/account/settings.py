"""Settings of an account, its fee rates, and its number.

Simplified: fee rates are the markets' own for everybody, without VIP levels; futures positions are one-way, and
hedge mode is refused with an error that says so.
"""

from __future__ import annotations

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal, Reply

__all__ = ["SettingsEndpoints"]


class SettingsEndpoints:
    """The endpoints of settings and fees."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def trade_fee_rate(self, account: Account, params: Params) -> Reply:
        """Return the fee rates of a market."""
        area = parameters.choice(params, "market_type", ("SPOT", "FUTURES")).lower()
        market = parameters.market(params, self._trading.world.catalogue, area)
        return Reply({"market": market.name, "maker_rate": market.maker_fee, "taker_rate": market.taker_fee})

    def account_settings(self, account: Account, params: Params) -> Reply:
        """Switch the payment of fees in CET on or off."""
        account.main.settings["cet_discount_enabled"] = parameters.flag(params, "cet_discount_enabled")
        return Reply({})

    def futures_market_settings(self, account: Account, params: Params) -> Reply:
        """Return the position mode: one-way."""
        return Reply({"position_mode": "one_way"})

    def set_futures_market_settings(self, account: Account, params: Params) -> Reply:
        """Accept the one-way mode, refuse the hedge mode."""
        if parameters.choice(params, "position_mode", ("one_way", "hedge")) == "hedge":
            raise Refusal(message="invalid argument: position_mode, the sandbox has no hedge mode")
        return Reply({})

    def account_info(self, account: Account, params: Params) -> Reply:
        """Return the account's number."""
        return Reply({"user_id": str(account.user_id)})
