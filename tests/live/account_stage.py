"""A private channel on a connection of its own, without sockets: what is sent, and what becomes of what comes."""

import gzip
import json
import random

import coinex_pandas as cx
from coinex_pandas.live.account_stream import AccountBuffer
from coinex_pandas.live.protocol.account_rows import row_of
from coinex_pandas.live.protocol.actions import Recover, Send
from coinex_pandas.live.protocol.connection import Connection
from coinex_pandas.live.protocol.sign_in import Sign, Signature
from coinex_pandas.live.protocol.subscription import Recovery

AT = 1_780_315_300_000
PRIVATE = [name for name, known in cx.CHANNELS.items() if known.private is not None]
PARAMS = {"access_id": "canary-access", "signed_str": "canary-signature", "timestamp": 1_700_490_703_564}


class Stage:
    """One connection, and who listens on it.

    Parameters
    ----------
    *names : str
        The channels, all of one area.
    markets : tuple of str
        What the first ones listen to; nothing for all.
    """

    def __init__(self, *names, markets=(), market_type=None):
        self.area = names[0].partition("_")[0]
        self.connection = Connection(self.area, random.Random(1))
        self.subscribers = [self.listen(name, markets, market_type) for name in names]
        self.subscriber = self.subscribers[0]
        self.now, self.at = 0.0, AT

    def listen(self, name, markets=(), market_type=None):
        """Add a subscriber."""
        subscriber = AccountBuffer(cx.CHANNELS[name], markets, market_type or self.area.upper(), (None, None))
        self.connection.add(cx.CHANNELS[name], subscriber, 0.0, AT)
        return subscriber

    def actions(self, kind):
        """Return the actions of a kind, and forget them."""
        actions = [action for action in self.connection.actions if isinstance(action, kind)]
        self.connection.actions[:] = [action for action in self.connection.actions if not isinstance(action, kind)]
        return actions

    def sent(self):
        """Return the requests that were sent."""
        return [json.loads(action.text) for action in self.actions(Send)]

    def open(self):
        """Make the connection, and sign for it."""
        self.connection.on_open(self.now, self.at)
        self.sign()
        return self

    def sign(self, code=0):
        """Sign, and answer that."""
        for action in self.actions(Sign):
            self.connection.on_signature(Signature(PARAMS), action.connection, self.now)
        for request in self.sent():
            if request["method"] == "server.sign":
                self.answer(request, code)

    def answer(self, request, code=0):
        """Answer a request."""
        self.frame({"id": request["id"], "code": code, "message": "OK" if not code else "no"})

    def acknowledge(self, code=0):
        """Answer all requests."""
        for request in self.sent():
            self.answer(request, code)
        return self

    def frame(self, *messages):
        """Send frames as the exchange packs them; several come together."""
        packed = [gzip.compress(json.dumps(message).encode()) for message in messages]
        if len(packed) > 1:
            self.connection.on_frames(packed, self.now, self.at)
        else:
            self.connection.on_frame(packed[0], self.now, self.at)

    def push(self, method, *data):
        """Push something."""
        for each in data:
            self.frame({"method": f"{method}.update", "data": each, "id": None})

    def requests(self):
        """Return what is to be requested over HTTP."""
        return [action.request for action in self.actions(Recover)]

    def reply(self, *rows, why="", is_final=False, failed=False):
        """Reply to the one request with rows."""
        (request,) = self.requests()
        self.reply_to(request, rows, why=why, is_final=is_final, failed=failed)
        return request

    def reply_to(self, request, rows=(), *, why="", is_final=False, failed=False):
        """Reply to a request."""
        rows = [row_of(request.channel, row) for row in rows]
        self.connection.on_recovery(request, Recovery(None if failed else rows, why, is_final), self.at)

    def lose(self, cause="code 1006"):
        """Lose the connection, and have another one."""
        self.connection.on_close(self.now, cause)
        self.connection.actions.clear()
        return self.open()

    def begin(self, *rows):
        """Have everything work, and the state replied."""
        self.open().acknowledge()
        for request in self.requests():
            self.reply_to(request, rows if request.channel is self.subscriber.channel else ())
        return self


def table(subscriber):
    """Return what a stream has so far."""
    with subscriber.lock:
        subscriber.flush()
        return subscriber.table.frame()


def order(number=1, **cells):
    """Return an order as HTTP has it."""
    made = {"order_id": number, "market": "BTCUSDT", "market_type": "SPOT", "side": "buy", "type": "limit"}
    made |= {"amount": "2", "price": "5", "unfilled_amount": "2", "filled_amount": "0", "filled_value": "0"}
    made |= {"client_id": "", "created_at": AT + number, "updated_at": AT + number}
    return made | cells


def pushed(event, number=1, **cells):
    """Return an order as it is pushed."""
    made = order(number, **cells)
    made.pop("market_type")
    return {"event": event, "order": {"margin_market": ""} | made}


def balance(ccy="USDT", available="1", **cells):
    """Return a push of one balance."""
    row = {"margin_market": "", "ccy": ccy, "available": available, "frozen": "0", "updated_at": AT}
    return {"balance_list": [row | cells]}


def deal(number=1, **cells):
    """Return an own trade."""
    made = {"deal_id": number, "created_at": AT + number, "market": "BTCUSDT", "side": "buy", "order_id": 7}
    return (
        made | {"margin_market": "", "price": "5", "amount": "1", "role": "taker", "fee": "0", "fee_ccy": "CET"} | cells
    )
