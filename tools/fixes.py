"""Apply the fixes that findings carry: splice text, never overlap, check again, stop when stable."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from compiler.findings.diagnostics import Diagnostic, Edit
from compiler.findings.source import Source

_ROUNDS = 20


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with non-overlapping edits applied."""
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end), reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


def choose(diagnostics: Sequence[Diagnostic], unsafe: bool) -> list[Diagnostic]:
    """Return findings whose fixes can be applied together, first in the text first."""
    chosen: list[Diagnostic] = []
    taken: list[tuple[int, int]] = []
    for finding in sorted(diagnostics, key=lambda d: (d.span.start, d.code)):
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        spans = [(e.span.start, e.span.end) for e in fix.edits]
        if any((a < d and c < b) or (a, b) == (c, d) for a, b in spans for c, d in taken):
            continue
        taken.extend(spans)
        chosen.append(finding)
    return chosen


def fix_until_stable(
    source: Source,
    diagnostics: Sequence[Diagnostic],
    check: Callable[[Source], Sequence[Diagnostic]],
    unsafe: bool,
) -> tuple[Source, Sequence[Diagnostic], int]:
    """Return the fixed source, the findings that remain and how many were fixed.

    A fix that brings a new error is not kept.
    """
    count = 0
    found = diagnostics
    for _ in range(_ROUNDS):
        chosen = choose(found, unsafe)
        if not chosen:
            break
        edits = [edit for d in chosen if d.fix is not None for edit in d.fix.edits]
        fixed = Source(source.path, apply_edits(source.text, edits))
        after = check(fixed)
        if fixed.text == source.text or _errors(after) > _errors(found):
            break
        source, found, count = fixed, after, count + len(chosen)
    return source, found, count


def _errors(diagnostics: Sequence[Diagnostic]) -> int:
    return sum(d.is_error for d in diagnostics)


def write_whole(path: Path, text: str) -> None:
    """Replace a file's text; it is whole at every moment."""
    partial = path.with_name(path.name + ".part")
    partial.write_bytes(text.encode("utf-8"))
    os.replace(partial, path)
