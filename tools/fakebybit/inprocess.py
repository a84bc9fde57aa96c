"""The first door: a client of the venue in the same process, under its virtual time.

Law: a request takes the same way as over HTTP: signed bytes in, bytes out; only the socket is missing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from tools.fakebybit import auth
from tools.fakebybit.auth import Request
from tools.fakebybit.venue import Venue
from tools.fakebybit.wire import Reply, Row


class Lost(Exception):
    """No whole answer came: whether the request was carried out is not known."""


class Odd(Exception):
    """An answer that is not the venue's: an HTTP status, a page, a shape of its own."""


class Client:
    """Sends signed requests. The client's clock is the venue's.

    `settles`: whether what a request causes happens before `call` returns. `timeout_ms`: how long it
    waits for a late answer, in the venue's time.
    """

    def __init__(
        self,
        venue: Venue,
        *,
        key: str = "",
        secret: str = "",
        settles: bool = True,
        timeout_ms: int = 5_000,
    ) -> None:
        self._venue = venue
        self._key = key or venue.settings.key
        self._secret = secret or venue.settings.secret
        self._settles = settles
        self._timeout_ms = timeout_ms
        self.headers: Mapping[str, str] = {}
        self.ahead_ms = 0  # stamps are so much earlier than the clock

    def now(self) -> int:
        """Return the client's clock, ms UTC."""
        return self._venue.now

    def get(self, path: str, **query: object) -> Row:
        """Ask; `path` without its `/v5/`. Returns the whole answer; raises `Lost` or `Odd`."""
        raw = "&".join(f"{name}={value}" for name, value in sorted(query.items()))
        return self._call("GET", path, raw, b"")

    def post(self, path: str, **body: object) -> Row:
        """Order something; returns the whole answer; raises `Lost` or `Odd`."""
        return self._call("POST", path, "", json.dumps(body).encode())

    def _call(self, method: str, path: str, query: str, body: bytes) -> Row:
        now = self._venue.now
        signed = auth.headers(
            self._key,
            self._secret,
            now - self.ahead_ms,
            query if method == "GET" else body.decode(),
        )
        reply = self._venue.request(
            Request(
                method=method,
                path=f"/v5/{path}",
                query=query,
                body=body,
                headers=signed,
                received_ms=now,
            )
        )
        if self._settles:
            self._venue.advance(now + min(reply.delay_ms, self._timeout_ms))
        return self._read(reply)

    def _read(self, reply: Reply) -> Row:
        self.headers = reply.headers
        if reply.is_lost or reply.is_cut or reply.delay_ms > self._timeout_ms:
            raise Lost
        try:
            answer = json.loads(reply.body)
        except ValueError:
            raise Odd(f"HTTP {reply.status}") from None
        if reply.status != 200 or not isinstance(answer, dict):
            raise Odd(f"HTTP {reply.status}")
        return answer
