"""Prices and values: at the newest traded prices, as they stand on the wire, and at mark and index prices."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market import quotes
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment

__all__ = ["PRICE_TYPES", "ContractPrices", "account_dollars", "decimal_price", "dollars", "index_price", "last_price"]

PRICE_TYPES = ("latest_price", "mark_price", "index_price")
_DOLLARS = ("USDT", "USDC", "USD")
_CENT = Decimal("0.01")


def last_price(trading: Trading, market: Market) -> Decimal:
    """Return a market's newest traded price."""
    return Decimal(trading.world.tape.last_price(market, trading.moment().until)).scaleb(-market.price_places)


def index_price(trading: Trading, market: Market) -> Decimal:
    """Return a market's index price, which measures risk and costs a hundredth of the last price to compute."""
    price = trading.world.prices.index_at(market, trading.moment().until)
    return Decimal(f"{price:.{market.price_places}f}")


def dollars(trading: Trading, ccy: str) -> Decimal:
    """Return a currency's price in US dollars."""
    if ccy in _DOLLARS:
        return Decimal(1)
    market = trading.world.catalogue.find("spot", f"{ccy}USDT")
    if market is None:
        raise LookupError(f"the sandbox has no market {ccy}USDT from which to value {ccy}")
    return last_price(trading, market)


def account_dollars(trading: Trading, account: Account) -> Decimal:
    """Return what is in all wallets of an account, in US dollars to the cent; debts are not subtracted."""
    ledger = trading.ledger
    holdings = ((purse, ccy) for purse in ledger.purses(account.name) for ccy in ledger.currencies(purse))
    value = sum((ledger.balance(purse, ccy) * dollars(trading, ccy) for purse, ccy in holdings), Decimal(0))
    return value.quantize(_CENT)


def decimal_price(market: Market, price: float) -> Decimal:
    """Return a computed price with the market's places, as the exchange shows it."""
    return Decimal(quotes.price_text(market, price))


class ContractPrices:
    """Mark, index and latest prices of an exchange; they stand still once trading has ended."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def mark(self, market: Market, at: int) -> Decimal:
        """Return the mark price."""
        return decimal_price(market, self._trading.world.prices.mark_at(market, self._moment(market, at).until))

    def index(self, market: Market, at: int) -> Decimal:
        """Return the newest index price."""
        moment = self._moment(market, at)
        return decimal_price(market, self._trading.world.prices.index_at(market, quotes.index_time(market, moment)))

    def latest(self, market: Market, at: int) -> Decimal:
        """Return the price of the newest deal on the tape."""
        units = self._trading.world.tape.last_price(market, self._moment(market, at).until)
        return Decimal(units).scaleb(-market.price_places)

    def of(self, market: Market, price_type: str, at: int) -> Decimal:
        """Return the price of one of the `PRICE_TYPES`."""
        if price_type == "latest_price":
            return self.latest(market, at)
        return self.mark(market, at) if price_type == "mark_price" else self.index(market, at)

    def span(self, market: Market, price_type: str, start: int, end: int) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest price within (start, end].

        Mark and index are read where the stretch ends: they run straight from minute to minute, and stretches
        end with each minute.
        """
        last = self.of(market, price_type, end)
        if price_type != "latest_price":
            return last, last
        until = self._moment(market, end).until
        deals = self._trading.world.tape.deals(market, start // MINUTE, end // MINUTE + 1, until)
        traded = [Decimal(int(units)).scaleb(-market.price_places) for units in deals.price[deals.created_at > start]]
        return min([last, *traded]), max([last, *traded])

    def _moment(self, market: Market, at: int) -> Moment:
        return Moment(min(at, market.last_ms), self._trading.freeze())
