"""The archive commands: what they print, and how they end."""

import pytest

import coinex_pandas as cx
from coinex_pandas.cli.main import main
from tests.golden import samples

pytestmark = pytest.mark.usefixtures("unpaced")


@pytest.fixture
def exchange(monkeypatch):
    """Return a sandbox whose key is in the environment."""
    with cx.sandbox(seed=7, now=samples.NOW, speed=0, limits=False) as running:
        monkeypatch.setenv("COINEX_ACCESS_ID", running.key.access_id)
        monkeypatch.setenv("COINEX_SECRET_KEY", running.key.secret_key)
        yield running


def test_an_account_is_captured_and_proved(exchange, tmp_path, capsys):
    """The first line says that it only reads; verify says in one line that all is whole, or that it is not."""
    path = tmp_path / "coinex"
    assert 0 == main(["archive", "account", str(path), "--venue", exchange.http, "--tables", "spot_transactions"])
    text = capsys.readouterr().out
    assert text.startswith("This only reads: nothing of the account can be changed")
    assert "3 tasks, 128 rows" in text
    assert 0 == main(["archive", "verify", str(path), "--deep"])
    assert capsys.readouterr().out.startswith("whole: ")
    segment = next((path / "data/raw").iterdir())
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    assert 1 == main(["archive", "verify", str(path)])
    shown = capsys.readouterr()
    assert shown.out.startswith("NOT whole: 1 file")
    assert segment.name in shown.err


def test_public_data_are_captured(exchange, tmp_path, capsys):
    """Chosen markets, periods and range; without a key."""
    arguments = ["--markets", "BTCUSDT", "--periods", "1day", "--start", "2026-05-20", "--venue", exchange.http]
    assert 0 == main(["archive", "public", str(tmp_path), *arguments, "--tables", "spot_klines,futures_klines"])
    assert "Is it whole?" in capsys.readouterr().out
    candles = cx.archive.open(tmp_path).table("spot_klines")
    assert {("BTCUSDT", "1day")} == set(zip(candles["market"], candles["period"], strict=True))


def test_a_statement_and_exports_are_written(exchange, tmp_path, capsys):
    """The statement as text here, or as a page; the ledger for other tools."""
    path = tmp_path / "coinex"
    tables = "spot_transactions,spot_balances"
    assert 0 == main(["archive", "account", str(path), "--venue", exchange.http, "--tables", tables])
    capsys.readouterr()
    assert 0 == main(["archive", "statement", str(path)])
    text = capsys.readouterr().out
    assert "USDT" in text
    assert "100000" in text.replace(",", "")
    page = tmp_path / "statement.html"
    assert 0 == main(["archive", "statement", str(path), "--html", str(page)])
    assert "<html" in page.read_text("utf-8")
    assert 0 == main(["archive", "export", str(path), "--format", "ledger", "--out", str(tmp_path / "out")])
    assert ["ledger.csv", "ledger.parquet"] == sorted(each.name for each in (tmp_path / "out").iterdir())
    assert 0 == main(["archive", "verify", str(path)])


@pytest.mark.parametrize("arguments", [["account", "x", "--markets", "A,,B"], ["verify", "nowhere"]])
def test_what_is_wrong_is_said_in_one_line(exchange, arguments, tmp_path, monkeypatch, capsys):
    """And the exit code is 1."""
    monkeypatch.chdir(tmp_path)
    assert 1 == main(["archive", *arguments])
    assert 1 == capsys.readouterr().err.count("\n")


def test_a_dry_run_writes_nothing(exchange, tmp_path, capsys):
    """It says how many requests, how long, and how much."""
    path = tmp_path / "coinex"
    assert 0 == main(["archive", "public", str(path), "--venue", exchange.http, "--dry-run", "--markets", "BTCUSDT"])
    shown = capsys.readouterr()
    assert "Nothing was written" in shown.out
    assert "minutes at the rate limits" in shown.out
    assert not path.exists()
