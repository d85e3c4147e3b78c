"""``cx.archive.capture``: an account, or the public data of the exchange, into a folder."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import pandas as pd

from coinex_pandas.api.calls.arguments import choice
from coinex_pandas.archive.collection.journal import Journal, read_journal
from coinex_pandas.archive.collection.plan import Task
from coinex_pandas.archive.raw.catalogue import Catalogue
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.archive.runs.estimate import estimate
from coinex_pandas.archive.runs.follow_ups import fee_tasks, index_tasks, spot_tasks
from coinex_pandas.archive.runs.progress import Progress
from coinex_pandas.archive.runs.remaining import Remaining
from coinex_pandas.archive.runs.run import Run
from coinex_pandas.archive.runs.stages import Choice, account_stages, public_stages
from coinex_pandas.archive.streams.queue import wait_for_recordings
from coinex_pandas.archive.tables.build import rebuild
from coinex_pandas.errors import CoinExError, KeyNeeded
from coinex_pandas.http.clock import venue_ms
from coinex_pandas.http.session import Session, current
from coinex_pandas.http.signed_session import SignedSession
from coinex_pandas.tables.times import TimeLike, span

__all__ = ["capture"]

What = Literal["account", "public"]


def capture(
    path: str | os.PathLike[str],
    what: What,
    *,
    markets: Sequence[str] | None = None,
    tables: Sequence[str] | None = None,
    periods: Sequence[str] = ("1day", "1hour"),
    start: TimeLike | None = None,
    connections: int = 16,
    redact_addresses: bool = False,
    dry_run: bool = False,
    session: Session | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Store an account, or public data, in a folder, and return what it holds now.

    Nothing can be changed by it: whatever the session may do, only requests that read leave this machine. A capture
    that was stopped goes on where it was; a later one asks for what is new, and for all balances once more. What the
    exchange refuses is noted with its words, and stops nothing else.

    Parameters
    ----------
    path : str or path
        The folder of the archive; it is made if it is not there.
    what : {"account", "public"}
        Whose data.
    markets : sequence of str, optional
        Only these markets; None for all.
    tables : sequence of str, optional
        Only the tables of these functions; None for all.
    periods : sequence of str, default ("1day", "1hour")
        The periods of candles, of a public capture.
    start : time, optional
        Where histories begin; None for the very first row.
    connections : int, default 16
        Requests at a time; the exchange's rate limits hold besides.
    redact_addresses : bool, default False
        Leave out the addresses and memos of deposits and withdrawals.
    dry_run : bool, default False
        Only return what it would take: ``stage``, ``table``, ``tasks``, ``requests``, ``bound``, ``pace``,
        ``seconds`` at the rate limit, ``bytes``; the sums are in ``attrs["coinex"]``. Nothing is written; only the
        lists of markets and sub-accounts are requested.
    session : Session, optional
        Where to ask; None for the current one. An account needs a `SignedSession`.
    progress : Progress, optional
        Shows how far it is; None for a bar in a terminal or notebook, as ``cx.options.progress`` says.

    Returns
    -------
    DataFrame
        The coverage, as `Archive.coverage` has it; of a dry run what it would take.

    Raises
    ------
    KeyNeeded
        An account is wanted, and the session has no key.
    ArchiveBusy
        Another process writes into the folder.

    Examples
    --------
    >>> coverage = cx.archive.capture("./coinex", "account", tables=["spot_transactions"])
    >>> coverage[["table", "rows", "state"]].tail(1)
                   table  rows     state
    5  spot_transactions     5  complete
    """
    choice(what, ("account", "public"), "what")
    asker = current(session)
    if what == "account" and not isinstance(asker, SignedSession):
        raise KeyNeeded(
            "an account's capture needs a session with a key; one that may only read is enough: "
            "cx.use(cx.SignedSession.from_env())"
        )
    until, (first, _) = _now(asker), span(start, None)
    wanted = Choice(
        until.isoformat(),
        None if markets is None else tuple(markets),
        None if tables is None else tuple(tables),
        tuple(periods),
        None if first is None else pd.Timestamp(first, unit="ms", tz="UTC").isoformat(),
    )
    stages = (account_stages if what == "account" else public_stages)(wanted)
    root = Path(path)
    if dry_run:
        journal = read_journal(Catalogue(root)) if root.is_dir() else Journal({}, {}, {})
        return estimate(asker, stages, Remaining(journal, what), until)
    wait_for_recordings(root)
    with Writer(root) as writer:
        facts = {"what": what, "venue": asker.venue.name, "http": asker.venue.http, **wanted.facts()}
        shown = progress or Progress()
        run = Run(writer, asker, facts, read_journal(Catalogue(root)), shown, redact=redact_addresses)
        frames: dict[str, pd.DataFrame] = {}
        try:
            for title, tasks in stages:
                frames |= _stage(run, shown, title, tasks(frames), connections)
            if what == "account":
                _follow_up(run, shown, wanted, writer, connections)
        finally:
            shown.close()
        run.end()
        writer.seal()
        return rebuild(root, writer)


def _stage(
    run: Run, progress: Progress, title: str, tasks: Iterable[Task], connections: int
) -> dict[str, pd.DataFrame]:
    every = list(tasks)
    progress.stage(title, len(every))
    return run.go(every, connections)


def _follow_up(run: Run, progress: Progress, wanted: Choice, writer: Writer, connections: int) -> None:
    """Capture what follows from the account's own rows; index prices where spot has none."""
    for title, tasks in (("fee rates", fee_tasks), ("prices", spot_tasks), ("index prices", index_tasks)):
        writer.seal()
        rebuild(writer.path, writer)
        _stage(run, progress, title, wanted.of(tasks(writer.path)), connections)


def _now(session: Session) -> pd.Timestamp:
    """Return the time of the venue, this machine's where it does not say."""
    try:
        return pd.Timestamp(venue_ms(session), unit="ms", tz="UTC")
    except CoinExError:
        return pd.Timestamp.now("UTC").floor("ms")
