"""What the socket's thread does for a book beside what it does for any stream."""

from __future__ import annotations

from typing import Any

from coinex_pandas.channels import Channel
from coinex_pandas.checked_book import CheckedBook
from coinex_pandas.depth_feed import Shape
from coinex_pandas.intake import Intake
from coinex_pandas.keep import Keep

__all__ = ["BookIntake"]


class BookIntake(Intake):
    """The top of a book after each push, and the book itself, which those who look at the same one share.

    Parameters
    ----------
    shape : (int, str, bool)
        Levels a side, price step, whether every push is the whole book.
    """

    def __init__(self, channel: Channel, markets: tuple[str, ...], keep: Keep, shape: Shape) -> None:
        super().__init__(channel, markets, keep)
        self.shape = shape
        self.book: CheckedBook | None = None

    def end(self) -> None:
        """Take no more; others who look at the same book have it go on."""
        super().end()
        if self.book is not None:
            self.book = self.book.frozen()

    @property
    def is_verified(self) -> bool:
        """Whether the book of now fitted its checksum."""
        return self.book is not None and self.book.is_verified

    def levels(self) -> tuple[list[tuple[str, str]], list[tuple[str, str]], dict[str, Any]]:
        """Return bids and asks, best first, as wire text, and what is known of the book."""
        book = self.book
        if book is None:
            return [], [], {"last": "", "updated_at": 0, "checksum": None, "verified": False}
        seen = book.frozen()
        about = {
            "last": seen.last,
            "updated_at": seen.updated_at,
            "checksum": seen.checksum,
            "verified": seen.is_verified,
        }
        return seen.bids.levels(), seen.asks.levels(), about
