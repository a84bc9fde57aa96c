"""A session that is over is put away: its journal compressed, read back, and only then taken from its folder.

The law: nothing is put away that a start would need: not while its session runs, not while it holds a position
or has an order that works. What was put away replays to the same state, or the journal stays where it is.
"""

from __future__ import annotations

import tempfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import DataError
from runtime.live.decider import Decider
from runtime.live.journal import Journal
from runtime.live.lock import Lock
from runtime.live.replay import replay
from tools.live.bundle import write_bundle
from tools.live.facts import SessionFacts, fresh_desk, read_facts
from tools.live.folders import HEARTBEAT, JOURNAL
from tools.live.reading import ReadJournal

ARCHIVE = "archive"


@dataclass(frozen=True, slots=True)
class Archived:
    """Where a session was put away; `before` and `after`: bytes of its journal."""

    path: Path
    records: int
    before: int
    after: int


def archive(folder: Path) -> Archived:
    """Put the session of a folder away; the next start there begins another.

    DataError where it is not over, JournalError where it runs or cannot be read, LeftOut for a secret in it.
    """
    path = folder / JOURNAL
    if not path.exists():
        raise DataError(f"{folder}: no session's folder")
    before = sum(file.stat().st_size for file in folder.glob(JOURNAL + "*"))
    journal = Journal(path)  # nobody else writes meanwhile
    try:
        facts = read_facts(journal)
        if facts is None:
            raise DataError(f"{folder}: the session never started")
        lived, records = _over(journal, facts), len(journal)
        home = folder / ARCHIVE
        home.mkdir(mode=0o700, exist_ok=True)
        stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(lived.ledger.ts / 1_000))
        out = write_bundle(path, home / f"{path.stem}-{facts.run}-{stamp}.zip")
        _read_back(out, facts, lived.state_hash())
    finally:
        journal.close()
    _take_away(path, records)
    (folder / HEARTBEAT).unlink(missing_ok=True)
    return Archived(out, records, before, out.stat().st_size)


def _over(journal: Journal, facts: SessionFacts) -> Decider:
    """Return the desk of a session that holds and asks for nothing any more."""
    desk = fresh_desk(facts)
    replay(journal.records(), desk)
    held, working = desk.ledger.position, len(list(desk.ledger.book))
    if held is not None or working:
        what = "holds a position" if held is not None else f"has {working} orders that work"
        raise DataError(
            f"the session {what}: start it once more and end it with `ideacard live stop --close`"
        )
    return desk


def _read_back(out: Path, facts: SessionFacts, state: str) -> None:
    with tempfile.TemporaryDirectory() as home, zipfile.ZipFile(out) as zipped:
        read = ReadJournal(Path(zipped.extract(JOURNAL, home)))
        desk = fresh_desk(facts)
        replay(read.records(), desk)
        read.close()
    if desk.state_hash() != state:
        out.unlink()
        raise DataError(f"{out.name} does not replay to the same state: the journal stays")


def _take_away(path: Path, records: int) -> None:
    """Remove a journal that was put away, if nobody has written there since."""
    lock = Lock(path.with_name(path.name + ".lock"), path.name)
    try:
        read = ReadJournal(path)
        now = len(read)
        read.close()
        if now != records:
            raise DataError(f"{path}: a session has gone on meanwhile; its journal stays")
        for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            file.unlink(missing_ok=True)
    finally:
        lock.release()
