"""What a column holds: Price, Amount, Rate, Time, Side ..., each a type annotated with its kind."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, UnsetType

from coinex_pandas.tables.kinds import (
    ChoiceKind,
    CountKind,
    FlagKind,
    IdKind,
    Int64,
    ListKind,
    NameKind,
    NameOrNoneKind,
    NumberKind,
    TextKind,
    TextOrNoneKind,
    TimeKind,
    UserIdKind,
)


def note(meaning: str = "", *, unit: str | None = None) -> Meta:
    """Return what a column adds to its kind: its meaning, and its unit where it differs from the kind's."""
    return Meta(description=meaning, extra={} if unit is None else {"unit": unit})


_Number = float | Literal[""] | UnsetType | None
_Whole = Int64 | UnsetType | None
_Truth = bool | UnsetType | None
_Word = str | UnsetType | None

Price = Annotated[_Number, NumberKind("price", "quote_ccy", "28350.75")]
Amount = Annotated[_Number, NumberKind("amount", "base_ccy", "0.1250")]
Value = Annotated[_Number, NumberKind("value", "quote_ccy", "3543.84375")]
Rate = Annotated[_Number, NumberKind("rate", "fraction", "-0.00021700")]
Number = Annotated[_Number, NumberKind("number")]
Time = Annotated[_Whole, TimeKind("time")]
# Anything less is refused by the declared reading, so that the wide one can look whether it is in seconds.
MillisecondTime = Annotated[Annotated[int, Meta(ge=10**10, le=2**63 - 1)] | UnsetType | None, TimeKind("time")]
TimeOrNone = Annotated[_Whole, TimeKind("time or none", optional=True)]
Id = Annotated[Int64, IdKind()]
Count = Annotated[_Whole, CountKind()]
Decimals = Annotated[_Whole, CountKind("decimals", "digits")]
Seconds = Annotated[_Whole, CountKind("seconds", "seconds")]
Flag = Annotated[_Truth, FlagKind()]
Text = Annotated[_Word, TextKind()]
Market = Annotated[_Word, NameKind("market", "BTCUSDT")]
Currency = Annotated[_Word, NameKind("currency", "BTC")]
Name = Annotated[_Word, NameKind("name", "ethereum")]
Exchange = Annotated[_Word, NameKind("name", "binance", spelt={"meexc": "mexc"})]
# A documented word decodes to one and the same object, which the declared reading looks up twice as quickly; any
# other word sends the answer to the wide reading, which takes every text.
Side = Annotated[Literal["buy", "sell"] | UnsetType | None, ChoiceKind("side", "buy", "sell")]
BookSide = Annotated[Literal["ask", "bid"] | UnsetType | None, ChoiceKind("book side", "ask", "bid")]
PositionSide = Annotated[Literal["long", "short"] | UnsetType | None, ChoiceKind("position side", "long", "short")]
MarketStatus = Annotated[
    Literal["bidding", "counting_down", "online"] | UnsetType | None,
    ChoiceKind("market status", "bidding", "counting_down", "online"),
]
ContractType = Annotated[
    Literal["linear", "inverse"] | UnsetType | None, ChoiceKind("contract type", "linear", "inverse")
]
AmmType = Annotated[Literal["infinite", "finite"] | UnsetType | None, ChoiceKind("amm type", "infinite", "finite")]
Leverages = Annotated[list[int] | UnsetType | None, ListKind("leverages", int, ["3", "5", "10"])]
Scopes = Annotated[list[str] | UnsetType | None, ListKind("scopes", str, ["FUTURES", "SPOT"])]
IdOrNone = Annotated[_Whole, CountKind("id or none")]
MarketOrNone = Annotated[_Word, NameOrNoneKind("market or none", "BTCUSDT")]
ClientId = Annotated[_Word, TextOrNoneKind("client id", "my-order_1")]
MarketType = Annotated[Literal["SPOT", "MARGIN"] | UnsetType | None, ChoiceKind("market type", "SPOT", "MARGIN")]
OrderType = Annotated[
    Literal["limit", "market", "maker_only", "ioc", "fok"] | UnsetType | None,
    ChoiceKind("order type", "limit", "market", "maker_only", "ioc", "fok", spelt={"gtc": "limit"}),
]
OrderStatus = Annotated[
    Literal["open", "part_filled", "filled", "part_canceled", "canceled"] | UnsetType | None,
    ChoiceKind(
        "order status",
        "open",
        "part_filled",
        "filled",
        "part_canceled",
        "canceled",
        spelt={"part_deal": "part_filled", "part_cancelled": "part_canceled", "cancelled": "canceled"},
    ),
]
StopStatus = Annotated[_Word, ChoiceKind("stop status", "put", "active_success", "active_fail", "cancel")]
TriggerDirection = Annotated[
    Literal["higher", "lower"] | UnsetType | None,
    ChoiceKind("trigger direction", "higher", "lower", spelt={"higer": "higher"}),
]
DealRole = Annotated[Literal["taker", "maker"] | UnsetType | None, ChoiceKind("role", "taker", "maker")]
# Accounts, positions and wallets: these tables are small, so their words are written once, without a Literal.
FuturesOnly = Annotated[_Word, ChoiceKind("market type", "FUTURES")]
MarginMode = Annotated[_Word, ChoiceKind("margin mode", "cross", "isolated")]
StopPriceType = Annotated[_Word, ChoiceKind("price type", "latest_price", "mark_price", "index_price")]
PositionEnd = Annotated[
    _Word,
    ChoiceKind("position end", "liq", "adl", "sys", "limit", "market", "market_close_all", "take_profit", "stop_loss"),
]
PositionMode = Annotated[_Word, ChoiceKind("position mode", "one_way", "hedge")]
AccountType = Annotated[_Word, ChoiceKind("account type", "SPOT", "MARGIN", "FUTURES")]
TransactionType = Annotated[
    _Word,
    ChoiceKind(
        "transaction type",
        "deposit",
        "withdraw",
        "trade",
        "maker_cash_back",
        "investment_interest",
        "exchange_order_transfer",
    ),
]
TransferStatus = Annotated[_Word, ChoiceKind("transfer status", "created", "deducted", "failed", "finished")]
LoanStatus = Annotated[_Word, ChoiceKind("loan status", "loan", "debt", "liquidated", "finish")]
PaymentMethod = Annotated[_Word, ChoiceKind("payment method", "on_chain", "inter_user")]
DepositStatus = Annotated[
    _Word,
    ChoiceKind(
        "deposit status",
        "processing",
        "confirming",
        "cancelled",
        "finished",
        "too_small",
        "exception",
        spelt={"finish": "finished"},
    ),
]
WithdrawStatus = Annotated[
    _Word,
    ChoiceKind(
        "withdrawal status",
        "created",
        "audit_required",
        "audited",
        "processing",
        "confirming",
        "finished",
        "cancelled",
        "cancellation_failed",
        "failed",
        spelt={"audit": "audited", "finish": "finished", "cancel": "cancelled", "fail": "failed"},
    ),
]
ChainOrNone = Annotated[_Word, NameOrNoneKind("chain or none", "TRC20")]
Permissions = Annotated[list[str] | UnsetType | None, ListKind("permissions", str, ["FUTURES", "MARGIN"])]
UserId = Annotated[str | int | UnsetType | None, UserIdKind()]
IpAddresses = Annotated[list[str] | UnsetType | None, ListKind("addresses", str, ["192.0.2.7"])]
