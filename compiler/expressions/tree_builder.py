"""What the parser makes of each rule of `grammar.lark`: nodes of the syntax tree with their places.

Tokens carry places of the file already, so a node covers what its parts cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from compiler.expressions.tokens import Token
from compiler.findings.source import Span
from compiler.syntax import expr as e
from compiler.syntax.reserved import is_field

Parts = Sequence[Any]  # tokens and nodes, as the rule lists them


@dataclass(frozen=True, slots=True)
class Group:
    """An operand in parentheses: it keeps its own place, what it is part of covers them too."""

    inner: e.Expr
    span: Span


@dataclass(frozen=True, slots=True)
class _PercentOf:
    """`=tolerance%`"""

    param: e.ParamRef
    span: Span


def place_of(part: Any) -> Span:
    """Return the place of a token or a node."""
    span = getattr(part, "span", None)
    return span if span is not None else Span(part.start, part.end)


def _cover(parts: Parts) -> Span:
    return place_of(parts[0]).cover(place_of(parts[-1]))


def _bare(parts: Parts) -> list[Any]:
    return [part.inner if isinstance(part, Group) else part for part in parts]


def number_of(text: str, span: Span) -> e.Number:
    """Return the number that a literal spells."""
    digits = text.replace("_", "")
    return e.Number(float(digits), digits.isdigit(), span=span)


def name_of(text: str, span: Span) -> e.Name:
    """Split `head.field@timeframe`; everything behind the first dot is the field."""
    rest, _, timeframe = text.partition("@")
    head, _, field = rest.partition(".")
    return e.Name(head, field or None, timeframe or None, span=span)


def order_builtin_of(name: str, ref: str, span: Span) -> e.Expr:
    """Return the builtin of one order, as a dotted name where that can be written."""
    if is_field(ref):
        return e.Name(name, ref, span=span)
    return e.BuiltinRef(name, ref, span=span)


class TreeBuilder:
    """One method per rule or alias of the grammar; stateless."""

    def any_of(self, parts: Parts) -> e.Expr:
        return e.Any(tuple(_bare(parts[::2])), span=_cover(parts))

    def all_of(self, parts: Parts) -> e.Expr:
        return e.All(tuple(_bare(parts[::2])), span=_cover(parts))

    def negation(self, parts: Parts) -> e.Expr:
        return e.Not(_bare(parts)[1], span=_cover(parts))

    # ------------------------------------------------------------ windows

    def holds(self, parts: Parts) -> e.Expr:
        operand, _, length = _bare(parts)
        return e.Window(e.WindowKind.HOLDS, length, operand, span=_cover(parts))

    def occurred(self, parts: Parts) -> e.Expr:
        operand, _, _, length = _bare(parts)
        return e.Window(e.WindowKind.OCCURRED, length, operand, span=_cover(parts))

    def counted(self, parts: Parts) -> e.Expr:
        operand, _, _, count, _, _, length = _bare(parts)
        return e.Window(e.WindowKind.COUNT, length, operand, count, span=_cover(parts))

    def bars(self, parts: Parts) -> e.Length:
        return e.Length(parts[0], span=_cover(parts))

    def duration(self, parts: Parts) -> e.Length:
        return e.Length(None, str(parts[0]).lower(), span=_cover(parts))

    # ------------------------------------------------------------ comparisons

    def compare(self, parts: Parts) -> e.Expr:
        left, op, right = _bare(parts)
        return e.Compare(
            e.CompareOp(str(op)), left, right, span=_cover(parts), op_span=place_of(op)
        )

    def between(self, parts: Parts) -> e.Expr:
        operand, _, low, _, high = _bare(parts)
        return e.Between(operand, low, high, span=_cover(parts))

    def in_list(self, parts: Parts) -> e.Expr:
        nodes = _bare(parts)
        return e.In(nodes[0], tuple(nodes[3:-1:2]), span=_cover(parts))

    def near(self, parts: Parts) -> e.Expr:
        left, _, right, _, tolerance = _bare(parts)
        kind = e.ToleranceKind.ABSOLUTE
        place = place_of(parts[4])
        if isinstance(tolerance, e.Percent):
            kind = e.ToleranceKind.PERCENT
        elif isinstance(tolerance, _PercentOf):
            kind, tolerance = e.ToleranceKind.PERCENT, tolerance.param
        return e.Near(left, right, tolerance, kind, span=_cover(parts), tolerance_span=place)

    def crosses(self, parts: Parts) -> e.Expr:
        left, _, direction, right = _bare(parts)
        return e.Cross(e.Direction(str(direction)), left, right, span=_cover(parts))

    def is_missing(self, parts: Parts) -> e.Expr:
        return e.IsMissing(_bare(parts)[0], len(parts) == 4, span=_cover(parts))

    # ------------------------------------------------------------ numbers

    def arith(self, parts: Parts) -> e.Expr:
        left, op, right = _bare(parts)
        return e.Arith(e.ArithOp(str(op)), left, right, span=_cover(parts))

    def negate(self, parts: Parts) -> e.Expr:
        operand, span = _bare(parts)[1], _cover(parts)
        if isinstance(operand, e.Number) and operand.value >= 0:
            return replace(operand, value=0.0 - operand.value, span=span)
        return e.Negate(operand, span=span)

    def default(self, parts: Parts) -> e.Expr:
        value, _, fallback = _bare(parts)
        return e.Default(value, fallback, span=_cover(parts))

    def offset(self, parts: Parts) -> e.Expr:
        return e.Offset(_bare(parts)[0], int(str(parts[2]).replace("_", "")), span=_cover(parts))

    def percent(self, parts: Parts) -> e.Expr:
        text = str(parts[0]).rstrip("% \t").replace("_", "")
        return e.Percent(float(text), span=_cover(parts))

    def param_percent(self, parts: Parts) -> _PercentOf:
        return _PercentOf(self.param(parts[:1]), _cover(parts))

    def call(self, parts: Parts) -> e.Expr:
        function: Token = parts[0]
        return e.Call(
            str(function),
            tuple(_bare(parts[2:-1:2])),
            span=_cover(parts),
            name_span=place_of(function),
        )

    # ------------------------------------------------------------ atoms

    def name(self, parts: Parts) -> e.Expr:
        return name_of(str(parts[0]), place_of(parts[0]))

    def word(self, parts: Parts) -> e.Expr:
        return e.Name(str(parts[0])[1:-1], span=place_of(parts[0]))

    def number(self, parts: Parts) -> e.Number:
        return number_of(str(parts[0]), place_of(parts[0]))

    def param(self, parts: Parts) -> e.ParamRef:
        return e.ParamRef(str(parts[0])[1:], span=place_of(parts[0]))

    def truth(self, parts: Parts) -> e.Expr:
        return e.Bool(str(parts[0]) == "true", span=place_of(parts[0]))

    def order_builtin(self, parts: Parts) -> e.Expr:
        ref = str(parts[2])
        return order_builtin_of(str(parts[0]), ref.strip("\"'"), _cover(parts))

    def group(self, parts: Parts) -> Group:
        return Group(_bare(parts)[1], _cover(parts))
