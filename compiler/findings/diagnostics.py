"""Findings as data. Rendering is in `render.py`, the table of codes in `codes.py`.

A card's mistakes are collected, never raised; `CompileFailed` carries them over the public edge.
"""

from __future__ import annotations

from enum import StrEnum

from compiler.classes import dataclass
from compiler.findings.errors import IdeaCardError
from compiler.findings.source import Source, Span


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Label:
    """A secondary place with a few words about it."""

    span: Span
    message: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of `span` by `text`.

    `word` is what stands there, quotes aside, as far as it is known: an edit of another text than that
    is none (an escape, a place that is larger than the word).
    """

    span: Span
    text: str
    word: str = ""


@dataclass(frozen=True, slots=True)
class Fix:
    """A repair: a title in the imperative and the edits; unsafe ones may change what the card does."""

    title: str
    edits: tuple[Edit, ...]
    safe: bool = True


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `code` is `IC###`; its readable name and documentation are in `codes.py`."""

    code: str
    severity: Severity
    message: str
    span: Span
    labels: tuple[Label, ...] = ()
    help: str | None = None
    fix: Fix | None = None

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR


def is_about_what_it_does(finding: Diagnostic) -> bool:
    """Return whether a finding is a lint rule's: the card compiles, and does what nobody can mean."""
    return finding.code >= "IC4" and finding.code not in ("IC701", "IC702", "IC703", "IC704")


class CompileFailed(IdeaCardError):
    """A card cannot be compiled; carries the findings and the text they point into."""

    def __init__(self, source: Source, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.source = source
        self.diagnostics = diagnostics
        errors = [d for d in diagnostics if d.is_error]
        first = errors[0] if errors else diagnostics[0]
        where = source.location(first.span.start)
        super().__init__(
            f"{source.path}:{where.line}:{where.column}: {first.code} {first.message}"
            + (f" (and {len(errors) - 1} more)" if len(errors) > 1 else "")
        )
