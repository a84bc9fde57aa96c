"""The unmodified pybit HTTP session as a transport, its traps closed.

The law: one call is one request: pybit neither sleeps nor sends again. What it raises is sorted by whether
the request can have left. Key and secret are in no `repr`.
"""

from __future__ import annotations

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


class Keys:
    """An API key and its secret, which no text of this object shows."""

    __slots__ = ("key", "secret")

    def __init__(self, key: str, secret: str) -> None:
        self.key = key
        self.secret = secret

    def __repr__(self) -> str:
        return "Keys(hidden)"

    def __reduce__(self) -> str:
        raise TypeError("keys are not written down")


class _Session(HTTP):  # type: ignore[misc]
    """pybit's session; its own `repr` shows key and secret."""

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
            testnet=place.is_testnet, demo=place.is_demo, timeout=timeout_s, recv_window=5_000,
            max_retries=1, retry_codes={_NO_CODE}, force_retry=False, log_requests=False,
            return_response_headers=True, **given,
        )  # fmt: skip
        if place.base:
            self._session.endpoint = place.base
        self._session.client.trust_env = False  # proxies stay out
        self._is_signed = keys is not None

    def __repr__(self) -> str:
        return "PybitTransport"

    @property
    def client(self) -> requests.Session:
        """The `requests` session underneath: tests mount another road there."""
        client: requests.Session = self._session.client
        return client

    def send(self, method: str, path: str, fields: Body) -> Answered:
        """Send one request; a refusal of the venue is an answer."""
        auth = self._is_signed and not path.startswith(("market/", "system/"))
        try:
            answer, _elapsed, headers = self._session._submit_request(
                method=method, path=f"{self._session.endpoint}/v5/{path}", query=dict(fields),
                auth=auth,
            )  # fmt: skip
        except InvalidRequestError as error:
            said = {"retCode": error.status_code, "retMsg": str(error.message)}
            return Answered(said, _headers(error.resp_headers))
        except FailedRequestError as error:
            if error.status_code == 403:
                raise Banned("HTTP 403") from None
            raise OutcomeUnknown(f"HTTP {error.status_code}") from None
        except requests.ConnectionError as error:
            if not isinstance(error, requests.ReadTimeout) and _nothing_left(error):
                raise NotSent(type(error).__name__) from None
            raise OutcomeUnknown(type(error).__name__) from None
        # pybit lets out what its parser stumbles over; whatever it is, the request may have left.
        except Exception as error:
            raise OutcomeUnknown(type(error).__name__) from None
        if not isinstance(answer, Mapping):
            raise OutcomeUnknown("the answer is no object")
        return Answered(answer, _headers(headers))


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
