"""The statement of the spot wallet: each change with the balance after it, read off the ledger.

The exchange knows six types of change. Three of them happen here: deposits, withdrawals, trades with their fees;
the other three (``maker_cash_back``, ``investment_interest``, ``exchange_order_transfer``) are asked for and empty.
Transfers between wallets have no type and show in no statement, as the documentation's list has none for them.
"""

from __future__ import annotations

from coinex_pandas.sandbox import asked
from coinex_pandas.sandbox.accounts import Account
from coinex_pandas.sandbox.ledger import Entry, Purse
from coinex_pandas.sandbox.paging import Row, listing
from coinex_pandas.sandbox.reply import Reply
from coinex_pandas.sandbox.text import plain
from coinex_pandas.sandbox.trading import Params, Trading

__all__ = ["StatementDesk"]

_TYPES = ("deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer")


class StatementDesk:
    """Serve the endpoint of the spot wallet's statement."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def spot_transactions(self, account: Account, params: Params) -> Reply:
        """Return the changes of one type, newest first."""
        kind, ccy = asked.choice(params, "type", _TYPES), asked.text(params, "ccy", "")
        start, end = asked.times(params)
        entries = self._trading.ledger.entries_of(Purse(account.name, "spot"), ccy, kind)
        return listing(params, [entry for entry in entries if start <= entry.at <= end], _row, counted=False)


def _row(entry: Entry) -> Row:
    return {
        "created_at": entry.at,
        "ccy": entry.ccy,
        "type": entry.kind,
        "balance": plain(entry.balance),
        "change": plain(entry.change),
    }
