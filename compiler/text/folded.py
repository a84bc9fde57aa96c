"""`#` inside a `>` or `|` text: it looks like a comment and is text."""

from __future__ import annotations

import re

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Edit, Fix
from compiler.findings.source import Span
from compiler.text.nodes import Scalar
from compiler.text.places import Style

# Prose may contain a `#`; everything else in a block text is an expression.
PROSE = frozenset({"description", "name", "reason"})
_COMMENT = re.compile(r"[ \t]+#[^\n\r\x85\u2028\u2029]*")


def check_comments(scalar: Scalar, key: str, found: list[Diagnostic]) -> Scalar:
    """Report comments inside a block text and return it without them."""
    if scalar.style not in (Style.FOLDED, Style.LITERAL) or key in PROSE or "#" not in scalar.text:
        return scalar
    header = re.search(r"[\n\r\x85\u2028\u2029]", scalar.raw)
    comments = list(_COMMENT.finditer(scalar.raw, header.start() if header else 0))
    if not comments:
        return scalar
    base = scalar.span.start
    spans = [Span(base + m.start(), base + m.end()) for m in comments]
    first = comments[0]
    shown = Span(base + first.start() + first.group().index("#"), base + first.end())
    found.append(
        finding(
            "IC105",
            "`#` does not start a comment inside a `>` or `|` text",
            shown,
            help="put the comment above the key",
            fix=Fix("delete the comment (a guess)", tuple(Edit(s, "") for s in spans), safe=False),
        )
    )
    return _without(scalar, comments)


def _without(scalar: Scalar, comments: list[re.Match[str]]) -> Scalar:
    """Blank the comments out, in the file's text and in the value alike."""
    raw: list[str] = []
    text: list[str] = []
    raw_at = text_at = 0
    for comment in comments:
        words = comment.group().lstrip()
        found = scalar.text.find(words, text_at)
        if found < 0:  # the text does not repeat the comment as written: leave it to the expression
            return scalar
        raw += (scalar.raw[raw_at : comment.start()], " " * len(comment.group()))
        raw_at = comment.end()
        text += (scalar.text[text_at:found], " " * len(words))
        text_at = found + len(words)
    whole = "".join(text) + scalar.text[text_at:]
    return Scalar(whole, whole, scalar.style, scalar.span, "".join(raw) + scalar.raw[raw_at:])
