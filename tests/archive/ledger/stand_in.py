"""Archives that lie in memory: of frames that a test writes down, or of all that a sandbox account can see."""

from __future__ import annotations

import json

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.errors import NotCaptured
from coinex_pandas.tables.decoding import Source, read

__all__ = ["StandIn", "archive_of", "sandbox_archive"]

KINDS = ("deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer")
PLAIN = (
    "spot_balances",
    "futures_balances",
    "margin_balances",
    "financial_balances",
    "credit_balances",
    "deposits",
    "withdrawals",
    "margin_borrows",
    "sub_transfers",
    "amm_liquidity",
    "futures_finished_positions",
    "futures_positions",
    "futures_position_funding_history",
    "spot_pending_orders",
    "futures_pending_orders",
    "spot_pending_stop_orders",
    "futures_pending_stop_orders",
)


class StandIn:
    """What the ledger needs of an archive, from wire rows.

    Parameters
    ----------
    tables : dict of str to list of dict
        The wire's rows by table; a key ``_`` of a row holds what is no column of it, such as a request's parameters.
    captured_at : int
        When all of them came, in milliseconds.
    path : path
        The folder.
    """

    def __init__(self, tables, captured_at, path="archive"):
        self.tables, self.at, self.path = tables, captured_at, path

    def table(self, name, *, numbers="float", **only):
        """Return all rows of a table, as the real archive does."""
        if name not in self.tables:
            raise NotCaptured("it was never captured", path=name)
        groups = {}
        for row in self.tables[name]:
            params = row.get("_", {})
            groups.setdefault(tuple(params.items()), []).append({key: row[key] for key in row if key != "_"})
        frames = [self._frame(name, found, numbers).assign(**dict(params)) for params, found in groups.items()]
        frame = pd.concat(frames, ignore_index=True) if frames else self._frame(name, [], numbers)
        frame["captured_at"] = pd.to_datetime([self.at] * len(frame), unit="ms", utc=True).astype("datetime64[ms, UTC]")
        frame["record"] = [f"00000001.jsonl.zst:{place}" for place in range(1, len(frame) + 1)]
        for column, values in only.items():
            frame = frame[frame[column].astype("str").isin(values)]
        return frame

    def _frame(self, name, found, numbers):
        route = cx.ROUTES[name]
        body = json.dumps({"code": 0, "data": found, "message": "OK"}).encode()
        frame = read(route.row, body, Source(f"GET {name}"), numbers=numbers).frame
        return frame.reset_index() if any(frame.index.names) else frame

    def coverage(self):
        """Return a row per table."""
        return pd.DataFrame(
            {
                "table": list(self.tables),
                "params": "{}",
                "complete": True,
                "reason": "",
                "is_probe": False,
                "task": f"{self.at * 1_000_000}.1",
                "captured_at": pd.to_datetime([self.at] * len(self.tables), unit="ms", utc=True),
            }
        )


def archive_of(captured_at=1_790_000_000_000, **tables):
    """Return an archive of rows that a test writes down."""
    return StandIn(tables, captured_at)


def sandbox_archive(api, path="archive"):
    """Return an archive of all that the account `me` of a sandbox without sockets can see."""
    tables = {name: _all(api, name) for name in PLAIN}
    tables["spot_transactions"] = [row for kind in KINDS for row in _all(api, "spot_transactions", type=kind)]
    currencies = sorted({ccy for purse in api.ledger.purses("me") for ccy in api.ledger.currencies(purse)})
    sides = [{"ccy": ccy, "transfer_type": kind} for ccy in currencies for kind in ("MARGIN", "FUTURES")]
    tables["transfers"] = [row for side in sides for row in _all(api, "transfers", **side)]
    for area, types in (("spot", ("SPOT", "MARGIN")), ("futures", ("FUTURES",))):
        tables[f"{area}_user_deals"] = [
            row | {"_": {"market_type": kind}}
            for kind in types
            for market in ("BTCUSDT", "ETHUSDT", "CETUSDT", "BTCUSD")
            for row in _deals(api, area, market, kind)
        ]
        tables[f"{area}_markets"] = api.exchange.answer(f"{area}_markets", {}).data
    markets = [row["market"] for row in tables["amm_liquidity"]]
    tables["amm_incomes"] = [row for market in markets for row in _all(api, "amm_incomes", market=market)]
    return StandIn(tables, api.trading.at, path)


def _deals(api, area, market, kind):
    if area == "spot" and market == "BTCUSD":
        return []
    return _all(api, f"{area}_user_deals", market=market, market_type=kind)


def _all(api, name, **params):
    """Return all rows of a read, page by page."""
    if name.startswith("futures_") and name != "futures_balances":
        params["market_type"] = "FUTURES"
    if name.startswith("spot_pending"):
        params["market_type"] = "SPOT"
    found = []
    for page in range(1, 1000):
        data = api.data(name, **params, page=page, limit=100) or []
        data = data if isinstance(data, list) else [data]
        new = [row for row in data if page == 1 or row not in found] if len(data) < 100 else data
        found += new
        if len(data) < 100:
            return found
    raise AssertionError(f"{name} has no end")
