"""Private streams over real sockets against the sandbox: one trades and sees it, whatever happens to the connection."""

import logging
import time
from itertools import count

import pytest

import coinex_pandas as cx
from tests.waiting import until

SLOW = {"speed": 1.0, "seed": 7}
OF_FRAMES = {
    "corrupt_gzip",
    "truncate_push",
    "duplicate_push",
    "delay_push",
    "drop_socket",
    "half_open",
    "restart_server",
}


@pytest.fixture
def market(exchange, unpaced, returning):
    """Give a sandbox whose clock runs as ours does, which counts no requests, and a price near the market's."""
    sandbox = exchange(**SLOW, limits=False)
    return sandbox, round(cx.spot_tickers("BTCUSDT")["last"].item())


def wait_until_settled(stream):
    """Wait until a stream knows the state: acknowledged, answered, and no gap open."""
    buffer = stream._buffer

    def calm():
        if buffer.connection is None or buffer.connection.state != "open" or not buffer.acknowledged_at:
            return False
        subscription = buffer.connection.subscriptions[stream._channel.method]
        return not subscription._states[id(buffer)].is_incomplete

    assert until(calm), (stream, stream.gaps)


def begun(*streams):
    """Return streams that know the state."""
    for stream in streams:
        wait_until_settled(stream)
    return streams if len(streams) > 1 else streams[0]


def buy(price, amount="0.01", **settings):
    """Place a limit order; return its id."""
    return cx.spot_place_order("BTCUSDT", "buy", "limit", amount, price=str(price), **settings).index[0]


def open_now(stream):
    """Return the orders that are open, as the stream knows them."""
    latest = stream.latest
    return latest[latest["event"] != "finish"].sort_index()


def same_orders(stream):
    """Return whether the stream's open orders are those that HTTP lists."""
    mine, theirs = open_now(stream), cx.spot_pending_orders()
    columns = ["market", "price", "amount", "unfilled_amount", "filled_amount", "filled_value"]
    return mine[columns].astype(str).to_dict() == theirs[columns].astype(str).to_dict()


def same_balances(stream):
    """Return whether the stream's balances are those that HTTP lists."""
    mine = stream.latest[["available", "frozen"]]
    mine = mine[(mine != 0).any(axis=1)].sort_index()
    theirs = cx.spot_balances()
    return mine.equals(theirs[(theirs != 0).any(axis=1)].sort_index())


def same_deals(stream):
    """Return whether the stream has each deal of HTTP once."""
    return stream.df["deal_id"].tolist() == cx.spot_user_deals("BTCUSDT")["deal_id"].tolist()


def test_order_is_seen_from_placing_to_its_end(market):
    """Placed in one session, seen in the stream: put, modify, finish, with the columns of HTTP."""
    _, price = market
    with cx.live.spot_orders("BTCUSDT") as stream:
        begun(stream)
        number = buy(price // 2)
        cx.spot_modify_order("BTCUSDT", number, price=str(price // 2 + 1))
        cx.spot_cancel_order("BTCUSDT", number)
        frame = stream.wait(rows=3, seconds=60).df
        assert ["put", "modify", "finish"] == list(frame["event"])
        assert ["open", "open", "canceled"] == list(frame["status"])
        assert {number} == set(frame["order_id"])
        assert [price // 2, price // 2 + 1, price // 2 + 1] == list(frame["price"])
        assert ("live", 0) == (stream.state, len(stream.gaps))


def test_begins_with_what_is_there(market):
    """Orders, stops and balances of before the stream are its first rows, as HTTP lists them."""
    _, price = market
    buy(price // 2)
    cx.spot_place_stop_order("BTCUSDT", "sell", "limit", "0.01", price=str(price // 2), trigger_price=str(price // 2))
    streams = cx.live.spot_orders(), cx.live.spot_stops(), cx.live.spot_balances()
    orders, stops, balances = begun(*streams)
    assert same_orders(orders)
    assert same_balances(balances)
    assert ["snapshot"] == list(stops.latest["event"])
    assert cx.spot_pending_stop_orders().index.equals(stops.latest.index)
    for stream in streams:
        stream.stop()


def test_futures_position_is_seen(market):
    """Opened, closed, with its deals and the balance that moved."""
    streams = (
        cx.live.futures_positions(),
        cx.live.futures_user_deals(),
        cx.live.futures_balances("USDT"),
        cx.live.futures_orders(),
    )
    positions, deals, balances, orders = begun(*streams)
    cx.futures_place_order("BTCUSDT", "buy", "market", "0.01")
    cx.futures_close_position("BTCUSDT", "market")
    assert until(lambda: "close" in set(positions.df["event"]))
    made = cx.futures_user_deals("BTCUSDT")["deal_id"].tolist()  # an order may take several levels of the book
    assert until(lambda: made == deals.df["deal_id"].tolist())
    assert ["buy", "sell"] == list(dict.fromkeys(deals.df["side"]))
    assert 0 == positions.latest["open_interest"].item()
    assert until(lambda: balances.latest["margin"].item() == 0)
    http = cx.futures_balances()
    assert http.loc["USDT", "available"] == balances.latest.loc["USDT", "available"]
    assert ["finish", "finish"] == [event for event in orders.df["event"] if event == "finish"]
    for stream in streams:
        stream.stop()


def test_fills_come_with_nobody_asking(exchange):
    """The exchange's clock runs, the street trades, and a resting order is filled while one only listens."""
    sandbox = exchange(speed=0.0, now="2026-06-01")

    def is_filled_in_the_next_minute():
        sandbox.clock.advance(60)
        return len(deals.df)

    price = cx.spot_tickers("BTCUSDT")["last"].item()
    with cx.live.spot_orders() as orders, cx.live.spot_user_deals() as deals:
        begun(orders, deals)
        asked = sandbox.server.requests
        for side, share in (("buy", 0.9995), ("sell", 1.0005)):  # wherever the price goes, it meets one of them
            cx.spot_place_order("BTCUSDT", side, "limit", "0.01", price=str(round(price * share, 2)))
        placed = sandbox.server.requests
        assert placed > asked
        assert until(is_filled_in_the_next_minute)
        assert until(lambda: bool(orders.df["filled_amount"].max() > 0))
        assert {"maker"} == set(deals.df["role"])
        assert placed == sandbox.server.requests


def test_what_happened_during_a_loss_is_caught_up(market):
    """Placed, filled, cancelled while the socket was gone: the tables end in the state that HTTP tells."""
    sandbox, price = market
    streams = cx.live.spot_orders(), cx.live.spot_balances(), cx.live.spot_user_deals(), cx.live.spot_stops()
    orders, balances, deals, stops = begun(*streams)
    resting, cancelled = buy(price // 2), buy(price // 2 + 1)
    stop = cx.spot_place_stop_order(
        "BTCUSDT", "sell", "limit", "0.01", price=str(price // 2), trigger_price=str(price // 2)
    )
    buy(price + 500)
    deals.wait(rows=1, seconds=60)
    sandbox.faults.set({"refuse_socket": 1.0})
    sandbox.sockets.drop()
    assert until(lambda: all(len(stream.gaps) for stream in streams))
    cx.spot_cancel_order("BTCUSDT", cancelled)
    cx.spot_cancel_stop_order("BTCUSDT", stop.reset_index()["stop_id"].item())
    filled, new = buy(price + 500, "0.02"), buy(price // 2 + 2)
    sandbox.faults.set(None)
    for stream in streams:
        wait_until_settled(stream)
    assert same_orders(orders)
    assert same_balances(balances)
    assert same_deals(deals)
    latest = orders.latest
    assert ("canceled", "finish") == tuple(latest.loc[cancelled, ["status", "event"]])
    assert ("filled", "finish") == tuple(latest.loc[filled, ["status", "event"]])
    assert ["put", "snapshot"] == [latest.loc[number, "event"] for number in (resting, new)]
    assert "finish" == stops.latest["event"].item()
    for stream in streams:
        (refilled,) = stream.gaps["refilled"]
        assert refilled
        assert stream.gaps["end"].notna().all()
        assert "live" == stream.state
        stream.stop()


@pytest.mark.parametrize(
    "faults",
    [
        {"drop_socket": 0.1},
        {"corrupt_gzip": 0.2},
        {"truncate_push": 0.2},
        {"duplicate_push": 0.5},
        {"delay_push": (0.3, 0.1)},
        {"late_ack": (1.0, 0.3)},
        {"half_open": 0.1},
        {"restart_server": (0.08, 0.3)},
        {"refuse_socket": 0.5, "drop_socket": 0.1},
        {"bad_gateway": 0.3, "drop_socket": 0.1},
        {"corrupt_gzip": 0.1, "drop_socket": 0.05, "duplicate_push": 0.2, "late_ack": (0.5, 0.2)},
    ],
    ids="+".join,
)
def test_tables_end_in_the_exchanges_state_under_faults(market, request, faults):
    """Orders, balances and deals after much trading on a bad connection are those of HTTP."""
    if "half_open" in faults:
        request.getfixturevalue("impatient")
    sandbox, price = market
    streams = cx.live.spot_orders(), cx.live.spot_balances(), cx.live.spot_user_deals()
    orders, balances, deals = begun(*streams)
    with Faulty(sandbox, faults):
        for step in count():
            _trade(price, step)
            time.sleep(0.02)  # so that what follows is a frame of its own
            if step >= 15 and (_struck(sandbox) & set(faults) or not set(faults) & OF_FRAMES):
                break
    numbers = [buy(price // 2 + 50), buy(price + 500)]  # by these one sees that the connections live
    for stream in streams:
        wait_until_settled(stream)
    assert until(lambda: set(numbers) <= set(orders.latest.index) and same_orders(orders)), orders.gaps
    assert until(lambda: same_balances(balances))
    assert until(lambda: same_deals(deals))
    for stream in streams:
        assert stream.gaps["refilled"].all()
        stream.stop()


def _struck(sandbox):
    """Return the faults that frames were struck by."""
    return {name for each in sandbox.sockets.sent for name in each.faults}


class Faulty:
    """Have a sandbox misbehave for a while."""

    def __init__(self, sandbox, faults):
        self.sandbox, self.faults = sandbox, faults

    def __enter__(self):
        self.sandbox.faults.set(self.faults)

    def __exit__(self, *_):
        self.sandbox.faults.set(None)


def _trade(price, step):
    """Do one of several things; what a fault of HTTP keeps from happening is left."""
    try:
        if step % 4 == 3:
            cx.spot_cancel_all_orders("BTCUSDT")
        else:
            buy((price // 2 + step, price + 500 if step < 16 else 100, price // 2 - step)[step % 3])
    except cx.CoinExError:
        return


def test_wrong_secret_is_refused_and_public_streams_go_on(market):
    """The error says what to do, and shows neither key nor secret."""
    sandbox, _ = market
    secret = "WRONGSECRET" * 4
    session = cx.SignedSession(sandbox.key.access_id, secret, sandbox.venue)
    with cx.live.spot_deals("BTCUSDT", session=session) as deals, cx.live.spot_orders(session=session) as orders:
        with pytest.raises(cx.NotAuthorized, match=r"server\.sign: .*21002.*check the key") as told:
            orders.wait(rows=1, seconds=60)
        assert "refused" == orders.state
        assert deals.wait(rows=1, seconds=60).state == "live"
        assert sandbox.key.access_id not in str(told.value) + repr(orders)
        assert secret not in str(told.value) + repr(orders)
    session.close()


def test_clock_that_was_set_is_measured_again(market):
    """The signature is refused, the clock measured, and the stream goes on as if nothing had been."""
    sandbox, price = market
    with cx.live.spot_orders() as stream:
        begun(stream)
        sandbox.clock.advance(3600)
        sandbox.sockets.drop()
        assert until(lambda: len(stream.gaps) == 1)
        wait_until_settled(stream)
        number = buy(price // 2)
        assert until(lambda: number in stream.latest.index)
        signs = [each.request for each in sandbox.sockets.received if each.request.get("method") == "server.sign"]
        assert 3 <= len(signs) < 10  # a busy machine may lose a connection once more
        assert stream.gaps["refilled"].all()


def test_accounts_do_not_see_each_other(market):
    """Each key has a connection of its own, and hears of its own account."""
    sandbox, price = market
    other = sandbox.signed(sandbox.add_key(sandbox.add_account("other", {"USDT": 5_000})))
    with cx.live.spot_orders() as mine, cx.live.spot_orders(session=other) as theirs:
        begun(mine, theirs)
        assert 2 == len(sandbox.sockets.connections)
        first, second = buy(price // 2), buy(price // 2, session=other)
        assert until(lambda: first in mine.latest.index and second in theirs.latest.index)
        assert [first] == list(mine.latest.index)
        assert [second] == list(theirs.latest.index)


def test_public_and_private_streams_share_a_connection(market):
    """One socket for one area and key; a session without a key has its own."""
    sandbox, _ = market
    with cx.live.spot_orders() as orders, cx.live.spot_deals("BTCUSDT") as deals, cx.live.spot_bbo("BTCUSDT") as bbo:
        begun(orders)
        deals.wait(rows=1, seconds=60)
        bbo.wait(rows=1, seconds=60)
        assert 1 == len(sandbox.sockets.connections)
        with cx.Session(sandbox.venue) as plain, cx.live.spot_deals("BTCUSDT", session=plain) as other:
            other.wait(rows=1, seconds=60)
            assert 2 == len(sandbox.sockets.connections)


def test_maintenances_are_told_and_announced(market):
    """Those that are known come first, then what is announced."""
    sandbox, _ = market
    with cx.live.spot_notices() as stream:
        begun(stream)
        assert ["snapshot"] == list(stream.df["event"])
        known = cx.maintenances()
        assert list(known["started_at"]) == list(stream.df["started_at"])
        sandbox.sockets.announce()
        assert until(lambda: "update" in set(stream.df["event"]) or stream.stats.duplicates)
        assert 1 == len(stream.latest)


def test_begins_where_pages_promise_more_for_ever(market):
    """A list of one order is read in two requests, so that the stream begins."""
    sandbox, price = market
    number = buy(price // 2)
    sandbox.faults.set("lying_has_next")
    before = sandbox.server.requests
    with cx.live.spot_orders() as stream:
        begun(stream)
        assert [number] == list(open_now(stream).index)
    assert 30 > sandbox.server.requests - before


def test_without_reconnect_the_stream_ends(market):
    """It is told, and the rows stay."""
    sandbox, price = market
    with cx.live.spot_orders(reconnect=False) as stream:
        begun(stream)
        buy(price // 2)
        stream.wait(rows=1, seconds=60)
        sandbox.sockets.drop()
        assert until(lambda: stream.state == "stopped")
        assert 1 == len(stream.df)


def test_rows_can_be_iterated_and_called_back(market):
    """Batches of a private stream are frames as its table is."""
    _, price = market
    seen = []
    with cx.live.spot_orders() as stream:
        begun(stream)
        end = stream.on_rows(seen.append)
        buy(price // 2)
        buy(price // 2 + 1)
        assert until(lambda: sum(map(len, seen)) == 2)
        end()
        assert list(stream.df) == list(seen[0])


def test_key_shows_nowhere(market, caplog):
    """Not in logs at DEBUG, not in a repr of what the package holds, not in what the sandbox keeps of requests."""
    from coinex_pandas.live.sockets import pool

    sandbox, price = market
    canaries = (sandbox.key.access_id, sandbox.key.secret_key)
    with caplog.at_level(logging.DEBUG), cx.live.spot_orders() as stream:
        begun(stream)
        buy(price // 2)
        stream.wait(rows=1, seconds=60)
        sandbox.sockets.drop()
        assert until(lambda: len(stream.gaps) == 1)
        wait_until_settled(stream)
        drivers = pool._pool.drivers
        shown = [caplog.text, repr(stream), repr(vars(stream)), repr(vars(stream._buffer)), repr(stream.df.attrs)]
        shown += [repr((vars(each), vars(each.connection), vars(each.connection._requests))) for each in drivers]
        shown += [repr(sandbox.sockets.received), repr(sandbox.sockets.sent), repr(sandbox.key)]
    assert [] == [text for text in shown for canary in canaries if canary in text]
