"""The package works however Python is started, and without the parts of the library that not every build has."""

import subprocess
import sys

import pytest

from tests.paths import ROOT

PROGRAM = """
import coinex_pandas as cx
with cx.sandbox(seed=11, now="2026-06-01 12:00", speed=60):
    candles = cx.futures_klines("ETHUSDT", "1min", limit=9)
    orders = cx.spot_place_order("BTCUSDT", "buy", "limit", "0.01", "60000")
    with cx.live.spot_deals("ETHUSDT") as stream:
        stream.wait(rows=3, seconds=600)
        deals = stream.df
print(len(candles), len(orders), min(len(deals), 3), len(candles.columns), len(deals.columns))
"""
EXPECTED = "9 1 3 7 6"
"""Rows of each table, and the columns: none is lost where annotations, docstrings or asserts are kept another way."""
RARE = ("ctypes", "_ctypes", "_sqlite3", "_lzma", "_bz2", "_uuid", "readline", "_curses")


def printed(*options, program=PROGRAM):
    """Return what a program prints in an interpreter with options."""
    command = [sys.executable, *options, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout.strip()


@pytest.mark.parametrize(
    "options",
    [("-O",), ("-OO",), ("-W", "error"), ("-X", "dev", "-W", "error"), ("-bb",)],
    ids=" ".join,
)
def test_options_of_the_interpreter_change_nothing(options):
    """Without asserts and docstrings, with warnings as errors, in development mode the same comes out."""
    assert EXPECTED == printed(*options)


def test_parts_that_a_build_may_lack_are_not_needed():
    """What not every build of Python has is needed by pandas at most, which imports ctypes itself."""
    blocked = f"import sys, pandas\nsys.modules |= dict.fromkeys({RARE!r})\n"
    assert EXPECTED == printed(program=blocked + PROGRAM)
