"""A sandbox in a process of its own with a long list of finished orders, to which more come while it is read."""

import contextlib
import itertools
import multiprocessing
from decimal import Decimal

import coinex_pandas as cx
from coinex_pandas.simulator.orders.order import Order

MARKET, STEP = "BTCUSDT", 1_000  # an order each second
START = 1_780_000_000_000


def order(exchange, number):
    """Return a finished order; each has numbers of its own, exact to the last digit."""
    market = exchange.trading.world.catalogue.find("spot", MARKET)
    new = Order(
        order_id=100_000_000_000 + number,
        account=exchange.account,
        area="spot",
        market=market,
        market_type="SPOT",
        side="sell" if number % 3 else "buy",
        type="limit",
        amount=Decimal(number % 977 + 1) / 1000,
        price=Decimal(6_000_000 + number) / 100,
        ccy="BTC",
        created_at=START + number * STEP,
        maker_fee_rate=Decimal("0.002"),
        taker_fee_rate=Decimal("0.002"),
        client_id=f"mine-{number}",
    )
    new.apply(new.price, new.amount, new.created_at)
    new.is_done = True
    return new


def _add(exchange, numbers):
    log = exchange.server.exchange.matching.log.finished
    for number in numbers:
        new = order(exchange, number)
        log.add(new, new.account, new.market_type, new.market.name, new.side)


def serve(pipe, rows, each):
    """Run the sandbox until something comes through the pipe; after each page of orders so many rows are new."""
    with cx.sandbox(seed=7, limits=False) as exchange:
        _add(exchange, range(rows))
        numbers = itertools.count(rows)
        answer = exchange.trading.answer

        def growing(name, account, params):
            reply = answer(name, account, params)
            if name == "spot_finished_orders":
                _add(exchange, itertools.islice(numbers, each))
            return reply

        exchange.trading.answer = growing
        pipe.send((exchange.venue, exchange.key.access_id, exchange.key.secret_key))
        pipe.recv()


@contextlib.contextmanager
def long_log(rows, each):
    """Give a session at such a sandbox."""
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=serve, args=(there, rows, each))
    process.start()
    venue, access_id, secret_key = here.recv()
    with cx.SignedSession(access_id, secret_key, venue) as session:
        yield session
    here.send(None)
    process.join()
