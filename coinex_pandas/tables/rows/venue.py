"""The exchange itself: is it there, what time is it, when will it be away.

Field names and meanings: https://docs.coinex.com/api/v2/common/http.
"""

from typing import Annotated, ClassVar

from coinex_pandas.tables.column_types import Flag, Scopes, Text, Time, TimeOrNone, note
from coinex_pandas.tables.row import Row

__all__ = ["Maintenance", "Ping", "ServerTime"]


class Ping(Row, kw_only=True):
    """The answer to a ping."""

    result: Annotated[Text, note("always 'pong'")]


class ServerTime(Row, kw_only=True):
    """The exchange's clock."""

    timestamp: Time


class Maintenance(Row, kw_only=True):
    """One planned maintenance."""

    order: ClassVar = ("started_at",)

    started_at: Time
    ended_at: Time
    scope: Annotated[Scopes, note("any of FUTURES, SPOT, ALL_SITE")]
    announce_enabled: Annotated[Flag, note("whether announce_url is set")]
    announce_url: Text
    protect_duration_start: Annotated[TimeOrNone, note("only maker_only orders and cancels from here")]
    protect_duration_end: TimeOrNone
