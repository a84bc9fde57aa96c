"""Apply the fixes that findings carry: splice text, never overlap, check again, stop when stable."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from codecs import BOM_UTF8
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from compiler.findings.diagnostics import Diagnostic
from compiler.findings.edits import apply_edits, choose
from compiler.findings.source import Source

_ROUNDS = 20


def fix_until_stable(
    source: Source,
    diagnostics: Sequence[Diagnostic],
    check: Callable[[Source], Sequence[Diagnostic]],
    unsafe: bool,
    keep: Callable[[Diagnostic], bool] = lambda _: True,
) -> tuple[Source, Sequence[Diagnostic], int]:
    """Return the fixed source, the findings that remain and how many were fixed.

    `diagnostics` and what `check` returns are all findings; only those that `keep` accepts are fixed.
    A fix that brings a new error is not kept.
    """
    count = 0
    found = diagnostics
    for _ in range(_ROUNDS):
        chosen = choose([d for d in found if keep(d)], unsafe)
        better = _applied(source, found, chosen, check)
        if better is None:
            break
        source, found, fixed = better
        count += fixed
    return source, found, count


def _applied(
    source: Source,
    found: Sequence[Diagnostic],
    chosen: Sequence[Diagnostic],
    check: Callable[[Source], Sequence[Diagnostic]],
) -> tuple[Source, Sequence[Diagnostic], int] | None:
    """Apply fixes together, else the first that does no harm alone; None if none changes anything."""
    for some in (chosen, *([one] for one in chosen if len(chosen) > 1)):
        edits = [edit for d in some if d.fix is not None for edit in d.fix.edits]
        fixed = Source(source.path, apply_edits(source.text, edits))
        if fixed.text == source.text:
            continue
        after = check(fixed)
        if _errors(after) <= _errors(found):
            return fixed, after, len(some)
    return None


def _errors(diagnostics: Sequence[Diagnostic]) -> int:
    return sum(d.is_error for d in diagnostics)


def write_whole(path: Path, text: str) -> None:
    """Replace a file's text; it is whole at every moment.

    A link stays a link: the file it names is written. An existing file keeps its mode, its owner and
    the byte order mark it began with; one that forbids writing stays as it is (PermissionError).
    """
    target = path.resolve()
    had = target.stat() if target.is_file() else None
    data = text.encode("utf-8")
    if had is None and target.exists():  # a pipe or a terminal has nothing to keep whole
        target.write_bytes(data)
        return
    if had is not None:
        if not had.st_mode & 0o222:
            raise PermissionError(errno.EACCES, "the file is read-only", str(path))
        with target.open("rb") as before:
            if before.read(len(BOM_UTF8)) == BOM_UTF8 and not data.startswith(BOM_UTF8):
                data = BOM_UTF8 + data
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent)
    partial = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
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
