"""Recovery over HTTP of what a stream missed: deals by their ids, and the state of one's own account.

What is requested for a stream of one's own account:

=============  =====================================================================================================
orders         those that are open; those placed and finished since the loss; those that were open before, by their ids
stops          those that wait; those placed and gone since; of those that waited before: that they do no longer
user deals     those since the loss
balances       all; a currency that the reply leaves out has nothing
positions      those that are open; those closed since the loss, and how
notices        the maintenances that are planned
=============  =====================================================================================================

The exchange erases orders that were cancelled without a fill. An order that was open, and that the exchange no longer
knows, was cancelled: its last known row is repeated as its end. In the beginning the call counts as the loss: what was
placed before the subscription worked is part of the stream.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import msgspec
import pandas as pd

from coinex_pandas.api.calls.paging import PAGE
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import CoinExError, Refused
from coinex_pandas.http.session import Session
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.live.protocol.account import AccountRequest
from coinex_pandas.live.protocol.account_rows import key_of, row_of, rows_of, with_end
from coinex_pandas.live.protocol.subscription import DealRequest, Recovery
from coinex_pandas.tables.rows.account_push import FINISH, SNAPSHOT
from coinex_pandas.tables.rows.market import Deal
from coinex_pandas.tables.times import unix_ms

__all__ = ["observed", "recover_account", "recover_deals"]

_MOST_PAGES = 50
_TOO_SHORT = "the exchange does not list deals back to the last one known"
_SKEW = 60_000  # milliseconds that this machine's clock may be ahead, and that a deal is older than its push

_EARLIER = 10_000  # milliseconds before the loss that are requested too: what was on its way then never arrived
_ERASED = 3600
_OVER = ("filled", "part_canceled", "canceled")
_CLOSED = {"liq": "liq", "adl": "adl", "sys": "sys_close"}
"""The events of positions whose end has a name of its own; all others were closed by their owner's orders."""


def observed(session: Session, observers: Sequence[Callable[..., None]]) -> Session:
    """Return a session that does what another one does, over its connections, and passes each response to observers."""
    if not observers:
        return session
    copy = type(session).__new__(type(session))
    vars(copy).update(vars(session), hooks={**session.hooks, "response": [*session.hooks["response"], *observers]})
    return copy


# ---- deals


def recover_deals(session: Session, area: str, request: DealRequest) -> Recovery:
    """Return the deals that were missed; a failure is part of the reply, and then of the gap's cause."""
    try:
        return _pages(session, area, request)
    except Exception as error:  # the stream goes on, whatever the request raised
        return Recovery(None, f"{type(error).__name__}: {error}")


def _pages(session: Session, area: str, request: DealRequest) -> Recovery:
    deals: dict[int, Any] = {}
    last_id: int | None = None
    for _ in range(_MOST_PAGES):
        params = {"market": request.market, "limit": PAGE, "last_id": last_id}
        frame = session.page(ROUTES[f"{area}_deals"], params, about=request.market).frame
        page = msgspec.convert(Deal.to_wire(frame), list[Deal], strict=False)
        missing = {row.deal_id: row for row in page if _is_missing(row, request)}
        oldest = min((row.deal_id for row in page), default=0)
        deals |= missing
        if len(missing) < len(page):
            return Recovery(_by_id(deals))
        if len(page) < PAGE or oldest == last_id:  # all there is, and it does not reach back far enough
            is_all = not request.after and not deals
            return Recovery(_by_id(deals), "" if is_all else _TOO_SHORT)
        last_id = oldest
    return Recovery(_by_id(deals), f"more than {_MOST_PAGES * PAGE} deals were missed")


def _is_missing(row: Any, request: DealRequest) -> bool:
    """Return whether a deal came after the known one; where none is known, after the moment of the loss."""
    return bool(row.deal_id > request.after if request.after else row.created_at >= request.since - _SKEW)


def _by_id(deals: dict[int, Any]) -> list[Any]:
    return [deals[deal_id] for deal_id in sorted(deals)]


# ---- one's own account


def recover_account(session: Session, request: AccountRequest) -> Recovery:
    """Return what a stream does not know; a failure is part of the reply, and then of the gap's cause."""
    query = _AccountQuery(session, request)
    try:
        rows = list(query.rows())
    except (Refused, Warning) as error:
        return Recovery(None, f"{type(error).__name__}: {error}", is_final=not getattr(error, "retry", False))
    except Exception as error:  # the stream goes on, whatever the request raised
        return Recovery(None, f"{type(error).__name__}: {error}")
    return Recovery(rows, "; ".join(query.doubts), at=query.at)


class _AccountQuery:
    """The calls that one request for one stream takes."""

    def __init__(self, session: Session, request: AccountRequest) -> None:
        self.session, self.request = session, request
        self.channel, self.area = request.channel, request.channel.area
        self.doubts: list[str] = []
        self.at = 0  # when the first reply was made, by the exchange's clock
        self._type = {"market_type": request.market_type} if self.area == "spot" else {}

    def rows(self) -> Iterator[Any]:
        """Yield the rows of the channel."""
        rows: Iterator[Any] = getattr(self, f"_{self.channel.method}")()
        return rows

    # ---- by channel

    def _order(self) -> Iterator[Any]:
        listed = [*self._open(f"{self.area}_pending_orders"), *self._ended_since(f"{self.area}_finished_orders")]
        yield from listed
        for market, rows in _by_market(self._missing(listed)).items():
            yield from self._one_by_one(market, rows)

    def _one_by_one(self, market: str, rows: Sequence[Any]) -> Iterator[Any]:
        """Yield what became of orders of a market that were open."""
        name = f"{self.area}_order_statuses"
        frame = self._call(name, market, [row.order_id for row in rows])
        odd = frame[~frame["code"].isin([0, _ERASED]).to_numpy()]
        if len(odd):
            raise CoinExError(f"{name} of {market}: code {odd['code'].iloc[0]}, {odd['message'].iloc[0]}")
        listed = frame[((frame["code"] == 0) & frame["created_at"].notna()).to_numpy()]
        is_over = listed["status"].isin(_OVER).to_numpy()
        table = f"{self.area}_pending_orders"
        now = [*self._rows(table, listed[is_over], FINISH), *self._rows(table, listed[~is_over], SNAPSHOT)]
        by_id = {row.order_id: row for row in now}
        yield from (by_id.get(row.order_id) or with_end(self.channel, row) for row in rows)

    def _stop(self) -> Iterator[Any]:
        stops = self._open(f"{self.area}_pending_stop_orders")
        yield from self._or_gone([*stops, *self._ended_since(f"{self.area}_finished_stop_orders")])

    def _user_deals(self) -> Iterator[Any]:
        name = f"{self.area}_user_deals"
        if self.request.since is not None:
            markets = list(self.request.names) or None
            yield from self._rows(name, self._call(name, markets, **self._type, start=self._start()))

    def _balance(self) -> Iterator[Any]:
        name = f"{self.area}_balances"
        is_margin = self.request.market_type == "MARGIN"
        listed = list(self._margin_rows()) if is_margin else self._rows(name, self._call(name), SNAPSHOT)
        yield from listed
        yield from (_emptied(row) for row in self._missing(listed))

    def _margin_rows(self) -> Iterator[Any]:
        """Yield the balances of margin accounts, a row for each of their two currencies, as the socket has them."""
        name = "margin_balances"
        frame = self._call(name)
        for account in ROUTES[name].row.to_wire(frame):
            for ccy in ("base_ccy", "quote_ccy"):
                cells = {amount: account[amount][ccy] for amount in ("available", "frozen")}
                cells |= {"ccy": account[ccy], "margin_market": account["margin_account"], "event": SNAPSHOT}
                yield row_of(self.channel, cells)

    def _position(self) -> Iterator[Any]:
        yield from self._or_gone([*self._open("futures_positions"), *self._closed()])

    def _closed(self) -> Iterator[Any]:
        """Yield the positions that were closed since the loss, each with the event of its end."""
        name = "futures_finished_positions"
        for frame in self._frames_since(name):
            ends = frame["finished_type"].astype("str").map(lambda word: _CLOSED.get(word, "close"))
            for end in ends.unique():
                yield from self._rows(name, frame[(ends == end).to_numpy()], end)

    def _notice(self) -> Iterator[Any]:
        name = "maintenances"
        yield from self._rows(name, self._call(name), SNAPSHOT)

    # ---- rows listed, or no longer

    def _open(self, name: str) -> Iterator[Any]:
        """Yield what is open now."""
        for frame in self._frames(name):
            yield from self._rows(name, frame, SNAPSHOT)

    def _ended_since(self, name: str) -> Iterator[Any]:
        """Yield what was placed since the loss and has ended."""
        for frame in self._frames_since(name):
            yield from self._rows(name, frame, FINISH)

    def _or_gone(self, listed: Sequence[Any]) -> Iterator[Any]:
        """Yield what is listed, and the end of all that was open before and is not listed."""
        yield from listed
        yield from (with_end(self.channel, row) for row in self._missing(listed))

    def _missing(self, listed: Sequence[Any]) -> list[Any]:
        """Return what was open before and is not listed."""
        keys = {key_of(self.channel, row) for row in listed}
        return [row for row in self.request.open_rows if key_of(self.channel, row) not in keys]

    # ---- calls

    def _start(self) -> int:
        """Return a moment of the exchange's clock that is surely before the loss, and not long."""
        request = self.request
        return (request.exchange_time or (request.since or 0) + _offset(self.session)) - _EARLIER

    def _frames_since(self, name: str) -> Iterator[pd.DataFrame]:
        """Yield the replies about the time since the loss; none where nothing was lost."""
        return self._frames(name, start=self._start()) if self.request.since is not None else iter(())

    def _frames(self, name: str, **params: Any) -> Iterator[pd.DataFrame]:
        """Yield the replies for each of the stream's markets, or for all of them together."""
        for market in self.request.names or (None,):
            yield self._call(name, market, **self._type, **params)

    def _call(self, name: str, *names: Any, **params: Any) -> pd.DataFrame:
        """Call a public function as a user would; numbers stay text, so that not a digit changes."""
        settings = {} if name == "maintenances" else {"numbers": "text"}
        frame: pd.DataFrame = ROUTES[name].function(*names, **params, **settings, session=self.session)
        attrs = frame.attrs["coinex"]
        self.at = self.at or unix_ms(pd.Timestamp(attrs["fetched_at"]))
        self.doubts += [f"{name}: {attrs['incomplete']}"] if "incomplete" in attrs else []
        return frame

    def _rows(self, name: str, frame: pd.DataFrame, event: str = "") -> list[Any]:
        return rows_of(self.channel, ROUTES[name].row, frame, event)


def _offset(session: Session) -> int:
    """Return by how many milliseconds the exchange's clock is ahead of this machine's, as far as that was measured."""
    measured = session.skew.last if isinstance(session, SignedSession) else None
    return 0 if measured is None else round(measured.offset)


def _emptied(row: Any) -> Any:
    """Return the row of a currency that an account no longer holds."""
    numbers = {name: 0.0 for name in row.__struct_fields__ if isinstance(getattr(row, name), float)}
    return msgspec.structs.replace(row, **numbers, event=SNAPSHOT)


def _by_market(rows: Sequence[Any]) -> dict[str, list[Any]]:
    markets: dict[str, list[Any]] = {}
    for row in rows:
        markets.setdefault(row.market, []).append(row)
    return markets
