"""Margin accounts: their loans, and how far they are from liquidation.

The risk rate is the account's assets divided by its debts, both at the market's index price; at 1.1 and below the
account is liquidated. Both figures are the sandbox's own: the exchange's are not documented here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal
from typing import NamedTuple

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import Purse
from coinex_pandas.simulator.engine.valuation import index_price
from coinex_pandas.simulator.market.catalogue import Market
from coinex_pandas.simulator.market.reference import is_margin_available
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Refusal

__all__ = ["LIQUIDATION_RISK", "Debt", "Loan", "MarginAccounts", "MarginState", "margin_purse"]

ZERO = Decimal(0)
HOUR = 3_600_000
LIQUIDATION_RISK = Decimal("1.1")
_INTEREST_STEP = Decimal("1e-8")
_RISK_STEP = Decimal("1e-6")
_RUNNING = ("loan", "debt")


@dataclass(slots=True, eq=False)
class Loan:
    """One loan; `principal` and `interest` are what is still owed."""

    borrow_id: int
    account: Account
    market: Market
    ccy: str
    amount: Decimal
    principal: Decimal
    daily_rate: Decimal
    created_at: int
    expired_at: int
    is_auto_renew: bool
    interest_at: int
    interest: Decimal = ZERO
    status: str = "loan"

    @property
    def owed(self) -> Decimal:
        """Principal and interest."""
        return self.principal + self.interest

    @property
    def is_running(self) -> bool:
        """Whether something is still owed."""
        return self.status in _RUNNING

    def charge(self) -> None:
        """Charge the interest of an hour that has begun."""
        self.interest += (self.principal * self.daily_rate / 24).quantize(_INTEREST_STEP, ROUND_UP)
        self.interest_at += HOUR

    def pay(self, amount: Decimal) -> None:
        """Count a payment: interest first."""
        interest = min(amount, self.interest)
        self.interest -= interest
        self.principal -= amount - interest
        if not self.owed:
            self.status = "finish"


class Debt(NamedTuple):
    """What a margin account owes of a currency."""

    principal: Decimal
    interest: Decimal

    @property
    def total(self) -> Decimal:
        """Both together."""
        return self.principal + self.interest


class MarginState(NamedTuple):
    """Assets and debts in quote currency; the risk rate and the price of liquidation where there are any."""

    assets: Decimal
    debts: Decimal
    risk: Decimal | None
    liq_price: Decimal | None


class MarginAccounts:
    """The loans of an exchange and the accounts they are in."""

    def __init__(self, trading: Trading) -> None:
        self._trading = trading
        self._loans: dict[Account, list[Loan]] = {}

    def market(self, params: Params, name: str = "market") -> Market:
        """Return the request's margin market."""
        market = parameters.market(params, self._trading.world.catalogue, "spot", name)
        if not is_margin_available(market):
            raise Refusal(message=f"invalid argument: {market.name} is no margin market")
        return market

    def add(self, loan: Loan) -> None:
        """Add a loan."""
        self._loans.setdefault(loan.account, []).append(loan)

    def loans(self, account: Account) -> list[Loan]:
        """Return an account's loans, newest first."""
        return self._loans.get(account, [])[::-1]

    def running(self) -> Iterator[Loan]:
        """Yield every loan that is not repaid, the oldest of each account first."""
        for loans in self._loans.values():
            yield from (loan for loan in loans if loan.is_running)

    def running_of(self, account: Account, market: Market, ccy: str = "") -> list[Loan]:
        """Return the running loans of a margin account, oldest first."""
        return [
            loan
            for loan in self._loans.get(account, ())
            if loan.is_running and loan.market is market and ccy in ("", loan.ccy)
        ]

    def in_use(self, account: Account) -> list[Market]:
        """Return the markets whose margin accounts have assets or debts."""
        ledger, catalogue = self._trading.ledger, self._trading.world.catalogue
        purses = [purse for purse in ledger.purses(account.name) if purse.wallet.startswith("margin:")]
        markets = [catalogue.find("spot", purse.wallet.partition(":")[2]) for purse in purses]
        return [
            market
            for purse, market in zip(purses, markets, strict=True)
            if market is not None
            and (self.running_of(account, market) or any(ledger.balance(purse, ccy) for ccy in _pair(market)))
        ]

    def debt(self, account: Account, market: Market, ccy: str) -> Debt:
        """Return what a margin account owes of a currency."""
        loans = self.running_of(account, market, ccy)
        return Debt(sum((loan.principal for loan in loans), ZERO), sum((loan.interest for loan in loans), ZERO))

    def state(self, account: Account, market: Market, *, less: tuple[str, Decimal] | None = None) -> MarginState:
        """Return the state of a margin account; `less` is an amount of a currency to leave out."""
        ledger, purse = self._trading.ledger, margin_purse(account, market)
        base, quote = (
            ledger.balance(purse, ccy) - (less[1] if less is not None and less[0] == ccy else ZERO)
            for ccy in _pair(market)
        )
        base_debt, quote_debt = (self.debt(account, market, ccy).total for ccy in _pair(market))
        price = index_price(self._trading, market)
        assets, debts = base * price + quote, base_debt * price + quote_debt
        if not debts:
            return MarginState(assets, debts, None, None)
        risk = (assets / debts).quantize(_RISK_STEP, ROUND_DOWN)
        return MarginState(assets, debts, risk, _liq_price(market, base, quote, base_debt, quote_debt))


def margin_purse(account: Account, market: Market) -> Purse:
    """Return the wallet of a margin account."""
    return Purse(account.name, f"margin:{market.name}")


def _pair(market: Market) -> tuple[str, str]:
    return market.base, market.quote


def _liq_price(
    market: Market, base: Decimal, quote: Decimal, base_debt: Decimal, quote_debt: Decimal
) -> Decimal | None:
    """Return the price at which assets are LIQUIDATION_RISK of the debts; None when there is no such price."""
    slope = base - LIQUIDATION_RISK * base_debt
    if not slope:
        return None
    price = (LIQUIDATION_RISK * quote_debt - quote) / slope
    return price.quantize(Decimal(1).scaleb(-market.price_places), ROUND_DOWN) if price > 0 else None
