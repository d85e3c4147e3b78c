"""Whatever is done with wallets, loans, pools and chains: nothing is made and nothing is lost."""

from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from coinex_pandas.simulator.reply import Refusal
from tests.profiles import cases
from tests.simulator.private_api import PrivateApi

AMOUNTS = st.decimals("0.00000001", "3000", places=8).map(lambda amount: f"{amount:f}")
CURRENCIES = st.sampled_from(["USDT", "BTC", "CET"])
MARKETS = st.sampled_from(["BTCUSDT", "CETUSDT"])


class Wallets(RuleBasedStateMachine):
    """Two accounts and a sub-account that do what comes to mind; refusals are part of it."""

    def __init__(self):
        super().__init__()
        self.api = PrivateApi(USDT=5000, BTC=2, CET=100_000)
        self.sub = self.api.open("sub-1", parent=self.api.me, permissions=["FUTURES", "MARGIN"], USDT=100)
        self.other = self.api.open("other", USDT=1000)

    def ask(self, name, account=None, **params):
        """Ask, and take a refusal for an answer that changes nothing."""
        before = self.api.balances_by_purse()
        try:
            return self.api.post(name, account, **params)
        except Refusal:
            assert before == self.api.balances_by_purse()
            return None

    @rule(amount=AMOUNTS, ccy=CURRENCIES, kinds=st.permutations(["SPOT", "FUTURES", "MARGIN"]), market=MARKETS)
    def transfer(self, amount, ccy, kinds, market):
        """Between own wallets."""
        params = {"from_account_type": kinds[0], "to_account_type": kinds[1], "market": market}
        self.ask("transfer", ccy=ccy, amount=amount, **params)

    @rule(amount=AMOUNTS, back=st.booleans(), kinds=st.permutations(["SPOT", "FUTURES"]))
    def sub_transfer(self, amount, back, kinds):
        """With the sub-account."""
        whose = {"from_user_name" if back else "to_user_name": "sub-1"}
        params = {"from_account_type": kinds[0], "to_account_type": kinds[1], "ccy": "USDT", **whose}
        self.ask("sub_transfer", amount=amount, **params)

    @rule(amount=AMOUNTS, ccy=CURRENCIES)
    def deposit(self, amount, ccy):
        """From outside."""
        with self.api.trading.turn():
            self.api.exchange.deposits.arrive(self.api.me, ccy, Decimal(amount))

    @rule(amount=AMOUNTS, ccy=CURRENCIES, inside=st.booleans())
    def withdraw(self, amount, ccy, inside):
        """To outside, or to another account."""
        there = {"to_address": "other", "withdraw_method": "inter_user"} if inside else {"to_address": "far"}
        chain = {"USDT": "TRC20", "BTC": "BTC", "CET": "CSC"}[ccy]
        self.ask("withdraw", ccy=ccy, amount=amount, chain=chain, **there)

    @rule(number=st.integers(0, 3))
    def cancel_withdraw(self, number):
        """One of the newest, whatever its state."""
        for row in self.api.data("withdrawals")[number : number + 1]:
            self.ask("cancel_withdraw", withdraw_id=row["withdraw_id"])

    @rule(amount=AMOUNTS, market=MARKETS, base=st.booleans(), renew=st.booleans())
    def borrow(self, amount, market, base, renew):
        """In a margin account."""
        ccy = market.removesuffix("USDT") if base else "USDT"
        self.ask("margin_borrow", market=market, ccy=ccy, borrow_amount=amount, is_auto_renew=renew)

    @rule(amount=AMOUNTS, everything=st.booleans())
    def repay(self, amount, everything):
        """The newest running loan, all of it or some."""
        for row in self.api.data("margin_borrows", status="loan")[:1]:
            what = {name: row[name] for name in ("market", "ccy", "borrow_id")}
            self.ask("margin_repay", amount=row["to_repaied_amount"] if everything else amount, **what)

    @rule(amount=AMOUNTS, market=MARKETS)
    def add_liquidity(self, amount, market):
        """As much quote as there may be, and base without end."""
        self.ask("amm_add_liquidity", market=market, base_ccy_amount="1000000", quote_ccy_amount=amount)

    @rule(market=MARKETS)
    def remove_liquidity(self, market):
        """Everything."""
        self.ask("amm_remove_liquidity", market=market)

    @rule(seconds=st.sampled_from([1, 45, 900, 7200, 90_000]))
    def wait(self, seconds):
        """Let time pass."""
        self.api.advance(seconds)

    @invariant()
    def nothing_is_made_or_lost(self):
        """Sums are 0, chains unbroken, nobody below 0; what is frozen is what withdrawals hold."""
        self.api.check()
        for ccy in ("USDT", "BTC", "CET"):
            rows = [
                row for status in ("created", "audited") for row in self.api.data("withdrawals", status=status, ccy=ccy)
            ]
            assert sum(Decimal(row["amount"]) for row in rows) == self.api.frozen(ccy)


TestWallets = Wallets.TestCase
TestWallets.settings = settings(max_examples=cases(20), stateful_step_count=25, deadline=None)
