"""Bytes to DataFrame, beside ``orjson.loads`` of the same bytes, beside what users write today, beside coinex-api.

Run: python benchmarks/frames.py
"""

from __future__ import annotations

import multiprocessing
import time
import warnings
from collections.abc import Callable
from multiprocessing.connection import Connection

import answers
import orjson
import pandas as pd
from side_by_side import ratio, report

import coinex_pandas as cx
from coinex_pandas.tables.decoding import Source, read
from coinex_pandas.tables.row import Row
from coinex_pandas.tables.rows.market import Candle, Deal, FuturesTicker

SOURCE = Source("GET /benchmark")
DEMANDS = {
    "tickers": "<= 1.8 of orjson.loads",
    "candles": "<= 1.6 of orjson.loads",
    "deals": "<= 1.6 of orjson.loads",
    "tickers_unknown_column": "<= 3.5 of orjson.loads",
    "users_way_tickers": ">= 10 of ours",
    "users_way_candles": ">= 6 of ours",
    "coinex_api_cpu": ">= 5 of ours, over HTTP, 221 markets",
}


def ours(row: type[Row], body: bytes) -> Callable[[], object]:
    """Return the way of this package."""
    return lambda: read(row, body, SOURCE).frame


def floor(body: bytes) -> Callable[[], object]:
    """Return the floor."""
    return lambda: orjson.loads(body)


def users_way(body: bytes, words: list[str], times: list[str]) -> Callable[[], object]:
    """Return what a user writes today: the standard library's JSON, DataFrame, astype, to_datetime."""
    import json

    def way() -> pd.DataFrame:
        frame = pd.DataFrame(json.loads(body)["data"])
        numbers = [name for name in frame.columns if name not in words + times]
        frame = frame.astype(dict.fromkeys(numbers, float))
        for name in times:
            frame[name] = pd.to_datetime(frame[name], unit="ms", utc=True)
        return frame

    return way


def _serve(channel: Connection) -> None:
    """Serve the made-up exchange until the parent goes away; a process of its own, so that its CPU is not counted."""
    import asyncio

    from aiohttp import web

    bodies = {"/v2/futures/ticker": answers.tickers(), "/v2/futures/market": answers.markets()}

    async def answer(request: web.Request) -> web.Response:
        return web.Response(
            body=bodies.get(request.path, b'{"code":0,"data":[],"message":"OK"}'), content_type="application/json"
        )

    async def main() -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        channel.send(runner.addresses[0][1])
        await asyncio.get_running_loop().run_in_executor(None, channel.recv)

    asyncio.run(main())


def coinex_api_cpu() -> float:
    """Return how much more CPU coinex-api takes from the call to the DataFrame."""
    from coinex import CoinexSync

    here, there = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(target=_serve, args=(there,), daemon=True)
    server.start()
    address = f"http://127.0.0.1:{here.recv()}"
    peer = CoinexSync({"enableRateLimit": False})
    peer.urls["api"] = dict.fromkeys(peer.urls["api"], address)
    session = cx.Session(cx.Venue("benchmark", http=f"{address}/v2"))
    found = ratio(
        lambda: pd.DataFrame.from_dict(peer.fetch_tickers(None, {"type": "swap"}), orient="index"),
        lambda: cx.futures_tickers(session=session),
        clock=time.process_time,
    )
    session.close()
    here.send("stop")
    server.join()
    return found


def main() -> None:
    """Measure and report."""
    tickers, candles, deals = answers.tickers(), answers.candles(), answers.deals()
    ratios = {
        "tickers": ratio(ours(FuturesTicker, tickers), floor(tickers)),
        "candles": ratio(ours(Candle, candles), floor(candles)),
        "deals": ratio(ours(Deal, deals), floor(deals)),
        "users_way_tickers": ratio(users_way(tickers, ["market"], []), ours(FuturesTicker, tickers)),
        "users_way_candles": ratio(users_way(candles, ["market"], ["created_at"]), ours(Candle, candles)),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        unknown = answers.tickers(brand_new="1.5")
        ratios["tickers_unknown_column"] = ratio(ours(FuturesTicker, unknown), floor(unknown))
    ratios["coinex_api_cpu"] = coinex_api_cpu()
    report("frames: median of ratios", ratios, DEMANDS)


if __name__ == "__main__":
    main()
