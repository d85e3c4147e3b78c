"""Pushes of the exchange's shape, made up: frames of three deals, and a book of 50 + 50 levels that changes."""

from __future__ import annotations

import gzip
import json
import random
import zlib

MARKET = "BTCUSDT"
START = 1_767_225_600_000
DEALS = 3  # in a frame


def _frame(method: str, data: object) -> bytes:
    text = json.dumps({"method": method, "data": data, "id": None}, separators=(",", ":"))
    return gzip.compress(text.encode(), 6, mtime=0)


def deal_frames(count: int) -> list[bytes]:
    """Return frames of three deals each, ids rising, newest first."""
    rng = random.Random(1)
    return [_frame("deals.update", {"market": MARKET, "deal_list": _deals(rng, at)}) for at in range(count)]


def _deals(rng: random.Random, at: int) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = [
        {
            "deal_id": 10**11 + at * DEALS + place,
            "created_at": START + at * 40 + place,
            "side": rng.choice(("buy", "sell")),
            "price": f"{rng.uniform(60_000, 61_000):.2f}",
            "amount": f"{rng.random():.8f}",
        }
        for place in range(DEALS)
    ]
    return rows[::-1]


def book_frames(count: int, depth: int = 50) -> list[bytes]:
    """Return a whole book and then its changes, 4.5 levels a push on the average, with their checksums."""
    rng = random.Random(2)
    bids = {600_000 - 10 * at: rng.random() for at in range(depth)}
    asks = {600_010 + 10 * at: rng.random() for at in range(depth)}
    frames = [_book(bids, asks, bids, asks, is_full=True)]
    for _ in range(count):
        changed = [_changed(rng, side, sign) for side, sign in ((bids, -1), (asks, 1))]
        frames.append(_book(bids, asks, *changed, is_full=False))
    return frames


def _changed(rng: random.Random, side: dict[int, float], sign: int) -> dict[int, float]:
    """Change some amounts, and now and then have one level go and another come; return what was changed."""
    changes = {price: rng.random() for price in rng.sample(sorted(side), rng.choice((0, 1, 2)))}
    if rng.random() < 0.6:
        gone = rng.choice(sorted(side))
        near = [gone + sign * step for step in (*range(1, 10), *range(-9, 0)) if gone + sign * step not in side]
        if near:  # as many levels as before
            changes |= {gone: 0.0, near[0]: rng.random()}
    for price, amount in changes.items():
        if amount:
            side[price] = amount
        else:
            del side[price]
    return changes


def _levels(side: dict[int, float], *, down: bool) -> list[list[str]]:
    return [[f"{price / 10:.1f}", f"{side[price]:.8f}" if side[price] else "0"] for price in sorted(side, reverse=down)]


def _book(
    bids: dict[int, float],
    asks: dict[int, float],
    changed_bids: dict[int, float],
    changed_asks: dict[int, float],
    *,
    is_full: bool,
) -> bytes:
    whole = (*_levels(bids, down=True), *_levels(asks, down=False))
    depth = {
        "asks": _levels(changed_asks, down=False),
        "bids": _levels(changed_bids, down=True),
        "last": "60000.5",
        "updated_at": START,
        "checksum": zlib.crc32(":".join(text for level in whole for text in level).encode()),
    }
    return _frame("depth.update", {"market": MARKET, "is_full": is_full, "depth": depth})
