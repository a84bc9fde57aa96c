"""The bundle of a halt, written as it happens and beside the session.

The law: it is for people. Trading waits for no zip, and goes on where none can be written.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from pathlib import Path

from runtime.errors import IdeaCardError
from tools.live.bundle import LeftOut, write_bundle

_PATIENCE_S = 20.0  # the end of a run waits so long for the bundle of its halt


class PostMortem:
    """Writes a bundle beside a journal each time its session halts. Call `look` after whatever it took."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal
        self._was_halted = ""
        self._writing: threading.Thread | None = None

    def look(self, halted: str) -> None:
        """Take why the session is halted, "" if it is not; a halt that is new has its bundle written."""
        if halted and not self._was_halted:
            self._writing = threading.Thread(target=_write, args=(self._journal,), daemon=True)
            self._writing.start()
        self._was_halted = halted

    def close(self) -> None:
        """Wait a while for the last bundle."""
        if self._writing is not None:
            self._writing.join(timeout=_PATIENCE_S)


def _write(journal: Path) -> None:
    name = time.strftime("post-mortem-%Y%m%dT%H%M%SZ.zip", time.gmtime())
    with suppress(IdeaCardError, LeftOut, OSError):
        write_bundle(journal, journal.parent / name)
