"""A sandbox account without sockets that lived: it trades on both areas, pays in and out, transfers and borrows."""

from __future__ import annotations

from decimal import Decimal

from tests.simulator.private_api import PrivateApi

__all__ = ["lived", "wallet"]

DAY = 86_400


def lived(seed=0):
    """Return the sandbox after three days of one account."""
    api = PrivateApi(seed, USDT=100_000, BTC=2, CET=50_000)
    _move(api, "SPOT", "FUTURES", "5000")
    _move(api, "SPOT", "MARGIN", "5000", market="BTCUSDT")
    api.post("margin_borrow", market="BTCUSDT", ccy="USDT", borrow_amount="1000", is_auto_renew=True)
    _trade(api, "spot", "buy", "0.05", ccy="BTC")
    rests = {"market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit"}
    api.post("spot_place_order", **rests, amount="0.05", price="10000")
    _trade(api, "futures", "buy", "0.05")
    api.advance(60)
    api.exchange.deposits.arrive(api.me, "USDT", Decimal("750.5"), "TRC20")
    api.advance(3600)
    _withdraw(api, "100")
    api.advance(DAY)
    _trade(api, "spot", "sell", "0.03", ccy="BTC")
    _trade(api, "futures", "sell", "0.05")
    _trade(api, "futures", "sell", "0.5", market="ETHUSDT")
    api.post("margin_repay", market="BTCUSDT", ccy="USDT", amount="250")
    api.advance(DAY)
    _move(api, "FUTURES", "SPOT", "50")
    _withdraw(api, "60")
    api.check()
    return api


def _move(api, source, target, amount, **more):
    api.post("transfer", from_account_type=source, to_account_type=target, ccy="USDT", amount=amount, **more)


def _trade(api, area, side, amount, market="BTCUSDT", **more):
    kind = {"market_type": area.upper(), "side": side, "type": "market"}
    api.post(f"{area}_place_order", market=market, **kind, amount=amount, **more)


def _withdraw(api, amount):
    api.post("withdraw", ccy="USDT", amount=amount, to_address="TSandboxAddress0000000000000000001", chain="TRC20")


def wallet(api, name):
    """Return what the sandbox's own books have moved in a wallet of the account: by currency and kind."""
    sums = {}
    for entry in api.ledger.entries:
        if (entry.purse.owner, entry.purse.wallet) == ("me", name):
            key = entry.ccy, entry.kind
            sums[key] = sums.get(key, Decimal(0)) + entry.change
    return sums
