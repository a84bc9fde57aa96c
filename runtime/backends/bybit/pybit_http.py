"""The unmodified pybit HTTP session as a transport, its traps closed.

The law: one call is one request: pybit neither sleeps nor sends again. What it raises is sorted by whether
the request can have left. Key and secret are in no `repr`.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from pybit.exceptions import FailedRequestError, InvalidRequestError
from pybit.unified_trading import HTTP

from runtime.backends.bybit.bodies import Body
from runtime.backends.bybit.rest import Answered, Banned
from runtime.errors import NotSent, OutcomeUnknown

_NO_CODE = (
    -999_999_999
)  # no code of the venue: pybit would sleep and resend on the codes it is given
_REFUSED = ("NewConnectionError", "NameResolutionError", "SSLCertVerificationError", "Refused")


class Hidden(str):
    """Text that works as text and is not shown: not by `repr`, so not among a traceback's locals either."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "hidden"

    def __add__(self, other: str) -> Hidden:
        return Hidden(str(self) + other)

    def __radd__(self, other: str) -> Hidden:
        return Hidden(other + str(self))

    def __reduce__(self) -> str:
        raise TypeError("keys are not written down")


class _HiddenBytes(bytes):
    """The same for bytes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "hidden"


class Keys:
    """An API key and its secret, which no text of this object shows."""

    __slots__ = ("key", "secret")

    def __init__(self, key: str, secret: str) -> None:
        self.key = Hidden(key)
        self.secret = Hidden(secret)

    def __repr__(self) -> str:
        return "Keys(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("keys are not written down")


def signature(secret: str, text: str) -> str:
    """Return the venue's signature of a text.

    pybit's own leaves secret and key as plain bytes in frames, where a traceback with locals finds them.
    """
    return hmac.digest(_HiddenBytes(secret.encode()), _HiddenBytes(text.encode()), "sha256").hex()


class _Session(HTTP):  # type: ignore[misc]
    """pybit's session; its own `repr` shows key and secret. `ahead_ms`: stamps are so much earlier than our clock."""

    ahead_ms = 0

    def _auth(self, payload: str, recv_window: int, timestamp: int) -> str:
        stamp = timestamp - self.ahead_ms
        return signature(self.api_secret, Hidden(f"{stamp}{self.api_key}{recv_window}{payload}"))

    def _prepare_headers(self, payload: str, recv_window: int, *more: str) -> dict[str, str]:
        headers: dict[str, str] = super()._prepare_headers(payload, recv_window, *more)
        stamp = "X-BAPI-TIMESTAMP"  # what was signed
        return headers | {stamp: str(int(headers[stamp]) - self.ahead_ms)}

    def __repr__(self) -> str:
        return "pybit session"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a session talks to. `base`: a URL that replaces the venue's, "" for none."""

    base: str = ""
    is_testnet: bool = False
    is_demo: bool = False


class PybitTransport:
    """Carries requests over one pybit session; not for two threads at once."""

    def __init__(self, keys: Keys | None, place: Place, timeout_s: float) -> None:
        given = {} if keys is None else {"api_key": keys.key, "api_secret": keys.secret}
        self._session = _Session(
            testnet=place.is_testnet,
            demo=place.is_demo,
            timeout=timeout_s,
            recv_window=5_000,
            max_retries=1,
            retry_codes={_NO_CODE},
            force_retry=False,
            log_requests=False,
            return_response_headers=True,
            **given,
        )
        if place.base:
            self._session.endpoint = place.base
        self._session.client.trust_env = False  # proxies stay out
        self._is_signed = keys is not None
        self._keys = keys

    def __repr__(self) -> str:
        return "PybitTransport"

    @property
    def client(self) -> requests.Session:
        """The `requests` session underneath: tests mount another road there."""
        client: requests.Session = self._session.client
        return client

    @property
    def ahead_ms(self) -> int:
        """Return how far our clock was found to be ahead of the venue's: stamps are so much earlier."""
        return int(self._session.ahead_ms)

    @ahead_ms.setter
    def ahead_ms(self, found: int) -> None:
        self._session.ahead_ms = found

    def clock(self) -> int:
        """Return the clock that pybit stamps requests by, ms UTC."""
        return time.time_ns() // 1_000_000

    def _shown(self, text: str) -> str:
        """Return what the venue says without our key: it repeats the text that was to be signed."""
        for hidden in () if self._keys is None else (self._keys.key, self._keys.secret):
            text = text.replace(hidden, "hidden")
        return text

    def send(self, method: str, path: str, fields: Body) -> Answered:
        """Send one request; a refusal of the venue is an answer."""
        auth = self._is_signed and not path.startswith(("market/", "system/"))
        failed: NotSent | OutcomeUnknown | Banned
        try:
            answer, _elapsed, headers = self._session._submit_request(
                method=method,
                path=f"{self._session.endpoint}/v5/{path}",
                query=dict(fields),
                auth=auth,
            )
        except InvalidRequestError as error:
            said = {"retCode": error.status_code, "retMsg": self._shown(str(error.message))}
            return Answered(said, _headers(error.resp_headers))
        # pybit lets out what its parser stumbles over; whatever it is, the request may have left.
        except Exception as error:
            failed = _sorted(error)
        else:
            return _whole(answer, headers)
        raise failed  # outside of the handler: the frames of pybit, in which the secret lies, stay behind


def _whole(answer: Any, headers: Any) -> Answered:
    if not isinstance(answer, Mapping):
        raise OutcomeUnknown("the answer is no object")
    return Answered(answer, _headers(headers))


def _sorted(error: Exception) -> NotSent | OutcomeUnknown | Banned:
    """Return what an exception means: whether the request can have left."""
    if isinstance(error, FailedRequestError):
        code = error.status_code
        return Banned("HTTP 403") if code == 403 else OutcomeUnknown(f"HTTP {code}")
    is_connecting = isinstance(error, requests.ConnectionError)
    if is_connecting and not isinstance(error, requests.ReadTimeout) and _nothing_left(error):
        return NotSent(type(error).__name__)
    return OutcomeUnknown(type(error).__name__)


def _headers(headers: Any) -> dict[str, str]:
    if not isinstance(headers, Mapping):
        return {}
    return {str(name): str(value) for name, value in headers.items()}


def _nothing_left(error: BaseException) -> bool:
    """Return whether a connection could not even be made: refused, no such name, no handshake."""
    seen: set[int] = set()
    todo: list[object] = [error]
    while todo:
        one = todo.pop()
        if id(one) in seen or not isinstance(one, BaseException):
            continue
        seen.add(id(one))
        if isinstance(one, ConnectionRefusedError) or type(one).__name__ in _REFUSED:
            return True
        todo += [one.__cause__, one.__context__, getattr(one, "reason", None), *one.args]
    return False
