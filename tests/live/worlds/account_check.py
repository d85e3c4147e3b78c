"""What must hold at the end of a simulated private world: every table ends in the exchange's state."""

from __future__ import annotations

from collections import Counter
from typing import Any

from coinex_pandas.live.account_stream import AccountBuffer
from tests.live.worlds.account import Account
from tests.live.worlds.network import Clock

_OVER = {"filled", "part_canceled", "canceled"}


class Listener(AccountBuffer):
    """A buffer, when it came, and when its subscription began to work, by the exchange's clock."""

    began = joined = 0

    def acknowledge(self, market: str, at: int) -> None:
        """Note the exchange's time."""
        self.began = self.began or self.clock.ms
        super().acknowledge(market, at)

    clock: Clock


def faults_of(one: Listener, account: Account) -> list[str]:
    """Return what a table has that the exchange has not, or otherwise."""
    with one.lock:
        newest = {key: row for key, (row, _) in one._newest.items()} if one.newest() else {}
        frame = one.table.frame()
    found = [f"a gap that is open, or was not recovered: {gap}" for gap in one.gaps if not gap.refilled]
    found += _BY_METHOD[one.channel.method](one, newest, account, frame)
    return found


def _wants(one: Listener, row: Any, name: str = "market") -> bool:
    return not one.markets or row[name] in one.markets


def _order_faults(one: Listener, newest: Any, account: Account, _: Any) -> list[str]:
    found = []
    for number, row in account.orders.items():
        mine = newest.get((number,))
        if mine is None:
            must = row["status"] not in _OVER or (row["created_at"] >= one.joined and number not in account.erased)
            found += [f"order {number} is not there: {row}"] if must and _wants(one, row) else []
        elif row["status"] != mine.status or (row["status"] in _OVER) != (mine.event == "finish"):
            found.append(f"order {number} is {row}, not {mine}")
        elif number not in account.erased and (row["filled"], row["price"]) != (mine.filled_amount, mine.price):
            found.append(f"order {number} has {row}, not {mine}")
    return found


def _stop_faults(one: Listener, newest: Any, account: Account, _: Any) -> list[str]:
    found = []
    for number, row in account.stops.items():
        mine = newest.get((number,))
        is_over = row["status"] != "put"
        if mine is None:
            found += [f"stop {number} is not there"] if _wants(one, row) and not is_over else []
        elif is_over != (mine.event in ("active", "cancel", "finish")):
            found.append(f"stop {number} is {row}, not {mine}")
    return found


def _balance_faults(one: Listener, newest: Any, account: Account, _: Any) -> list[str]:
    mine = {row.ccy: row.available for row in newest.values()}
    theirs = {
        ccy: float(row["available"]) for ccy, row in account.balances.items() if not one.markets or ccy in one.markets
    }
    gone = {ccy: 0.0 for ccy in mine if ccy not in theirs}
    return [] if mine == theirs | gone else [f"balances are {theirs}, not {mine}"]


def _position_faults(one: Listener, newest: Any, account: Account, _: Any) -> list[str]:
    found = []
    for number, row in account.positions.items():
        mine = newest.get((number,))
        if mine is None:
            must = not row["end"] or row["created_at"] >= one.began
            found += [f"position {number} is not there: {row}"] if must and _wants(one, row) else []
        elif bool(row["end"]) != (mine.event in ("close", "sys_close", "liq", "adl", "finish")):
            found.append(f"position {number} is {row}, not {mine}")
        elif mine.event != "finish" and row["open_interest"] != mine.open_interest:
            found.append(f"position {number} has {row}, not {mine}")
    return found


def _deal_faults(one: Listener, _: Any, account: Account, frame: Any) -> list[str]:
    counts = Counter(frame["deal_id"].tolist())
    due = [row["deal_id"] for row in account.deals if row["created_at"] > one.joined and _wants(one, row)]
    due = due if one.table.gone == 0 else [number for number in due if number >= min(counts, default=0)]
    found = [f"deal {number} is there {counts[number]} times" for number in due if counts[number] != 1]
    found += [f"deal {number} is there {count} times" for number, count in counts.items() if count > 1]
    found += (
        [] if frame["deal_id"].is_monotonic_increasing else [f"deals are out of order: {frame['deal_id'].tolist()}"]
    )
    return found


_BY_METHOD = {
    "order": _order_faults,
    "stop": _stop_faults,
    "user_deals": _deal_faults,
    "balance": _balance_faults,
    "position": _position_faults,
}
