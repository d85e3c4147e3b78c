"""Referrals: a few invited users and what they earn, made up from seed and day.

Nothing else in the sandbox knows these users, and their rebates are not paid into any wallet. Main accounts have
them, directly and as agents; sub-accounts have none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from coinex_pandas.simulator import parameters as asked
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.catalogue import DAY
from coinex_pandas.simulator.noise import draw
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row

__all__ = ["ReferralDesk"]

_KINDS = {"referee": 3, "agent": 2}
_YEAR = 366 * DAY
_REBATE = 0.2
_DAYS_WITH_DEALS = 0.3


@dataclass(frozen=True, slots=True)
class _Invited:
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


class ReferralDesk:
    """Serve the endpoints of referrals."""

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
        start, end = asked.times(params)
        found = [each for each in self._found(kind, account, params) if start <= each.bound_at <= end]
        return listing(params, found[::-1], self._user_row)

    def _records(self, kind: str, account: Account, params: Params) -> Reply:
        invited = self._invited(kind, account)
        rows = [(day, [one for one in invited if _traded(one, day)]) for day in self._days(params)]
        return listing(params, [each for each in rows if each[1]], _record_row)

    def _details(self, kind: str, account: Account, params: Params) -> Reply:
        invited = self._found(kind, account, params)
        rows = [(day, one) for day in self._days(params) for one in invited if _traded(one, day)]
        return listing(params, rows, _detail_row)

    def _invited(self, kind: str, account: Account) -> list[_Invited]:
        if account.parent is not None:
            return []
        start = self._trading.clock.start // DAY * DAY
        first = account.user_id * 10 + (5 if kind == "agent" else 0)
        bound = (start - int((40 + 200 * draw(first + number, "bound")) * DAY) for number in range(_KINDS[kind]))
        return sorted(
            (_Invited(first + number, kind, at) for number, at in enumerate(bound)), key=lambda each: each.bound_at
        )

    def _found(self, kind: str, account: Account, params: Params) -> list[_Invited]:
        search = asked.text(params, "search", "")
        return [each for each in self._invited(kind, account) if search in str(each.uid) or search in each.name]

    def _days(self, params: Params) -> list[int]:
        """Return the days that are over, newest first: those of the year before end_time; no range is longer."""
        start, end = asked.times(params)
        last = min(end, self._trading.at - DAY) // DAY * DAY
        if start and last - start > _YEAR:
            raise Refusal(message="invalid argument: start_time and end_time are more than a year apart")
        return [day for day in range(last, last - _YEAR, -DAY) if day >= start]

    def _user_row(self, invited: _Invited) -> Row:
        days = range(invited.bound_at // DAY * DAY, self._trading.at - DAY, DAY)
        traded = [day for day in days if _traded(invited, day)]
        total = _sum(_figures(invited, day) for day in traded)
        deposited = 500 + 5000 * draw(invited.uid, "deposit")
        return {
            "uid": str(invited.uid),
            "account_name": invited.name,
            "registered_at": invited.bound_at,
            "vip_level": 0,
            "bound_at": invited.bound_at,
            "refer_code": "sandbox",
            "referrer_rebate_rate": f"{_REBATE:g}",
            "referee_rebate_rate": "0",
            "first_deposit_time": invited.bound_at + DAY // 24,
            "first_deposit_value": _money(deposited),
            "total_deposit_value": _money(deposited),
            "first_deal_time": traded[0] if traded else 0,
            "first_deal_value": _money(_figures(invited, traded[0]).spot) if traded else "0",
            "has_spot_balance": True,
            "has_futures_balance": total.futures > 0,
            **_totals(total, "total_"),
            **_rebates_by_area(total),
        }


def _traded(invited: _Invited, day: int) -> bool:
    return day >= invited.bound_at and draw(invited.uid, "trades", day) < _DAYS_WITH_DEALS


def _figures(invited: _Invited, day: int) -> _Figures:
    return _Figures(1000 * draw(invited.uid, "spot", day), 20_000 * draw(invited.uid, "futures", day))


def _sum(figures: Iterable[_Figures]) -> _Figures:
    known = list(figures)
    return _Figures(sum(each.spot for each in known), sum(each.futures for each in known))


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


def _record_row(found: tuple[int, list[_Invited]]) -> Row:
    day, invited = found
    total = _sum(_figures(each, day) for each in invited)
    return {"created_at": day, "deal_user_number": len(invited), **_totals(total, "total_")}


def _detail_row(found: tuple[int, _Invited]) -> Row:
    day, invited = found
    named = {"created_at": day, "uid": str(invited.uid), "account_name": invited.name}
    return {**named, **_totals(_figures(invited, day), "")}


def _money(dollars: float) -> str:
    return f"{dollars:.8f}"
