"""One writer: a file that one process at a time holds, and the mark of a panic beside it.

The law: a lock is the operating system's. It ends with its process, however that ends, so no lock is ever
stale; what the file says of its holder only tells people whom to look for.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from pathlib import Path

from runtime.errors import IdeaCardError


class AlreadyHeld(IdeaCardError):
    """Another process writes there. `pid`: which, None where it did not say."""

    def __init__(self, text: str, pid: int | None) -> None:
        super().__init__(text)
        self.pid = pid


class Lock:
    """A held lock; `release` or the end of the process frees it."""

    def __init__(self, path: Path, what: str) -> None:
        """Take it; AlreadyHeld with the holder and what to do where another process has it."""
        self.path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            said = os.pread(self._file, 4_096, 0)
            os.close(self._file)
            raise _held(what, said) from None
        note = {"pid": os.getpid(), "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, json.dumps(note).encode(), 0)

    def release(self) -> None:
        """Give it up; the file stays, removing it would let two hold two files of one name."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _held(what: str, said: bytes) -> AlreadyHeld:
    try:
        note = json.loads(said)
        pid, since = int(note["pid"]), str(note["since"])
    except (ValueError, KeyError, TypeError):  # it is about to write it
        return AlreadyHeld(f"{what} is locked by another process: stop that one first", None)
    return AlreadyHeld(
        f"{what} is locked by process {pid} since {since}: stop that one first "
        f"(`ideacard live stop`, or `kill {pid}` where it hangs); two would trade against each other",
        pid,
    )


def state_folder() -> Path:
    """Return the folder for what belongs to an account, not to a journal; made where it is missing."""
    base = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local/state")
    folder = Path(base) / "ideacard"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def account_name(venue: str, key: str, symbol: str) -> str:
    """Return a file name for a symbol of an account; of the key it holds a digest only."""
    digest = hashlib.sha256(f"ideacard {venue} {key}".encode()).hexdigest()[:16]
    return f"{venue}-{symbol}-{digest}"


def lock_account(venue: str, key: str, symbol: str, folder: Path | None = None) -> Lock:
    """Take the lock of a symbol of an account; AlreadyHeld where another session trades it."""
    path = (folder or state_folder()) / f"{account_name(venue, key, symbol)}.lock"
    return Lock(path, f"{symbol} on {venue} with this key")


class PanicMark:
    """A file that says: a panic closed everything here. While it is there no session opens anything."""

    def __init__(self, venue: str, key: str, symbol: str, folder: Path | None = None) -> None:
        self.path = (folder or state_folder()) / f"{account_name(venue, key, symbol)}.panic"

    @property
    def is_set(self) -> bool:
        return self.path.exists()

    def put(self, why: str) -> None:
        """Set it; it is on the disk on return."""
        file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(file, why.encode())
            os.fsync(file)
        finally:
            os.close(file)

    def lift(self) -> None:
        """A person has looked."""
        self.path.unlink(missing_ok=True)
