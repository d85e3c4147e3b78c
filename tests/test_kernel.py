"""What a person sees in a notebook: completion, ``?``, and a misspelt keyword, asked of a real kernel."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import start_new_kernel

import coinex_pandas as cx

# pyzmq and jupyter_client leave their own sockets and loops to the garbage collector
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module")
def kernel() -> Iterator[BlockingKernelClient]:
    """Return a client of a kernel that has imported the package."""
    manager, client = start_new_kernel(startup_timeout=600, kernel_name="python3")
    client.execute_interactive("import coinex_pandas as cx", timeout=200)
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


def test_tab_completes_public_names_only(kernel: BlockingKernelClient) -> None:
    """`cx.fut<Tab>` offers the functions for futures and nothing else, none of the rooms they come from."""
    reply = kernel.complete("cx.fut", reply=True, timeout=200)["content"]
    offered = {match.removeprefix("cx.") for match in reply["matches"]}
    assert {"futures_tickers", "futures_klines", "futures_place_order"} <= offered
    assert offered == {name for name in cx.__all__ if name.startswith("futures_")}


def test_a_question_mark_tells_enough(kernel: BlockingKernelClient) -> None:
    """`cx.futures_tickers?` shows text, parameters, and every column with kind, unit and meaning."""
    reply = kernel.inspect("cx.futures_tickers", reply=True, timeout=200)["content"]["data"]["text/plain"]
    for told in (
        "last 24 hours of the futures markets",
        "market : str or iterable of str, optional",
        "numbers",
        "Columns",
    ):
        assert told in reply
    assert "open_interest_volume : float64" in reply
    assert "amount (base_ccy): open position size" in reply
    assert "docs.coinex.com" in reply


def test_a_misspelt_keyword_names_the_function(kernel: BlockingKernelClient) -> None:
    """The TypeError says which function was called, and which keyword it does not know."""
    reply = kernel.execute("cx.futures_tickers(markets='BTCUSDT')", reply=True, timeout=200)["content"]
    assert "TypeError" == reply["ename"]
    assert "futures_tickers() got an unexpected keyword argument 'markets'" in reply["evalue"]
