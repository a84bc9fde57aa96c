"""Tolerances of `near`: unit and scale."""

from __future__ import annotations

from compiler.catalog.types import Unit
from compiler.catalog.typing_rules import Inferred
from compiler.catalog.units import Mismatch, same
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Edit, Fix, Severity
from compiler.findings.source import NOWHERE, Span
from compiler.syntax import tree as s

_WIDEST_PCT = 20.0
_NARROWEST_PCT = 0.001
_WIDEST_OF_FRACTION = 0.2


def check_tolerance(expr: s.Near, sides: Inferred, tolerance: Inferred, findings: Findings) -> None:
    """Report a tolerance that is in another unit than it must be, or of an unlikely size."""
    span = expr.tolerance_span if expr.tolerance_span != NOWHERE else expr.tolerance.span
    value = tolerance.constant
    if value is not None and value < 0:
        findings.add("IC302", "a tolerance cannot be negative", span)
    elif expr.kind is s.ToleranceKind.PERCENT:
        _percent(expr, tolerance, findings)
    else:
        _absolute(expr, sides, tolerance, findings)


def _percent(expr: s.Near, tolerance: Inferred, findings: Findings) -> None:
    span = expr.tolerance_span if expr.tolerance_span != NOWHERE else expr.tolerance.span
    value = tolerance.constant
    if tolerance.unit not in (None, Unit.PCT, Unit.PLAIN):
        findings.add(
            "IC302",
            "a percentage tolerance is a plain number or a percentage",
            span,
            help="without `%` a tolerance is in the unit of the left side",
        )
    elif value is not None and value > _WIDEST_PCT:
        findings.add(
            "IC302",
            f"a tolerance of {value:g}% is no longer near",
            span,
            help="tolerances are in percent: 0.5 is half a percent",
        )
    elif value is not None and 0 < value < _NARROWEST_PCT:
        findings.add(
            "IC302",
            f"a tolerance of {value:g}% is smaller than a tick of most markets",
            span,
            help="tolerances are in percent: 0.5 is half a percent",
        )


def _absolute(expr: s.Near, sides: Inferred, tolerance: Inferred, findings: Findings) -> None:
    span = expr.tolerance_span if expr.tolerance_span != NOWHERE else expr.tolerance.span
    value = tolerance.constant
    try:
        same(sides.unit, tolerance.unit)
    except Mismatch:
        findings.add(
            "IC302",
            f"the tolerance is in {tolerance.value.unit}, the sides are in {sides.value.unit}",
            span,
        )
        return
    if sides.unit is Unit.FRACTION and value is not None and value >= _WIDEST_OF_FRACTION:
        findings.add(
            "IC302",
            f"{value:g} is a wide tolerance for a fraction",
            span,
            help=f"write `{value:g}%` for a tolerance in percent",
            fix=Fix(f"write `{value:g}%` (a guess)", (Edit(span, f"{value:g}%"),), safe=False),
        )
    elif sides.unit is Unit.PCT and value is not None:
        _points(expr, value, span, findings)


def _points(expr: s.Near, value: float, span: Span, findings: Findings) -> None:
    """A tolerance in percentage points that takes in half of what it is near to."""
    level = expr.right if isinstance(expr.right, s.Number) else expr.left
    near = abs(level.value) if isinstance(level, s.Number) else 0.0
    if value < _WIDEST_PCT and not 0 < near / 2 <= value:
        return
    sure = value >= _WIDEST_PCT
    findings.add(
        "IC302",
        f"{value:g} percentage points are a wide tolerance"
        + ("" if sure else f" around {near:g} %"),
        span,
        help=f"write `{value:g}%` for a tolerance in percent of the value, or both ends with `between`",
        fix=Fix(f"write `{value:g}%` (a guess)", (Edit(span, f"{value:g}%"),), safe=False),
        severity=None if sure else Severity.WARNING,
    )
