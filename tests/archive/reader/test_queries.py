"""Queries by SQL, Arrow and Dask give what pandas gives, exactly where numbers are exact."""

import decimal

import pandas as pd
import pytest

import coinex_pandas as cx

pytestmark = pytest.mark.filterwarnings("ignore::coinex_pandas.IncompleteWarning")


def test_sums_by_sql_are_exact(captured):
    """To the last digit of the ledger, per currency."""
    table = captured.archive.table("spot_transactions", numbers="decimal")
    with decimal.localcontext(prec=60):
        expected = {str(ccy): sum(group, decimal.Decimal(0)) for ccy, group in table.groupby("ccy")["change"]}
    rows = captured.archive.sql("select ccy, sum(change) as change from spot_transactions group by ccy")
    assert expected == dict(zip(rows["ccy"], rows["change"], strict=True))
    assert {decimal.Decimal} == set(map(type, rows["change"]))


def test_times_of_sql_are_utc(captured):
    """In milliseconds, as everywhere."""
    rows = captured.archive.sql("select min(created_at) as first from spot_klines where period = '1day'")
    assert pd.DatetimeTZDtype("ms", "UTC") == rows["first"].dtype
    table = captured.archive.table("spot_klines")
    assert table.loc[table["period"] == "1day", "created_at"].min() == rows["first"].item()


def test_a_wrong_statement_is_an_error_of_ours(captured):
    """With the words of the database."""
    with pytest.raises(cx.InvalidArgument, match="cannot be run"):
        captured.archive.sql("select nothing from nowhere")


def test_dask_on_two_processes_is_pandas(captured):
    """Group-by, candles of a longer period, and funding joined to deals, on a cluster of two worker processes."""
    from distributed import Client, LocalCluster

    archive = captured.archive
    klines = archive.table("spot_klines")
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        lazy = archive.dask("spot_klines")
        lazy = lazy[lazy["period"] == "1hour"]
        closes = lazy.groupby("market", observed=True)["close"].max().compute()
        days = lazy[lazy["market"] == "BTCUSDT"].set_index("created_at")["volume"].resample("1D").sum().compute()
        funding = archive.dask("futures_funding_rate_history")[["market", "funding_time", "actual_funding_rate"]]
        deals = archive.dask("futures_user_deals")[["market", "created_at", "price"]]
        joined = deals.assign(market=deals["market"].astype(str)).merge(
            funding.assign(market=funding["market"].astype(str)), on="market"
        )
        count = len(joined.compute())
    hours = klines[klines["period"] == "1hour"]
    assert hours.groupby("market", observed=True)["close"].max().to_dict() == closes.to_dict()
    btc = hours[hours["market"] == "BTCUSDT"].set_index("created_at")
    assert btc["volume"].resample("1D").sum().to_numpy() == pytest.approx(days.to_numpy())
    own, rates = archive.table("futures_user_deals"), archive.table("futures_funding_rate_history")
    names = ["market"]
    assert len(own[names].astype("str").merge(rates[names].astype("str"), on="market")) == count
