"""What each refusal code of the exchange means and what to do about it, as one table.

Source: https://docs.coinex.com/api/v2/error. The grouping into kinds is this package's own.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["CODES", "Code", "lookup"]


class Code(NamedTuple):
    """One refusal code: its kind (which picks the error class), meaning and advice.

    ``retry``: a read may be repeated; ``unsure``: a verb may have been carried out all the same.
    """

    number: int
    kind: str
    meaning: str
    advice: str
    retry: bool = False
    unsure: bool = False


_BUSY = "wait a second or two and ask again"
_CLOCK = "compare your clock with cx.server_time() and send again with a fresh timestamp"
_CLOSER = "move the price closer to the market"
_SMALLER = "reduce the amount"
_SUPPORT = "the exchange asks to contact its support"
_LATER = "try again later or pick another market"
_SLOWER = "send fewer requests per second"

_HTTP = (
    Code(227, "clock", "request expired", _CLOCK, retry=True),
    Code(3008, "busy", "service overloaded", _BUSY, retry=True),
    Code(3109, "balance", "balance too low", "reduce the amount or fund the account"),
    Code(3127, "order", "amount below the market's minimum", "raise it to the market's min_amount"),
    Code(3157, "market", "service stopped for this market", _LATER),
    Code(3600, "not_found", "order not found", "take it as finished, or cancelled without a fill and erased"),
    Code(3606, "order", "price too far from the latest price", _CLOSER),
    Code(3610, "order", "cancelling is not possible in a call auction", "wait until the auction ends"),
    Code(3612, "order", "expected sell price below the period's lowest", _SMALLER),
    Code(3613, "order", "expected buy price above the period's highest", _SMALLER),
    Code(3614, "order", "expected fill price too far from the index price", _SMALLER),
    Code(3615, "order", "order price too far from the index price", _CLOSER),
    Code(3616, "order", "price above the period's highest buy price", _CLOSER),
    Code(3617, "order", "price below the period's lowest sell price", _CLOSER),
    Code(3618, "order", "order price too far from the index price", _CLOSER),
    Code(3619, "order", "order price too far from the trigger price", _CLOSER),
    Code(3620, "order", "not enough depth for a market order", "use a limit order or wait"),
    Code(3621, "order", "fok order could not be filled whole and was cancelled", "decide anew: this is what fok means"),
    Code(3622, "order", "maker_only order would have taken and was cancelled", "choose a price off the market"),
    Code(3627, "order", "order book too thin", _SMALLER),
    Code(3628, "order", "order book too thin", _SMALLER),
    Code(3629, "order", "order book too thin", _SMALLER),
    Code(3632, "order", "price above the period's highest buy price", _CLOSER),
    Code(3633, "order", "price below the period's lowest sell price", _CLOSER),
    Code(3634, "order", "expected fill price too far from the index price", _SMALLER),
    Code(3635, "order", "expected fill price too far from the index price", _SMALLER),
    Code(3638, "order", "protection period after a maintenance", "send only maker_only limit orders and cancels"),
    Code(3639, "parameter", "wrong parameters", "compare names and types with the function's documentation"),
    Code(4001, "busy", "service unavailable", _BUSY, retry=True),
    Code(4002, "busy", "service timed out", "for an order look up its state first", retry=True, unsure=True),
    Code(4003, "server", "internal error of the exchange", _SUPPORT + "; do not repeat orders blindly", unsure=True),
    Code(4004, "parameter", "wrong parameter", "check names, ids and numbers; the market or currency, too"),
    Code(4005, "auth", "access id not valid", "check the access id; a new key works after about ten minutes"),
    Code(4006, "auth", "signature check failed", "check the secret key"),
    Code(4007, "auth", "IP address not allowed", "add this machine's outgoing address to the key's list"),
    Code(4008, "auth", "signature malformed", "check the secret key"),
    Code(4009, "parameter", "wrong request method", "use the documented method"),
    Code(4010, "clock", "request expired", _CLOCK, retry=True),
    Code(4011, "permission", "account not allowed to do this", _SUPPORT),
    Code(4017, "clock", "signature expired", _CLOCK, retry=True),
    Code(4018, "parameter", "endpoint retired", "use its successor"),
    Code(4115, "permission", "account not allowed to trade", _SUPPORT),
    Code(4117, "market", "trading not allowed in this market", _LATER),
    Code(4123, "rate_limit", "rate limit hit (older spelling of 4213)", _SLOWER, retry=True),
    Code(4130, "market", "futures trading not allowed", _LATER),
    Code(4158, "market", "trading not allowed", _LATER),
    Code(4159, "market", "market closed to API trading", "check is_api_trading_available in the market list"),
    Code(4213, "rate_limit", "rate limit hit", _SLOWER, retry=True),
    Code(4512, "permission", "sub-account lacks the permission", "check the sub-account's rights"),
)

_GATEWAY = (Code(429, "rate_limit", "rate limit hit, by the HTTP status", _SLOWER, retry=True),)

# The two sockets answer the same nine reasons under their own first digit: 2xxxx on spot, 3xxxx on futures.
_SOCKET = (
    Code(1, "parameter", "wrong parameters", "check the subscription's parameters"),
    Code(2, "parameter", "unknown method", "check the method's name and which socket it belongs to"),
    Code(1001, "auth", "method needs authentication", "sign the connection first"),
    Code(1002, "auth", "authentication failed", "check the key, the secret and the clock"),
    Code(3001, "busy", "request timed out", _BUSY, retry=True),
    Code(3002, "rate_limit", "too many requests", _SLOWER, retry=True),
    Code(4001, "server", "internal error of the exchange", "connect again; if it stays, ask the exchange"),
    Code(4002, "busy", "temporarily unavailable", _BUSY, retry=True),
)


def _on_sockets() -> list[Code]:
    return [
        Code(first + code.number, code.kind, f"{area} socket: {code.meaning}", code.advice, code.retry)
        for first, area in ((20_000, "spot"), (30_000, "futures"))
        for code in _SOCKET
    ]


CODES: dict[int, Code] = {code.number: code for code in (*_HTTP, *_GATEWAY, *_on_sockets())}


def lookup(number: int) -> Code:
    """Return the entry of a code; an unlisted code gets one that says so."""
    unlisted = Code(number, "unlisted", "a code that is not documented", "keep request and answer and ask the exchange")
    return CODES.get(number, unlisted)
