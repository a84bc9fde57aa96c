"""Applying edits to a text, and choosing fixes that do not get in each other's way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.findings.diagnostics import Diagnostic, Edit


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
