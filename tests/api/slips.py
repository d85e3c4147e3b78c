"""Every older spelling, and every slip of the exchange's own documentation, that the reference notes, as data.

A slip changes the rows of a golden reply as the wire or an example of the documentation is known to differ from the
documented table. The frame must be the one of the documented rows all the same.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["SLIPS", "Slip"]

EMPTY: Mapping[str, Any] = MappingProxyType({})


class Slip(NamedTuple):
    """One way in which rows differ from their table.

    Attributes
    ----------
    functions : tuple of str
        The functions that it concerns.
    renamed : mapping of str to str
        Declared names, each with the other one that came.
    cells : mapping of str to (object, object)
        Columns, each with the documented cell and the one that came in its place.
    texts : tuple of str
        Columns whose numbers or flags came as text.
    gone : tuple of str
        Columns that did not come: they are missing.
    more : mapping of str to object
        Fields of older versions, which no table has.
    first_only : bool
        Whether only the first row differs.
    within : str
        The list or object inside a row whose fields these are; empty for the row's own.
    """

    functions: tuple[str, ...]
    renamed: Mapping[str, str] = EMPTY
    cells: Mapping[str, tuple[Any, Any]] = EMPTY
    texts: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    more: Mapping[str, Any] = EMPTY
    first_only: bool = False
    within: str = ""


def both(noun: str) -> tuple[str, ...]:
    """Return the functions of a noun on spot and futures."""
    return (f"spot_{noun}", f"futures_{noun}")


LISTS = (*both("pending_orders"), *both("finished_orders"))
ONE = (*both("place_order"), *both("modify_order"), *both("cancel_order"), *both("order_status"))
BATCHES = (*both("place_orders"), *both("modify_orders"), *both("cancel_orders"), *both("order_statuses"))
BY_NAME = both("cancel_orders_by_client_id")
STOPS = (*both("pending_stop_orders"), *both("finished_stop_orders"), *both("cancel_stop_order"))
STOP_BATCHES = (*both("cancel_stop_orders"), *both("cancel_stop_orders_by_client_id"))
POSITIONS = ("futures_positions", "futures_adjust_position_margin", "futures_close_position")
SET_STOPS = tuple(f"futures_set_position_{kind}" for kind in ("stop_loss", "take_profit"))
CONFIGS = ("deposit_withdraw_config", "deposit_withdraw_configs")
LAST_FILL = {"last_filled_amount": "last_fill_amount", "last_filled_price": "last_fill_price"}
CHAIN_COUNTS = ("deposit_delay_minutes", "safe_confirmations", "irreversible_confirmations", "withdrawal_precision")
OLD_FEES = dict.fromkeys(("base_fee", "quote_fee", "discount_fee", "maker_fee_rate", "taker_fee_rate"), "0.0001")

SLIPS = {
    "pre-market flag of the example": Slip(
        ("spot_markets",), renamed={"is_pre_market_trading_available": "is_pre_trading_available"}
    ),
    "pre-market flag in one row": Slip(
        ("spot_markets",), renamed={"is_pre_market_trading_available": "is_pre_trading_available"}, first_only=True
    ),
    "flags of the older page": Slip(
        ("spot_markets",),
        gone=("status", "delisted_at", "is_pre_market_trading_available", "is_api_trading_available"),
    ),
    "futures markets of 2024": Slip(
        ("futures_markets",), gone=("status", "delisted_at", "tick_size", "is_market_available")
    ),
    "leverages as documented": Slip(("futures_markets",), cells={"leverage": (["3", "5"], [3, 5])}),
    "tickers of 2024": Slip(("futures_tickers",), gone=("open_interest_volume",)),
    "time of one basis": Slip(("futures_basis_history",), renamed={"created_at": "funding_time"}, first_only=True),
    "time of each basis": Slip(("futures_basis_history",), renamed={"created_at": "funding_time"}),
    "exchange misspelt": Slip(both("index_prices"), cells={"exchange": ("mexc", "meexc")}, within="sources"),
    "exchange between blanks": Slip(both("index_prices"), cells={"exchange": ("okx", " okx ")}, within="sources"),
    "no price of each source": Slip(("futures_index_prices",), gone=("index_price",), within="sources"),
    "market behind a blank": Slip(
        ("futures_liquidations", *both("order_status")), cells={"market": ("CETUSDT", " CETUSDT")}
    ),
    "last fill": Slip((*LISTS[:3], *ONE), renamed=LAST_FILL),
    "last fill in one row": Slip(("spot_pending_orders",), renamed=LAST_FILL, first_only=True),
    "last fill in batches": Slip((*BATCHES, *BY_NAME), renamed=LAST_FILL, within="data"),
    "last fill once filled": Slip(
        both("order_status"), cells=dict.fromkeys(("last_filled_amount", "last_filled_price"), (None, ""))
    ),
    "amounts of the push's example": Slip(
        LISTS, renamed={"unfilled_amount": "unfill_amount", "filled_value": "fill_value"}
    ),
    "fees of the push": Slip(
        ("spot_pending_orders", "spot_finished_orders"),
        renamed={"base_fee": "base_ccy_fee", "quote_fee": "quote_ccy_fee", "discount_fee": "discount_ccy_fee"},
    ),
    "id as text": Slip((*LISTS, *ONE), texts=("order_id",)),
    "id as text in batches": Slip(BATCHES, texts=("order_id",), within="data"),
    "times as text": Slip(both("finished_orders"), texts=("created_at", "updated_at")),
    "no time of the change": Slip(both("finished_orders"), cells={"updated_at": (0, 0)}),
    "no currency of the amount": Slip(("spot_pending_orders", "spot_pending_stop_orders"), gone=("ccy",)),
    "partly filled": Slip(both("order_status"), cells={"status": ("part_filled", "part_deal")}),
    "two Ls": Slip(both("order_status"), cells={"status": ("canceled", "cancelled")}),
    "types in capitals": Slip(LISTS, cells={"type": ("fok", "FOK")}),
    "good till cancelled": Slip(LISTS, cells={"type": ("limit", "GTC")}),
    "type of the trigger's price": Slip(
        ("spot_pending_stop_orders",), cells={"trigger_price_type": ("index_price", "INDEX_PRICE")}
    ),
    "higer": Slip(STOPS, cells={"trigger_direction": ("higher", "higer")}),
    "higer in batches": Slip(STOP_BATCHES, cells={"trigger_direction": ("higher", "higer")}, within="data"),
    "no direction on rows of 2022": Slip(("futures_finished_stop_orders",), cells={"trigger_direction": (None, "")}),
    "stop id as documented": Slip(STOPS, texts=("stop_id",)),
    "deals of 2024": Slip(both("user_deals"), gone=("role", "fee", "fee_ccy")),
    "deal without its order": Slip(both("user_deals"), gone=("order_id",)),
    "margin market as a word": Slip(("spot_user_deals",), cells={"margin_market": (None, "null")}),
    "settled value of the push": Slip(
        (*POSITIONS[:2], "futures_finished_positions"), renamed={"settle_value": "settle_val"}
    ),
    "leverage as documented": Slip(
        ("futures_positions", "futures_position_margin_history", "futures_position_settle_history"),
        cells={"leverage": ("20", 20)},
    ),
    "no lists of stops": Slip(("futures_positions", *SET_STOPS), gone=("stop_loss_list", "take_profit_list")),
    "fees left over in a position": Slip((*SET_STOPS, "futures_positions"), more=OLD_FEES),
    "unset stop of the example": Slip(
        ("futures_positions",), cells={"take_profit_type": (None, ""), "stop_loss_price": (None, "")}
    ),
    "bankruptcy price": Slip(
        ("futures_position_margin_history", "futures_position_settle_history"), renamed={"bkr_price": "bkr_pirce"}
    ),
    "funding of 2024": Slip(
        ("futures_position_funding_history",), gone=("margin_mode", "open_interest", "settle_price")
    ),
    "risk rate": Slip(("margin_balances",), renamed={"risk_rate": "rik_rate"}),
    "no risk": Slip(("margin_balances",), cells={"risk_rate": (None, ""), "liq_price": (None, "")}),
    "no credit risk": Slip(("credit_info",), cells={"risk_rate": (None, "")}),
    "amount to be repaid": Slip(("margin_borrow", "margin_borrows"), renamed={"to_repaid_amount": "to_repaied_amount"}),
    "leverage of a loan as text": Slip(("margin_borrow_limit",), texts=("leverage",)),
    "deposit in capitals": Slip(
        ("deposits",), cells={"deposit_method": ("on_chain", "ON_CHAIN"), "status": ("finished", "FINISHED")}
    ),
    "older end of a deposit": Slip(("deposits",), cells={"status": ("finished", "finish")}),
    "nothing credited yet": Slip(("deposits",), cells={"actual_amount": (None, "")}),
    "fee of a withdrawal": Slip(
        ("withdraw", "withdrawals"), renamed={"fee_ccy": "fee_asset", "confirmations": "confirmation"}
    ),
    "withdrawal in capitals": Slip(("withdrawals",), cells={"withdraw_method": ("on_chain", "ON_CHAIN")}),
    "audited withdrawal": Slip(("withdrawals",), cells={"status": ("audited", "audit")}),
    "finished withdrawal": Slip(("withdrawals",), cells={"status": ("finished", "finish")}),
    "cancelled withdrawal": Slip(("withdrawals",), cells={"status": ("cancelled", "cancel")}),
    "failed withdrawal": Slip(("withdrawals",), cells={"status": ("failed", "fail")}),
    "counts of a chain as text": Slip(CONFIGS, texts=CHAIN_COUNTS, within="chains"),
    "flag of a chain as text": Slip(CONFIGS, texts=("is_memo_required_for_deposit",), within="chains"),
    "older transfers": Slip(("transfers",), gone=("id", "margin_market")),
    "no margin market": Slip(("transfers",), cells={"margin_market": ("", None)}),
    "transfer in capitals": Slip(("sub_transfers", "transfers"), cells={"status": ("finished", "FINISHED")}),
    "older transfers of sub-accounts": Slip(("sub_transfers",), gone=("id",)),
    "user's number": Slip(("referees", "agent_referees"), cells={"uid": ("123456789", 123456789)}),
}
"""Each slip by what it is about."""
