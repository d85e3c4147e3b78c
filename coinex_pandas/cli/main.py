"""``coinex-pandas demo``, ``sandbox`` and ``archive``."""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from coinex_pandas.cli.archive import add_archive
from coinex_pandas.errors import CoinExError, InvalidArgument, MissingExtra

if TYPE_CHECKING:
    from coinex_pandas.simulator.handle import Sandbox

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except CoinExError as error:
        print(f"coinex-pandas: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="coinex-pandas", description="The CoinEx exchange as pandas DataFrames.")
    parser.add_argument("--version", action="version", version=f"coinex_pandas {version('coinex_pandas')}")
    commands = parser.add_subparsers(required=True, metavar="command")
    demo = commands.add_parser("demo", help="show tables and plots from a sandbox exchange; ends by itself")
    demo.add_argument(
        "--plots", type=Path, default=Path("demo-plots"), help="folder for the plots (default: %(default)s)"
    )
    demo.add_argument("--seed", type=int, default=7, help="which exchange (default: %(default)s)")
    demo.set_defaults(run=_demo)
    serve = commands.add_parser("sandbox", help="serve a sandbox exchange on this machine until interrupted")
    serve.add_argument(
        "--port", type=int, default=8765, help="port on 127.0.0.1; 0 for a free one (default: %(default)s)"
    )
    serve.add_argument("--seed", type=int, default=0, help="which exchange (default: %(default)s)")
    serve.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=RATE]",
        help="a fault, such as frozen or busy=0.1; may be repeated",
    )
    serve.add_argument("--now", help="its time at the start, UTC (default: the real time)")
    serve.add_argument("--speed", type=float, default=1.0, help="its seconds per real second (default: %(default)s)")
    serve.add_argument(
        "--push-every",
        type=float,
        default=0.2,
        metavar="SECONDS",
        help="seconds between pushes on its sockets; 0 as fast as it can (default: %(default)s)",
    )
    serve.add_argument(
        "--balance",
        action="append",
        default=[],
        metavar="CCY=AMOUNT",
        help="spot balance of its account, such as USDT=1000; may be repeated (default: large balances)",
    )
    serve.add_argument("--no-limits", action="store_true", help="do not enforce the rate limits")
    serve.set_defaults(run=_sandbox)
    add_archive(commands)
    return parser


def _demo(options: argparse.Namespace) -> int:
    try:
        from coinex_pandas.cli.demo import demo
    except ModuleNotFoundError as fault:
        if fault.name != "matplotlib":
            raise
        raise MissingExtra("matplotlib", extra="all") from fault
    try:
        demo(options.plots, options.seed)
    except OSError as fault:
        print(f"coinex-pandas demo: {fault}", file=sys.stderr)
        return 1
    return 0


def _sandbox(options: argparse.Namespace) -> int:
    from coinex_pandas.simulator import sandbox

    try:
        exchange = sandbox(
            seed=options.seed,
            faults=_faults(options.fault),
            now=options.now,
            speed=options.speed,
            port=options.port,
            push_every=options.push_every,
            balances=_balances(options.balance),
            limits=not options.no_limits,
        )
    except (OSError, OverflowError, ValueError) as fault:
        print(f"coinex-pandas sandbox: {fault}", file=sys.stderr)
        return 1
    _introduce(exchange, options.seed)
    try:
        threading.Event().wait()
    finally:
        exchange.close()
    return 0


def _introduce(exchange: Sandbox, seed: int) -> None:
    """Print how other programs connect to it. The key is printed, too: it works in this sandbox only."""
    venue = f'cx.Venue("sandbox", http="{exchange.http}", ws="{exchange.ws}")'
    print(f"sandbox exchange, seed {seed}\n  http {exchange.http}\n  ws   {exchange.ws}")
    print(f"public data:\n  cx.use({venue})")
    print("its account, with play money and a key for this sandbox only:")
    print(f"  export COINEX_ACCESS_ID={exchange.key.access_id}")
    print(f"  export COINEX_SECRET_KEY={exchange.key.secret_key}")
    print(f"  cx.use(cx.SignedSession.from_env({venue}, trading=True, withdrawing=True))")
    print("Ctrl-C ends it.", flush=True)


def _balances(texts: Sequence[str]) -> dict[str, str] | None:
    """Return the amounts by currency; None for the sandbox's own."""
    parts = [text.partition("=") for text in texts]
    if wrong := [text for text, (ccy, _, amount) in zip(texts, parts, strict=True) if not (ccy and amount)]:
        raise InvalidArgument(f"--balance {wrong[0]}: a currency and an amount, such as USDT=1000")
    return {ccy: amount for ccy, _, amount in parts} or None


def _faults(texts: Sequence[str]) -> dict[str, float]:
    return dict(_fault(text) for text in texts)


def _fault(text: str) -> tuple[str, float]:
    name, _, rate = text.partition("=")
    try:
        return name, float(rate or 1.0)
    except ValueError:
        raise InvalidArgument(f"--fault {text}: the rate is a number from 0 to 1") from None
