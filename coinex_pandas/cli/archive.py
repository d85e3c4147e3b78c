"""``coinex-pandas archive``: store an account or public data before the exchange closes, and prove it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from coinex_pandas.errors import InvalidArgument

if TYPE_CHECKING:
    import pandas as pd

    from coinex_pandas.http.session import Session

__all__ = ["add_archive"]

_READS_ONLY = "This only reads: nothing of the account can be changed, whatever the key may do."


def add_archive(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the commands to a parser's."""
    archive = commands.add_parser("archive", help="store an account or public data in a folder, and prove it")
    parts = archive.add_subparsers(required=True, metavar="part")
    for what, text in (
        ("account", "everything of one's own account; needs COINEX_ACCESS_ID and COINEX_SECRET_KEY"),
        ("public", "markets, currencies, histories and candles"),
    ):
        parser = parts.add_parser(what, help=text)
        parser.add_argument("path", type=Path, help="the folder of the archive")
        parser.add_argument("--venue", metavar="URL", help="address up to /v2 (default: the exchange)")
        parser.add_argument("--markets", metavar="A,B", help="only these markets")
        parser.add_argument("--tables", metavar="A,B", help="only the tables of these functions")
        parser.add_argument("--periods", metavar="A,B", default="1day,1hour", help="of candles (default: %(default)s)")
        parser.add_argument("--start", help="where histories begin, UTC (default: the very first row)")
        parser.add_argument("--connections", type=int, default=16, help="requests at a time (default: %(default)s)")
        parser.add_argument("--redact-addresses", action="store_true", help="leave out addresses and memos")
        parser.add_argument("--dry-run", action="store_true", help="only say what it would take; nothing is written")
        parser.set_defaults(run=_capture, what=what)
    verify = parts.add_parser("verify", help="whether every file is what was written")
    verify.add_argument("path", type=Path, help="the folder of the archive")
    verify.add_argument("--deep", action="store_true", help="read each reply, too")
    verify.set_defaults(run=_verify)
    statement = parts.add_parser("statement", help="what moved the account, and what that proves")
    statement.add_argument("path", type=Path, help="the folder of the archive")
    statement.add_argument("--html", type=Path, metavar="FILE", help="write a page to print, instead of text here")
    statement.set_defaults(run=_statement)
    export = parts.add_parser("export", help="every movement for other tools")
    export.add_argument("path", type=Path, help="the folder of the archive")
    export.add_argument("--format", default="ledger,koinly", help="ledger, koinly or both (default: %(default)s)")
    export.add_argument("--out", type=Path, default=Path("exports"), help="folder for them (default: %(default)s)")
    export.set_defaults(run=_export)


def _capture(options: argparse.Namespace) -> int:
    from coinex_pandas.archive.runs.capture import capture

    print(_READS_ONLY)
    coverage = capture(
        options.path,
        options.what,
        markets=_names(options.markets),
        tables=_names(options.tables),
        periods=_names(options.periods) or (),
        start=options.start,
        connections=options.connections,
        redact_addresses=options.redact_addresses,
        dry_run=options.dry_run,
        session=_session(options),
    )
    report = _report_estimate if options.dry_run else _report
    report(coverage, options.path)
    return 0


def _report_estimate(estimate: pd.DataFrame, path: Path) -> None:
    """Print what a capture would take."""
    sums = estimate.attrs["coinex"]
    stages = estimate.groupby("stage", sort=False)[["tasks", "requests"]].sum()
    stages["bound"] = estimate.groupby("stage")["bound"].agg(lambda bounds: ", ".join(sorted(set(bounds))))
    print(stages.reset_index().to_string(index=False))
    minutes, megabytes = sums["seconds"] / 60, sums["bytes"] / 1e6
    needs = f"{sums['requests']:,} requests, {minutes:,.1f} minutes at the rate limits, some {megabytes:,.0f} MB"
    print(f"Together {needs}.")
    print("At least: the further pages of an account, and the prices of its days, come on top of that.")
    print(f"Nothing was written into {path}.")


def _report(coverage: pd.DataFrame, path: Path) -> None:
    """Print what was captured, and what was not, in the exchange's words."""
    newest = coverage[~coverage["is_probe"]].drop_duplicates(["table", "params"], keep="last")
    print(f"{path}: {len(newest)} tasks, {newest['rows'].sum():,} rows")
    for state, tasks in newest[~newest["complete"]].groupby("state"):
        print(f"{state}: {len(tasks)}")
        for row in tasks.head(20).itertuples():
            print(f"  {row.table} {row.params}: {row.reason}")
    print(f"Is it whole? coinex-pandas archive verify {path}")


def _session(options: argparse.Namespace) -> Session:
    from coinex_pandas.http.session import Session
    from coinex_pandas.http.signed_session import SignedSession
    from coinex_pandas.http.venue import LIVE, Venue

    venue = LIVE if options.venue is None else Venue(options.venue, http=options.venue)
    return SignedSession.from_env(venue) if options.what == "account" else Session(venue)


def _names(text: str | None) -> list[str] | None:
    if text is None:
        return None
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise InvalidArgument(f"{text!r}: names with commas between them")
    return names


def _verify(options: argparse.Namespace) -> int:
    from coinex_pandas.archive.raw.proof import verify

    findings = verify(options.path, deep=options.deep)
    print(findings.attrs["coinex"]["verdict"])
    if not findings.empty:
        print(findings.to_string(index=False), file=sys.stderr)
    return int(not findings.empty)


def _statement(options: argparse.Namespace) -> int:
    from coinex_pandas.archive.ledger.statement import statement
    from coinex_pandas.archive.raw.bag import replace

    result = statement(options.path)
    if options.html is None:
        print(result.to_markdown())
        return 0
    replace(options.html, result.to_html().encode())
    print(f"{options.html}: open it in a browser, or print it")
    return 0


def _export(options: argparse.Namespace) -> int:
    from coinex_pandas.archive.ledger.exports.export import Format, export

    names = cast("list[Format]", _names(options.format))  # export says which names there are
    for path in export(options.path, options.out, names):
        print(path)
    return 0
