"""A session and the fake venue in one process, under the venue's time, at any speed.

The law: what trades is the session as it always runs: desk, journal on the disk, backend, signed requests.
Only sockets are missing; the real ones are `--wire`.
"""

from __future__ import annotations

import json
from typing import Any

from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.rest import Answered, Banned
from runtime.errors import OutcomeUnknown
from runtime.live.session import Session
from tools.fakebybit import auth
from tools.fakebybit.inprocess import Client, Lost, Odd
from tools.fakebybit.links import Channel, Connection
from tools.fakebybit.venue import Venue

PRIVATE_TOPICS = ("order", "execution", "position", "wallet")
_MOST_MS = 300_000  # between two looks of a session on which nothing waits
_CLOSE_MS = 250  # between two looks while something is on its way
_TICK_MS = 60_000  # between two looks at the clock of such a session
_JOINING = frozenset({"start", "private", "public"})  # why entries wait while a session joins


class Road:
    """The fake venue's first door as a transport: signed bytes in, bytes out, no socket."""

    ahead_ms = 0

    def __init__(self, venue: Venue) -> None:
        self._client = Client(venue)

    def clock(self) -> int:
        """Return the clock that signs: the venue's own, ms UTC."""
        return self._client.now()

    def send(self, method: str, path: str, fields: Body) -> Answered:
        """Send one request; a refusal of the venue is an answer."""
        self._client.ahead_ms = self.ahead_ms
        call = self._client.get if method == "GET" else self._client.post
        try:
            answer = call(path, **fields)
        except Lost:
            raise OutcomeUnknown("lost") from None
        except Odd as error:
            if "403" in str(error):
                raise Banned(str(error)) from None
            raise OutcomeUnknown(str(error)) from None
        return Answered(answer, self._client.headers)


class InProcess:
    """Feeds one session from one venue, step by step. `topics`: the public ones."""

    def __init__(self, venue: Venue, session: Session, topics: tuple[str, ...]) -> None:
        self.venue = venue
        self.session = session
        self._topics = topics
        self._streams: dict[str, Connection] = {}
        self._tick_at = 0

    def connect(self) -> None:
        """Open both streams; the session hears that they are up."""
        for link, channel, topics in (
            ("private", Channel.PRIVATE, PRIVATE_TOPICS),
            ("public", Channel.PUBLIC, self._topics),
        ):
            made = self.venue.connect(channel)
            if made is None:
                self.session.link(link, is_up=False, why="refused")
                continue
            if channel is Channel.PRIVATE:
                expires = self.venue.now + 10_000
                keys = self.venue.settings
                signature = auth.stream_signature(keys.secret, expires)
                self._say(made, op="auth", args=[keys.key, expires, signature])
            self._say(made, op="subscribe", req_id="1", args=list(topics))
            made.take()
            self._streams[link] = made
            self.session.link(link, is_up=True)
        self.pump()

    def _say(self, connection: Connection, **frame: Any) -> None:
        self.venue.hub.receive(connection, json.dumps(frame), self.venue.now)

    def step(self, most_ms: int = _MOST_MS) -> None:
        """Let time pass up to the next thing that happens, `most_ms` at most, and tell the session."""
        venue = self.venue
        most = most_ms if self.is_quiet else min(most_ms, _CLOSE_MS)
        due = venue.next_due()
        until = venue.now + most if due is None else max(venue.now + 1, min(due, venue.now + most))
        venue.advance(until)
        # COST: an item and a flush to the disk for each: not for every print of a market nobody waits for.
        if self.pump() or not self.is_quiet or venue.now >= self._tick_at:
            self._tick_at = venue.now + _TICK_MS
            self.session.tick()
            self.pump()

    @property
    def is_quiet(self) -> bool:
        """Return whether the session waits for nothing but the market."""
        backend, desk = self.session.backend, self.session.desk
        waits = backend.sync.wanted or backend.sync.behind or len(backend.router)
        is_joining = not _JOINING.isdisjoint(desk.guard.blocked)
        if waits or is_joining or desk.coverage.since is not None:
            return False
        return not any(order.in_flight for order in desk.ledger.book)

    def pump(self) -> int:
        """Hand over the frames that have come, until none is left; return how many there were."""
        count = 0
        while waiting := [one for one in self._streams.values() if one.outbox]:
            for connection in waiting:
                while connection.outbox:
                    frame = json.loads(connection.outbox.popleft())
                    if "topic" in frame:
                        self.session.frame(frame)
                        count += 1
        return count
