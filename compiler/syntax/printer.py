"""The canonical text of an expression, with no parenthesis that the grammar does not need.

The law: `parse_expression(print_expression(tree)).expr == to_names(tree)`, spans aside.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from enum import IntEnum
from typing import assert_never

from compiler.syntax import expr as e
from compiler.syntax.amounts import TIMES, AmountUnit
from compiler.syntax.reserved import RESERVED_WORDS, is_field, is_identifier, is_timeframe_suffix


class _Strength(IntEnum):
    """How tight a form binds."""

    CHOICE = 0  # a choice or a sequence
    OR = 1
    AND = 2
    NOT = 3
    WINDOW = 4
    COMPARISON = 5
    SUM = 6
    PRODUCT = 7
    UNARY = 8
    DEFAULT = 9
    POSTFIX = 10
    ATOM = 11


def print_expression(expr: e.Expr) -> str:
    """Return the text of an expression; structured references become their names."""
    return _text(to_names(expr), _Strength.CHOICE)


def print_lines(expr: e.Expr) -> list[str]:
    """Return the text in lines that end with the `and` or `or` it is made of; one line for others."""
    named = to_names(expr)
    if not isinstance(named, e.All | e.Any) or len(named.items) < 2:
        return [_text(named, _Strength.CHOICE)]
    word, least = ("and", _Strength.NOT) if isinstance(named, e.All) else ("or", _Strength.AND)
    items = [_text(item, least) for item in named.items]
    return [*(f"{item} {word}" for item in items[:-1]), items[-1]]


def to_names(expr: e.Expr) -> e.Expr:
    """Return the normal form of a tree: what its text reads back as.

    `{feature_id: …}`, `{builtin: …}` and `{var: …}` become names, a list of one its item, and a
    minus in front of a number part of the number.
    """
    match expr:
        case e.FeatureRef():
            head, _, timeframe = expr.feature_id.partition("@")
            return e.Name(head, expr.field, timeframe or None, span=expr.span)
        case e.BuiltinRef():
            return _builtin_name(expr)
        case e.VarRef():
            return e.Name(expr.name, span=expr.span)
        case e.All() | e.Any():
            items = tuple(to_names(item) for item in expr.items)
            return items[0] if len(items) == 1 else replace(expr, items=items)
        case e.Negate():
            operand = to_names(expr.operand)
            if isinstance(operand, e.Number) and operand.value >= 0:
                return replace(operand, value=0.0 - operand.value, span=expr.span)
            return replace(expr, operand=operand)
        case (e.Number() | e.Percent() | e.Bool() | e.Name() | e.ParamRef() | e.PercentParam()) | (
            e.Amount() | e.Risk() | e.Rest() | e.Clock() | e.Day()
        ):
            return expr
        case _:
            return _map_operands(expr)


def _builtin_name(expr: e.BuiltinRef) -> e.Expr:
    head, _, timeframe = expr.name.partition("@")
    if expr.ref is None:
        return e.Name(head, None, timeframe or None, span=expr.span)
    if is_field(expr.ref):
        return e.Name(head, expr.ref, timeframe or None, span=expr.span)
    return expr


_Compound = (
    e.Offset
    | e.Arith
    | e.Call
    | e.Default
    | e.IsMissing
    | e.Compare
    | e.Between
    | e.In
    | e.Near
    | e.Cross
    | e.Not
    | e.Window
    | e.Choice
    | e.Sequence
    | e.IsState
    | e.InClock
    | e.Part
)


def _map_operands(expr: _Compound) -> e.Expr:
    match expr:
        case e.Offset() | e.IsMissing() | e.Not() | e.Window() | e.IsState() | e.InClock():
            return replace(expr, operand=to_names(expr.operand))
        case e.Arith() | e.Compare() | e.Cross():
            return replace(expr, left=to_names(expr.left), right=to_names(expr.right))
        case e.Call():
            return replace(expr, args=tuple(to_names(arg) for arg in expr.args))
        case e.Default():
            return replace(expr, value=to_names(expr.value), fallback=to_names(expr.fallback))
        case e.Choice():
            value, other = to_names(expr.value), to_names(expr.other)
            return replace(expr, condition=to_names(expr.condition), value=value, other=other)
        case e.Sequence():
            return replace(expr, first=to_names(expr.first), second=to_names(expr.second))
        case e.Part():
            return replace(expr, of=to_names(expr.of))
        case e.Between():
            low, high = to_names(expr.low), to_names(expr.high)
            return replace(expr, operand=to_names(expr.operand), low=low, high=high)
        case e.In():
            items = tuple(to_names(item) for item in expr.items)
            return replace(expr, operand=to_names(expr.operand), items=items)
        case e.Near():
            left, right = to_names(expr.left), to_names(expr.right)
            return replace(expr, left=left, right=right, tolerance=to_names(expr.tolerance))
        case _:
            assert_never(expr)


# ---------------------------------------------------------------- text


def _text(expr: e.Expr, least: _Strength) -> str:
    """Return the text, in parentheses if the form binds less tight than `least`."""
    text, level = _form(expr)
    return f"({text})" if level < least else text


def _form(expr: e.Expr) -> tuple[str, _Strength]:
    match expr:
        case e.All():
            return _joined(expr.items, "and", _Strength.NOT)
        case e.Any():
            return _joined(expr.items, "or", _Strength.AND)
        case e.Not():
            return f"not {_text(expr.operand, _Strength.NOT)}", _Strength.NOT
        case e.Window():
            return f"{_text(expr.operand, _Strength.WINDOW)} {_suffix(expr)}", _Strength.WINDOW
        case (e.Compare() | e.Between() | e.In() | e.Near() | e.Cross() | e.IsMissing()) | (
            e.IsState() | e.InClock()
        ):
            return _comparison(expr), _Strength.COMPARISON
        case e.Choice():
            value, condition = _text(expr.value, _Strength.OR), _text(expr.condition, _Strength.OR)
            other = _text(expr.other, _Strength.CHOICE)
            return f"{value} if {condition} else {other}", _Strength.CHOICE
        case e.Sequence():
            # A chain nests to the left.
            chained = isinstance(expr.first, e.Sequence)
            first = _text(expr.first, _Strength.CHOICE if chained else _Strength.WINDOW)
            second, length = _text(expr.second, _Strength.WINDOW), _length(expr.length)
            return f"{first} then {second} within {length}", _Strength.CHOICE
        case e.Arith():
            return _arith(expr)
        case e.Negate():
            return f"-{_text(expr.operand, _Strength.UNARY)}", _Strength.UNARY
        case e.Default():
            return _default(expr), _Strength.DEFAULT
        case e.Offset():
            return f"{_text(expr.operand, _Strength.POSTFIX)}[{expr.bars}]", _Strength.POSTFIX
        case e.Number() if expr.value < 0:
            return number_text(expr), _Strength.UNARY
        case _:
            return _atom(expr), _Strength.ATOM


def _joined(items: tuple[e.Expr, ...], word: str, least: _Strength) -> tuple[str, _Strength]:
    if len(items) == 1:
        return _form(items[0])
    if not items:
        return ("true" if word == "and" else "false"), _Strength.ATOM
    level = _Strength.AND if word == "and" else _Strength.OR
    return f" {word} ".join(_text(item, least) for item in items), level


def _length(length: e.Length) -> str:
    return length.duration or "1 bar" if length.bars is None else _bars(length.bars)


def _bars(count: e.Number | e.ParamRef) -> str:
    return _counted(count, "bar")


def _counted(count: e.Number | e.ParamRef, word: str) -> str:
    is_one = isinstance(count, e.Number) and count.value == 1
    return f"{_atom(count)} {word if is_one else word + 's'}"


def _suffix(expr: e.Window) -> str:
    span = _length(expr.length)
    match expr.kind:
        case e.WindowKind.HOLDS:
            return f"for {span}"
        case e.WindowKind.OCCURRED:
            return f"within last {span}"
        case e.WindowKind.COUNT:
            count = "1" if expr.min_true is None else _atom(expr.min_true)
            return f"at least {count} of last {span}"


def _comparison(
    expr: e.Compare | e.Between | e.In | e.Near | e.Cross | e.IsMissing | e.IsState | e.InClock,
) -> str:
    match expr:
        case e.Compare():
            return f"{_operand(expr.left)} {expr.op} {_operand(expr.right)}"
        case e.Between():
            low, high = _operand(expr.low), _operand(expr.high)
            return f"{_operand(expr.operand)} between {low} and {high}"
        case e.In():
            items = ", ".join(_operand(item) for item in expr.items)
            return f"{_operand(expr.operand)} in [{items}]"
        case e.Near():
            left, right = _operand(expr.left), _operand(expr.right)
            return f"{left} near {right} within {_tolerance(expr)}"
        case e.Cross():
            way = "" if expr.direction is e.Direction.EITHER else f"{expr.direction} "
            return f"{_operand(expr.left)} crosses {way}{_operand(expr.right)}"
        case e.IsMissing():
            return f"{_operand(expr.operand)} is {'not ' if expr.negated else ''}missing"
        case e.IsState():
            return f"{_operand(expr.operand)} is {'not ' if expr.negated else ''}{expr.state}"
        case e.InClock():
            return f"{_operand(expr.operand)} in {clock_text(expr.start)}-{clock_text(expr.end)}"


def _operand(expr: e.Expr) -> str:
    return _text(expr, _Strength.SUM)


def _tolerance(expr: e.Near) -> str:
    text = _operand(expr.tolerance)
    is_bare = expr.kind is e.ToleranceKind.PERCENT and not isinstance(expr.tolerance, e.Percent)
    return f"{text}%" if is_bare else text


def _arith(expr: e.Arith) -> tuple[str, _Strength]:
    level = _Strength.SUM if expr.op in (e.ArithOp.ADD, e.ArithOp.SUB) else _Strength.PRODUCT
    left, right = _text(expr.left, level), _text(expr.right, _Strength(level + 1))
    return f"{left} {expr.op} {right}", level


def _default(expr: e.Default) -> str:
    fallback = expr.fallback
    least = _Strength.POSTFIX
    is_signed = isinstance(fallback, e.Number) and fallback.value < 0
    if isinstance(fallback, e.Negate):
        is_signed = _form(fallback.operand)[1] >= _Strength.POSTFIX
    right = _form(fallback)[0] if is_signed else _text(fallback, least)
    return f"{_text(expr.value, _Strength.DEFAULT)} ?? {right}"


# ---------------------------------------------------------------- atoms


def number_text(number: e.Number) -> str:
    """Return the shortest text that reads back as the same number."""
    return str(int(number.value)) if number.is_int else repr(number.value + 0.0)


def _atom(expr: e.Expr) -> str:
    match expr:
        case e.Number():
            return number_text(expr)
        case e.Percent():
            whole = expr.value.is_integer() and abs(expr.value) < 1e15
            return f"{int(expr.value) if whole else repr(expr.value)}%"
        case e.Bool():
            return "true" if expr.value else "false"
        case e.ParamRef():
            return f"={expr.name}"
        case e.PercentParam():
            return f"={expr.param.name}%"
        case e.Part():
            return f"{_atom(expr.percent)} of {_whole(expr.of)}"
        case e.Amount():
            if expr.unit in (AmountUnit.BARS, AmountUnit.TICKS):
                return _counted(expr.value, expr.unit.value.removesuffix("s"))
            joint = "" if expr.unit in TIMES else " "
            return f"{_atom(expr.value)}{joint}{expr.unit}"
        case e.Risk():
            of = "" if expr.of is None else f" of {_atom(expr.of)}"
            return f"risk {_atom(expr.percent)}{of}"
        case e.Rest():
            return "rest of position"
        case e.Clock():
            return clock_text(expr.minutes)
        case e.Day():
            return day_text(expr.days)
        case e.Call():
            arguments = ", ".join(_text(arg, _Strength.CHOICE) for arg in expr.args)
            field = f".{expr.field}" if expr.field else ""
            return f"{expr.function}({arguments}){field}" + (
                f"@{expr.timeframe}" if expr.timeframe else ""
            )
        case e.Name():
            return _name(expr)
        case e.BuiltinRef() if expr.ref is not None and not is_field(expr.ref):
            return f"{expr.name}({_quoted(expr.ref)})"
        case _:
            return f"({_text(expr, _Strength.CHOICE)})"


def _whole(of: e.Expr) -> str:
    """Return what something is a part of; `max` is a word there."""
    if of == e.Name("max"):
        return "max"
    return _atom(of) if isinstance(of, e.Name | e.Call) else f"({_text(of, _Strength.CHOICE)})"


def clock_text(minutes: int) -> str:
    """Return minutes since 00:00 as `08:00`."""
    return f"{minutes // 60:02}:{minutes % 60:02}"


def day_text(days: int) -> str:
    """Return days since 1970-01-01 as `2025-01-01`."""
    return (date(1970, 1, 1) + timedelta(days)).isoformat()


def _name(name: e.Name) -> str:
    if name.field is None and name.timeframe is None:
        plain = is_identifier(name.head) and name.head not in RESERVED_WORDS
        return name.head if plain else _quoted(name.head)
    suffix = "" if name.field is None else f".{name.field}"
    suffix += "" if name.timeframe is None else f"@{name.timeframe}"
    writable = (name.field is None or is_field(name.field)) and (
        name.timeframe is None or is_timeframe_suffix(name.timeframe)
    )
    # Ids and fields are checked words; anything else has no text of its own.
    if not writable:
        return _quoted(name.head + suffix)
    return (name.head if is_identifier(name.head) else _quoted(name.head)) + suffix


def _quoted(word: str) -> str:
    return f"'{word}'" if '"' in word else f'"{word}"'
