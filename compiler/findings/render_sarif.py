"""Findings as SARIF 2.1.0: all rules declared, fixes included, fingerprints that survive edits."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence

from compiler.findings.codes import CODES, Code
from compiler.findings.diagnostics import Diagnostic, Fix, Severity
from compiler.findings.source import Source, Span

Json = dict[str, object]

_SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_INDEX = {entry.code: index for index, entry in enumerate(CODES)}
_IDENTITY = re.compile(r"^(?:id|name):[ \t]*([^#\n]+)", re.MULTILINE)


def render_sarif(results: Sequence[tuple[Source, Sequence[Diagnostic]]]) -> str:
    """Return one SARIF run over all files."""
    found: list[Json] = []
    for source, diagnostics in results:
        fingerprints = _Fingerprints(source)
        for diagnostic in diagnostics:
            found.append(_result(source, diagnostic, fingerprints.of(diagnostic)))
    driver: Json = {"name": "ideacard", "rules": [_rule(entry) for entry in CODES]}
    run: Json = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": found,
    }
    document = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _rule(entry: Code) -> Json:
    return {
        "id": entry.code,
        "name": entry.name,
        "shortDescription": {"text": entry.summary},
        "defaultConfiguration": {"level": _LEVELS[entry.severity]},
    }


def _result(source: Source, d: Diagnostic, fingerprint: str) -> Json:
    message = d.message + (f"\nhelp: {d.help}" if d.help else "")
    result: Json = {
        "ruleId": d.code,
        "level": _LEVELS[d.severity],
        "message": {"text": message},
        "locations": [_location(source, d.span)],
        "partialFingerprints": {"ideacard/v1": fingerprint},
    }
    if d.code in _INDEX:
        result["ruleIndex"] = _INDEX[d.code]
    if d.labels:
        result["relatedLocations"] = [
            {**_location(source, label.span), "message": {"text": label.message}}
            for label in d.labels
        ]
    if d.fix:
        result["fixes"] = [_fix(source, d.fix)]
    return result


class _Fingerprints:
    """Names findings by card, rule and what they point at, not by line; repeats are counted."""

    def __init__(self, source: Source) -> None:
        card = _IDENTITY.search(source.text)
        self._source = source
        self._card = card.group(1).strip().strip("'\"") if card else source.path
        self._seen: Counter[str] = Counter()

    def of(self, d: Diagnostic) -> str:
        words = " ".join(self._source.slice(d.span).split())
        key = "\0".join((self._card, d.code, words, d.message))
        self._seen[key] += 1
        digest = hashlib.sha256(f"{key}\0{self._seen[key]}".encode(errors="replace"))
        return digest.hexdigest()[:32]


def _location(source: Source, span: Span) -> Json:
    place: Json = {"artifactLocation": _artifact(source), "region": _region(source, span)}
    return {"physicalLocation": place}


def _artifact(source: Source) -> Json:
    return {"uri": source.path.replace("\\", "/").replace("%", "%25").replace(" ", "%20")}


def _region(source: Source, span: Span) -> Json:
    start, end = source.location(span.start), source.location(span.end)
    return {
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": span.start,
        "charLength": span.end - span.start,
    }


def _fix(source: Source, fix: Fix) -> Json:
    replacements = [
        {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}}
        for edit in fix.edits
    ]
    change = {"artifactLocation": _artifact(source), "replacements": replacements}
    words = fix.title if fix.safe else f"{fix.title} (may change what the card does)"
    return {"description": {"text": words}, "artifactChanges": [change]}
