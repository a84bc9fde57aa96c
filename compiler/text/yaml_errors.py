"""What the YAML parser complains about, said for somebody who writes cards."""

from __future__ import annotations

import re

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Source, Span
from compiler.text.cut_expressions import cut_at_bracket

# (words in the parser's message, what it means, help); the first that matches wins.
_SENTENCES: tuple[tuple[str, str, str | None], ...] = (
    (
        "mapping values are not allowed",
        "`: ` cannot stand inside an unquoted text",
        "quote the text, or check the indentation of this line",
    ),
    (
        "sequence entries are not allowed",
        "a list item cannot start here",
        "put `- ` on a line of its own, below the key",
    ),
    ("unexpected end of stream", "the quote that starts here is never closed", None),
    ("unexpected document separator", "the quote that starts here is never closed", None),
    (
        "unknown escape character",
        "`\\` with this letter means nothing inside double quotes",
        "use single quotes, or write `\\\\` for a backslash",
    ),
    ("could not find expected ':'", "this line has no `key: value`", "indent it, or add the `:`"),
    ("expected ',' or '}'", "this `{` is not closed, or a `,` is missing", None),
    ("expected ',' or ']'", "this `[` is not closed, or a `,` is missing", None),
    ("undefined alias", "this alias has no anchor", None),
    (
        "did not find expected key",
        "this line does not fit what stands above it",
        "check the indentation; a comment ends an unquoted text, so no text may follow it",
    ),
    (
        "did not find expected '-'",
        "this line does not fit the list above it",
        "start it with `- ` or change its indentation",
    ),
    (
        "expected <block end>",
        "this line does not fit what stands above it",
        "check the indentation; a comment ends an unquoted text, so no text may follow it",
    ),
    ("expected node content", "a value is missing here", None),
    ("expected the node content", "a value is missing here", None),
)
# `[ema[1] > 2` or `{a: ema[1] > 2`: behind the look back YAML expects a comma.
_LOOK_BACK = re.compile(r"(?:[\[{,]|[:-][ ])[ ]*([A-Za-z_][\w.@]*\[[0-9]{1,9}\])[ ]*\Z")
_AT_CONTEXT = ("unexpected end of stream", "unexpected document separator", "',' or")


def yaml_finding(
    source: Source, problem: str, at: int, context: int | None, cut_text: Span | None
) -> Diagnostic:
    """Return the finding for a parser error at offset `at`.

    `cut_text` is the unquoted text in front of the error where that stands inside `{}` or `[]`.
    """
    text = source.text
    at = min(at, len(text))
    if cut_text is not None and text[at : at + 1] == "[" and not text[cut_text.end : at].strip():
        return cut_at_bracket(source, cut_text)
    if "cannot start any token" in problem:
        look_back = _LOOK_BACK.search(text[max(0, at - 200) : at])
        if look_back:
            start = max(0, at - 200) + look_back.start(1)
            return cut_at_bracket(source, Span(start, at))
        return _bad_start(text, at)
    behind = text[text.rfind("\n", 0, at) + 1 : at].rstrip()[-1:]
    if behind in ("'", '"') and "escape" not in problem:
        message = "text goes on behind the closing quote"
        advice = "quote the whole of it: double quotes outside, single quotes inside"
        return finding("IC100", message, _one(text, at), help=advice)
    for words, meaning, help in _SENTENCES:
        if words in problem:
            if context is not None and any(mark in words for mark in _AT_CONTEXT):
                at = context
            return finding("IC100", meaning, _one(text, at), help=help)
    return finding("IC100", f"not valid YAML: {problem or 'unreadable'}", _one(text, at))


def _bad_start(text: str, at: int) -> Diagnostic:
    char = text[at : at + 1]
    if char == "\t":
        message, help = "a tab cannot indent a line", "indent with spaces"
    else:
        message, help = f"an unquoted text cannot start with `{char}`", "quote the text"
    return finding("IC100", message, _one(text, at), help=help)


def _one(text: str, at: int) -> Span:
    """One character, stepping back from the end of a line or of the file to something visible."""
    while at > 0 and (at >= len(text) or text[at] in "\r\n"):
        at -= 1
    return Span(at, min(at + 1, len(text)))
