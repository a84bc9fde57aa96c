"""How a file comes to its place: whole or not at all, whatever stops the one who writes it.

The law: what a command leaves behind is written here. A full disk, Ctrl-C or a killed process leaves what was there
before; what is written elsewhere, and why, stands in `tests/test_whole_files.py`.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


def write_whole(path: Path, text: str, *, private: bool = False) -> None:
    """Replace a file's text, as UTF-8, as `whole` replaces a file; one that began with a byte order mark keeps it."""
    data = text.encode("utf-8")
    if not data.startswith(BOM_UTF8) and path.is_file():
        with path.open("rb") as before:
            if before.read(len(BOM_UTF8)) == BOM_UTF8:
                data = BOM_UTF8 + data
    with whole(path, private=private) as partial:
        partial.write_bytes(data)


@contextmanager
def whole(path: Path, *, private: bool = False) -> Iterator[Path]:
    """Give a new file to write to, which takes the place of another when all of it is written.

    A link stays a link: the file it names is replaced. An existing file keeps its mode and owner; one that forbids
    writing stays as it is (PermissionError). `private`: whatever was there, only its owner may read it. A pipe or a
    terminal has nothing to keep whole and is given itself.
    """
    target = path.resolve()
    had = target.stat() if target.is_file() else None
    if had is None and target.exists() and not target.is_dir():
        yield target
        return
    if had is not None and not had.st_mode & 0o222:
        raise PermissionError(errno.EACCES, "the file is read-only", str(path))
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    os.close(handle)
    partial = Path(name)
    try:
        yield partial
        if not private:  # as it was made: for its owner alone
            _like(partial, had)
        os.replace(partial, target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def _like(made: Path, had: os.stat_result | None) -> None:
    """Give a new file the mode and owner of the one it replaces, else those of any new file."""
    if had is None:
        mask = os.umask(0)
        os.umask(mask)
        made.chmod(0o666 & ~mask)
        return
    if hasattr(os, "chown"):
        with suppress(PermissionError):  # another's file in a folder of ours
            os.chown(made, had.st_uid, had.st_gid)
    made.chmod(stat.S_IMODE(had.st_mode))
