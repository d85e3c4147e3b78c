"""Rows that describe: markets, tiers, currencies, chains, pools, maintenance; and the endpoints without a market."""

from __future__ import annotations

from collections.abc import Callable

from coinex_pandas.simulator import parameters
from coinex_pandas.simulator.faults import SKEW_MS, Hits
from coinex_pandas.simulator.market.catalogue import DAY, Market
from coinex_pandas.simulator.market.clock import Clock
from coinex_pandas.simulator.market.coins import CHAINS, COINS, Coin
from coinex_pandas.simulator.noise import draw, key
from coinex_pandas.simulator.parameters import Params
from coinex_pandas.simulator.reply import Reply, Row
from coinex_pandas.simulator.text import fixed, rate

__all__ = [
    "ReferenceEndpoints",
    "amm_pool",
    "asset",
    "chains",
    "futures_market",
    "has_pool",
    "is_margin_available",
    "maintenance",
    "position_level",
    "spot_market",
]

_LEVERAGE = ("3", "5", "8", "10", "15", "20", "30", "50", "100")
# highest leverage, maintenance margin, initial margin of the tiers, and their size in parts of the largest
_TIERS = (
    ("100", "0.005", "0.01", 0.02),
    ("50", "0.01", "0.02", 0.05),
    ("30", "0.015", "0.0333", 0.1),
    ("20", "0.025", "0.05", 0.2),
    ("10", "0.05", "0.1", 0.5),
    ("5", "0.1", "0.2", 1.0),
)
_AMM_SHARE = 0.4
_HOUR = DAY // 24
_WEEK = 7 * DAY


class ReferenceEndpoints:
    """The public endpoints about the system, currencies and chains."""

    def __init__(self, clock: Clock, hits: Callable[[], Hits]) -> None:
        self._clock = clock
        self._hits = hits

    def ping(self, params: Params) -> Reply:
        """Answer pong."""
        return Reply({"result": "pong"})

    def server_time(self, params: Params) -> Reply:
        """Return the server's clock."""
        return Reply({"timestamp": self._clock.now_ms() + (SKEW_MS if "clock_skew" in self._hits() else 0)})

    def maintenances(self, params: Params) -> Reply:
        """Return the planned maintenance window."""
        return Reply([maintenance(self._clock.now_ms())])

    def deposit_withdraw_config(self, params: Params) -> Reply:
        """Return the deposit and withdrawal settings of a currency."""
        return Reply(self._chains(COINS[parameters.currency(params)]))

    def deposit_withdraw_configs(self, params: Params) -> Reply:
        """Return the deposit and withdrawal settings of all currencies."""
        return Reply([self._chains(coin) for coin in COINS.values()])

    def assets_info(self, params: Params) -> Reply:
        """Return the profiles of currencies; always a list."""
        ccy = parameters.currency(params, default="")
        return Reply([asset(coin) for coin in ([COINS[ccy]] if ccy else COINS.values())])

    def _chains(self, coin: Coin) -> Row:
        row = chains(coin)
        if "closed_spot" in self._hits():
            for each in (row["asset"], *row["chains"]):
                each["deposit_enabled"] = False
        return row


def spot_market(market: Market, now: int) -> Row:
    """Return a row of the spot market list."""
    return {
        "market": market.name,
        "maker_fee_rate": market.maker_fee,
        "taker_fee_rate": market.taker_fee,
        "min_amount": min_amount(market),
        "base_ccy": market.base,
        "quote_ccy": market.quote,
        "base_ccy_precision": market.amount_places,
        "quote_ccy_precision": market.price_places,
        "status": status(market, now),
        "delisted_at": market.delisted_at,
        "is_amm_available": has_pool(market),
        "is_margin_available": is_margin_available(market),
        "is_pre_market_trading_available": False,
        "is_api_trading_available": True,
    }


def futures_market(market: Market, now: int, *, open_interest: str, available: bool) -> Row:
    """Return a row of the futures market list."""
    return {
        "market": market.name,
        "contract_type": market.contract,
        "maker_fee_rate": market.maker_fee,
        "taker_fee_rate": market.taker_fee,
        "min_amount": min_amount(market),
        "base_ccy": market.base,
        "quote_ccy": market.quote,
        "base_ccy_precision": market.amount_places,
        "quote_ccy_precision": market.price_places,
        "status": status(market, now),
        "delisted_at": market.delisted_at,
        "tick_size": rate(market.tick, market.price_places),
        # a list of texts, as on the wire; the documentation says whole numbers
        "leverage": list(_LEVERAGE if market.activity > 4 else _LEVERAGE[:-2]),
        "open_interest_volume": open_interest,
        "is_market_available": available,
        "is_copy_trading_available": market.activity > 3,
        "is_api_trading_available": True,
    }


def status(market: Market, now: int) -> str:
    """Return the market's status; a call auction lasts until the market opens."""
    return "online" if market.opens_at <= now else "bidding"


def is_margin_available(market: Market) -> bool:
    """Return whether a spot market can be traded with borrowed money."""
    return market.area == "spot" and market.activity > 1


def min_amount(market: Market) -> str:
    """Return the smallest order amount, worth about half a dollar; ten dollars on inverse markets."""
    if market.inverse:
        return "10"
    units = 0.5 / COINS[market.base].price * 10**market.amount_places
    return rate(10 ** max(0, len(str(int(units))) - 1), market.amount_places)


def position_level(market: Market) -> Row:
    """Return the tiers of a futures market, smallest first."""
    largest = 4000.0 * market.size * (0.05 + market.activity)
    size = largest if market.inverse else largest / COINS[market.base].price
    step = 10 ** max(0, len(str(int(size))) - 3)
    tiers = _TIERS if market.activity > 4 else _TIERS[1:]
    return {
        "market": market.name,
        "level": [
            {
                "amount": str(max(1, round(size * part / step)) * step) if size * part >= 1 else f"{size * part:.4f}",
                "leverage": leverage,
                "maintenance_margin_rate": maintenance_margin,
                "min_initial_margin_rate": initial_margin,
            }
            for leverage, maintenance_margin, initial_margin, part in tiers
        ],
    }


def asset(coin: Coin) -> Row:
    """Return the profile of a currency."""
    return {
        "short_name": coin.ccy,
        "full_name": coin.title,
        "website_url": coin.website,
        "white_paper_url": f"{coin.website}/paper.pdf",
        "chain_info": [
            {
                "chain_name": CHAINS[chain].title,
                "identity": _contract(coin, chain),
                "explorer_url": CHAINS[chain].explorer,
            }
            for chain in coin.chains
        ],
    }


def chains(coin: Coin) -> Row:
    """Return the deposit and withdrawal settings of a currency."""
    rows = [_chain(coin, chain) for chain in coin.chains]
    return {
        "asset": {
            "ccy": coin.ccy,
            "deposit_enabled": any(row["deposit_enabled"] for row in rows),
            "withdraw_enabled": any(row["withdraw_enabled"] for row in rows),
            "inter_transfer_enabled": True,
            "is_st": coin.life < 0.05,
        },
        "chains": rows,
    }


def _chain(coin: Coin, code: str) -> Row:
    chain = CHAINS[code]
    random = draw(coin.ccy, code)
    fee = f"{(0.2 + random) / coin.price:.{_fee_places(coin)}f}"
    return {
        "chain": coin.ccy if code == "MAIN" else code,
        "min_deposit_amount": fee,
        "min_withdraw_amount": fee,
        "deposit_enabled": random < 0.95,
        "withdraw_enabled": random < 0.9,
        "deposit_delay_minutes": 0,
        "safe_confirmations": chain.safe,
        "irreversible_confirmations": chain.irreversible,
        "deflation_rate": "0",
        "withdrawal_fee": fee,
        "withdrawal_precision": 8,
        "memo": "",
        "is_memo_required_for_deposit": chain.memo,
        "explorer_asset_url": f"{chain.explorer}/{coin.ccy.lower()}",
    }


def _fee_places(coin: Coin) -> int:
    return 0 if coin.price < 0.001 else 2 if coin.price < 1 else 4 if coin.price < 1000 else 6


def _contract(coin: Coin, chain: str) -> str:
    if chain == coin.ccy or (len(coin.chains) == 1 and chain not in ("ERC20", "SOL", "TRC20", "BSC")):
        return ""  # a chain's own coin has no contract
    return f"0x{key(coin.ccy, chain, 'a'):016x}{key(coin.ccy, chain, 'b'):016x}{key(coin.ccy, chain, 'c') % 2**32:08x}"


def has_pool(market: Market) -> bool:
    """Return whether the market has an automatic market making pool."""
    return market.area == "spot" and (market.name == "CETUSDT" or draw(market.key, "pool") < _AMM_SHARE)


def amm_pool(market: Market, price: int) -> Row:
    """Return the pool of a spot market at a price given in units."""
    value = 50_000.0 + 400.0 * market.size
    quote = value / (COINS[market.quote].price if market.quote in COINS else 1.0)
    base = quote / (price / 10**market.price_places)
    return {
        "market": market.name,
        "type": "infinite" if draw(market.key, "pool type") < 0.7 else "finite",
        "base_ccy": market.base,
        "quote_ccy": market.quote,
        "base_ccy_amount": fixed(int(base * 10**8), 8),
        "quote_ccy_amount": fixed(int(quote * 10**8), 8),
        "total_liquidity": fixed(int(2 * value * 10**4), 4),
        "apy_1day": rate(int(draw(market.key, "apy 1") * 2e7)),
        "apy_7day": rate(int(draw(market.key, "apy 7") * 2e7)),
        "value_7day": fixed(int(value * 3 * 10**4), 4),
        "fee_dividend_7day": fixed(int(value * 0.003 * 10**4), 4),
    }


def maintenance(now: int) -> Row:
    """Return the next planned maintenance window; there is one each week."""
    begin = (now // _WEEK + 1) * _WEEK + 5 * _HOUR
    return {
        "started_at": begin,
        "ended_at": begin + _HOUR,
        "scope": ["FUTURES", "SPOT"],
        "announce_enabled": True,
        "announce_url": "https://announcements.example/maintenance",
        "protect_duration_start": begin + _HOUR,
        "protect_duration_end": begin + _HOUR + _HOUR // 6,
    }
