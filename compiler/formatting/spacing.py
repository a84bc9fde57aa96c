"""One way to put white space: around operators, none at the ends of lines, one line break at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from compiler.catalog.operations import RESERVED_FUNCTIONS
from compiler.expressions.expected import is_operand_end
from compiler.expressions.grammar import tokens_of
from compiler.expressions.read import parse_expression
from compiler.expressions.tokens import Token
from compiler.findings.diagnostics import Edit
from compiler.findings.source import Span
from compiler.formatting.expression_places import expressions, scalars
from compiler.text.nodes import Mapping
from compiler.text.places import Style

_TRAILING = re.compile(r"[ \t]+(?=\r?\n|\Z)")
_QUOTES = {Style.PLAIN: "", Style.SINGLE: "'", Style.DOUBLE: '"'}
_CALLED = frozenset({"NAME", *(name.upper() for name in RESERVED_FUNCTIONS)})


def spaced(text: str) -> str:
    """Return an expression with one space around operators and words; its parentheses stay.

    A text that is no expression is returned as it is.
    """
    before = parse_expression(text)
    if before.errors or before.expr is None:
        return text
    tokens = tokens_of(text)
    made = "" if not tokens else tokens[0].value
    for i, (left, right) in enumerate(pairwise(tokens)):
        before_left = tokens[i - 1] if i else None
        made += (" " if _apart(before_left, left, right) else "") + right.value
    after = parse_expression(made)
    return made if after.expr == before.expr and not after.errors else text


def _apart(before: Token | None, left: Token, right: Token) -> bool:
    if right.type in ("RPAR", "RSQB", "COMMA", "PCT", "SUFFIX") or left.type in ("LPAR", "LSQB"):
        return False
    if left.type == "MINUS":
        return is_operand_end(before)
    if right.type == "LPAR":
        return left.type not in _CALLED
    if right.type == "LSQB":
        return not is_operand_end(left)
    return True


def spacing(text: str, root: Mapping) -> Iterator[tuple[Edit, ...]]:
    """Yield what has to change, each edit on its own."""
    for scalar in expressions(text, root):
        quote = _QUOTES.get(scalar.style)
        if quote is None or scalar.raw != f"{quote}{scalar.text}{quote}" or "\n" in scalar.raw:
            continue  # a text of several lines, or with escapes: its author's own layout
        made = spaced(scalar.text)
        if made != scalar.text:
            yield (Edit(scalar.span, f"{quote}{made}{quote}"),)
    yield from _ends(text, root)


def _ends(text: str, root: Mapping) -> Iterator[tuple[Edit, ...]]:
    long = [s.span for s in scalars(root) if "\n" in s.raw]
    for match in _TRAILING.finditer(text):
        span = Span(match.start(), match.end())
        if not any(s.start < span.end and span.start < s.end for s in long):
            yield (Edit(span, ""),)
    if text and not text.endswith("\n") and not _ends_with_text(text, root):
        yield (Edit(Span(len(text), len(text)), "\n"),)
    body = text.rstrip()
    if len(text) - len(body) > 1 and text[len(body) :].count("\n") > 1:
        if not _ends_with_text(text, root):
            first = text.index("\n", len(body)) + 1
            yield (Edit(Span(first, len(text)), ""),)


def _ends_with_text(text: str, root: Mapping) -> bool:
    """Return whether the last thing is a `|` or `>` text, whose line breaks may mean something."""
    written = list(scalars(root))
    if not written or written[-1].style not in (Style.FOLDED, Style.LITERAL):
        return False
    last = written[-1]
    return not text[last.span.end :].strip()
