"""Other people's clients, told a sandbox's address and nothing else."""

import pytest

import coinex_pandas as cx
from coinex_pandas.simulator.server import auth


@pytest.fixture(scope="module")
def exchange():
    """Return a sandbox of a module's own; use its ``session=``."""
    with pytest.MonkeyPatch.context() as patch:
        # they sign by this machine's clock and send at once, which on a busy machine may take a while
        patch.setattr(auth, "WINDOW_MS", 60_000)
        running = cx.sandbox(seed=7)
        yield running
        running.close()
