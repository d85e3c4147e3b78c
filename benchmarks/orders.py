"""100,000 finished orders over HTTP, more coming after each page: memory, and time beside the bare download.

Without pacing, which would take ten seconds of the hundred requests whatever this package did.

Run: python benchmarks/orders.py
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from unittest import mock

import requests
from history import with_peak
from side_by_side import report

import coinex_pandas as cx
from coinex_pandas.http.pacing import Pacer, Turn
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.http.signing import Signer

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.api.calls.long_order_log import MARKET, long_log  # where the tests keep it

ROWS, EACH = 100_000, 7


def download(me: SignedSession) -> int:
    """Fetch as many rows page after page and discard them."""
    session = requests.Session()
    session.trust_env = False
    session.auth = Signer(me._credentials, me.venue.http, me.skew.now_ms)
    params: dict[str, str | int] = {"market": MARKET, "market_type": "SPOT", "limit": 1000}
    address, pages = f"{me.venue.http}/spot/finished-order", range(1, ROWS // 1000 + 1)
    return sum(len(session.get(address, params=params | {"page": page}, timeout=60).content) for page in pages)


def main() -> None:
    """Measure and report."""
    mock.patch.object(Pacer, "wait", lambda _, units=1: Turn(time.monotonic(), units)).start()  # nobody waits
    cx.options.progress = False
    with long_log(ROWS, EACH) as me:
        cx.spot_pending_orders(session=me)  # imports and caches are not the history's
        size, floor, _ = with_peak(lambda: download(me))
        frame, took, grown = with_peak(lambda: cx.spot_finished_orders(MARKET, session=me))
    held = int(frame.memory_usage(deep=True).sum())
    print(
        f"{len(frame)} rows, {held / 1e6:.1f} MB from {size / 1e6:.1f} MB of JSON, {took:.1f} s; download {floor:.1f} s"
    )
    report(
        "orders: a list of 100,000 that grows while it is read",
        {
            "memory_of_frame": grown / held,
            "time_of_download": took / floor,
            "rows": len(frame),
            "distinct": frame.index.nunique(),
        },
        {
            "memory_of_frame": "< 5 times the final frame",
            "time_of_download": "beside the bare download",
            "rows": f">= {ROWS}",
            "distinct": "as many",
        },
    )


if __name__ == "__main__":
    main()
