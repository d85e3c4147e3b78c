"""The currencies of the sandbox: names, usual prices and chains."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CHAINS", "COINS", "Chain", "Coin"]


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as the exchange describes it: code, display name, explorer, confirmations."""

    code: str
    title: str
    explorer: str
    safe: int
    irreversible: int
    memo: bool = False


@dataclass(frozen=True, slots=True)
class Coin:
    """A currency: code, full name, middle price in US dollars, liveliness 0..1, letters of its markets, chains."""

    ccy: str
    title: str
    price: float
    life: float
    markets: str
    chains: tuple[str, ...]
    website: str


CHAINS: dict[str, Chain] = {
    chain.code: chain
    for chain in (
        Chain("BTC", "Bitcoin", "https://explorer.example/btc", 2, 6),
        Chain("ERC20", "Ethereum (ERC20)", "https://explorer.example/eth", 12, 64),
        Chain("TRC20", "Tron (TRC20)", "https://explorer.example/trx", 19, 27),
        Chain("BSC", "BNB Smart Chain (BEP20)", "https://explorer.example/bsc", 15, 32),
        Chain("SOL", "Solana", "https://explorer.example/sol", 32, 64),
        Chain("CSC", "CoinEx Smart Chain", "https://explorer.example/csc", 100, 200),
        Chain("ARBITRUM", "Arbitrum One", "https://explorer.example/arb", 20, 120),
        Chain("XRP", "XRP Ledger", "https://explorer.example/xrp", 1, 2, memo=True),
        Chain("XLM", "Stellar", "https://explorer.example/xlm", 1, 2, memo=True),
        Chain("TON", "The Open Network", "https://explorer.example/ton", 1, 10, memo=True),
        Chain("MAIN", "Mainnet", "https://explorer.example/main", 20, 60),
    )
}

# ccy, full name, price, liveliness, markets, chains. Markets: f d i futures in USDT, USDC and inverse,
# s c b spot in USDT, USDC and BTC
_TABLE = """
USDT   Tether             1.0         1.00  -      TRC20,ERC20,BSC,SOL,ARBITRUM
USDC   USD_Coin           1.0         1.00  s      ERC20,SOL,BSC,ARBITRUM
BTC    Bitcoin            64200       1.00  fdisc  BTC
ETH    Ethereum           2640        0.95  fdiscb ERC20,ARBITRUM
SOL    Solana             148         0.80  fscb   SOL
XRP    XRP                0.532       0.75  fscb   XRP
BNB    BNB                588         0.55  fs     BSC
DOGE   Dogecoin           0.1085      0.75  fscb   MAIN
ADA    Cardano            0.352       0.60  fscb   MAIN
TRX    Tron               0.1526      0.50  fsb    TRC20
TON    Toncoin            5.23        0.45  fs     TON
AVAX   Avalanche          26.4        0.50  fsc    MAIN
SHIB   Shiba_Inu          0.0000172   0.60  fsc    ERC20
DOT    Polkadot           4.21        0.45  fsb    MAIN
LINK   Chainlink          11.3        0.50  fscb   ERC20,BSC
BCH    Bitcoin_Cash       332         0.45  fsb    MAIN
LTC    Litecoin           66.2        0.50  fscb   MAIN
UNI    Uniswap            7.42        0.40  fsc    ERC20
NEAR   Near               4.81        0.40  fs     MAIN
APT    Aptos              8.43        0.40  fs     MAIN
ICP    Internet_Computer  8.02        0.35  s      MAIN
ETC    Ethereum_Classic   18.6        0.40  fsb    MAIN
XMR    Monero             155         0.45  fsb    MAIN
XLM    Stellar            0.0941      0.40  s      XLM
ATOM   Cosmos             4.33        0.40  fsb    MAIN
FIL    Filecoin           3.61        0.35  fs     MAIN
ARB    Arbitrum           0.552       0.40  fs     ARBITRUM
OP     Optimism           1.61        0.40  fs     ERC20
SUI    Sui                1.73        0.50  fsc    MAIN
INJ    Injective          20.1        0.35  fs     MAIN
PEPE   Pepe               0.0000092   0.60  fsc    ERC20
WIF    dogwifhat          2.31        0.40  fs     SOL
FLOKI  Floki              0.000131    0.35  fs     ERC20,BSC
BONK   Bonk               0.0000212   0.40  fs     SOL
AAVE   Aave               151         0.35  fs     ERC20
YFI    yearn.finance      5120        0.15  s      ERC20
ALGO   Algorand           0.125       0.30  s      MAIN
HBAR   Hedera             0.0552      0.30  s      MAIN
VET    VeChain            0.0221      0.25  s      MAIN
ZEC    Zcash              30.4        0.30  sb     MAIN
KAS    Kaspa              0.141       0.40  fsb    MAIN
CET    CoinEx_Token       0.0512      0.45  fscb   CSC,ERC20
LRC    Loopring           0.131       0.20  fs     ERC20
EOS    EOS                0.472       0.30  fs     MAIN
CKB    Nervos             0.0142      0.30  fsc    MAIN
SC     Siacoin            0.00471     0.05  sb     MAIN
LAT    PlatON             0.00816     0.10  fs     MAIN
ELON   Dogelon_Mars       0.000000153 0.05  fs     ERC20
GRIN   Grin               0.0312      0.02  s      MAIN
HNS    Handshake          0.0121      0.02  sc     MAIN
ZRO    LayerZero          3.02        0.30  s      ERC20,ARBITRUM
"""


def _coin(line: str) -> Coin:
    ccy, title, price, life, markets, chains = line.split()
    return Coin(
        ccy=ccy,
        title=title.replace("_", " "),
        price=float(price),
        life=float(life),
        markets=markets.strip("-"),
        chains=tuple(chains.split(",")),
        website=f"https://coins.example/{ccy.lower()}",
    )


COINS: dict[str, Coin] = {coin.ccy: coin for coin in map(_coin, _TABLE.strip().splitlines())}
