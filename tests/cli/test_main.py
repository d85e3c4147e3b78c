"""The commands, run as a person runs them, and what README shows."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

import pytest
import requests

import coinex_pandas as cx
from coinex_pandas.cli.main import main
from coinex_pandas.plot.accessor import CoinexAccessor
from tests.paths import ROOT

COMMAND = [sys.executable, "-m", "coinex_pandas.cli"]
PLOTS = ("candles", "depth", "spread", "basis", "funding", "open_interest", "liquidations")
PNG = b"\x89PNG\r\n"


def test_the_demo_prints_tables_and_saves_plots(tmp_path: Path) -> None:
    """`coinex-pandas demo` shows tickers, ten bases, funding, a trade, saves every plot, and ends by itself."""
    done = subprocess.run(
        [*COMMAND, "demo", "--plots", str(tmp_path / "plots")], capture_output=True, text=True, timeout=200, check=True
    )
    assert "" == done.stderr
    for title in ("cx.futures_tickers()", "the ten widest bases", "funding extremes", "cx.freshness", "make lab"):
        assert title in done.stdout
    for title in ("futures_place_order", "cx.futures_positions()", "cx.futures_user_deals()", "profit after fees"):
        assert title in done.stdout
    bases = done.stdout.split("the ten widest bases")[1].split("funding extremes")[0]
    assert 10 == len(re.findall(r"^[A-Z]+USD", bases, re.MULTILINE))
    for name in PLOTS:
        assert (tmp_path / "plots" / f"{name}.png").read_bytes().startswith(PNG)


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let programs started here be interrupted: a test run in the background hands an ignored Ctrl-C down to them."""
    former = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, former)


@contextmanager
def served(*options: str) -> Iterator[str]:
    """Run `coinex-pandas sandbox`, give what it says, and interrupt it: it ends quietly."""
    command = [*COMMAND, "sandbox", "--port", "0", "--seed", "7", "--now", "2026-06-01 12:00", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        try:
            yield "".join(takewhile("Ctrl-C ends it.\n".__ne__, server.stdout))
        finally:
            server.send_signal(signal.SIGINT)
            _, errors = server.communicate(timeout=200)
    assert (130, "") == (server.returncode, errors)


@pytest.mark.usefixtures("interruptible")
def test_the_sandbox_command_serves_until_interrupted() -> None:
    """`coinex-pandas sandbox` says its address, answers there, and ends quietly on Ctrl-C."""
    with served("--fault", "busy=0.0") as output:
        address = re.search(r"http +(http://\S+)", output).group(1)
        with cx.Session(cx.Venue("command", http=address)) as session:
            assert "BTCUSDT" in cx.futures_tickers(session=session).index


@pytest.mark.usefixtures("interruptible")
def test_the_sandbox_command_opens_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `coinex-pandas sandbox` prints, typed in, is a session that trades with the balances asked for."""
    with served("--balance", "USDT=1000", "--balance", "BTC=0.5", "--no-limits") as output:
        for name, value in re.findall(r"export (\w+)=(\w+)", output):
            monkeypatch.setenv(name, value)
        with eval(re.search(r"cx.use\((cx.SignedSession.+)\)$", output, re.MULTILINE).group(1)) as session:
            assert {"BTC": 0.5, "USDT": 1000} == cx.spot_balances(session=session)["available"].to_dict()
            order = cx.spot_place_order("BTCUSDT", "sell", "limit", "0.1", "90000", session=session)
            assert [0.1] == order["unfilled_amount"].to_list()


@pytest.mark.parametrize(
    "arguments",
    [
        ["sandbox", "--fault", "nonsense"],
        ["sandbox", "--now", "yesterday-ish"],
        ["sandbox", "--speed", "-1"],
        ["sandbox", "--balance", "USDT"],
        ["sandbox", "--balance", "MUCH=1"],
    ],
)
def test_a_wrong_argument_is_explained(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A fault or time that does not exist ends the command with its name on stderr, not with a traceback."""
    assert 1 == main(arguments)
    assert arguments[-1].partition("=")[0] in capsys.readouterr().err


def readme_blocks(language: str) -> list[str]:
    """Return README's code blocks of a language."""
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.mark.outside
def test_readme_shows_what_its_session_prints(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """README's sessions, run as written, print the output beside them (digits aside)."""
    monkeypatch.chdir(tmp_path)
    for code, expected in zip(readme_blocks("python"), readme_blocks("text"), strict=True):
        exec(compile(code, "README.md", "exec"), {})
        printed = capsys.readouterr().out
        assert re.sub(r"[\s\d]+", "#", expected) == re.sub(r"[\s\d]+", "#", printed)


def test_readme_names_commands_that_exist() -> None:
    """Every `make` target that README names is in the Makefile."""
    targets = set(re.findall(r"make ([a-z]+)", (ROOT / "README.md").read_text()))
    rules = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {"demo", "test", "lab", "bench"} <= targets <= rules


def test_readme_names_functions_that_exist() -> None:
    """Every function, stream and plot in README's table of functions exists; shortened names are not looked at."""
    part = (ROOT / "README.md").read_text().split("## Functions")[1]
    table = re.findall(r"^\| (.+?) \| (.+) \|$", part, re.MULTILINE)
    rooms = {"streams": cx.live, "plots": cx.plot, "private streams": None, "into other tools": CoinexAccessor}
    count = 0
    for area, names in table:
        room = rooms.get(area.partition(" (")[0], cx)
        for name in re.findall(r"`(\w*[a-zA-Z])`", names) if room else ():
            assert hasattr(room, name), f"{area}: {name}"
            count += 1
    assert count > 100


def test_the_sandbox_is_reached_without_this_package() -> None:
    """Any program can ask a sandbox: the address and plain HTTP are enough."""
    with cx.sandbox(seed=1) as exchange:
        answer = requests.get(f"{exchange.http}/ping", timeout=60).json()
    assert {"code": 0, "data": {"result": "pong"}, "message": "OK"} == answer


def test_version_and_changes_agree() -> None:
    """The version in pyproject, in the package and at the head of CHANGELOG is one."""
    project = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE).group(1)
    changes = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE).group(1)
    assert (project, project) == (cx.__version__, changes)
