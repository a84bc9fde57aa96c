"""Connections for requests, used now and then.

COST: one that idles is closed by the other side, and the request that finds it closed waits or gets lost.
"""

from __future__ import annotations

from runtime.backends.bybit.pace import Pace
from runtime.backends.bybit.rest import Rest
from runtime.backends.bybit.worker import Workers


class Warmth:
    """Uses the connections that requests leave by, every `warm_ms` of a pace; 0: as it comes."""

    def __init__(self, rest: Rest, workers: Workers, pace: Pace) -> None:
        self._rest = rest
        self._workers = workers
        self._every = pace.warm_ms
        self._at = 0
        self._sent = 0  # requests that had left by then

    def look(self, now: int, sent: int) -> None:
        """Use those that are due; that of entries where none has left since the last time (`sent`: so far)."""
        if not self._every or now < self._at:
            return
        self._at = now + self._every
        if self._workers.protecting is not None:
            self._workers.protecting.do(
                lambda: self._rest.keep_warm(protects=True), lambda _done: None
            )
        if sent == self._sent:
            self._workers.placing.do(self._rest.keep_warm, lambda _done: None)
        self._sent = sent
