"""The futures account of each currency: what went in, what positions earned, and whether that is what it holds.

The exchange gives no ledger of it. Its documentation says what the balance is made of: transfers in minus transfers out
plus realized results. Whether the result of a position holds its fees and funding already, the sign of funding, and
whether the margin holds the unrealized result, it does not say for certain; so each way to count is tried, and the
account is proved where one of them gives the balance exactly.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from coinex_pandas.archive.ledger.chain import EXACT, ZERO, total
from coinex_pandas.archive.ledger.figures import plain
from coinex_pandas.archive.ledger.movements import transfers
from coinex_pandas.archive.ledger.source import Rows, Tables, decimal

__all__ = ["FuturesAccount", "futures_accounts", "settle_ccy", "settle_currencies"]

_STABLE = ("USDT", "USDC")


@dataclass(frozen=True)
class FuturesAccount:
    """What a currency's futures account shows.

    `realized` is the result of positions, `deals` that of the deals which closed them; `funding` is what the exchange
    calls so, of a sign that it does not document. `held` is available, frozen and margin; None when never captured.
    """

    ccy: str
    transfers: Decimal
    realized: Decimal
    deals: Decimal
    fees: Decimal
    funding: Decimal
    held: Decimal | None
    unrealized: Decimal

    def ways(self) -> Iterator[tuple[str, Decimal]]:
        """Yield the ways to count, each with what the balance would be."""
        moved, results, funding = self.transfers, self.realized, self.funding
        fees, less = self.fees.copy_negate(), self.funding.copy_negate()
        yield "transfers + results of positions", _sum(moved, results)
        yield "transfers + results of positions - fees - funding", _sum(moved, results, fees, less)
        yield "transfers + results of positions - fees + funding", _sum(moved, results, fees, funding)
        yield "transfers + results of deals - fees - funding", _sum(moved, self.deals, fees, less)
        yield "transfers + results of deals - fees + funding", _sum(moved, self.deals, fees, funding)

    def balances(self) -> Iterator[tuple[str, Decimal]]:
        """Yield the readings of what it holds; none when that was never captured."""
        if self.held is not None:
            yield "available + frozen + margin", self.held
            if self.unrealized:
                yield "available + frozen + margin - unrealized", EXACT.subtract(self.held, self.unrealized)

    @property
    def proof(self) -> str:
        """The equation that holds exactly; empty when none does."""
        for name, balance in self.balances():
            for way, result in self.ways():
                if result == balance:
                    return f"{name} = {way}"
        return ""

    @property
    def unexplained(self) -> Decimal | None:
        """What transfers and the results of positions leave unexplained; None where there is no balance."""
        if self.held is None or self.proof:
            return None if self.held is None else ZERO
        return EXACT.subtract(self.held, next(self.ways())[1])

    @property
    def verdict(self) -> str:
        """What that proves, in one line."""
        if self.held is None:
            return "not compared: no futures balance was captured"
        if self.proof:
            return f"proved to the last digit: {self.proof}"
        return (
            f"unexplained: {plain(self.unexplained)} {self.ccy}; the exchange gives no ledger of the futures account, "
            "so nothing says when"
        )


def _sum(*amounts: Decimal) -> Decimal:
    return total(amounts)


def futures_accounts(tables: Tables) -> list[FuturesAccount]:
    """Return the futures account of each currency that it holds or ever held, by name."""
    markets = settle_currencies(tables)
    moved = _totals((row.ccy, row.change) for row in transfers(tables, "FUTURES"))
    positions = [*tables.rows("futures_finished_positions"), *tables.newest("futures_positions")]
    realized = _totals(_of_market(positions, markets, "realized_pnl"))
    user_deals = tables.rows("futures_user_deals")
    deals = _totals(_of_market(user_deals, markets, "realized_pnl"))
    fees = _totals(
        (row.get("fee_ccy") or settle_ccy(row["market"], markets), decimal(row, "fee")) for row in user_deals
    )
    funding = _totals((row["ccy"], decimal(row, "funding_value")) for row in _funding(tables))
    balances = {row["ccy"]: row for row in tables.newest("futures_balances")}
    known = tables.captured_at("futures_balances") is not None
    held = {ccy: _held(row) for ccy, row in balances.items()}
    return [
        FuturesAccount(
            ccy=ccy,
            transfers=moved[ccy],
            realized=realized[ccy],
            deals=deals[ccy],
            fees=fees[ccy],
            funding=funding[ccy],
            held=held.get(ccy, ZERO) if known else None,
            unrealized=decimal(balances.get(ccy, {}), "unrealized_pnl"),
        )
        for ccy in sorted({*moved, *realized, *deals, *fees, *funding, *held} - {""})
    ]


def settle_currencies(tables: Tables) -> dict[str, str]:
    """Return the currency in which each futures market is settled, as far as the catalogue of markets was captured."""
    return {
        row["market"]: row["base_ccy"] if row["contract_type"] == "inverse" else row["quote_ccy"]
        for row in tables.rows("futures_markets")
    }


def settle_ccy(market: str, markets: Mapping[str, str]) -> str:
    """Return the currency in which a market is settled: by the catalogue, else by the exchange's way to name them."""
    if market in markets:
        return markets[market]
    for ccy in _STABLE:
        if market.endswith(ccy):
            return ccy
    return market.removesuffix("USD")


def _totals(pairs: Iterable[tuple[str, Decimal]]) -> defaultdict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    for ccy, amount in pairs:
        sums[ccy] = EXACT.add(sums[ccy], amount)
    return sums


def _of_market(found: Rows, markets: Mapping[str, str], name: str) -> Iterator[tuple[str, Decimal]]:
    return ((settle_ccy(row["market"], markets), decimal(row, name)) for row in found)


def _funding(tables: Tables) -> Rows:
    return [row for row in tables.rows("futures_position_funding_history") if row.get("ccy")]


def _held(row: dict[str, Any]) -> Decimal:
    return _sum(decimal(row, "available"), decimal(row, "frozen"), decimal(row, "margin"))
