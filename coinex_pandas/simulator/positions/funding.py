"""Funding: what positions pay and receive when a funding rate settles, and the settlement of their results then.

At each settlement of a market's funding rate its positions pay value at the mark price times the rate: longs to
shorts when it is positive. The fee comes from the available balance, else from the margin, whatever the margin mode.
Then the unrealized result at the mark price becomes a realized one and moves into the margin; a loss that the margin
does not have comes from the available balance of a cross account.
"""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

import numpy as np

from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import LIQUIDITY
from coinex_pandas.simulator.market.catalogue import MINUTE, Market
from coinex_pandas.simulator.market.clock import Moment
from coinex_pandas.simulator.market.funding import clamp
from coinex_pandas.simulator.positions.contract import contract_value, money
from coinex_pandas.simulator.positions.money import PositionMoney
from coinex_pandas.simulator.positions.position import Position
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.positions.rows import funding_row, margin_row, publish

__all__ = ["FundingPayments"]

ZERO = Decimal(0)


class FundingPayments:
    """Settles the positions of each market when its funding rate is settled."""

    def __init__(self, trading: Trading, positions: Positions, money: PositionMoney) -> None:
        self._trading = trading
        self._positions = positions
        self._money = money
        self._time_of = lru_cache(maxsize=1024)(self._find_time)

    def next_due(self, at: int) -> int | None:
        """Return when the next settlement of a market with positions is."""
        times = [self._next(market, at)[1] for market in self._markets()]
        return min(times, default=None)

    def settle(self, start: int, end: int) -> None:
        """Settle the positions whose funding rate settles within (start, end]."""
        for market in self._markets():
            minute, at = self._next(market, start)
            if at <= end:
                rate = self._rate(market, minute, at)
                for position in self._positions.all():
                    if position.market == market:
                        self._settle(position, rate, at)

    def _settle(self, position: Position, rate: Decimal, at: int) -> None:
        mark = self._positions.mark(position, at)
        fee = money(contract_value(position.market, mark, position.size) * rate)
        self._pay(position, fee if position.side == "long" else -fee, mark, rate, at)
        change = self._settle_result(position, mark, at)
        row = margin_row(self._positions, position, change, at)
        self._positions.records.settle[position.account.name].append(row)
        publish(self._trading, self._positions, position, "update", at)

    def _pay(self, position: Position, fee: Decimal, mark: Decimal, rate: Decimal, at: int) -> None:
        if fee > 0:
            position.realized -= self._money.charge(position, fee, LIQUIDITY, kind="funding", at=at)
        else:
            self._money.gain(position, -fee, kind="funding", at=at)
            position.realized -= fee
        row = funding_row(position, mark, rate, fee, at)
        self._positions.records.funding[position.account.name].append(row)

    def _settle_result(self, position: Position, mark: Decimal, at: int) -> Decimal:
        """Move the unrealized result into the margin and return how the margin has changed."""
        before = self._positions.margin(position)
        result = position.settle(mark, at)
        if result > 0:
            self._money.gain(position, result, kind="settlement", at=at)
            self._money.put(position, result, at=at)
        else:
            self._money.release(position, min(before, -result), at=at)
            most = min(before, -result) if position.mode == "isolated" else None
            paid = self._money.charge(position, -result, LIQUIDITY, kind="settlement", at=at, most=most)
            position.realized += -result - paid
        return self._positions.margin(position) - before

    def _markets(self) -> list[Market]:
        return list(dict.fromkeys(position.market for position in self._positions.all()))

    def _rate(self, market: Market, minute: int, at: int) -> Decimal:
        moment = Moment(at, self._trading.freeze())
        units = self._trading.world.funding.theoretical(market, np.array([minute]), moment)
        return Decimal(clamp(market, int(units[0]))).scaleb(-8)

    def _next(self, market: Market, at: int) -> tuple[int, int]:
        """Return minute and time of the next settlement after a time."""
        minute = at // MINUTE // (market.funding_hours * 60) * market.funding_hours * 60
        while True:
            time = self._time_of(market, minute)
            if time > at:
                return minute, time
            minute += market.funding_hours * 60

    def _find_time(self, market: Market, minute: int) -> int:
        """Return when the settlement of a minute happens: some seconds after it."""
        minutes, times = self._trading.world.funding.settlements(market, Moment((minute + 1) * MINUTE))
        return int(times[0]) if len(minutes) and minutes[0] == minute else (minute + 1) * MINUTE
