"""The first door for an unmodified pybit: its HTTP session, without a socket.

Law: what `requests` would raise for a broken connection is raised here.
"""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import requests
from requests import PreparedRequest, Response

from tools.fakebybit.auth import Request
from tools.fakebybit.venue import Venue


class Adapter:
    """Carries the requests of an unmodified `requests.Session` to the venue, without a socket.

    `session.client.mount("http://", Adapter(venue))` gives pybit's HTTP client this door. pybit stamps
    its requests with the wall clock, so here that clock judges them; the venue's time stays virtual.
    """

    def __init__(self, venue: Venue, *, settles: bool = True) -> None:
        self._venue = venue
        self._settles = settles

    def send(self, request: PreparedRequest, **options: object) -> Response:
        """Answer one request; raises what a broken connection would raise."""
        parts = urlsplit(request.url or "")
        body = request.body or b""
        reply = self._venue.request(
            Request(
                method=request.method or "GET",
                path=parts.path,
                query=parts.query,
                body=body if isinstance(body, bytes) else body.encode(),
                headers=dict(request.headers),
                received_ms=time.time_ns() // 1_000_000,
            )
        )
        if self._settles:
            self._venue.settle()
        if reply.is_lost:
            raise requests.ConnectionError("connection aborted", request=request)
        if reply.is_cut:
            raise requests.exceptions.ChunkedEncodingError("connection broken", request=request)
        if reply.delay_ms > _timeout_ms(options.get("timeout")):
            raise requests.ReadTimeout("read timed out", request=request)
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response._content = reply.body
        response.request, response.url = request, request.url or ""
        return response

    def close(self) -> None:
        """Nothing is held."""


def _timeout_ms(timeout: object) -> float:
    seconds = timeout[-1] if isinstance(timeout, tuple) else timeout
    return float(str(seconds)) * 1_000 if seconds is not None else float("inf")
