"""One trader at one venue, in the same process: short words for what the tests do all the time."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tools.fakebybit import auth
from tools.fakebybit.faults import Fault, Switch
from tools.fakebybit.inprocess import Client
from tools.fakebybit.instrument import BTCUSDT, Instrument
from tools.fakebybit.links import Channel, Connection
from tools.fakebybit.orders import Side
from tools.fakebybit.settings import Settings
from tools.fakebybit.venue import Venue

D = Decimal
SYMBOL = "BTCUSDT"


class Desk:
    """A venue at 50,000 (bid 50,000, ask 50,000.1) with one client and one private stream."""

    def __init__(
        self, *, faults: Iterable[Switch] = (), instruments: Iterable[Instrument] = (BTCUSDT,),
        **settings: Any,
    ) -> None:  # fmt: skip
        self.venue = Venue(Settings(**settings), instruments=instruments, faults=faults)
        self.client = Client(self.venue)
        self.stream = self.open(Channel.PRIVATE, "order", "execution", "position", "wallet")
        self.stream.take()
        self._links = 0

    def open(self, channel: Channel, *topics: str) -> Connection:
        """Open a stream, authorise it where that is needed, and subscribe."""
        connection = self.venue.connect(channel)
        assert connection is not None
        if channel is not Channel.PUBLIC:
            expires = self.venue.now + 10_000
            signature = auth.stream_signature("secret", expires)
            self.say(connection, op="auth", args=["key", expires, signature])
        if topics:
            self.say(connection, op="subscribe", req_id="1", args=list(topics))
        return connection

    def say(self, connection: Connection, **frame: Any) -> None:
        self.venue.hub.receive(connection, json.dumps(frame), self.venue.now)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        return self.client.post(path, category="linear", symbol=SYMBOL, **body)

    def get(self, path: str, **query: Any) -> dict[str, Any]:
        return self.client.get(path, category="linear", symbol=SYMBOL, **query)

    def rows(self, path: str, **query: Any) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer["retCode"] == 0, answer
        return list(answer["result"]["list"])

    def place(self, side: str, qty: str, price: str = "", **more: Any) -> dict[str, Any]:
        """Send an order: a limit where a price is given; a link id of its own."""
        self._links += 1
        body = {"side": side, "qty": qty, "orderLinkId": f"t{self._links}", "orderType": "Market"}
        if price:
            body |= {"price": price, "orderType": "Limit"}
        return self.post("order/create", **(body | more))

    def placed(self, side: str, qty: str, price: str = "", **more: Any) -> str:
        """Send an order that must be acknowledged; return its id."""
        answer = self.place(side, qty, price, **more)
        assert answer["retCode"] == 0, answer
        return str(answer["result"]["orderId"])

    def order(self, ident: str) -> dict[str, Any]:
        """Return an order's row, open or closed."""
        (row,) = self.rows("order/realtime", orderId=ident)
        return row

    def position(self) -> dict[str, Any]:
        (row,) = self.rows("position/list")
        return row

    def coin(self) -> dict[str, Any]:
        answer = self.client.get("account/wallet-balance", accountType="UNIFIED")
        return dict(answer["result"]["list"][0]["coin"][0])

    def executions(self) -> list[dict[str, Any]]:
        """Return the executions, oldest first."""
        return self.rows("execution/list")[::-1]

    def waiting(self) -> dict[str, dict[str, Any]]:
        """Return the waiting protective orders by their stop type."""
        found = self.rows("order/realtime", orderFilter="StopOrder")
        return {row["stopOrderType"]: row for row in found}

    def print(
        self, price: str, qty: str = "1", side: Side = Side.SELL, *, gap: bool = False
    ) -> None:
        """Print a trade of others."""
        self.venue.trade(D(price), D(qty), side=side, gap=gap)

    def heard(self, connection: Connection | None = None) -> list[dict[str, Any]]:
        """Return the messages that arrived since the last look."""
        return [json.loads(frame) for frame in (connection or self.stream).take()]

    def told(self, topic: str) -> list[dict[str, Any]]:
        """Return the rows that arrived on one topic of the private stream."""
        return [row for m in self.heard() if m.get("topic") == topic for row in m["data"]]

    def pass_ms(self, span: int) -> None:
        self.venue.advance(self.venue.now + span)


def switch(kind: Fault, on: str = "*", **more: Any) -> Switch:
    return Switch(kind=kind, on=on, **more)
