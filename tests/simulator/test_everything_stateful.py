"""One exchange, everything at once: spot, margin, futures, transfers, chains, loans, pools, sub-accounts and time."""

from decimal import Decimal

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.reply import Refusal
from tests.profiles import cases
from tests.simulator.order_exchange import wallet
from tests.simulator.private_api import PrivateApi

ZERO = Decimal(0)
SPOT = {"USDT": 20_000, "BTC": 1, "ETH": 5, "CET": 50_000}

people = st.sampled_from(["me", "sub-1", "other"])
sides = st.sampled_from(["buy", "sell"])
kinds = st.sampled_from(["limit", "limit", "market", "maker_only", "ioc", "fok"])
modes = st.sampled_from(["", "ct", "cm", "both"])
# in parts of the price
distances = st.sampled_from([-50, -10, -1, 0, 1, 10, 50]).map(lambda part: Decimal(part) / 1_000)
worths = st.sampled_from([20, 500, 4_000, 30_000])  # dollars
currencies = st.sampled_from(["USDT", "BTC", "CET"])
amounts = st.sampled_from(["0.05", "7", "300.00000001", "4000"])
areas = st.sampled_from([("spot", "SPOT"), ("spot", "MARGIN"), ("futures", "FUTURES")])
markets = st.sampled_from(["BTCUSDT", "ETHUSDT"])
anywhere = st.tuples(people, areas, markets, sides)
orders = st.tuples(kinds, modes, distances, worths)


class Everything(RuleBasedStateMachine):
    """A main account, its sub-account and a stranger; refusals are part of it and change nothing."""

    def __init__(self):
        super().__init__()
        self.api = PrivateApi(**SPOT)
        self.people = {
            "me": self.api.me,
            "sub-1": self.api.open("sub-1", parent=self.api.me, permissions=["FUTURES", "MARGIN", "AMM"], USDT=3_000),
            "other": self.api.open("other", **SPOT),
        }
        for account in self.people.values():
            for purse in ("futures", "margin:BTCUSDT", "margin:ETHUSDT"):
                self.api.trading.deposit(account, "USDT", 5_000, purse)
        self.exchange = self.api.exchange
        self.seen = 0
        self.balances = {}

    def ask(self, who, name, **params):
        """Ask, and take a refusal for an answer that changes nothing."""
        before, entries = self.api.balances_by_purse(), len(self.api.ledger.entries)
        try:
            return self.api.post(name, self.people[who], **params)
        except Refusal:
            assert (before, entries) == (self.api.balances_by_purse(), len(self.api.ledger.entries))
            return None

    def ticket(self, where, distance, worth):
        """Return an order's parameters without its type, and who places it."""
        who, (area, market_type), name, side = where
        market = self.api.exchange.world.catalogue.find(area, name)
        step = Decimal(market.tick).scaleb(-market.price_places)
        price = Decimal(self.api.exchange.world.tape.last_price(market, self.api.trading.at)) * step / market.tick
        price = price * (1 + distance) // step * step
        amount = round(worth / price, market.amount_places)
        about = {"market": name, "market_type": market_type, "side": side}
        return who, area, about | {"amount": f"{amount:f}", "price": f"{price:f}"}

    @initialize(wanted=st.lists(st.tuples(anywhere, orders), min_size=5, max_size=12))
    def begin(self, wanted):
        """Begin with some orders, so that each sequence has orders and positions."""
        for where, order in wanted:
            self.place(where, order)

    @rule(where=anywhere, order=orders)
    def place(self, where, order):
        """Place an order in any area; at market by amount."""
        kind, mode, distance, worth = order
        who, area, ticket = self.ticket(where, distance, worth)
        ccy = {"ccy": ticket["market"].removesuffix("USDT")} if area == "spot" else {}
        self.ask(who, f"{area}_place_order", **ticket, **ccy, type=kind, stp_mode=mode)

    @rule(where=anywhere, order=orders)
    def place_stop(self, where, order):
        """Place a stop order in any area."""
        kind, mode, distance, worth = order
        who, area, ticket = self.ticket(where, distance, worth)
        what = {"trigger_price": ticket["price"], "type": kind, "stp_mode": mode}
        self.ask(who, f"{area}_place_stop_order", **ticket, **what, trigger_price_type="latest_price")

    @rule(data=st.data(), who=people, area=st.sampled_from(["spot", "futures"]), change=st.none() | distances)
    def modify_or_cancel(self, data, who, area, change):
        """Change one of the open orders, or cancel it."""
        found = self.exchange.matching.orders(self.people[who], area)
        if found:
            order = data.draw(st.sampled_from(found))
            about = {"market": order.market.name, "market_type": order.market_type, "order_id": order.order_id}
            if change is None:
                assert self.ask(who, f"{area}_cancel_order", **about)
            else:
                where = (who, (area, order.market_type), order.market.name, order.side)
                _, _, ticket = self.ticket(where, change, 700)
                self.ask(who, f"{area}_modify_order", **about, price=ticket["price"], amount=ticket["amount"])

    @rule(who=people, market=markets)
    def close_position(self, who, market):
        """All of it, at market."""
        self.ask(who, "futures_close_position", market=market, market_type="FUTURES", type="market")

    @rule(
        who=people, market=markets, leverage=st.sampled_from([3, 20, 50]), mode=st.sampled_from(["cross", "isolated"])
    )
    def set_leverage(self, who, market, leverage, mode):
        """Of a market, whatever is open there."""
        params = {"market": market, "market_type": "FUTURES", "margin_mode": mode, "leverage": leverage}
        self.ask(who, "futures_adjust_position_leverage", **params)

    @rule(who=people, amount=amounts, ccy=currencies, ends=st.permutations(["SPOT", "FUTURES", "MARGIN"]))
    def transfer(self, who, amount, ccy, ends):
        """Between the wallets of an account."""
        params = {"from_account_type": ends[0], "to_account_type": ends[1], "market": "BTCUSDT"}
        self.ask(who, "transfer", ccy=ccy, amount=amount, **params)

    @rule(amount=amounts, back=st.booleans(), ends=st.permutations(["SPOT", "FUTURES"]))
    def sub_transfer(self, amount, back, ends):
        """Between the main account and its sub-account."""
        whose = {"from_user_name" if back else "to_user_name": "sub-1"}
        params = {"from_account_type": ends[0], "to_account_type": ends[1], **whose}
        self.ask("me", "sub_transfer", ccy="USDT", amount=amount, **params)

    @rule(who=people, amount=amounts, ccy=currencies)
    def deposit(self, who, amount, ccy):
        """From outside."""
        with self.api.trading.turn():
            self.exchange.deposits.arrive(self.people[who], ccy, Decimal(amount))

    @rule(who=people, amount=amounts, ccy=currencies, inside=st.booleans())
    def withdraw(self, who, amount, ccy, inside):
        """To outside, or to another account."""
        there = {"to_address": "other", "withdraw_method": "inter_user"} if inside else {"to_address": "far"}
        chain = {"USDT": "TRC20", "BTC": "BTC", "CET": "CSC"}[ccy]
        self.ask(who, "withdraw", ccy=ccy, amount=amount, chain=chain, **there)

    @rule(who=people)
    def cancel_withdraw(self, who):
        """The newest, whatever its state."""
        for row in self.api.data("withdrawals", self.people[who])[:1]:
            self.ask(who, "cancel_withdraw", withdraw_id=row["withdraw_id"])

    @rule(who=people, amount=amounts, ccy=st.sampled_from(["USDT", "BTC"]), repay=st.booleans())
    def borrow_or_repay(self, who, amount, ccy, repay):
        """In the margin account of BTCUSDT."""
        about = {"market": "BTCUSDT", "ccy": ccy}
        if repay:
            self.ask(who, "margin_repay", **about, amount=amount)
        else:
            self.ask(who, "margin_borrow", **about, borrow_amount=amount, is_auto_renew=False)

    @rule(who=people, add=st.booleans())
    def use_a_pool(self, who, add):
        """Put something in, or take everything out."""
        sides = {"base_ccy_amount": "1000", "quote_ccy_amount": "300"}
        self.ask(who, f"amm_{'add' if add else 'remove'}_liquidity", market="ETHUSDT", **(sides if add else {}))

    @rule(who=people, wanted=st.booleans())
    def pay_fees_in_cet(self, who, wanted):
        """Or as usual."""
        self.ask(who, "account_settings", cet_discount_enabled=wanted)

    @rule(seconds=st.sampled_from([0.2, 45, 900, 7_200, 90_000]))
    def wait(self, seconds):
        """Let time pass: fills, triggers, funding, interest, blocks."""
        self.api.advance(seconds)

    @invariant()
    def balances_fees_and_positions_sum_up_to_nothing(self):
        """What the endpoints show of all accounts, and what the exchange and the world have, is 0 by currency."""
        sums = {ccy: self.of_the_house(ccy) for ccy in self.api.ledger.totals()}
        for account in self.people.values():
            for ccy, amount in self.shown(account):
                sums[ccy] += amount
        assert {ZERO} == set(sums.values())

    @invariant()
    def the_chain_is_unbroken(self):
        """Each new entry begins where the one before it of its purse and currency ended, and nobody owes."""
        for entry in self.api.ledger.entries[self.seen :]:
            key = entry.purse, entry.ccy
            assert entry.balance == self.balances.get(key, ZERO) + entry.change
            assert entry.balance >= 0 or entry.purse.may_owe
            self.balances[key] = entry.balance
        self.seen = len(self.api.ledger.entries)

    @invariant()
    def what_is_frozen_has_a_reason(self):
        """Open orders and withdrawals that have not left hold exactly what is frozen."""
        for account in self.people.values():
            held = [
                (wallet(order), ccy, amount)
                for area in ("spot", "futures")
                for order in self.exchange.matching.orders(account, area)
                for ccy, amount in order.held.items()
            ]
            for status in ("created", "audited"):
                rows = self.api.data("withdrawals", account, status=status, limit=100)
                held += [("spot", row["ccy"], Decimal(row["amount"])) for row in rows]
            for purse in self.api.ledger.purses(account.name):
                for ccy in self.api.ledger.currencies(purse):
                    frozen = sum((each[2] for each in held if each[:2] == (purse.wallet, ccy)), ZERO)
                    assert frozen == self.api.ledger.frozen(purse, ccy)

    def of_the_house(self, ccy):
        """Return what the exchange and the world have of a currency."""
        ledger = self.api.ledger
        owners = ("@liquidity", "@exchange", "@outside")
        return sum((ledger.balance(purse, ccy) for owner in owners for purse in ledger.purses(owner)), ZERO)

    def shown(self, account):
        """Yield currency and amount of all that an account's endpoints show."""
        for row in self.api.data("spot_balances", account):
            yield row["ccy"], Decimal(row["available"]) + Decimal(row["frozen"])
        for row in self.api.data("futures_balances", account) or ():
            yield row["ccy"], sum(Decimal(row[part]) for part in ("available", "frozen", "margin"))
        for row in self.api.data("margin_balances", account):
            for side in ("base_ccy", "quote_ccy"):
                yield row[side], Decimal(row["available"][side]) + Decimal(row["frozen"][side])
        for row in self.api.data("amm_liquidity", account):
            for side in ("base_ccy", "quote_ccy"):
                yield row[side], Decimal(row[f"{side}_amount"])

    def teardown(self):
        """Expect that spot statements tell the balances of the ledger, and that what is closed has no margin."""
        for account in self.people.values():
            for purse in self.api.ledger.purses(account.name):
                market = purse.wallet.removeprefix("futures:")
                if market != purse.wallet and not self.exchange.positions.of(account):
                    assert ZERO == sum(self.api.ledger.balance(purse, ccy) for ccy in ("USDT", "BTC"))
            entries = list(self.api.ledger.entries_of(Purse(account.name, "spot"), "USDT", "trade"))
            rows = self.api.data("spot_transactions", account, type="trade", ccy="USDT", limit=1000)
            assert [f"{entry.balance.normalize():f}" for entry in entries] == [row["balance"] for row in rows]


TestEverything = Everything.TestCase
TestEverything.settings = settings(
    max_examples=cases(20), stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
