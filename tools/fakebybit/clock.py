"""Virtual time: a heap of things due. Nothing here knows the wall clock.

Law: what is due first runs first; of two due at one instant, the one that was asked for first.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from itertools import count

Act = Callable[[], None]


class Clock:
    """The venue's time in ms, and what is still to happen."""

    def __init__(self, now: int) -> None:
        self.now = now
        self._due: list[tuple[int, int, Act]] = []
        self._order = count()

    def after(self, delay_ms: int, act: Act) -> None:
        """Do `act` when `delay_ms` have passed."""
        self.at(self.now + delay_ms, act)

    def at(self, when: int, act: Act) -> None:
        heapq.heappush(self._due, (max(when, self.now), next(self._order), act))

    def next_due(self) -> int | None:
        """Return when the next thing is due, None where nothing is."""
        return self._due[0][0] if self._due else None

    def run(self, until: int) -> None:
        """Do everything due up to and including `until`; time ends there."""
        while self._due and self._due[0][0] <= until:
            when, _rank, act = heapq.heappop(self._due)
            self.now = max(self.now, when)
            act()
        self.now = max(self.now, until)
