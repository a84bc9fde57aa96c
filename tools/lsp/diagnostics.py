"""Findings as the editor shows them, and their fixes as quick fixes."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types as lsp

from compiler.findings.diagnostics import Diagnostic, Fix, Severity
from compiler.findings.edits import choose
from compiler.findings.source import Span
from tools.lsp.document import Document

_SEVERITY = {
    Severity.ERROR: lsp.DiagnosticSeverity.Error,
    Severity.WARNING: lsp.DiagnosticSeverity.Warning,
    Severity.INFO: lsp.DiagnosticSeverity.Information,
}
# What nobody reads is shown faded.
_UNNECESSARY = frozenset({"IC108", "IC202", "IC203"})
_FIX_ALL = "source.fixAll.ideacard"
KINDS = (lsp.CodeActionKind.QuickFix, _FIX_ALL)


def diagnostics(document: Document) -> list[lsp.Diagnostic]:
    """Return the findings of a card for the editor."""
    return [_diagnostic(document, finding) for finding in document.findings]


def _diagnostic(document: Document, finding: Diagnostic) -> lsp.Diagnostic:
    text = finding.message + (f"\n{finding.help}" if finding.help else "")
    return lsp.Diagnostic(
        range=document.positions.range(finding.span),
        message=text,
        severity=_SEVERITY[finding.severity],
        code=finding.code,
        source="ideacard",
        tags=[lsp.DiagnosticTag.Unnecessary] if finding.code in _UNNECESSARY else None,
        related_information=[
            lsp.DiagnosticRelatedInformation(
                lsp.Location(document.uri, document.positions.range(label.span)), label.message
            )
            for label in finding.labels
        ]
        or None,
    )


def code_actions(
    document: Document, range_: lsp.Range, only: Sequence[str] | None
) -> list[lsp.CodeAction]:
    """Return the fixes of findings that touch a range, and all safe ones together."""
    place = document.positions.span(range_)
    found: list[lsp.CodeAction] = []
    if _wanted(lsp.CodeActionKind.QuickFix, only):
        for finding in document.findings:
            if finding.fix is not None and _touch(finding.span, place):
                found.append(_quick_fix(document, finding, finding.fix))
    # Offered when asked for by name (fix on save), not in the menu of every place.
    if only is not None and _wanted(_FIX_ALL, only):
        found += _fix_all(document)
    return found


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    """A kind asked for includes the kinds below it: `source` asks for `source.fixAll`."""
    return only is None or any(kind == k or kind.startswith(f"{k}.") for k in only)


def _touch(span: Span, place: Span) -> bool:
    return span.start <= place.end and place.start <= span.end


def _quick_fix(document: Document, finding: Diagnostic, fix: Fix) -> lsp.CodeAction:
    return lsp.CodeAction(
        title=fix.title if fix.safe else f"{fix.title} (may change what the card does)",
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[_diagnostic(document, finding)],
        is_preferred=fix.safe,
        edit=_edit(document, [fix]),
    )


def _fix_all(document: Document) -> list[lsp.CodeAction]:
    chosen = choose(document.findings, unsafe=False)
    if not chosen:
        return []
    fixes = [finding.fix for finding in chosen if finding.fix is not None]
    return [
        lsp.CodeAction(
            title=f"Apply all safe fixes ({len(fixes)})",
            kind=_FIX_ALL,
            diagnostics=[_diagnostic(document, finding) for finding in chosen],
            edit=_edit(document, fixes),
        )
    ]


def _edit(document: Document, fixes: Sequence[Fix]) -> lsp.WorkspaceEdit:
    edits = [
        lsp.TextEdit(document.positions.range(edit.span), edit.text)
        for fix in fixes
        for edit in fix.edits
    ]
    return lsp.WorkspaceEdit(changes={document.uri: edits})
