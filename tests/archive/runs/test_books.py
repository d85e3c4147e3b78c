"""What a capture holds equals the sandbox's own books, to the last digit, also where the exchange misbehaves."""

from decimal import Decimal

import pytest

import coinex_pandas as cx
from coinex_pandas.archive.raw.proof import verify
from coinex_pandas.archive.reader.archive import open_archive
from coinex_pandas.archive.runs.capture import capture
from coinex_pandas.http.pacing import Pacer, Turn
from tests.archive.accounts import POOL, books, lived

TABLES = (
    "spot_balances",
    "futures_balances",
    "spot_transactions",
    "spot_user_deals",
    "futures_user_deals",
    "spot_finished_orders",
    "futures_finished_orders",
    "futures_positions",
    "futures_finished_positions",
    "futures_position_funding_history",
    "margin_borrows",
    "transfers",
    "sub_transfers",
    "deposits",
    "withdrawals",
    "amm_incomes",
)
TROUBLES = {
    "none": None,
    "faults": {"busy": 0.1, "drop": 0.05, "bad_gateway": 0.05, "truncate": 0.1, "rate_limited": 0.05, "cut": 0.05},
    "closed": "closed_spot",
}


@pytest.fixture(scope="module", params=TROUBLES)
def both(request, tmp_path_factory):
    """Give the archive of an account that lived, and the books; the exchange has one of the troubles meanwhile."""
    path = tmp_path_factory.mktemp("archive") / "coinex"
    with lived(3) as exchange, pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pacer, "wait", lambda _, units=1: Turn(0.0, units))
        key = exchange.key
        session = cx.SignedSession(key.access_id, key.secret_key, exchange.venue, retries=30, backoff=0.001)
        exchange.faults.set(TROUBLES[request.param])
        coverage = capture(path, "account", tables=TABLES, session=session)
        exchange.faults.set(None)
        assert coverage[~coverage["is_probe"] & coverage["table"].isin(TABLES)]["complete"].all()
        yield open_archive(path), books(exchange)


def table(archive, name, *columns):
    """Return columns of a table as sorted tuples of exact values, times in milliseconds."""
    frame = archive.table(name, numbers="decimal")[list(columns)]
    for column in columns:
        if column.endswith("_at"):
            frame[column] = frame[column].astype("int64")
    return sorted(frame.itertuples(index=False, name=None))


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_deals(both, area):
    """Every deal once: price, amount, role, fee, and the order it belongs to."""
    archive, found = both
    columns = ("deal_id", "created_at", "price", "amount", "role", "fee", "fee_ccy")
    assert sorted(
        (each.deal_id, each.created_at, each.price, each.amount, each.role, each.fee, each.fee_ccy, each.order.order_id)
        for each in found.deals[area]
    ) == table(archive, f"{area}_user_deals", *columns, "order_id")


@pytest.mark.parametrize("area", ["spot", "futures"])
def test_finished_orders(both, area):
    """Amounts and values, those of margin markets too, which are asked for market by market."""
    archive, found = both
    columns = ("order_id", "created_at", "updated_at", "amount", "filled_amount", "filled_value")
    assert sorted(
        (each.order_id, each.created_at, each.updated_at, each.amount, each.filled, each.filled_value)
        for each in found.finished[area]
    ) == table(archive, f"{area}_finished_orders", *columns)


def test_balances(both):
    """Spot, and of futures what is available, frozen and in positions."""
    archive, found = both
    assert sorted(
        (ccy, *pair) for (owner, wallet, ccy), pair in found.balances.items() if (owner, wallet) == ("me", "spot")
    ) == table(archive, "spot_balances", "ccy", "available", "frozen")
    for ccy, available, frozen, margin in table(archive, "futures_balances", "ccy", "available", "frozen", "margin"):
        assert found.balances["me", "futures", ccy] == (available, frozen)
        margins = (
            found.balances["me", f"futures:{each.market.name}", ccy] for each in found.positions if each.ccy == ccy
        )
        assert sum((sum(pair) for pair in margins), Decimal(0)) == margin


def test_transactions(both):
    """Every row that the exchange shows stands in the books, with the balance after it; none twice."""
    archive, found = both
    kinds = {"deposit": "deposit", "withdraw": "withdraw", "trade": "trade"}
    assert sorted(
        (each.at, each.ccy, each.kind, each.change, each.balance)
        for each in found.entries
        if each.purse == ("me", "spot") and each.kind in kinds
    ) == table(archive, "spot_transactions", "created_at", "ccy", "type", "change", "balance")


def test_money_from_outside_and_between_wallets(both):
    """Deposits and withdrawals in every state, transfers with sub-accounts too, and what loans still owe."""
    archive, found = both
    assert sorted((each.number, each.at, each.ccy, each.amount, each.status) for each in found.deposits) == table(
        archive, "deposits", "deposit_id", "created_at", "ccy", "amount", "status"
    )
    assert sorted((each.number, each.at, each.total, each.amount, each.status) for each in found.withdrawals) == table(
        archive, "withdrawals", "withdraw_id", "created_at", "amount", "actual_amount", "status"
    )
    for name, rows in (("transfers", found.transfers), ("sub_transfers", found.sub_transfers)):
        columns = ("id", "created_at", "ccy", "amount", "from_account_type", "to_account_type")
        assert sorted(
            (each.number, each.at, each.ccy, each.amount, each.source.kind, each.target.kind) for each in rows
        ) == table(archive, name, *columns)
    assert sorted((each.borrow_id, each.amount, each.owed, each.status) for each in found.loans) == table(
        archive, "margin_borrows", "borrow_id", "borrow_amount", "to_repaid_amount", "status"
    )


def test_positions_and_pools(both):
    """Open and closed positions, their funding, and the income of pools."""
    archive, found = both
    for name, rows in (
        ("futures_positions", found.positions),
        ("futures_finished_positions", found.finished_positions),
    ):
        assert sorted((each.position_id, each.created_at, each.realized) for each in rows) == table(
            archive, name, "position_id", "created_at", "realized_pnl"
        )
    paid = sum((each[0] for each in table(archive, "futures_position_funding_history", "funding_value")), Decimal(0))
    assert len(found.funding) == len(archive.table("futures_position_funding_history"))
    kinds = [each.change for each in found.entries if each.kind == "funding" and each.purse.owner == "me"]
    assert abs(paid) == abs(sum(kinds, Decimal(0)))
    assert len(found.incomes[POOL]) == len(archive.table("amm_incomes"))


def test_the_proof_holds(both):
    """Nothing is altered, missing or extra."""
    archive, _ = both
    assert verify(archive.path, deep=True).empty
