"""What a private stream is told over HTTP: the state, and what came to an end while nobody listened.

=============  =====================================================================================================
orders         those that are open; those placed and finished since the loss; those that were open before, by their ids
stops          those that wait; those placed and gone since; of those that waited before: that they do no longer
user deals     those since the loss
balances       all; a currency that the answer leaves out has nothing
positions      those that are open; those closed since the loss, and how
notices        the maintenances that are planned
=============  =====================================================================================================

The exchange erases orders that were cancelled without a fill. One that was open, and that it does not know any more,
was cancelled, and its last known row says so. In the beginning the call stands for the loss: what was placed before
the subscription worked is part of the stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pandas as pd

from coinex_pandas.api import system
from coinex_pandas.api.calls.paging import PAGE
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import CoinExError, Refused
from coinex_pandas.http.session import Session
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.live.protocol.account import CatchUp
from coinex_pandas.live.protocol.account_rows import key_of, row_of, rows_of, with_end
from coinex_pandas.live.protocol.sign_in import Signature
from coinex_pandas.live.protocol.subscription import Recovered, Refill
from coinex_pandas.tables.rows.account_push import FINISH, SNAPSHOT
from coinex_pandas.tables.rows.market import Deal
from coinex_pandas.tables.times import unix_ms

__all__ = ["caught_up", "fetched", "key_tag", "signature"]


_EARLIER = 10_000  # milliseconds before the loss from which on is asked: what was on its way then came to nobody
_ERASED = 3600
_OVER = ("filled", "part_canceled", "canceled")
_CLOSED = {"liq": "liq", "adl": "adl", "sys": "sys_close"}
"""The events of positions whose end has a name of its own; all others were closed by their owner's orders."""


def key_tag(session: Session) -> str:
    """Return what tells one key from another without being it; empty without a key."""
    return session.account if isinstance(session, SignedSession) else ""


def signature(session: Session, *, anew: bool = False) -> Signature | str:
    """Return a signature for a socket, or why there is none; the exchange's clock is measured before on request."""
    if not isinstance(session, SignedSession):
        return "the session has no key"
    try:
        if anew:
            session.skew.measure(lambda: _time(session), unless=session.skew.number)
        return Signature(session.socket_signature())
    except Exception as error:  # a stream goes on whatever the measurement met, and hands it on in words
        return f"no signature: {type(error).__name__}: {error}"


def _time(session: Session) -> int:
    return unix_ms(system.server_time(session=session)["timestamp"].item())


def caught_up(session: Session, asked: CatchUp) -> Recovered:
    """Ask for what a private stream does not know; whatever goes wrong there is told, for the gap to say it."""
    question = _Question(session, asked)
    try:
        rows = list(question.answer())
    except (Refused, Warning) as error:
        return Recovered(None, f"{type(error).__name__}: {error}", is_final=not getattr(error, "retry", False))
    except Exception as error:  # a stream goes on whatever its question met
        return Recovered(None, f"{type(error).__name__}: {error}")
    return Recovered(rows, "; ".join(question.doubts), at=question.at)


class _Question:
    """One question of one stream, which may take several requests."""

    def __init__(self, session: Session, asked: CatchUp) -> None:
        self.session, self.asked = session, asked
        self.known, self.area = asked.channel, asked.channel.area
        self.doubts: list[str] = []
        self.at = 0  # when the first answer was made, by the exchange's clock
        self._type = {"market_type": asked.market_type} if self.area == "spot" else {}

    def answer(self) -> Iterator[Any]:
        """Yield what there is to know."""
        found: Iterator[Any] = getattr(self, f"_{self.known.method}")()
        return found

    # ---- by channel

    def _order(self) -> Iterator[Any]:
        found = [*self._standing(f"{self.area}_pending_orders"), *self._ended_since(f"{self.area}_finished_orders")]
        yield from found
        for market, rows in _by_market(self._without(found)).items():
            yield from self._one_by_one(market, rows)

    def _one_by_one(self, market: str, rows: Sequence[Any]) -> Iterator[Any]:
        """Yield what became of orders of a market that were open."""
        name = f"{self.area}_order_statuses"
        frame = self._ask(name, market, [row.order_id for row in rows])
        odd = frame[~frame["code"].isin([0, _ERASED]).to_numpy()]
        if len(odd):
            raise CoinExError(f"{name} of {market}: code {odd['code'].iloc[0]}, {odd['message'].iloc[0]}")
        there = frame[((frame["code"] == 0) & frame["created_at"].notna()).to_numpy()]
        is_over = there["status"].isin(_OVER).to_numpy()
        table = f"{self.area}_pending_orders"
        told = [*self._rows(table, there[is_over], FINISH), *self._rows(table, there[~is_over], SNAPSHOT)]
        found = {row.order_id: row for row in told}
        yield from (found.get(row.order_id) or with_end(self.known, row) for row in rows)

    def _stop(self) -> Iterator[Any]:
        yield from self._or_gone(
            [
                *self._standing(f"{self.area}_pending_stop_orders"),
                *self._ended_since(f"{self.area}_finished_stop_orders"),
            ]
        )

    def _user_deals(self) -> Iterator[Any]:
        name = f"{self.area}_user_deals"
        if self.asked.since is not None:
            markets = list(self.asked.names) or None
            yield from self._rows(name, self._ask(name, markets, **self._type, start=self._moment()))

    def _balance(self) -> Iterator[Any]:
        name = f"{self.area}_balances"
        is_margin = self.asked.market_type == "MARGIN"
        found = list(self._margin_rows()) if is_margin else self._rows(name, self._ask(name), SNAPSHOT)
        yield from found
        yield from (_emptied(row) for row in self._without(found))

    def _margin_rows(self) -> Iterator[Any]:
        """Yield the balances of margin accounts, a row for each of their two currencies, as the socket has them."""
        name = "margin_balances"
        frame = self._ask(name)
        for account in ROUTES[name].row.to_wire(frame):
            for ccy in ("base_ccy", "quote_ccy"):
                cells = {amount: account[amount][ccy] for amount in ("available", "frozen")}
                cells |= {"ccy": account[ccy], "margin_market": account["margin_account"], "event": SNAPSHOT}
                yield row_of(self.known, cells)

    def _position(self) -> Iterator[Any]:
        yield from self._or_gone([*self._standing("futures_positions"), *self._closed()])

    def _closed(self) -> Iterator[Any]:
        """Yield the positions that were closed since the loss, each with the event that its end was."""
        name = "futures_finished_positions"
        for frame in self._frames(name, start=self._moment()) if self.asked.since is not None else ():
            ends = frame["finished_type"].astype("str").map(lambda word: _CLOSED.get(word, "close"))
            for end in ends.unique():
                yield from self._rows(name, frame[(ends == end).to_numpy()], end)

    def _notice(self) -> Iterator[Any]:
        name = "maintenances"
        yield from self._rows(name, self._ask(name), SNAPSHOT)

    # ---- asking

    def _standing(self, name: str) -> Iterator[Any]:
        """Yield what is open now."""
        for frame in self._frames(name):
            yield from self._rows(name, frame, SNAPSHOT)

    def _ended_since(self, name: str) -> Iterator[Any]:
        """Yield what was made since the loss and has ended."""
        for frame in self._frames(name, start=self._moment()) if self.asked.since is not None else ():
            yield from self._rows(name, frame, FINISH)

    def _or_gone(self, found: Sequence[Any]) -> Iterator[Any]:
        """Yield what was found, and the end of all that stood before and was not."""
        yield from found
        yield from (with_end(self.known, row) for row in self._without(found))

    def _without(self, found: Sequence[Any]) -> list[Any]:
        """Return what stood before and was not found."""
        there = {key_of(self.known, row) for row in found}
        return [row for row in self.asked.standing if key_of(self.known, row) not in there]

    def _moment(self) -> int:
        """Return a moment of the exchange's clock that is surely before the loss, and not long."""
        return (self.asked.heard or (self.asked.since or 0) + _offset(self.session)) - _EARLIER

    def _frames(self, name: str, **params: Any) -> Iterator[pd.DataFrame]:
        """Yield the answers for each market that was asked for, or for all of them together."""
        for market in self.asked.names or (None,):
            yield self._ask(name, market, **self._type, **params)

    def _ask(self, name: str, *names: Any, **params: Any) -> pd.DataFrame:
        """Ask as a user would; numbers stay text, so that not a digit changes."""
        settings = {} if name == "maintenances" else {"numbers": "text"}
        found: pd.DataFrame = ROUTES[name].function(*names, **params, **settings, session=self.session)
        told = found.attrs["coinex"]
        self.at = self.at or unix_ms(pd.Timestamp(told["fetched_at"]))
        self.doubts += [f"{name}: {told['incomplete']}"] if "incomplete" in told else []
        return found

    def _rows(self, name: str, frame: pd.DataFrame, event: str = "") -> list[Any]:
        return rows_of(self.known, ROUTES[name].row, frame, event)


def _offset(session: Session) -> int:
    """Return by how many milliseconds the exchange's clock is ahead of this machine's, as far as that was measured."""
    measured = session.skew.last if isinstance(session, SignedSession) else None
    return 0 if measured is None else round(measured.offset)


def _emptied(row: Any) -> Any:
    """Return the row of a currency that an account does not hold any more."""
    numbers = {name: 0.0 for name in row.__struct_fields__ if isinstance(getattr(row, name), float)}
    return msgspec.structs.replace(row, **numbers, event=SNAPSHOT)


def _by_market(rows: Sequence[Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for row in rows:
        found.setdefault(row.market, []).append(row)
    return found


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
        frame = session.page(ROUTES[f"{area}_deals"], params, about=refill.market).frame
        deals = msgspec.convert(Deal.to_wire(frame), list[Deal], strict=False)
        fresh = {row.deal_id: row for row in deals if _is_missing(row, refill)}
        oldest = min((row.deal_id for row in deals), default=0)
        found |= fresh
        if len(fresh) < len(deals):
            return Recovered(_sorted(found))
        if len(deals) < PAGE or oldest == last_id:  # all there is, and it does not reach back far enough
            nothing = not refill.after and not found
            return Recovered(_sorted(found), "" if nothing else _TOO_SHORT)
        last_id = oldest
    return Recovered(_sorted(found), f"more than {_MOST_PAGES * PAGE} deals were missed")


def _is_missing(row: Any, refill: Refill) -> bool:
    """Return whether a deal came after the known one; where none is known, after the moment of the loss."""
    return bool(row.deal_id > refill.after if refill.after else row.created_at >= refill.since - _SKEW)


def _sorted(found: dict[int, Any]) -> list[Any]:
    return [found[deal_id] for deal_id in sorted(found)]
