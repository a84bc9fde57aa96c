"""A growing list of findings: stages report into it and go on, they never raise.

INVARIANT: severities come from the table in `codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from compiler.findings.source import Span
from compiler.findings.suggest import closest


class Findings:
    """Collects diagnostics in the order they are found."""

    def __init__(self) -> None:
        self._found: list[Diagnostic] = []

    def add(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        labels: Sequence[Label] = (),
        help: str | None = None,
        fix: Fix | None = None,
        severity: Severity | None = None,
    ) -> None:
        """Note one finding."""
        self._found.append(
            finding(code, message, span, labels=labels, help=help, fix=fix, severity=severity)
        )

    def unknown_word(
        self, code: str, message: str, span: Span, word: str, candidates: Sequence[str]
    ) -> None:
        """Note a word nobody knows, with the nearest one that is known as help and fix.

        Only a place that is the word itself, bare or quoted, gets the fix: written over a larger
        one it would delete what else stands there.
        """
        near = closest(word, candidates)
        if near is None:
            self.add(code, message, span, help=listed(candidates))
            return
        is_word = span.end - span.start in (0, len(word), len(word) + 2)
        fix = rename(span, near) if is_word else None
        self.add(code, message, span, help=f"did you mean `{near}`?", fix=fix)

    def has(self, *codes: str) -> bool:
        """Return whether any finding has one of these codes."""
        return any(d.code in codes for d in self._found)

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> list[Diagnostic]:
        """Return the findings, each once."""
        return list(dict.fromkeys(self._found))


def rename(span: Span, text: str, *, safe: bool = True) -> Fix:
    """Return the fix that writes `text` in place of one word."""
    return Fix(f"write `{text}`", (Edit(span, text),), safe)


def listed(words: Iterable[str], limit: int = 12) -> str | None:
    """Return `known: a, b, …` for a help line, cut after `limit` words; None without words."""
    unique = list(dict.fromkeys(words))
    if not unique:
        return None
    rest = f" and {len(unique) - limit} more" if len(unique) > limit else ""
    return "known: " + ", ".join(f"`{word}`" for word in unique[:limit]) + rest
