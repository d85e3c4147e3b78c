"""The exports of an account: every movement, every digit, sums that are its balances, no formulas."""

import csv
import random
from collections import defaultdict
from decimal import Decimal

import pyarrow.parquet as pq
import pytest

from coinex_pandas.archive.ledger.chain import EXACT, ZERO, total
from coinex_pandas.archive.ledger.exports import koinly, plain_ledger
from coinex_pandas.archive.ledger.exports.export import export
from coinex_pandas.archive.ledger.exports.files import defused, write_csv, write_parquet
from coinex_pandas.archive.ledger.figures import plain
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.simulator.engine.ledger import Purse
from tests.archive.ledger.account import lived
from tests.archive.ledger.stand_in import archive_of, sandbox_archive
from tests.profiles import times

T0 = 1_789_000_000_000


@pytest.fixture(scope="module")
def api():
    """Give the sandbox of an account."""
    return lived()


@pytest.fixture(scope="module")
def archive(api):
    """Give its archive, with candles."""
    archive = sandbox_archive(api)
    candles = api.exchange.answer("spot_klines", {"market": "BTCUSDT", "period": "1day", "limit": "10"}).data
    archive.tables["spot_klines"] = [row | {"_": {"period": "1day", "price_type": "latest_price"}} for row in candles]
    return archive


@pytest.fixture
def files(archive, tmp_path):
    """Give the files of all formats by name."""
    return {path.name: path for path in export(archive, tmp_path / "out")}


def read(path):
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def sums(rows, column="change", **where):
    """Return the sum of a column by currency."""
    found = defaultdict(Decimal)
    for row in rows:
        if all(row[name] == value for name, value in where.items()):
            found[row["ccy"]] = EXACT.add(found[row["ccy"]], Decimal(row[column]))
    return found


def test_the_spot_rows_add_up_to_the_balances(files, api):
    """And the balance beside the last row of each currency is that balance."""
    rows = read(files["ledger.csv"])
    for ccy, amount in sums(rows, area="SPOT").items():
        assert api.ledger.balance(Purse("me", "spot"), ccy) == amount
        last = [row for row in rows if (row["area"], row["ccy"]) == ("SPOT", ccy)][-1]
        assert amount == Decimal(last["balance"])


def test_the_futures_rows_add_up_to_what_the_account_holds(files, api):
    """Transfers, results, fees and funding, each once."""
    rows = read(files["ledger.csv"])
    purses = [purse for purse in api.ledger.purses("me") if purse.wallet.startswith("futures")]
    assert total(api.ledger.balance(purse, "USDT") for purse in purses) == sums(rows, area="FUTURES")["USDT"]
    assert {"transfers", "realized", "fees", "funding"} == {row["category"] for row in rows if row["area"] == "FUTURES"}


def test_each_row_has_its_value_rate_source_and_record(files):
    """Or says why there is no rate."""
    rows = read(files["ledger.csv"])
    for row in rows:
        assert row["rate_source"]
        assert row["record"] or row["category"] in ("opening", "unexplained")
        if row["rate"]:
            assert Decimal(row["value_usdt"]) == Decimal(row["change"]) * Decimal(row["rate"])
            assert row["rate_time"].endswith("Z")
    assert {"BTC", "USDT"} <= {row["ccy"] for row in rows if row["rate"]}
    assert {"no price of CET within a day was captured"} == {row["rate_source"] for row in rows if row["ccy"] == "CET"}


def test_csv_and_parquet_have_the_same_rows(files):
    """Texts are texts, times are times in UTC, with their milliseconds."""
    table = pq.read_table(files["ledger.parquet"])
    rows = read(files["ledger.csv"])
    assert list(plain_ledger.COLUMNS) == table.column_names == list(rows[0])
    for name in set(plain_ledger.COLUMNS) - {"time", "rate_time", "note"}:
        assert [row[name] for row in rows] == table[name].to_pylist()
    moments = [f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z" for at in table["time"].to_pylist()]
    assert [row["time"] for row in rows] == moments == sorted(moments)
    assert "timestamp[ms, tz=UTC]" == str(table.schema.field("time").type)


def test_a_deposit_has_its_transaction(files, archive):
    """As the exchange has it."""
    row = next(row for row in read(files["ledger.csv"]) if row["type"] == "deposit" and row["change"] == "750.5")
    told = archive.tables["deposits"][0]
    assert (told["tx_id"], told["to_address"]) == (row["tx_id"], row["address"])


def test_koinly_moves_what_the_ledger_moves(files):
    """Per currency, without transfers between own accounts; header, dates and labels as Koinly takes them."""
    rows = read(files["koinly.csv"])
    found = defaultdict(Decimal)
    for row in rows:
        for side, sign in (("Received", 1), ("Sent", -1), ("Fee", -1)):
            if row[f"{side} Amount"]:
                assert Decimal(row[f"{side} Amount"]) > 0
                found[row[f"{side} Currency"]] += sign * Decimal(row[f"{side} Amount"])
    expected = sums(row for row in read(files["ledger.csv"]) if row["type"] != "transfer")
    assert {ccy: amount for ccy, amount in expected.items() if amount} == {k: v for k, v in found.items() if v}
    assert list(koinly.COLUMNS) == list(rows[0])
    assert all(row["Date"].endswith(" UTC") and len(row["Date"]) == len("2026-06-01 12:00:00 UTC") for row in rows)
    assert {"", "cost", "margin fee", "margin loan", "realized gain"} == {row["Label"] for row in rows}
    trades = [row for row in rows if row["Sent Amount"] and row["Received Amount"]]
    assert {"BTC", "USDT"} == {row["Sent Currency"] for row in trades}
    assert all(row["Fee Amount"] for row in trades)


def test_breaks_are_rows_of_their_own(archive, tmp_path):
    """Labelled unexplained, in both files, and the sums stay right."""
    rows = [
        {"created_at": T0, "ccy": "BTC", "type": "deposit", "change": "1", "balance": "3"},
        {"created_at": T0 + 5, "ccy": "BTC", "type": "trade", "change": "-1", "balance": "6.5"},
    ]
    balances = [{"ccy": "BTC", "available": "6", "frozen": "0"}, {"ccy": "ETH", "available": "9", "frozen": "0"}]
    paths = export(archive_of(T0 + 9_000_000, spot_transactions=rows, spot_balances=balances), tmp_path)
    told = [(row["category"], row["ccy"], row["change"], row["balance"]) for row in read(paths[0])]
    assert [
        ("opening", "BTC", "2", "2"),
        ("deposits", "BTC", "1", "3"),
        ("unexplained", "BTC", "4.5", "7.5"),
        ("trades", "BTC", "-1", "6.5"),
        ("unexplained", "BTC", "-0.5", "6"),
        ("unexplained", "ETH", "9", "9"),
    ] == told
    described = [row["Description"] for row in read(paths[2]) if row["Description"].startswith("unexplained")]
    assert 3 == len(described)
    assert "between the deposit of" in described[0]


def test_a_row_without_a_figure_is_there_all_the_same(tmp_path):
    """It says what is missing; the change itself is the break that it leaves."""
    rows = [
        {"created_at": T0, "ccy": "BTC", "type": "deposit", "change": "1", "balance": "1"},
        {"created_at": T0 + 1, "ccy": "BTC", "type": "deposit", "change": "2", "balance": ""},
        {"created_at": T0 + 2, "ccy": "BTC", "type": "deposit", "change": "1", "balance": "4"},
    ]
    told = read(export(archive_of(spot_transactions=rows), tmp_path, ["ledger"])[0])
    assert ["deposits", "incomplete", "unexplained", "deposits"] == [row["category"] for row in told]
    assert "a figure is missing: change 2, balance " == told[1]["note"]
    assert ["1", "0", "2", "1"] == [row["change"] for row in told]


def test_without_the_ledger_its_parts_stand_for_it(archive, tmp_path):
    """Deposits, withdrawals, transfers and deals."""
    copy = archive_of(
        archive.at, **{name: archive.tables[name] for name in archive.tables if name != "spot_transactions"}
    )
    rows = read(export(copy, tmp_path, ["ledger"])[0])
    kinds = {row["type"] for row in rows if row["area"] == "SPOT"}
    assert {"deposit", "withdraw", "transfer", "trade", "fee"} == kinds


def test_swaps_of_one_moment_are_one_trade(tmp_path):
    """One currency went and another came."""
    row = {"created_at": T0, "type": "exchange_order_transfer"}
    rows = [
        {**row, "ccy": "BTC", "change": "-1", "balance": "0"},
        {**row, "ccy": "USDT", "change": "50000", "balance": "50000"},
        {"created_at": T0 - 1, "ccy": "BTC", "type": "deposit", "change": "1", "balance": "1"},
    ]
    lines = read(export(archive_of(spot_transactions=rows), tmp_path, ["koinly"])[0])
    assert [("1", "BTC", "50000", "USDT")] == [
        tuple(line[f"{side} {what}"] for side in ("Sent", "Received") for what in ("Amount", "Currency"))
        for line in lines
        if line["Sent Amount"]
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "\n@x", "\uff1d1", "%1", "|x"])
def test_texts_are_never_formulas(text, tmp_path):
    """In every column of texts, and what is harmless stays as it is."""
    row = {"created_at": T0, "ccy": text.strip(), "type": text.strip(), "change": "-1", "balance": "-1"}
    for path in export(archive_of(spot_transactions=[row]), tmp_path):
        if path.suffix == ".csv":
            for line in read(path):
                numbers = {*plain_ledger.NUMBERS, *koinly.NUMBERS}
                assert not any(
                    cell.strip()[:1] in tuple("=+-@\uff1d%|") and cell.strip()
                    for name, cell in line.items()
                    if name not in numbers and cell
                )
    assert f"'{text}" == defused(text)
    assert "rent" == defused("rent")


def test_decimals_come_back_the_same(tmp_path):
    """Up to 38 digits, from text over CSV and Parquet to text."""
    rng = random.Random(1)
    texts = []
    for _ in times(20_000):
        digits = str(rng.randrange(1, 10 ** rng.randrange(1, 39)))
        point = rng.randrange(len(digits) + 1)
        whole, part = digits[:point].lstrip("0") or "0", digits[point:].rstrip("0")
        texts.append(f"{rng.choice(('', '-'))}{whole}{'.' if part else ''}{part}")
    texts = [text for text in texts if Decimal(text) != ZERO]
    written = [plain(Decimal(text)) for text in texts]
    write_csv(tmp_path / "a.csv", ["number"], ([text] for text in written), ["number"])
    write_parquet(tmp_path / "a.parquet", {"number": written})
    assert texts == [row["number"] for row in read(tmp_path / "a.csv")]
    assert texts == pq.read_table(tmp_path / "a.parquet")["number"].to_pylist()


def test_an_unknown_format_is_refused(archive, tmp_path):
    """Nothing is written."""
    with pytest.raises(InvalidArgument, match="'xls' is none of ledger, koinly"):
        export(archive, tmp_path / "new", ["xls"])
    assert not (tmp_path / "new").exists()
    assert ["koinly.csv"] == [path.name for path in export(archive, tmp_path / "new", "koinly")]


def test_an_empty_archive_gives_empty_files(tmp_path):
    """With their headers."""
    paths = export(archive_of(), tmp_path)
    assert ",".join(plain_ledger.COLUMNS) + "\n" == paths[0].read_text("utf-8")
    assert list(plain_ledger.COLUMNS) == pq.read_table(paths[1]).column_names
    assert ",".join(koinly.COLUMNS) + "\n" == paths[2].read_text("utf-8")
