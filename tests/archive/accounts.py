"""Accounts that lived on a sandbox: they traded on both areas, borrowed, paid in and out, transferred, earned.

`lived` makes one; what it does depends on seed and size only. `books` returns what the sandbox itself has written down
about it, without HTTP, to compare with what a capture holds.
"""

from __future__ import annotations

import random
from decimal import ROUND_DOWN, Decimal
from typing import NamedTuple

import coinex_pandas as cx
from coinex_pandas.simulator.assets.deposits import Deposits
from coinex_pandas.simulator.assets.loans import Loans
from coinex_pandas.simulator.assets.pools import Pools
from coinex_pandas.simulator.assets.transfers import TransferEndpoints
from coinex_pandas.simulator.assets.withdrawals import Withdrawals
from coinex_pandas.simulator.engine.valuation import dollars, last_price
from coinex_pandas.simulator.market.reference import min_amount
from coinex_pandas.simulator.orders.stop_endpoints import StopOrderEndpoints
from coinex_pandas.simulator.parameters import Body
from coinex_pandas.simulator.reply import Refusal

__all__ = ["MONEY", "POOL", "SIZES", "START", "SUBS", "Books", "Life", "books", "lived"]

START = "2026-05-20 08:00"
SIZES = {"small": (2, 5), "medium": (8, 25)}  # days, and what is done on each of them beside what always is
SPOT = ("BTCUSDT", "ETHUSDT", "CETUSDT", "SOLUSDT")
FUTURES = ("BTCUSDT", "ETHUSDT", "BTCUSD")  # the last one is inverse: it is settled in BTC
LENT = ("BTCUSDT", "ETHUSDT")
POOL = "CETUSDT"
SUBS = ("grid-1", "grid-2")
ADDRESS = "TSandboxAddress0000000000000000001"
MONEY = {"USDT": 1_000_000, "BTC": 20, "ETH": 200, "CET": 1_000_000, "SOL": 1_000}
HOUR = 3_600


def lived(seed=0, size="small", *, now=START, **settings):
    """Return a sandbox whose first account has lived; its clock stands still, at the end of that life."""
    exchange = cx.sandbox(seed=seed, now=now, speed=0, limits=False, balances=MONEY, **settings)
    try:
        Life(exchange, seed).live(size)
    except BaseException:
        exchange.close()
        raise
    return exchange


class Life:
    """What an account does. Each step is one request, or one leap of the clock.

    Parameters
    ----------
    exchange : Sandbox
        Where it lives.
    seed : int
        Decides what it does beside what every life has: markets, amounts, prices, order and kind of the steps.

    Attributes
    ----------
    refusals : list of str
        What the exchange did not do, because money, a position or a loan was missing.
    """

    def __init__(self, exchange, seed=0):
        self.exchange, self.trading = exchange, exchange.trading
        self.account = exchange.account
        self.random = random.Random(f"life {seed}")
        self.refusals = []

    def live(self, size="small"):
        """Go through all days: what each life has on the first one and the last one, and chance in between."""
        days, steps = SIZES[size]
        self.begin()
        for day in range(days):
            for _ in range(steps):
                self.random.choice(self.habits)()
                self.exchange.clock.advance(self.random.randint(1, 2 * 20 * HOUR // steps))
            self.exchange.clock.advance(4 * HOUR)
            if day == 0:
                self.change()
        self.end()
        self.trading.advance()

    # ---- what every life has

    def begin(self):
        """Fill the wallets, borrow, give liquidity, open positions, rest orders that deals will fill."""
        for ccy, amount in (("USDT", "40000"), ("BTC", "2")):
            self.move("SPOT", "FUTURES", ccy, amount)
        for market in LENT:
            self.move("SPOT", "MARGIN", "USDT", "6000", market=market)
        for name in SUBS:
            self.do("create_sub", sub_user_name=name)
        self.sub_move("USDT", "1234.5", to_user_name=SUBS[0])
        self.do("margin_borrow", market=LENT[0], ccy="USDT", borrow_amount="1000", is_auto_renew=True)
        self.do("margin_borrow", market=LENT[1], ccy="ETH", borrow_amount="0.5", is_auto_renew=False)
        self.do("amm_add_liquidity", market=POOL, base_ccy_amount="20000", quote_ccy_amount="5000")
        for market in FUTURES:
            self.order("futures", market, "buy", value=2000)
        for market in SPOT:
            self.order("spot", market, "buy", value=700)
            self.order("spot", market, "sell", value=900, at=Decimal("1.0002"))
        self.order("spot", LENT[0], "buy", value=500, market_type="MARGIN")
        self.stop("spot", SPOT[0], Decimal("1.0001"))
        self.stop("futures", FUTURES[0], Decimal("0.9999"))
        self.arrive("USDT", "750.25", "TRC20")
        self.arrive("SOL", "12.5", "")
        self.do("withdraw", ccy="USDT", amount="100", to_address=ADDRESS, chain="TRC20", remark="rent")
        self.exchange.clock.advance(HOUR)

    def change(self):
        """Add to positions, close one, move margin, repay, take liquidity out and give it again, pay among subs."""
        self.order("futures", FUTURES[0], "buy", value=1000)
        self.do("futures_adjust_position_margin", market=FUTURES[0], market_type="FUTURES", amount="25")
        self.do("futures_close_position", market=FUTURES[1], market_type="FUTURES", type="market")
        self.order("spot", LENT[0], "sell", value=450, market_type="MARGIN")
        self.do("margin_repay", market=LENT[0], ccy="USDT", amount="400")
        since = (self.exchange.clock.now_ms() - self.exchange.clock.start) / 1000
        self.exchange.clock.advance(max(0, 25 * HOUR - since))  # a pool keeps liquidity for a day
        self.do("amm_remove_liquidity", market=POOL)
        self.do("amm_add_liquidity", market=POOL, base_ccy_amount="15000", quote_ccy_amount="5000")
        self.move("FUTURES", "SPOT", "USDT", "321.5")
        self.move("MARGIN", "SPOT", "USDT", "10", market=LENT[1])
        self.sub_move("USDT", "34.5", from_user_name=SUBS[0], to_user_name=SUBS[1])
        self.exchange.clock.advance(HOUR)

    def end(self):
        """Leave things open: orders, stop orders, a position, a loan, a withdrawal and a deposit on their way."""
        self.sub_move("USDT", "0.125", from_user_name=SUBS[0])
        for area, market in (("spot", SPOT[1]), ("futures", FUTURES[1])):
            self.order(area, market, "buy", value=600, at=Decimal("0.8"))
            self.stop(area, market, Decimal("1.2"))
        cancelled = self.do("withdraw", ccy="USDT", amount="60", to_address=ADDRESS, chain="TRC20")
        self.do("cancel_withdraw", withdraw_id=cancelled["withdraw_id"])
        self.exchange.clock.advance(HOUR)
        self.do("withdraw", ccy="USDT", amount="75.5", to_address=ADDRESS, chain="TRC20", memo="7")
        self.arrive("USDT", "333.25", "TRC20")
        self.exchange.clock.advance(45)

    # ---- what chance does

    @property
    def habits(self):
        """The steps that chance chooses from; trades are the most frequent ones."""
        often = [self.take, self.rest, self.take_futures, self.rest_futures]
        return [*often * 3, self.cancel, self.lend, self.repay, self.wait_for_price, self.move_somewhere, self.pay]

    def take(self):
        """Trade on spot or margin at market."""
        market_type = self.random.choice(("SPOT", "SPOT", "MARGIN"))
        market = self.random.choice(LENT if market_type == "MARGIN" else SPOT)
        self.order("spot", market, self.side(), value=self.value(), market_type=market_type)

    def rest(self):
        """Place a limit order on spot so near that deals may fill it."""
        self.order("spot", self.random.choice(SPOT), self.side(), value=self.value(), at=self.near())

    def take_futures(self):
        """Open, add to, reduce or turn a position."""
        self.order("futures", self.random.choice(FUTURES), self.side(), value=2 * self.value())

    def rest_futures(self):
        """The same with a limit order."""
        self.order("futures", self.random.choice(FUTURES), self.side(), value=self.value(), at=self.near())

    def cancel(self):
        """Cancel an open order, if there is one."""
        area = self.random.choice(("spot", "futures"))
        pending = self.exchange.server.exchange.matching.orders(self.account, area)
        if pending:
            order = self.random.choice(pending)
            of = {"market": order.market.name, "market_type": order.market_type}
            self.do(f"{area}_cancel_order", order_id=order.order_id, **of)

    def lend(self):
        """Borrow."""
        amount = str(self.random.randint(100, 400))
        self.do("margin_borrow", market=LENT[0], ccy="USDT", borrow_amount=amount, is_auto_renew=True)

    def repay(self):
        """Repay a part of what is owed."""
        self.do("margin_repay", market=LENT[0], ccy="USDT", amount=str(self.random.randint(1, 200)))

    def wait_for_price(self):
        """Place a stop order."""
        area = self.random.choice(("spot", "futures"))
        self.stop(area, self.random.choice(SPOT if area == "spot" else FUTURES[:2]), self.near())

    def move_somewhere(self):
        """Transfer between two wallets, or to a sub-account."""
        amount = f"{self.random.uniform(1, 500):.8f}"
        other, more = self.random.choice((("FUTURES", {}), ("MARGIN", {"market": LENT[0]}), ("SUB", {})))
        if other == "SUB":
            self.sub_move("USDT", amount, to_user_name=self.random.choice(SUBS))
        else:
            ways = ("SPOT", other) if self.random.random() < 0.6 else (other, "SPOT")
            self.move(*ways, "USDT", amount, **more)

    def pay(self):
        """Pay in or out."""
        amount = f"{self.random.uniform(20, 300):.6f}"
        if self.random.random() < 0.5:
            self.arrive("USDT", amount, "TRC20")
        else:
            self.do("withdraw", ccy="USDT", amount=amount, to_address=ADDRESS, chain="TRC20")

    # ---- steps

    def do(self, name, **params):
        """Send a request, and return its data; a refusal is written down."""
        try:
            return self.trading.answer(name, self.account, Body(params)).data
        except Refusal as refusal:
            self.refusals.append(f"{name}: {refusal.reply.message}")
            return {}

    def order(self, area, market, side, *, value, at=None, market_type=""):
        """Place an order worth so many US dollars: at market, or at so many times the newest price."""
        found = self.market(area, market)
        price = last_price(self.trading, found)
        params = {"market": market, "market_type": market_type or area.upper(), "side": side}
        params |= {"type": "market"} if at is None else {"type": "limit", "price": self.price(found, price * at)}
        params |= {"ccy": found.base} if area == "spot" and at is None else {}
        self.do(f"{area}_place_order", **params, amount=self.amount(found, value))

    def stop(self, area, market, at):
        """Place a stop order that buys or sells at market when the price is so many times the newest one."""
        found = self.market(area, market)
        params = {"market": market, "market_type": area.upper(), "side": self.side(), "type": "market"}
        params |= {"ccy": found.base} if area == "spot" else {"trigger_price_type": "latest_price"}
        trigger = self.price(found, last_price(self.trading, found) * at)
        self.do(f"{area}_place_stop_order", **params, amount=self.amount(found, 300), trigger_price=trigger)

    def move(self, source, target, ccy, amount, **more):
        """Transfer between two wallets of the account."""
        self.do("transfer", from_account_type=source, to_account_type=target, ccy=ccy, amount=amount, **more)

    def sub_move(self, ccy, amount, **names):
        """Transfer from the main account to a sub-account, back, or between two of them."""
        types = {"from_account_type": "SPOT", "to_account_type": "SPOT"}
        self.do("sub_transfer", **types, ccy=ccy, amount=amount, **names)

    def arrive(self, ccy, amount, chain):
        """Receive a deposit."""
        with self.trading.turn():
            self.exchange.server.exchange.deposits.arrive(self.account, ccy, Decimal(amount), chain)

    def market(self, area, name):
        """Return a market of the sandbox."""
        return self.trading.world.catalogue.find(area, name)

    def amount(self, market, value):
        """Return an amount worth so many US dollars, as the market takes it."""
        with self.trading.turn():
            exact = Decimal(value) if market.inverse else Decimal(value) / dollars(self.trading, market.base)
        step = Decimal(1).scaleb(-min(market.amount_places, 5))
        return f"{max(exact.quantize(step, ROUND_DOWN), Decimal(min_amount(market))):f}"

    def price(self, market, price):
        """Return a price as the market takes it."""
        step = Decimal(market.tick).scaleb(-market.price_places)
        return f"{(price // step) * step:f}"

    def side(self):
        """Return buy or sell."""
        return self.random.choice(("buy", "sell"))

    def value(self):
        """Return a value in US dollars, with cents."""
        return round(self.random.uniform(50, 1500), 2)

    def near(self):
        """Return a part of the newest price that deals may reach."""
        return Decimal(f"{self.random.uniform(0.997, 1.003):.5f}")


class Books(NamedTuple):
    """What a sandbox has written down about one account, and of its sub-accounts what is marked so.

    The parts are the sandbox's own records, which change when it goes on.

    Attributes
    ----------
    balances : dict of (owner, wallet, ccy) to (available, frozen)
        What each wallet holds, those of sub-accounts too; wallets are ``spot``, ``futures``, ``futures:BTCUSDT`` (the
        margin of a position), ``margin:BTCUSDT``, ``amm:CETUSDT``.
    entries : list of Entry
        Every change of each of these wallets, oldest first.
    deals, pending, finished : dict of area to list
        Deals, open orders, and filled or partly filled ones; oldest first.
    waiting_stops, finished_stops : dict of area to list
        Stop orders.
    positions, finished_positions : list of Position
        Futures positions.
    funding, settlements, margin_changes : list of dict
        What happened to positions, oldest first.
    loans : list of Loan
    transfers, sub_transfers : list of Transfer
        Oldest first.
    deposits, withdrawals : list
        Oldest first, in every state.
    incomes : dict of market to list
        The daily incomes of pools.
    """

    balances: dict
    entries: list
    deals: dict
    pending: dict
    finished: dict
    waiting_stops: dict
    finished_stops: dict
    positions: list
    finished_positions: list
    funding: list
    settlements: list
    margin_changes: list
    loans: list
    transfers: list
    sub_transfers: list
    deposits: list
    withdrawals: list
    incomes: dict

    def change(self, wallet="spot", *, owner="me"):
        """Return what a wallet's entries add up to, by currency and kind."""
        sums = {}
        for entry in self.entries:
            if (entry.purse.owner, entry.purse.wallet) == (owner, wallet):
                key = entry.ccy, entry.kind
                sums[key] = sums.get(key, Decimal(0)) + entry.change
        return sums


_TYPES = {"spot": ("SPOT", "MARGIN"), "futures": ("FUTURES",)}


def books(exchange, account=None):
    """Return what a sandbox has written down about an account, by default its first one."""
    account = account or exchange.account
    core, trading = exchange.server.exchange, exchange.trading
    trading.advance()
    owners = [account.name, *(sub.name for sub in trading.accounts.subs(account))]
    log, stops = core.matching.log, _part(trading, StopOrderEndpoints)._stops
    transfers, records = _part(trading, TransferEndpoints), core.positions.records
    return Books(
        balances=_balances(trading.ledger, owners),
        entries=[entry for entry in trading.ledger.entries if entry.purse.owner in owners],
        deals=_by_area(log.deals, account),
        pending={area: log.pending(account, area) for area in _TYPES},
        finished=_by_area(log.finished, account),
        waiting_stops={area: stops.waiting(account, area) for area in _TYPES},
        finished_stops=_by_area(stops.finished, account),
        positions=core.positions.of(account)[::-1],
        finished_positions=list(records.finished[account.name]),
        funding=list(records.funding[account.name]),
        settlements=list(records.settle[account.name]),
        margin_changes=list(records.margin[account.name]),
        loans=_part(trading, Loans)._margin.loans(account)[::-1],
        transfers=list(transfers._own[account]),
        sub_transfers=list(transfers._between[account]),
        deposits=list(_part(trading, Deposits)._deposits[account]),
        withdrawals=list(_part(trading, Withdrawals)._withdrawals[account]),
        incomes={
            market.name: list(rows)
            for (owner, market), rows in _part(trading, Pools)._incomes.items()
            if owner is account
        },
    )


def _balances(ledger, owners):
    return {
        (purse.owner, purse.wallet, ccy): (ledger.available(purse, ccy), ledger.frozen(purse, ccy))
        for owner in owners
        for purse in ledger.purses(owner)
        for ccy in ledger.currencies(purse)
    }


def _by_area(history, account):
    """Return the rows of a history by area, those of spot before those of margin."""
    return {area: [row for kind in kinds for row in history.rows(account, kind)] for area, kinds in _TYPES.items()}


def _part(trading, kind):
    """Return the part of a sandbox that answers some endpoints."""
    return next(each for each in trading.endpoints._objects if isinstance(each, kind))
