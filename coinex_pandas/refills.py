"""Deals that a stream missed, asked for over HTTP and followed back to the last one that is known."""

from __future__ import annotations

from typing import Any

from coinex_pandas import futures, spot  # noqa: F401  # who only streams has not entered their routes yet
from coinex_pandas.feeds import Recovered, Refill
from coinex_pandas.paging import PAGE
from coinex_pandas.route import ROUTES
from coinex_pandas.session import Session

__all__ = ["fetched"]

_MOST_PAGES = 50
_TOO_SHORT = "the exchange does not list deals back to the last one known"
_SKEW = 60_000  # milliseconds that this machine's clock may be ahead, and that a deal is older than its push


def fetched(session: Session, area: str, refill: Refill) -> Recovered:
    """Ask for what was missed; whatever goes wrong there is told, for the gap to say it."""
    try:
        return _walked(session, area, refill)
    except Exception as error:  # a stream goes on whatever its refill met, and hands it on in words
        return Recovered(None, f"{type(error).__name__}: {error}")


def _walked(session: Session, area: str, refill: Refill) -> Recovered:
    found: dict[int, Any] = {}
    last_id: int | None = None
    for _ in range(_MOST_PAGES):
        params = {"market": refill.market, "limit": PAGE, "last_id": last_id}
        page = session.structs(ROUTES[f"{area}_deals"], params, refill.market)
        fresh = {row.deal_id: row for row in page if _is_missing(row, refill)}
        oldest = min((row.deal_id for row in page), default=0)
        found |= fresh
        if len(fresh) < len(page):
            return Recovered(_sorted(found))
        if len(page) < PAGE or oldest == last_id:  # all there is, and it does not reach back far enough
            nothing = not refill.after and not found
            return Recovered(_sorted(found), "" if nothing else _TOO_SHORT)
        last_id = oldest
    return Recovered(_sorted(found), f"more than {_MOST_PAGES * PAGE} deals were missed")


def _is_missing(row: Any, refill: Refill) -> bool:
    """Return whether a deal came after the known one; where none is known, after the moment of the loss."""
    return bool(row.deal_id > refill.after if refill.after else row.created_at >= refill.since - _SKEW)


def _sorted(found: dict[int, Any]) -> list[Any]:
    return [found[deal_id] for deal_id in sorted(found)]
