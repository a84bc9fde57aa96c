"""The way of a request: faults, ban, signature, rate limit, parameters, handler, envelope.

Law: HTTP status is 200 for every verdict of the venue; anything else is a fault or a wrong path.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import unquote

from tools.fakebybit import auth, refusals
from tools.fakebybit.auth import Request
from tools.fakebybit.damage import damaged
from tools.fakebybit.endpoints import BY_PATH, Endpoint
from tools.fakebybit.faults import Fault
from tools.fakebybit.limits import PER_SECOND, Limits
from tools.fakebybit.parameters import Parameters
from tools.fakebybit.publisher import flush
from tools.fakebybit.refusals import Refused, refused
from tools.fakebybit.settings import Environment
from tools.fakebybit.state import State
from tools.fakebybit.wire import Reply, Row

PREFIX = "/v5/"
BANNED = b"access too frequent. Please try again later."
BAD_GATEWAY = (
    b"<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
)
RESET = "X-Bapi-Limit-Reset-Timestamp"


class Gate:
    """Answers requests for one venue."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._limits = Limits()
        self._banned_until = 0
        self._reset = 0

    def call(self, request: Request) -> Reply:
        """Answer one request; its effects are due on the venue's clock."""
        path = request.path.removeprefix(PREFIX)
        given, link = _given(request)
        early = self._before(request, path, link)
        if early is not None:
            return early
        endpoint = BY_PATH.get((request.method, path))
        if endpoint is None:
            return Reply(status=404)
        self._state.wall_ms = request.received_ms + self._state.flags.skew_ms
        return self._answer(request, endpoint, given, link)

    def trade(
        self, op: str, args: Row, stamps: Mapping[str, object], wall_ms: int
    ) -> tuple[int, str, Row, dict[str, str]]:
        """Carry out an order op of the trade stream; return (code, text, data, headers)."""
        path = {
            "order.create": "order/create",
            "order.amend": "order/amend",
            "order.cancel": "order/cancel",
        }[op]
        endpoint = BY_PATH["POST", path]
        headers: dict[str, str] = {}
        try:
            if self._state.settings.environment is Environment.DEMO:
                raise Refused(10005, "Permission denied")
            auth.check_time(stamps, wall_ms + self._state.flags.skew_ms)
            headers = self._count(endpoint.path, wall_ms)
            return 0, "OK", self._handle(endpoint, args, str(args.get("orderLinkId", ""))), headers
        except Refused as refusal:
            return refusal.code, refusal.message, {}, headers

    def _before(self, request: Request, path: str, link: str) -> Reply | None:
        """Return the answer of a request that never reaches the venue's core."""
        state, now = self._state, request.received_ms
        ban = state.fault(Fault.BAN, path, link)
        if ban is not None:
            self._banned_until = now + ban.value
        crowded = state.settings.rate_limits and not self._limits.address_allows(now)
        if now < self._banned_until or crowded:
            return Reply(status=403, body=BANNED)
        if state.flags.maintenance or state.fault(Fault.HTML, path, link):
            return Reply(status=502, headers={"Content-Type": "text/html"}, body=BAD_GATEWAY)
        bare = state.fault(Fault.HTTP, path, link)
        if bare is not None:
            return Reply(status=bare.value)
        if state.fault(Fault.DROP_REQUEST, path, link):
            return Reply(is_lost=True)
        return None

    def _answer(self, request: Request, endpoint: Endpoint, given: Row, link: str) -> Reply:
        headers: dict[str, str] = {}
        code, message, result = 0, "OK", Row()
        try:
            if endpoint.is_private:
                self._authorise(request)
                headers = self._count(endpoint.path, self._state.wall_ms)
            if self._state.settings.environment is Environment.DEMO and not endpoint.on_demo:
                raise Refused(10001, "Demo trading are not supported.")
            forced = self._state.fault(Fault.CODE, endpoint.path, link)
            if forced is not None:
                raise Refused(forced.value, forced.text or "forced by a fault")
            result = self._handle(endpoint, given, link)
            after = self._state.fault(Fault.CODE_AFTER, endpoint.path, link)
            if after is not None:
                raise Refused(after.value, after.text or "forced by a fault")
        except Refused as refusal:
            code, message, result = refusal.code, refusal.message, {}
            if code == 10006:
                headers = self._limited(endpoint.path, link)
        body = envelope(code, message, result, self._state.now)
        return damaged(self._state, endpoint.path, link, body, headers)

    def _handle(self, endpoint: Endpoint, given: Row, link: str) -> Row:
        state = self._state
        is_query = endpoint.method == "GET"
        parameters = Parameters(
            given, endpoint.spec, is_query=is_query, strict=state.settings.strict
        )
        late = state.fault(Fault.DELAY_EFFECT, endpoint.path, link)
        stale = state.fault(Fault.STALE, endpoint.path, link) if is_query else None
        state.effect_ms = state.settings.effect_ms if late is None else late.value
        state.as_of = None if stale is None else state.now - stale.value
        try:
            return endpoint.handler(state, parameters)
        finally:
            state.effect_ms, state.as_of = state.settings.effect_ms, None
            flush(state)

    def _authorise(self, request: Request) -> None:
        state = self._state
        judged = Request(
            method=request.method,
            path=request.path,
            query=request.query,
            body=request.body,
            headers=request.headers,
            received_ms=state.wall_ms,
        )
        auth.check(judged, state.settings.key, state.settings.secret)
        if state.flags.key_expired:
            raise refused(refusals.KEY_EXPIRED)

    def _count(self, path: str, wall_ms: int) -> dict[str, str]:
        """Count a private request; return its limit headers."""
        squeezed = self._state.fault(Fault.LIMIT, path)
        limit = PER_SECOND.get(path, 50) if squeezed is None else squeezed.value
        if not self._state.settings.rate_limits and squeezed is None:
            limit = 1_000_000
        allowed, left, reset = self._limits.take(path, wall_ms, limit)
        if not allowed:
            self._reset = reset
            raise refused(refusals.TOO_MANY_VISITS)
        return _headers(limit, left, reset)

    def _limited(self, path: str, link: str) -> dict[str, str]:
        headers = _headers(PER_SECOND.get(path, 50), 0, self._reset)
        if self._state.fault(Fault.NO_RESET, path, link):
            del headers[RESET]
        elif self._state.fault(Fault.PAST_RESET, path, link):
            headers[RESET] = str(self._state.wall_ms - 1_000)
        return headers


def _headers(limit: int, left: int, reset: int) -> dict[str, str]:
    return {"X-Bapi-Limit": str(limit), "X-Bapi-Limit-Status": str(left), RESET: str(reset)}


def envelope(code: int, message: str, result: Mapping[str, object], now: int) -> Row:
    """Return the frame every answer comes in."""
    return {
        "retCode": code,
        "retMsg": message,
        "result": dict(result),
        "retExtInfo": {},
        "time": now,
    }


def _given(request: Request) -> tuple[Row, str]:
    """Read the parameters of a request, and the link id a fault may look for."""
    if request.method == "GET":
        pairs = [part.partition("=") for part in request.query.split("&") if part]
        given: Row = {name: unquote(value) for name, _sign, value in pairs}
    else:
        try:
            parsed = json.loads(request.body or b"{}")
        except ValueError:
            parsed = {}
        given = parsed if isinstance(parsed, dict) else {}
    return given, str(given.get("orderLinkId", ""))
