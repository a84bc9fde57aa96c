"""Functions of what has been so far: their arguments, and what each gives."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.calls import MEMORY_FUNCTIONS, MOST_BACK, MOST_TIMES
from compiler.catalog.operations import OF_TIMES, Op
from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred, mean_type
from compiler.catalog.units import Mismatch, added
from compiler.check.infers import Infers
from compiler.findings.source import NOWHERE
from compiler.syntax import tree as s
from compiler.syntax.constants import whole


def memory(expr: s.Call, checker: Infers) -> Inferred | None:
    """Infer `bars_since(c)`, `value_when(c, x, n)`, `highest_since(c, x)`, `mean_when(c, x, n)` and their like."""
    op, least, most = MEMORY_FUNCTIONS[expr.function]
    span = expr.name_span if expr.name_span != NOWHERE else expr.span
    count = len(expr.args)
    if not least <= count <= most:
        wanted = f"{least}" if least == most else f"{least} or {most}"
        message = (
            f"`{expr.function}` takes {wanted} argument{'s' if most > 1 else ''}, found {count}"
        )
        last = f"`{expr.function}(condition, value, 10)`: of the last ten times"
        checker.findings.add("IC309", message, span, help=last if op in OF_TIMES else None)
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
                _times(expr.args[2], "how many times back", 0, MOST_BACK, checker)
            found = checker.infer(expr.args[1])
        case Op.MEAN | Op.MEDIAN | Op.HIGHEST | Op.LOWEST:
            _times(expr.args[2], "how many times", 1, MOST_TIMES, checker)
            found = _of_times(op, expr, checker)
        case _:
            found = checker.number(expr.args[1])
    return None if found is None else replace(found, constant=None)


def _of_times(op: Op, expr: s.Call, checker: Infers) -> Inferred | None:
    """Infer a number of the values at the last times of a condition: their unit and bounds."""
    found = checker.number(expr.args[1])
    if found is None or op in (Op.HIGHEST, Op.LOWEST):
        return found
    try:
        added(found.unit, found.unit)
    except Mismatch:
        message = f"`{expr.function}` of times of the day or of days is neither"
        helps = "`highest_when`, `lowest_when` and `value_when` take them"
        checker.findings.add("IC301", message, expr.args[1].span, help=helps)
        return None
    return replace(found, value=mean_type(found.value))


def _times(written: s.Expr, what: str, least: int, most: int, checker: Infers) -> None:
    times = whole(written, checker.resolved.params)
    if times is None or not least <= times <= most:
        message = f"{what} is a whole constant from {least} to {most}"
        checker.findings.add("IC310", message, written.span)
