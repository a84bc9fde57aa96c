"""The session's clock: it only goes on.

The law: steps back of the wall clock are not followed, or a timeout would last an hour; a step ahead is, once
it is larger than what a clock drifts, for the machine may have slept. Times of events are the venue's.
"""

from __future__ import annotations

import time
from collections.abc import Callable

_JUMP_MS = 1_000


class SteadyClock:
    """Tells ms UTC. `wall` ns since the epoch, `steady` ns that never go back; safe for many threads to ask."""

    def __init__(
        self, wall: Callable[[], int] = time.time_ns, steady: Callable[[], int] = time.monotonic_ns
    ) -> None:
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()

    def __call__(self) -> int:
        """Return the time, never earlier than it was told before."""
        steady, wall = self._steady(), self._wall()
        if wall - steady - self._ahead > _JUMP_MS * 1_000_000:
            self._ahead = wall - steady
        return (steady + self._ahead) // 1_000_000
