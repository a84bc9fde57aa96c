"""Bare percentages: what the unit beside them makes of `5%`, and where it makes nothing of it."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred
from compiler.check.infers import Infers
from compiler.check.words import type_words
from compiler.findings.source import Span
from compiler.syntax import tree as s

Bare = s.Percent | s.PercentParam
_HELP = "write `x + 0.5%`, `x - 0.5%`, `0.5% of x` or `near x within 0.5%`"


def percent_value(expr: Bare, checker: Infers) -> float | None:
    """Return the N of `N%`, None for a tunable nobody declared."""
    if isinstance(expr, s.Percent):
        return expr.value
    found = checker.infer(expr.param)
    return None if found is None else found.constant


def percent_text(expr: Bare) -> str:
    return f"{expr.value:g}%" if isinstance(expr, s.Percent) else f"={expr.param.name}%"


def lone_percent(expr: Bare, checker: Infers, help: str = _HELP) -> None:
    """Report a percentage of nothing."""
    message = f"`{percent_text(expr)}` has nothing to be a percentage of"
    checker.findings.add("IC301", message, expr.span, help=help)


def named(variable: s.Variable, checker: Infers) -> bool:
    """Report a named value that is a bare percentage; False for any other."""
    expr = variable.value
    if not isinstance(expr, Bare):
        return False
    number = percent_text(expr).removesuffix("%")
    help = f"a percentage has a name as a tunable, `params: {{ {variable.name}: {{ default: {number} }} }}`, read as `close + ={variable.name}%`"
    if isinstance(expr, s.PercentParam):
        help = f"write `{percent_text(expr)}` where it stands beside something"
    lone_percent(
        expr, checker, f"{help}; a variable is a part of something: `{percent_text(expr)} of close`"
    )
    return True


def factor(expr: Bare, checker: Infers) -> None:
    """Report `x * 5%` and `x / 5%`: as a factor it is a plain number."""
    number = (
        f"{expr.value / 100:g}" if isinstance(expr, s.Percent) else f"(={expr.param.name} / 100)"
    )
    lone_percent(
        expr,
        checker,
        f"as a factor it is a plain number: write `{number}`, or `{percent_text(expr)} of x`",
    )


def divided(expr: Bare, by: Inferred | None, checker: Infers) -> Inferred | None:
    """Report `15% / x`: a share of percentages is a plain number, written in the unit of the other."""
    value = percent_value(expr, checker)
    help = _HELP
    if by is not None and value is not None and by.unit in (Unit.PCT, Unit.FRACTION, Unit.PLAIN):
        what, number = (
            ("in percent", value) if by.unit is Unit.PCT else ("no percentage", value / 100)
        )
        said = f"{number:g}" if isinstance(expr, s.Percent) else f"={expr.param.name}"
        if isinstance(expr, s.PercentParam) and by.unit is not Unit.PCT:
            said = f"{said} / 100"
        help = f"what it is divided by is {what}, so write `{said} / …`"
    lone_percent(expr, checker, help)
    return None


def branches(expr: s.Expr) -> Iterator[s.Expr]:
    """Yield the values among which a choice chooses, those of choices inside it included."""
    if isinstance(expr, s.Choice):
        yield from branches(expr.value)
        yield from branches(expr.other)
    else:
        yield expr


def chosen_alone(expr: s.Choice, checker: Infers) -> bool:
    """Report every branch of a choice among bare percentages alone; False where one of them has a unit."""
    found: list[Bare] = []
    for one in branches(expr):
        if not isinstance(one, Bare):
            return False
        found.append(one)
    for percent in found:
        number = percent_text(percent).removesuffix("%")
        help = f"a value of its own is a number: write `{number}`, with `/ 100` where a fraction is meant"
        lone_percent(percent, checker, help)
    return True


def beside(checker: Infers, exprs: tuple[s.Expr, ...]) -> list[Inferred | None]:
    """Infer numbers that stand beside each other; a bare percentage takes the unit of the others."""
    words = _words(checker, exprs)
    if words is not None:
        return words
    found = [None if isinstance(expr, Bare) else checker.number(expr) for expr in exprs]
    others = [one for expr, one in zip(exprs, found, strict=True) if not isinstance(expr, Bare)]
    if len(others) == len(exprs):
        return found
    if not others or None in others:
        for expr in exprs:
            if isinstance(expr, Bare) and not others:
                lone_percent(expr, checker)
        return found
    known = [one for one in others if one is not None]
    unit = next((one.unit for one in known if one.unit is not None), None)
    for index, expr in enumerate(exprs):
        if isinstance(expr, Bare):
            found[index] = _in_unit(expr, unit, known[0], checker)
    return found


def _words(checker: Infers, exprs: tuple[s.Expr, ...]) -> list[Inferred | None] | None:
    """Infer `weekday_utc > thu`: words of a whole number that has some; None where there are none."""
    for known in exprs:
        kind = checker.resolved.enum_of(known)
        if kind is None or kind.type is not Type.INT:
            continue
        found = checker.infer(known)
        if found is None:
            return [None for _ in exprs]
        return [
            found
            if (word := checker.resolved.word(expr, known)) is None and expr is known
            else checker.number(expr)
            if word is None
            else (found if checker.is_token(word, expr, found) else None)
            for expr in exprs
        ]
    return None


def _in_unit(expr: Bare, unit: Unit | None, other: Inferred, checker: Infers) -> Inferred | None:
    value = percent_value(expr, checker)
    if value is None:
        return None
    if unit is Unit.FRACTION:
        return Inferred(ValueType(Type.NUMBER, unit), constant=value / 100)
    if unit is Unit.PCT:
        return Inferred(ValueType(Type.NUMBER, unit), constant=value)
    checker.findings.add(
        "IC301",
        f"`{percent_text(expr)}` has nothing to be a percentage of; beside it stands {type_words(other)}",
        expr.span,
        help=f"a part of something is written `{percent_text(expr)} of x`",
    )
    return None


def shifted(left: Inferred, right: Bare, span: Span, checker: Infers) -> Inferred | None:
    """Infer `x + 0.5%`; of a percentage nobody knows whether a part or points are meant."""
    if left.unit in (Unit.PCT, Unit.FRACTION):
        text, value = percent_text(right), percent_value(right, checker)
        if value is not None:
            points = value if left.unit is Unit.PCT else value / 100
            checker.findings.add(
                "IC301",
                f"`{text}` of a percentage, or percentage points?",
                span,
                help=f"write `+ {points:g}` for points, `* {1 + value / 100:g}` for a part of it",
            )
        return None
    if percent_value(right, checker) is None:
        return None
    return Inferred(left.value, left.literal, never=left.never)
