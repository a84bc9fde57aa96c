"""What a value is, in the words of a card author, and what is said of two that do not go together."""

from __future__ import annotations

from compiler.catalog.types import Type, Unit
from compiler.catalog.typing_rules import Inferred
from compiler.catalog.units import AnyUnit
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Label
from compiler.syntax import tree as s
from compiler.syntax.printer import print_expression

Typed = tuple[s.Expr, Inferred]

_UNIT_WORDS = {
    Unit.PRICE: "a price",
    Unit.QTY: "a quantity (base units)",
    Unit.USDT: "an amount of usdt",
    Unit.FRACTION: "a fraction",
    Unit.PCT: "a percentage",
    Unit.BARS: "a number of bars",
    Unit.INDEX: "a bar number",
    Unit.PLAIN: "a plain number",
    Unit.CLOCK: "a time of day",
    Unit.DATE: "a date",
}

_AS_A_FACTOR = ("cannot be multiplied", "cannot be divided")
_LONGEST = 60  # letters of a value that a help repeats


def type_words(what: Inferred) -> str:
    """Return what a value is, in the words of a card author."""
    match what.type:
        case Type.BOOL:
            return "a truth value"
        case Type.ENUM:
            return "one of " + ", ".join(f"`{token}`" for token in what.value.enum)
        case _:
            return "a number" if what.unit is None else _UNIT_WORDS[what.unit]


def _together(verb: str, left: Typed, right: Typed) -> str | None:
    """Return how two values are brought together, None where there is no one way."""
    units: set[AnyUnit] = {left[1].unit, right[1].unit}
    if units == {Unit.USDT, Unit.QTY}:
        return "base units times a price are usdt: `0.01 base * close`"
    if Unit.CLOCK in units:
        return "a time of day is written `08:00`"
    if Unit.DATE in units:
        return "a day is written `2025-01-31`"
    percent = left if left[1].unit is Unit.PCT else right
    if Unit.PCT in units and verb in _AS_A_FACTOR:
        return f"a percentage divided by 100 is a plain part: `{_divided(percent[0])}`"
    return None


def _divided(expr: s.Expr) -> str:
    """Return a percentage as a plain part; a long one is named first."""
    text = print_expression(expr)
    if len(text) > _LONGEST:
        return "x / 100"
    return f"{text} / 100" if isinstance(expr, s.Name | s.Call | s.Offset) else f"({text}) / 100"


def report_impure(call: s.Call, operand: Inferred, findings: Findings) -> None:
    """Report a function of pure numbers that is given something with a unit."""
    message = f"`{call.function}` is of a plain number, and this is {type_words(operand)}"
    help = f"divide it by another of its unit: `{call.function}(close / open)`"
    findings.add("IC301", message, call.args[0].span, help=help)


def report_mismatch(
    verb: str, left: Typed, right: Typed, whole: s.Expr, findings: Findings
) -> None:
    """Report two values that do not go together, both named."""
    first, second = type_words(left[1]), type_words(right[1])
    findings.add(
        "IC301",
        f"{first} and {second} {verb}",
        whole.span,
        help=_together(verb, left, right),
        labels=(Label(left[0].span, first), Label(right[0].span, second)),
    )
