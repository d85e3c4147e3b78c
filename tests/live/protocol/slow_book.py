"""A slow model of a checked book, and the pushes that carry it."""

import zlib
from decimal import Decimal

from coinex_pandas.live.protocol.messages import Depth, Levels


class SlowBook:
    """A book as its documentation tells it: texts by exact price, sorted anew at each look."""

    def __init__(self):
        self.sides = {"bids": {}, "asks": {}}

    def change(self, side, levels):
        """Set the amounts of some prices."""
        for price, amount in levels:
            key = Decimal(price)
            self.sides[side].pop(key, None)
            if Decimal(amount):
                self.sides[side][key] = f"{price}:{amount}"

    def texts(self, side):
        """Return a side's levels, best first."""
        return [text for _, text in sorted(self.sides[side].items(), reverse=side == "bids")]

    def copy(self):
        """Return the same book, apart from this one."""
        made = SlowBook()
        made.sides = {side: dict(levels) for side, levels in self.sides.items()}
        return made

    def checksum(self):
        """Return the checksum of both sides."""
        return checksum(self.texts("bids") + self.texts("asks"))


def checksum(texts):
    """Return the checksum of levels."""
    return zlib.crc32(":".join(texts).encode())


def push(bids, asks, sent, *, full=False, last="1", at=1):
    """Return a push of the depth channel."""
    return Depth("BTCUSDT", Levels(at, asks, bids, last, sent), full)


def pairs(texts):
    """Return levels as the wire has them."""
    return [tuple(text.split(":")) for text in texts]


def whole(model, **changed):
    """Return the push of a whole book."""
    bids, asks = pairs(model.texts("bids")), pairs(model.texts("asks"))
    return push(bids, asks, model.checksum(), full=True, **changed)
