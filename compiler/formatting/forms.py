"""Conditions between their two forms: `{lhs, op, rhs}` trees and expressions.

What has no place of its own in a tree (`is missing`, sums) stays an expression inside it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from compiler.catalog.builtins import BUILTINS, OF_LAST_TRADES
from compiler.catalog.calls import MEMORY_FUNCTIONS, ORDER_BUILTINS
from compiler.findings.diagnostics import Edit
from compiler.findings.source import Source, Span
from compiler.formatting.expression_places import Comment, ExpressionPlace, comments, conditions
from compiler.formatting.yaml_text import WIDTH, Data, block_lines, flow_text, scalar_text
from compiler.parse.card import is_old_card
from compiler.parse.conditions import value
from compiler.parse.context import Reader
from compiler.parse.settings import tunables
from compiler.syntax import expr as e
from compiler.syntax.printer import clock_text, print_expression, print_lines
from compiler.text.nodes import Mapping, Scalar, Sequence

_OPS = {">": "gt", ">=": "gte", "<": "lt", "<=": "lte", "==": "eq", "!=": "ne"}


@dataclass(frozen=True, slots=True)
class Names:
    """What the names of a card stand for."""

    features: frozenset[str]
    variables: frozenset[str]
    is_old: bool


def to_expressions(source: Source, root: Mapping) -> Iterator[tuple[Edit, ...]]:
    """Yield, for each condition that is a tree, the edits that make it an expression."""
    reader = _reader(source, root)
    notes = comments(source.text, root)
    for place in conditions(source.text, root):
        if isinstance(place.node, Scalar):
            continue
        tree = value(reader, place.node)
        yield _spliced(source.text, place, _written(source.text, place, tree), notes)


def to_trees(source: Source, root: Mapping, names: Names) -> Iterator[tuple[Edit, ...]]:
    """Yield, for each condition that is an expression, the edits that make it a tree."""
    reader = _reader(source, root)
    notes = comments(source.text, root)
    for place in conditions(source.text, root):
        if not isinstance(place.node, Scalar) or not isinstance(place.node.value, str):
            continue
        data = tree_of(value(reader, place.node), names)
        if isinstance(data, str):
            continue
        if place.in_flow:
            made = flow_text(data) if place.is_item else " " + flow_text(data)
        else:
            column = _column(source.text, place.head) + (0 if place.is_item else 2)
            lines = block_lines(data, WIDTH - column)
            joint = "\n" + " " * column
            made = joint.join(lines)
            if not place.is_item:
                made = " " + made if len(lines) == 1 else joint + made
        yield _spliced(source.text, place, made, notes)


def _reader(source: Source, root: Mapping) -> Reader:
    reader = Reader(source, is_old_card(root))
    for param in tunables(reader, None if reader.is_old else root.get("params")):
        reader.params.setdefault(param.name, param)
    return reader


def _written(text: str, place: ExpressionPlace, tree: e.Expr) -> str:
    """Return an expression as card text: in one line, or folded at its `and`s or `or`s."""
    whole = scalar_text(print_expression(tree), in_flow=place.in_flow)
    lines = print_lines(tree)
    column = _column(text, place.head)
    room = WIDTH - column - (0 if place.is_item else len("when: "))
    lead = "" if place.is_item else " "
    if place.in_flow or len(whole) <= room or len(lines) == 1:
        return lead + whole
    joint = "\n" + " " * (column + (0 if place.is_item else 2))
    return f"{lead}>-{joint}{joint.join(lines)}"


def _spliced(
    text: str, place: ExpressionPlace, made: str, notes: list[Comment]
) -> tuple[Edit, ...]:
    """Replace a condition; comments inside it go above its line, in their order."""
    inside = [c for c in notes if place.start <= c.span.start < place.node.span.end]
    edits = []
    if inside:
        line = text.rfind("\n", 0, place.head) + 1
        indent = " " * (len(text[line : place.head]) - len(text[line : place.head].lstrip()))
        above = "".join(f"{indent}{comment.text}\n" for comment in inside)
        edits.append(Edit(Span(line, line), above))
    return (*edits, Edit(Span(place.start, place.node.span.end), made))


def _column(text: str, at: int) -> int:
    return at - (text.rfind("\n", 0, at) + 1)


# ---------------------------------------------------------------- expression to tree


def tree_of(expr: e.Expr, names: Names) -> Data:
    """Return a condition as the data of its structured form; a text where it has none."""
    match expr:
        case e.All():
            return {"all": [tree_of(item, names) for item in expr.items]}
        case e.Any():
            return {"any": [tree_of(item, names) for item in expr.items]}
        case e.Not():
            return {"not": tree_of(expr.operand, names)}
        case e.Window():
            return {expr.kind.value: _window(expr, names)}
        case e.Compare():
            return _comparison(expr.left, _OPS[expr.op.value], _operand(expr.right, names), names)
        case e.Cross():
            is_either = expr.direction is e.Direction.EITHER
            op = "cross" if is_either else f"cross_{expr.direction.value}"
            return _comparison(expr.left, op, _operand(expr.right, names), names)
        case e.Between():
            ends: Data = {
                "low": _operand(expr.low, names),
                "high": _operand(expr.high, names),
            }
            return _comparison(expr.operand, "between", ends, names)
        case e.In():
            items: Data = [_operand(item, names) for item in expr.items]
            return _comparison(expr.operand, "in", items, names)
        case e.Near():
            return _near(expr, names)
        case e.Bool():
            return expr.value
        case e.Choice():
            parts = {"then": tree_of(expr.value, names), "else": tree_of(expr.other, names)}
            return {"if": tree_of(expr.condition, names), **parts}
        case e.Sequence():
            return {"sequence": list(_steps(expr, names))}
        case e.IsState() if not expr.negated:
            return {"lhs": _operand(expr.operand, names), "op": f"is_{expr.state.value}"}
        case e.InClock():
            span = f"{clock_text(expr.start)}-{clock_text(expr.end)}"
            return _comparison(expr.operand, "in", span, names)
        case e.Name() if expr.field is None and expr.head in names.variables:
            return {"var": expr.head}
        case _:
            return print_expression(expr)


def _comparison(left: e.Expr, op: str, right: Data, names: Names) -> dict[str, Data]:
    return {"lhs": _operand(left, names), "op": op, "rhs": right}


def _near(expr: e.Near, names: Names) -> Data:
    right = _operand(expr.right, names)
    if expr.kind is e.ToleranceKind.ABSOLUTE:
        made = _comparison(expr.left, "near_abs", right, names)
        return made | {"tolerance": _operand(expr.tolerance, names)}
    made = _comparison(expr.left, "near_pct", right, names)
    if not isinstance(expr.tolerance, e.Percent):
        return made | {"tolerance": _operand(expr.tolerance, names)}
    value = Decimal(repr(expr.tolerance.value))
    return made | {"tolerance": _plain(float(value / 100 if names.is_old else value))}


def _window(expr: e.Window, names: Names) -> Data:
    made: dict[str, Data] = {"bars": _bars(expr.length)}
    if expr.min_true is not None:
        made["min_true"] = _count(expr.min_true)
    return made | {"expr": tree_of(expr.operand, names)}


def _steps(expr: e.Sequence, names: Names) -> Iterator[Data]:
    """Yield the steps of a sequence; the first has no length."""
    if isinstance(expr.first, e.Sequence):
        yield from _steps(expr.first, names)
    else:
        yield {"expr": tree_of(expr.first, names)}
    yield {"expr": tree_of(expr.second, names), "bars": _bars(expr.length)}


def _bars(length: e.Length) -> Data:
    return length.duration or 1 if length.bars is None else _count(length.bars)


def _memory(expr: e.Call, names: Names) -> Data:
    first = tree_of(expr.args[0], names)
    if expr.function == "bars_since":
        return {expr.function: first}
    read = tree_of if expr.function == "count_since" else _operand
    made: dict[str, Data] = {"when": first, "expr": read(expr.args[1], names)}
    if len(expr.args) == 3:
        made["n"] = _operand(expr.args[2], names)
    return {expr.function: made}


def _count(value: e.Number | e.ParamRef) -> Data:
    return f"={value.name}" if isinstance(value, e.ParamRef) else _plain(value.value)


def _plain(value: float) -> int | float:
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


def _operand(expr: e.Expr, names: Names) -> Data:
    match expr:
        case e.Number():
            return int(expr.value) if expr.is_int else expr.value
        case e.Bool():
            return expr.value
        case e.ParamRef():
            return f"={expr.name}"
        case e.Call() if expr.function in MEMORY_FUNCTIONS:
            return _memory(expr, names)
        case e.Call() if expr.function in OF_LAST_TRADES and len(expr.args) == 1:
            return {expr.function: _operand(expr.args[0], names)}
        case e.BuiltinRef() if expr.ref is not None:
            return {"builtin": expr.name, "ref": expr.ref}
        case e.Offset() if isinstance(expr.operand, e.Name):
            inner = _reference(expr.operand, names)
            if inner is not None and "feature_id" in inner:
                return inner | {"offset": expr.bars}
        case e.Name():
            known = _reference(expr, names)
            if known is not None:
                return known
    return print_expression(expr)


def _reference(name: e.Name, names: Names) -> dict[str, Data] | None:
    suffix = f"@{name.timeframe}" if name.timeframe else ""
    if name.head in names.features:
        field: dict[str, Data] = {} if name.field is None else {"field": name.field}
        return {"feature_id": name.head + suffix} | field
    if name.head in ORDER_BUILTINS and name.field is not None:
        return {"builtin": name.head + suffix, "ref": name.field}
    if name.head in BUILTINS and name.field is None:
        return {"builtin": name.head + suffix}
    return None


def names_of(root: Mapping) -> Names:
    """Collect the ids and variables of a card."""
    ids: set[str] = set()
    sections = [root.get("features")]
    structures = root.get("structures")
    if isinstance(structures, Mapping):
        for entry in structures:
            inner = entry.value
            sections += [x.value for x in inner] if isinstance(inner, Mapping) else [inner]
    for section in sections:
        for item in section.items if isinstance(section, Sequence) else ():
            if isinstance(item, Mapping):
                found = item.get("id") or item.get("key")
                if isinstance(found, Scalar):
                    ids.add(found.text)
    clocks = root.get("sessions")
    ids |= set(clocks.names() if isinstance(clocks, Mapping) else ())
    variables = root.get("variables")
    named = variables.names() if isinstance(variables, Mapping) else ()
    return Names(frozenset(ids), frozenset(named), is_old_card(root))
