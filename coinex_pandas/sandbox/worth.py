"""What things are worth: at the newest traded prices, as they stand on the wire, and at index prices."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.sandbox.accounts import Account
from coinex_pandas.sandbox.catalogue import Market
from coinex_pandas.sandbox.trading import Trading

__all__ = ["account_dollars", "dollars", "index_price", "last_price"]

_DOLLARS = ("USDT", "USDC", "USD")
_CENT = Decimal("0.01")


def last_price(trading: Trading, market: Market) -> Decimal:
    """Return a market's newest traded price."""
    return Decimal(trading.world.tape.last_price(market, trading.moment().until)).scaleb(-market.price_places)


def index_price(trading: Trading, market: Market) -> Decimal:
    """Return a market's index price: what risk is judged by, and a hundred times cheaper to tell than the last."""
    price = trading.world.prices.index_at(market, trading.moment().until)
    return Decimal(f"{price:.{market.price_places}f}")


def dollars(trading: Trading, ccy: str) -> Decimal:
    """Return a currency's price in US dollars."""
    if ccy in _DOLLARS:
        return Decimal(1)
    market = trading.world.catalogue.find("spot", f"{ccy}USDT")
    if market is None:
        raise LookupError(f"the sandbox has no market {ccy}USDT to tell what {ccy} is worth")
    return last_price(trading, market)


def account_dollars(trading: Trading, account: Account) -> Decimal:
    """Return what is in all wallets of an account, in US dollars to the cent; what it owes is not taken off."""
    ledger = trading.ledger
    held = ((purse, ccy) for purse in ledger.purses(account.name) for ccy in ledger.currencies(purse))
    worth = sum((ledger.balance(purse, ccy) * dollars(trading, ccy) for purse, ccy in held), Decimal(0))
    return worth.quantize(_CENT)
