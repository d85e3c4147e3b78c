"""A session with a key: it signs private requests, and sends no verb that its user has not allowed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from requests.auth import AuthBase

from coinex_pandas.errors import ClockSkewed, CoinExError, InvalidArgument, KeyNeeded, NotEnabled
from coinex_pandas.http.adapters import SilentAdapter
from coinex_pandas.http.clock import VenueClock, venue_clock, venue_ms
from coinex_pandas.http.credentials import Credentials, environment_text, keyring_text, mask
from coinex_pandas.http.pacing import Pacer, pacer_of
from coinex_pandas.http.responses import without_body, without_frames
from coinex_pandas.http.route import Route
from coinex_pandas.http.session import BACKOFF, RETRIES, TIMEOUT, Session
from coinex_pandas.http.signing import Signer, socket_params
from coinex_pandas.http.venue import LIVE, Venue
from coinex_pandas.tables.decoding import Page
from coinex_pandas.tables.kinds import Numbers

__all__ = ["SignedSession"]


_ACCESS_ID, _SECRET_KEY = "COINEX_ACCESS_ID", "COINEX_SECRET_KEY"
_LEAVE = {
    "trade": ("trading", "place, change or cancel orders, change positions, loans and settings"),
    "withdraw": ("withdrawing", "move money out or manage keys and addresses"),
}


class SignedSession(Session):
    """A session that signs: one's own data, and verbs where leave was given.

    It reads only, until ``trading=True``; withdrawals, transfers out and the management of keys need
    ``withdrawing=True``. What is not allowed never leaves this machine. Each attempt is signed anew, by the exchange's
    clock, which is measured before the first request, every ten minutes, and when the exchange refuses a timestamp
    (4010, 4017): then the request is signed again and sent once more, as such a refusal changes nothing. Apart
    from that only reads are repeated; a verb never is, not even after 4213.

    Key, secret and signatures are shown nowhere, and the session cannot be pickled.

    Parameters
    ----------
    access_id, secret_key : str
        The key. `from_env` and `from_keyring` keep it out of notebooks and scripts.
    venue : Venue, default LIVE
        Where to ask; over https and wss, or on this machine.
    trading : bool, default False
        Whether it may place and cancel orders and change positions.
    withdrawing : bool, default False
        Whether it may withdraw, transfer, and manage keys and addresses.
    window : int, optional
        For how many milliseconds a request is valid, by the exchange's clock; None for the exchange's own 5,000.
    timeout, retries, backoff
        As in `Session`.

    Raises
    ------
    InvalidArgument
        What was given cannot be a key, or the venue would be reached in the clear.

    Examples
    --------
    >>> me = cx.SignedSession("my-access-id", "my-secret-key")
    >>> me
    <SignedSession at live, reading only>
    """

    _adapter = SilentAdapter
    trading = withdrawing = False  # of an unfinished session: an error in __init__ may show it

    def __init__(
        self,
        access_id: str,
        secret_key: str,
        venue: Venue = LIVE,
        *,
        trading: bool = False,
        withdrawing: bool = False,
        window: int | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
    ) -> None:
        access_id, secret_key = mask(access_id), mask(secret_key)  # before an error can show this frame's variables
        super().__init__(venue, timeout=timeout, retries=retries, backoff=backoff)
        self._require_secrecy()
        if window is not None and (isinstance(window, bool) or not isinstance(window, int) or window < 1):
            raise InvalidArgument(f"window: milliseconds, a whole number from 1, not {window!r}")
        self.trading = trading
        self.withdrawing = withdrawing
        self.window = window
        self._credentials = Credentials(access_id, secret_key)

    @classmethod
    def from_env(
        cls,
        venue: Venue = LIVE,
        *,
        trading: bool = False,
        withdrawing: bool = False,
        window: int | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
    ) -> Self:
        """Return a session with the key of the environment: ``COINEX_ACCESS_ID`` and ``COINEX_SECRET_KEY``.

        Parameters
        ----------
        venue : Venue, default LIVE
            Where to ask.
        trading, withdrawing, window, timeout, retries, backoff
            As in `SignedSession`.

        Raises
        ------
        KeyNeeded
            One of the two is not set.

        Examples
        --------
        >>> cx.SignedSession.from_env(trading=True)
        <SignedSession at live, trading>
        """
        key = {name: environment_text(name) for name in (_ACCESS_ID, _SECRET_KEY)}
        if lost := [name for name, text in key.items() if not text]:
            raise KeyNeeded(f"the environment does not set {' and '.join(lost)}")
        return cls(
            key[_ACCESS_ID],
            key[_SECRET_KEY],
            venue,
            trading=trading,
            withdrawing=withdrawing,
            window=window,
            timeout=timeout,
            retries=retries,
            backoff=backoff,
        )

    @classmethod
    def from_keyring(
        cls,
        venue: Venue = LIVE,
        *,
        service: str = "coinex",
        trading: bool = False,
        withdrawing: bool = False,
        window: int | None = None,
        timeout: tuple[float, float] = TIMEOUT,
        retries: int = RETRIES,
        backoff: float = BACKOFF,
    ) -> Self:
        """Return a session with the key that the system's keyring holds.

        Two commands put it there, each of them asks for the text: ``keyring set coinex access_id`` and
        ``keyring set coinex secret_key``.

        Parameters
        ----------
        venue : Venue, default LIVE
            Where to ask.
        service : str, default "coinex"
            The keyring's name for it; one per key.
        trading, withdrawing, window, timeout, retries, backoff
            As in `SignedSession`.

        Raises
        ------
        MissingExtra
            The package keyring is not installed.
        KeyNeeded
            The keyring does not hold it, or there is none on this machine.

        Examples
        --------
        >>> cx.SignedSession.from_keyring(service="coinex-main")
        <SignedSession at live, reading only>
        """
        access_id, secret_key = (keyring_text(service, name) for name in ("access_id", "secret_key"))
        return cls(
            access_id,
            secret_key,
            venue,
            trading=trading,
            withdrawing=withdrawing,
            window=window,
            timeout=timeout,
            retries=retries,
            backoff=backoff,
        )

    @property
    def _label(self) -> str:
        return f"{super()._label}, {self.leave}"

    @property
    def leave(self) -> str:
        """What it may do, in words."""
        may = [setting for setting, _ in _LEAVE.values() if getattr(self, setting)]
        return " and ".join(may) or "reading only"

    @property
    def account(self) -> str:
        """Which account it is, as a hash: another key has another one, and no key can be found from it."""
        return self._credentials.tag

    @property
    def skew(self) -> VenueClock:
        """The venue's clock as seen from here."""
        return venue_clock(self.venue.http)

    def socket_signature(self) -> dict[str, Any]:
        """Return the parameters of a socket's ``server.sign``; as a request's signature they are valid for seconds."""
        self._require_secrecy()
        self._set_clock()
        return socket_params(self._credentials, self.skew.now_ms())

    def _require_secrecy(self) -> None:
        """Raise when requests or sockets would carry a key through a network that others can read."""
        if address := self.venue.in_the_clear:
            raise InvalidArgument(
                f"venue {self.venue.name!r}: a key goes over https and wss, or stays on this machine, not to {address}"
            )

    def allow(self, route: Route) -> None:
        """Raise when this session was not given leave for an endpoint."""
        if route.needs in _LEAVE and not getattr(self, _LEAVE[route.needs][0]):
            setting, meaning = _LEAVE[route.needs]
            raise NotEnabled(
                f"{route.endpoint}: this session may not {meaning}; nothing was sent. "
                f"Make one that may: cx.SignedSession(..., {setting}=True)",
                endpoint=route.endpoint,
            )

    def pacers(self, route: Route) -> list[Pacer]:
        """Return whom a request waits for; the limit of a private group is the account's."""
        if not route.signed:
            return super().pacers(route)
        address = self.venue.http
        return [pacer_of(address, "public"), pacer_of(address, route.pace, self.account)]

    def _auth(self, route: Route) -> AuthBase | None:
        if not route.signed:
            return super()._auth(route)
        return Signer(self._credentials, self.venue.http, self.skew.now_ms, self.window)

    def _answer(self, route: Route, params: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        if not route.signed:
            return super()._answer(route, params, numbers, about)
        self._set_clock()
        measured = self.skew.number
        try:
            return self._signed_answer(route, params, numbers, about)
        except ClockSkewed:
            self.skew.measure(self._time, unless=measured)
        return self._signed_answer(route, params, numbers, about)

    def _signed_answer(self, route: Route, params: Mapping[str, Any], numbers: Numbers, about: str) -> Page:
        try:
            return super()._answer(route, params, numbers, about)
        except CoinExError as fault:
            if not route.is_secret:
                without_frames(fault)  # those below hold keys and addresses
                raise
            error = without_body(fault, about)
        raise error  # outside of the except: tracebacks show what stands before an error

    def _set_clock(self) -> None:
        """Measure the clock when it is time to; an old measurement is better than none."""
        if not self.skew.is_due:
            return
        try:
            self.skew.measure(self._time, unless=self.skew.number)
        except CoinExError:
            if self.skew.last is None:
                raise

    def _time(self) -> int:
        return venue_ms(self)
