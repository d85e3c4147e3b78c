"""Playing simulated worlds: one with its log, or many that are checked; the same for public and for account worlds."""

from __future__ import annotations

import gc
import inspect
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol, TypeVar

from tests.live.worlds.ledger import Ledger


class WrongWorld(AssertionError):
    """A world in which something was lost, made up, or not reported."""


class Playable(Protocol):
    """A world of either kind."""

    seed: int
    ledger: Ledger

    def play(self) -> None:
        """Let it all happen."""

    def check(self) -> None:
        """Raise `WrongWorld` unless all is accounted for."""

    def counts(self) -> Counter[str]:
        """Return how many frames and gaps there were."""


W = TypeVar("W", bound=Playable)


def command(world: Playable) -> str:
    """Return the command that plays a world again."""
    return f"python -m tests.live.worlds.{Path(inspect.getfile(type(world))).stem} {world.seed}"


def play(world: W, settings: AbstractContextManager[object] | None = None) -> W:
    """Return a world after all has happened in it; an error of the package on the way names the world."""
    with settings or nullcontext():
        gc.disable()
        try:
            world.play()
        except Exception as error:
            error.add_note(f"world {world.seed}: {command(world)}")
            show(world.ledger.log or ())
            raise
        finally:
            gc.enable()
    return world


def check_all(played: Callable[[int], Playable], seeds: range) -> Counter[str]:
    """Play worlds and check each; return the faults, frames and gaps that there were."""
    total: Counter[str] = Counter()
    for number, seed in enumerate(seeds):
        if number % 50 == 0:  # looking for what is left over after each world takes longer than the worlds
            gc.collect()
        world = played(seed)
        world.check()
        total += world.ledger.faults + world.counts() + Counter(worlds=1)
    return total


def show(lines: Sequence[str]) -> None:
    """Print some lines."""
    if lines:
        sys.stdout.write("\n".join(lines) + "\n")


def main(played: Callable[..., Playable]) -> None:
    """Play the world of the first argument with its log, or all from the first to before the second one."""
    if len(sys.argv) > 2:
        show([str(check_all(played, range(int(sys.argv[1]), int(sys.argv[2]))))])
    else:
        world = played(int(sys.argv[1]), log=True)
        show([*(world.ledger.log or ()), f"faults: {dict(world.ledger.faults)}"])
        world.check()
        show(["all is accounted for"])
