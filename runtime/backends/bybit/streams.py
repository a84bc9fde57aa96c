"""Supervised streams over the unmodified pybit: a dead or silent socket is replaced, and that is told.

The law: callbacks only enqueue. Each frame carries the epoch of its connection; *up* is told only after the
login and every subscription were acknowledged; a connection that has failed is dropped whole, never mended.

pybit's class is inherited because that is how it is used: what is overridden is exactly what kills or blinds
it (an acknowledgement that overtakes the note of it, an exception in a callback, its own ten quick retries).
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pybit.unified_trading import WebSocket

from runtime.backends.bybit.pybit_http import Keys, signature

_READY_S = 5.0
_LOGIN_MS = 10_000  # for so long a login may be on its way
_LOOK_S = 0.05
_WAIT_S = (0.2, 0.5, 1.0, 2.0, 5.0)
_ALARM_AFTER = 3


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """One message of a stream: which link and connection it came by, and when (ms UTC)."""

    link: str
    epoch: int
    received_ms: int
    message: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinkChanged:
    """A link is up, or down and why. `failures`: attempts in a row that came to nothing."""

    link: str
    epoch: int
    received_ms: int
    is_up: bool
    why: str = ""
    failures: int = 0


Put = Callable[[StreamMessage | LinkChanged], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What a link connects to. `stale_s`: silence, pongs included, after which it is dead."""

    name: str
    topics: tuple[str, ...]
    channel: str = "private"  # or linear
    base: str = ""  # a ws:// URL that replaces the venue's
    is_testnet: bool = False
    is_demo: bool = False
    stale_s: float = 25.0
    ping_s: int = 20
    rotate_s: float = 86_400.0


class _Socket(WebSocket):  # type: ignore[misc]
    """One connection that lives once."""

    def __init__(self, line: Line, keys: Keys | None, sink: Callable[[Any], None]) -> None:
        self.line = line
        self.sink = sink
        self.gate = threading.RLock()
        self.last = time.monotonic()
        self.fault = ""
        self.acked: set[str] = set()
        self.is_in = False
        given = {} if keys is None else {"api_key": keys.key, "api_secret": keys.secret}
        # pybit raises on its last attempt even when that one has connected: two mean one.
        super().__init__(
            line.channel,
            testnet=line.is_testnet,
            demo=line.is_demo,
            retries=2,
            restart_on_error=False,
            ping_interval=line.ping_s,
            ping_timeout=line.ping_s / 2,
            trace_logging=False,
            **given,
        )

    def __repr__(self) -> str:
        return f"socket of {self.line.name}"

    def _auth(self) -> None:
        """Log in; the secret stays out of the frames of pybit."""
        expires = time.time_ns() // 1_000_000 + _LOGIN_MS
        signed = signature(self.api_secret, f"GET/realtime{expires}")
        self.ws.send(json.dumps({"op": "auth", "args": [self.api_key, expires, signed]}))

    def _connect(self, url: str) -> None:
        """Keep the path, whatever the host."""
        base = self.line.base
        super()._connect(f"{base}/v5/{url.partition('/v5/')[2]}" if base else url)

    def _on_message(self, message: str) -> None:
        self.last = time.monotonic()
        with self.gate:
            try:
                frame = json.loads(message)
            except ValueError:
                self.fault = self.fault or "not JSON"
                return
            if not isinstance(frame, dict):
                self.fault = self.fault or "not an object"
            elif "topic" in frame:
                self.sink(frame)
            else:
                self._control(frame)

    def _control(self, frame: dict[str, Any]) -> None:
        good, said = frame.get("success") is True, str(frame.get("ret_msg", ""))
        match frame.get("op"):
            case "auth" if good:
                self.is_in = True
            case "auth":
                self.fault = self.fault or f"login: {said}"
            case "subscribe" if good:
                self.acked.add(str(frame.get("req_id")))
            case "subscribe":
                self.fault = self.fault or f"subscription: {said}"
            case _:
                pass  # pongs: `last` has taken note

    def _on_error(self, error: Exception) -> None:
        self.fault = self.fault or type(error).__name__

    def _on_close(self) -> None:
        self.fault = self.fault or "closed"

    def ask_for(self, topics: tuple[str, ...]) -> None:
        """Subscribe; the acknowledgements are noted as they come."""
        with self.gate:
            for topic in topics:
                frame = {"op": "subscribe", "req_id": topic, "args": [topic]}
                self.ws.send(json.dumps(frame))

    def drop(self) -> None:
        """Close for good."""
        self.exited = True
        self._stop_custom_ping_timer()
        self.ws.keep_running = False
        try:
            self.ws.close()
        except Exception as error:  # a socket that is gone already closes in many ways
            self.fault = self.fault or type(error).__name__


@dataclass(slots=True)
class _Health:
    """What the supervisor keeps of its attempts."""

    epoch: int = 0
    failures: int = 0


class Link:
    """Keeps one line up until it is stopped; everything it has to say goes to `put`."""

    def __init__(self, line: Line, keys: Keys | None, put: Put) -> None:
        self.line = line
        self._keys = keys
        self._put = put
        self._stopping = threading.Event()
        self._health = _Health()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"link {line.name}")

    def __repr__(self) -> str:
        return f"Link({self.line.name})"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Drop the connection and wait until nothing more is put."""
        self._stopping.set()
        self._thread.join(timeout=_READY_S)

    def _run(self) -> None:
        held: _Socket | None = None
        while not self._stopping.is_set():
            fresh, why = self._connected()
            if held is not None:
                held.drop()  # rotation: the new one is up before the old one goes
                held = None
            if fresh is None:
                self._failed(why)
                continue
            self._say(is_up=True)
            why = self._watch(fresh)
            if why == "rotation":
                held = fresh
                continue
            fresh.drop()
            self._say(is_up=False, why=why)
        if held is not None:
            held.drop()

    def _failed(self, why: str) -> None:
        self._health.failures += 1
        self._say(is_up=False, why=why)
        self._stopping.wait(_WAIT_S[min(self._health.failures, len(_WAIT_S)) - 1])

    def _connected(self) -> tuple[_Socket | None, str]:
        """Return a socket that is logged in and subscribed, or None and why not."""
        self._health.epoch += 1
        epoch, name = self._health.epoch, self.line.name

        def sink(message: Any) -> None:
            self._put(StreamMessage(name, epoch, time.time_ns() // 1_000_000, message))

        socket: _Socket | None = None
        try:
            socket = _Socket(self.line, self._keys, sink)
            if self._keys is not None and self.line.channel == "private":
                why = self._wait_for(socket, lambda: socket.is_in, "login")
                if why:
                    socket.drop()
                    return None, why
            socket.ask_for(self.line.topics)
            why = self._wait_for(
                socket, lambda: len(socket.acked) == len(self.line.topics), "subscriptions"
            )
        except Exception as error:  # pybit and websocket-client raise many kinds: each is a failure
            why = type(error).__name__
        if not why:
            return socket, ""
        if socket is not None:
            socket.drop()
        return None, why

    def _wait_for(self, socket: _Socket, true: Callable[[], bool], what: str) -> str:
        until = time.monotonic() + _READY_S
        while not true():
            if socket.fault:
                return socket.fault
            if self._stopping.is_set() or time.monotonic() > until:
                return f"no answer to {what}"
            time.sleep(0.005)
        return ""

    def _watch(self, socket: _Socket) -> str:
        self._health.failures = 0
        born = time.monotonic()
        while not self._stopping.wait(_LOOK_S):
            now = time.monotonic()
            if socket.fault:
                return socket.fault
            if not socket.is_connected() or not socket.wst.is_alive():
                return "closed"
            if now - socket.last > self.line.stale_s:
                return "silence"
            if now - born > self.line.rotate_s:
                return "rotation"
        return "stopped"

    def _say(self, *, is_up: bool, why: str = "") -> None:
        health = self._health
        now = time.time_ns() // 1_000_000
        self._put(LinkChanged(self.line.name, health.epoch, now, is_up, why, health.failures))


def is_alarming(change: LinkChanged) -> bool:
    """Return whether a link has failed so often in a row that a person should know."""
    return not change.is_up and change.failures >= _ALARM_AFTER
