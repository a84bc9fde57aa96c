"""Apply the fixes that findings carry: splice text, never overlap, check again, stop when stable."""

from __future__ import annotations

from collections.abc import Callable, Sequence

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
        if _errors(after) <= _errors(found) and not _is_still_there(some, after):
            return fixed, after, len(some)
    return None


def _is_still_there(some: Sequence[Diagnostic], after: Sequence[Diagnostic]) -> bool:
    """Return whether an error that was to be mended is found again in the very text that should have mended it."""
    edits = sorted(
        ((edit, d.code) for d in some if d.fix is not None and d.is_error for edit in d.fix.edits),
        key=lambda pair: pair[0].span.start,
    )
    moved = 0
    for edit, code in edits:
        start = edit.span.start + moved
        end = start + len(edit.text)
        moved += len(edit.text) - (edit.span.end - edit.span.start)
        if any(
            d.is_error and d.code == code and d.span.start < end and d.span.end > start
            for d in after
        ):
            return True
    return False


def _errors(diagnostics: Sequence[Diagnostic]) -> int:
    return sum(d.is_error for d in diagnostics)
