"""The exchange of a simulated private world: an account that trades by itself, its pushes, and its HTTP."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.api.endpoints import ROUTES
from coinex_pandas.errors import NoAnswer
from coinex_pandas.tables.decoding import Source, read

assert cx.ROUTES  # the door is open: every route is entered

MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT")
CURRENCIES = ("USDT", "BTC", "CET")
_ERASED = 3600

Row = dict[str, Any]
Push = tuple[str, Row]


class Account:
    """What one has at the exchange, and what has become of it.

    Parameters
    ----------
    dice : random.Random
        Decides what happens.
    area : str
        ``spot`` or ``futures``.
    now : callable
        The exchange's time.
    """

    def __init__(self, dice: random.Random, area: str, now: Callable[[], int]) -> None:
        self.dice, self.area, self.now = dice, area, now
        self.orders: dict[int, Row] = {}
        self.stops: dict[int, Row] = {}
        self.positions: dict[int, Row] = {}
        self.balances: dict[str, Row] = {ccy: self._balance(ccy, 100.0) for ccy in CURRENCIES[:2]}
        self.deals: list[Row] = []
        self.erased: set[int] = set()
        self._id = 1000

    # ---- what happens

    def act(self, channels: list[str]) -> list[Push]:
        """Let something happen; return what is to be pushed of it."""
        return getattr(self, f"_act_{self.dice.choice(channels)}")()

    def _act_order(self) -> list[Push]:
        dice = self.dice
        open_ones = [row for row in self.orders.values() if row["status"] in ("open", "part_filled")]
        what = dice.choice(("place", "fill", "fill", "cancel", "modify")) if open_ones else "place"
        if what == "place":
            row = self._order()
            self.orders[row["order_id"]] = row
            if dice.random() < 0.3:  # filled at once: three pushes of one millisecond
                return [self._order_push("put", row), *self._fill(row, row["amount"])]
            return [self._order_push("put", row)]
        row = dice.choice(open_ones)
        if what == "fill":
            left = row["amount"] - row["filled"]
            return self._fill(row, left if dice.random() < 0.5 else dice.randint(1, left))
        row["updated_at"] = self.now()
        if what == "cancel":
            row["status"] = "part_canceled" if row["filled"] else "canceled"
            self.erased |= set() if row["filled"] else {row["order_id"]}
            return [self._order_push("finish", row)]
        row["price"] += 1
        return [self._order_push("modify", row)]

    def _fill(self, row: Row, amount: int) -> list[Push]:
        row["filled"] += amount
        row["updated_at"] = self.now()
        row["last"] = amount
        is_over = row["filled"] == row["amount"]
        row["status"] = "filled" if is_over else "part_filled"
        deal = self._deal(row, amount)
        return [("user_deals", deal), self._order_push("finish" if is_over else "update", row)]

    def _act_user_deals(self) -> list[Push]:
        return self._act_order()

    def _act_stop(self) -> list[Push]:
        waiting = [row for row in self.stops.values() if row["status"] == "put"]
        if not waiting or self.dice.random() < 0.5:
            row = self._stop()
            self.stops[row["stop_id"]] = row
            return [("stop", {"event": "put", "stop": self._stop_row(row)})]
        row = self.dice.choice(waiting)
        event, row["status"] = self.dice.choice((("active", "active_success"), ("cancel", "cancel")))
        row["updated_at"] = self.now()
        return [("stop", {"event": event, "stop": self._stop_row(row)})]

    def _act_balance(self) -> list[Push]:
        ccy = self.dice.choice(CURRENCIES)
        if ccy not in self.balances or self.dice.random() < 0.75:
            self.balances[ccy] = self._balance(ccy, self.dice.randint(1, 999) / 8)
            row = self.balances[ccy]
        else:  # HTTP leaves out what is not there; the socket says 0
            row = self._balance(ccy, 0.0)
            del self.balances[ccy]
        return [("balance", {"balance_list": [row]})]

    def _act_position(self) -> list[Push]:
        open_ones = [row for row in self.positions.values() if row["end"] == ""]
        if not open_ones or self.dice.random() < 0.4:
            row = self._position()
            self.positions[row["position_id"]] = row
            event = "update"
        else:
            row = self.dice.choice(open_ones)
            event = self.dice.choice(("update", "update", "close", "liq", "adl", "sys_close"))
            row["open_interest"] = self.dice.randint(1, 99) if event == "update" else 0
            row["end"] = {"update": "", "close": "limit", "sys_close": "sys"}.get(event, event)
            row["updated_at"] = self.now()
        return [("position", {"event": event, "position": self._position_row(row)})]

    # ---- rows as the socket has them

    def _next(self) -> int:
        self._id += 1
        return self._id

    def _order(self) -> Row:
        now, number = self.now(), self._next()
        common = {"market": self.dice.choice(MARKETS), "side": self.dice.choice(("buy", "sell"))}
        counts = {"amount": self.dice.randint(1, 9), "filled": 0, "last": 0, "price": self.dice.randint(5, 50)}
        return {"order_id": number, **common, **counts, "status": "open", "created_at": now, "updated_at": now}

    def _order_row(self, row: Row, *, is_push: bool) -> Row:
        told = {name: row[name] for name in ("order_id", "market", "side", "created_at", "updated_at")}
        told |= {name: str(row[name]) for name in ("amount", "price")}
        told |= {"type": "limit", "unfilled_amount": str(row["amount"] - row["filled"]), "client_id": ""}
        told |= {"filled_amount": str(row["filled"]), "filled_value": str(row["filled"] * row["price"])}
        told |= {"taker_fee_rate": "0.002", "maker_fee_rate": "0.002"}
        told |= {"last_filled_amount": str(row["last"])} if is_push else {"market_type": self._type}
        if self.area == "futures":
            return told | {"fee": "0", "fee_ccy": "USDT"}
        fees = (
            ("base_ccy_fee", "quote_ccy_fee", "discount_ccy_fee")
            if is_push
            else ("base_fee", "quote_fee", "discount_fee")
        )
        return told | dict.fromkeys(fees, "0") | ({"margin_market": ""} if is_push else {"ccy": "BTC"})

    @property
    def _type(self) -> str:
        return "SPOT" if self.area == "spot" else "FUTURES"

    def _order_push(self, event: str, row: Row) -> Push:
        return "order", {"event": event, "order": self._order_row(row, is_push=True)}

    def _deal(self, row: Row, amount: int) -> Row:
        told = {"deal_id": self._next(), "created_at": self.now(), "order_id": row["order_id"], "market": row["market"]}
        told |= {"side": row["side"], "price": str(row["price"]), "amount": str(amount), "role": "maker", "fee": "0"}
        told |= {"fee_ccy": "USDT"} | ({"margin_market": ""} if self.area == "spot" else {"position_id": 7})
        self.deals.append(told)
        return told

    def _stop(self) -> Row:
        now = self.now()
        return {
            "stop_id": self._next(),
            "market": self.dice.choice(MARKETS),
            "price": self.dice.randint(5, 50),
            "status": "put",
            "created_at": now,
            "updated_at": now,
        }

    def _stop_row(self, row: Row, *, is_push: bool = True) -> Row:
        told = {name: row[name] for name in ("stop_id", "market", "created_at", "updated_at")}
        told |= {"side": "buy", "type": "limit", "amount": "1", "price": str(row["price"]), "trigger_price": "9"}
        told |= {"trigger_direction": "higer", "trigger_price_type": "latest_price", "client_id": ""}
        return told | ({"status": row["status"]} if is_push else {"market_type": self._type})

    def _balance(self, ccy: str, amount: float) -> Row:
        told = {"ccy": ccy, "available": str(amount), "frozen": "0.00000000000000000000"}
        if self.area == "spot":
            return told | {"margin_market": "", "updated_at": self.now()}
        return told | {"margin": "0", "transferrable": str(amount), "unrealized_pnl": "0", "equity": str(amount)}

    def _position(self) -> Row:
        now = self.now()
        return {
            "position_id": self._next(),
            "market": self.dice.choice(MARKETS),
            "open_interest": self.dice.randint(1, 99),
            "end": "",
            "created_at": now,
            "updated_at": now,
        }

    def _position_row(self, row: Row, *, is_push: bool = True) -> Row:
        numbers = ("close_avbl", "ath_position_amount", "realized_pnl", "avg_entry_price", "cml_position_value")
        numbers += ("max_position_value", "leverage", "margin_avbl", "ath_margin_size", "position_margin_rate")
        numbers += ("maintenance_margin_rate", "maintenance_margin_value", "liq_price", "bkr_price", "settle_price")
        told = {name: row[name] for name in ("position_id", "market", "created_at", "updated_at")}
        told |= dict.fromkeys(numbers, "1") | {"unrealized_pnl": str(self.dice.randint(1, 99))}
        told |= {"side": "long", "margin_mode": "cross", "open_interest": str(row["open_interest"]), "adl_level": 1}
        told |= dict.fromkeys(("take_profit_price", "stop_loss_price", "take_profit_type", "stop_loss_type"), "")
        told |= {"settle_val" if is_push else "settle_value": "1"}
        return told if is_push else told | {"market_type": "FUTURES"}

    # ---- what HTTP says

    def ask(self, name: str, *names: Any, start: int = 0, **_: Any) -> pd.DataFrame:
        """Return what a public function would."""
        noun = name.partition("_")[2]
        market = names[0] if names else None
        rows = getattr(self, f"_{noun}")(*names) if noun == "order_statuses" else getattr(self, f"_{noun}")(start)
        wanted = (market,) if isinstance(market, str) else market
        if noun != "order_statuses" and wanted is not None:
            rows = [row for row in rows if row["market"] in wanted]
        route = ROUTES[name]
        body = json.dumps({"code": 0, "data": rows, "message": "OK"}).encode()
        return read(route.row, body, Source(route.endpoint), numbers="text").frame

    def _pending_orders(self, _: int) -> list[Row]:
        found = [row for row in self.orders.values() if row["status"] in ("open", "part_filled")]
        return [self._order_row(row, is_push=False) for row in found]

    def _finished_orders(self, start: int) -> list[Row]:
        over = [row for row in self.orders.values() if row["status"] in ("filled", "part_canceled")]
        return [self._order_row(row, is_push=False) for row in over if row["created_at"] >= start]

    def _order_statuses(self, market: str, ids: list[int]) -> list[Row]:
        found = []
        for number in ids:
            if number in self.erased:
                found.append({"code": _ERASED, "data": None, "message": "order not found"})
            else:
                row = self.orders[number]
                assert market == row["market"]
                told = self._order_row(row, is_push=False) | {
                    "status": row["status"],
                    "last_filled_amount": str(row["last"]),
                }
                found.append({"code": 0, "data": told, "message": "OK"})
        return found

    def _pending_stop_orders(self, _: int) -> list[Row]:
        return [self._stop_row(row, is_push=False) for row in self.stops.values() if row["status"] == "put"]

    def _finished_stop_orders(self, start: int) -> list[Row]:
        over = [row for row in self.stops.values() if row["status"] != "put" and row["created_at"] >= start]
        return [self._stop_row(row, is_push=False) for row in over]

    def _user_deals(self, start: int) -> list[Row]:
        return [row for row in self.deals if row["created_at"] >= start]

    def _balances(self, _: int) -> list[Row]:
        own = ("margin_market", "updated_at")
        return [{name: cell for name, cell in row.items() if name not in own} for row in self.balances.values()]

    def _positions(self, _: int) -> list[Row]:
        return [self._position_row(row, is_push=False) for row in self.positions.values() if not row["end"]]

    def _finished_positions(self, start: int) -> list[Row]:
        over = [row for row in self.positions.values() if row["end"] and row["updated_at"] >= start]
        return [self._position_row(row, is_push=False) | {"finished_type": row["end"]} for row in over]


def nobody_answers(name: str) -> NoAnswer:
    """Return what asking ends in when nobody answers."""
    return NoAnswer("nobody answers", endpoint=ROUTES[name].endpoint)
