"""Everything is done once with a key at the sandbox, logs at DEBUG: nothing that anybody could look at shows it."""

import contextlib
import logging
import warnings

import pytest

import coinex_pandas as cx
from tests.api.calls.verb_scenes import SCENES

READS = {
    "spot_balances": (),
    "spot_finished_orders": ("BTCUSDT",),
    "futures_positions": (),
    "deposit_address": ("USDT", "TRC20"),
    "subs": (),
}


@pytest.fixture
def exchange(monkeypatch):
    """Return a sandbox that remembers every signature it sees, as the current venue."""
    with cx.sandbox(seed=7, limits=False) as running:
        auth = running.server.auth
        seen = auth.seen = set()
        key_of = auth.key_of

        def noted(request, *more):
            seen.add(request.headers["X-COINEX-SIGN"])
            return key_of(request, *more)

        monkeypatch.setattr(auth, "key_of", noted)
        yield running


def secrets_of(exchange):
    """Return what must not be seen anywhere: the key, its secret, and all signatures."""
    key = exchange.key
    return {key.access_id, key.secret_key, *exchange.server.auth.seen}


@pytest.mark.usefixtures("unpaced")
def test_nothing_shows(exchange, caplog, capfd):
    """Verbs with and without faults, dry runs, reads, streams and the doctor."""
    caplog.set_level(logging.DEBUG)
    texts = [repr(exchange), repr(exchange.session), repr(exchange.key), repr(exchange.venue)]
    for name, scene in SCENES.items():
        with contextlib.suppress(cx.Refused):  # liquidity is not a day old, and the like
            args, more = scene(exchange.session)
            exchange.faults.set({("lost_answer", "truncate", "bad_gateway")[len(name) % 3]: [1]})
            texts += _texts(name, *args, **more)
        exchange.faults.set(None)
        texts += _texts(name, *args, **more, dry_run=True)
    for name, args in READS.items():
        texts += _texts(name, *args)
    with cx.live.spot_orders() as orders, cx.live.futures_balances() as balances:
        cx.spot_place_order("BTCUSDT", "buy", "limit", "0.001", "30000")
        orders.wait(rows=1, seconds=60)
        texts += [repr(orders), repr(balances), repr(orders.df.attrs), str(vars(orders))]
    texts.append(cx.doctor().to_csv())
    texts += [record.getMessage() for record in caplog.records]
    texts += capfd.readouterr()
    assert len(exchange.server.auth.seen) > 2 * len(SCENES)
    leaks = {needle for needle in secrets_of(exchange) for text in texts if needle in text}
    assert set() == leaks


def _texts(name, *args, **more):
    """Return what a call tells: a frame and its attrs, or an error with its notes and causes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", cx.ColumnsChanged)
        try:
            frame = getattr(cx, name)(*args, **more)
        except cx.CoinExError as fault:
            return [repr(fault), str(fault), str(vars(fault)), repr(fault.__cause__), repr(fault.__context__)]
    return [frame.reset_index().to_csv(), repr(frame), repr(frame.attrs)]


def test_the_search_would_find_them(exchange, caplog):
    """A signature that is logged is found: the test above is not blind."""
    caplog.set_level(logging.DEBUG)
    cx.spot_balances()
    logging.getLogger("somebody").debug("%s", next(iter(exchange.server.auth.seen)))
    assert any(needle in caplog.text for needle in secrets_of(exchange))
