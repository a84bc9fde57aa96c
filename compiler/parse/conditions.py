"""Conditions and references of the structured form."""

from __future__ import annotations

import re
from math import isfinite

from compiler.findings.source import NOWHERE, Span
from compiler.parse.context import Reader, is_param_mapping, literal, tunable
from compiler.parse.sizes import hundredfold
from compiler.parse.worded import STATES, VALUES, Forms, clock_span, head_of, worded
from compiler.syntax import expr as e
from compiler.text.nodes import Mapping, Node, Scalar, Sequence

COMPARE_OPS = {
    "gt": e.CompareOp.GT, ">": e.CompareOp.GT,
    "gte": e.CompareOp.GTE, "ge": e.CompareOp.GTE, ">=": e.CompareOp.GTE,
    "lt": e.CompareOp.LT, "<": e.CompareOp.LT,
    "lte": e.CompareOp.LTE, "le": e.CompareOp.LTE, "<=": e.CompareOp.LTE,
    "eq": e.CompareOp.EQ, "==": e.CompareOp.EQ,
    "ne": e.CompareOp.NE, "!=": e.CompareOp.NE,
}  # fmt: skip
_CROSSES = {
    "cross_above": e.Direction.ABOVE,
    "cross_below": e.Direction.BELOW,
    "cross": e.Direction.EITHER,
}
_NEAR = {
    "near_abs": e.ToleranceKind.ABSOLUTE,
    "approx_eq": e.ToleranceKind.ABSOLUTE,
    "near_pct": e.ToleranceKind.PERCENT,
}
_WINDOWS = {kind.value: kind for kind in e.WindowKind}
_DURATION = re.compile(r"\s*([1-9][0-9]*)\s*([mhdwMHDW])\s*\Z")
_CONDITION = "a condition"


def condition(reader: Reader, node: Node) -> e.Expr:
    """Read a condition in any of its forms; a bare list means all of it."""
    match node:
        case Scalar(value=bool()):
            return e.Bool(bool(node.value), span=node.span)
        case Scalar(value=str()):
            return reader.expression(node)
        case Sequence():
            return _all(reader, node)
        case Mapping():
            return _structured(reader, node)
        case _:
            reader.wrong(node, _CONDITION)
            return _stand_in(node)


def _stand_in(node: Node) -> e.Expr:
    return e.Bool(False, span=node.span)


def _all(reader: Reader, node: Node, whole: Span | None = None) -> e.Expr:
    items = _conditions(reader, node)
    if len(items) == 1:
        return items[0]
    return e.All(items, span=whole or node.span) if items else _stand_in(node)


def _any(reader: Reader, node: Node, whole: Span) -> e.Expr:
    items = _conditions(reader, node)
    if len(items) == 1:
        return items[0]
    return e.Any(items, span=whole) if items else _stand_in(node)


def _conditions(reader: Reader, node: Node) -> tuple[e.Expr, ...]:
    if isinstance(node, Sequence) and node.items:
        return tuple(condition(reader, item) for item in node.items)
    reader.wrong(node, "a list of conditions")
    return ()


def _structured(reader: Reader, node: Mapping) -> e.Expr:
    """The key that is there says which form it is."""
    head = head_of(node)
    if head is not None:
        return worded(reader, node, head, FORMS) or _stand_in(node)
    for entry in node.entries:
        key, value = entry.key.text, entry.value
        match key:
            case "lhs" | "op" | "rhs":
                return comparison(reader, node)
            case "var":
                return reference(reader, node) or _stand_in(node)
            case "all":
                return _all(reader, value, node.span)
            case "any":
                return _any(reader, value, node.span)
            case "not":
                return e.Not(condition(reader, value), span=node.span)
            case "holds_for" | "occurred_within" | "count_true":
                return _window(reader, node, _WINDOWS[key], value)
    reader.wrong(
        node, _CONDITION, "`{lhs, op, rhs}`, `all`, `any`, `not`, `var`, a window or an expression"
    )
    return _stand_in(node)


# ---------------------------------------------------------------- windows


def _window(reader: Reader, outer: Mapping, kind: e.WindowKind, node: Node) -> e.Expr:
    body = reader.mapping(node, "`{bars: …, expr: …}`")
    if body is None:
        return _stand_in(node)
    bars, inner = body.get("bars"), body.get("expr")
    if bars is None or inner is None:
        reader.missing(body, "bars" if bars is None else "expr")
        return _stand_in(body)
    operand = condition(reader, inner)
    length = _length(reader, bars)
    count = _min_true(reader, body) if kind is e.WindowKind.COUNT else None
    if length is None or (count is None and kind is e.WindowKind.COUNT):
        return _stand_in(body)
    return e.Window(kind, length, operand, count, span=outer.span)


def _length(reader: Reader, node: Node) -> e.Length | None:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if found := _DURATION.match(node.text):
            return e.Length(None, (found[1] + found[2]).lower(), span=node.span)
    bars = _count(reader, node, "a number of bars or a duration like `2h`")
    return None if bars is None else e.Length(bars, span=node.span)


def _min_true(reader: Reader, body: Mapping) -> e.Number | e.ParamRef | None:
    node = body.get("min_true")
    if node is None:
        reader.missing(body, "min_true")
        return None
    return _count(reader, node, "how many bars must be true")


def _count(reader: Reader, node: Node, wanted: str) -> e.Number | e.ParamRef | None:
    if isinstance(node, Mapping) and is_param_mapping(node):
        return reader.param(node)
    if isinstance(node, Scalar):
        if isinstance(node.value, int | float) and not isinstance(node.value, bool):
            return literal(node)
        name = tunable(node.text)
        if name is not None:
            return e.ParamRef(name, span=node.span)
    reader.wrong(node, wanted)
    return None


# ---------------------------------------------------------------- comparisons


def comparison(reader: Reader, node: Mapping) -> e.Expr:
    """Read `{lhs, op, rhs, tolerance?}`."""
    left_node, op_node, right_node = node.get("lhs"), node.get("op"), node.get("rhs")
    op = "" if op_node is None else (reader.text(op_node, "an operator") or "").lower()
    if op in STATES and left_node is not None:
        return e.IsState(operand(reader, left_node), STATES[op], span=node.span)
    if left_node is None or op_node is None or right_node is None:
        absent = "lhs" if left_node is None else "op" if op_node is None else "rhs"
        reader.missing(node, absent)
        return _stand_in(node)
    left = operand(reader, left_node)
    if op in COMPARE_OPS:
        right = operand(reader, right_node)
        return e.Compare(COMPARE_OPS[op], left, right, span=node.span, op_span=op_node.span)
    if op in _CROSSES:
        return e.Cross(_CROSSES[op], left, operand(reader, right_node), span=node.span)
    if op in _NEAR:
        return _near(reader, node, _NEAR[op], left, right_node)
    if op == "between":
        return _between(reader, node, left, right_node)
    if op == "in" and isinstance(right_node, Scalar):
        return clock_span(reader, left, right_node, node) or _stand_in(right_node)
    if op == "in":
        items = reader.items(right_node, "a list of values")
        found = tuple(operand(reader, item) for item in items)
        return e.In(left, found, span=node.span) if found else _stand_in(right_node)
    if op:
        known = (*COMPARE_OPS, *_CROSSES, *_NEAR, *STATES, "between", "in")
        reader.findings.unknown_word("IC110", f"`{op}` is not an operator", op_node.span, op, known)
    return _stand_in(node)


def _between(reader: Reader, node: Mapping, left: e.Expr, right: Node) -> e.Expr:
    ends = reader.mapping(right, "`{low: …, high: …}`")
    if ends is None:
        return _stand_in(right)
    low, high = ends.get("low"), ends.get("high")
    if low is None or high is None:
        reader.missing(ends, "low" if low is None else "high")
        return _stand_in(ends)
    return e.Between(left, operand(reader, low), operand(reader, high), span=node.span)


def _near(
    reader: Reader, node: Mapping, kind: e.ToleranceKind, left: e.Expr, right: Node
) -> e.Expr:
    written = node.get("tolerance")
    target = operand(reader, right)
    if written is None:
        reader.missing(node, "tolerance")
        return _stand_in(node)
    tolerance = reader.number(written, "a tolerance")
    if tolerance is None:
        return _stand_in(written)
    if kind is e.ToleranceKind.PERCENT and isinstance(tolerance, e.Number):
        # A 3.0.0 card writes 0.005 for half a percent.
        value = hundredfold(tolerance.value) if reader.is_old else tolerance.value
        if not isfinite(value):
            reader.findings.add("IC113", "a number too large to compute with", written.span)
            return _stand_in(written)
        tolerance = e.Percent(value, span=tolerance.span)
    return e.Near(left, target, tolerance, kind, span=node.span, tolerance_span=written.span)


# ---------------------------------------------------------------- operands


def operand(reader: Reader, node: Node) -> e.Expr:
    """Read one side of a comparison: a literal, a text (an expression or a word), a reference."""
    match node:
        case Scalar(value=bool()):
            return e.Bool(bool(node.value), span=node.span)
        case Scalar(value=str()):
            return reader.expression(node)
        case Scalar(value=int() | float()):
            return literal(node)
        case Mapping():
            head = head_of(node)
            if head is not None:
                return worded(reader, node, head, FORMS) or _stand_in(node)
            return reference(reader, node) or _stand_in(node)
        case _:
            reader.wrong(node, "a value")
            return _stand_in(node)


_OPERANDS = frozenset({"feature_id", "builtin", "param", *VALUES})


def value(reader: Reader, node: Node) -> e.Expr:
    """Read a condition, a number or a word: what a name of `variables` may stand for."""
    if isinstance(node, Mapping):
        is_operand = any(key in _OPERANDS for key in node.names())
        return operand(reader, node) if is_operand else condition(reader, node)
    return condition(reader, node) if isinstance(node, Sequence) else operand(reader, node)


def reference(reader: Reader, node: Mapping, *, is_price: bool = False) -> e.Expr | None:
    """Read `{feature_id}`, `{builtin}`, `{var}` or `{param}` with what scales and shifts it.

    In a price slot `offset` is price units and `offset_pct` percent of the shifted value, in that
    order; elsewhere `offset` is bars back.
    """
    value = _base(reader, node)
    if value is None:
        return None
    offset = node.get("offset")
    if offset is not None and not is_price:
        value = _bars_back(reader, value, offset)
    value = _scaled(reader, node, value)
    if is_price:
        value = _shifted(reader, node, value, "offset")
        percent = node.get("offset_pct")
        if percent is not None:
            value = shifted_by_pct(reader, value, percent)
    return value


def _base(reader: Reader, node: Mapping) -> e.Expr | None:
    for key in ("feature_id", "builtin", "var", "param"):
        name_node = node.get(key)
        if name_node is None:
            continue
        name = reader.text(name_node, "a name")
        if name is None:
            return None
        match key:
            case "feature_id":
                return _feature(reader, node, name, name_node.span)
            case "builtin":
                ref = node.get("ref")
                about = None if ref is None else reader.text(ref, "the ref of an order")
                return e.BuiltinRef(name, about, span=node.span)
            case "var":
                return e.VarRef(name, span=node.span)
            case _:
                return e.ParamRef(name, span=node.span)
    reader.wrong(node, "a reference", "`{feature_id: …}`, `{builtin: …}`, `{var: …}`, `{param: …}`")
    return None


def _feature(reader: Reader, node: Mapping, name: str, span: Span) -> e.Expr:
    field_node = node.get("field")
    field = None if field_node is None else reader.text(field_node, "a field name")
    field_span = NOWHERE if field_node is None else field_node.span
    return e.FeatureRef(name, field, span=node.span, id_span=span, field_span=field_span)


def _bars_back(reader: Reader, value: e.Expr, node: Node) -> e.Expr:
    """Look back; a tunable is read here, because a look back is part of the shape of a card."""
    count = _count(reader, node, "a number of bars")
    number: float | None = None
    if isinstance(count, e.Number):
        number = count.value
    elif count is not None and count.name in reader.params:
        number = reader.params[count.name].default
    elif count is not None:
        reader.findings.unknown_word(
            "IC201",
            f"no tunable is called `{count.name}`",
            node.span,
            count.name,
            tuple(reader.params),
        )
    if number is None:
        return value
    if not number.is_integer() or number < 0:
        reader.findings.add(
            "IC310", f"`offset` is a whole number of bars back, found {number:g}", node.span
        )
        return value
    return e.Offset(value, int(number), span=value.span) if number else value


def _scaled(reader: Reader, node: Mapping, value: e.Expr) -> e.Expr:
    written = node.get("multiplier")
    factor = None if written is None else reader.number(written)
    if factor is not None and not (isinstance(factor, e.Number) and factor.value == 1):
        value = e.Arith(e.ArithOp.MUL, value, factor, span=node.span)
    return _shifted(reader, node, value, "add")


def _shifted(reader: Reader, node: Mapping, value: e.Expr, key: str) -> e.Expr:
    """Add what stands under a key; a negative number is subtracted, as one would write it."""
    written = node.get(key)
    amount = None if written is None else reader.number(written)
    if amount is None:
        return value
    if isinstance(amount, e.Number):
        if amount.value == 0:
            return value
        if amount.value < 0:
            less = e.Number(-amount.value, amount.is_int, span=amount.span)
            return e.Arith(e.ArithOp.SUB, value, less, span=node.span)
    return e.Arith(e.ArithOp.ADD, value, amount, span=node.span)


def shifted_by_pct(reader: Reader, value: e.Expr, node: Node) -> e.Expr:
    """Return `value + p%`; with a tunable `value * (1 + p / 100)`."""
    amount = reader.number(node, "a percentage")
    if amount is None:
        return value
    span = value.span
    if isinstance(amount, e.Number):
        if amount.value == 0:
            return value
        op = e.ArithOp.ADD if amount.value > 0 else e.ArithOp.SUB
        return e.Arith(op, value, e.Percent(abs(amount.value), span=amount.span), span=span)
    hundred = e.Number(100.0, True, span=amount.span)
    part = e.Arith(e.ArithOp.DIV, amount, hundred, span=amount.span)
    one = e.Number(1.0, True, span=amount.span)
    factor = e.Arith(e.ArithOp.ADD, one, part, span=amount.span)
    return e.Arith(e.ArithOp.MUL, value, factor, span=span)


FORMS = Forms(condition, operand, value, _length)
