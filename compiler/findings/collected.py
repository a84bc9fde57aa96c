"""A growing list of findings: stages report into it and go on, they never raise.

INVARIANT: severities come from the table in `codes.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix, Label, Severity
from compiler.findings.source import Span
from compiler.findings.suggest import closest, misspelt, related
from compiler.findings.words import Place, meant

GUESS = " (a guess)"


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

    def extend(self, found: Iterable[Diagnostic]) -> None:
        """Note findings that were built elsewhere."""
        self._found.extend(found)

    def unknown_word(
        self,
        code: str,
        message: str,
        span: Span,
        word: str,
        candidates: Sequence[str],
        *,
        place: Place | None = None,
        labels: Sequence[Label] = (),
    ) -> None:
        """Note a word nobody knows, with what it means here, or the nearest one that is known."""
        help, fix = advice(word, candidates, span, place)
        self.add(code, message, span, labels=labels, help=help, fix=fix)

    def has(self, *codes: str) -> bool:
        """Return whether any finding has one of these codes."""
        return any(d.code in codes for d in self._found)

    def __len__(self) -> int:
        return len(self._found)

    def all(self) -> list[Diagnostic]:
        """Return the findings, each once."""
        return list(dict.fromkeys(self._found))


def advice(
    word: str, candidates: Sequence[str], span: Span, place: Place | None = None
) -> tuple[str | None, Fix | None]:
    """Return what to say about an unknown word, and the edit that writes another one.

    What a person means by a word at this place comes before what it looks like. Only a place that is
    the word itself, bare or quoted, gets the fix: written over a larger one it would delete what else
    stands there.
    """
    sure = misspelt(word, candidates)
    known = meant(place, word) if sure is None else None
    if known is not None and known.word not in candidates:
        # What is ours for it cannot stand here; a note may still say where it can.
        known = replace(known, word="") if known.note else None
    near = sure or (known.word if known else closest(word, candidates))
    is_word = span.end - span.start in (0, len(word), len(word) + 2)
    safe = near == sure or (known is not None and known.is_alias)
    fix = rename(span, near, safe=safe, word=word) if near and is_word else None
    if known is not None:
        return known.help, fix
    return (f"did you mean `{near}`?" if near else listed(related(word, candidates))), fix


def rename(span: Span, text: str, *, safe: bool, word: str = "") -> Fix:
    """Return the fix that writes `text` in place of one word; what is not safe is called a guess."""
    return Fix(f"write `{text}`" + ("" if safe else GUESS), (Edit(span, text, word),), safe)


def listed(words: Iterable[str], limit: int = 12) -> str | None:
    """Return `known: a, b, …` for a help line, cut after `limit` words; None without words."""
    unique = list(dict.fromkeys(words))
    if not unique:
        return None
    if len(unique) == limit + 1:
        limit += 1  # to say that there is one more takes as long as to say which
    rest = f" and {len(unique) - limit} more" if len(unique) > limit else ""
    return "known: " + ", ".join(f"`{word}`" for word in unique[:limit]) + rest
