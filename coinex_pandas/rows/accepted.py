"""What a verb is answered with that has nothing to tell: its code and the exchange's words.

The envelope: https://docs.coinex.com/api/v2/guide.
"""

from typing import Annotated, Any

import msgspec

from coinex_pandas.kinds import Count, Text, note
from coinex_pandas.options import Numbers
from coinex_pandas.reading import Page, Source
from coinex_pandas.row import Row
from coinex_pandas.wire import Envelope

__all__ = ["Accepted"]

_decoder = msgspec.json.Decoder(Envelope[Any], strict=False)


class Accepted(Row, kw_only=True):
    """The exchange has done it; ``data`` is empty, so the envelope is the row."""

    code: Annotated[Count, note("0: a refusal is an error instead")]
    message: Annotated[Text, note("the exchange's words, such as 'OK'")]

    @classmethod
    def read(cls, body: bytes, source: Source, *, numbers: Numbers = "float") -> Page:
        """Return the page that an answer is: one row, whatever ``data`` holds."""
        source.check(body)
        answer = _decoder.decode(body)
        return Page(cls.frame({"code": [answer.code], "message": [answer.message or ""]}, numbers), rows=1)
