"""Accounts that lived: the same seed is the same life, every life has everything, and its books add up."""

from decimal import Decimal

import pytest

import coinex_pandas as cx
from tests.archive.accounts import MONEY, POOL, START, SUBS, Life, books, lived

SEEDS = (0, 1, 2)


@pytest.fixture(scope="module")
def lives():
    """Give small lives of some seeds, by seed; nobody may change them."""
    exchanges = {seed: lived(seed) for seed in SEEDS}
    yield exchanges
    for exchange in exchanges.values():
        exchange.close()


@pytest.fixture(params=SEEDS)
def life(request, lives):
    """Give each of the small lives."""
    return lives[request.param]


def record(exchange):
    """Return the whole ledger and all deals as text."""
    found = books(exchange)
    deals = [
        (deal.deal_id, deal.role, deal.price, deal.amount, deal.fee) for area in found.deals.values() for deal in area
    ]
    return repr(found.entries), repr(deals), repr(found.balances)


def test_the_same_seed_is_the_same_life(lives):
    """To the last digit; another seed is another life."""
    with lived(SEEDS[0]) as again:
        assert record(lives[SEEDS[0]]) == record(again)
    assert record(lives[SEEDS[0]]) != record(lives[SEEDS[1]])


def test_every_life_has_everything(life):
    """Both roles, all kinds of movements, and every state that a capture has to tell apart."""
    found = books(life)
    deals = [deal for area in found.deals.values() for deal in area]
    assert {"maker", "taker"} == {deal.role for deal in deals}
    assert {"SPOT", "MARGIN", "FUTURES"} == {deal.order.market_type for deal in deals}
    assert {entry.kind for entry in found.entries} >= {
        "deposit",
        "withdraw",
        "trade",
        "fee",
        "transfer",
        "funding",
        "settlement",
        "margin",
        "margin_borrow",
        "margin_repay",
        "amm_add",
        "amm_remove",
        "amm_income",
    }
    assert {"finished", "cancelled", "audited"} == {each.status for each in found.withdrawals}
    assert {"finished", "confirming"} == {each.status for each in found.deposits}
    for orders in (found.pending, found.finished, found.waiting_stops, found.finished_stops):
        assert all(orders[area] for area in ("spot", "futures"))
    assert all((found.positions, found.finished_positions, found.funding, found.settlements, found.margin_changes))
    assert any(loan.interest and loan.is_running for loan in found.loans)
    assert found.incomes[POOL]
    assert {"FUTURES", "MARGIN"} <= {kind for each in found.transfers for kind in (each.source.kind, each.target.kind)}
    assert set(SUBS) == {each.target.account.name for each in found.sub_transfers if each.target.account.parent}


def test_books_add_up(life):
    """A wallet's entries sum up to its balance, in an unbroken chain; a deal's fee is in its deal."""
    found = books(life)
    last = {}
    for entry in found.entries:
        key = (*entry.purse, entry.ccy)
        assert last.get(key, Decimal(0)) + entry.change == entry.balance
        last[key] = entry.balance
    assert {key: sum(pair) for key, pair in found.balances.items()} == {
        key: last.get(key, Decimal(0)) for key in found.balances
    }
    assert not any(life.trading.ledger.totals().values())
    sums = found.change("spot")
    assert {ccy: sum(found.balances["me", "spot", ccy]) for ccy in ("USDT", "BTC", "CET")} == {
        ccy: sum(change for (each, _), change in sums.items() if each == ccy) for ccy in ("USDT", "BTC", "CET")
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_what_every_life_has_is_not_refused(seed):
    """Only chance asks for what is not there."""
    with cx.sandbox(seed=seed, now=START, speed=0, limits=False, balances=MONEY) as exchange:
        life = Life(exchange, seed)
        life.begin()
        exchange.clock.advance(86_400)
        life.change()
        life.end()
        assert [] == life.refusals


def test_a_session_sees_what_the_books_say(life):
    """Deals and balances over HTTP, to the last digit."""
    found = books(life)
    deals = cx.futures_user_deals(session=life.session, numbers="decimal").reset_index()
    assert sorted((each.deal_id, each.price, each.amount, each.fee) for each in found.deals["futures"]) == sorted(
        deals[["deal_id", "price", "amount", "fee"]].itertuples(index=False, name=None)
    )
    balances = cx.spot_balances(session=life.session, numbers="decimal")
    for ccy, row in balances.iterrows():
        assert found.balances["me", "spot", ccy] == (row["available"], row["frozen"])
