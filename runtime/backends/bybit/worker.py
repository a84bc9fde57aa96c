"""Who carries a request out: the caller itself, or a thread that waits in its place.

The law: what comes of a job is told in the session's loop, never in the thread that did it.
"""

from __future__ import annotations

from collections.abc import Callable
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
