"""Small frames of the shapes that the package returns, made without any request."""

import numpy as np
import pandas as pd

START = pd.Timestamp("2026-03-01", tz="UTC")


def noted(frame, **notes):
    """Attach the notes that the package would."""
    frame.attrs["coinex"] = notes
    return frame


def moments(rows, freq, name):
    """Make a time index as the package returns it."""
    return pd.date_range(START, periods=rows, freq=freq, name=name).as_unit("ms")


def klines(rows=50, market="BTCUSDT", price=87_000.0, table="futures_klines"):
    """Hourly candles that go up and down."""
    wave = np.sin(np.arange(rows) / 3) + np.cos(np.arange(rows))
    close = price * (1 + 0.01 * wave)
    opened = np.roll(close, 1) if rows else close
    columns = {
        "market": pd.Categorical([market] * rows),
        "open": opened,
        "close": close,
        "high": np.maximum(opened, close) * 1.001,
        "low": np.minimum(opened, close) * 0.999,
        "volume": 10 + 5 * wave,
        "value": close * 10,
    }
    frame = pd.DataFrame(columns, index=moments(rows, "h", "created_at"))
    return noted(frame, table=table, request={"params": {"market": market, "period": "1hour"}})


def depth(bids=5, asks=5, middle=100.0):
    """Make a book with a spread of 1 around the middle and 2 of each level."""
    rows = [("bid", level, middle - level + 0.5, 2.0) for level in range(1, bids + 1)]
    rows += [("ask", level, middle + level - 0.5, 2.0) for level in range(1, asks + 1)]
    frame = pd.DataFrame(rows, columns=["side", "level", "price", "amount"]).set_index(["side", "level"])
    return noted(frame, request={"params": {"market": "BTCUSDT"}}, book={"updated_at": 1780000000123})


def market_names(rows):
    """Linear markets, the second one inverse."""
    return pd.Index([f"COIN{row}USDT" if row != 1 else "BTCUSD" for row in range(rows)], name="market")


def tickers(rows=30, fetched_at="2026-03-01T00:00:00Z"):
    """Futures tickers whose basis and open interest grow from market to market."""
    steps = np.arange(rows, dtype="float64")
    columns = {
        "last": 100 + 0.03 * steps,
        "index_price": np.full(rows, 100.0),
        "mark_price": 100 + 0.01 * steps,
        "open_interest_volume": 1_000 * (steps + 1),
    }
    return noted(pd.DataFrame(columns, index=market_names(rows)), fetched_at=fetched_at)


def funding_rates(rows=30):
    """Make current rates from negative to positive, the last market with an interval of 4 hours."""
    rates = np.linspace(-0.0005, 0.0007, rows)
    columns = {
        "mark_price": 1.0,
        "latest_funding_rate": rates,
        "next_funding_rate": rates * 1.1,
        "latest_funding_time": START,
        "next_funding_time": [START + pd.Timedelta(hours=4 if row == rows - 1 else 8) for row in range(rows)],
    }
    return noted(pd.DataFrame(columns, index=market_names(rows)))


def funding_history(rows=20, market="BTCUSDT"):
    """Settled rates of one market, every 8 hours."""
    rates = 0.0001 * np.cos(np.arange(rows))
    columns = {
        "market": pd.Categorical([market] * rows),
        "theoretical_funding_rate": rates * 1.2,
        "actual_funding_rate": rates,
    }
    return noted(pd.DataFrame(columns, index=moments(rows, "8h", "funding_time")))


def basis_history(rows=20, market="BTCUSDT", column="basis_rate"):
    """Make the basis of one market, every 10 minutes, from 0 to 19 bp."""
    columns = {"market": pd.Categorical([market] * rows), column: 0.0001 * np.arange(rows)}
    return noted(pd.DataFrame(columns, index=moments(rows, "10min", "created_at")))


def liquidations(rows=20, market="BTCUSDT"):
    """Longs and shorts by turns, each worth 1,000 times its number, two of them at one moment."""
    columns = {
        "market": pd.Categorical([market] * rows),
        "side": pd.Categorical((["long", "short"] * rows)[:rows], categories=["long", "short"]),
        "liq_price": np.full(rows, 1_000.0),
        "liq_amount": np.arange(1.0, rows + 1),
        "bkr_price": np.full(rows, 990.0),
    }
    index = moments(rows, "min", "created_at")
    return noted(pd.DataFrame(columns, index=index[[0, *range(rows - 1)]] if rows else index))
