"""Findings as JSON for other programs: `schemas/diagnostics.schema.json`, version 1."""

from __future__ import annotations

import json
from collections.abc import Sequence

from compiler.findings.codes import CODES
from compiler.findings.diagnostics import Diagnostic, Fix
from compiler.findings.source import Source, Span

VERSION = 1
_NAMES = {entry.code: entry.name for entry in CODES}


def render_json(results: Sequence[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """Return a JSON document; lines and columns count from 1, offsets from 0, in characters."""
    files = [
        {
            "path": source.path,
            "findings": [_finding(source, diagnostic) for diagnostic in diagnostics],
        }
        for source, diagnostics in results
    ]
    document = {"version": VERSION, "files": files}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _finding(source: Source, d: Diagnostic) -> dict[str, object]:
    return {
        "code": d.code,
        "name": _NAMES.get(d.code, ""),
        "severity": d.severity.value,
        "message": d.message,
        "span": _span(source, d.span),
        "labels": [
            {"span": _span(source, label.span), "message": label.message} for label in d.labels
        ],
        "help": d.help,
        "fix": _fix(source, d.fix) if d.fix else None,
    }


def _fix(source: Source, fix: Fix) -> dict[str, object]:
    edits = [{"span": _span(source, edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _span(source: Source, span: Span) -> dict[str, object]:
    return {"start": _place(source, span.start), "end": _place(source, span.end)}


def _place(source: Source, offset: int) -> dict[str, int]:
    where = source.location(offset)
    return {"offset": offset, "line": where.line, "column": where.column}
