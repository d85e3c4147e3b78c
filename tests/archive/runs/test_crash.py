"""Whatever ends a capture, the archive is whole as far as it goes, and the next one goes on from there."""

import os
import random
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.runs.capture import capture
from coinex_pandas.http.pacing import Pacer, Turn
from tests.golden import samples
from tests.profiles import times

TABLES = ("spot_balances", "spot_transactions", "spot_finished_orders", "referees", "agent_rebate_details")
CHILD = """
import sys, time
import coinex_pandas as cx
from coinex_pandas.http.pacing import Pacer, Turn
Pacer.wait = lambda self, units=1: Turn(0.0, units)
cx.options.progress = False
venue = cx.Venue(sys.argv[4], http=sys.argv[1])
print("ready", flush=True)
cx.archive.capture(sys.argv[2], "account", tables=sys.argv[3].split(","), session=cx.SignedSession.from_env(venue))
"""
HARMLESS = {"extra"}
"""What a killed process may leave: files that the manifest does not speak of yet; the next writer removes them."""


@pytest.fixture(scope="module")
def exchange():
    """Return a sandbox in which something happened."""
    with cx.sandbox(seed=7, now=samples.NOW, speed=0, limits=False) as running:
        for _ in range(5):
            cx.spot_place_order("ETHUSDT", "sell", "market", "0.25", ccy="ETH")
            running.clock.advance(60)
        yield running


@pytest.fixture(scope="module")
def whole(exchange, tmp_path_factory):
    """Return the tables of a capture that nothing has ended."""
    path = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pacer, "wait", lambda _, units=1: Turn(0.0, units))
        begin = time.monotonic()
        capture(path, "account", tables=TABLES, session=exchange.session)
        return tables_of(path), time.monotonic() - begin


def tables_of(path):
    """Return all rows of an archive, but for what each capture has of its own."""
    archive = open_archive(path)
    frames = {name: archive.table(name).drop(columns=["captured_at", "record"]) for name in archive.tables}
    for name in {*frames} - {"spot_transactions"}:  # of which equal rows may stand at one time
        # Where the capture was over before it was killed, the other one has taken all of this once more.
        frames[name] = frames[name].astype("str").drop_duplicates(ignore_index=True)
    for frame in frames.values():
        frame.attrs = {}
    return frames


@pytest.mark.usefixtures("unpaced")
@pytest.mark.parametrize("seed", times(6))
def test_a_killed_capture_goes_on(exchange, whole, tmp_path, seed):
    """At a random moment: nothing of what is in the manifest is wrong, nothing comes twice, and nothing is lost."""
    expected, seconds = whole
    environment = os.environ | {
        "COINEX_ACCESS_ID": exchange.key.access_id,
        "COINEX_SECRET_KEY": exchange.key.secret_key,
    }
    arguments = [sys.executable, "-c", CHILD, exchange.http, str(tmp_path), ",".join(TABLES), exchange.venue.name]
    with subprocess.Popen(arguments, env=environment, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(random.Random(seed).uniform(0, 1.1 * seconds))
        child.send_signal(signal.SIGKILL)
    if (tmp_path / "bagit.txt").exists():
        assert set(verify(tmp_path, deep=True)["problem"]) <= HARMLESS
    capture(tmp_path, "account", tables=TABLES, session=exchange.session)
    assert verify(tmp_path, deep=True).empty
    resumed = tables_of(tmp_path)
    assert expected.keys() == resumed.keys()
    for name, frame in expected.items():
        pd.testing.assert_frame_equal(frame, resumed[name], check_exact=True, obj=name)
