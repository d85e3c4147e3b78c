"""Records: a reply, a frame of a socket or a note, each one line of JSON whose last value is the body as it came.

``{"kind":"http","t":1798761600000000000,"method":"GET","url":"...","status":200,"headers":{...},"body":<verbatim>}``

The bytes between ``,"body":`` and the closing brace are the body. One that is no JSON on a single line of UTF-8 stands
there as a JSON string, binary as base64; ``form`` says which. Names are those of HTTP and of WARC where they have one.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

__all__ = ["Record", "line_of", "record_of"]

_BODY = b',"body":'  # no text in front of it can hold these bytes: a quote inside a JSON string is escaped
_JSON = msgspec.json.Decoder(msgspec.Raw)  # checks the syntax and builds nothing


@dataclass(frozen=True, slots=True)
class Record:
    """What came, or what happened, at one moment.

    Attributes
    ----------
    kind : str
        ``http``, ``ws``, ``note`` or ``seal``.
    at : int
        The time of arrival by this machine's clock, in nanoseconds since 1970.
    body : bytes
        What came, to the byte.
    facts : mapping of str to JSON
        What is known of it: method, url, status, headers, conn, n, sent, wire. No name in it may be ``body``.
    """

    kind: str
    at: int
    body: bytes = b"null"
    facts: Mapping[str, Any] = field(default_factory=dict)


def line_of(record: Record) -> bytes:
    """Return the line of a record, its end of line included."""
    form, body = _spliced(record.body)
    head = {"kind": record.kind, "t": record.at, **record.facts} | ({"form": form} if form else {})
    return json.dumps(head, separators=(",", ":")).encode()[:-1] + _BODY + body + b"}\n"


def record_of(line: bytes) -> Record:
    """Return the record of a line.

    Raises
    ------
    ValueError
        The line is none of ``line_of``.
    """
    head, found, rest = line.removesuffix(b"\n").partition(_BODY)
    if not found or not rest.endswith(b"}"):
        raise ValueError("a record ends with its body")
    facts = json.loads(head + b"}")
    kind, at, form = facts.pop("kind"), facts.pop("t"), facts.pop("form", "")
    return Record(kind, at, _body_of(form, rest[:-1]), facts)


def _spliced(body: bytes) -> tuple[str, bytes]:
    """Return the form of a body, "" for JSON as it came, and the JSON that stands for it."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return "base64", b'"' + base64.b64encode(body) + b'"'
    if b"\n" in body or b"\r" in body or not _is_json(body):
        return "text", json.dumps(text).encode()
    return "", body


def _is_json(body: bytes) -> bool:
    try:
        _JSON.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _body_of(form: str, spliced: bytes) -> bytes:
    if form == "base64":
        return base64.b64decode(json.loads(spliced), validate=True)
    return str(json.loads(spliced)).encode() if form == "text" else spliced
