"""A sandbox in which something has happened: an account that borrowed, traded, held positions, paid in and out.

Each verb of the package is called here, and then each read, so that every private table can be looked at with rows in
it. The clock stands still but for what the script itself lets pass; the second day is the day after NOW.
"""

from __future__ import annotations

from collections import defaultdict

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.sandbox import Sandbox

__all__ = ["LivedIn"]

SPOT, CONTRACT, INVERSE = "BTCUSDT", "BTCUSDT", "BTCUSD"
SUB = "grid-1"
ADDRESS = "TSandboxAddress0000000000000000001"
DAY = 86_400
IN_BASE: dict[str, dict[str, str]] = {"spot": {"ccy": "BTC"}, "futures": {}}  # what a market order's amount counts
FAR_BELOW, FAR_ABOVE = 0.7, 1.3  # times the price: an order there rests, a stop order there waits


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
        self.prices = {
            area: getattr(cx, f"{area}_tickers")("BTCUSDT", session=exchange.session)["last"].item()
            for area in ("spot", "futures")
        }
        self._first_day()
        exchange.clock.advance(DAY + 60)
        self._second_day()
        exchange.clock.advance(120)
        self._looks()

    def call(self, name: str, *args: object, **more: object) -> pd.DataFrame:
        """Call a function and keep what it answers."""
        frame: pd.DataFrame = getattr(cx, name)(*args, **more, session=self.exchange.session)
        self.frames[name].append(frame)
        return frame

    def price(self, area: str, times: float) -> str:
        """Return a price at so many times the newest one."""
        return f"{self.prices[area] * times:.1f}"

    # ---- what happens

    def _first_day(self) -> None:
        self._settings()
        self._subs()
        self._loans()
        self.call("amm_add_liquidity", "CETUSDT", "20000", "5000")
        self.call("transfer", "SPOT", "FUTURES", "USDT", "2000")
        self.call("futures_adjust_position_leverage", CONTRACT, "isolated", 10)
        self.call("futures_place_order", CONTRACT, "buy", "market", "0.02", client_id="carried-1")  # meets funding

    def _second_day(self) -> None:
        self.call("amm_remove_liquidity", "CETUSDT")
        self.call("amm_add_liquidity", "CETUSDT", "20000", "5000")
        self._wallets()
        for area in ("spot", "futures"):
            self._orders(area)
            self._batches(area)
            self._stop_orders(area)
        self._positions()

    def _settings(self) -> None:
        self.call("account_settings", cet_discount_enabled=True)
        self.call("set_futures_market_settings", "one_way")

    def _subs(self) -> None:
        self.call("create_sub", SUB, remark="a grid")
        self.call("create_sub", "grid-2")
        self.call("freeze_sub", "grid-2")
        self.call("unfreeze_sub", "grid-2")
        self.call("sub_transfer", "SPOT", "SPOT", "USDT", "500", to_user_name=SUB)
        self.call("sub_transfer", "SPOT", "FUTURES", "USDT", "250", to_user_name=SUB)
        self.call("sub_transfer", "SPOT", "SPOT", "USDT", "50", from_user_name=SUB, to_user_name="grid-2")
        made = self.call("create_sub_api", SUB, ["127.0.0.1"], trade_enabled=True, remark="bot").index.item()
        self.call("edit_sub_api", SUB, made, remark="the bot")
        spare = self.call("create_sub_api", SUB, [], trade_enabled=False).index.item()
        self.call("delete_sub_api", SUB, spare)

    def _loans(self) -> None:
        self.call("transfer", "SPOT", "MARGIN", "USDT", "5000", market=SPOT)
        loan = self.call("margin_borrow", SPOT, "USDT", "1000", is_auto_renew=True).index.item()
        self.call("margin_borrow", SPOT, "BTC", "0.01", is_auto_renew=False)
        self.call("margin_repay", SPOT, "USDT", "100", borrow_id=loan)
        self.call("spot_place_order", SPOT, "buy", "limit", "0.01", self.price("spot", 0.9), market_type="MARGIN")

    def _wallets(self) -> None:
        exchange = self.exchange
        self.call("deposit_address", "USDT", "TRC20")
        self.call("renew_deposit_address", "USDT", "TRC20")
        exchange.deposit(exchange.account, "USDT", "750.5", chain="TRC20")
        exchange.deposit(exchange.account, "XRP", "100")
        self.call("withdraw", "USDT", "100", ADDRESS, chain="TRC20", remark="rent")
        exchange.clock.advance(3600)
        gone = self.call("withdraw", "USDT", "60", ADDRESS, chain="TRC20").index.item()
        self.call("cancel_withdraw", gone)
        self.call("withdraw", "USDT", "60", ADDRESS, chain="TRC20")

    def _orders(self, area: str) -> None:
        """Place one that is filled, one that is partly filled, one that is changed, and some that are cancelled."""
        place, cancel = f"{area}_place_order", f"{area}_cancel_order"
        self.call(place, SPOT, "buy", "market", "0.05", client_id=f"{area}-1", **IN_BASE[area])
        self.call(place, SPOT, "sell", "limit", "0.01", self.price(area, 0.99), client_id=f"{area}-2")
        ask = getattr(cx, f"{area}_depth")(SPOT, session=self.exchange.session).loc[("ask", 1)]
        part = self.call(place, SPOT, "buy", "limit", f"{ask['amount'] + 0.01:.4f}", ask["price"], client_id=f"{area}-3")
        self.call(cancel, SPOT, part.index.item())
        rests = self.call(place, SPOT, "buy", "limit", "0.01", self.price(area, FAR_BELOW), client_id=f"{area}-rest")
        changed = self.call(f"{area}_modify_order", SPOT, rests.index.item(), amount="0.02")
        self.call(cancel, SPOT, changed.index.item())
        for number in (1, 2):
            self.call(place, SPOT, "buy", "limit", "0.01", self.price(area, FAR_BELOW), client_id=f"{area}-c{number}")
        self.call(f"{area}_cancel_orders_by_client_id", f"{area}-c1", market=SPOT)
        self.call(f"{area}_cancel_all_orders", SPOT)

    def _batches(self, area: str) -> None:
        """Place several at once, one of them refused, then change and cancel them so."""
        low, high = self.price(area, FAR_BELOW), self.price(area, FAR_ABOVE)
        order = {"market": SPOT, "side": "buy", "type": "limit", "amount": "0.01", "price": low}
        orders = [{**order, "client_id": f"{area}-b{number}"} for number in (1, 2, 3)]
        refused = {**order, "amount": "1000", "client_id": f"{area}-b4"}
        made = self.call(f"{area}_place_orders", [*orders, refused])
        ids = [int(number) for number in made.loc[made["code"] == 0, "order_id"]]
        changes = [{"market": SPOT, "order_id": number, "price": self.price(area, 0.75)} for number in ids[:2]]
        changed = self.call(f"{area}_modify_orders", [*changes, {"market": SPOT, "order_id": 1, "price": high}])
        ids[:2] = [int(number) for number in changed.loc[changed["code"] == 0, "order_id"]]
        self.call(f"{area}_cancel_orders", SPOT, [ids[0], 1])

    def _stop_orders(self, area: str) -> None:
        """Place some that wait, change and cancel some of them, and one that is triggered."""
        place, low = f"{area}_place_stop_order", self.price(area, FAR_BELOW)
        about = {"trigger_price": self.price(area, 0.8)}
        if area == "futures":
            about["trigger_price_type"] = "mark_price"
        waits = self.call(place, SPOT, "buy", "limit", "0.01", low, **about, client_id=f"{area}-s1")
        changed = self.call(f"{area}_modify_stop_order", SPOT, waits.index.item(), trigger_price=self.price(area, 0.85))
        self.call(f"{area}_cancel_stop_order", SPOT, changed.index.item())
        stop = {"market": SPOT, "side": "buy", "type": "limit", "amount": "0.01", "price": low, **about}
        stops = [{**stop, "client_id": f"{area}-t{number}"} for number in (1, 2, 3)]
        made = self.call(f"{area}_place_stop_orders", [*stops, {**stop, "price": self.price(area, 0.0001)}])
        ids = [int(number) for number in made.loc[made["code"] == 0, "stop_id"]]
        self.call(f"{area}_cancel_stop_orders", SPOT, [ids[0], 1])
        self.call(f"{area}_cancel_stop_orders_by_client_id", f"{area}-t2", market=SPOT)
        about["trigger_price"] = self.price(area, 1.0)
        self.call(place, SPOT, "sell", "market", "0.01", **about, client_id=f"{area}-now", **IN_BASE[area])

    def _positions(self) -> None:
        call = self.call
        call("futures_adjust_position_margin", CONTRACT, "25")
        for sort, times in (("stop_loss", 0.95), ("take_profit", 1.05)):
            call(f"futures_set_position_{sort}", CONTRACT, "mark_price", self.price("futures", times))
            part = call(
                f"futures_set_position_{sort}",
                CONTRACT,
                "latest_price",
                self.price("futures", times),
                **{f"{sort}_amount": "0.01"},
            )
            number = part[f"{sort}_list"].item()[-1]["id"]
            price = {f"{sort}_price": self.price("futures", times * 1.001)}
            call(f"futures_modify_position_{sort}", CONTRACT, number, **price)
            call(f"futures_cancel_position_{sort}", CONTRACT, number)
        call("futures_place_order", "ETHUSDT", "sell", "market", "0.5")
        call("futures_close_position", "ETHUSDT", "market", client_id="closed-1")
        call("futures_close_position", CONTRACT, "limit", price=self.price("futures", 1.2), amount="0.01")

    # ---- what is seen

    def _looks(self) -> None:
        call = self.call
        for name in (name for name, route in cx.ROUTES.items() if route.needs == "read"):
            for args, more in ASKED.get(name, [((), {})]):
                call(name, *args, **more)
        for area in ("spot", "futures"):
            orders = call(f"{area}_finished_orders", SPOT).index
            for number in orders[:3]:
                call(f"{area}_order_status", SPOT, int(number))
                call(f"{area}_order_deals", SPOT, int(number))
            call(f"{area}_order_statuses", SPOT, [*map(int, orders[:2]), 1])


ASKED = {
    "trade_fee_rate": [(("BTCUSDT", "SPOT"), {})],
    "deposit_address": [(("USDT", "TRC20"), {})],
    "margin_borrow_limit": [((SPOT, "USDT"), {})],
    "sub_spot_balances": [((SUB,), {})],
    "sub_balances": [((SUB, "SPOT"), {}), ((SUB, "FUTURES"), {})],
    "sub_apis": [((SUB,), {})],
    "sub_api": [],
    "spot_order_status": [],
    "futures_order_status": [],
    "spot_order_statuses": [],
    "futures_order_statuses": [],
    "spot_order_deals": [],
    "futures_order_deals": [],
    "futures_positions": [((), {})],
}
