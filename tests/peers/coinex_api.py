"""The independent client coinex-api (ccxt's coinex under its own name), which signs as before 2024-04-18."""

import pytest

coinex = pytest.importorskip("coinex", reason="the independent client coinex-api is not installed")
from coinex.ccxt.coinex import AuthenticationError, InvalidOrder  # noqa: E402  # only where it is installed

__all__ = ["SPOT", "SWAP", "AuthenticationError", "InvalidOrder", "client", "coinex"]

SPOT, SWAP = "BTC/USDT", "BTC/USDT:USDT"


def client(exchange, kind=coinex.CoinexSync, key=None, **settings):
    """Return a client at a sandbox, with the key of its first account or another one."""
    chosen = exchange.key if key is None else key
    made = kind(
        {
            "enableRateLimit": False,
            "apiKey": chosen.access_id,
            "secret": chosen.secret_key,
            "newUpdates": True,
            **settings,
        }
    )
    addresses = dict.fromkeys((name for name in made.urls["api"] if name != "ws"), exchange.http.removesuffix("/v2"))
    made.urls["api"] = {**addresses, "ws": {"spot": f"{exchange.ws}/spot/", "swap": f"{exchange.ws}/futures/"}}
    return made
