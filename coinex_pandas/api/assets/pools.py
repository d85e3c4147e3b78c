"""AMM pools, and your share in them: holdings, incomes, adding and removing liquidity."""

from __future__ import annotations

import pandas as pd

from coinex_pandas.api.calls.arguments import Exact, Names, names_of, one_name, positive
from coinex_pandas.api.calls.call import Call, listing, table
from coinex_pandas.api.calls.history import ranged
from coinex_pandas.api.calls.verb import Verb, change
from coinex_pandas.errors import InvalidArgument
from coinex_pandas.http.route import route
from coinex_pandas.http.session import Session
from coinex_pandas.tables.kinds import Numbers
from coinex_pandas.tables.rows.currency import AmmHolding, AmmIncome, AmmLiquidity, AmmPool
from coinex_pandas.tables.times import TimeLike

__all__ = ["amm_add_liquidity", "amm_incomes", "amm_liquidity", "amm_pools", "amm_remove_liquidity"]


@route(
    "GET /assets/amm/liquidity",
    AmmLiquidity,
    docs="assets/balance/http/get-amm-liquidity",
    pace="account_query",
    needs="read",
)
def amm_liquidity(*, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return what you hold in AMM pools, a row per market.

    Examples
    --------
    >>> cx.amm_liquidity().index.to_list()
    []
    """
    return table(Call(amm_liquidity, numbers, session))


@route(
    "GET /assets/amm/income-history",
    AmmIncome,
    docs="assets/amm/http/list-income-history",
    pace="account_query",
    paged=True,
    needs="read",
)
def amm_incomes(
    market: Names | None = None,
    *,
    start: TimeLike | None = None,
    end: TimeLike | None = None,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Return what your shares in AMM pools earned, oldest first.

    Without a start from the first one, without an end to the last one. A request takes one market.

    Parameters
    ----------
    market : str or iterable of str, optional
        One market or several; None for those of `amm_liquidity`. It lists what you hold now: name markets whose
        liquidity was removed; ``spot_markets().query("is_amm_available").index`` are all that exist.

    Raises
    ------
    UnknownMarket
        A market is not known, or has no pool.

    Examples
    --------
    >>> cx.amm_incomes("CETUSDT")["fee_dividend"].sum().item()
    0.0
    """
    names = names_of(market, "market")
    params = {"market": names[0] if names is not None and len(names) == 1 else None}
    markets = amm_liquidity(session=session).index if names is None else names
    parts = [{"market": name} for name in markets]
    return ranged(Call(amm_incomes, numbers, session), params, parts, start=start, end=end)


@route(
    "POST /assets/amm/add-liquidity",
    AmmHolding,
    docs="assets/amm/http/add-liquidtiy",
    pace="account_modify",
    single=True,
    needs="trade",
)
def amm_add_liquidity(
    market: str,
    base_ccy_amount: Exact,
    quote_ccy_amount: Exact,
    *,
    dry_run: bool = False,
    numbers: Numbers | None = None,
    session: Session | None = None,
) -> pd.DataFrame:
    """Add to an AMM pool, and return what you hold in it then.

    The exchange requires a value of at least 200 USD, and lets nobody remove it in the first 24 hours.

    Parameters
    ----------
    base_ccy_amount, quote_ccy_amount : str, int, Decimal or float
        How much of the market's two currencies.

    Raises
    ------
    BalanceTooLow
        The balance is smaller than that.

    Examples
    --------
    >>> cx.amm_add_liquidity("CETUSDT", "2000", "150.5", dry_run=True)["body"].item()
    '{"market":"CETUSDT","base_ccy_amount":"2000","quote_ccy_amount":"150.5"}'
    """
    name = one_name(market, "market")
    params = {
        "market": name,
        "base_ccy_amount": positive(base_ccy_amount, "base_ccy_amount"),
        "quote_ccy_amount": positive(quote_ccy_amount, "quote_ccy_amount"),
    }
    return change(Verb(amm_add_liquidity, numbers, session, dry_run), params, finds_out="cx.amm_liquidity()")


@route(
    "POST /assets/amm/remove-liquidity",
    AmmHolding,
    docs="assets/amm/http/remove-liquidtiy",
    pace="account_modify",
    single=True,
    needs="trade",
)
def amm_remove_liquidity(
    market: str, *, dry_run: bool = False, numbers: Numbers | None = None, session: Session | None = None
) -> pd.DataFrame:
    """Take everything out of an AMM pool, and return what you hold in it then; a part cannot be taken.

    Examples
    --------
    >>> cx.amm_remove_liquidity("CETUSDT", dry_run=True)["body"].item()
    '{"market":"CETUSDT"}'
    """
    name = one_name(market, "market")
    return change(
        Verb(amm_remove_liquidity, numbers, session, dry_run), {"market": name}, finds_out="cx.amm_liquidity()"
    )


@route("GET /assets/amm/liquidity-pool", AmmPool, docs="assets/amm/http/list-liquidity-pool")
def amm_pools(market: Names, *, numbers: Numbers | None = None, session: Session | None = None) -> pd.DataFrame:
    """Return the AMM liquidity pools of some markets, a row each.

    Parameters
    ----------
    market : str or iterable of str
        One market or several; the exchange does not list all pools; ``spot_markets`` says which markets have one.

    Raises
    ------
    InvalidArgument
        No market is named; nothing was sent.
    UnknownMarket
        A market is not known, or has no pool.

    Examples
    --------
    >>> cx.amm_pools(["CETUSDT"])["apy_7day"]
    market
    CETUSDT    0.169954
    Name: apy_7day, dtype: float64
    """
    if names_of(market, "market") is None:
        raise InvalidArgument("market: name one pool or several; the exchange has no list of all of them")
    return listing(Call(amm_pools, numbers, session), market)
