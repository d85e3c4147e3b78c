"""What single plots promise beyond the common rules."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from coinex_pandas import plot
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.plot.drawing import palette
from tests.plot import frames

pytestmark = pytest.mark.sweep


def bar_names(ax):
    """Names on the y axis, from the top."""
    return [label.get_text() for label in ax.get_yticklabels()]


def legend_texts(ax):
    """Entries of the legend."""
    return [text.get_text() for text in ax.get_legend().get_texts()]


def test_ten_thousand_candles_are_three_collections():
    """However many candles there are, wicks, bodies and volume are one artist each."""
    ax = plot.candles(frames.klines(10_000))
    assert ["LineCollection", "PolyCollection", "PolyCollection"] == sorted(type(c).__name__ for c in ax.collections)
    assert [10_000] * 3 == [len(collection.get_paths()) for collection in ax.collections]


def test_candles_without_volume_have_no_band():
    """volume=False draws wicks and bodies only, and needs no volume column."""
    ax = plot.candles(frames.klines().drop(columns="volume"), volume=False)
    assert 2 == len(ax.collections)
    assert not ax.texts


def test_candle_spans_its_prices():
    """A body reaches from open to close, a wick from low to high, and the colours follow the direction."""
    frame = frames.klines(2).assign(open=[10.0, 20.0], close=[20.0, 10.0], high=25.0, low=5.0)
    ax = plot.candles(frame, volume=False)
    wicks = next(c for c in ax.collections if isinstance(c, LineCollection))
    bodies = next(c for c in ax.collections if isinstance(c, PolyCollection))
    assert [(5.0, 25.0)] * 2 == [tuple(path.vertices[:, 1]) for path in wicks.get_paths()]
    assert [(10.0, 20.0)] * 2 == [(p.vertices[:, 1].min(), p.vertices[:, 1].max()) for p in bodies.get_paths()]
    assert [True, False] == [
        bool(np.allclose(c, palette.LIGHT.signs(np.array([True]))[0])) for c in bodies.get_facecolor()
    ]


def test_candles_with_a_missing_price_are_left_out():
    """A row without a close is no candle."""
    frame = frames.klines(5)
    frame.iloc[2, frame.columns.get_loc("close")] = np.nan
    assert 4 == len(plot.candles(frame).collections[0].get_paths())


def test_of_two_candles_at_one_time_the_last_is_drawn():
    """Rows that came twice, as in joined histories, do not lie on each other."""
    frame = frames.klines(6)
    again = pd.concat([frame, frame.tail(2).assign(high=99_000.0)])
    assert [6] * 3 == [len(collection.get_paths()) for collection in plot.candles(again).collections]
    wicks = next(c for c in plot.candles(again).collections if isinstance(c, LineCollection))
    assert 99_000.0 == wicks.get_paths()[-1].vertices[:, 1].max()


def test_candles_of_several_markets_are_refused():
    """Two markets in one frame would lie upon each other."""
    with pytest.raises(InvalidArgument, match="2"):
        plot.candles(pd.concat([frames.klines(), frames.klines(market="ETHUSDT")]))


def test_title_of_candles_follows_the_rows():
    """Resampled candles are named by their own period, not by that of the request."""
    assert "BTCUSDT · 1hour" == plot.candles(frames.klines()).get_title("left")
    assert "BTCUSDT · 2hour" == plot.candles(frames.klines().iloc[::2]).get_title("left")


def test_later_drawings_still_scale_the_axes():
    """The caller can add a line to the candles and see all of it, whatever room a note needs."""
    frame = frames.klines()
    frame.attrs["coinex"]["freshness"] = {"state": "frozen"}
    ax = plot.candles(frame)
    ax.plot(frame.index, frame["close"] * 2)
    assert ax.get_ylim()[1] > 2 * frame["close"].max()
    assert ax.get_xlim()[1] - ax.get_xlim()[0] < 3


def test_tiny_prices_have_no_exponent():
    """A price of 1.5e-7 reads as a plain number on the axis."""
    ax = plot.candles(frames.klines(market="ELONUSDT", price=1.5e-7))
    ax.figure.canvas.draw()
    labels = [label.get_text() for label in ax.get_yticklabels() if label.get_text()]
    assert all(label.startswith(("0.00000015", "0.00000014")) for label in labels)
    assert len(labels) == len(set(labels))


def test_depth_tells_spread_and_mid():
    """The title gives the spread absolute and in basis points; amounts add up from the best price outwards."""
    ax = plot.depth(frames.depth())
    assert "BTCUSDT · spread 1 USDT (100.00 bp)" == ax.get_title("left")
    assert ["bids", "asks", "mid 100"] == legend_texts(ax)
    assert [0, 2, 4, 6, 8, 10, 10] == ax.lines[0].get_ydata().tolist()
    assert "2026-05-28 20:26:40 UTC" in ax.get_xlabel()


@pytest.mark.parametrize(("bids", "asks", "words"), [(3, 0, "no asks"), (0, 3, "no bids"), (1, 0, "no asks")])
def test_a_book_of_one_side_says_so(bids, asks, words):
    """Without a counterpart there is no spread and no mid."""
    ax = plot.depth(frames.depth(bids, asks))
    ax.figure.canvas.draw()
    assert words in ax.get_title("left")
    assert not any("mid" in text for text in legend_texts(ax))


def test_the_market_of_a_live_book():
    """A stream notes its markets as a list: of one market it is the market, with its units."""
    book = frames.depth()
    book.attrs["coinex"]["request"] = {"params": {"market": ["LTCUSDC"]}}
    ax = plot.depth(book)
    assert ax.get_title("left").startswith("LTCUSDC · spread 1 USDC")
    assert ax.get_xlabel().startswith("price (USDC)")
    assert "cumulative amount (LTC)" == ax.get_ylabel()
    book.attrs["coinex"]["request"]["params"]["market"] = ["LTCUSDC", "LTCUSDT"]
    assert plot.depth(book).get_title("left").startswith("spread 1 (")


def test_two_books_in_one_frame_are_refused():
    """Their amounts would be added up."""
    with pytest.raises(InvalidArgument, match="one order book"):
        plot.depth(pd.concat([frames.depth(), frames.depth(middle=104.0)]))


def test_an_unverified_book_is_marked():
    """A live book that does not fit its checksum is drawn with a note that says so."""
    book = frames.depth()
    book.attrs["coinex"]["freshness"] = {"state": "unverified", "because": "the checksum does not fit"}
    assert "unverified: the checksum does not fit" == plot.depth(book).texts[-1].get_text()


def test_a_crossed_book_is_called_crossed():
    """A bid above the ask is not shown as a spread."""
    book = frames.depth()
    book.loc[("bid", 1), "price"] = 101.0
    assert "crossed by" in plot.depth(book).get_title("left")


def test_spread_joins_common_times():
    """Only times of both prices are drawn; below is a - b, once, with a second scale in basis points of b."""
    a = pd.Series([101.0, 102.0, 103.0], index=frames.moments(3, "h", None), name="a")
    b = pd.Series([50.0, 50.0], index=frames.moments(3, "h", None)[1:], name="b")
    upper, lower = plot.spread(a, b)
    upper.figure.canvas.draw()
    (right,) = lower.child_axes
    assert [52.0, 53.0] == lower.lines[0].get_ydata().tolist()
    assert [200 * end for end in lower.get_ylim()] == pytest.approx(right.get_ylim())
    assert "difference (bp) of 50" == right.get_ylabel()
    assert "UTC" in lower.get_xlabel()


def test_spread_names_spot_and_futures():
    """One market from two tables is told apart by the area."""
    upper, _ = plot.spread(frames.klines(), frames.klines(table="spot_klines"))
    assert ["BTCUSDT futures", "BTCUSDT spot"] == legend_texts(upper)
    upper, _ = plot.spread(frames.klines(), frames.klines(), labels=("one", "two"))
    assert ["one", "two"] == legend_texts(upper)


def drawn_lines(panels):
    """Return the heights of all lines over time, each moved and stretched to reach from 0 to 1."""
    axes = [ax for ax in panels[0].figure.axes if ax.lines]
    heights = [line.get_ydata() for ax in axes for line in ax.lines if len(line.get_ydata()) > 2]
    return [tuple(np.round((each - each.min()) / np.ptp(each), 9)) for each in heights]


def test_spread_draws_no_line_twice():
    """The two prices and their difference: three lines, of which no two have the same course."""
    rising = pd.Series(np.arange(50.0) ** 1.5 + 900, index=frames.moments(50, "h", None))
    lines = drawn_lines(plot.spread(frames.klines(price=1_000.0), rising))
    assert 3 == len(lines) == len(set(lines))


def test_spread_names_the_market():
    """Whatever the two prices are called, the title says of which market they are."""
    near, far = frames.klines(market="DOTUSDT"), frames.klines(market="DOTUSDC", table="spot_klines")
    assert "DOTUSDT · mine against yours" == plot.spread(near, near, labels=("mine", "yours"))[0].get_title("left")
    assert "DOTUSDT, DOTUSDC · mine against yours" == plot.spread(near, far, labels=("mine", "yours"))[0].get_title(
        "left"
    )
    assert "DOTUSDT against DOTUSDC" == plot.spread(near, far)[0].get_title("left")
    assert "DOTUSDT · mine against DOTUSDT" == plot.spread(near, near, labels=("mine", "DOTUSDT"))[0].get_title("left")


def test_spread_draws_on_two_axes_of_the_caller():
    """axes= takes two, and refuses another number."""
    mine = Figure().subplots(2, 1)
    assert list(mine) == list(plot.spread(frames.klines(), frames.klines(), axes=mine))
    assert all(ax.has_data() for ax in mine)
    with pytest.raises(InvalidArgument, match="2 Axes, not 3"):
        plot.spread(frames.klines(), frames.klines(), axes=Figure().subplots(3, 1))


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (frames.klines(5), frames.klines(20).iloc[10:], "no common times"),
        (frames.klines(0), frames.klines(5), "no data"),
        (pd.Series(dtype="float64"), frames.klines(5), "no data"),
    ],
)
def test_spread_of_nothing_says_so(a, b, words):
    """Without a common time there is nothing to compare."""
    upper, lower = plot.spread(a, b)
    upper.figure.canvas.draw()
    assert [words] == [text.get_text() for text in upper.texts]
    assert not lower.has_data()


def test_spread_notes_either_stale_frame():
    """A frozen b is as bad as a frozen a."""
    b = frames.klines()
    b.attrs["coinex"]["freshness"] = {"state": "frozen"}
    assert any("frozen" in text.get_text() for text in plot.spread(frames.klines(), b)[0].texts)


def test_spread_refuses_prices_without_times():
    """A Series numbered from 0 has no times to join."""
    with pytest.raises(InvalidArgument, match="indexed by time"):
        plot.spread(pd.Series([1.0]), frames.klines())


def test_basis_bars_are_the_widest():
    """The widest markets are chosen, and their basis is measured from the index in basis points."""
    ax = plot.basis(frames.tickers(30), top=3)
    assert ["COIN29USDT", "COIN28USDT", "COIN27USDT"] == bar_names(ax)
    assert [29.0, 28.0, 27.0] == pytest.approx([bar.get_width() for bar in ax.patches])
    assert [87.0] == pytest.approx(
        [bar.get_width() for bar in plot.basis(frames.tickers(), top=1, price="last").patches]
    )


def test_basis_lines_are_one_for_each_market():
    """Histories of several markets become lines in basis points, eight at most."""
    ax = plot.basis(frames.basis_history())
    assert 19.0 == pytest.approx(ax.lines[0].get_ydata().max())
    many = plot.basis(pd.concat([frames.basis_history(market=f"C{n}USDT") for n in range(10)]))
    assert 8 == len(legend_texts(many))
    assert "8 of 10 markets" in many.get_title("left")


def test_premium_index_is_a_basis_too():
    """A premium index history is drawn under its own name."""
    assert "premium index (bp)" == plot.basis(frames.basis_history(column="premium_index")).get_ylabel()


def test_funding_shows_both_ends():
    """Of many markets the highest and the lowest are shown, odd intervals named, the next rate marked."""
    ax = plot.funding(frames.funding_rates(30), top=4)
    assert ["COIN29USDT (4 h)", "COIN28USDT", "BTCUSD", "COIN0USDT"] == bar_names(ax)
    assert 0.07 == pytest.approx(ax.patches[0].get_width())
    assert 0.077 == pytest.approx(ax.collections[0].get_offsets()[0][0])


def test_funding_bars_are_coloured_by_sign():
    """Rates above zero and below are told apart by colour."""
    ax = plot.funding(frames.funding_history())
    bars = next(c for c in ax.collections if isinstance(c, PolyCollection))
    assert 2 == len(np.unique(bars.get_facecolor(), axis=0))
    assert ["theoretical rate"] == legend_texts(ax)


def test_open_interest_of_inverse_markets_is_counted_in_usd():
    """Linear: volume times mark price. Inverse, by table or by name: the volume itself."""
    tickers = frames.tickers(2)
    assert [100_000.0, 2_000.0] == [bar.get_width() for bar in plot.open_interest(tickers).patches]
    types = pd.DataFrame({"contract_type": ["inverse", "linear"]}, index=tickers.index)
    ax = plot.open_interest(tickers, types)
    assert ["BTCUSD", "COIN0USDT"] == bar_names(ax)
    assert [200_020.0, 1_000.0] == pytest.approx([bar.get_width() for bar in ax.patches])


def test_open_interest_says_what_it_assumes():
    """Only where a name decided, the axis tells so."""
    types = pd.DataFrame({"contract_type": ["linear", "inverse"]}, index=frames.market_names(2))
    assert "taken as inverse" in plot.open_interest(frames.tickers(2)).get_xlabel()
    assert "taken as inverse" not in plot.open_interest(frames.tickers(2), types).get_xlabel()


def test_open_interest_over_time_takes_every_form():
    """A dict, a list and a long frame of the same tickers draw the same lines."""
    first, second = frames.tickers(3), frames.tickers(3, fetched_at="2026-03-01T01:00:00Z")
    stamps = [pd.Timestamp(frame.attrs["coinex"]["fetched_at"]) for frame in (first, second)]
    long = pd.concat([frame.assign(fetched_at=at) for frame, at in zip((first, second), stamps, strict=True)])
    forms = [dict(zip(stamps, (first, second), strict=True)), [first, second], long]
    lines = [[line.get_xydata().tolist() for line in plot.open_interest(form).lines[:3]] for form in forms]
    assert lines[0] == lines[1] == lines[2]
    assert ["COIN2USDT", "COIN0USDT", "BTCUSD"] == legend_texts(plot.open_interest(forms[0]))


def test_open_interest_needs_a_time_for_each_frame():
    """A list of frames without fetched_at is refused with the way out."""
    bare = frames.tickers()
    bare.attrs.clear()
    with pytest.raises(InvalidArgument, match="fetched_at"):
        plot.open_interest([bare])


def test_many_stale_snapshots_share_three_lines():
    """A hundred reasons do not cover the plot."""
    several = [frames.tickers(2, fetched_at=f"2026-03-01T00:{minute:02}:00Z") for minute in range(9)]
    for minute, tickers in enumerate(several):
        tickers.attrs["coinex"]["freshness"] = {"state": "frozen", "because": f"since {minute} minutes"}
    words = plot.open_interest(several).texts[0].get_text().splitlines()
    assert ["frozen: since 0 minutes", "frozen: since 1 minutes", "and 7 more"] == words


@pytest.mark.parametrize("several", [{}, []])
def test_open_interest_of_no_snapshots_says_so(several):
    """Nothing in, "no data" out."""
    assert "no data" == plot.open_interest(several).texts[0].get_text()


def test_open_interest_on_a_log_scale_leaves_zeros_out():
    """A market without open interest has no place on a logarithmic axis."""
    tickers = frames.tickers(3)
    tickers.iloc[0, tickers.columns.get_loc("open_interest_volume")] = 0.0
    ax = plot.open_interest(tickers, log=True)
    assert "log" == ax.get_xscale()
    assert ["COIN2USDT", "BTCUSD"] == bar_names(ax)


def test_liquidations_sum_each_side():
    """The legend counts longs and shorts and sums their worth in quote currency."""
    ax = plot.liquidations(frames.liquidations(4))
    assert ["long: 2 · 4k USDT", "short: 2 · 6k USDT"] == legend_texts(ax)
    inverse = plot.liquidations(frames.liquidations(4, market="BTCUSD"))
    assert ["long: 2 · 4 USD", "short: 2 · 6 USD"] == legend_texts(inverse)


def test_a_larger_liquidation_is_a_larger_mark():
    """The area of a mark grows with the worth."""
    sizes = plot.liquidations(frames.liquidations(6)).collections[0].get_sizes()
    assert sorted(sizes) == list(sizes)
    assert sizes[-1] > 2 * sizes[0]
