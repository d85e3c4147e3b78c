"""A key: where it comes from, and what remains of it in memory: its access id and the means to sign, both masked."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections import deque
from typing import Any, NoReturn, SupportsIndex

from coinex_pandas.errors import InvalidArgument, KeyNeeded, MissingExtra
from coinex_pandas.errors.quoting import protect

__all__ = ["Credentials", "MaskedText", "environment_text", "keyring_text", "mask"]

_NEWEST = 64  # signatures; more than are under way at one time


class MaskedText(str):
    """Text whose repr does not show it: tracebacks with local variables, logs of headers and debuggers use the repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: SupportsIndex | slice) -> MaskedText:
        # Programs that shorten a long text before they show it must not undo the mask.
        return MaskedText(super().__getitem__(key))


def mask(value: Any) -> MaskedText:
    """Return a text masked, and an empty one for anything else: it may be a secret of another type."""
    return MaskedText(value.strip()) if isinstance(value, str) else MaskedText()


class Credentials:
    """An access id and its secret key.

    The secret itself is not stored, only the state of an HMAC that begins with it. As long as this object lives, errors
    and warnings mask its key wherever a peer echoes it.

    Parameters
    ----------
    access_id, secret_key : str
        As the exchange's page shows them; blanks around them do not matter.

    Raises
    ------
    InvalidArgument
        One is empty, or holds characters that no key can have.

    Examples
    --------
    >>> Credentials("my-id", "my-secret")
    <Credentials ***>
    """

    __slots__ = ("__weakref__", "_hmac", "_signatures", "access_id", "tag")

    def __init__(self, access_id: str, secret_key: str) -> None:
        access_id, secret_key = mask(access_id), mask(secret_key)
        if not access_id or not access_id.isascii() or not access_id.isprintable() or " " in access_id:
            raise InvalidArgument(
                "access_id: the text that the exchange shows beside the key, ASCII and without blanks"
            )
        if not secret_key or max(map(ord, secret_key)) > 255:
            raise InvalidArgument("secret_key: the text that the exchange showed when the key was made, latin-1 only")
        self.access_id = MaskedText(access_id)
        self._hmac = hmac.new(secret_key.encode("latin-1"), digestmod="sha256")  # the documentation's own encoding
        self.tag = hashlib.sha256(access_id.encode()).hexdigest()[:16]
        self._signatures: deque[MaskedText] = deque(maxlen=_NEWEST)
        protect(self)

    def signature(self, text: bytes) -> MaskedText:
        """Return the HMAC-SHA256 of a text in lower case hex."""
        signing = self._hmac.copy()
        signing.update(text)
        signature = MaskedText(signing.hexdigest())
        self._signatures.append(signature)
        return signature

    def public_parts(self) -> list[MaskedText]:
        """Return what the venue was sent of this key: the access id, and the newest signatures."""
        return [self.access_id, *self._signatures.copy()]

    def is_secret(self, word: str) -> bool:
        """Return whether a text is the secret key: only then does an HMAC that begins with it come out the same."""
        try:
            trial = hmac.digest(word.encode("latin-1"), b"", "sha256")
        except UnicodeEncodeError:
            return False
        return hmac.compare_digest(trial, self._hmac.digest())

    def __repr__(self) -> str:
        return "<Credentials ***>"

    def __copy__(self) -> Credentials:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Credentials:
        return self

    def __reduce__(self) -> NoReturn:
        raise InvalidArgument(
            "a key is not pickled, or it would lie in the pickle for all to read; "
            "make a session where it is needed, such as with cx.SignedSession.from_env()"
        )


def environment_text(name: str) -> MaskedText:
    """Return a variable of the environment; empty when it is not set."""
    # In a function of its own: a notebook shows the value of each expression in a failing frame, all of os.environ too.
    return mask(os.environ.get(name))


def keyring_text(service: str, name: str) -> MaskedText:
    """Return a text of the system's keyring, or raise the error that says how to put it there."""
    try:
        import keyring
        import keyring.errors
    except ImportError as fault:
        raise MissingExtra("keyring", extra="keyring") from fault
    try:
        text = keyring.get_password(service, name)
    except keyring.errors.KeyringError as fault:
        raise KeyNeeded(f"the keyring of this machine does not open: {fault}") from fault
    if not text:
        raise KeyNeeded(
            f"the keyring holds no {name!r} of {service!r}; put it there with: keyring set {service} {name}"
        )
    return mask(text)
