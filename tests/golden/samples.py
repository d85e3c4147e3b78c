"""The golden samples: one request with its replies for every endpoint, values of our own making.

A file holds the request on the wire, the call that makes it, four replies (``full``; ``minimal``: optional fields left
out, some numbers empty or null; ``empty``; ``error``), and the frame's index and columns with their dtypes.
"""

import json

import pandas as pd

import coinex_pandas as cx
from coinex_pandas.tables.decoding import Source
from coinex_pandas.tables.decoding import read as read_page
from tests.paths import GOLDEN_HTTP

NOW = "2026-06-01 12:00"
"""When the samples were taken: to tests at the sandbox it is then, so that none is stale."""


def sample(name):
    """Return the golden sample of a function."""
    return json.loads((GOLDEN_HTTP / f"{name}.json").read_text("utf-8"))


def body(name, reply="full"):
    """Return a reply as bytes."""
    return json.dumps(sample(name)[reply]).encode()


def page(name, content, numbers="float"):
    """Return the page that any reply to a function's request is, without any session."""
    known = cx.ROUTES[name]
    source = Source(known.endpoint, "BTCUSDT", single=known.single, paged=known.paged)
    return read_page(known.row, content, source, numbers=numbers)


def read(name, reply="full", numbers="float"):
    """Return the frame of a golden reply."""
    return page(name, body(name, reply), numbers).frame


def shape(frame):
    """Return a frame's index and columns as a golden sample tells them: names in order, with dtypes."""
    index = frame.index.to_frame(index=False) if any(frame.index.names) else pd.DataFrame()
    parts = {"index": index, "columns": frame}
    return {part: {name: str(dtype) for name, dtype in made.dtypes.items()} for part, made in parts.items()}
