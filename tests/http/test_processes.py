"""Processes that are started from here use the same venue as this one, without a key."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

import coinex_pandas as cx
from coinex_pandas.http.processes import _SETTING, inherited_venue, pass_on
from coinex_pandas.http.session import current

METHODS = [method for method in ("spawn", "forkserver", "fork") if method in multiprocessing.get_all_start_methods()]
CLOSED = "http://127.0.0.1:9"  # where nobody listens: a child that asked the live exchange would not get there
SCRIPT = """
import multiprocessing
import subprocess
import sys
import warnings

import coinex_pandas as cx
from coinex_pandas.http.session import current

warnings.simplefilter("ignore")  # newer Pythons warn of forking beside threads


def venue(_):
    return f"{current().venue.name} {current().venue.http} {type(current()).__name__}"


def grandchild(_):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.map(venue, [0])[0]


def trial(_):
    text = f"{venue(0)} {cx.ping()['result'].item()}"
    try:
        cx.spot_balances()
    except cx.KeyNeeded:
        text += ", no key"
    cx.use(cx.Venue("third", http="http://127.0.0.1:7/v2"))
    return f"{text}, {venue(0)}"


def in_child(work):
    with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
        return pool.map(work, [0])[0]


def in_program():
    words = [sys.executable, "-c", "from coinex_pandas.http.session import current; print(current().venue.name)"]
    return subprocess.run(words, capture_output=True, check=True, text=True).stdout.strip()


if __name__ == "__main__":
    print(in_child(venue))
    cx.use(cx.SignedSession("CANARYACCESS", "canarysecret", cx.Venue("first", http="http://127.0.0.1:8/v2")))
    print(in_child(venue), "/", in_program())
    with cx.sandbox(seed=5, now="2026-06-01 12:00", speed=0) as exchange:
        print(in_child(trial).replace(exchange.http, "ADDRESS"))
    cx.use(cx.LIVE)
    print(in_child(venue))
    cx.use(cx.Venue("last", http="http://127.0.0.1:6/v2"))
    print(grandchild(0))
"""


@pytest.mark.parametrize("method", METHODS)
def test_children_use_the_venue_of_their_parent(method, tmp_path):
    """The one that it uses at the moment when they start; a key stays where it is, and other programs begin at live."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    settings = os.environ | {"HTTPS_PROXY": CLOSED, "PYTHONPATH": str(Path(cx.__file__).parents[1])}
    run = subprocess.run(
        [sys.executable, str(script), method], capture_output=True, text=True, env=settings, timeout=300, check=False
    )
    session, without = ("SignedSession", "") if method == "fork" else ("Session", ", no key")
    expected = [
        "live https://api.coinex.com/v2 Session",
        f"first http://127.0.0.1:8/v2 {session} / live",
        f"sandbox ADDRESS {session} pong{without}, third http://127.0.0.1:7/v2 Session",
        "live https://api.coinex.com/v2 Session",
        "last http://127.0.0.1:6/v2 Session",
    ]
    assert expected == run.stdout.splitlines(), run.stderr


@pytest.fixture
def child(monkeypatch):
    """Return the settings of this process, which for a while is somebody's child that was told no venue."""
    process = multiprocessing.process
    monkeypatch.setattr(process, "parent_process", lambda: "somebody")
    monkeypatch.setattr("coinex_pandas.http.session._in_use.current", None)
    settings = dict(process.current_process()._config)
    monkeypatch.setattr(process.current_process(), "_config", settings)
    settings.pop(_SETTING, None)
    return settings


def test_a_password_is_not_passed_on(child):
    """A child of a process whose venue cannot be passed on says so; it asks neither that one nor the live exchange."""
    pass_on(cx.Venue("behind", http="https://me:CANARYSECRET@127.0.0.1/v2", ws="wss://me:CANARYSECRET@127.0.0.1/v2"))
    assert "CANARYSECRET" not in repr(child)
    with pytest.raises(cx.InvalidArgument, match=r"venue 'behind'.*cx\.use"):
        cx.ping()


def test_live_is_not_passed_on(child):
    """It is what a process uses by itself, and takes back what was passed on before."""
    pass_on(cx.Venue("mine", http="http://127.0.0.1:5/v2"))
    assert ("mine", "http://127.0.0.1:5/v2", "") == child[_SETTING]
    assert "mine" == current().venue.name
    pass_on(cx.LIVE)
    assert _SETTING not in child
    assert inherited_venue() is None


def test_a_process_of_its_own_inherits_nothing(child, monkeypatch):
    """What a process passes on is not meant for itself."""
    pass_on(cx.Venue("mine", http="http://127.0.0.1:5/v2"))
    monkeypatch.setattr(multiprocessing.process, "parent_process", lambda: None)
    assert cx.LIVE == current().venue
