"""The session's clock: it only goes on.

The law: steps back of the wall clock are not followed, or a timeout would last an hour; a step ahead is, once
it is larger than what a clock drifts, for the machine may have slept. A step ahead that was none, and any other
error that the venue's clock shows, is made good: by going slower, or by a step on.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Lock

_JUMP_NS = 1_000_000_000
_SLOWER = 4  # of four ms one is given back: timeouts last a third longer meanwhile


class SteadyClock:
    """Tells ms UTC. `wall` ns since the epoch, `steady` ns that never go back; safe for many threads to ask."""

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._lock = Lock()
        self._seen = steady()
        self._apart = self._ahead = wall() - self._seen
        self._owed = 0  # ns that it is ahead and gives back

    def __call__(self) -> int:
        """Return the time, never earlier than it was told before."""
        with self._lock:
            steady = self._steady()
            jumped = self._wall() - steady - self._apart
            if jumped > _JUMP_NS:
                self._apart += jumped
                self._ahead += jumped
            given = min(self._owed, max(0, steady - self._seen) // _SLOWER)
            self._owed -= given
            self._ahead -= given
            self._seen = max(steady, self._seen)
            return (steady + self._ahead) // 1_000_000

    def correct(self, ahead: int) -> None:
        """Take how far it is ahead of the venue's clock, ms; negative: it steps on by as much, at once."""
        with self._lock:
            self._owed = max(0, ahead) * 1_000_000
            self._ahead += max(0, -ahead) * 1_000_000
            self._apart = self._wall() - self._steady()  # what the wall said so far is dealt with
