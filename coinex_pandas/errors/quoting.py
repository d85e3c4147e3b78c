"""Text from outside as errors, warnings and attrs show it: short, printable, and without keys.

Whatever a peer sends may be an echo of what it was sent, so the session's own access id, secret key and signatures are
masked in it, and the user names and passwords of addresses. `quoted` is for one text inside a sentence, `shown` for a
whole sentence; every error and warning of this package passes through `shown` by itself.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterable, Iterator
from typing import Protocol
from weakref import WeakValueDictionary

__all__ = [
    "LONGEST_QUOTE",
    "LONGEST_TEXT",
    "Holder",
    "body_start",
    "has_keys",
    "masked",
    "protect",
    "quoted",
    "short_repr",
    "shown",
    "without_keys",
]

LONGEST_QUOTE = 300
"""Characters of one text from outside; enough to recognise a gateway's page, short enough for a traceback."""

LONGEST_TEXT = 4_000
"""Characters of a whole error or warning."""

_WINDOW = 32_768  # characters that are looked at; masks make a text shorter, and what is left must fill a quote
_SHORTEST = 4  # characters; something shorter is no key, and would be found everywhere
_WHOLE_WORD = 8  # characters; a shorter one is masked where it is a word of its own
_STARS = "***"


class Holder(Protocol):
    """Who holds a key."""

    def public_parts(self) -> Iterable[str]:
        """Return what was sent to the venue: the access id, and the newest signatures."""

    def is_secret(self, word: str) -> bool:
        """Return whether a text is the secret key."""


_holders: WeakValueDictionary[int, Holder] = WeakValueDictionary()


def protect(holder: Holder) -> None:
    """Mask the key of a holder in every text from outside, as long as the holder lives."""
    _holders[id(holder)] = holder


def quoted(text: object, most: int = LONGEST_QUOTE) -> str:
    """Return a text from outside as a sentence shows it: masked, printable, and cut with its length.

    Parameters
    ----------
    text : object
        Such as a peer's message, or the exception of another library.
    most : int, default 300
        Characters to keep.

    Examples
    --------
    >>> quoted("no such market: " + "A" * 5_000_000, most=20)
    'no such market: AAAA... (5,000,016 characters)'
    """
    whole = str(text)
    clean = _printable(masked(whole[:_WINDOW]))
    if len(whole) <= _WINDOW and len(clean) <= most:
        return clean
    return f"{clean[:most]}... ({len(whole):,} characters)"


def short_repr(value: object) -> str:
    """Return an argument as an error shows it: its repr, cut when it is long.

    An argument whose repr fails (a whole number of 5,000 digits, a hundred levels of nesting) is named by its type.

    Examples
    --------
    >>> short_repr("by"), short_repr(10**5000)
    ("'by'", 'a value of type int')
    """
    try:
        text = _REPR.repr(value)
    except Exception:  # whatever a foreign class raises: the argument is wrong all the same
        return f"a value of type {type(value).__name__}"
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}..."


def shown(text: str) -> str:
    """Return a whole sentence as an error or warning shows it: masked, and cut when it is very long."""
    clean = masked(text[:_WINDOW])
    if len(text) <= _WINDOW and len(clean) <= LONGEST_TEXT:
        return clean
    return f"{clean[:LONGEST_TEXT]}... ({len(text):,} characters)"


def body_start(body: bytes) -> bytes:
    """Return the start of a reply's body, without keys, and without what stands under the name of a secret."""
    text = body[:_WINDOW].replace(b"\0", b"").decode("latin-1")  # UTF-16 is ASCII with zeros between
    for pattern, cover in _NAMED:
        text = pattern.sub(cover, text)
    return masked(text).encode("latin-1")[:LONGEST_QUOTE]


def masked(text: str) -> str:
    """Return a text without the keys of this process, and without the user names and passwords of addresses."""
    return without_keys(_without_logins(text))


def has_keys() -> bool:
    """Return whether there is any key in this process that could stand in a text."""
    return bool(_holders)


def without_keys(text: str) -> str:
    """Return a text without the keys of this process."""
    holders = [holder for reference in _holders.valuerefs() if (holder := reference()) is not None]
    if not holders:
        return text
    clean = _without_keys(text, holders)
    plain = _ESCAPE.sub(_character, text)
    if plain == text:
        return clean
    covered = _without_keys(plain, holders)
    return clean if covered == plain else covered  # an escaped echo is an echo


def _printable(text: str) -> str:
    """Return a text with its control characters escaped: a terminal obeys them."""
    return text if text.isprintable() else "".join(each if each.isprintable() else repr(each)[1:-1] for each in text)


def _without_logins(text: str) -> str:
    return _BARE_LOGIN.sub(f"{_STARS}@", _LOGIN.sub(f"{_STARS}@", text)) if "@" in text else text


def _without_keys(text: str, holders: Iterable[Holder]) -> str:
    holders = list(holders)
    parts = {part.translate(_LOWER) for holder in holders for part in holder.public_parts()}
    keys = [part for part in parts if len(part) >= _SHORTEST]
    spans = sorted({*_keys_in(text.translate(_LOWER), keys), *_secrets_in(text, holders)})
    pieces, end = [], 0
    for first, last in spans:
        if first >= end:
            pieces += [text[end:first], _STARS]
        end = max(end, last)
    return "".join([*pieces, text[end:]])


def _keys_in(text: str, keys: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield where keys stand in a text, whole or as a part that is too long for chance; all in lower case.

    A part of digits alone stays: it may be an amount, which an error must not change.
    """
    keys = list(keys)
    for key in keys:
        at = text.find(key)
        while at >= 0:
            end = at + len(key)
            if len(key) >= _WHOLE_WORD or not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                yield at, end
            at = text.find(key, end)
    every = "\n".join(keys)
    yield from (word.span() for word in _LONG_WORD.finditer(text) if word[0] in every and not word[0].isdigit())


def _secrets_in(text: str, holders: Iterable[Holder]) -> Iterator[tuple[int, int]]:
    """Yield where secret keys stand; nobody keeps one, so each word is tried."""
    for pattern in _SECRET_WORDS:
        yield from (word.span() for word in pattern.finditer(text) if any(each.is_secret(word[0]) for each in holders))


def _character(escape: re.Match[str]) -> str:
    """Return the ASCII character that an escape of JSON, an address or HTML stands for."""
    number = int(escape[2]) if escape[2] else int(escape[1], 16)
    return chr(number) if number < 128 else escape[0]


class _Repr(reprlib.Repr):
    def repr_int(self, x: int, level: int) -> str:
        repr(x)  # raises ValueError where there is none; from Python 3.14 on reprlib would show an address instead
        return super().repr_int(x, level)


_REPR = _Repr()
_REPR.maxstring = _REPR.maxother = _REPR.maxlong = 100
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}  # keeps every position, as str.lower does not
_LONG_WORD = re.compile(r"[0-9A-Za-z]{8,256}")
_SECRET_WORDS = (re.compile(r"[0-9A-Za-z]{16,256}"), re.compile(r"[^\s\"'<>&=,;:(){}\[\]]{16,256}"))
_ESCAPE = re.compile(r"(?:\\u00|\\x|%|&#x)([0-9A-Fa-f]{2});?|&#(\d{2,3});")
_LOGIN = re.compile(r"(?<=//)\S{1,1000}@(?=\S)")
_BARE_LOGIN = re.compile(r"(?<![^\s'\"(=])(?!\w{1,20}://)[^\s:@/'\"]{1,200}:[^\s@]{1,200}@(?=[\w\[])")
_NAME = (
    r"(?i:(?:access[_ -]?(?:id|key)|api[_ -]?key|\w{0,20}secret\w{0,20}(?:[ -]\w{1,9})?"
    r"|memo|signature|signed_str|\w{0,20}address))"
)
_NAMED = (
    # JSON, also inside of a JSON text; a value that was cut off has no end
    (re.compile(rf'({_NAME}\\?"\s{{0,9}}:\s{{0,9}}\\?)"(?:[^"\\]|\\.)*(?:"|$)', re.ASCII), r'\1"***"'),
    (re.compile(rf'({_NAME}\\?"\s{{0,9}}:\s{{0,9}})[^\s",\]}}\\]+', re.ASCII), r'\1"***"'),
    # XML and HTML: the name is a tag, or stands in the cell before
    (re.compile(rf"(<{_NAME}(?:\s[^<>]{{0,99}})?>)[^<]+", re.ASCII), r"\1***"),
    (re.compile(rf"(\b{_NAME}\s{{0,9}}(?:</?\w{{1,9}}>\s{{0,9}}){{1,4}})[^<\s][^<]*", re.ASCII), r"\1***"),
    # forms, headers and lists of settings
    (re.compile(rf"(\b{_NAME}\s{{0,9}}[=:]\s{{0,9}})[^\s\"'&<>,;]+", re.ASCII), r"\1***"),
)
