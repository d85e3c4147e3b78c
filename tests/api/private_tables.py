"""A stand-in for the private side of the exchange: tables of JSON objects, handed out page by page as it does."""

import json

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.tables.decoding import Source, read

NOW = pd.Timestamp("2026-06-01 12:00", tz="UTC")
DAY = 86_400_000
T0 = 1_780_228_800_000  # 2026-05-31 12:00


class PrivateExchange(cx.Session):
    """A session whose answers come from tables.

    Parameters
    ----------
    tables : dict
        For each function's name its rows, newest first, or a callable from the parameters to rows.
    most : int
        Rows that it hands out at once, however many are asked for.
    spelt : str
        What it calls the pagination.
    between : callable
        Called after each answer, so that tables can change while they are read.
    """

    def __init__(self, tables, *, most=100, spelt="pagination", between=lambda: None):
        super().__init__(cx.Venue("mock", http="http://127.0.0.1:9/v2"), retries=0)
        self.tables, self.most, self.spelt, self.between = tables, most, spelt, between
        self.requests = []

    def allow(self, route):
        """Ask for no key: nothing leaves this process."""

    def page(self, route, params, numbers="float", about=""):
        """Return a page as the session would, without any request."""
        self.requests.append((route.name, dict(params)))
        rows = self._rows(route, params)
        answer = {"code": 0, "message": "OK", "data": rows[0] if route.single else rows}
        if route.paged:
            answer |= self._cut(rows, params)
        self.between()
        source = Source(route.endpoint, about, "mock", single=route.single, paged=route.paged)
        return read(route.row, json.dumps(answer).encode(), source, numbers=numbers)._replace(at=NOW)

    def _rows(self, route, params):
        table = self.tables.get(route.name, [])
        if callable(table):
            return table(params)
        start, end = int(params.get("start_time") or 0), int(params.get("end_time") or 2**62)
        times = [row.get("created_at", 0) for row in table]
        in_range = [row for row, time in zip(table, times, strict=True) if not time or start <= time <= end]
        names = ("type", "ccy", "market", "status", "is_frozen")
        filters = {name: params[name] for name in names if params.get(name) is not None}
        return [
            row for row in in_range if all(str(row[name]).lower() == str(filters[name]).lower() for name in filters)
        ]

    def _cut(self, rows, params):
        limit, number = min(self.most, int(params["limit"])), int(params["page"])
        first = (number - 1) * limit
        return {"data": rows[first : first + limit], self.spelt: {"has_next": first + limit < len(rows)}}

    def params_of(self, name):
        """Return what was sent to a function's endpoint, request by request."""
        return [params for table, params in self.requests if table == name]
