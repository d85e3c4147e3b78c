"""Candles that contradict themselves, each other or deals are found; those of a sandbox contradict nothing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import coinex_pandas as cx
from tests.archive.quality.conftest import FLAT, NOW, Archive, changed, found, reordered, stored
from tests.profiles import cases


@settings(max_examples=cases(3))
@given(seed=st.integers(0, 10**6), data=st.data())
def test_candles_of_any_sandbox_give_nothing(seed, data):
    """Any market and price, of several periods, each alone and together."""
    area = data.draw(st.sampled_from(["spot", "futures"]))
    price = data.draw(st.sampled_from(["latest_price", "mark_price", "index_price"])) if area == "futures" else None
    name, params = f"{area}_klines", {} if price is None else {"price_type": price}
    with cx.sandbox(seed=seed, now=NOW, speed=0, limits=False) as exchange:
        market = data.draw(st.sampled_from([*getattr(cx, f"{area}_markets")(session=exchange.session).index]))
        frames = {
            period: getattr(cx, name)(market, period, limit=150, session=exchange.session, **params)
            for period in ("1min", "15min", "1hour", "1day")
        }
    assert {period: [] for period in frames} == {period: found(frame) for period, frame in frames.items()}
    parts = [stored(frame, name, period=period, price_type=price) for period, frame in frames.items()]
    assert [] == found(Archive(**{name: pd.concat(parts, ignore_index=True)}))


@settings(max_examples=cases(40))
@given(data=st.data())
def test_candles_that_do_not_enclose_themselves(clean, data):
    """A high below, or a low above one of the others."""
    frame = clean[data.draw(st.sampled_from(["spot_klines", "futures_klines", "mark_klines"]))]
    row = data.draw(st.integers(0, len(frame) - 2))
    candle = frame.iloc[row]
    column, value = data.draw(
        st.sampled_from(
            [
                ("high", min(candle["open"], candle["close"]) * 0.99),
                ("low", max(candle["open"], candle["close"]) * 1.0005),
                ("open", candle["high"] * 1.0001),
                ("close", candle["low"] * 0.9999),
            ]
        )
    )
    assert {("candle", row, 1)} == {
        each for each in found(changed(frame, row, **{column: value})) if each[0] != "value"
    }


def test_volume_and_value_that_were_exchanged(clean):
    """As an answer of 2024 had them; on inverse markets nothing is known of the unit."""
    frame = clean["spot_klines"]
    row = frame.iloc[3]
    assert [("value", 3, 1)] == found(changed(frame, 3, volume=row["value"], value=row["volume"]))
    inverse = clean["futures_klines"]
    row = inverse.iloc[3]
    assert [] == found(changed(inverse, 3, volume=row["value"], value=row["volume"]))


@settings(max_examples=cases(30))
@given(start=st.integers(1, 150), length=st.integers(2, 40), still=st.sampled_from([12, 18, 36]))
def test_stretches_in_which_nothing_moves(clean, start, length, still):
    """No trade and one price, as long as `still`, or for 24 candles: this market stands still at no other time."""
    frame = clean["spot_klines"].iloc[:-1].copy()
    stop = min(start + length, len(frame))
    price = 12_345.5  # of no other candle
    frame.iloc[start:stop, frame.columns.get_indexer(["open", "close", "high", "low"])] = price
    frame.iloc[start:stop, frame.columns.get_indexer(["volume", "value"])] = 0.0
    frame.attrs = clean["spot_klines"].attrs
    lasts = stop - start - 1  # the first one has a price of its own
    expected = [("frozen", start + 1, lasts)] if lasts >= min(still, 24) else []
    assert expected == found(frame, still=f"{still}h")


@pytest.mark.parametrize("kind", ["lively", "still"])
def test_a_mark_price_stands_still_where_high_and_low_do(clean, kind):
    """It has no volume, and the same close twice in a row is chance."""
    frame = clean["mark_klines"].copy()
    price = frame["close"].iloc[49]
    frame.iloc[50:80, frame.columns.get_loc("close")] = price
    frame.iloc[50:80, frame.columns.get_loc("low")] = price
    frame.iloc[50:80, frame.columns.get_loc("high")] = price * (1.01 if kind == "lively" else 1)
    frame.iloc[50:80, frame.columns.get_loc("open")] = price
    frame.attrs = clean["mark_klines"].attrs
    assert ([] if kind == "lively" else [("frozen", 50, 30)]) == found(frame)


@pytest.mark.parametrize("column", ["open", "close", "high", "low", "volume"])
def test_candles_that_say_something_else_than_shorter_ones(tables, column):
    """Any of their figures, at the longer one."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][-5]
    way = {"high": 1.0001, "low": 0.9999, "volume": 1.0001}.get(column)
    candle = frame.loc[row]
    value = candle[column] * way if way else (candle["high"] + candle["low"]) / 2
    wrong = changed(frame, row, **{column: value})
    result = cx.quality(Archive(spot_klines=wrong))
    assert [("periods", candle["created_at"], row, 1)] == [*result[FLAT].itertuples(index=False, name=None)]
    assert f"{column} is" in result["detail"].item()


def test_the_candle_that_was_open_is_not_compared(tables):
    """It changed after it came."""
    frame = tables["spot_klines"]
    row = frame.index[frame["period"] == "1hour"][-1]
    assert cx.quality(Archive(spot_klines=changed(frame, row, volume=1e6, value=7.5e10))).empty


def test_candles_that_deals_contradict(tables):
    """A deal outside of a minute's low and high, or more of them than its volume; missing deals contradict nothing."""
    candles, deals = tables["spot_klines"], tables["spot_deals"]
    archive = Archive(spot_klines=candles, spot_deals=reordered(deals, [*range(0, len(deals), 3)]))
    assert cx.quality(archive).empty
    at = len(deals) // 2
    high = cx.quality(Archive(spot_klines=candles, spot_deals=changed(deals, at, price=deals["price"].max() * 1.5)))
    minute = deals["created_at"].iloc[at].floor("min")
    expected = {("deals", minute), ("deals", minute.floor("h"))}
    assert expected >= {*high[["check", "place"]].itertuples(index=False, name=None)} >= {("deals", minute)}
    much = cx.quality(Archive(spot_klines=candles, spot_deals=changed(deals, at, amount=1e6)))
    assert {"the deals in it are more than its volume"} == set(much["detail"])
