"""How many requests may leave, and when to stop asking for what is refused each time.

The law: the venue's own headers overrule our count; a part of each bucket is for cancels and protection only.
Times in ms.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from runtime.backends.bybit.rest import Allowance

# VENUE: docs/v5/rate-limit, linear contracts, requests per second and account.
PER_SECOND = {
    "order/create": 10,
    "order/amend": 10,
    "order/cancel": 10,
    "order/cancel-all": 10,
    "position/trading-stop": 10,
    "position/set-leverage": 10,
}
_RESERVED = 0.3
_WINDOW_MS = 1_000


@dataclass(slots=True)
class Bucket:
    """Requests of one endpoint: so many in any second that has passed."""

    limit: int
    closed_until: int = 0
    sent: deque[int] = field(default_factory=deque)

    def take(self, now: int, *, is_urgent: bool) -> int:
        """Take one request; returns 0 when it may leave, else how many ms to wait."""
        while self.sent and self.sent[0] <= now - _WINDOW_MS:
            self.sent.popleft()
        if now < self.closed_until:
            return self.closed_until - now
        room = self.limit if is_urgent else self.limit - max(1, int(self.limit * _RESERVED))
        if len(self.sent) < max(1, room):
            self.sent.append(now)
            return 0
        return self.sent[-max(1, room)] + _WINDOW_MS - now

    def obey(self, told: Allowance, now: int) -> None:
        """Take over what the venue says of this endpoint."""
        self.limit = max(1, told.limit)
        if told.left == 0:
            self.closed_until = max(self.closed_until, min(told.reset, now + 60_000))


class Limits:
    """The buckets of all endpoints, and a stop for everything."""

    def __init__(self) -> None:
        self.stopped_until = 0
        self._buckets = {path: Bucket(limit) for path, limit in PER_SECOND.items()}

    def take(self, path: str, now: int, *, is_urgent: bool) -> int:
        """Take one request to an endpoint; returns 0 when it may leave, else ms to wait."""
        if now < self.stopped_until:
            return self.stopped_until - now
        return self._buckets.setdefault(path, Bucket(10)).take(now, is_urgent=is_urgent)

    def obey(self, told: Allowance | None, now: int) -> None:
        """Take over what the headers of an answer say."""
        if told is not None:
            self._buckets.setdefault(told.path, Bucket(told.limit)).obey(told, now)

    def close(self, path: str, until: int) -> None:
        """Let nothing out to an endpoint before a time."""
        bucket = self._buckets.setdefault(path, Bucket(10))
        bucket.closed_until = max(bucket.closed_until, until)


class Breaker:
    """Suspends what is refused for the same reason again and again.

    `most` equal refusals of one name within `within_ms` suspend it for `rest_ms`.
    """

    def __init__(self, most: int = 3, within_ms: int = 60_000, rest_ms: int = 600_000) -> None:
        self._most = most
        self._within = within_ms
        self._rest = rest_ms
        self._seen: dict[tuple[str, str], deque[int]] = {}
        self._suspended: dict[str, int] = {}

    def refused(self, name: str, code: str, now: int) -> bool:
        """Count a refusal; True where it suspends the name."""
        seen = self._seen.setdefault((name, code), deque(maxlen=self._most))
        seen.append(now)
        if len(seen) < self._most or seen[0] < now - self._within:
            return False
        seen.clear()
        self._suspended[name] = now + self._rest
        return True

    def is_suspended(self, name: str, now: int) -> bool:
        """Return whether nothing of this name may leave."""
        return now < self._suspended.get(name, 0)
