"""Formatting a card in an editor: the same text that `ideacard fmt` writes."""

from __future__ import annotations

from lsprotocol import types as lsp

from compiler.findings.diagnostics import CompileFailed
from compiler.findings.source import Source, Span
from compiler.formatting import format_card
from tools.lsp.document import Document


def formatting(document: Document) -> list[lsp.TextEdit] | None:
    """Return the one edit that formats a card; None while it has mistakes."""
    text = document.text
    try:
        made = format_card(Source(document.path, text)).text
    except CompileFailed:
        return None
    if made == text:
        return []
    # The editor keeps cursor and folds outside what changes.
    start = next((i for i, (a, b) in enumerate(zip(text, made, strict=False)) if a != b), None)
    start = min(len(text), len(made)) if start is None else start
    tail = 0
    while tail < min(len(text), len(made)) - start and text[-1 - tail] == made[-1 - tail]:
        tail += 1
    span = Span(start, len(text) - tail)
    return [lsp.TextEdit(document.positions.range(span), made[start : len(made) - tail])]
