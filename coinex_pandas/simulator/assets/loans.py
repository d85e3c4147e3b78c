"""Margin loans: borrowing, interest by the hour, repayment, renewal, liquidation.

The figures are the sandbox's own. Loans run for ten days. Interest is charged when an hour begins, the first one at
once. At its end a loan with automatic renewal continues at the rate of that day; another one is repaid from the margin
account, and what the account does not have stays owed as a debt and costs interest. At a risk rate of 1.1 or less the
account's orders are cancelled and its debts are paid, at the index price, from what it has; the insurance fund pays the
rest.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.assets.margin_accounts import LIQUIDATION_RISK, Loan, MarginAccounts, margin_purse
from coinex_pandas.simulator.engine.accounts import Account
from coinex_pandas.simulator.engine.engine import Trading
from coinex_pandas.simulator.engine.ledger import INSURANCE, LENDER, LIQUIDITY, shortfall
from coinex_pandas.simulator.engine.valuation import dollars, index_price
from coinex_pandas.simulator.market.catalogue import DAY, MINUTE, Market
from coinex_pandas.simulator.noise import draw
from coinex_pandas.simulator.parameters import Params, listing
from coinex_pandas.simulator.reply import Refusal, Reply, Row
from coinex_pandas.simulator.text import plain

__all__ = ["Loans"]

ZERO = Decimal(0)
_LEVERAGE = 10
_TERM = 10 * DAY
_LEAST_DOLLARS, _MOST_DOLLARS = Decimal(10), Decimal(200_000)
_STATUSES = ("loan", "debt", "liquidated", "finish")
_PAID_STEP = Decimal("1e-12")


class Loans:
    """The endpoints of margin loans, and the process that charges, ends and liquidates them."""

    def __init__(
        self, trading: Trading, margin: MarginAccounts, cancel_orders: Callable[[Account, Market], None]
    ) -> None:
        self._trading = trading
        self._margin = margin
        self._cancel_orders = cancel_orders

    # ---- endpoints

    def margin_borrow_limit(self, account: Account, params: Params) -> Reply:
        """Return the interest rate and the smallest and largest loan."""
        market, ccy = self._market_and_ccy(params)
        least, most = self._limits(ccy)
        return Reply(
            {
                "market": market.name,
                "ccy": ccy,
                "leverage": _LEVERAGE,
                "min_amount": plain(least),
                "max_amount": plain(most),
                "daily_interest_rate": plain(self._daily_rate(ccy)),
            }
        )

    def margin_borrow(self, account: Account, params: Params) -> Reply:
        """Lend to an account, up to its leverage."""
        market, ccy = self._market_and_ccy(params)
        amount = parameters.decimal(params, "borrow_amount")
        is_auto_renew = parameters.flag(params, "is_auto_renew")
        self._check_loan(account, market, ccy, amount)
        at = self._trading.at
        loan = Loan(
            borrow_id=self._trading.number(),
            account=account,
            market=market,
            ccy=ccy,
            amount=amount,
            principal=amount,
            daily_rate=self._daily_rate(ccy),
            created_at=at,
            expired_at=at + _TERM,
            is_auto_renew=is_auto_renew,
            interest_at=at,
        )
        loan.charge()
        self._trading.ledger.move(ccy, amount, LENDER, margin_purse(account, market), kind="margin_borrow", at=at)
        self._margin.add(loan)
        return Reply(_row(loan))

    def margin_repay(self, account: Account, params: Params) -> Reply:
        """Repay one loan, or from the oldest ones of a currency; interest first."""
        market, ccy = self._market_and_ccy(params)
        amount = parameters.decimal(params, "amount")
        loans = self._margin.running_of(account, market, ccy)
        borrow_id = parameters.whole(params, "borrow_id", 0)
        if borrow_id:
            loans = [loan for loan in loans if loan.borrow_id == borrow_id]
        owed = sum((loan.owed for loan in loans), ZERO)
        if amount > owed:
            raise Refusal(message=f"invalid argument: amount is more than the {plain(owed)} {ccy} that are owed")
        if amount > self._trading.ledger.available(margin_purse(account, market), ccy):
            raise shortfall()
        for loan in loans:
            amount -= self._pay(loan, min(amount, loan.owed))
        return Reply({})

    def margin_borrows(self, account: Account, params: Params) -> Reply:
        """Return loans, newest first."""
        market = parameters.text(params, "market", "")
        status = parameters.choice(params, "status", ("", *_STATUSES), "")
        loans = [
            loan
            for loan in self._margin.loans(account)
            if market in ("", loan.market.name) and status in ("", loan.status)
        ]
        return listing(params, loans, _history_row)

    # ---- process

    def next_due(self, at: int) -> int | None:
        """Return when interest is charged, a loan ends, or the risk is checked: each minute while there are loans."""
        loans = list(self._margin.running())
        if not loans:
            return None
        ends = [loan.expired_at for loan in loans if loan.expired_at > at]
        return min([(at // MINUTE + 1) * MINUTE, *(loan.interest_at for loan in loans), *ends])

    def step(self, start: int, end: int) -> None:
        """Charge interest, end or renew loans, liquidate."""
        for loan in list(self._margin.running()):
            while loan.interest_at <= end:
                loan.charge()
            if loan.expired_at <= end and loan.status == "loan":
                self._end(loan)
        for account, market in {(loan.account, loan.market): None for loan in self._margin.running()}:
            risk = self._margin.state(account, market).risk
            if risk is not None and risk <= LIQUIDATION_RISK:
                self._liquidate(account, market)

    def _market_and_ccy(self, params: Params) -> tuple[Market, str]:
        market = self._margin.market(params)
        return market, parameters.choice(params, "ccy", (market.base, market.quote))

    def _daily_rate(self, ccy: str) -> Decimal:
        day = self._trading.at // DAY
        return (Decimal(5 + int(10 * draw(ccy, "interest", day // 30))) / 10_000).normalize()

    def _limits(self, ccy: str) -> tuple[Decimal, Decimal]:
        # from one significant digit of the price, so that the limits are round and seldom change
        price = dollars(self._trading, ccy)
        step = Decimal(1).scaleb(-price.adjusted())
        return (_LEAST_DOLLARS * step).quantize(_PAID_STEP), (_MOST_DOLLARS * step).quantize(_PAID_STEP)

    def _check_loan(self, account: Account, market: Market, ccy: str, amount: Decimal) -> None:
        least, most = self._limits(ccy)
        if not least <= amount <= most:
            raise Refusal(message=f"invalid argument: borrow_amount is from {plain(least)} to {plain(most)} {ccy}")
        state = self._margin.state(account, market)
        value = amount * (index_price(self._trading, market) if ccy == market.base else 1)
        if state.debts + value > (state.assets - state.debts) * (_LEVERAGE - 1):
            raise shortfall()

    def _pay(self, loan: Loan, amount: Decimal) -> Decimal:
        purse = margin_purse(loan.account, loan.market)
        self._trading.ledger.move(loan.ccy, amount, purse, LENDER, kind="margin_repay", at=self._trading.at)
        loan.pay(amount)
        return amount

    def _end(self, loan: Loan) -> None:
        if loan.is_auto_renew:
            loan.expired_at += _TERM
            loan.daily_rate = self._daily_rate(loan.ccy)
            return
        available = self._trading.ledger.available(margin_purse(loan.account, loan.market), loan.ccy)
        self._pay(loan, min(available, loan.owed))
        if loan.is_running:
            loan.status = "debt"

    def _liquidate(self, account: Account, market: Market) -> None:
        self._cancel_orders(account, market)
        for loan in self._margin.running_of(account, market):
            self._fund_repayment(loan)
            self._pay(loan, loan.owed)
            loan.status = "liquidated"

    def _fund_repayment(self, loan: Loan) -> None:
        """Provide what the account needs to repay a loan: from its other currency, then from the insurance fund."""
        ledger, market, at = self._trading.ledger, loan.market, self._trading.at
        purse, price = margin_purse(loan.account, market), index_price(self._trading, market)
        other, rate = (market.quote, price) if loan.ccy == market.base else (market.base, 1 / price)
        lacking = max(ZERO, loan.owed - ledger.available(purse, loan.ccy))
        cost = (lacking * rate).quantize(_PAID_STEP, ROUND_UP)
        if cost > ledger.available(purse, other):
            cost = ledger.available(purse, other)
            lacking = (cost / rate).quantize(_PAID_STEP, ROUND_DOWN)
        ledger.move(other, cost, purse, LIQUIDITY, kind="margin_liquidation", at=at)
        ledger.move(loan.ccy, lacking, LIQUIDITY, purse, kind="margin_liquidation", at=at)
        missing = max(ZERO, loan.owed - ledger.available(purse, loan.ccy))
        ledger.move(loan.ccy, missing, INSURANCE, purse, kind="margin_liquidation", at=at)


def _row(loan: Loan) -> Row:
    return {
        "borrow_id": loan.borrow_id,
        "market": loan.market.name,
        "ccy": loan.ccy,
        "daily_interest_rate": plain(loan.daily_rate),
        "expired_at": loan.expired_at,
        "borrow_amount": plain(loan.amount),
        "to_repaied_amount": plain(loan.owed),  # the wire's spelling
        "status": loan.status,
    }


def _history_row(loan: Loan) -> Row:
    return {**_row(loan), "created_at": loan.created_at, "is_auto_renew": loan.is_auto_renew}
