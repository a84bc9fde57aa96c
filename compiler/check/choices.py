"""Choices, sequences, states, amounts and parts: what each is made of, and what it is."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.types import BOOL, Type, Unit, ValueType
from compiler.catalog.typing_rules import TRUTH, Inferred
from compiler.check.infers import Infers
from compiler.check.percents import chosen_alone, percent_value
from compiler.check.words import report_mismatch, type_words
from compiler.findings.source import NOWHERE
from compiler.resolve.windows import bars_of, near_times, window_bars
from compiler.syntax import tree as s

_AMOUNTS = {
    s.AmountUnit.USDT: ValueType(Type.NUMBER, Unit.USDT),
    s.AmountUnit.BASE: ValueType(Type.NUMBER, Unit.QTY),
    s.AmountUnit.BARS: ValueType(Type.INT, Unit.BARS),
    s.AmountUnit.TICKS: ValueType(Type.NUMBER, Unit.PRICE),
}
# `10% of equity`: words of that place, whatever the card calls so.
PARTS = {"equity": Unit.USDT, "max": Unit.USDT, "free": Unit.USDT, "position": Unit.QTY}


def choice(expr: s.Choice, checker: Infers) -> Inferred | None:
    """Infer `value if condition else other`."""
    checker.condition(expr.condition)
    if chosen_alone(expr, checker):
        return None
    word, other_word = (
        checker.resolved.word(expr.value, expr.other),
        checker.resolved.word(expr.other, expr.value),
    )
    if word is not None and other_word is None:
        known = checker.infer(expr.other)
        return known if known and checker.is_token(word, expr.value, known) else None
    if other_word is not None and word is None:
        known = checker.infer(expr.value)
        return known if known and checker.is_token(other_word, expr.other, known) else None
    if isinstance(expr.value, s.Percent | s.PercentParam | s.Number) or isinstance(
        expr.other, s.Percent | s.PercentParam | s.Number
    ):
        return checker.one_unit(expr.value, expr.other)
    value, other = checker.infer(expr.value), checker.infer(expr.other)
    if value is None or other is None:
        return None
    if value.is_numeric and other.is_numeric:
        return checker.one_unit(expr.value, expr.other)
    if value.type is not other.type or value.value.enum != other.value.enum:
        pair = (expr.value, value), (expr.other, other)
        report_mismatch("cannot stand for each other", *pair, expr, checker.findings)
        return None
    return TRUTH if value.type is Type.BOOL else value


def sequence(expr: s.Sequence, checker: Infers) -> Inferred:
    """Check `first then second within N bars`."""
    checker.condition(expr.first)
    checker.condition(expr.second)
    resolved = checker.resolved
    bars = window_bars(expr.length, resolved.timeframe, resolved.params)
    if isinstance(bars, str):
        span = expr.length.span if expr.length.span != NOWHERE else expr.span
        checker.findings.add("IC310", bars, span)
    return TRUTH


def state(expr: s.IsState, checker: Infers) -> Inferred | None:
    """Check `x is rising` and `x is never`."""
    found = checker.number(expr.operand, "a number")
    if found is None:
        return None
    if expr.state is s.State.NEVER and not found.never:
        checker.findings.add(
            "IC309",
            f"{type_words(found)} is not a number of bars since something: it cannot be never",
            expr.span,
            help="`is never` asks of `bars_since_exit` and `bars_since(…)`; `is missing` of other values",
        )
        return None
    return Inferred(BOOL)


def in_clock(expr: s.InClock, checker: Infers) -> Inferred | None:
    """Check `time_utc in 13:30-20:00`."""
    found = checker.number(expr.operand, "a time of day")
    if found is None:
        return None
    if found.unit is not Unit.CLOCK:
        checker.findings.add(
            "IC301",
            f"{type_words(found)} is not a time of day",
            expr.operand.span,
            help="write `time_utc in 13:30-20:00`",
        )
        return None
    return TRUTH


def amount(expr: s.Amount, checker: Infers) -> Inferred | None:
    """Infer `200 usdt`, `8 bars`, `2 ticks`; how large a tick is, the market says when the card runs."""
    found = checker.infer(expr.value)
    if found is None:
        return None
    if expr.unit in s.TIMES:
        return _span_of_time(expr, checker)
    known = None if expr.unit is s.AmountUnit.TICKS else found.constant
    return Inferred(_AMOUNTS[expr.unit], constant=known)


def _span_of_time(expr: s.Amount, checker: Infers) -> Inferred | None:
    """Infer `2h`: a number of bars of the card, which must be a whole one."""
    bars = bars_of(expr, checker.resolved.timeframe, checker.resolved.params)
    if isinstance(bars, str):
        checker.findings.add(
            "IC310", bars, expr.span, help=near_times(expr, checker.resolved.timeframe)
        )
        return None
    return Inferred(_AMOUNTS[s.AmountUnit.BARS], constant=float(bars))


def part(expr: s.Part, checker: Infers) -> Inferred | None:
    """Infer `10% of x`."""
    if percent_value(expr.percent, checker) is None:
        return None
    unit = part_unit(expr.of)
    if unit is not None:
        return Inferred(ValueType(Type.NUMBER, unit))
    found = checker.number(expr.of)
    if found is None:
        return None
    return replace(found, value=ValueType(Type.NUMBER, found.value.unit), constant=None)


def part_unit(of: s.Expr) -> Unit | None:
    """Return the unit of a word of this place, None for anything else."""
    if not isinstance(of, s.Name) or of.field is not None or of.timeframe is not None:
        return None
    return PARTS.get(of.head)
