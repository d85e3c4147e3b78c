"""A sandbox in which something has happened: an account that borrowed, traded, held positions, paid in and out.

Each verb of the package is called here, and then each read, so that every private table can be looked at with rows in
it. Its clock stands still but for what the script itself lets pass.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.simulator.handle import Sandbox

__all__ = ["LivedIn"]

BTC, ETH, POOL = "BTCUSDT", "ETHUSDT", "CETUSDT"
SUBS = ("grid-1", "grid-2")
ADDRESS = "TSandboxAddress0000000000000000001"
HOUR, DAY = 3600, 86_400
LOW, HIGH = 0.7, 1.3  # times the price: an order there rests, a stop order there waits
IN_BASE: dict[str, dict[str, str]] = {"spot": {"ccy": "BTC"}, "futures": {}}  # what a market order's amount counts
BY_MARK: dict[str, dict[str, str]] = {"spot": {}, "futures": {"trigger_price_type": "mark_price"}}

Call = tuple[tuple[Any, ...], dict[str, Any]]
READS: dict[str, list[Call]] = {
    "trade_fee_rate": [((BTC, "SPOT"), {}), ((BTC, "FUTURES"), {})],
    "deposit_address": [(("USDT", "TRC20"), {})],
    "margin_borrow_limit": [((BTC, "USDT"), {})],
    "sub_spot_balances": [((SUBS[0],), {})],
    "sub_balances": [((SUBS[0], "SPOT"), {})],
    "sub_apis": [((SUBS[0],), {})],
    "spot_user_deals": [((), {}), ((BTC,), {"market_type": "MARGIN"})],
    "spot_finished_orders": [((), {}), ((BTC,), {"market_type": "MARGIN"})],
}
"""The arguments of reads that need some; those of one order or key follow from what the script did."""
_OF_ONE = ("order_status", "order_statuses", "order_deals", "sub_api")


class LivedIn:
    """A sandbox after two busy days.

    Attributes
    ----------
    exchange : Sandbox
        The sandbox; its clock stands still.
    frames : dict of str to list of DataFrame
        What each function has answered, call by call.
    """

    def __init__(self, exchange: Sandbox) -> None:
        self.exchange = exchange
        self.frames: defaultdict[str, list[pd.DataFrame]] = defaultdict(list)
        self._prices = {
            f"{area} {market}": getattr(cx, f"{area}_tickers")(market, session=exchange.session)["last"].item()
            for area, market in (("spot", BTC), ("futures", BTC), ("futures", ETH))
        }
        self._first_day()
        exchange.clock.advance(DAY + HOUR)  # interest, funding, a midnight of the pool
        self._second_day()
        exchange.clock.advance(120)
        self._looks()

    def call(self, name: str, *args: Any, **more: Any) -> pd.DataFrame:
        """Call a function with the account's session, and keep what it answers."""
        frame: pd.DataFrame = getattr(cx, name)(*args, **{"session": self.exchange.session} | more)
        self.frames[name].append(frame)
        return frame

    def price(self, area: str, times: float, market: str = BTC) -> str:
        """Return a price at so many times the newest one."""
        return f"{self._prices[f'{area} {market}'] * times:.1f}"

    # ---- what happens

    def _first_day(self) -> None:
        self.call("account_settings", cet_discount_enabled=True)
        self.call("set_futures_market_settings", "one_way")
        self._open_subs()
        self._borrow()
        self.call("amm_add_liquidity", POOL, "20000", "5000")
        self.call("transfer", "SPOT", "FUTURES", "USDT", "2000")
        self.call("futures_adjust_position_leverage", BTC, "isolated", 10)
        self.call("futures_place_order", BTC, "buy", "market", "0.02", client_id="carried-1")

    def _second_day(self) -> None:
        self.call("amm_remove_liquidity", POOL)
        self.call("amm_add_liquidity", POOL, "20000", "5000")
        self._pay_in_and_out()
        for area in ("spot", "futures"):
            self._orders(area)
            self._batches(area)
            self._stop_orders(area)
        for market, side in ((BTC, "long"), (ETH, "short")):
            self._position(market, side)

    def _open_subs(self) -> None:
        first, second = SUBS
        self.call("create_sub", first, remark="a grid")
        self.call("create_sub", second)
        self.call("freeze_sub", second)
        self.call("unfreeze_sub", second)
        self.call("sub_transfer", "SPOT", "SPOT", "USDT", "500", to_user_name=first)
        self.call("sub_transfer", "SPOT", "FUTURES", "USDT", "250", to_user_name=first)
        self.call("sub_transfer", "SPOT", "SPOT", "USDT", "50", from_user_name=first, to_user_name=second)
        for addresses in (["127.0.0.1"], [], []):
            key = self.call("create_sub_api", first, addresses, trade_enabled=bool(addresses), remark="bot")
            self.call("edit_sub_api", first, key.index.item(), remark="a bot")
        self.call("delete_sub_api", first, key.index.item())

    def _borrow(self) -> None:
        self.call("transfer", "SPOT", "MARGIN", "USDT", "5000", market=BTC)
        loan = self.call("margin_borrow", BTC, "USDT", "1000", is_auto_renew=True).index.item()
        self.call("margin_borrow", BTC, "BTC", "0.01", is_auto_renew=False)
        self.call("margin_repay", BTC, "USDT", "100", borrow_id=loan)
        self.call("spot_place_order", BTC, "buy", "market", "0.07", market_type="MARGIN", ccy="BTC")
        self.call("spot_place_order", BTC, "buy", "limit", "0.005", self.price("spot", 0.9), market_type="MARGIN")

    def _pay_in_and_out(self) -> None:
        exchange = self.exchange
        self.call("renew_deposit_address", "USDT", "TRC20")
        exchange.deposit(exchange.account, "USDT", "750.5", chain="TRC20")
        exchange.deposit(exchange.account, "XRP", "100")
        self.call("withdraw", "USDT", "100", ADDRESS, chain="TRC20", memo="7", remark="rent")
        exchange.clock.advance(HOUR)
        second = self.call("withdraw", "USDT", "60", ADDRESS, chain="TRC20").index.item()
        self.call("cancel_withdraw", second)

    def _orders(self, area: str) -> None:
        """Place one that is filled, one that is partly filled, one that is changed, and some that are cancelled."""
        place, name = f"{area}_place_order", f"{area}_cancel_order"
        low = self.price(area, LOW)
        self.call(place, BTC, "buy", "market", "0.05", client_id=f"{area}-1", **IN_BASE[area])
        ask = getattr(cx, f"{area}_depth")(BTC, session=self.exchange.session).loc[("ask", 1)]
        amount = f"{ask['amount'] + 0.01:.4f}"
        part = self.call(place, BTC, "buy", "limit", amount, ask["price"], client_id=f"{area}-2", is_hide=True)
        self.call(name, BTC, part.index.item())
        rests = self.call(place, BTC, "buy", "limit", "0.01", low, client_id=f"{area}-3", stp_mode="both")
        changed = self.call(f"{area}_modify_order", BTC, rests.index.item(), amount="0.02")
        self.call(name, BTC, changed.index.item())
        for number in (4, 5):
            self.call(place, BTC, "buy", "maker_only", "0.01", low, client_id=f"{area}-{number}")
        self.call(f"{area}_cancel_orders_by_client_id", f"{area}-4", market=BTC)
        self.call(f"{area}_cancel_all_orders", BTC)

    def _batches(self, area: str) -> None:
        """Place several at once, one of them refused, then change and cancel some; others stay open."""
        order = {"market": BTC, "side": "buy", "type": "limit", "amount": "0.01", "price": self.price(area, LOW)}
        orders = [{**order, "client_id": f"{area}-b{number}"} for number in range(3)]
        made = self.call(f"{area}_place_orders", [*orders, {**order, "amount": "1000"}])
        assert (made["code"] != 0).sum() == 1
        ids = [int(number) for number in made["order_id"][:3]]
        changes = [{"market": BTC, "order_id": number, "price": self.price(area, 0.75)} for number in (ids[0], 1)]
        changed = int(self.call(f"{area}_modify_orders", changes)["order_id"][0])
        self.call(f"{area}_cancel_orders", BTC, [changed, 1])

    def _stop_orders(self, area: str) -> None:
        """Place some that wait, change and cancel some of them, and one that is triggered."""
        place, low = f"{area}_place_stop_order", self.price(area, LOW)
        waits = {"trigger_price": self.price(area, 0.8)} | BY_MARK[area]
        first = self.call(place, BTC, "buy", "limit", "0.01", low, client_id=f"{area}-s1", **waits).index.item()
        new = self.call(f"{area}_modify_stop_order", BTC, first, trigger_price=self.price(area, 0.85)).index.item()
        self.call(f"{area}_cancel_stop_order", BTC, new)
        stop = {"market": BTC, "side": "buy", "type": "limit", "amount": "0.01", "price": low, **waits}
        stops = [{**stop, "client_id": f"{area}-t{number}"} for number in range(3)]
        made = self.call(f"{area}_place_stop_orders", [*stops, {**stop, "price": self.price(area, 0.0001)}])
        self.call(f"{area}_cancel_stop_orders", BTC, [int(made["stop_id"][0]), 1])
        self.call(f"{area}_cancel_stop_orders_by_client_id", f"{area}-t1", market=BTC)
        now = {"trigger_price": self.price(area, 1)} | BY_MARK[area] | IN_BASE[area]
        self.call(place, BTC, "sell", "market", "0.01", client_id=f"{area}-now", **now)

    def _position(self, market: str, side: str) -> None:
        """Guard a position with stop losses and take profits, change it, and close it in part or as a whole."""
        order = "buy" if side == "long" else "sell"
        self.call("futures_place_order", market, order, "market", "0.5" if market == ETH else "0.01")
        with_it = 1 if side == "long" else -1
        for sort, way in (("stop_loss", -1), ("take_profit", 1), ("stop_loss", -1)):
            prices = [self.price("futures", 1 + way * with_it * far, market) for far in (0.04, 0.05, 0.06)]
            self.call(f"futures_set_position_{sort}", market, "mark_price", prices[0])
            part = {f"{sort}_amount": "0.01"}
            shown = self.call(f"futures_set_position_{sort}", market, "latest_price", prices[1], **part)
            number = shown[f"{sort}_list"].item()[-1]["id"]
            self.call(f"futures_modify_position_{sort}", market, number, **{f"{sort}_price": prices[2]})
            self.call(f"futures_cancel_position_{sort}", market, number)
        if market == BTC:
            self.call("futures_adjust_position_margin", market, "25")
            self.call("futures_close_position", market, "limit", price=self.price("futures", 1.2), amount="0.01")
        else:
            self.call("futures_close_position", market, "market", client_id="closed-1")

    # ---- what is seen

    def _looks(self) -> None:
        for name in (name for name, route in cx.ROUTES.items() if route.needs == "read"):
            for args, more in READS.get(name, [((), {})]) if not name.endswith(_OF_ONE) else ():
                self.call(name, *args, **more)
        for area in ("spot", "futures"):
            ids = [int(number) for number in self.frames[f"{area}_finished_orders"][0].index]
            self.call(f"{area}_order_statuses", BTC, [*ids[:3], 1])
            self.call(f"{area}_order_status", BTC, ids[0])
            self.call(f"{area}_order_deals", BTC, ids[0])
        margin = self.frames["spot_finished_orders"][1].index[0]
        self.call("spot_order_deals", BTC, int(margin), market_type="MARGIN")
        for number in self.frames["sub_apis"][0].index:
            self.call("sub_api", int(number))
        key = self.exchange.trading.accounts.find(SUBS[0])
        assert key is not None
        self.call("sub_info", session=self.exchange.signed(self.exchange.add_key(key)))
