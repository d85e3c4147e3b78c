"""Pushes, and texts that no exchange should send."""

import gzip
import json
import zlib


def packed(text):
    """Return a frame, of text or of what is to be JSON."""
    return gzip.compress(
        text if isinstance(text, bytes) else json.dumps(text).encode(), 1, mtime=0
    )  # the same bytes each time: they stand in names of tests


def deal(**cells):
    """Return a push of one deal."""
    row = {"deal_id": 5, "created_at": 1, "side": "buy", "price": "1", "amount": "1"} | cells
    return {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [row]}}


def depth(**cells):
    """Return a push of a book."""
    book = {"asks": [], "bids": [], "last": "1", "updated_at": 1, "checksum": 0} | cells
    return {"method": "depth.update", "data": {"market": "BTCUSDT", "is_full": True, "depth": book}}


def bbo(**cells):
    """Return a push of best prices."""
    return {"method": "bbo.update", "data": {"market": "BTCUSDT", "updated_at": 1, "best_bid_price": "1"} | cells}


def in_state(*rows):
    """Return a push of tickers."""
    return {"method": "state.update", "data": {"state_list": list(rows)}}


HUGE = 10**30
DIGITS = b"9" * 5000
ODD = {
    "nothing": b"",
    "blanks": b" \n\t ",
    "null": b"null",
    "a list": b"[]",
    "a text": b'"deals.update"',
    "a number": b"1",
    "a number of 5000 digits": DIGITS,
    "an empty object": b"{}",
    "half an object": b'{"method":"deals.update","data":{"market":"BTC',
    "two objects": b'{"id":1,"code":0}{"id":2,"code":0}',
    "a mark of byte order": b'\xef\xbb\xbf{"id":1,"code":0}',
    "sixteen bits": '{"id":1,"code":0}'.encode("utf-16"),
    "no text in a value": b'{"method":"deals.update","data":{"market":"\xff\xfe"}}',
    "no text in a name": b'{"\xff":1,"method":"deals.update"}',
    "no text in an answer": b'{"id":1,"code":0,"message":"\xff"}',
    "half a surrogate": b'{"method":"index.update","data":{"market":"\\ud800","index_price":"1"}}',
    "half a surrogate as side": deal(side="\ud800"),
    "half a surrogate as name": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","\\udfff":1}}',
    "no text in a new column": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","x":"\xff"}}',
    "half a surrogate in a new column": bbo(x="\ud800"),
    "control characters": b'{"method":"index.update","data":{"market":"BTC\x00USDT","index_price":"1"}}',
    "lists in lists": b"[" * 100_000,
    "lists in an unknown name": b'{"zzz":' + b"[" * 100_000,
    "lists that end": b'{"zzz":' + b"[" * 100_000 + b"]" * 100_000 + b',"method":"deals.update"}',
    "objects in objects": b'{"a":' * 100_000,
    "lists in data": b'{"method":"deals.update","data":' + b"[" * 100_000,
    "lists in an unknown push": b'{"method":"zzz.update","data":' + b"[" * 100_000,
    "lists in a new column": b'{"method":"bbo.update","data":{"market":"BTCUSDT","updated_at":1,"x":' + b"[" * 100_000,
    "lists in an answer": b'{"id":1,"code":0,"data":' + b"[" * 100_000,
    "a name twice": b'{"method":"bbo.update","method":"index.update","data":{"market":"BTCUSDT","index_price":"1"}}',
    "a column twice": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","index_price":"2"}}',
    "a new column twice": b'{"method":"index.update","data":{"market":"BTCUSDT","index_price":"1","x":1,"x":2}}',
    "no data": {"method": "deals.update"},
    "null data": {"method": "deals.update", "data": None},
    "data of another channel": {"method": "deals.update", "data": bbo()["data"]},
    "method as a number": {"method": 5, "data": {}},
    "method as a list": {"method": [], "data": {}},
    "method without data": {"method": ""},
    "private channel": {"method": "order.update", "data": {"event": "put"}},
    "the other area's channel": {"method": "premium.update", "data": {"market": "BTCUSDT"}},
    "no tickers": in_state(),
    "null as a ticker": in_state(None),
    "a ticker without anything": in_state({}),
    "a ticker without a market": in_state({"last": "1"}),
    "null as a market": in_state({"market": None, "last": "1"}),
    "tickers as an object": {"method": "state.update", "data": {"state_list": {}}},
    "no deals": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": []}},
    "null as deals": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": None}},
    "null as a deal": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [None]}},
    "a deal without anything": {"method": "deals.update", "data": {"market": "BTCUSDT", "deal_list": [{}]}},
    "a deal without an id": {
        "method": "deals.update",
        "data": {"market": "BTCUSDT", "deal_list": [{"price": "1", "amount": "1"}]},
    },
    "an id that is null": deal(deal_id=None),
    "an id that is huge": deal(deal_id=HUGE),
    "an id that is text": deal(deal_id="x"),
    "the largest id": deal(deal_id=2**63 - 1),
    "an id below 0": deal(deal_id=-1),
    "a time that is huge": deal(created_at=HUGE),
    "a time that is null": deal(created_at=None),
    "the least time": deal(created_at=-(2**63)),
    "the greatest time": bbo(updated_at=2**63 - 1),
    "a price that is null": deal(price=None),
    "a price that is empty": deal(price=""),
    "a price that is no number": deal(price="x"),
    "a price that is nan": deal(price="nan"),
    "a price without end": deal(price="inf"),
    "a price beyond floats": deal(price="1e999"),
    "a price of many digits": deal(price="9" * 5000),
    "a price that is a number": deal(price=1.5),
    "a price that is a list": deal(price=[]),
    "minus nothing": {"method": "index.update", "data": {"market": "BTCUSDT", "index_price": "-0"}},
    "minus nothing beside a new column": {
        "method": "index.update",
        "data": {"market": "BTCUSDT", "index_price": "-0", "x": 1},
    },
    "a side that is new": deal(side="hold"),
    "a side that is null": deal(side=None),
    "a side that is a number": deal(side=5),
    "a market of its own": deal(market="ETHUSDT"),
    "a time of arrival": deal(received_at=5),
    "both names of a renamed time": {
        "method": "premium.update",
        "data": {"market": "BTCUSDT", "created_at": 1, "updated_at": 2, "premium_index": "1"},
    },
    "the other name of a renamed time": {
        "method": "premium.update",
        "data": {"market": "BTCUSDT", "created_at": 1, "premium_index": "1"},
    },
    "both names of a renamed number": in_state({"market": "BTCUSDT", "open_interest_volume": "1"}),
    "a new column without a name": bbo(**{"": 1}),
    "a new column named as a word of Python": bbo(**{"class": 1, "def": 2}),
    "a new column named as a field": bbo(extra_0=1, __struct_fields__=2),
    "a new column named as nothing is": bbo(**{'"': 1, "\\": 2, "\x1f": 3}),
    "no book": {"method": "depth.update", "data": {"market": "BTCUSDT"}},
    "a book without a time": depth(updated_at=None),
    "a book's time that is huge": depth(updated_at=HUGE),
    "a book's time of 5000 digits": json.dumps(depth()).encode().replace(b'at": 1', b'at": ' + DIGITS),
    "a checksum that is huge": depth(checksum=HUGE),
    "a checksum that is text": depth(checksum="x"),
    "a level of one": depth(asks=[["1"]]),
    "a level of three": depth(asks=[["1", "2", "3"]]),
    "a level of numbers": depth(asks=[[1, 2]]),
    "a level of words": depth(asks=[["x", "y"]]),
    "a level of nothing": depth(asks=[["", ""]]),
    "a level of nan": depth(bids=[["nan", "nan"]], checksum=zlib.crc32(b"nan:nan")),
    "a level without end": depth(bids=[["inf", "1"]], checksum=zlib.crc32(b"inf:1")),
    "a level of colons": depth(bids=[["1:2", "3"]], checksum=zlib.crc32(b"1:2:3")),
    "levels that are null": depth(asks=None, bids=None),
    "a last price that is none": depth(last="x"),
    "a last price that is nan": depth(last="nan"),
    "a last price that is null": depth(last=None),
    "an answer without a code": {"id": 1},
    "an answer without an id": {"code": 0},
    "an answer to nothing": {"id": HUGE, "code": 0},
    "an answer with a huge code": {"id": 1, "code": HUGE},
    "an answer with a new code": {"id": 2, "code": -7, "message": None},
    "an answer with a list for a message": {"id": 1, "code": 0, "message": []},
    "a refusal": {"id": 3, "code": 20001, "message": "invalid argument"},
    "a busy exchange": {"id": 4, "code": 23002, "message": ""},
}
"""Texts that no exchange should send."""
