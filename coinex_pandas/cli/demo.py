"""What ``coinex-pandas demo`` shows: tables, streams, an account, plots from a sandbox exchange, in under a minute."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes

import coinex_pandas as cx
from coinex_pandas.simulator.handle import Sandbox

__all__ = ["demo"]

_SECONDS = 3  # of streams


def demo(folder: Path, seed: int) -> None:
    """Print tables of a sandbox exchange, trade there, and save plots of it.

    Parameters
    ----------
    folder : Path
        Where the plots go; the folder need not exist.
    seed : int
        Which sandbox exchange.
    """
    with cx.sandbox(seed=seed) as exchange, pd.option_context("display.width", 120, "display.max_columns", 12):
        print(f"A sandbox exchange runs at {exchange.http}; without it the same calls ask the live one.")
        tickers = cx.futures_tickers()
        _tables(tickers)
        _streams()
        paths = _plots(folder, tickers)
        _account(exchange)
    print("\nPlots:")
    for path in paths:
        print(f"  {path}")
    print("\nNotebooks: `make lab` opens JupyterLab on notebooks/; begin with 01_first_table.ipynb.")


def _tables(tickers: pd.DataFrame) -> None:
    linear = tickers[~tickers.index.str.endswith("USD")]  # the value of inverse markets is not in dollars
    largest = linear.nlargest(8, "value")[["last", "volume", "value", "index_price"]]
    _show("cx.futures_tickers(), by 24 h value", largest)
    basis = (tickers["mark_price"] / tickers["index_price"] - 1) * 10_000
    widest = basis.reindex(basis.abs().nlargest(10).index).rename("basis (bp)").to_frame()
    _show("the ten widest bases, mark against index price", widest.join(tickers[["mark_price", "index_price"]]))
    funding = cx.futures_funding_rates().sort_values("latest_funding_rate")
    columns = ["latest_funding_rate", "next_funding_rate", "latest_funding_time"]
    _show("funding extremes", pd.concat([funding.head(4), funding.tail(4)])[columns])
    _show('cx.freshness("futures")', cx.freshness("futures")["state"].value_counts().loc[lambda count: count > 0])


def _streams() -> None:
    markets = ("BTCUSDT", "ETHUSDT")
    with cx.live.futures_deals(*markets) as deals, cx.live.futures_depth("BTCUSDT", limit=50) as book:
        deals.wait(seconds=_SECONDS)
        title = f"cx.live.futures_deals{markets}, {_SECONDS} seconds of it"
        _show(title, deals.df[["market", "side", "price", "amount"]].tail(6))
        print(f"{deals}\n{book}, spread {book.spread}, mid {book.mid}")


def _account(exchange: Sandbox) -> None:
    before = cx.futures_balances()["equity"]
    order = cx.futures_place_order("BTCUSDT", "buy", "market", "0.1")
    _show('cx.futures_place_order("BTCUSDT", "buy", "market", "0.1")', order[["side", "filled_amount", "fee"]])
    exchange.clock.advance(3600)
    columns = ["side", "leverage", "open_interest", "avg_entry_price", "unrealized_pnl"]
    _show("cx.futures_positions(), an hour later", cx.futures_positions()[columns])
    cx.futures_close_position("BTCUSDT", "market")
    deals = cx.futures_user_deals("BTCUSDT")
    _show("closed again: cx.futures_user_deals()", deals[["side", "price", "amount", "role", "fee", "realized_pnl"]])
    profit = cx.futures_balances()["equity"] - before
    print(f"profit after fees and funding: {profit['USDT']:+.2f} USDT, in play money")


def _show(title: str, frame: pd.DataFrame | pd.Series[int]) -> None:
    print(f"\n{title}\n{'-' * len(title)}\n{frame}")


def _plots(folder: Path, tickers: pd.DataFrame) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    spot, futures = (klines("BTCUSDT", "1h", limit=168) for klines in (cx.spot_klines, cx.futures_klines))
    day = pd.Timestamp(tickers.attrs["coinex"]["fetched_at"]).floor("D")
    drawings: dict[str, Callable[[], Axes]] = {
        "candles": lambda: cx.plot.candles(futures),
        "depth": lambda: cx.plot.depth(cx.futures_depth("BTCUSDT", limit=50)),
        "spread": lambda: cx.plot.spread(futures, spot, labels=("futures", "spot"))[0],
        "basis": lambda: cx.plot.basis(tickers),
        "funding": lambda: cx.plot.funding(cx.futures_funding_rates()),
        "open_interest": lambda: cx.plot.open_interest(tickers, cx.futures_markets()),
        "liquidations": lambda: cx.plot.liquidations(
            cx.futures_liquidations("BTCUSDT", start=day - pd.Timedelta("3D"))
        ),
    }
    return [_save(draw(), folder / f"{name}.png") for name, draw in drawings.items()]


def _save(ax: Axes, path: Path) -> Path:
    figure = ax.get_figure(root=True)
    if figure is not None:  # a plot without ax= draws on a figure of its own
        figure.savefig(path)
    return path
