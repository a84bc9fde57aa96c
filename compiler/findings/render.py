"""Findings as text for people and tools. Pure: the same findings give the same text."""

from __future__ import annotations

from collections.abc import Sequence

from compiler.findings.codes import CODES
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.findings.render_json import render_json
from compiler.findings.render_sarif import render_sarif
from compiler.findings.render_text import render_text
from compiler.findings.source import Source

__all__ = ["FORMATS", "render", "render_concise", "render_github", "render_json"]
__all__ += ["render_sarif", "render_text"]

Results = Sequence[tuple[Source, Sequence[Diagnostic]]]
FORMATS = ("text", "concise", "json", "sarif", "github")
_NAMES = {entry.code: entry.name for entry in CODES}
_GITHUB_LEVELS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.INFO: "notice",
}


def render(form: str, results: Results, *, colour: bool = False) -> str:
    """Return all findings in one of `FORMATS`; `colour` only matters to `text`."""
    match form:
        case "text":
            return render_text(results, colour=colour)
        case "concise":
            return render_concise(results)
        case "json":
            return render_json(results)
        case "sarif":
            return render_sarif(results)
        case "github":
            return render_github(results)
        case _:
            raise ValueError(f"unknown format {form!r}, one of {', '.join(FORMATS)}")


def render_concise(results: Results) -> str:
    """Return one line per finding."""
    lines: list[str] = []
    for source, diagnostics in results:
        for d in diagnostics:
            where = source.location(d.span.start)
            lines.append(
                f"{source.path}:{where.line}:{where.column}: "
                f"{d.severity} {d.code} {_NAMES.get(d.code, '')}: {d.message}"
            )
    return "".join(line + "\n" for line in lines)


def render_github(results: Results) -> str:
    """Return workflow commands, which GitHub shows beside the line of a pull request."""
    lines: list[str] = []
    for source, diagnostics in results:
        for d in diagnostics:
            start, end = source.location(d.span.start), source.location(d.span.end)
            place = f"file={_property(source.path)},line={start.line},col={start.column}"
            if end.line == start.line:
                place += f",endLine={end.line},endColumn={end.column}"
            title = _property(f"{d.code} {_NAMES.get(d.code, '')}")
            message = d.message + (f"\nhelp: {d.help}" if d.help else "")
            lines.append(f"::{_GITHUB_LEVELS[d.severity]} {place},title={title}::{_data(message)}")
    return "".join(line + "\n" for line in lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
