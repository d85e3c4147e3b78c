"""Sandbox exchanges for the tests, with clocks that stand still."""

from collections.abc import Callable, Iterator

import pytest

from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.server.app import Server
from tests.simulator.connection import Connection
from tests.simulator.server.socket_client import Client

NOW = 1_790_133_720_000  # 2026-09-23 03:22 UTC, when the real exchange was probed

PUBLIC = [name for name, route in ROUTES.items() if not route.signed]
MARKET = {"market": "BTCUSDT"}
PARAMS: dict[str, dict[str, str]] = {
    **{name: {} for name in PUBLIC},
    "spot_depth": {**MARKET, "limit": "20", "interval": "0"},
    "spot_deals": MARKET,
    "spot_klines": {**MARKET, "period": "1hour"},
    "futures_depth": {**MARKET, "limit": "50", "interval": "0.1"},
    "futures_deals": MARKET,
    "futures_klines": {**MARKET, "period": "5min"},
    "futures_funding_rate_history": MARKET,
    "futures_premium_index_history": MARKET,
    "futures_basis_history": MARKET,
    "futures_liquidations": MARKET,
    "deposit_withdraw_config": {"ccy": "USDT"},
    "amm_pools": {"market": "CETUSDT"},
}


@pytest.fixture(scope="session")
def exchange() -> Exchange:
    """Give one exchange for all tests that only look."""
    return Exchange(0, Clock(NOW, speed=0))


@pytest.fixture
def still() -> Exchange:
    """Give an exchange of the test's own, whose clock the test may move."""
    return Exchange(0, Clock(NOW, speed=0))


@pytest.fixture
def params() -> dict[str, dict[str, str]]:
    """Give good parameters for every endpoint."""
    return PARAMS


@pytest.fixture
def serve() -> Iterator[Callable[[Exchange], Server]]:
    """Give a starter of servers that are closed after the test."""
    servers: list[Server] = []

    def start(exchange: Exchange) -> Server:
        servers.append(Server(exchange).start())
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def sockets(serve) -> Iterator[Callable[..., Client]]:
    """Give a starter of clients at a quick server of the given exchange, one server for each exchange."""
    clients: list[Client] = []
    servers: dict[int, Server] = {}

    def connect(exchange: Exchange, area: str = "futures", **options: object) -> Client:
        if id(exchange) not in servers:
            servers[id(exchange)] = serve(exchange)
            servers[id(exchange)].sockets.push_every = 0.005
        clients.append(Client(f"{servers[id(exchange)].ws}/{area}", **options))
        clients[-1].hub = servers[id(exchange)].sockets
        return clients[-1]

    yield connect
    for client in clients:
        client.close()


class Hand:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Hand:
    """Give the clock by which a server that restarts is down, to be moved by hand."""
    hand = Hand()
    monkeypatch.setattr("coinex_pandas.simulator.server.sockets.time", hand)
    return hand


@pytest.fixture(params=["spot", "futures"])
def connection(request: pytest.FixtureRequest) -> Connection:
    """Give a connection for each area."""
    return Connection(request.param)
