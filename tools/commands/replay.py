"""`ideacard replay`: the same command as `ideacard live replay`."""

from __future__ import annotations

from tools.commands.live_after import replay as command

__all__ = ["command"]
