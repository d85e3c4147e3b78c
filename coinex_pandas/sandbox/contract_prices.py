"""The prices that positions are judged by, as Decimals with the market's places."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.sandbox import quotes
from coinex_pandas.sandbox.catalogue import MINUTE, Market
from coinex_pandas.sandbox.margin import decimal_price
from coinex_pandas.sandbox.moment import Moment
from coinex_pandas.sandbox.trading import Trading

__all__ = ["PRICE_TYPES", "ContractPrices"]

PRICE_TYPES = ("latest_price", "mark_price", "index_price")


class ContractPrices:
    """Mark, index and latest prices of an exchange; they stand still once trading has ended."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def mark(self, market: Market, at: int) -> Decimal:
        """Return the mark price."""
        return decimal_price(market, self._trading.world.prices.mark_at(market, self._known(market, at).until))

    def index(self, market: Market, at: int) -> Decimal:
        """Return the newest index price."""
        moment = self._known(market, at)
        return decimal_price(market, self._trading.world.prices.index_at(market, quotes.index_time(market, moment)))

    def latest(self, market: Market, at: int) -> Decimal:
        """Return the price of the newest deal on the tape."""
        units = self._trading.world.tape.last_price(market, self._known(market, at).until)
        return Decimal(units).scaleb(-market.price_places)

    def of(self, market: Market, price_type: str, at: int) -> Decimal:
        """Return the price of one of the `PRICE_TYPES`."""
        if price_type == "latest_price":
            return self.latest(market, at)
        return self.mark(market, at) if price_type == "mark_price" else self.index(market, at)

    def span(self, market: Market, price_type: str, start: int, end: int) -> tuple[Decimal, Decimal]:
        """Return the lowest and the highest price within (start, end].

        Mark and index are looked at where the stretch ends: they run straight from minute to minute, and stretches
        end with each minute.
        """
        last = self.of(market, price_type, end)
        if price_type != "latest_price":
            return last, last
        until = self._known(market, end).until
        deals = self._trading.world.tape.deals(market, start // MINUTE, end // MINUTE + 1, until)
        dealt = [Decimal(int(units)).scaleb(-market.price_places) for units in deals.price[deals.created_at > start]]
        return min([last, *dealt]), max([last, *dealt])

    def _known(self, market: Market, at: int) -> Moment:
        return Moment(min(at, market.last_ms), self._trading.freeze())
