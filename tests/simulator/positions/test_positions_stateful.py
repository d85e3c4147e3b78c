"""Whatever accounts do with futures, in whatever order: money adds up, nobody owes, margins have positions."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coinex_pandas.simulator.reply import Refusal
from tests.profiles import cases
from tests.simulator.futures_exchange import FuturesExchange

MARKETS = ("BTCUSDT", "ETHUSDT", "BTCUSD")
FUNDS = {"USDT": "3000", "BTC": "0.05"}

names = st.sampled_from(["ann", "bob"])
markets = st.sampled_from(MARKETS)
sides = st.sampled_from(["buy", "sell"])
kinds = st.sampled_from(["limit", "limit", "market", "maker_only", "ioc", "fok"])
distances = st.sampled_from([-200, -20, -1, 0, 1, 20, 200]).map(lambda part: Decimal(part) / 10_000)
worths = st.sampled_from([20, 500, 4_000, 30_000, 300_000])  # dollars
leverages = st.sampled_from([3, 5, 10, 20, 50, 100])
modes = st.sampled_from(["cross", "isolated"])
stop_kinds = st.sampled_from(["stop_loss", "take_profit"])
price_types = st.sampled_from(["latest_price", "mark_price", "index_price"])


class FuturesMachine(RuleBasedStateMachine):
    """Two accounts, two linear markets that share a currency, and an inverse one."""

    def __init__(self):
        super().__init__()
        self.exchange = FuturesExchange()
        self.accounts = {name: self.exchange.account(name, **FUNDS) for name in ("ann", "bob")}

    def ask(self, name, what, **params):
        """Ask an endpoint; what it refuses must not have moved money."""
        entries = len(self.exchange.trading.ledger.entries)
        try:
            return self.exchange.ask(what, account=self.accounts[name], **params)
        except Refusal:
            assert entries == len(self.exchange.trading.ledger.entries)
            return None

    def price(self, market, distance):
        """Return a price so far from the market's middle, as text."""
        traded = self.exchange.market(market)
        step = Decimal(traded.tick).scaleb(-traded.price_places)
        latest = self.exchange.positions.prices.latest(traded, self.exchange.trading.at)
        return f"{latest * (1 + distance) // step * step:f}"

    def amount(self, market, worth):
        """Return what is worth so many dollars, as text."""
        found = self.exchange.market(market)
        amount = worth if found.inverse else Decimal(worth) / Decimal(self.price(market, 0))
        return f"{round(Decimal(amount), found.amount_places):f}"

    @rule(name=names, market=markets, side=sides, kind=kinds, order=st.tuples(distances, worths))
    def place(self, name, market, side, kind, order):
        """Place an order."""
        distance, worth = order
        price = {} if kind == "market" else {"price": self.price(market, distance)}
        params = {"market": market, "side": side, "type": kind, "amount": self.amount(market, worth)}
        self.ask(name, "futures_place_order", **params | price)

    @rule(name=names, market=markets, kind=kinds, distance=distances, worth=st.none() | worths)
    def close(self, name, market, kind, distance, worth):
        """Close a position or an amount of it."""
        price = {} if kind == "market" else {"price": self.price(market, distance)}
        amount = {} if worth is None else {"amount": self.amount(market, worth)}
        self.ask(name, "futures_close_position", market=market, type=kind, **price, **amount)

    @rule(data=st.data(), name=names, distance=distances, worth=worths)
    def modify_or_cancel(self, data, name, distance, worth):
        """Change an open order or cancel it."""
        orders = self.exchange.matching.orders(self.accounts[name], "futures")
        if orders:
            order = data.draw(st.sampled_from(orders))
            market = order.market.name
            about = {"market": market, "order_id": order.order_id}
            if data.draw(st.booleans()):
                self.ask(name, "futures_cancel_order", **about)
            else:
                changes = {"price": self.price(market, distance), "amount": self.amount(market, worth)}
                self.ask(name, "futures_modify_order", **about | changes)

    @rule(name=names, market=markets, part=st.sampled_from(["-50", "-1", "0.001", "1", "100", "5000"]))
    def adjust_margin(self, name, market, part):
        """Add or remove margin."""
        self.ask(name, "futures_adjust_position_margin", market=market, amount=part)

    @rule(name=names, market=markets, mode=modes, leverage=leverages)
    def set_leverage(self, name, market, mode, leverage):
        """Change margin mode and leverage, whatever is open."""
        params = {"market": market, "margin_mode": mode, "leverage": leverage}
        self.ask(name, "futures_adjust_position_leverage", **params)

    @rule(name=names, market=markets, kind=stop_kinds, price_type=price_types, order=st.tuples(distances, worths))
    def set_stop(self, name, market, kind, price_type, order):
        """Set a stop loss or take profit, mostly where it belongs; the smallest amount stands for all of it."""
        distance, worth = order
        position = self.exchange.position(self.accounts[name], market)
        if position is not None and distance != Decimal("0.002"):
            distance = abs(distance) * (1 if (kind == "take_profit") is (position.side == "long") else -1)
        amount = {} if worth == 20 else {f"{kind}_amount": self.amount(market, worth)}
        params = {f"{kind}_type": price_type, f"{kind}_price": self.price(market, distance)}
        self.ask(name, f"futures_set_position_{kind}", market=market, **params | amount)

    @rule(seconds=st.sampled_from([0.2, 5, 60, 300, 3600]))
    def advance(self, seconds):
        """Let time pass."""
        self.exchange.advance(seconds)

    @rule(market=markets, change=st.sampled_from(["0.3", "0.8", "0.97", "1.03", "1.2", "2"]))
    def shock(self, market, change):
        """Let mark and index jump for a minute."""
        with self.exchange.pinned(self.exchange.mark(market) * Decimal(change), market):
            self.exchange.advance(60)

    @rule(name=names, ccy=st.sampled_from(["USDT", "BTC"]), amount=st.sampled_from(["0.01", "700"]))
    def deposit(self, name, ccy, amount):
        """Get more money."""
        self.exchange.trading.deposit(self.accounts[name], ccy, amount, "futures")

    @invariant()
    def nothing_is_lost(self):
        """What `FuturesExchange.check` expects, and rows that can be shown."""
        self.exchange.check()
        for account in self.accounts.values():
            rows = self.exchange.ask("futures_positions", account=account)
            assert all(row["open_interest"] != "0" for row in rows)
            for ccy in ("USDT", "BTC"):
                balance = self.exchange.balance(ccy, account)
                parts = ("available", "frozen", "margin", "unrealized_pnl")
                assert sum(balance[part] for part in parts) == balance["equity"]
                assert 0 <= balance["transferrable"] <= balance["available"]


FuturesMachine.TestCase.settings = settings(
    max_examples=cases(25), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)


@pytest.mark.timeout(300)
class TestFutures(FuturesMachine.TestCase):
    """The machine as a test."""
