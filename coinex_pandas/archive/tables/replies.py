"""Which reply answers which request: the index of what is no history, so that opening an archive reads no raw layer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit

from coinex_pandas.archive.collection.journal import Journal
from coinex_pandas.archive.description.definitions import CAPTURED, definition_of
from coinex_pandas.archive.raw.catalogue import Place
from coinex_pandas.archive.raw.payload import proved_content
from coinex_pandas.archive.raw.writer import Writer
from coinex_pandas.errors import MissingExtra

try:
    import pyarrow as pa
    import pyarrow.parquet as pq
except ImportError as fault:
    raise MissingExtra("pyarrow", extra="archive") from fault

__all__ = ["REPLIES", "Replies", "question_of", "replies_of", "write_replies"]

REPLIES = "data/replies.parquet"
_SCHEMA = pa.schema(
    [
        ("question", pa.string()),
        ("address", pa.string()),
        ("segment", pa.string()),
        ("start", pa.int64()),
        ("at", pa.int64()),
        ("line", pa.int64()),
        ("task", pa.string()),
    ]
)


class _Reply(NamedTuple):
    question: str
    address: str
    segment: str
    start: int
    at: int
    line: int
    task: str


def question_of(path: str, params: Mapping[str, Any] | Iterable[tuple[str, Any]]) -> str:
    """Return a request's path and parameters in one text, the same for each order of them."""
    pairs = params.items() if isinstance(params, Mapping) else params
    return f"{path}?{urlencode(sorted((name, str(value)) for name, value in pairs))}"


class Replies(NamedTuple):
    """The replies that are no history.

    Attributes
    ----------
    by_question : dict
        The places of the replies to each request, oldest first.
    by_task : dict
        The address and the place of each reply of a task.
    """

    by_question: dict[str, list[Place]]
    by_task: dict[str, list[tuple[str, Place]]]


def replies_of(root: Path) -> Replies:
    """Return the replies that are no history."""
    replies = Replies({}, {})
    content = proved_content(root, REPLIES)
    if content is not None:
        for row in pq.read_table(pa.BufferReader(content)).to_pylist():
            place = Place(row["segment"], row["start"], row["at"], row["line"])
            replies.by_question.setdefault(row["question"], []).append(place)
            replies.by_task.setdefault(row["task"], []).append((row["address"], place))
    return replies


def write_replies(root: Path, writer: Writer, journal: Journal) -> None:
    """Write the index."""
    rows = [reply._asdict() for reply in _replies(journal)]
    sink = pa.BufferOutputStream()
    pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink, compression="zstd")
    writer.bag.put(root / REPLIES, sink.getvalue().to_pybytes())


def _replies(journal: Journal) -> Iterator[_Reply]:
    for task in journal.tasks.values():
        if definition_of(task.task.table).time != CAPTURED:
            continue
        base = urlsplit(journal.runs[task.run].facts["http"]).path
        for address, place in task.replies:
            parts = urlsplit(address)
            question = question_of(parts.path.removeprefix(base), parse_qsl(parts.query))
            yield _Reply(question, address, *place, task.id)
