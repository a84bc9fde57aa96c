"""The durable record of a session: items, what they led to, requests; append-only, without holes.

The law: what a request rests on is on the disk before the request leaves. One transaction holds an item with
all it brought: after a crash it is there whole or not at all. One process writes; any may read meanwhile.

A transaction that may be lost to a power cut is not flushed by itself: it is on the disk with the next that is.
A killed process loses neither: what was committed is the operating system's to write.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from runtime.errors import IdeaCardError
from runtime.live.codec import shape
from runtime.live.lock import AlreadyHeld, Lock
from runtime.market.frame import Frame

VERSION = 3
_TIDY_AFTER = 200  # transactions
_PATIENCE_S = 0.1
_ROOM = 2 << 20  # bytes: what so many transactions take in the write-ahead log, and more
_SCHEMA = """
create table meta (name text primary key, value text not null) strict;
create table records (
  seq integer primary key, ts integer not null, kind text not null, body text not null
) strict;
create table snapshots (
  seq integer primary key, code text not null, bars integer not null, body blob not null
) strict;
create table bars (
  number integer primary key, start integer not null, open real not null, high real not null,
  low real not null, close real not null, volume real not null
) strict;
"""
_SNAPSHOTS = 2  # kept: the newest, and the one before it


_NO_ROOM = {
    sqlite3.SQLITE_READONLY, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN,
}  # fmt: skip


class JournalError(IdeaCardError):
    """The journal cannot be read or written: no request leaves without it."""


class RecordKind(StrEnum):
    """What a record is. `item` came in; what follows it up to the next item, it has brought."""

    ITEM = "item"
    EVENT = "event"
    COMMAND = "command"
    HASH = "hash"


@dataclass(frozen=True, slots=True)
class Record:
    """One line of a journal; `ts` ms UTC."""

    seq: int
    ts: int
    kind: RecordKind
    body: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A desk after record `seq` and `bars` bars, written by `code`."""

    seq: int
    code: str
    bars: int
    body: bytes


class Journal:
    """One file. Not for two threads, not for two processes: the second writer is refused.

    `room`: bytes that the write-ahead log is given ahead.
    """

    def __init__(self, path: Path, *, room: int = _ROOM) -> None:
        """Open for writing; JournalError where another process does or the file is of another version."""
        self.path = path
        self._room = room
        try:
            self._lock = Lock(path.with_name(path.name + ".lock"), path.name)
        except AlreadyHeld as error:
            raise JournalError(str(error)) from None
        try:
            self._connect(path)
        except (OSError, JournalError):
            self._lock.release()
            raise

    def _connect(self, path: Path) -> None:
        is_new = not path.exists()
        if is_new:
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        try:
            # Who holds the file for longer keeps every stop waiting: then it counts as a disk that takes nothing.
            self._db = sqlite3.connect(
                path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
            self._db.execute("pragma journal_mode=wal")
            # COST: one flush to the disk a transaction on which a request may rest.
            self._db.execute("pragma synchronous=full")
            self._flushes = True
            # COST: moving pages home is left to `tidy`, when nothing waits; a commit then costs one flush.
            self._db.execute("pragma wal_autocheckpoint=0")
            self._open(is_new)
        except sqlite3.Error as error:
            raise JournalError(f"{path.name}: {error}") from None

    def _open(self, is_new: bool) -> None:
        if is_new or not self._db.execute("select count(*) from sqlite_master").fetchone()[0]:
            self._db.execute("begin immediate")
            for statement in _SCHEMA.split(";"):
                self._db.execute(statement)
            self._db.execute("insert into meta values ('version', ?)", (version(),))
            self._db.execute("commit")
        found = self.meta("version")
        if found != version():
            raise JournalError(
                f"{self.path.name} is of version {found}, this is {version()}: it is taken up only "
                "by the version that wrote it"
            )
        last = self._db.execute("select count(*), coalesce(max(seq), 0) from records").fetchone()
        if last[0] != last[1]:
            raise JournalError(f"{self.path.name} has a hole: {last[0]} records up to {last[1]}")
        self._next = int(last[1]) + 1
        self._untidy = _TIDY_AFTER  # what a killed process left

    def __len__(self) -> int:
        return self._next - 1

    def write(
        self, rows: Iterable[tuple[int, RecordKind, str]], *, may_be_lost: bool = False
    ) -> None:
        """Append records (ts, kind, body) in one transaction; JournalError when it did not reach the disk.

        `may_be_lost`: to a power cut, until the next transaction that may not; never to the end of a process.
        """
        todo = [
            (self._next + number, ts, kind.value, body)
            for number, (ts, kind, body) in enumerate(rows)
        ]
        try:
            self._flush_each(not may_be_lost)
            self._db.execute("begin immediate")
            self._db.executemany("insert into records values (?, ?, ?, ?)", todo)
            self._db.execute("commit")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise JournalError(f"{self.path.name}: {error}") from None
        self._next += len(todo)
        self._untidy += 1

    def _flush_each(self, flushes: bool) -> None:
        """Have commits flushed or not; one that is flushes what was committed before it, too."""
        if flushes is not self._flushes:
            self._db.execute(f"pragma synchronous={'full' if flushes else 'normal'}")
            self._flushes = flushes

    def tidy(self) -> None:
        """Move what was written to its place, now and then; call it when nothing waits."""
        if self._untidy < _TIDY_AFTER:
            return
        self._untidy = 0
        with suppress(sqlite3.Error, OSError):  # it only costs room until the next time
            if self.path.with_name(self.path.name + "-wal").stat().st_size < self._room:
                self._make_room()
            self._db.execute("pragma wal_checkpoint(passive)")

    def _make_room(self) -> None:
        """Let the write-ahead log grow at once, where nothing waits.

        COST: a file that grows has its new length flushed too: two to four times as long, now and then ten.
        What was moved home is written over, so the log does not grow again.
        """
        self._flush_each(True)
        self._db.execute("begin immediate")
        self._db.execute("insert into meta values ('room', hex(zeroblob(?)))", (self._room // 2,))
        self._db.execute("delete from meta where name = 'room'")
        self._db.execute("commit")

    def records(self, start: int = 1) -> Iterator[Record]:
        """Yield records from a sequence number on."""
        return records_in(self._db, start)

    # ------------------------------------------------------------ snapshots

    def keep(self, code: str, bars: Frame, body: bytes) -> None:
        """Keep a desk's state after the last record, with the bars that are new since the one before."""
        fresh = [
            (
                row,
                bars.ts[row],
                bars.open[row],
                bars.high[row],
                bars.low[row],
                bars.close[row],
                bars.volume[row],
            )
            for row in range(self.kept_bars, len(bars))
        ]
        try:
            self._db.execute("begin immediate")
            self._db.executemany("insert into bars values (?, ?, ?, ?, ?, ?, ?)", fresh)
            self._db.execute(
                "insert or replace into snapshots values (?, ?, ?, ?)",
                (len(self), code, len(bars), body),
            )
            self._db.execute(
                "delete from snapshots where seq not in "
                "(select seq from snapshots order by seq desc limit ?)",
                (_SNAPSHOTS,),
            )
            self._db.execute("commit")
        except sqlite3.Error as error:
            if self._db.in_transaction:
                self._db.execute("rollback")
            raise JournalError(f"{self.path.name}: {error}") from None

    def snapshots(self) -> Iterator[Snapshot]:
        """Yield what was kept, newest first."""
        rows = self._db.execute("select seq, code, bars, body from snapshots order by seq desc")
        for row in rows.fetchall():
            yield Snapshot(*row)

    def bars(self, count: int) -> Iterator[tuple[int, float, float, float, float, float]]:
        """Yield the first bars of the session: start in ms UTC, open, high, low, close, volume."""
        yield from self._db.execute(
            "select start, open, high, low, close, volume from bars where number < ? "
            "order by number",
            (count,),
        )

    @property
    def kept_bars(self) -> int:
        """Return how many bars of the session are held here, from the first on."""
        return int(self._db.execute("select coalesce(max(number), -1) + 1 from bars").fetchone()[0])

    # ------------------------------------------------------------ facts

    def meta(self, name: str) -> str | None:
        """Return a fact about the session, None where it was never set."""
        return meta_in(self._db, name)

    def set_meta(self, name: str, value: str) -> None:
        """Note a fact about the session."""
        self._db.execute("insert or replace into meta values (?, ?)", (name, value))

    def close(self) -> None:
        self._db.close()
        self._lock.release()


def version() -> str:
    """Return the version of journals that this program writes and reads."""
    return f"{VERSION}-{shape()}"


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a journal that is never written here, whether its session runs or not.

    JournalError for what is none, or of another version.
    """
    if not path.exists():
        raise JournalError(f"{path}: no such journal")
    try:
        db = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, isolation_level=None)
        held = meta_in(db, "version")
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) & 0xFF in _NO_ROOM:  # the low byte is the kind
            raise JournalError(
                f"{path}: cannot be read where it lies ({error}): SQLite makes a small file beside it"
            ) from None
        raise JournalError(f"{path}: not a journal of a session ({error})") from None
    if held != version():
        raise JournalError(
            f"{path} is of version {held}, this is {version()}: the version that wrote it reads it"
        )
    return db


def meta_in(db: sqlite3.Connection, name: str) -> str | None:
    """Return a fact about the session of an open journal, None where it was never set."""
    row = db.execute("select value from meta where name = ?", (name,)).fetchone()
    return None if row is None else str(row[0])


def records_in(db: sqlite3.Connection, start: int = 1) -> Iterator[Record]:
    """Yield the records of an open journal from a sequence number on."""
    rows = db.execute("select * from records where seq >= ? order by seq", (start,))
    for seq, ts, kind, body in rows:
        yield Record(seq, ts, RecordKind(kind), body)


def last_in(db: sqlite3.Connection) -> int:
    """Return the sequence number of the last record of an open journal, 0 where there is none."""
    return int(db.execute("select coalesce(max(seq), 0) from records").fetchone()[0])


def copy_records(db: sqlite3.Connection, path: Path) -> None:
    """Copy everything that was flushed into a new file, consistent, while a session may write.

    Snapshots stay behind: they are for the session alone, a replay elsewhere lives through the records.
    """
    into = sqlite3.connect(path)
    db.backup(into)
    into.execute("drop table if exists snapshots")
    into.commit()
    into.execute("vacuum")
    into.close()
