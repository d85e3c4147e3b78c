"""An exchange without sockets, whose clock the test moves, and traders with orders in one of its markets."""

from __future__ import annotations

from decimal import Decimal

import pytest

from coinex_pandas.simulator.assembly import add_private_side
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.market.world import World
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal

NOW = 1_790_133_720_000
WORLD = World(0, NOW)  # nothing changes it, so that all tests can share what it has computed
FUNDS = {"USDT": 100_000, "BTC": 2}


class OrderExchange:
    """An exchange, and the market of it in which the traders place orders."""

    def __init__(self, market="BTCUSDT", area="spot"):
        self.clock = Clock(NOW, speed=0)
        self.trading = Trading(WORLD, self.clock)
        self.matching = add_private_side(self.trading).matching
        self.market = WORLD.catalogue.find(area, market)

    def trader(self, name="ann", **funds):
        """Return a new account with money."""
        account = self.trading.accounts.open(name)
        for ccy, amount in (funds or FUNDS).items():
            self.trading.deposit(account, ccy, amount, self.market.area)
        return Trader(self, account)

    def advance(self, seconds):
        """Let time pass."""
        self.clock.advance(seconds)
        self.trading.advance()

    def offers(self, side):
        """Return the levels that an order of that side would meet now, best first."""
        return list(self.matching.liquidity.levels(self.market, side, self.trading.at))

    def check(self):
        """Expect that nothing was lost or made, that nobody owes, and that exactly what open orders hold is frozen."""
        ledger = self.trading.ledger
        assert {Decimal(0)} >= set(ledger.totals().values())
        for account in self.trading.accounts.all():
            for purse in ledger.purses(account.name):
                for ccy in ledger.currencies(purse):
                    assert ledger.available(purse, ccy) >= 0
                    assert ledger.frozen(purse, ccy) == self._held(account, purse, ccy)
        check_chain(ledger)

    def _held(self, account, purse, ccy):
        orders = [*self.matching.orders(account, "spot"), *self.matching.orders(account, "futures")]
        return sum(order.held.get(ccy, 0) for order in orders if wallet(order) == purse.wallet)


class Trader:
    """An account, its requests and the events that it gets."""

    def __init__(self, exchange, account):
        self.exchange = exchange
        self.account = account
        self.events = []
        exchange.trading.listeners.append(self._listen)

    def ask(self, name, **params):
        """Send a request to an endpoint and return the reply."""
        if name.removeprefix(f"{self.area}_").startswith(("place", "modify", "cancel")):
            params = Body(params)
        else:
            params = {key: str(value) for key, value in params.items()}
        return self.exchange.trading.answer(name, self.account, params)

    def order(self, side, price=None, amount="0.01", **more):
        """Place an order: a limit order where there is a price."""
        params = {"market": self.exchange.market.name, "market_type": self.market_type, "side": side, "amount": amount}
        params |= {"type": "market"} if price is None else {"type": "limit", "price": str(price)}
        return self.ask(f"{self.area}_place_order", **params | more).data

    def stop(self, side, trigger_price, price=None, amount="0.01", **more):
        """Place a stop order."""
        params = {"market": self.exchange.market.name, "market_type": self.market_type, "side": side, "amount": amount}
        params |= (
            {"type": "market", "ccy": self.exchange.market.base}
            if price is None
            else {"type": "limit", "price": str(price)}
        )
        return self.ask(f"{self.area}_place_stop_order", trigger_price=str(trigger_price), **params | more).data

    def act(self, verb, **params):
        """Send a request about the exchange's market and return the data of the reply."""
        about = {"market": self.exchange.market.name, "market_type": self.market_type}
        return self.ask(f"{self.area}_{verb}", **about | params).data

    def refused(self, *args, **params):
        """Return the code with which an order is refused."""
        with pytest.raises(Refusal) as refusal:
            self.order(*args, **params)
        return refusal.value.reply.code

    def balance(self, ccy, wallet=""):
        """Return what is available and what is frozen, in the area's own wallet if none is named."""
        ledger, purse = self.exchange.trading.ledger, Purse(self.account.name, wallet or self.area)
        return ledger.available(purse, ccy), ledger.frozen(purse, ccy)

    @property
    def area(self):
        """The exchange's area."""
        return self.exchange.market.area

    @property
    def market_type(self):
        """The value of that parameter for the area's endpoints."""
        return "SPOT" if self.area == "spot" else "FUTURES"

    def events_of(self, method):
        """Return the events of a channel as (event, object), for deals the data alone."""
        data = [event.data for event in self.events if event.method == method]
        return data if method == "user_deals" else [(each["event"], each[method]) for each in data]

    def _listen(self, event):
        if event.account is self.account:
            self.events.append(event)


def wallet(order):
    """Return the wallet an order trades from."""
    return f"margin:{order.market.name}" if order.market_type == "MARGIN" else order.area


def check_chain(ledger):
    """Expect that each entry of a purse begins where the one before it ended."""
    balances = {}
    for entry in ledger.entries:
        key = entry.purse, entry.ccy
        assert entry.balance == balances.get(key, 0) + entry.change
        balances[key] = entry.balance
    for (purse, ccy), balance in balances.items():
        assert balance == ledger.balance(purse, ccy)
