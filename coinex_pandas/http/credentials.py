"""A key: where it comes from, and what is kept of it: its access id and the means to sign, both shown nowhere."""

from __future__ import annotations

import hashlib
import hmac
import os
from typing import Any, NoReturn, SupportsIndex

from coinex_pandas.errors import InvalidArgument, KeyNeeded, MissingExtra

__all__ = ["Credentials", "MaskedText", "environment_text", "keyring_text", "mask"]


class MaskedText(str):
    """Text that a repr does not show: tracebacks with local variables, logs of headers and debuggers go by the repr."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "'***'"

    def __getitem__(self, key: SupportsIndex | slice) -> MaskedText:
        # Who shortens a long text before showing it shall not undo the mask.
        return MaskedText(super().__getitem__(key))


def mask(value: Any) -> MaskedText:
    """Return a text mask, and nothing for what is no text: it may be a secret of another type."""
    return MaskedText(value.strip()) if isinstance(value, str) else MaskedText()


class Credentials:
    """An access id and its secret key.

    The secret itself is not kept, only the state of an HMAC that was begun with it.

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

    __slots__ = ("_begun", "access_id", "tag")

    def __init__(self, access_id: str, secret_key: str) -> None:
        access_id, secret_key = mask(access_id), mask(secret_key)
        if not access_id or not access_id.isascii() or not access_id.isprintable() or " " in access_id:
            raise InvalidArgument(
                "access_id: the text that the exchange shows beside the key, ASCII and without blanks"
            )
        if not secret_key or max(map(ord, secret_key)) > 255:
            raise InvalidArgument("secret_key: the text that the exchange showed when the key was made, latin-1 only")
        self.access_id = MaskedText(access_id)
        self._begun = hmac.new(secret_key.encode("latin-1"), digestmod="sha256")  # the documentation's own encoding
        self.tag = hashlib.sha256(access_id.encode()).hexdigest()[:16]

    def signature(self, text: bytes) -> MaskedText:
        """Return the HMAC-SHA256 of a text in lower case hex."""
        signing = self._begun.copy()
        signing.update(text)
        return MaskedText(signing.hexdigest())

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
    """Return what the environment sets; empty when it does not."""
    # In a function of its own: notebooks show what an expression of a failing frame is, and os.environ is all of it.
    return mask(os.environ.get(name))


def keyring_text(service: str, name: str) -> MaskedText:
    """Return what the system's keyring holds, or raise what says how to put it there."""
    try:
        import keyring
        import keyring.errors
    except ImportError as fault:
        raise MissingExtra("keyring", extra="keyring") from fault
    try:
        found = keyring.get_password(service, name)
    except keyring.errors.KeyringError as fault:
        raise KeyNeeded(f"the keyring of this machine does not open: {fault}") from fault
    if not found:
        raise KeyNeeded(
            f"the keyring holds no {name!r} of {service!r}; put it there with: keyring set {service} {name}"
        )
    return mask(found)
