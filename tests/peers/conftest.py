"""Other people's clients, told a sandbox's address and nothing else."""

import pytest

import coinex_pandas as cx


@pytest.fixture(scope="module")
def exchange():
    """Return a sandbox of a module's own; use its ``session=``."""
    running = cx.sandbox(seed=7)
    yield running
    running.close()
