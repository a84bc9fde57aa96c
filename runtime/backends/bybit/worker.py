"""Who carries a request out: the caller itself, or a thread that waits in its place.

The law: what comes of a job is told in the session's loop, never in the thread that did it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")


class Worker(Protocol):
    """Carries a job out, here or in another thread; `then` is called with the result in the loop."""

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None: ...


class Inline:
    """Carries jobs out at once, in the caller's thread."""

    def do(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Call a job, then what waits for it."""
        then(job())


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """Who carries out what. Threads must not share a connection: `Rest` has one for each of them.

    Without `protecting` one line of requests leaves, and a stop waits for the entry that is out; without
    `market` the looks for fills wait for bars.
    """

    placing: Worker = field(default_factory=Inline)
    asking: Worker = field(default_factory=Inline)
    protecting: Worker | None = None
    market: Worker | None = None
