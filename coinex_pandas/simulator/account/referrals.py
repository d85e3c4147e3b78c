"""Referrals: a few invited users and the rebates for them, simulated from seed and day.

These users exist nowhere else in the sandbox, and their rebates are not paid into any wallet. Main accounts have
them, directly and as agents; sub-accounts have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.catalogue import DAY
from coinex_pandas.simulator.noise import draw
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row

__all__ = ["ReferralEndpoints"]

_KINDS = {"referee": 3, "agent": 2}
_YEAR = 366 * DAY
_REBATE = 0.2
_DAYS_WITH_DEALS = 0.3


@dataclass(frozen=True, slots=True)
class _Referee:
    """An invited user."""

    uid: int
    kind: str
    bound_at: int

    @property
    def name(self) -> str:
        """The masked name that the exchange shows."""
        return f"u***{self.uid % 1000:03d}@mail.example"


@dataclass(frozen=True, slots=True)
class _Figures:
    """Turnover and fees, in dollars."""

    spot: float
    futures: float

    @property
    def fees(self) -> tuple[float, float]:
        """The fees of both."""
        return self.spot * 0.002, self.futures * 0.0005


class ReferralEndpoints:
    """The endpoints of referrals."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def referees(self, account: Account, params: Params) -> Reply:
        """Return the users whom the account has invited."""
        return self._users("referee", account, params)

    def referee_rebate_records(self, account: Account, params: Params) -> Reply:
        """Return the rebates of all of them by day."""
        return self._records("referee", account, params)

    def referee_rebate_details(self, account: Account, params: Params) -> Reply:
        """Return the rebates by day and user."""
        return self._details("referee", account, params)

    def agent_referees(self, account: Account, params: Params) -> Reply:
        """Return the users whom the account has invited as an agent."""
        return self._users("agent", account, params)

    def agent_rebate_records(self, account: Account, params: Params) -> Reply:
        """Return the agent's rebates by day."""
        return self._records("agent", account, params)

    def agent_rebate_details(self, account: Account, params: Params) -> Reply:
        """Return the agent's rebates by day and user."""
        return self._details("agent", account, params)

    def _users(self, kind: str, account: Account, params: Params) -> Reply:
        start, end = parameters.times(params)
        referees = [each for each in self._matching(kind, account, params) if start <= each.bound_at <= end]
        return listing(params, referees[::-1], self._user_row)

    def _records(self, kind: str, account: Account, params: Params) -> Reply:
        referees = self._referees(kind, account)
        rows = [(day, [one for one in referees if _has_traded(one, day)]) for day in self._days(params)]
        return listing(params, [each for each in rows if each[1]], _record_row)

    def _details(self, kind: str, account: Account, params: Params) -> Reply:
        referees = self._matching(kind, account, params)
        rows = [(day, one) for day in self._days(params) for one in referees if _has_traded(one, day)]
        return listing(params, rows, _detail_row)

    def _referees(self, kind: str, account: Account) -> list[_Referee]:
        if account.parent is not None:
            return []
        start = self._trading.clock.start // DAY * DAY
        first = account.user_id * 10 + (5 if kind == "agent" else 0)
        bound = (start - int((40 + 200 * draw(first + number, "bound")) * DAY) for number in range(_KINDS[kind]))
        return sorted(
            (_Referee(first + number, kind, at) for number, at in enumerate(bound)), key=lambda each: each.bound_at
        )

    def _matching(self, kind: str, account: Account, params: Params) -> list[_Referee]:
        search = parameters.text(params, "search", "")
        return [each for each in self._referees(kind, account) if search in str(each.uid) or search in each.name]

    def _days(self, params: Params) -> list[int]:
        """Return the days of the year before end_time that have passed, newest first; no range is longer."""
        start, end = parameters.times(params)
        last = min(end, self._trading.at - DAY) // DAY * DAY
        if start and last - start > _YEAR:
            raise Refusal(message="invalid argument: start_time and end_time are more than a year apart")
        return [day for day in range(last, last - _YEAR, -DAY) if day >= start]

    def _user_row(self, referee: _Referee) -> Row:
        days = range(referee.bound_at // DAY * DAY, self._trading.at - DAY, DAY)
        days_with_deals = [day for day in days if _has_traded(referee, day)]
        total = _sum(_figures(referee, day) for day in days_with_deals)
        deposited = 500 + 5000 * draw(referee.uid, "deposit")
        return {
            "uid": str(referee.uid),
            "account_name": referee.name,
            "registered_at": referee.bound_at,
            "vip_level": 0,
            "bound_at": referee.bound_at,
            "refer_code": "sandbox",
            "referrer_rebate_rate": f"{_REBATE:g}",
            "referee_rebate_rate": "0",
            "first_deposit_time": referee.bound_at + DAY // 24,
            "first_deposit_value": _money(deposited),
            "total_deposit_value": _money(deposited),
            "first_deal_time": days_with_deals[0] if days_with_deals else 0,
            "first_deal_value": _money(_figures(referee, days_with_deals[0]).spot) if days_with_deals else "0",
            "has_spot_balance": True,
            "has_futures_balance": total.futures > 0,
            **_totals(total, "total_"),
            **_rebates_by_area(total),
        }


def _has_traded(referee: _Referee, day: int) -> bool:
    return day >= referee.bound_at and draw(referee.uid, "trades", day) < _DAYS_WITH_DEALS


def _figures(referee: _Referee, day: int) -> _Figures:
    return _Figures(1000 * draw(referee.uid, "spot", day), 20_000 * draw(referee.uid, "futures", day))


def _sum(figures: Iterable[_Figures]) -> _Figures:
    days = list(figures)
    return _Figures(sum(each.spot for each in days), sum(each.futures for each in days))


def _totals(figures: _Figures, prefix: str) -> Row:
    """Return turnover and fees by area and together; the names of all three endpoints differ by a prefix only."""
    spot_fee, futures_fee = figures.fees
    return {
        f"{prefix}spot_value": _money(figures.spot),
        f"{prefix}spot_fee": _money(spot_fee),
        f"{prefix}futures_value": _money(figures.futures),
        f"{prefix}futures_fee": _money(futures_fee),
        f"{prefix}deal_value": _money(figures.spot + figures.futures),
        f"{prefix}deal_fee": _money(spot_fee + futures_fee),
        f"{prefix}deal_rebate_usdt": _money((spot_fee + futures_fee) * _REBATE),
        f"{prefix}deal_rebate_cet": "0",
    }


def _rebates_by_area(figures: _Figures) -> Row:
    spot_fee, futures_fee = figures.fees
    return {
        "total_spot_rebate_usdt": _money(spot_fee * _REBATE),
        "total_spot_rebate_cet": "0",
        "total_futures_rebate_usdt": _money(futures_fee * _REBATE),
        "total_futures_rebate_cet": "0",
    }


def _record_row(record: tuple[int, list[_Referee]]) -> Row:
    day, referees = record
    total = _sum(_figures(each, day) for each in referees)
    return {"created_at": day, "deal_user_number": len(referees), **_totals(total, "total_")}


def _detail_row(detail: tuple[int, _Referee]) -> Row:
    day, referee = detail
    head = {"created_at": day, "uid": str(referee.uid), "account_name": referee.name}
    return {**head, **_totals(_figures(referee, day), "")}


def _money(dollars: float) -> str:
    return f"{dollars:.8f}"
