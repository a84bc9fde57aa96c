"""Signatures: over the raw bytes that arrived, never over a text written anew.

Law: what the client signed is what is checked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from tools.fakebybit import refusals
from tools.fakebybit.refusals import Refused, refused

AHEAD_MS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request as it arrived. `received_ms` is the clock that judges its timestamp."""

    method: str
    path: str
    query: str
    body: bytes
    headers: Mapping[str, str]
    received_ms: int


def sign(secret: str, text: str) -> str:
    """Return the lowercase hex HMAC-SHA256."""
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def headers(
    key: str, secret: str, now: int, payload: str, recv_window: int = 5_000
) -> dict[str, str]:
    """Return what a client sends with a signed request; `payload` is the raw query or body."""
    return {
        "X-BAPI-API-KEY": key,
        "X-BAPI-SIGN": sign(secret, f"{now}{key}{recv_window}{payload}"),
        "X-BAPI-SIGN-TYPE": "2",
        "X-BAPI-TIMESTAMP": str(now),
        "X-BAPI-RECV-WINDOW": str(recv_window),
    }


def check(request: Request, key: str, secret: str) -> None:
    """Refuse a request that is not signed by this key, or not now."""
    given = {name.upper(): value for name, value in request.headers.items()}
    try:
        stamp = int(given["X-BAPI-TIMESTAMP"])
        window = int(given.get("X-BAPI-RECV-WINDOW", "5000"))
        api_key, signature = given["X-BAPI-API-KEY"], given["X-BAPI-SIGN"]
    except (KeyError, ValueError):
        raise Refused(10001, "empty value: apiTimestamp[] apiKey[] apiSignature[]") from None
    if api_key != key:
        raise refused(refusals.KEY_INVALID)
    check_window(stamp, window, request.received_ms)
    payload = request.query if request.method == "GET" else request.body.decode()
    origin = (
        f"{given['X-BAPI-TIMESTAMP']}{api_key}{given.get('X-BAPI-RECV-WINDOW', '5000')}{payload}"
    )
    if not hmac.compare_digest(sign(secret, origin), signature):
        raise Refused(refusals.SIGN[0], f"{refusals.SIGN[1]} origin_string[{origin}]")


def check_window(stamp: int, window: int, now: int) -> None:
    """Refuse a timestamp outside the window.

    VENUE: server - recv_window <= timestamp < server + 1000 ms.
    """
    if not now - window <= stamp < now + AHEAD_MS:
        raise refusals.window(stamp, now, window)


def check_time(stamps: Mapping[str, object], now: int) -> None:
    """Refuse an op of the trade stream whose header is outside the window; a missing stamp passes."""
    try:
        stamp = int(str(stamps.get("X-BAPI-TIMESTAMP", now)))
        window = int(str(stamps.get("X-BAPI-RECV-WINDOW", 5_000)))
    except ValueError:
        raise Refused(10001, "header invalid") from None
    check_window(stamp, window, now)


def stream_signature(secret: str, expires: int) -> str:
    """Return what the `auth` op of a private stream must carry."""
    return sign(secret, f"GET/realtime{expires}")
