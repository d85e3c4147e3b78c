"""Clean tables of a sandbox, to plant faults in."""

import pandas as pd
import pytest

import coinex_pandas as cx

NOW = "2026-06-01 12:00:17"


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
