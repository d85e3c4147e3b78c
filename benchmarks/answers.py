"""Answers of the real exchange's size, made up: 221 tickers, 1000 candles, 1000 deals."""

from __future__ import annotations

import json
import random

MARKETS = 221
ROWS = 1000
_TICKER = [
    "last",
    "open",
    "close",
    "high",
    "low",
    "volume",
    "value",
    "volume_sell",
    "volume_buy",
    "index_price",
    "mark_price",
    "open_interest_volume",
]
_START = 1_767_225_600_000


def _number(rng: random.Random) -> str:
    return f"{rng.random() * 10 ** rng.randint(-3, 5):.8f}"


def _body(data: object) -> bytes:
    return json.dumps({"code": 0, "data": data, "message": "OK"}, separators=(",", ":")).encode()


def names() -> list[str]:
    """Return 221 market names."""
    return ["BTCUSDT", "ETHUSDT", *(f"COIN{at}USDT" for at in range(MARKETS - 2))]


def tickers(**more: str) -> bytes:
    """Return the tickers; ``more`` are further columns of every row."""
    rng = random.Random(1)
    return _body(
        [{"market": name, **{key: _number(rng) for key in _TICKER}, "period": 86400, **more} for name in names()]
    )


def candles() -> bytes:
    """Return 1000 candles."""
    rng = random.Random(2)
    keys = ("open", "close", "high", "low", "volume", "value")
    return _body(
        [
            {"market": "BTCUSDT", "created_at": _START + 60_000 * at, **{key: _number(rng) for key in keys}}
            for at in range(ROWS)
        ]
    )


def deals() -> bytes:
    """Return 1000 deals, newest first."""
    rng = random.Random(3)
    times = sorted((_START + rng.randrange(600_000) for _ in range(ROWS)), reverse=True)
    return _body(
        [
            {
                "deal_id": 10**11 - at,
                "created_at": time,
                "side": rng.choice(("buy", "sell")),
                "price": _number(rng),
                "amount": _number(rng),
            }
            for at, time in enumerate(times)
        ]
    )


def markets() -> bytes:
    """Return the market list of the tickers, for clients that load it first."""
    return _body(
        [
            {
                "market": name,
                "contract_type": "linear",
                "maker_fee_rate": "0.0003",
                "taker_fee_rate": "0.0005",
                "min_amount": "0.001",
                "base_ccy": name.removesuffix("USDT"),
                "quote_ccy": "USDT",
                "base_ccy_precision": 8,
                "quote_ccy_precision": 4,
                "status": "online",
                "delisted_at": 0,
                "tick_size": "0.0001",
                "leverage": ["3", "5", "10"],
                "open_interest_volume": "1.5",
                "is_market_available": True,
                "is_copy_trading_available": False,
                "is_api_trading_available": True,
            }
            for name in names()
        ]
    )
