"""Clean tables of a sandbox, to plant faults in, and what is found in them."""

import pandas as pd
import pytest

import coinex_pandas as cx

NOW = "2026-06-01 12:00:17"
FLAT = ["check", "place", "row", "count"]


@pytest.fixture(scope="session")
def clean():
    """Give tables by name; nobody may change them."""
    with cx.sandbox(seed=7, now=NOW, speed=0, limits=False):
        return {
            "spot_klines": cx.spot_klines("BTCUSDT", "1hour", start="2026-05-24"),
            "quiet_klines": cx.spot_klines("SCBTC", "1min", start="2026-05-31"),
            "mark_klines": cx.futures_klines("BTCUSDT", "1hour", start="2026-05-24", price_type="mark_price"),
            "futures_klines": cx.futures_klines("BTCUSD", "15min", start="2026-05-31"),
            "minutes": cx.spot_klines("BTCUSDT", "1min", start="2026-05-31"),
            "spot_deals": cx.spot_deals("BTCUSDT", limit=1000),
            "spot_depth": cx.spot_depth("BTCUSDT", limit=20),
            "spot_tickers": cx.spot_tickers(),
            "futures_tickers": cx.futures_tickers(),
            "futures_funding_rates": cx.futures_funding_rates(),
            "futures_index_prices": cx.futures_index_prices(),
            "futures_funding_rate_history": cx.futures_funding_rate_history("BTCUSDT", start="2026-05-10"),
            "futures_premium_index_history": cx.futures_premium_index_history("BTCUSDT", start="2026-05-31"),
            "futures_basis_history": cx.futures_basis_history("BTCUSDT", start="2026-05-31"),
            "futures_liquidations": cx.futures_liquidations("BTCUSDT", start="2026-05-31"),
            "spot_markets": cx.spot_markets(),
            "spot_transactions": cx.spot_transactions(),
        }


class Archive:
    """An archive of tables that lie in memory."""

    def __init__(self, **tables):
        self.tables = tables

    def coverage(self):
        """Return that all rows there are were asked for."""
        begin, end = (pd.Timestamp(time, tz="UTC").as_unit("ms") for time in ("1970-01-01", NOW))
        task = {"params": "{}", "from": begin, "to": end, "is_probe": False}
        return pd.DataFrame([task | {"table": name} for name in self.tables])

    def table(self, name):
        """Return all rows of a table."""
        if name not in self.tables:
            raise cx.NotCaptured("it was never captured", path="nowhere")
        return self.tables[name]


def stored(frame, name, **params):
    """Return a frame as a stored table has it: the index as a column, the request's parameters, time of capture."""
    flat = frame.reset_index().assign(**params, captured_at=pd.Timestamp(NOW, tz="UTC"), record="1.jsonl.zst:1")
    flat.attrs = {"coinex": {"table": name, "venue": "archive"}}
    return flat


def found(frame, **settings):
    """Return check, row and count of each finding."""
    return list(cx.quality(frame, **settings)[["check", "row", "count"]].itertuples(index=False, name=None))


def changed(frame, row, **cells):
    """Return a copy of a frame with other cells in a row."""
    copy = frame.copy()
    for name, value in cells.items():
        copy.iloc[row, copy.columns.get_loc(name)] = value
    copy.attrs = frame.attrs
    return copy


def reordered(frame, places):
    """Return a frame's rows in another order, or several times."""
    copy = frame.iloc[places]
    copy.attrs = frame.attrs
    return copy


@pytest.fixture(scope="session")
def tables(clean):
    """Give candles of two periods and deals, as an archive has them."""
    minutes, hours = clean["minutes"], clean["spot_klines"]
    candles = [
        stored(frame, "spot_klines", period=period, price_type=None)
        for frame, period in ((minutes, "1min"), (hours, "1hour"))
    ]
    both = pd.concat(candles, ignore_index=True)
    both.attrs = candles[0].attrs
    return {"spot_klines": both, "spot_deals": stored(clean["spot_deals"], "spot_deals", market="BTCUSDT")}
