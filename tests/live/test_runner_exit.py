"""The same in a script and in a kernel, and nothing is left behind at the end of either."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from collections.abc import Iterator

import psutil
import pytest
from jupyter_client.manager import KernelManager, start_new_kernel

SCRIPT = """
import coinex_pandas as cx
exchange = cx.sandbox(seed=7, speed=1000.0)
cx.use(exchange)
stream = cx.live.futures_deals("BTCUSDT").wait(rows=20, seconds=60)
book = cx.live.futures_depth("BTCUSDT").wait(rows=1, seconds=60)
stream.on_rows(lambda batch: None)
view = stream.watch()
assert "futures_deals" in repr(view)
frame = stream.df
"""


NO_STOPWATCH = """
import logging
logging.getLogger("asyncio").setLevel(logging.ERROR)  # asyncio's debug mode complains of each slow step
"""


def ended(code: str) -> subprocess.CompletedProcess[str]:
    """Return how a script ends whose every warning is an error."""
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", textwrap.dedent(NO_STOPWATCH + code)]
    return subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)


@pytest.mark.parametrize("last", ["", "stream.stop(); book.stop()", "exchange.close()", "import sys; sys.exit(0)"])
def test_a_script_ends_without_a_word(last):
    """Whether or not streams were stopped, the interpreter ends by itself, without output or warning."""
    done = ended(SCRIPT + last)
    assert (0, "", "") == (done.returncode, done.stdout, done.stderr)


def test_a_script_that_fails_shows_its_own_error_only():
    """An error in the script is all that is shown at the end."""
    done = ended(SCRIPT + "raise LookupError('mine')")
    assert 1 == done.returncode
    assert done.stderr.strip().endswith("LookupError: mine")
    assert 1 == done.stderr.count("Traceback")


def test_a_fork_starts_anew():
    """A forked child has no thread of its parent's; a stream made there works."""
    code = """
    import os, warnings
    warnings.simplefilter("ignore")  # newer Pythons warn of forking beside threads, which is what is tried here
    import coinex_pandas as cx
    exchange = cx.sandbox(seed=7)
    cx.use(exchange)
    stream = cx.live.futures_deals("BTCUSDT").wait(rows=1, seconds=60)
    child = os.fork()
    if child == 0:
        session = cx.Session(exchange.venue)
        with cx.live.futures_deals("ETHUSDT", session=session) as mine:
            mine.wait(rows=1, seconds=60)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, status
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], timeout=200, check=False, capture_output=True)
    assert (0, b"") == (done.returncode, done.stderr)


@pytest.fixture
def kernel() -> Iterator[tuple[KernelManager, object]]:
    """Give a fresh kernel."""
    manager, client = start_new_kernel(startup_timeout=600, kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


# pyzmq and jupyter_client leave their own sockets and loops to the garbage collector
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_kernel_streams_while_a_cell_is_busy_and_restarts_clean(kernel):
    """A cell that blocks the kernel loses no row; after a restart neither sockets nor threads are left."""
    manager, client = kernel
    assert "ok" == run(client, SCRIPT)
    busy = """
    import time
    before = stream.stats.rows
    while stream.stats.rows < before + 100:
        time.sleep(0.01)
    exchange.clock.freeze()
    """
    assert "ok" == run(client, textwrap.dedent(busy))
    check = """
    listed = cx.futures_deals("BTCUSDT", limit=1000)["deal_id"]
    mine = stream.df["deal_id"]
    assert listed[listed.between(mine.iloc[0], mine.iloc[-1])].to_list() == mine.to_list()
    assert stream.stats.reconnects == 0
    """
    assert "ok" == run(client, textwrap.dedent(check))
    process = psutil.Process(manager.provisioner.pid)
    assert any(each.status == "ESTABLISHED" for each in process.net_connections())
    manager.restart_kernel(now=False)
    client.wait_for_ready(timeout=600)
    assert "ok" == run(
        client, "import threading; assert len([t for t in threading.enumerate() if 'coinex' in t.name]) == 0"
    )
    assert "ok" == run(client, SCRIPT)


def run(client: object, code: str) -> str:
    """Return how a cell ended, with its error if it did not end well."""
    reply = client.execute_interactive(code, timeout=200, output_hook=lambda _message: None)["content"]
    return reply["status"] if reply["status"] == "ok" else f"{reply['ename']}: {reply['evalue']}"
