"""A docstring is completed by what functions share; a twin's says only what differs from its model's."""

from __future__ import annotations

import pytest

from coinex_pandas.http.docstrings import completed, renamed


def spot_orders(market: str, kind: str):
    """Return spot orders.

    Those of `spot_orders`.

    Parameters
    ----------
    kind : str
        Which spot-orders.

    Raises
    ------
    NotFound
        No spot order.

    Examples
    --------
    >>> cx.spot_orders("BTCUSDT")
    """


def futures_orders(market: str, kind: str):
    """Return futures orders."""


def futures_other_orders(market: str):
    """Return others.

    In their own words.

    Raises
    ------
    NotFound
        None of them.
    """


COMPLETED = """\
Return spot orders.

Those of `spot_orders`.

Parameters
----------
market : str
    The market, such as ``"BTCUSDT"``.
kind : str
    Which spot-orders.

Raises
------
NotFound
    No spot order.
UnknownMarket
    The exchange does not know the market, or no longer does.
CoinExError
    No answer, another refusal, or an unexpected answer.

Examples
--------
>>> cx.spot_orders("BTCUSDT")"""


def test_shared_parameters_and_errors_are_added():
    """In the order of the signature, and in the sections' usual order."""
    assert completed(spot_orders) == COMPLETED


def test_a_twin_says_all_that_its_model_says_in_its_own_words():
    """A summary is enough; names, endpoints and prose are renamed."""
    completed(spot_orders)
    assert completed(futures_orders, spot_orders) == COMPLETED.replace("spot", "futures")


def test_what_a_twin_says_itself_wins():
    """Its own text and errors stand; parameters that it lacks are left out, too."""
    completed(spot_orders)
    text = completed(futures_other_orders, spot_orders)
    assert text.startswith("Return others.\n\nIn their own words.\n\nParameters\n----------\nmarket : str\n")
    assert (1, 0, 1) == (text.count("NotFound"), text.count("kind"), text.count("None of them."))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("`set_stop_loss` sets a stop loss: stop-loss", "`set_take_profit` sets a take profit: take-profit"),
        ("nonstop loss", "nonstop loss"),
    ],
)
def test_the_words_that_differ_are_taken_from_the_names(text, expected):
    """However they are joined, and only as whole words."""
    assert renamed(text, "set_stop_loss", "set_take_profit") == expected


def test_a_name_that_is_only_longer_changes_no_word():
    """There is no word to put another in the place of."""
    assert renamed("referees", "referees", "agent_referees") == "referees"
