"""Automatic market making: liquidity added to pools and removed from them, and its income.

Simplified: the amounts that were added do not change, while in a real pool base and quote shift with the price; they
earn the pool's published seven-day rate, credited in quote currency at each midnight UTC. Amounts that do not fit the
pool's ratio at the newest price are not taken. As the help centre says: at least 200 US dollars, for at least 24 hours.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import FEES, Purse, shortfall
from coinex_pandas.simulator.engine.valuation import dollars, last_price
from coinex_pandas.simulator.market.catalogue import DAY, Market
from coinex_pandas.simulator.market.reference import amm_pool, has_pool
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["Pools"]

_LEAST_DOLLARS = Decimal(200)
_STEP = Decimal("1e-8")
_YEAR_DAYS = 365


@dataclass(frozen=True, slots=True)
class _Holding:
    """What an account has in a pool; its value in US dollars and its share of the pool."""

    market: Market
    base: Decimal
    quote: Decimal
    value: Decimal
    share: Decimal


class Pools:
    """The endpoints of pools, and the process that credits their income."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._added_at: dict[tuple[Account, Market], int] = {}  # of those who have liquidity in a pool
        self._incomes: defaultdict[tuple[Account, Market], list[Row]] = defaultdict(list)

    # ---- endpoints

    def amm_liquidity(self, account: Account, params: Params) -> Reply:
        """Return what the account has in pools."""
        holdings = [self._holding(account, market) for owner, market in self._added_at if owner is account]
        return Reply(
            [
                {"base_ccy": holding.market.base, "quote_ccy": holding.market.quote, **_row(holding)}
                for holding in holdings
            ]
        )

    def amm_add_liquidity(self, account: Account, params: Params) -> Reply:
        """Put base and quote into a pool, as much of both as fits its price."""
        market = self._open_market(params)
        base, quote = (parameters.decimal(params, f"{side}_ccy_amount") for side in ("base", "quote"))
        price = last_price(self._trading, market)
        base = min(base, quote / price).quantize(_STEP, ROUND_DOWN)
        quote = (base * price).quantize(_STEP, ROUND_DOWN)
        if 2 * quote * dollars(self._trading, market.quote) < _LEAST_DOLLARS:
            raise Refusal(message=f"invalid argument: less than {_LEAST_DOLLARS} US dollars fit the pool's ratio")
        ledger, spot = self._trading.ledger, Purse(account.name, "spot")
        amounts = ((market.base, base), (market.quote, quote))
        if any(amount > ledger.available(spot, ccy) for ccy, amount in amounts):
            raise shortfall()
        for ccy, amount in amounts:
            ledger.move(ccy, amount, spot, _purse(account, market), kind="amm_add", at=self._trading.at)
        self._added_at[account, market] = self._trading.at
        return Reply(_row(self._holding(account, market)))

    def amm_remove_liquidity(self, account: Account, params: Params) -> Reply:
        """Take everything out of a pool."""
        market = parameters.market(params, self._trading.world.catalogue, "spot")
        added_at = self._added_at.get((account, market))
        if added_at is None:
            raise Refusal(message=f"invalid argument: the account has nothing in the pool of {market.name}")
        if self._trading.at < added_at + DAY:
            raise Refusal(message="invalid argument: liquidity can be removed 24 hours after it was added")
        ledger, purse = self._trading.ledger, _purse(account, market)
        for ccy in (market.base, market.quote):
            amount, spot = ledger.available(purse, ccy), Purse(account.name, "spot")
            ledger.move(ccy, amount, purse, spot, kind="amm_remove", at=self._trading.at)
        del self._added_at[account, market]
        return Reply(_row(self._holding(account, market)))

    def amm_incomes(self, account: Account, params: Params) -> Reply:
        """Return the account's income from a pool, newest day first."""
        market = parameters.market(params, self._trading.world.catalogue, "spot")
        start, end = parameters.times(params)
        rows = self._incomes.get((account, market), [])
        incomes = [row for row in reversed(rows) if start <= row["created_at"] <= end]
        return listing(params, incomes, dict, counted=False)

    # ---- process

    def next_due(self, at: int) -> int | None:
        """Return the next midnight, when there is something in a pool."""
        return (at // DAY + 1) * DAY if self._added_at else None

    def step(self, start: int, end: int) -> None:
        """Credit a day's income at midnight."""
        if end % DAY:
            return
        for account, market in self._added_at:
            self._credit(account, self._holding(account, market), end)

    def _open_market(self, params: Params) -> Market:
        """Return the request's market, whose pool must be open; removing is possible from any pool."""
        market = parameters.market(params, self._trading.world.catalogue, "spot")
        if not has_pool(market) or not market.listed(self._trading.at):
            raise Refusal(message=f"invalid argument: {market.name} has no pool")
        return market

    def _holding(self, account: Account, market: Market) -> _Holding:
        ledger, purse = self._trading.ledger, _purse(account, market)
        base, quote = ledger.balance(purse, market.base), ledger.balance(purse, market.quote)
        value = (base * last_price(self._trading, market) + quote) * dollars(self._trading, market.quote)
        others = Decimal(self._pool(market)["total_liquidity"])
        return _Holding(market, base, quote, value.quantize(_STEP), (value / (value + others)).quantize(_STEP))

    def _pool(self, market: Market) -> Row:
        return amm_pool(market, self._trading.world.tape.last_price(market, self._trading.moment().until))

    def _credit(self, account: Account, holding: _Holding, at: int) -> None:
        market = holding.market
        earned = (holding.value * Decimal(self._pool(market)["apy_7day"]) / _YEAR_DAYS).quantize(_STEP, ROUND_DOWN)
        paid = (earned / dollars(self._trading, market.quote)).quantize(_STEP, ROUND_DOWN)
        self._trading.ledger.move(market.quote, paid, FEES, _purse(account, market), kind="amm_income", at=at)
        self._incomes[account, market].append(
            {
                "created_at": at,
                "base_ccy": market.base,
                "quote_ccy": market.quote,
                **_row(holding),
                "liquidity": plain(holding.value),
                "fee_dividend": plain(earned),
            }
        )


def _purse(account: Account, market: Market) -> Purse:
    return Purse(account.name, f"amm:{market.name}")


def _row(holding: _Holding) -> Row:
    return {
        "market": holding.market.name,
        "base_ccy_amount": plain(holding.base),
        "quote_ccy_amount": plain(holding.quote),
        "liquidity_proportion": plain(holding.share),
    }
