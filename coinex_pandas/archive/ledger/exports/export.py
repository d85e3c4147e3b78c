"""The exports of an account: the plain ledger, and files for other tools."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Literal, get_args

from coinex_pandas.archive.ledger.activity import activity, is_margin, market_pair
from coinex_pandas.archive.ledger.chain import EXACT
from coinex_pandas.archive.ledger.exports import koinly, plain_ledger
from coinex_pandas.archive.ledger.prices import Prices
from coinex_pandas.archive.ledger.source import Archive, Tables, decimal
from coinex_pandas.errors import ArchiveError, InvalidArgument
from coinex_pandas.errors.quoting import short_repr

__all__ = ["Format", "export"]

Format = Literal["ledger", "koinly"]


def export(
    archive: Archive | str | os.PathLike[str],
    folder: str | os.PathLike[str],
    formats: Sequence[Format] = ("ledger", "koinly"),
) -> list[Path]:
    """Write what moved an account's money for other tools, and return the paths of the files.

    Parameters
    ----------
    archive : Archive, str or path
        An archive that was opened, or its folder.
    folder : str or path
        Where the files go; it is made if it is not there, and files of the same names are replaced.
    formats : sequence of {"ledger", "koinly"}
        ``ledger``: ``ledger.csv`` and ``ledger.parquet``, every movement a row, with its value in USDT, the rate, its
        time and source, and the raw record. ``koinly``: ``koinly.csv``, Koinly's universal format.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InvalidArgument
        There is no such format; nothing was written.
    ArchiveError
        The folder is no archive, or the files cannot be written.

    Examples
    --------
    >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions", "spot_balances"])
    >>> [path.name for path in export("./coinex", "./exports")]
    ['ledger.csv', 'ledger.parquet', 'koinly.csv']
    """
    chosen = dict.fromkeys([formats] if isinstance(formats, str) else formats)
    if unknown := [name for name in chosen if name not in get_args(Format)]:
        raise InvalidArgument(f"formats: {short_repr(unknown[0])} is none of {', '.join(get_args(Format))}")
    tables = Tables(archive)
    target = Path(folder)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as fault:
        raise ArchiveError(f"no folder can be made there ({fault})", path=str(folder)) from fault
    movements = activity(tables)
    valued = plain_ledger.valued(movements, Prices(tables, {movement.ccy for movement in movements}))
    paths: list[Path] = []
    for name in chosen:
        paths += (
            plain_ledger.write(target, valued) if name == "ledger" else koinly.write(target, valued, _fills(tables))
        )
    return paths


def _fills(tables: Tables) -> Iterator[koinly.Fill]:
    """Yield the own deals on spot and margin."""
    markets = {row["market"]: row for row in tables.rows("spot_markets")}
    for row in tables.rows("spot_user_deals"):
        base, quote = market_pair(row["market"], markets)
        sign = Decimal(1 if row["side"] == "buy" else -1)
        amount = EXACT.multiply(decimal(row, "amount"), sign)
        yield koinly.Fill(
            at=row["created_at"],
            area="MARGIN" if is_margin(row) else "SPOT",
            market=row["market"],
            base=base,
            quote=quote,
            bought=amount,
            paid=EXACT.multiply(amount, decimal(row, "price")),
            fee=decimal(row, "fee"),
            fee_ccy=row.get("fee_ccy") or quote,
            number=str(row["deal_id"]),
        )
