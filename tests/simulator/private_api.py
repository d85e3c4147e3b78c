"""The private endpoints of an exchange without sockets, whose clock the test moves, and accounts that use them."""

from __future__ import annotations

from decimal import Decimal

from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.exchange import Exchange
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal

NOW = 1_790_133_720_000


class PrivateApi:
    """An exchange with one account, `me`, which has money in its spot wallet, and the events of all accounts."""

    def __init__(self, seed=0, now=NOW, **balances):
        self.exchange = Exchange(seed, Clock(now, speed=0))
        self.trading = self.exchange.trading
        self.ledger = self.trading.ledger
        self.events = []
        self.trading.listeners.append(self.events.append)
        self.me = self.open("me", **(balances or {"USDT": 10_000, "BTC": 1}))

    def open(self, name, *, parent=None, permissions=(), **balances):
        """Open an account with money in its spot wallet."""
        account = self.trading.accounts.open(name, parent, permissions)
        for ccy, amount in balances.items():
            self.trading.deposit(account, ccy, amount)
        return account

    def get(self, name, account=None, **params):
        """Send a query and return the reply."""
        return self.trading.answer(name, account or self.me, {key: str(value) for key, value in params.items()})

    def data(self, name, account=None, **params):
        """Send a query and return the data."""
        return self.get(name, account, **params).data

    def post(self, name, account=None, **params):
        """Send a body and return the data."""
        return self.trading.answer(name, account or self.me, Body(params)).data

    def refusal(self, name, account=None, **params):
        """Send a body and return code and message of the refusal."""
        before = self.balances_by_purse()
        try:
            self.post(name, account, **params)
        except Refusal as refused:
            assert before == self.balances_by_purse(), "a refusal changes nothing"
            return refused.reply.code, refused.reply.message
        raise AssertionError(f"{name} was not refused")

    def advance(self, seconds):
        """Move the clock, and everything with it."""
        self.exchange.clock.advance(seconds)
        self.trading.advance()

    def available(self, ccy, wallet="spot", account=None):
        """Return what can be spent."""
        return self.ledger.available(Purse((account or self.me).name, wallet), ccy)

    def frozen(self, ccy, wallet="spot"):
        """Return what is frozen."""
        return self.ledger.frozen(Purse("me", wallet), ccy)

    def balances_by_purse(self):
        """Return what every purse holds."""
        names = [account.name for account in self.trading.accounts.all()]
        return {
            (purse, ccy): (self.ledger.available(purse, ccy), self.ledger.frozen(purse, ccy))
            for name in names
            for purse in self.ledger.purses(name)
            for ccy in self.ledger.currencies(purse)
            if self.ledger.balance(purse, ccy)
        }

    def check(self):
        """Check what always holds: sums of 0, nobody below 0, unbroken chains."""
        assert not any(self.ledger.totals().values())
        last = {}
        for entry in self.ledger.entries:
            key = (entry.purse, entry.ccy)
            assert last.get(key, Decimal(0)) + entry.change == entry.balance
            assert entry.balance >= 0 or entry.purse.may_owe
            last[key] = entry.balance
