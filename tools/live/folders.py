"""Where a session keeps what it writes: one folder each, for its owner alone.

The law: a folder is made 0700 and never reused by another session; what lies in it names no secret.
"""

from __future__ import annotations

from pathlib import Path

JOURNAL = "session.journal"
CONTROL = "control.json"
HEARTBEAT = "heartbeat.json"


def is_session(path: Path) -> bool:
    """Return whether a path is a session's folder, or a journal."""
    return (path / JOURNAL).is_file() or (path.is_file() and path.suffix == ".journal")


def new_folder(out: Path, name: str) -> Path:
    """Make and return the first free folder NAME-1, NAME-2, …"""
    out.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        folder = out / f"{name}-{number}"
        try:
            folder.mkdir(mode=0o700)
            return folder
        except FileExistsError:
            number += 1


def kept_folder(out: Path, name: str) -> Path:
    """Return the folder of a session that goes on over restarts, made if need be."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder
