"""What the engine knows of a backend: commands go in, events come out through a callback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from runtime.orders.commands import Command
from runtime.orders.events import Event

Emit = Callable[[Event], object]


class Backend(Protocol):
    """Translates commands into whatever the venue needs and answers with events only."""

    def submit(self, commands: Sequence[Command]) -> None:
        """Take the commands decided at a close, in order; they take effect from then on."""
        ...
