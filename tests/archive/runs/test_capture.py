"""Captures: only reads leave this machine, an interrupted one goes on, a later one asks for what is new."""

import numpy as np
import pandas as pd
import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.archive.collection.recorder import Recorder, Work, recorder_of
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.raw.records import line_of
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.runs.capture import capture
from coinex_pandas.archive.runs.progress import Progress
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")

SOME = ("spot_balances", "spot_transactions", "spot_user_deals", "spot_finished_orders", "futures_position_levels")


@pytest.fixture
def exchange():
    """Return a sandbox whose clock stands still."""
    with cx.sandbox(seed=11, now=samples.NOW, speed=0, limits=False) as running:
        yield running


def trade(exchange, times=3):
    """Have something happen."""
    for _ in range(times):
        cx.spot_place_order("ETHUSDT", "sell", "market", "0.25", ccy="ETH")
        exchange.clock.advance(60)


def reads(exchange):
    """Return which endpoints were asked, but for the clock."""
    return [name for _, name, _ in exchange.server.log if name != "server_time"]


def test_no_other_method_leaves(exchange):
    """Whatever calls it, and whatever the session was allowed before."""
    recorder = recorder_of(exchange.session, lambda _: None)
    recorder.begin(Work("1", "spot_place_order"))
    before = len(reads(exchange))
    with pytest.raises(cx.NotEnabled, match="only reads"):
        cx.spot_place_order("ETHUSDT", "sell", "market", "0.25", ccy="ETH", session=recorder)
    for method in ("POST", "PUT", "DELETE", "PATCH", "post", "OPTIONS"):
        with pytest.raises(cx.NotEnabled, match="only reads"):
            recorder.request(method, f"{exchange.http}/spot/order")
        with pytest.raises(cx.NotEnabled, match="only reads"):
            recorder.send(requests.Request(method, f"{exchange.http}/spot/order").prepare())
    assert before == len(reads(exchange))
    assert not recorder.trading
    assert isinstance(recorder, Recorder)


def test_an_account_needs_a_key(exchange, tmp_path):
    """Nothing is written then."""
    with pytest.raises(cx.KeyNeeded, match="session with a key"):
        capture(tmp_path / "a", "account", session=cx.Session(exchange.venue))
    assert not (tmp_path / "a").exists()


def test_a_later_capture_asks_for_what_is_new(exchange, tmp_path):
    """Balances once more, histories from a day before on, each row once."""
    trade(exchange)
    capture(tmp_path, "account", tables=SOME)
    exchange.clock.advance(5 * 86_400)
    trade(exchange, 2)
    coverage = capture(tmp_path, "account", tables=SOME)
    archive = open_archive(tmp_path)
    tasks = coverage[(coverage["table"] == "spot_transactions") & ~coverage["is_probe"]]
    first, second = tasks["from"]
    assert first is pd.NaT
    assert pd.Timestamp("2026-05-31 12:03", tz="UTC") == second
    for table in ("spot_transactions", "spot_user_deals", "spot_finished_orders"):
        live = getattr(cx, table)()
        mine = getattr(archive, table)()
        assert len(live)
        live.attrs, mine.attrs = {}, {}
        pd.testing.assert_frame_equal(live, mine, check_exact=True, obj=table)
    assert 2 == archive.table("spot_balances").groupby("ccy").size().max()
    assert verify(tmp_path, deep=True).empty


class Impatient(Progress):
    """Stops a capture after some tasks, as Ctrl-C does."""

    def __init__(self, tasks):
        super().__init__()
        self.left = tasks

    def __call__(self, task, end):
        """Count the ends."""
        super().__call__(task, end)
        self.left -= end is not None
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("tasks", [1, 6, 9])
def test_an_interrupted_capture_goes_on(exchange, tmp_path, tasks):
    """It asks for nothing that is stored already; the tables are those of one that was never interrupted."""
    trade(exchange)
    counts = [len(reads(exchange))]
    with pytest.raises(KeyboardInterrupt):
        capture(tmp_path / "a", "account", tables=SOME, connections=1, progress=Impatient(tasks))
    counts.append(len(reads(exchange)))
    capture(tmp_path / "a", "account", tables=SOME, connections=1)
    counts.append(len(reads(exchange)))
    capture(tmp_path / "b", "account", tables=SOME, connections=1)
    counts.append(len(reads(exchange)))
    first, rest, whole = np.diff(counts)
    assert first
    assert whole >= first + rest - 1  # the reply to one request can be under way when it is stopped
    resumed, plain = open_archive(tmp_path / "a"), open_archive(tmp_path / "b")
    assert plain.tables == resumed.tables
    for table in plain.tables:
        left, right = (archive.table(table).drop(columns=["captured_at", "record"]) for archive in (plain, resumed))
        left.attrs, right.attrs = {}, {}
        pd.testing.assert_frame_equal(left, right, check_exact=True, obj=table)
    assert 1 == len(set(resumed.coverage()["task"].str.partition(".")[0]))


def test_a_refusal_is_a_result(exchange, tmp_path):
    """It is noted with its code and words, and stops nothing else."""
    exchange.faults.set({"busy": 1.0})
    session = exchange.signed()
    session.retries = 0
    coverage = capture(tmp_path, "account", tables=("spot_balances", "maintenances"), session=session)
    assert {"refused"} == set(coverage["state"])
    assert coverage["reason"].str.contains("refused with code").all()
    assert coverage["code"].notna().all()


def test_a_closed_spot_area_is_told(exchange, tmp_path):
    """The probe asks about a market: the list of all would just be empty."""
    exchange.faults.set("closed_spot")
    coverage = capture(tmp_path, "public", tables=("spot_tickers", "futures_tickers"), session=exchange.signed())
    probe = coverage[coverage["is_probe"]].set_index("table")
    assert ("refused", 3639) == (probe.loc["spot_tickers", "state"], probe.loc["spot_tickers", "code"])
    assert "BTCUSDT" in probe.loc["spot_tickers", "reason"]
    assert "complete" == probe.loc["futures_tickers", "state"]


def test_addresses_can_be_left_out(lived_in, tmp_path):
    """Of deposits and withdrawals; all else of them is there."""
    session = lived_in.exchange.session
    capture(tmp_path, "account", tables=("deposits", "withdrawals"), redact_addresses=True, session=session)
    withdrawals = open_archive(tmp_path).withdrawals()
    assert len(withdrawals)
    assert {"redacted"} == set(withdrawals["to_address"].dropna()) == set(withdrawals["explorer_address_url"].dropna())
    assert withdrawals["amount"].notna().all()


def test_a_key_that_is_echoed_is_not_stored(exchange, requests_mock):
    """Neither the access id nor the signature, in a refusal of an endpoint of the account."""
    session = exchange.signed()
    records = []
    recorder = recorder_of(session, records.append)
    recorder.begin(Work("1", "spot_balances"))

    keys = []

    def echo(request, _context):
        keys.extend(str(request.headers[name]) for name in ("X-COINEX-KEY", "X-COINEX-SIGN"))
        return {"code": 4005, "data": {}, "message": f"signature {keys[1]} of {keys[0]} is wrong"}

    requests_mock.get(f"{exchange.http}/time", json={"code": 0, "data": {"timestamp": 1}, "message": "OK"})
    requests_mock.get(f"{exchange.http}/assets/spot/balance", json=echo)
    with pytest.raises(cx.NotAuthorized):
        cx.spot_balances(session=recorder)
    (record,) = [each for each in records if each.kind == "http"]
    assert b"signature *** of *** is wrong" in record.body
    assert all(len(key) > 20 and key.encode() not in line_of(record) for key in keys)
