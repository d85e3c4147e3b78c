"""A futures exchange without sockets, whose clock the test moves, for the tests of positions."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal, localcontext

import pytest

from coinex_pandas.simulator.assembly import add_private_side
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import WIDE, Purse
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal
from tests.simulator.order_exchange import NOW, WORLD, check_chain

MARKET = "BTCUSDT"
INVERSE = "BTCUSD"


class FuturesExchange:
    """An exchange with one account, `me`, that has money in its futures wallet."""

    def __init__(self, **balances):
        self.clock = Clock(NOW, speed=0)
        self.trading = Trading(WORLD, self.clock)
        _, self.matching, self.positions = add_private_side(self.trading)
        self.events = []
        self.trading.listeners.append(self.events.append)
        self.me = self.account("me", **(balances or {"USDT": "10000"}))

    def account(self, name, **balances):
        """Open an account with money in its futures wallet."""
        account = self.trading.accounts.open(name)
        for ccy, amount in balances.items():
            self.trading.deposit(account, ccy, amount, "futures")
        return account

    def market(self, name=MARKET):
        """Return a futures market."""
        return WORLD.catalogue.find("futures", name)

    def reply(self, name, *, account=None, **params):
        """Return the reply of an endpoint; parameters go as text where it reads."""
        params = {"market_type": "FUTURES", **params}
        if name.endswith(("positions", "history")):
            params = {key: str(value) for key, value in params.items()}
        else:
            params = Body({"market": MARKET, **params})
        return self.trading.answer(name, account or self.me, params)

    def ask(self, name, **params):
        """Return the data of an endpoint's answer."""
        return self.reply(name, **params).data

    def refused(self, name, **params):
        """Return the code with which a request is refused."""
        with pytest.raises(Refusal) as refusal:
            self.reply(name, **params)
        return refusal.value.reply.code

    def order(self, side, amount, price=None, **params):
        """Place an order, at market without a price, and return its row."""
        kind = {"type": "market"} if price is None else {"type": "limit", "price": str(price)}
        return self.ask("futures_place_order", side=side, amount=str(amount), **kind | params)

    def isolate(self, leverage=10, **params):
        """Set isolated margin."""
        self.ask("futures_adjust_position_leverage", margin_mode="isolated", leverage=leverage, **params)

    def position(self, account=None, market=MARKET):
        """Return the open position, None without."""
        return self.positions.find(account or self.me, self.market(market))

    def row(self, **params):
        """Return the row of the only open position as numbers where it has numbers."""
        (found,) = self.ask("futures_positions", **params)
        return numbers(found)

    def finished(self, **params):
        """Return the newest closed position."""
        return numbers(self.ask("futures_finished_positions", **params)[0])

    def balance(self, ccy="USDT", account=None):
        """Return the row of the balance as numbers."""
        with self.trading.turn():
            return numbers(self.positions.balance_row(account or self.me, ccy))

    def mark(self, market=MARKET):
        """Return the mark price of now."""
        return self.positions.prices.mark(self.market(market), self.trading.at)

    def advance(self, seconds=0):
        """Let time pass; without any, let the minute end."""
        self.clock.advance(seconds or 60)
        self.trading.advance()

    @contextmanager
    def pinned(self, price, market=MARKET):
        """Let mark and index price of a market stand at a price."""
        prices, pinned = self.positions.prices, self.market(market)
        of, mark = prices.of, prices.mark
        prices.mark = lambda each, at: Decimal(price) if each is pinned else mark(each, at)
        prices.of = lambda each, kind, at: (
            Decimal(price) if each is pinned and kind != "latest_price" else of(each, kind, at)
        )
        try:
            yield
        finally:
            prices.of, prices.mark = of, mark

    def events_of(self, method="position"):
        """Return the events of a channel so far, each as (event, object), and clear them."""
        found = [(event.data["event"], event.data[method]) for event in self.events if event.method == method]
        self.events.clear()
        return found

    def insurance(self, ccy="USDT"):
        """Return what the insurance fund has."""
        return self.trading.ledger.balance(Purse("@exchange", "insurance"), ccy)

    def check(self):
        """Expect that money adds up, that nobody owes, that what orders hold is frozen and margins have positions."""
        ledger = self.trading.ledger
        assert {Decimal(0)} >= set(ledger.totals().values())
        with localcontext(WIDE):
            check_chain(ledger)
            for account in self.trading.accounts.all():
                self._check_account(account)

    def _check_account(self, account):
        ledger, purse = self.trading.ledger, Purse(account.name, "futures")
        orders = self.matching.orders(account, "futures")
        for ccy in ledger.currencies(purse):
            assert ledger.available(purse, ccy) >= 0
            assert sum(order.held.get(ccy, Decimal(0)) for order in orders) == ledger.frozen(purse, ccy)
            assert self._received(account, ccy) + self._realized(account, ccy) == self._owned(account, ccy)
        kept = {position.purse: position for position in self.positions.of(account)}
        for each in ledger.purses(account.name):
            for ccy in ledger.currencies(each):
                assert each in kept or each == purse or 0 == ledger.balance(each, ccy)
        for position in kept.values():
            assert position.size > 0
            assert ledger.available(position.purse, position.ccy) >= 0
            closing = [order.unfilled for order in orders if order.reduce_only and order.market is position.market]
            assert sum(closing, Decimal(0)) <= position.size
            assert self.positions.closable(position) >= 0
        held = {position.market for position in kept.values()}
        assert all(order.market in held for order in orders if order.reduce_only)

    def _received(self, account, ccy):
        deposits = self.trading.ledger.entries_of(Purse(account.name, "futures"), ccy, "deposit")
        return sum(entry.change for entry in deposits)

    def _realized(self, account, ccy):
        """Return what all positions say that they have brought."""
        positions = [*self.positions.of(account), *self.positions.records.finished[account.name]]
        return sum((position.realized for position in positions if position.ccy == ccy), Decimal(0))

    def _owned(self, account, ccy):
        return sum(self.trading.ledger.balance(purse, ccy) for purse in self.trading.ledger.purses(account.name))


def numbers(row):
    """Return a row with Decimals in place of texts that are numbers."""
    return {name: _number(value) for name, value in row.items()}


def _number(value):
    is_number = isinstance(value, str) and value.lstrip("-").replace(".", "", 1).isdigit()
    return Decimal(value) if is_number else value
