"""What the parser makes of each rule of `grammar.lark`: nodes of the syntax tree with their places.

Tokens carry places of the file already, so a node covers what its parts cover.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from compiler.catalog.calls import ORDER_BUILTINS
from compiler.expressions.tokens import Token
from compiler.findings.source import Span
from compiler.syntax import expr as e
from compiler.syntax.amounts import AmountUnit
from compiler.syntax.reserved import is_field

Parts = Sequence[Any]  # tokens and nodes, as the rule lists them


@dataclass(frozen=True, slots=True)
class Group:
    """An operand in parentheses: it keeps its own place, what it is part of covers them too."""

    inner: e.Expr
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


def days_of(text: str) -> int | None:
    """Return `YYYY-MM-DD` as days since 1970-01-01, None where there is no such day."""
    try:
        return date.fromisoformat(text).toordinal() - date(1970, 1, 1).toordinal()
    except ValueError:
        return None


def _ref_of(name: e.Name) -> str:
    """Return the ref of an order that was read as a name: `a.b` is a ref, too."""
    text = name.head if name.field is None else f"{name.head}.{name.field}"
    return text if name.timeframe is None else f"{text}@{name.timeframe}"


def order_builtin_of(name: str, ref: str, span: Span) -> e.Expr:
    """Return the builtin of one order, as a dotted name where that can be written."""
    if is_field(ref):
        return e.Name(name, ref, span=span)
    return e.BuiltinRef(name, ref, span=span)


def minutes_of(text: str) -> int:
    """Return `HH:MM` as minutes since 00:00."""
    hours, _, minutes = text.strip().partition(":")
    return int(hours) * 60 + int(minutes)


def _suffix_of(text: str) -> tuple[str | None, str | None]:
    """Split `.field@timeframe`."""
    field, _, timeframe = text.partition("@")
    return field[1:] or None, timeframe or None


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
        elif isinstance(tolerance, e.PercentParam):
            kind, tolerance = e.ToleranceKind.PERCENT, tolerance.param
        return e.Near(left, right, tolerance, kind, span=_cover(parts), tolerance_span=place)

    def crosses(self, parts: Parts) -> e.Expr:
        left, _, *direction, right = _bare(parts)
        way = e.Direction(str(direction[0])) if direction else e.Direction.EITHER
        return e.Cross(way, left, right, span=_cover(parts))

    def is_missing(self, parts: Parts) -> e.Expr:
        return e.IsMissing(_bare(parts)[0], len(parts) == 4, span=_cover(parts))

    def is_state(self, parts: Parts) -> e.Expr:
        words = str(parts[1]).split()
        state = e.State(words[-1])
        return e.IsState(_bare(parts)[0], state, len(words) == 3, span=_cover(parts))

    def in_clock(self, parts: Parts) -> e.Expr:
        start, end = (minutes_of(text) for text in str(parts[2]).split("-"))
        return e.InClock(_bare(parts)[0], start, end, span=_cover(parts))

    def sequence(self, parts: Parts) -> e.Expr:
        first, _, second, _, length = _bare(parts)
        return e.Sequence(first, second, length, span=_cover(parts))

    def choice(self, parts: Parts) -> e.Expr:
        value, _, condition, _, other = _bare(parts)
        return e.Choice(condition, value, other, span=_cover(parts))

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

    def param_percent(self, parts: Parts) -> e.PercentParam:
        return e.PercentParam(self.param(parts[:1]), span=_cover(parts))

    def part(self, parts: Parts) -> e.Expr:
        percent, _, of = _bare(parts)
        return e.Part(percent, of, span=_cover(parts))

    def max_word(self, parts: Parts) -> e.Expr:
        return e.Name("max", span=place_of(parts[0]))

    def amount(self, parts: Parts) -> e.Expr:
        text, span = str(parts[0]).strip(), place_of(parts[0])
        number = text.rstrip("abceikstdu").rstrip()
        word = text[len(number) :].strip()
        unit = AmountUnit.TICKS if word == "tick" else AmountUnit(word)
        if number.startswith("="):
            return e.Amount(e.ParamRef(number[1:], span=span), unit, span=span)
        return e.Amount(number_of(number, span), unit, span=span)

    def bar_count(self, parts: Parts) -> e.Expr:
        return e.Amount(self.number(parts[:1]), AmountUnit.BARS, span=_cover(parts))

    def span_of_time(self, parts: Parts) -> e.Expr:
        text, span = str(parts[0]).lower(), place_of(parts[0])
        return e.Amount(number_of(text[:-1], span), AmountUnit(text[-1]), span=span)

    def risk(self, parts: Parts) -> e.Expr:
        last = parts[-1]
        is_other = isinstance(last, Token) and last.type == "NAME" and str(last) != "equity"
        of = e.Name(str(last), span=place_of(last)) if is_other else None
        return e.Risk(parts[1], of, span=_cover(parts))

    def rest(self, parts: Parts) -> e.Expr:
        return e.Rest(span=place_of(parts[0]))

    def clock(self, parts: Parts) -> e.Expr:
        return e.Clock(minutes_of(str(parts[0])), span=_cover(parts))

    def date(self, parts: Parts) -> e.Expr:
        return e.Day(days_of(str(parts[0])) or 0, span=_cover(parts))

    def quoted_name(self, parts: Parts) -> e.Expr:
        field, timeframe = _suffix_of(str(parts[1]))
        return e.Name(str(parts[0])[1:-1], field, timeframe, span=_cover(parts))

    def function(self, parts: Parts) -> Token:
        token: Token = parts[0]
        return token

    def call(self, parts: Parts) -> e.Expr:
        name: Token = parts[0]
        last = parts[-1]
        suffix = str(last) if isinstance(last, Token) and last.type == "SUFFIX" else ""
        args = tuple(_bare(parts[2 : -2 if suffix else -1 : 2]))
        if str(name) in ORDER_BUILTINS and len(args) == 1 and isinstance(args[0], e.Name):
            return order_builtin_of(str(name), _ref_of(args[0]), _cover(parts))
        field, timeframe = _suffix_of(suffix)
        where = {"span": _cover(parts), "name_span": place_of(name)}
        return e.Call(str(name), args, field, timeframe, **where)

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

    def group(self, parts: Parts) -> Group:
        return Group(_bare(parts)[1], _cover(parts))
