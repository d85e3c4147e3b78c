"""Tables of evidence show their texts whole, and change nothing else."""

import pickle

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.api.calls.evidence import Evidence
from coinex_pandas.live.stats import Gap, gaps_frame

SENTENCE = "the index price of this market is 41 days and 7 hours old; no market at all traded in the last 24 hours"


def table(sentence=SENTENCE):
    """Make a table of two markets and their evidence."""
    index = pd.Index(["DOGEUSDT", "PEPEUSDT"], name="market")
    return Evidence({"state": ["frozen", "live"], "because": [sentence, "traded"], "volume": [0.0, 4.5]}, index=index)


@pytest.mark.parametrize(
    "part",
    [
        table(),
        table()[["because"]],
        table()["because"],
        table().loc["DOGEUSDT"],
        table().query("state == 'frozen'").reset_index(),
    ],
)
def test_texts_are_whole(part):
    """In the table, in selected rows and columns, as text and as HTML."""
    assert SENTENCE in repr(part)
    if isinstance(part, pd.DataFrame):
        assert SENTENCE in part._repr_html_()


def test_columns_are_whole():
    """A terminal that is too narrow gets the columns one below the other; pandas would leave out the middle."""
    with pd.option_context("display.width", 60, "display.max_columns", 0):
        text = repr(table())
    assert all(name in text for name in ("state", "because", "volume"))


def test_another_choice_of_the_user_holds():
    """Whoever has chosen a width gets it; nobody's options change, and other frames are cut as ever."""
    with pd.option_context("display.max_colwidth", 20, "display.max_columns", 3):
        assert SENTENCE not in repr(table())
        assert 20 == pd.get_option("display.max_colwidth")
    before = (pd.get_option("display.max_colwidth"), pd.get_option("display.max_columns"))
    repr(table())
    table()._repr_html_()
    assert before == (pd.get_option("display.max_colwidth"), pd.get_option("display.max_columns"))
    assert SENTENCE not in repr(pd.DataFrame(table()))


def test_it_is_a_frame_like_any_other():
    """Notes, cells and dtypes survive pickling, selection and a way through a plain frame."""
    noted = table()
    noted.attrs["coinex"] = {"table": "freshness"}
    again = pickle.loads(pickle.dumps(noted))
    pd.testing.assert_frame_equal(noted, again)
    assert noted.attrs == again.attrs == noted[["state"]].attrs
    pd.testing.assert_frame_equal(pd.DataFrame(noted), pd.DataFrame(again))


def test_what_shows_its_texts_whole():
    """The states of markets, the checks of a session, the gaps of a stream, a request that is not sent."""
    with cx.sandbox(seed=11, now="2026-06-03 09:00", speed=0):
        states = cx.freshness("spot", "ETHUSDT")
        checks = cx.doctor(key_made="2026-05-01")
        unsent = cx.spot_place_order("ETHUSDT", "sell", "limit", amount="0.25", price="4100", dry_run=True)
    assert states["because"].item() in repr(states)
    assert all(text in repr(checks) for column in ("found", "advice") for text in checks[column])
    assert unsent["body"].item() in repr(unsent)
    assert SENTENCE in repr(gaps_frame([Gap("ETHUSDT", 1_780_000_000_000, SENTENCE, 3)]))
