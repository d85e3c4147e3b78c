"""Whatever accounts do, in whatever order: nothing is lost, nothing is made, nobody owes."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from coinex_pandas.simulator.assembly import add_private_side
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.reply import Refusal
from tests.profiles import cases
from tests.simulator.order_exchange import NOW, WORLD, Trader, check_chain, wallet

MARKETS = [WORLD.catalogue.find("spot", name) for name in ("BTCUSDT", "ETHUSDT", "ETHBTC")]
FUNDS = {"USDT": 20_000, "BTC": 1, "ETH": 5, "CET": 3_000}

names = st.sampled_from(["ann", "bob"])
sides = st.sampled_from(["buy", "sell"])
markets = st.sampled_from(MARKETS)
kinds = st.sampled_from(["limit", "limit", "maker_only", "ioc", "fok"])
modes = st.sampled_from(["", "ct", "cm", "both"])
margin = st.sampled_from(["SPOT", "SPOT", "MARGIN"])
# in parts of the price; most orders stand so close to the market that they trade, at once or soon
distances = st.sampled_from([-200, -20, -2, -1, 0, 1, 2, 20]).map(lambda part: Decimal(part) / 10_000)
worths = st.sampled_from([1, 30, 500, 4_000, 30_000])  # dollars


class AnyMarket:
    """The exchange of the traders, whose market changes with each request."""

    def __init__(self):
        self.clock = Clock(NOW, speed=0)
        self.trading = Trading(WORLD, self.clock)
        self.private_side = add_private_side(self.trading)
        self.market = MARKETS[0]


class SpotMachine(RuleBasedStateMachine):
    """Two accounts with spot and margin wallets, three markets that share their coins."""

    def __init__(self):
        super().__init__()
        self.any_market = AnyMarket()
        self.trading, self.matching = self.any_market.trading, self.any_market.private_side.matching
        self.traders = {name: self.open(name) for name in ("ann", "bob")}

    def open(self, name):
        """Open an account with money in its wallets."""
        account = self.trading.accounts.open(name)
        for ccy, amount in FUNDS.items():
            self.trading.deposit(account, ccy, amount)
        for ccy in ("USDT", "BTC"):
            self.trading.deposit(account, ccy, Decimal(FUNDS[ccy]) / 4, "margin:BTCUSDT")
        return Trader(self.any_market, account)

    def ask(self, trader, name, **params):
        """Ask an endpoint; what it refuses must not have moved money."""
        before = self.held()
        try:
            return trader.ask(name, **params).data
        except Refusal:
            assert before == self.held()
            return None

    def held(self):
        """Return all that is frozen, and how many changes of purses there have been."""
        return {key: frozen for key, frozen in self.frozen().items() if frozen}, len(self.trading.ledger.entries)

    def frozen(self):
        """Return what is frozen by purse and currency."""
        ledger = self.trading.ledger
        purses = [purse for name in self.traders for purse in ledger.purses(name)]
        return {(purse, ccy): ledger.frozen(purse, ccy) for purse in purses for ccy in ledger.currencies(purse)}

    def price(self, market, distance):
        """Return a price so far from the market's middle."""
        bid, ask = self.matching.best(market)
        step = Decimal(1).scaleb(-market.price_places)
        return (bid + ask) / 2 * (1 + distance) // step * step

    def amount(self, market, worth):
        """Return the amount of base coins that is worth so many dollars."""
        dollar = 1 if market.quote == "USDT" else self.price(MARKETS[0], 0)
        return round(Decimal(worth) / dollar / self.price(market, 0), market.amount_places)

    def ticket(self, market, market_type, side, distance, worth):
        """Return an order's parameters without its type."""
        amount = max(self.amount(market, worth), Decimal(1).scaleb(-market.amount_places))
        price = self.price(market, distance)
        about = {"market": market.name, "market_type": market_type, "side": side}
        return about | {"amount": f"{amount:f}", "price": f"{price:f}"}

    @rule(
        name=names,
        market=markets,
        market_type=margin,
        side=sides,
        kind=kinds,
        mode=modes,
        distance=distances,
        worth=worths,
    )
    def place(self, *, name, market, market_type, side, kind, mode, distance, worth):
        """Place an order with a price."""
        ticket = self.ticket(market, market_type, side, distance, worth)
        self.ask(self.traders[name], "spot_place_order", **ticket, type=kind, stp_mode=mode)

    @rule(name=names, market=markets, market_type=margin, side=sides, worth=worths, by_value=st.booleans())
    def place_at_market(self, *, name, market, market_type, side, worth, by_value):
        """Place a market order by amount or by value."""
        ticket = self.ticket(market, market_type, side, 0, worth)
        if by_value:
            value = Decimal(ticket["amount"]) * Decimal(ticket["price"])
            ticket["amount"] = f"{round(value, 8):f}"
        ccy = market.quote if by_value else market.base
        self.ask(self.traders[name], "spot_place_order", **ticket, type="market", ccy=ccy)

    def pending(self, name):
        """Return an account's open orders."""
        return self.matching.orders(self.traders[name].account, "spot")

    @precondition(lambda self: any(self.pending(name) for name in self.traders))
    @rule(data=st.data(), distance=distances, worth=worths)
    def modify(self, data, distance, worth):
        """Change an open order's amount and price."""
        order = data.draw(st.sampled_from([order for name in self.traders for order in self.pending(name)]))
        ticket = self.ticket(order.market, order.market_type, order.side, distance, worth)
        about = {key: ticket[key] for key in ("market", "market_type", "amount", "price")}
        trader = self.traders[order.account.name]
        changed = self.ask(trader, "spot_modify_order", **about, order_id=order.order_id)
        assert changed is None or changed["order_id"] == order.order_id

    @precondition(lambda self: any(self.pending(name) for name in self.traders))
    @rule(data=st.data())
    def cancel(self, data):
        """Cancel an open order."""
        order = data.draw(st.sampled_from([order for name in self.traders for order in self.pending(name)]))
        about = {"market": order.market.name, "market_type": order.market_type, "order_id": order.order_id}
        gone = self.ask(self.traders[order.account.name], "spot_cancel_order", **about)
        assert gone["order_id"] == order.order_id
        assert order not in self.pending(order.account.name)

    @precondition(lambda self: len(self.pending("ann")) + len(self.pending("bob")) > 3)  # it ends what is interesting
    @rule(name=names, market=markets)
    def cancel_all(self, name, market):
        """Cancel all spot orders of a market."""
        self.ask(self.traders[name], "spot_cancel_all_orders", market=market.name, market_type="SPOT")

    @rule(name=names, market=markets, side=sides, distance=distances, worth=worths, mode=modes)
    def place_stop(self, *, name, market, side, distance, worth, mode):
        """Place a stop order that becomes a limit order."""
        ticket = self.ticket(market, "SPOT", side, distance, worth)
        trader = self.traders[name]
        self.ask(trader, "spot_place_stop_order", **ticket, type="limit", trigger_price=ticket["price"], stp_mode=mode)

    @rule(seconds=st.sampled_from([0.001, 0.2, 5, 60, 300]))
    def advance(self, seconds):
        """Let time pass."""
        self.any_market.clock.advance(seconds)
        self.trading.advance()

    @rule(name=names, ccy=st.sampled_from(["USDT", "BTC"]), into=st.booleans(), part=st.sampled_from([1, 3, 50]))
    def transfer(self, name, ccy, into, part):
        """Move money between the spot wallet and a margin wallet."""
        wallets = ("SPOT", "MARGIN") if into else ("MARGIN", "SPOT")
        self.ask(
            self.traders[name],
            "transfer",
            ccy=ccy,
            amount=f"{Decimal(FUNDS[ccy]) / part / 4:.8f}",
            from_account_type=wallets[0],
            to_account_type=wallets[1],
            market="BTCUSDT",
        )

    @rule(name=names, on=st.booleans())
    def switch_discount(self, name, on):
        """Pay fees in CET, or not."""
        self.traders[name].account.settings["cet_discount_enabled"] = on

    @invariant()
    def nothing_is_lost_or_made(self):
        """All purses of a currency sum up to nothing."""
        assert {Decimal(0)} >= set(self.trading.ledger.totals().values())

    @invariant()
    def frozen_is_what_open_orders_hold(self):
        """Nobody owes, and exactly what open orders need is set aside."""
        for (purse, ccy), frozen in self.frozen().items():
            orders = [order for order in self.pending(purse.owner) if wallet(order) == purse.wallet]
            assert frozen == sum(order.held.get(ccy, 0) for order in orders)
            assert self.trading.ledger.available(purse, ccy) >= 0
        for order in (order for name in self.traders for order in self.pending(name)):
            need = order.price * order.unfilled if order.is_buy else order.unfilled
            assert need == sum(order.held.values())

    @invariant()
    def own_orders_do_not_cross(self):
        """What could trade with each other has done so."""
        for market in MARKETS:
            orders = self.matching.resting(market)
            bids = [order.price for order in orders if order.is_buy]
            asks = [order.price for order in orders if not order.is_buy]
            assert max(bids, default=Decimal(0)) < min(asks, default=Decimal("inf"))

    def teardown(self):
        """Expect that the chain of balances has no gap, and that deals, orders and pushes tell the same."""
        check_chain(self.trading.ledger)
        for trader in self.traders.values():
            ids = [deal["deal_id"] for deal in trader.events_of("user_deals")]
            assert len(ids) == sum(
                len(self.matching.log.deals.rows(trader.account, kind)) for kind in ("SPOT", "MARGIN")
            )
            self.check_orders(trader)

    def check_orders(self, trader):
        """Expect of each known order that its deals sum up to what it says."""
        log = self.matching.log
        finished = [order for kind in ("SPOT", "MARGIN") for order in log.finished.rows(trader.account, kind)]
        for order in [*finished, *self.pending(trader.account.name)]:
            deals = log.deals_of(order)
            assert order.filled == sum(deal.amount for deal in deals)
            assert order.filled_value == sum(deal.amount * deal.price for deal in deals)
            assert order.amount == order.unfilled + (order.filled_value if order.by_value else order.filled)
            assert order.unfilled >= 0


@pytest.mark.filterwarnings("ignore::hypothesis.errors.NonInteractiveExampleWarning")
class TestSpot(SpotMachine.TestCase):
    """Run it."""

    settings = settings(
        max_examples=cases(40), stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
    )
