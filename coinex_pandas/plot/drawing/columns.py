"""Read what a plot needs out of a frame: columns or index levels, numbers of any kind, times in UTC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from coinex_pandas.errors import InvalidArgument

if TYPE_CHECKING:
    from numpy.typing import NDArray

# The quote currencies that end a market's name. USD comes last: "BTCUSDT" does not end in it, "BTCUSD" does.
QUOTES = ("USDT", "USDC", "BTC", "USD")


def meta(frame: pd.DataFrame | pd.Series[Any]) -> dict[str, Any]:
    """Read the package's notes on a frame: its ``attrs["coinex"]``, or an empty dict."""
    attrs = frame.attrs.get("coinex")
    return dict(attrs) if isinstance(attrs, Mapping) else {}


def has(frame: pd.DataFrame, name: str) -> bool:
    """Tell whether `name` is a column or a level of the index."""
    return name in frame.columns or name in frame.index.names


def require(frame: object, names: Sequence[str], *, plot: str, frames: str) -> None:
    """Refuse anything that is not a frame with `names`; `frames` says what would fit."""
    if not isinstance(frame, pd.DataFrame):
        raise InvalidArgument(f"{plot} draws a DataFrame ({frames}), not {type(frame).__name__}")
    missing = [name for name in names if not has(frame, name)]
    if missing:
        raise InvalidArgument(f"{plot} draws {frames}; this frame lacks {', '.join(missing)}")


def require_count(value: int, name: str) -> None:
    """Refuse a number of rows to draw that is not at least 1."""
    if value < 1:
        raise InvalidArgument(f"{name} must be 1 or more, not {value}")


def values(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Take the column, or the level of the index, as a Series numbered from 0."""
    column = frame[name] if name in frame.columns else frame.index.get_level_values(name)
    return pd.Series(column.array, name=name)


def numbers(frame: pd.DataFrame, name: str) -> NDArray[np.float64]:
    """Floats whatever the frame holds (float, Decimal or text); what is no finite number is NaN."""
    floats = pd.to_numeric(values(frame, name)).to_numpy(dtype="float64", na_value=np.nan)
    return np.where(np.isfinite(floats), floats, np.nan)


def names(frame: pd.DataFrame, name: str = "market") -> NDArray[np.str_]:
    """Text, without the blank that the exchange's own sample has in front of a market."""
    return np.array([str(text).strip() for text in values(frame, name)], dtype=np.str_)


def times(frame: pd.DataFrame, name: str) -> pd.DatetimeIndex:
    """Read times in UTC; times without a zone are taken as UTC."""
    return pd.DatetimeIndex(pd.to_datetime(values(frame, name), utc=True))


def day_numbers(when: pd.DatetimeIndex) -> NDArray[np.float64]:
    """Turn times into matplotlib's numbers, so that other things can be drawn on the same axis; NaT is NaN."""
    from matplotlib.dates import date2num

    naive = when.tz_convert("UTC").tz_localize(None).to_numpy()
    days = date2num(naive)  # type: ignore[no-untyped-call]  # matplotlib.dates is not typed
    return np.asarray(days, dtype="float64")


def parameter(frame: pd.DataFrame | pd.Series[Any], name: str) -> str | None:
    """Read a parameter of the request that brought the frame; a list of one is that one, of several None."""
    request = meta(frame).get("request")
    params = request.get("params") if isinstance(request, Mapping) else None
    value = params.get(name) if isinstance(params, Mapping) else None
    if isinstance(value, list | tuple):
        value = value[0] if len(value) == 1 else None
    return None if value is None else str(value)


def one_market(frame: pd.DataFrame, *, plot: str) -> str | None:
    """Find the only market in the frame, None when nothing says which; several are refused."""
    if not has(frame, "market"):
        return parameter(frame, "market")
    markets = sorted(set(names(frame)))
    if len(markets) > 1:
        some = ", ".join(markets[:3])
        raise InvalidArgument(f"{plot} draws one market, this frame has {len(markets)} ({some} ...): select one")
    return markets[0] if markets else parameter(frame, "market")


def quote_of(market: str | None) -> str | None:
    """Find the quote currency that ends the market's name; None when none of ``QUOTES`` does."""
    return next((quote for quote in QUOTES if market and market.endswith(quote) and market != quote), None)


def amount_unit(market: str | None) -> str | None:
    """Say what amounts of the market count: the base currency, or USD itself where the contract is inverse."""
    quote = quote_of(market)
    if market is None or quote is None:
        return None
    return quote if quote == "USD" else market.removesuffix(quote)
