"""Functions of what has been so far: their arguments, and what each gives."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.calls import MEMORY_FUNCTIONS, MOST_BACK
from compiler.catalog.operations import Op
from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred
from compiler.check.infers import Infers
from compiler.findings.source import NOWHERE
from compiler.syntax import tree as s
from compiler.syntax.constants import whole


def memory(expr: s.Call, checker: Infers) -> Inferred | None:
    """Infer `bars_since(c)`, `value_when(c, x, n)`, `highest_since(c, x)`, `count_since(s, c)`."""
    op, least, most = MEMORY_FUNCTIONS[expr.function]
    span = expr.name_span if expr.name_span != NOWHERE else expr.span
    count = len(expr.args)
    if not least <= count <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}"
        message = (
            f"`{expr.function}` takes {wanted} argument{'s' if most > 1 else ''}, found {count}"
        )
        checker.findings.add("IC309", message, span)
        return None
    checker.condition(expr.args[0])
    match op:
        case Op.SINCE:
            return Inferred(ValueType(Type.INT, Unit.BARS, low=0.0), never=True)
        case Op.COUNT_SINCE:
            checker.condition(expr.args[1])
            return Inferred(ValueType(Type.INT, low=0.0))
        case Op.LATCH:
            if count == most:
                _times_back(expr.args[2], checker)
            found = checker.infer(expr.args[1])
        case _:
            found = checker.number(expr.args[1])
    return None if found is None else replace(found, constant=None)


def _times_back(written: s.Expr, checker: Infers) -> None:
    times = whole(written, checker.resolved.params)
    if times is None or not 0 <= times <= MOST_BACK:
        message = f"how many times back is a whole constant from 0 to {MOST_BACK}"
        checker.findings.add("IC310", message, written.span)
