"""The same bench with the unmodified pybit in between: requests and streams over sockets on 127.0.0.1.

The law: the venue's time is still the test's. It goes on only when every message that was sent has arrived, so
a story is the same story; in which order the messages arrive is up to sockets and threads.
"""

from __future__ import annotations

import queue
import time
from collections import Counter
from contextlib import ExitStack
from typing import Any

from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.pybit_http import Keys, Place, PybitTransport
from runtime.backends.bybit.rest import Answered
from runtime.backends.bybit.streams import Line, Link, LinkChanged, StreamMessage
from tests.runtime.live.bench import SYMBOL, TOPICS, Live, Road
from tools.fakebybit.control import perform
from tools.fakebybit.server import Served, serving
from tools.fakebybit.venue import Venue

_TIMEOUT_S = 0.8
_PATIENCE_S = 20.0


class OverThere:
    """A venue that another thread serves: what changes it is done in that thread."""

    def __init__(self, served: Served) -> None:
        self.served = served

    def __getattr__(self, name: str) -> Any:
        return getattr(self.served.venue, name)

    def advance(self, until: int) -> None:
        self.served.do(lambda venue: venue.advance(until))

    def trade(self, price: Any) -> None:
        self.served.do(lambda venue: venue.trade(price))


class PybitRoad(Road):
    """pybit's session as the road, with the same looks at what leaves."""

    def __init__(self, base: str) -> None:
        self.before = lambda _path, _body: None
        self.requests, self.opened_halted = [], []
        self.is_halted = lambda: False
        self._pybit = PybitTransport(Keys("key", "secret"), Place(base=base), _TIMEOUT_S)

    def clock(self) -> int:
        return self._pybit.clock()

    def carry(self, method: str, path: str, fields: Body) -> Answered:
        self._pybit.ahead_ms = self.ahead_ms
        return self._pybit.send(method, path, fields)


class Looped(Live):
    """A session whose every byte goes through a socket."""

    can_refuse_one = False

    def __init__(self, *args: Any, **more: Any) -> None:
        self._open = ExitStack()
        self._links: dict[str, Link] = {}
        self._said: queue.SimpleQueue[StreamMessage | LinkChanged] = queue.SimpleQueue()
        self._got: Counter[tuple[str, int]] = Counter()
        self._epochs: dict[str, int] = {}  # of the links that are up
        super().__init__(*args, rate_limits=False, **more)

    def _door(self) -> PybitRoad:
        served = self._open.enter_context(serving(self.venue, ack_ms=1))
        self.venue: Any = OverThere(served)
        return PybitRoad(served.http)

    def act_on_venue(self, name: str, **row: Any) -> None:
        self.venue.served.do(lambda venue: perform(venue, name, row))

    # ------------------------------------------------------------ links

    def connect(self) -> None:
        self._stop()
        served = self.venue.served
        for name, channel, topics in (
            ("private", "private", TOPICS), ("public", "linear", (f"kline.1.{SYMBOL}",)),
        ):  # fmt: skip
            line = Line(name=name, topics=topics, channel=channel, base=served.streams)
            keys = Keys("key", "secret") if name == "private" else None
            self._links[name] = Link(line, keys, self._said.put)
            self._links[name].start()
        self.streams = {"private": None, "public": None}  # type: ignore[dict-item]
        self.pump()

    def disconnect(self) -> None:
        self._stop()
        for name in ("private", "public"):
            self.session.link(name, is_up=False, why="cut")

    def kill(self) -> None:
        self.journal.close()
        self._stop()

    def end(self) -> None:
        self.kill()
        self._open.close()

    def _stop(self) -> None:
        for link in self._links.values():
            link.stop()
        self._links, self.streams = {}, {}
        self._said = queue.SimpleQueue()
        self._got.clear()
        self._epochs.clear()

    # ------------------------------------------------------------ what arrives

    def pump(self) -> None:
        until = time.monotonic() + _PATIENCE_S
        while True:
            ways = [not self._said.empty(), bool(self.worker.waiting)]
            if not any(ways):
                if self._is_quiet():
                    return
                assert time.monotonic() < until, "messages do not arrive"
                time.sleep(0.001)
            elif (all(ways) and self.chance.random() < 0.5) or not ways[0]:
                self.worker.waiting.pop(0)()
                self.session.flush()
            else:
                self._take(self._said.get())

    def _take(self, one: StreamMessage | LinkChanged) -> None:
        if isinstance(one, StreamMessage):
            self._got[one.link, one.epoch] += 1
            self.session.frame(dict(one.message))
            return
        self._epochs.pop(one.link, None)
        if one.is_up:
            self._epochs[one.link] = one.epoch
        self.session.link(one.link, is_up=one.is_up, why=one.why)

    def _is_quiet(self) -> bool:
        """Return whether everything the venue has to say is here, and both links that should be up are."""
        told = self.venue.served.do(_told)
        if not self._said.empty():
            return False
        return all(
            name in self._epochs and self._got[name, self._epochs[name]] == told.get(name)
            for name in self._links
        )


def _told(venue: Venue) -> dict[str, int]:
    venue.settle()
    return {one.channel.value: one.told for one in venue.hub.connections}
