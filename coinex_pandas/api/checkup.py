"""``cx.doctor``: what works with this session, what does not, and what to do about it; it only reads."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from coinex_pandas.api.calls.evidence import Evidence
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import CoinExError, NotAuthorized, Refused
from coinex_pandas.http.clock import venue_clock, venue_ms
from coinex_pandas.http.pacing import LIMITS
from coinex_pandas.http.session import Session, current
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.times import TimeLike, milliseconds

__all__ = ["doctor"]

_CLOSES = pd.Timestamp("2026-12-22 02:00", tz="UTC")  # by the exchange's notice of September 2026
_KEY_LASTS = pd.Timedelta(days=90)
_SOON = pd.Timedelta(days=14)
_FAR_OFF = 2_000  # milliseconds; requests are signed by the exchange's clock, but logs and files are not

_PAGE = {"page": 1, "limit": 1}
_LOOKS: dict[str, dict[str, Any]] = {
    "spot_balances": {},
    "spot_pending_orders": {"market_type": "SPOT", **_PAGE},
    "spot_finished_orders": {"market_type": "SPOT", **_PAGE},
    "deposits": _PAGE,
    "margin_balances": {},
    "amm_liquidity": {},
    "futures_balances": {},
    "futures_pending_orders": {"market_type": "FUTURES", **_PAGE},
    "futures_finished_orders": {"market_type": "FUTURES", **_PAGE},
    "subs": _PAGE,
}
"""One cheap read for each group that answers reads, and for each permission that reading can show."""


class _Check(NamedTuple):
    """One row of the table; ``ok`` None is neither good nor bad."""

    check: str
    ok: bool | None
    found: str
    advice: str = ""


def doctor(session: Session | None = None, *, key_made: TimeLike | None = None) -> pd.DataFrame:
    """Return what a look at the exchange with this session shows, a row per check; it changes nothing.

    It reads the time, and with a key one row of each group of private endpoints: that shows whether the key is
    accepted and what it may read. Whether a key may trade or withdraw shows only when it does, so that is not tried.

    Parameters
    ----------
    session : Session, optional
        Where to ask; None for the current one.
    key_made : str, datetime, Timestamp, date or int, optional
        When the key was made: a key that is not bound to an IP address lapses 90 days later. The exchange does not
        tell it. Naive times are UTC.

    Returns
    -------
    DataFrame
        Index ``check``; columns ``ok`` (missing: neither good nor bad), ``found``, and ``advice`` where there is
        something to do; the table's repr never cuts these texts.

    Examples
    --------
    >>> cx.doctor(key_made="2026-05-20").loc[["key", "leave"], ["ok", "found"]]
             ok                    found
    check
    key    True                 accepted
    leave  <NA>  trading and withdrawing
    """
    return _table(list(_checks(current(session), milliseconds(key_made, "key_made"))))


def _table(checks: list[_Check]) -> pd.DataFrame:
    index = pd.Index([each.check for each in checks], dtype="str", name="check")
    columns = {
        "ok": pd.array([each.ok for each in checks], dtype="boolean"),
        "found": pd.array([each.found for each in checks], dtype="str"),
        "advice": pd.array([each.advice for each in checks], dtype="str"),
    }
    return Evidence(columns, index=index)


def _checks(session: Session, key_made: int | None) -> Iterator[_Check]:
    now = pd.Timestamp.now("UTC")
    try:
        venue_clock(session.venue.http).measure(lambda: venue_ms(session))
    except CoinExError as fault:
        yield _trouble("venue", fault)
    else:
        yield from _clock(session)
        yield from _key(session)
        now = _stamp(venue_clock(session.venue.http).now_ms())
    yield _closing(_CLOSES - now)
    yield _lapse(now, key_made)


def _clock(session: Session) -> Iterator[_Check]:
    offset, round_trip = venue_clock(session.venue.http).last or (0.0, 0.0)
    yield _Check("venue", ok=True, found=f"{session.venue.name} answers in {round_trip:.0f} ms")
    yield _offset(offset, is_local=session.venue.is_local)


def _offset(offset: float, *, is_local: bool) -> _Check:
    """Return how far this machine's clock is off; a venue on this machine may keep a time of its own."""
    length = f"{abs(offset):.0f} ms" if abs(offset) < 10_000 else str(pd.Timedelta(abs(offset), "ms").round("s"))
    found = f"this machine's is {length} {'behind' if offset > 0 else 'ahead'}"
    if abs(offset) < _FAR_OFF:
        return _Check("clock", ok=True, found=found)
    if is_local:
        return _Check("clock", ok=None, found=f"{found}: the venue keeps a time of its own")
    return _Check("clock", ok=False, found=found, advice="requests are signed by the exchange's clock; set this one")


def _key(session: Session) -> Iterator[_Check]:
    """Yield whether there is a key and what it reads; the first read decides whether the others make sense."""
    if not isinstance(session, SignedSession):
        advice = "for private data: cx.use(cx.SignedSession.from_env())"
        yield _Check("key", ok=None, found="none: public data only", advice=advice)
        return
    first = next(iter(_LOOKS))
    fault = _fault_of(session, first)
    if isinstance(fault, NotAuthorized):
        yield _trouble("key", fault)
        return
    yield _Check("key", ok=True, found="accepted") if fault is None else _trouble("key", fault)
    yield _Check("leave", ok=None, found=session.leave)
    for name in _LOOKS:
        fault = fault if name == first else _fault_of(session, name)
        yield _trouble(name, fault) if fault else _Check(name, ok=True, found="answers")
    yield _budget(session)


def _fault_of(session: Session, name: str) -> CoinExError | None:
    """Return the error of one cheap read; None when it works."""
    try:
        session.page(ROUTES[name], _LOOKS[name])
    except CoinExError as fault:
        return fault
    return None


def _trouble(check: str, fault: CoinExError) -> _Check:
    advice = fault.advice if isinstance(fault, Refused) else "check the connection and the venue's address"
    return _Check(check, ok=False, found=str(fault), advice=advice)


def _budget(session: Session) -> _Check:
    """Return the limits that answers carried; all others are as documented."""
    routes = {ROUTES[name].pace: ROUTES[name] for name in _LOOKS}
    limits = {group: limit for group, route in routes.items() if (limit := session.pacers(route)[-1].quota)}
    slow = [group for group, (limit, _) in limits.items() if limit < LIMITS[group]]
    parts = [f"{group} {left} of {limit}" for group, (limit, left) in limits.items()] or ["no answer carried a limit"]
    advice = f"below the documented limit: {', '.join(slow)}; the account is in low speed mode for some hours"
    return _Check("rate budget", ok=not slow, found=f"left a second: {', '.join(parts)}", advice=advice if slow else "")


def _closing(left: pd.Timedelta) -> _Check:
    over = left <= pd.Timedelta(0)
    found = f"{_days(left)} until withdrawals end ({_CLOSES:%Y-%m-%d %H:%M} UTC)"
    advice = (
        "" if left > _SOON else "ask the exchange's support" if over else "withdraw, and save what you want to keep"
    )
    return _Check("closing", ok=left > _SOON, found="withdrawals have ended" if over else found, advice=advice)


def _lapse(now: pd.Timestamp, key_made: int | None) -> _Check:
    """Return when a key lapses that is bound to no IP address."""
    if key_made is None:
        return _Check("key lapse", ok=None, found="unknown", advice='say when it was made: key_made="2026-11-01"')
    lapses = _stamp(key_made) + _KEY_LASTS
    left = lapses - now
    found = f"lapses in {_days(left)}" if left > pd.Timedelta(0) else "has lapsed"
    advice = "" if left > _SOON else "make a new key, or bind it to an IP address: then it stays"
    day = str(lapses).partition(" ")[0]  # strftime ends in the year 9999
    found = f"{found} ({day}) unless it is bound to an IP address"
    return _Check("key lapse", ok=left > _SOON, found=found, advice=advice)


def _days(left: pd.Timedelta) -> str:
    return f"{left.days} day{'' if left.days == 1 else 's'}"


def _stamp(ms: int) -> pd.Timestamp:
    return pd.Timestamp(ms, unit="ms", tz="UTC")
