"""A stream of one's own orders, deals, balances or positions."""

from __future__ import annotations

from typing import Any

import pandas as pd

from coinex_pandas.batches import frame_of
from coinex_pandas.channels import Channel
from coinex_pandas.keep import Keep
from coinex_pandas.private_intake import PrivateIntake
from coinex_pandas.session import Session
from coinex_pandas.stream import Stream

__all__ = ["PrivateStream"]

_LEAD = ("market", "event", "status", "side", "type", "price", "amount", "filled_amount")
"""The columns that a view begins with, where a table has them: it shows no more than a few."""


class PrivateStream(Stream):
    """One's own orders, stop orders, deals, balances or positions as they change; made by the functions of ``cx.live``.

    What a `Stream` has, this has too. ``df`` has a row for each event, and ``latest`` the newest row of each order,
    balance or position: both begin with the state when the stream began, asked for over HTTP. It is asked for again
    whenever something may have been missed; a time in which that was so stands in ``gaps``. Silence does not make it
    ``stale``: on an account nothing may happen for hours.
    """

    _intake: PrivateIntake

    def __init__(
        self,
        channel: Channel,
        names: tuple[str, ...],
        session: Session,
        *,
        market_type: str,
        keep: int | str | pd.Timedelta | None = None,
        reconnect: bool = True,
    ) -> None:
        self._market_type = market_type
        super().__init__(channel, names, session, keep=keep, reconnect=reconnect)

    def _made(self, keep: Keep) -> PrivateIntake:
        return PrivateIntake(self._channel, self.markets, self._market_type, keep)

    @property
    def latest(self) -> pd.DataFrame:
        """The newest row of each order, balance or position, in the order of their last changes; index as over HTTP.

        What has ended is among them, the newest ten thousand: ``latest[latest["event"] != "finish"]`` are the orders
        that are open. Of deals it is the newest of each market.
        """
        with self._intake.lock:
            newest = self._intake.newest()
        frame = frame_of(self._intake, [("", row, at) for row, at in newest]).reset_index()
        keys = self._index()
        texts = [name for name in keys if isinstance(frame[name].dtype, pd.CategoricalDtype)]
        frame = frame.astype(dict.fromkeys(texts, "str"))
        declared = [column.name for column in self._intake.table.columns]
        rest = [name for name in frame if name not in declared]
        return self._told(frame[[*declared, *rest]].set_index(keys))

    def _index(self) -> list[str]:
        if self._channel.method == "user_deals":
            return ["market"]
        keys = () if self._channel.private is None else self._channel.private.key
        return [name for name in keys if name != "margin_market" or self._market_type == "MARGIN"]

    @property
    def silent(self) -> tuple[str, ...]:
        """Nothing: silence is as good a sign as any."""
        return ()

    def tail(self, rows: int, market: str | None = None) -> pd.DataFrame:
        """Return the newest rows, oldest first; of one market, or of all."""
        is_of_one = market is not None and "market" in self._intake.table.frame(0, 0)
        made = super().tail(rows, market if is_of_one else None)
        lead = [name for name in _LEAD if name in made]
        return made[[*lead, *made.columns.drop(lead)]]

    def _asked(self) -> dict[str, Any]:
        rules = self._channel.private
        chosen = {rules.by: list(self.markets)} if rules is not None and rules.by else {}
        return chosen | {"market_type": self._market_type}

    def _named(self) -> str:
        return super()._named() if self.markets else "all"
