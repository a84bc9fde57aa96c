"""A backend that answers from a script: a given list of events, told one by one.

For tests of whatever stands above a backend: the script says what the venue does, in the order in which
the word of it arrives, duplicates and disorder included.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from runtime.backends.base import Emit
from runtime.orders.commands import Command
from runtime.orders.events import Event


class ScriptedBackend:
    """Takes commands, keeps them in `received`, and tells the next events when `play` is called."""

    def __init__(self, emit: Emit, script: Iterable[Event] = ()) -> None:
        self.emit = emit
        self.received: list[Command] = []
        self._script: deque[Event] = deque(script)

    def submit(self, commands: Sequence[Command]) -> None:
        """Take commands; only the script answers them."""
        self.received.extend(commands)

    def extend(self, script: Iterable[Event]) -> None:
        """Append events to the script."""
        self._script.extend(script)

    def play(self, count: int | None = None) -> int:
        """Tell the next `count` events (None: all that are left); returns how many are left."""
        todo = len(self._script) if count is None else min(count, len(self._script))
        for _ in range(todo):
            self.emit(self._script.popleft())
        return len(self._script)
