"""A running sandbox: an exchange and its server, with accounts, keys and sessions for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import TracebackType
from typing import TYPE_CHECKING, Self

from coinex_pandas.api.calls.arguments import flag, user_name, word
from coinex_pandas.errors import InvalidArgument, MissingExtra
from coinex_pandas.errors.quoting import short_repr
from coinex_pandas.http.session import Session, use
from coinex_pandas.http.venue import Venue
from coinex_pandas.simulator.engine.accounts import KEY_LIFE, Account, Key
from coinex_pandas.simulator.settings import addresses, amounts, whole_number
from coinex_pandas.simulator.settings import amount as checked_amount
from coinex_pandas.tables.times import TimeLike, milliseconds

if TYPE_CHECKING:
    from coinex_pandas.http.signed_session import SignedSession
    from coinex_pandas.simulator.engine.engine import Trading
    from coinex_pandas.simulator.faults import Faults, Spec
    from coinex_pandas.simulator.market.clock import Clock
    from coinex_pandas.simulator.server.rate_limits import Buckets
    from coinex_pandas.simulator.server.sockets import Sockets

__all__ = ["Balances", "Sandbox"]

Balances = Mapping[str, str | float | Decimal]
_SPOT: Balances = {"USDT": 100_000, "USDC": 20_000, "BTC": 2, "ETH": 20, "CET": 50_000}
_FUTURES: Balances = {"USDT": 50_000, "BTC": 1}


class Sandbox:
    """A running sandbox exchange.

    Attributes
    ----------
    http, ws : str
        Its addresses, both including ``/v2``; any program for the exchange can connect to them.
    venue : Venue
        The two addresses as a venue.
    account : Account
        The account that exists from the beginning, with play money.
    key : Key
        Its key: ``key.access_id`` and ``key.secret_key`` are for other programs.
    session : SignedSession
        A session with that key that may do everything; ``cx.use(sandbox)`` makes it the current one, and so does
        ``with``.
    clock : Clock
        Its clock: ``advance(seconds)``, ``freeze()``, ``now_ms()``.
    faults : Faults
        Its faults: ``faults.set(...)`` changes them while it runs.
    sockets : Sockets
        Its WebSocket side: ``sent``, ``counts``, ``connections``, ``received``, ``drop()``, ``restart(seconds)``.
    trading : Trading
        Its private side: ``accounts``, ``ledger``.
    buckets : Buckets
        Its rate limits: ``busiest(group)``, ``arrivals(group)``, ``enforced``.
    """

    def __init__(
        self,
        *,
        seed: int,
        faults: Spec,
        now: TimeLike | None,
        speed: float,
        port: int,
        push_every: float,
        balances: Balances | None,
        limits: bool,
    ) -> None:
        try:
            from coinex_pandas.simulator.server.app import Server
        except ModuleNotFoundError as fault:
            if fault.name != "aiohttp":
                raise
            raise MissingExtra("aiohttp", extra="sandbox") from fault
        from coinex_pandas.simulator.exchange import Exchange
        from coinex_pandas.simulator.faults import Faults
        from coinex_pandas.simulator.market.clock import Clock

        seed = whole_number(seed, "seed", least=-(2**63), most=2**63 - 1)
        port = whole_number(port, "port", least=0, most=65_535)
        self.clock: Clock = Clock(milliseconds(now, "now"), speed)
        self.faults: Faults = Faults(faults, seed)
        exchange = Exchange(seed, self.clock, self.faults)
        self.trading: Trading = exchange.trading
        self._deposits = exchange.deposits
        self.server = Server(exchange, port=port, push_every=push_every, limits=flag(limits, "limits"))
        self.buckets: Buckets = self.server.buckets
        self.account: Account = self.add_account("me", _SPOT if balances is None else balances)
        if balances is None:
            self._fill_wallet(self.account, amounts(_FUTURES), "futures")
        self.key: Key = self.add_key(self.account, withdraw_enabled=True)
        self.server.start()
        self.sockets: Sockets = self.server.sockets
        self.venue = Venue("sandbox", http=self.server.http, ws=self.server.ws)
        self._sessions: list[Session] = []
        self.session: SignedSession = self.signed()
        self._former: list[Session] = []

    @property
    def http(self) -> str:
        """The HTTP address."""
        return self.venue.http

    @property
    def ws(self) -> str:
        """The WebSocket address."""
        return self.venue.ws

    def add_account(self, name: str, balances: Balances | None = None, *, parent: Account | None = None) -> Account:
        """Open another account.

        Parameters
        ----------
        name : str
            A new name.
        balances : mapping, optional
            Its spot wallet, by currency; None for an empty one.
        parent : Account, optional
            The main account of a sub-account.

        Returns
        -------
        Account
            The new account, for `add_key` and `deposit`.

        Examples
        --------
        >>> with cx.sandbox(seed=7) as exchange:
        ...     other = exchange.add_account("other", {"USDT": "1000"})
        ...     exchange.signed(exchange.add_key(other))
        <SignedSession at sandbox, trading and withdrawing>
        """
        money = amounts({} if balances is None else balances)
        if parent is not None and self._own(parent, "parent").parent is not None:
            raise InvalidArgument(f"parent: {parent.name} is a sub-account itself")
        with self.trading.turn():
            permissions = () if parent is None else ("FUTURES", "MARGIN", "AMM", "API")
            try:
                account = self.trading.accounts.open(user_name(name, "name"), parent, permissions)
            except InvalidArgument:
                raise
            except ValueError as fault:
                raise InvalidArgument(f"name: {fault}") from None
        self._fill_wallet(account, money, "spot")
        return account

    def add_key(
        self,
        account: Account,
        *,
        trade_enabled: bool = True,
        withdraw_enabled: bool = False,
        expires_at: TimeLike | None = None,
        ip_whitelist: Sequence[str] = (),
    ) -> Key:
        """Make a key of an account; it works at once.

        Parameters
        ----------
        account : Account
            The account that the key signs for.
        trade_enabled, withdraw_enabled : bool
            What the key may do besides reading; by default it may trade and not withdraw.
        expires_at : str, datetime, Timestamp, date or int, optional
            When the key expires; None for 90 days from now, or never when it is bound to addresses.
        ip_whitelist : sequence of str
            The IP addresses that the key is bound to; empty for any.

        Returns
        -------
        Key
            It has ``access_id`` and ``secret_key``; its repr shows neither.
        """
        now = self.clock.now_ms()
        bound_to = addresses(ip_whitelist, "ip_whitelist")
        expires = milliseconds(expires_at, "expires_at") or (0 if bound_to else now + KEY_LIFE)
        may_trade, may_withdraw = flag(trade_enabled, "trade_enabled"), flag(withdraw_enabled, "withdraw_enabled")
        with self.trading.turn():
            return self.trading.accounts.make_key(
                self._own(account, "account"),
                now,
                trade_enabled=may_trade,
                withdraw_enabled=may_withdraw,
                expires_at=expires,
                ip_whitelist=bound_to,
            )

    def deposit(self, account: Account, ccy: str, amount: str | float | Decimal, *, chain: str | None = None) -> int:
        """Send an account a deposit from outside; it is credited after its confirmations on the chain.

        Parameters
        ----------
        account : Account
            The account to credit.
        ccy : str
            The currency.
        amount : str, int, Decimal or float
            The amount; below the chain's minimum it is not credited.
        chain : str, optional
            The chain, as in ``deposit_withdraw_config``; None for the currency's first.

        Returns
        -------
        int
            The ``deposit_id`` in ``deposits``.

        Raises
        ------
        InvalidArgument
            The currency or chain does not exist or takes no deposits, or the amount is not greater than 0.

        Examples
        --------
        >>> with cx.sandbox(seed=7) as exchange:
        ...     exchange.deposit(exchange.account, "BTC", "0.5")
        ...     exchange.clock.advance(60)
        130000000001
        """
        money = checked_amount(amount, "amount")
        if not money:
            raise InvalidArgument(f"amount: it must be greater than 0, not {short_repr(amount)}")
        name, chain_name = word(ccy, "ccy"), "" if chain is None else word(chain, "chain")
        from coinex_pandas.simulator.reply import Refusal

        try:
            with self.trading.turn():
                return self._deposits.arrive(self._own(account, "account"), name, money, chain_name)
        except Refusal as refusal:
            raise InvalidArgument(f"deposit of {name}: {refusal.reply.message}") from None

    def signed(self, key: Key | None = None, *, trading: bool = True, withdrawing: bool = True) -> SignedSession:
        """Return a session that signs with a key; as this is play money, by default it may do everything.

        Parameters
        ----------
        key : Key, optional
            From `add_key`; None for the key of the first account.
        trading, withdrawing : bool, default True
            As in `SignedSession`.
        """
        from coinex_pandas.http.signed_session import SignedSession

        chosen = self.key if key is None else key
        if not isinstance(chosen, Key):
            raise InvalidArgument(f"key: one of add_key(), not {short_repr(key)}")
        session = SignedSession(
            chosen.access_id, chosen.secret_key, self.venue, trading=trading, withdrawing=withdrawing
        )
        self._sessions.append(session)
        return session

    def _own(self, account: Account, name: str) -> Account:
        """Return an account of this sandbox; anything else is an error."""
        if isinstance(account, Account) and self.trading.accounts.find(account.name) is account:
            return account
        raise InvalidArgument(
            f"{name}: an account of this sandbox, as add_account() returns it, not {short_repr(account)}"
        )

    def _fill_wallet(self, account: Account, balances: Mapping[str, Decimal], wallet: str) -> None:
        for ccy, money in balances.items():
            if money:
                self.trading.deposit(account, ccy, money, wallet)

    def close(self) -> None:
        """Stop the sandbox; does nothing when it is stopped already."""
        for session in self._sessions:
            session.close()
        self.server.close()

    def __enter__(self) -> Self:
        self._former.append(use(self.session))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        use(self._former.pop())
        if not self._former:
            self.close()

    def __repr__(self) -> str:
        return f"<sandbox exchange at {self.http}>"
