"""Balances of all kinds over HTTP, the events when they change, and the statement of the spot wallet.

Simplified: nothing can be moved into a financial account or a credit account, so these exist and are empty.
"""

from __future__ import annotations

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.assets.margin_accounts import MarginAccounts
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Event, Trading
from coinex_pandas.simulator.engine.ledger import Entry, Ledger, Purse
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.positions.positions import Positions
from coinex_pandas.simulator.reply import Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["BalanceEndpoints", "BalanceEvents", "StatementEndpoints"]

_TYPES = ("deposit", "withdraw", "trade", "maker_cash_back", "investment_interest", "exchange_order_transfer")


class BalanceEndpoints:
    """The endpoints of balances."""

    def __init__(self, trading: Trading, margin: MarginAccounts, positions: Positions) -> None:
        self._trading = trading
        self._margin = margin
        self._positions = positions

    def spot_balances(self, account: Account, params: Params) -> Reply:
        """Return what is in the spot wallet."""
        return Reply(self.spot_rows(account))

    def futures_balances(self, account: Account, params: Params) -> Reply:
        """Return what is in the futures wallet; null when there is nothing, as on the wire."""
        return Reply(self.futures_rows(account) or None)

    def margin_balances(self, account: Account, params: Params) -> Reply:
        """Return the margin accounts in use, or the one of a market."""
        return Reply(self.margin_rows(account, params))

    def financial_balances(self, account: Account, params: Params) -> Reply:
        """Return what is in the financial wallet: nothing."""
        return Reply(_rows(self._trading.ledger, Purse(account.name, "financial")))

    def credit_info(self, account: Account, params: Params) -> Reply:
        """Return the credit account: there is none."""
        return Reply({"equity": "0", "repaid": "0", "risk_rate": "", "withdrawal_risk": "0", "withdrawal_value": "0"})

    def credit_balances(self, account: Account, params: Params) -> Reply:
        """Return what is borrowed on credit: nothing."""
        return Reply([])

    def spot_rows(self, account: Account) -> list[Row]:
        """Return the rows of the spot wallet."""
        return _rows(self._trading.ledger, Purse(account.name, "spot"))

    def futures_rows(self, account: Account) -> list[Row]:
        """Return the rows of the futures wallet."""
        ledger, purse = self._trading.ledger, Purse(account.name, "futures")
        rows = (self._positions.balance_row(account, ccy) for ccy in ledger.currencies(purse))
        return [row for row in rows if any(row[name] != "0" for name in ("available", "frozen", "margin"))]

    def margin_rows(self, account: Account, params: Params) -> list[Row]:
        """Return the rows of margin accounts: of the request's market, or of all in use."""
        if params.get("market"):
            return [self._margin_row(account, self._margin.market(params))]
        return [self._margin_row(account, market) for market in self._margin.in_use(account)]

    def _margin_row(self, account: Account, market: Market) -> Row:
        ledger, purse = self._trading.ledger, Purse(account.name, f"margin:{market.name}")
        pair = {"base_ccy": market.base, "quote_ccy": market.quote}
        debts = {side: self._margin.debt(account, market, ccy) for side, ccy in pair.items()}
        state = self._margin.state(account, market)
        return {
            "margin_account": market.name,
            **pair,
            "available": {side: plain(ledger.available(purse, ccy)) for side, ccy in pair.items()},
            "frozen": {side: plain(ledger.frozen(purse, ccy)) for side, ccy in pair.items()},
            "repaid": {side: plain(debt.principal) for side, debt in debts.items()},
            "interest": {side: plain(debt.interest) for side, debt in debts.items()},
            "rik_rate": "" if state.risk is None else plain(state.risk),  # the wire's spelling
            "liq_price": "" if state.liq_price is None else plain(state.liq_price),
        }


class BalanceEvents:
    """Publishes which balances have changed, once for each currency after each request or step."""

    def __init__(self, trading: Trading, positions: Positions) -> None:
        self._trading = trading
        self._positions = positions
        self._changed: dict[tuple[Purse, str], None] = {}  # in the order of change, each once
        trading.ledger.listeners.append(self._note)
        trading.after_turn.append(self.publish)

    def publish(self) -> None:
        """Publish what has changed since the last time."""
        changed, self._changed = self._changed, {}
        for purse, ccy in changed:
            account = self._trading.accounts.find(purse.owner)
            if account is not None:
                self._trading.publish(self._event(account, purse, ccy))

    def _note(self, purse: Purse, ccy: str) -> None:
        if purse.wallet in ("spot", "futures") or purse.wallet.startswith("margin:"):
            self._changed[purse, ccy] = None

    def _event(self, account: Account, purse: Purse, ccy: str) -> Event:
        futures = purse.wallet == "futures"
        row = self._positions.balance_row(account, ccy) if futures else self._row(purse, ccy)
        at = self._trading.at
        return Event(account, "futures" if futures else "spot", "balance", ccy, {"balance_list": [row]}, at)

    def _row(self, purse: Purse, ccy: str) -> Row:
        _, _, market = purse.wallet.partition(":")
        return {"margin_market": market, **_row(self._trading.ledger, purse, ccy), "updated_at": self._trading.at}


class StatementEndpoints:
    """The endpoint of the spot wallet's statement."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading

    def spot_transactions(self, account: Account, params: Params) -> Reply:
        """Return the changes of one type, newest first."""
        kind, ccy = parameters.choice(params, "type", _TYPES), parameters.text(params, "ccy", "")
        start, end = parameters.times(params)
        entries = self._trading.ledger.entries_of(Purse(account.name, "spot"), ccy, kind)
        return listing(params, [entry for entry in entries if start <= entry.at <= end], _statement_row, counted=False)


def _rows(ledger: Ledger, purse: Purse) -> list[Row]:
    return [_row(ledger, purse, ccy) for ccy in ledger.currencies(purse) if ledger.balance(purse, ccy)]


def _row(ledger: Ledger, purse: Purse, ccy: str) -> Row:
    return {
        "ccy": ccy,
        "available": plain(ledger.available(purse, ccy)),
        "frozen": plain(ledger.frozen(purse, ccy)),
    }


def _statement_row(entry: Entry) -> Row:
    return {
        "created_at": entry.at,
        "ccy": entry.ccy,
        "type": entry.kind,
        "balance": plain(entry.balance),
        "change": plain(entry.change),
    }
