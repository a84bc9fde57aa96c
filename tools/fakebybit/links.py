"""Stream connections without sockets: auth, subscriptions, pings, pushes and their faults.

Law: a frame goes to a connection only after its topic was acknowledged, and never to a frozen one.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from copy import deepcopy
from decimal import Decimal
from enum import StrEnum

from tools.fakebybit import auth
from tools.fakebybit.acts import cancel_everything
from tools.fakebybit.damage import wrong
from tools.fakebybit.faults import Fault
from tools.fakebybit.gate import Gate
from tools.fakebybit.market_api import ticker_data
from tools.fakebybit.numbers import number, text
from tools.fakebybit.state import State
from tools.fakebybit.wire import Row

PRIVATE = ("order", "execution", "position", "wallet", "greeks")
PUBLIC = ("kline", "tickers", "publicTrade", "priceLimit")
TRADE_OPS = ("order.create", "order.amend", "order.cancel")


class Channel(StrEnum):
    PUBLIC = "public"
    PRIVATE = "private"
    TRADE = "trade"


class Connection:
    """One client connection. Frames to send wait in `outbox`; `wake` is called when one arrives."""

    def __init__(self, channel: Channel, ident: str) -> None:
        self.channel = channel
        self.id = ident
        self.topics: set[str] = set()
        self.outbox: deque[str] = deque()
        self.held: deque[str] = deque()
        self.is_authorised = False
        self.is_frozen = False
        self.is_closed = False
        self.told = 0  # messages of topics put on the way
        self.wake: Callable[[], None] = lambda: None

    def send(self, frame: Row | str) -> None:
        """Put a frame on the way, after which whatever a reorder fault held back follows."""
        if self.is_closed or self.is_frozen:
            return
        self.told += len(self.held) + (isinstance(frame, dict) and "topic" in frame)
        self.outbox.append(frame if isinstance(frame, str) else json.dumps(frame))
        self.outbox.extend(self.held)
        self.held.clear()
        self.wake()

    def take(self) -> list[str]:
        """Return the frames that are due and forget them."""
        frames = list(self.outbox)
        self.outbox.clear()
        return frames


class Hub:
    """All stream connections of one venue."""

    def __init__(self, state: State, gate: Gate) -> None:
        self._state = state
        self._gate = gate
        self._closing = 0
        self.connections: list[Connection] = []
        self.refused_until = 0

    def connect(self, channel: Channel) -> Connection | None:
        """Open a connection; None while connections are refused."""
        refuse = self._state.fault(Fault.REFUSE, channel.value)
        if refuse is not None:
            self.refused_until = self._state.now + refuse.value
        if self._state.now < self.refused_until or self._state.flags.maintenance:
            return None
        connection = Connection(channel, self._state.uuid())
        self.connections.append(connection)
        self._closing += 1
        return connection

    def close(self, connection: Connection) -> None:
        """Close a connection; the last private one starts the disconnect-cancel-all window."""
        if connection.is_closed:
            return
        connection.is_closed = True
        self.connections.remove(connection)
        connection.wake()
        window = self._state.flags.dcp_window_s
        if window and "dcp.future" in connection.topics and not self._has_dcp():
            self._closing += 1
            mark = self._closing
            self._state.clock.after(window * 1_000, lambda: self._dead_man(mark))

    def _has_dcp(self) -> bool:
        return any("dcp.future" in other.topics for other in self.connections)

    def _dead_man(self, mark: int) -> None:
        if mark == self._closing or not self._has_dcp():
            cancel_everything(self._state, "CancelByDCP")

    # -- what clients say ---------------------------------------------------------------------

    def receive(self, connection: Connection, raw: str, wall_ms: int) -> None:
        """Take one frame of a client."""
        try:
            frame = json.loads(raw)
        except ValueError:
            frame = None
        if not isinstance(frame, dict) or "op" not in frame:
            connection.send(
                {"success": False, "ret_msg": "Params Error", "op": "", "conn_id": connection.id}
            )
            return
        match frame["op"]:
            case "ping":
                connection.send(self._pong(connection, frame, wall_ms))
            case "auth":
                self._auth(connection, frame, wall_ms)
            case "subscribe":
                self._subscribe(connection, frame)
            case "unsubscribe":
                connection.topics -= set(_topics(frame))
                connection.send(_ack(connection, frame, True, ""))
            case op if connection.channel is Channel.TRADE:
                self._trade(connection, frame, str(op), wall_ms)
            case op:
                connection.send(_ack(connection, frame | {"op": op}, False, "Params Error"))

    def _pong(self, connection: Connection, frame: Row, wall_ms: int) -> Row:
        req_id = str(frame.get("req_id", ""))
        if connection.channel is Channel.PUBLIC:
            return _ack(connection, {"op": "ping", "req_id": req_id}, True, "pong")
        if connection.channel is Channel.TRADE:
            return {
                "retCode": 0,
                "retMsg": "OK",
                "op": "pong",
                "data": [str(wall_ms)],
                "connId": connection.id,
            }
        return {"req_id": req_id, "op": "pong", "args": [str(wall_ms)], "conn_id": connection.id}

    def _auth(self, connection: Connection, frame: Row, wall_ms: int) -> None:
        slow = self._state.fault(Fault.SLOW_AUTH, connection.channel.value)
        args = frame.get("args")
        good = self._signed(args, wall_ms) and not self._state.fault(
            Fault.REFUSE_AUTH, connection.channel.value
        )

        def answer() -> None:
            connection.is_authorised = good
            if connection.channel is Channel.TRADE:
                code, message = (0, "OK") if good else (10004, "Params Error")
                connection.send(
                    {"retCode": code, "retMsg": message, "op": "auth", "connId": connection.id}
                )
            else:
                connection.send(_ack(connection, frame, good, "" if good else "Params Error"))

        if slow is None:
            answer()
        else:
            self._state.clock.after(slow.value, answer)

    def _signed(self, args: object, wall_ms: int) -> bool:
        if not isinstance(args, list) or len(args) != 3:
            return False
        key, expires, signature = args
        settings = self._state.settings
        return (
            key == settings.key
            and isinstance(expires, int | float)
            and int(expires) > wall_ms
            and signature == auth.stream_signature(settings.secret, int(expires))
        )

    def _subscribe(self, connection: Connection, frame: Row) -> None:
        topics = _topics(frame)
        message = self._wrong_topic(connection, topics)
        if message:
            connection.send(_ack(connection, frame, False, message))
            return
        connection.topics |= set(topics)
        connection.send(_ack(connection, frame, True, ""))
        for topic in topics:
            if topic.startswith("tickers."):
                connection.send(self.snapshot(topic))

    def _wrong_topic(self, connection: Connection, topics: list[str]) -> str:
        private = connection.channel is Channel.PRIVATE
        if private and not connection.is_authorised:
            return "Request not authorized"
        if any(t in PRIVATE for t in topics) and any(t.endswith(".linear") for t in topics):
            return "all-in-one and categorised topics cannot be in one request"
        for topic in topics:
            known = _is_private(topic) if private else self._is_public(topic)
            if not known or self._state.fault(Fault.REFUSE_TOPIC, topic):
                return f"Invalid topic: {topic}"
        return ""

    def _is_public(self, topic: str) -> bool:
        kind, _dot, rest = topic.partition(".")
        symbol = rest.rpartition(".")[2]
        if kind == "kline" and rest.partition(".")[0] not in self._state.settings.intervals:
            return False
        return kind in PUBLIC and symbol in self._state.markets

    def snapshot(self, topic: str) -> Row:
        """Return the first `tickers` message of a subscription."""
        now = self._state.now
        data = ticker_data(self._state, topic.partition(".")[2])
        return {
            "topic": topic,
            "type": "snapshot",
            "data": data,
            "cs": self._state.next_seq(),
            "ts": now,
        }

    def _trade(self, connection: Connection, frame: Row, op: str, wall_ms: int) -> None:
        args = frame.get("args")
        first = args[0] if isinstance(args, list) and args and isinstance(args[0], dict) else {}
        headers: dict[str, str] = {}
        if not connection.is_authorised:
            code, message, data = 10003, "Not authorised", Row()
        elif op not in TRADE_OPS:
            code, message, data = 10404, "op type is not found", Row()
        else:
            header = frame.get("header")
            stamps = header if isinstance(header, dict) else {}
            code, message, data, headers = self._gate.trade(op, first, stamps, wall_ms)
        header = {
            "Timenow": str(wall_ms),
            "Traceid": self._state.uuid().replace("-", ""),
            **headers,
        }
        connection.send(
            {
                "reqId": frame.get("reqId", ""),
                "retCode": code,
                "retMsg": message,
                "op": op,
                "data": data,
                "retExtInfo": {},
                "header": header,
                "connId": connection.id,
            }
        )

    # -- what the venue says ------------------------------------------------------------------

    def push(self, topic: str, message: Row) -> None:
        """Send a message to everyone who subscribed to its topic."""
        for connection in list(self.connections):
            if topic in connection.topics or f"{topic}.linear" in connection.topics:
                named = message
                if topic not in connection.topics:
                    named = message | {"topic": f"{topic}.linear"}
                self._deliver(connection, topic, named)

    def _deliver(self, connection: Connection, topic: str, message: Row) -> None:
        state = self._state
        if not state.faults.switches:
            connection.send(message)
            return
        if topic.startswith("kline.") and self._confirm_fault(connection, topic, message):
            return
        if state.fault(Fault.DROP, topic):
            return
        if state.fault(Fault.WRONG_NUMBER, topic):
            message = wrong(message, state.faults.random)
        frame: Row | str = "{not json" if state.fault(Fault.NOT_JSON, topic) else message
        late = state.fault(Fault.LATE, topic)
        if late is not None:
            state.clock.after(late.value, lambda: connection.send(frame))
        elif state.fault(Fault.REORDER, topic):
            connection.held.append(frame if isinstance(frame, str) else json.dumps(frame))
        else:
            connection.send(frame)
            if state.fault(Fault.DUPLICATE, topic):
                connection.send(frame)

    def _confirm_fault(self, connection: Connection, topic: str, message: Row) -> bool:
        """Apply the faults of closing candles; True when nothing is left to send now."""
        data = message["data"]
        row = data[0] if isinstance(data, list) else {}
        if not row.get("confirm"):
            return False
        state = self._state
        if state.fault(Fault.DROP_CONFIRM, topic):
            return True
        revise = state.fault(Fault.REVISE, topic)
        if revise is not None:
            message = deepcopy(message)
            _move_close(message, revise.value * state.facts(topic.rpartition(".")[2]).tick)
            connection.send(message)
            return True
        late = state.fault(Fault.LATE_CONFIRM, topic)
        if late is not None:
            state.clock.after(late.value, lambda: connection.send(message))
            return True
        if state.fault(Fault.CONFIRM_TWICE, topic):
            connection.send(message)
        return False


def _move_close(message: Row, by: Decimal) -> None:
    data = message["data"]
    assert isinstance(data, list)
    close = number(data[0]["close"])
    assert close is not None
    data[0]["close"] = text(close + by)


def _topics(frame: Row) -> list[str]:
    args = frame.get("args")
    return [str(arg) for arg in args] if isinstance(args, list) else []


def _is_private(topic: str) -> bool:
    return topic in PRIVATE or topic == "dcp.future" or topic.removesuffix(".linear") in PRIVATE


def _ack(connection: Connection, frame: Row, success: bool, message: str) -> Row:
    return {
        "success": success,
        "ret_msg": message,
        "conn_id": connection.id,
        "req_id": str(frame.get("req_id", "")),
        "op": frame["op"],
    }
