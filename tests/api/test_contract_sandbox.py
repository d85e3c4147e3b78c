"""The sandbox answers every function: what one learns there holds at the exchange."""

import pytest

import coinex_pandas as cx
from tests.golden import samples

PUBLIC = [name for name in cx.ROUTES if not cx.ROUTES[name].signed]
PRIVATE = [name for name in cx.ROUTES if cx.ROUTES[name].signed]

STATUS = {  # of an order the exchange tells the status when it is asked for it, and when one on spot is modified
    name: {"status"}
    for name in PRIVATE
    if name.endswith(("order", "orders", "client_id", "close_position")) and name != "spot_modify_order"
}
MAY_BE_MISSING = STATUS | {
    "spot_markets": {"delisted_at"},  # nothing need be about to be delisted
    "futures_markets": {"delisted_at"},
    "futures_index_prices": {"index_price"},  # the exchange's futures index does not tell it
    "spot_finished_orders": {"status", "last_filled_amount", "last_filled_price"},  # not in the exchange's list
    "futures_finished_orders": {"status", "last_filled_amount", "last_filled_price", "realized_pnl"},  # nor these
    "spot_modify_stop_order": {"client_id"},  # it answers the new id alone
    "futures_modify_stop_order": {"client_id"},
    "spot_user_deals": {"client_id"},  # undocumented; other clients have seen it
    "spot_order_deals": {"client_id"},
    "futures_user_deals": {"client_id"},
    "futures_order_deals": {"client_id"},
    "futures_market_settings": {"settle_switch"},  # of accounts as they were before position modes
    "credit_info": {"risk_rate"},  # nobody has a credit line in the sandbox
}
ALWAYS_EMPTY = {
    "financial_balances",  # nobody invests in the sandbox
    "credit_balances",  # nor has a credit line
    "futures_position_adl_history",  # nor is deleveraged
}


def never(frames):
    """Return the columns without a single cell in any of some frames."""
    flat = [frame.reset_index() for frame in frames]
    return set.intersection(*({column for column in frame if frame[column].isna().all()} for frame in flat))


def frames_of(name, still, lived_in):
    """Return what the sandbox has answered to a function."""
    if cx.ROUTES[name].signed:
        return lived_in.frames[name]
    call = samples.sample(name)["call"]
    return [getattr(cx, name)(*call["args"], **call["kwargs"], session=still.session)]


@pytest.mark.parametrize("name", cx.ROUTES)
def test_sandbox_answers_with_the_same_table(still, lived_in, name):
    """Index, columns and dtypes are the sample's: of the sample's own call where it is public."""
    sample = samples.sample(name)
    for frame in frames_of(name, still, lived_in):
        assert {"index": sample["index"], "columns": sample["columns"]} == samples.shape(frame)


@pytest.mark.parametrize("name", cx.ROUTES)
def test_sandbox_has_rows_and_fills_every_column(still, lived_in, name):
    """The sandbox leaves no column out that the exchange sends, so that examples and tests meet all of them."""
    frames = frames_of(name, still, lived_in)
    if name in ALWAYS_EMPTY:
        assert [0] * len(frames) == [len(frame) for frame in frames]
    else:
        assert never(frames) <= MAY_BE_MISSING.get(name, set())


@pytest.mark.parametrize("name", PRIVATE)
def test_sandbox_frames_say_where_they_came_from(lived_in, name):
    """Table, venue and endpoint stand in the notes, and the table is whole."""
    for frame in lived_in.frames[name]:
        notes = frame.attrs["coinex"]
        assert (name, "sandbox", True) == (notes["table"], notes["venue"], notes["complete"])


def test_sandbox_was_asked_for_everything(lived_in):
    """The script calls every private function."""
    assert set(PRIVATE) == set(lived_in.frames)


def test_money_adds_up_after_all_that(lived_in):
    """Whatever was done: in each currency all purses together hold nothing, to the last digit."""
    assert not any(lived_in.exchange.trading.ledger.totals().values())


@pytest.mark.parametrize(("kind", "like"), [("FUTURES", "futures_balances"), ("MARGIN", "margin_balances")])
def test_wallets_of_a_sub_account_have_their_own_shapes(lived_in, kind, like):
    """A sub-account's wallet has the table of that kind of wallet."""
    session = lived_in.exchange.session
    frame = cx.sub_balances("grid-1", kind, market="BTCUSDT" if kind == "MARGIN" else None, session=session)
    sample = samples.sample(like)
    assert {"index": sample["index"], "columns": sample["columns"]} == samples.shape(frame)
    assert 0 < len(frame)
