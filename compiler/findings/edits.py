"""Applying edits to a text, and choosing fixes that do not get in each other's way."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence

from compiler.findings.diagnostics import Diagnostic, Edit


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with non-overlapping edits applied."""
    pieces: list[str] = []
    end = 0
    for edit in sorted(edits, key=lambda e: (e.span.start, e.span.end)):
        pieces += text[end : edit.span.start], edit.text
        end = edit.span.end
    return "".join((*pieces, text[end:]))


def choose(diagnostics: Sequence[Diagnostic], unsafe: bool) -> list[Diagnostic]:
    """Return findings whose fixes can be applied together, first in the text first."""
    chosen: list[Diagnostic] = []
    taken: list[tuple[int, int]] = []
    for finding in sorted(diagnostics, key=lambda d: (d.span.start, d.code)):
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        spans = [(e.span.start, e.span.end) for e in fix.edits]
        if any(_is_taken(span, taken) for span in spans):
            continue
        for span in spans:
            insort(taken, span)
        chosen.append(finding)
    return chosen


def _is_taken(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    """Return whether a place is, or overlaps, one of some that are in order and do not overlap."""
    at = bisect_left(taken, span)
    beside = taken[max(at - 1, 0) : at + 1]
    return any((span[0] < b and a < span[1]) or span == (a, b) for a, b in beside)
