"""For each verb a scene: what must be there first, and the call that then changes something that can be seen."""

import itertools

import coinex_pandas as cx

__all__ = ["PASSES", "SCENES"]

M = "BTCUSDT"
LOW, LOWER, HIGH = "30000", "29000", "95000"  # far from any price of the sandbox on the day that these scenes play
SUB, ADDRESS = "grid-1", "an-address-of-nobody"
NUMBERS = itertools.count(1)


def _fresh(text):
    """Return a name that was not used before."""
    return f"{text}-{next(NUMBERS)}"


class Areas:
    """The scenes of orders, alike in both areas.

    Parameters
    ----------
    area : str
        ``spot`` or ``futures``.
    """

    def __init__(self, area):
        self._area = area
        self._stop = {"trigger_price": LOW} | ({} if area == "spot" else {"trigger_price_type": "latest_price"})

    def scenes(self):
        """Return each verb's scene."""
        return {
            "place_order": self._place,
            "place_orders": self._place_many,
            "place_stop_order": self._place_stop,
            "place_stop_orders": self._place_stops,
            "modify_order": lambda me: (self._order(me), {"price": LOWER}),
            "modify_orders": self._modify_many,
            "modify_stop_order": lambda me: (self._stop_order(me), {"trigger_price": LOWER}),
            "cancel_order": lambda me: (self._order(me), {}),
            "cancel_orders": lambda me: ((M, [self._order(me)[1]]), {}),
            "cancel_all_orders": lambda me: (self._order(me)[:1], {}),
            "cancel_orders_by_client_id": lambda me: self._named(me, self._order),
            "cancel_stop_order": lambda me: (self._stop_order(me), {}),
            "cancel_stop_orders": lambda me: ((M, [self._stop_order(me)[1]]), {}),
            "cancel_stop_orders_by_client_id": lambda me: self._named(me, self._stop_order),
        }

    def _new(self):
        return (M, "buy", "limit", "0.01", LOW), {"client_id": _fresh(self._area)}

    def _place(self, me):
        return self._new()

    def _place_stop(self, me):
        args, more = self._new()
        return args, more | self._stop

    def _place_many(self, me):
        names = ("market", "side", "type", "amount", "price")
        return ([dict(zip(names, args, strict=True)) | more for args, more in (self._new(), self._new())],), {}

    def _place_stops(self, me):
        (orders,), _ = self._place_many(me)
        return ([order | self._stop for order in orders],), {}

    def _modify_many(self, me):
        market, number = self._order(me)
        return ([{"market": market, "order_id": number, "price": LOWER}],), {}

    def _order(self, me, **more):
        args, usual = self._new()
        placed = getattr(cx, f"{self._area}_place_order")(*args, **usual | more, check=False, session=me)
        return M, int(placed.index[0])

    def _stop_order(self, me, **more):
        args, usual = self._place_stop(me)
        placed = getattr(cx, f"{self._area}_place_stop_order")(*args, **usual | more, check=False, session=me)
        return M, int(placed.index[0])

    def _named(self, me, place):
        name = _fresh("named")
        place(me, client_id=name)
        return (name, M), {}


def _position(me):
    """Open a position anew."""
    if not cx.futures_positions(M, session=me).empty:
        cx.futures_close_position(M, "market", check=False, session=me)
    cx.futures_place_order(M, "buy", "market", "0.02", check=False, session=me)


def _guarded(kind):
    """Return what opens a position with a stop loss or take profit, and names it."""

    def scene(me):
        _position(me)
        price = HIGH if kind == "take_profit" else LOW
        getattr(cx, f"futures_set_position_{kind}")(M, "latest_price", price, check=False, session=me)
        return int(cx.futures_positions(M, stops=True, session=me).index.get_level_values("id")[-1])

    return scene


def _call(*args, **more):
    """Return a scene that needs no preparation."""
    return lambda _me: (args, more)


def _set(kind):
    price = HIGH if kind == "take_profit" else LOW
    return lambda me: (_position(me), ((M, "latest_price", price), {}))[1]


def _modify(kind):
    price = "96000" if kind == "take_profit" else LOWER
    return lambda me: ((M, _guarded(kind)(me)), {f"{kind}_price": price})


def _cancel(kind):
    return lambda me: ((M, _guarded(kind)(me)), {})


def _leverage(me):
    _position(me)
    now = int(cx.futures_positions(M, session=me)["leverage"].iloc[0])
    return (M, "cross", 8 if now != 8 else 10), {}


def _after_opening(*args, **more):
    return lambda me: (_position(me), (args, more))[1]


def _sub(me):
    if SUB not in cx.subs(session=me).index:
        cx.create_sub(SUB, session=me)
    return SUB


def _frozen_sub(me):
    name = _sub(me)
    cx.freeze_sub(name, session=me)
    return (name,), {}


def _thawed_sub(me):
    name = _sub(me)
    cx.unfreeze_sub(name, session=me)
    return (name,), {}


def _sub_key(me):
    return _sub(me), int(cx.create_sub_api(SUB, ["127.0.0.1"], trade_enabled=True, session=me).index[0])


def _margin(me):
    cx.transfer("SPOT", "MARGIN", "USDT", "100", market=M, session=me)


def _loan(me):
    _margin(me)
    return int(cx.margin_borrow(M, "USDT", "20", False, session=me).index[0])


def _pool(me):
    cx.amm_add_liquidity("CETUSDT", "20000", "5000", session=me)
    return ("CETUSDT",), {}


def _withdrawal(me):
    return cx.withdraw("USDT", "10", ADDRESS, chain="TRC20", check=False, session=me)


SCENES = {
    **{f"spot_{name}": scene for name, scene in Areas("spot").scenes().items()},
    **{f"futures_{name}": scene for name, scene in Areas("futures").scenes().items()},
    "futures_close_position": _after_opening(M, "market", client_id="exit"),
    "futures_adjust_position_margin": _after_opening(M, "5"),
    "futures_adjust_position_leverage": _leverage,
    "futures_set_position_stop_loss": _set("stop_loss"),
    "futures_set_position_take_profit": _set("take_profit"),
    "futures_modify_position_stop_loss": _modify("stop_loss"),
    "futures_modify_position_take_profit": _modify("take_profit"),
    "futures_cancel_position_stop_loss": _cancel("stop_loss"),
    "futures_cancel_position_take_profit": _cancel("take_profit"),
    "account_settings": _call(True),
    "set_futures_market_settings": _call("one_way"),
    "amm_add_liquidity": _call("CETUSDT", "20000", "5000"),
    "amm_remove_liquidity": _pool,
    "margin_borrow": lambda me: (_margin(me), ((M, "USDT", "20", False), {}))[1],
    "margin_repay": lambda me: ((M, "USDT", "5"), {"borrow_id": _loan(me)}),
    "transfer": _call("SPOT", "FUTURES", "USDT", "3"),
    "sub_transfer": lambda me: (("SPOT", "SPOT", "USDT", "4"), {"to_user_name": _sub(me)}),
    "create_sub": lambda _me: ((_fresh("grid"),), {}),
    "freeze_sub": _thawed_sub,
    "unfreeze_sub": _frozen_sub,
    "create_sub_api": lambda me: ((_sub(me), ["127.0.0.1"], True), {}),
    "edit_sub_api": lambda me: (_sub_key(me), {"remark": _fresh("bot")}),
    "delete_sub_api": lambda me: (_sub_key(me), {}),
    "renew_deposit_address": _call("USDT", "TRC20"),
    "withdraw": _call("USDT", "10", ADDRESS, chain="TRC20"),
    "cancel_withdraw": lambda me: ((int(_withdrawal(me).index[0]),), {}),
}
"""By a verb's name what is given a session, prepares, and returns the verb's arguments and keywords."""

PASSES = {"amm_remove_liquidity": 86_460}
"""Seconds that must pass between the preparation and the call, where any must."""
