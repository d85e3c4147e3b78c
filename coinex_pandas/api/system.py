"""The exchange itself: connectivity, clock, planned maintenance."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.call import Call, table
from coinex_pandas.http.clock import SERVER_TIME
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.rows.venue import Maintenance, Ping

__all__ = ["maintenances", "ping", "server_time"]


@route("GET /ping", Ping, docs="common/http/ping", single=True)
def ping(*, session: Session | None = None) -> pd.DataFrame:
    """Return the answer to a ping, one row.

    It says that the API answers, not that its data is alive: see `freshness`.

    Raises
    ------
    NoAnswer
        The exchange does not answer.

    Examples
    --------
    >>> cx.ping()
      result
    0   pong
    """
    return table(Call(ping, session=session))


@route(SERVER_TIME.endpoint, SERVER_TIME.row, docs=SERVER_TIME.docs, single=SERVER_TIME.single)
def server_time(*, session: Session | None = None) -> pd.DataFrame:
    """Return the exchange's clock, one row, to the millisecond.

    Examples
    --------
    >>> cx.server_time()["timestamp"].item()
    Timestamp('2026-06-01 12:00:00+0000', tz='UTC')
    """
    return table(Call(server_time, session=session))


@route("GET /maintain/info", Maintenance, docs="common/http/maintain")
def maintenances(*, session: Session | None = None) -> pd.DataFrame:
    """Return the planned maintenances, a row each, earliest first; empty when none is planned.

    Examples
    --------
    >>> cx.maintenances()[["started_at", "ended_at", "scope"]]
                     started_at                  ended_at            scope
    0 2026-06-04 05:00:00+00:00 2026-06-04 06:00:00+00:00  (FUTURES, SPOT)
    """
    return table(Call(maintenances, session=session))
