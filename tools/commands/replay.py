"""`ideacard replay`: the same word as `ideacard replay`, for who looks for it here."""

from __future__ import annotations

from tools.commands.live_after import replay as command

__all__ = ["command"]
