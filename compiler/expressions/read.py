"""The string form of conditions and numbers: text to syntax tree.

INVARIANT: any text gives a tree or errors, never an exception; time is linear in the text; no tree
is deeper than MAX_DEPTH, so that later stages may recurse.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

from compiler.expressions.calls import mended_calls
from compiler.expressions.errors import ExpressionError
from compiler.expressions.grammar import accepted_after, feed, tokens_of
from compiler.expressions.repair import mend
from compiler.expressions.tokens import Token
from compiler.expressions.tree_builder import Group, days_of, minutes_of, name_of, number_of
from compiler.findings.source import Span
from compiler.syntax import expr as e
from compiler.syntax.reserved import RESERVED_WORDS
from compiler.syntax.walker import children

MAX_DEPTH = 64
MAX_LENGTH = 20_000
MAX_ERRORS = 8
_LONGEST_NUMBER = 400
_DAY = 24 * 60
# What needs no grammar: most operands of the structured form are of one of these shapes.
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*\Z")
_INTEGER = re.compile(r"(?:0|[1-9][0-9]{0,14})\Z")
_TUNABLE = re.compile(r"\s*=\s*([A-Za-z_][A-Za-z0-9_]*)\s*\Z")

Place = Callable[[int, int], Span]


@dataclass(frozen=True, slots=True)
class ParsedExpression:
    """With errors `expr` is what was most probably meant, None if nobody can tell."""

    expr: e.Expr | None
    errors: tuple[ExpressionError, ...] = ()


def parse_expression(text: str, place: Place = Span) -> ParsedExpression:
    """Parse one expression; `place` maps characters of the text to the places nodes carry."""
    if simple := _simple(text, place):
        return ParsedExpression(simple)
    if not text.strip():
        return _refused(0, len(text), "expected an expression, found nothing")
    if len(text) > MAX_LENGTH:
        return _refused(0, 1, f"an expression of more than {MAX_LENGTH} characters")
    return _parse(text, place)


def _refused(start: int, end: int, message: str) -> ParsedExpression:
    return ParsedExpression(None, (ExpressionError(start, end, message),))


def _simple(text: str, place: Place) -> e.Expr | None:
    if _NAME.match(text) and text not in RESERVED_WORDS:
        return name_of(text, place(0, len(text)))
    if _INTEGER.match(text):
        return number_of(text, place(0, len(text)))
    if found := _TUNABLE.match(text):
        return e.ParamRef(found[1], span=place(*found.span(1)))
    return None


def _parse(text: str, place: Place) -> ParsedExpression:
    tokens = tokens_of(text)
    if refused := _too_large(tokens):
        return ParsedExpression(None, (refused,))
    mended, errors = mended_calls(text, tokens)
    tree = None
    while mended is not None and len(errors) <= MAX_ERRORS:
        tree, unexpected = feed(mended, place)
        if unexpected is None:
            break
        mending = mend(text, mended, unexpected, accepted_after(mended[:unexpected]))
        errors.append(mending.error)
        mended = mending.tokens
    if tree is None:
        return ParsedExpression(None, tuple(errors))
    expr: e.Expr = tree.inner if isinstance(tree, Group) else tree
    if is_too_deep(expr):
        end = len(text.rstrip())
        deep = ExpressionError(0, end, f"more than {MAX_DEPTH} operators inside each other")
        return ParsedExpression(None, (*errors, deep))
    return ParsedExpression(expr, tuple(errors))


def is_too_deep(expr: e.Expr) -> bool:
    """Return whether an expression nests deeper than MAX_DEPTH, without recursion."""
    level: list[e.Expr] = [expr]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in children(node)]
        if not level:
            return False
    return True


def _too_large(tokens: list[Token]) -> ExpressionError | None:
    """Parentheses that nest too deep, and numbers beyond what can be computed with."""
    depth = 0
    for token in tokens:
        start, end = token.start, token.end
        if token.type in ("LPAR", "LSQB"):
            depth += 1
            if depth > MAX_DEPTH:
                message = f"more than {MAX_DEPTH} parentheses inside each other"
                return ExpressionError(start, end, message)
        elif token.type in ("RPAR", "RSQB"):
            depth -= 1
        elif token.type in ("NUMBER", "PERCENT", "AMOUNT"):
            digits = token.value.rstrip("% \tabcdeikstu").replace("_", "")
            if len(digits) > _LONGEST_NUMBER or not math.isfinite(float(digits)):
                return ExpressionError(start, end, "a number too large to compute with")
    return _bad_offset(tokens) or next(filter(None, map(_bad_time, tokens)), None)


def _bad_time(token: Token) -> ExpressionError | None:
    """Days and times that there are not: `2025-02-30`, `24:30`, a span of nothing."""
    message = None
    if token.type == "DATE" and days_of(token.value) is None:
        message = f"there is no day `{token}`"
    elif token.type == "CLOCK" and minutes_of(token.value) > _DAY:
        message = "a time is `00:00` to `24:00`"
    elif token.type == "CLOCK_RANGE":
        start, end = (minutes_of(text) for text in token.value.split("-"))
        if max(start, end) > _DAY:
            message = "a time is `00:00` to `24:00`"
        elif start == end:
            message = "a span of the day ends at another time than it begins"
    return None if message is None else ExpressionError(token.start, token.end, message)


def _bad_offset(tokens: list[Token]) -> ExpressionError | None:
    """`x[1.5]`; behind `in` brackets hold a list."""
    for before, opening, number in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if opening.type == "LSQB" and before.type != "IN" and number.type == "NUMBER":
            if not number.value.replace("_", "").isdigit():
                start, end = number.start, number.end
                message = f"`[n]` looks back a whole number of bars, found `{number}`"
                return ExpressionError(start, end, message)
    return None
