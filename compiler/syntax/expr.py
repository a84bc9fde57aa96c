"""The expression part of the syntax tree: one union for both spellings of conditions and numbers.

Spans never take part in equality, so `parse(print(tree)) == tree` is a fair question.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum

from compiler.classes import dataclass
from compiler.findings.source import NOWHERE, Span
from compiler.syntax.amounts import AmountUnit


def _span() -> Span:
    return field(default=NOWHERE, compare=False, kw_only=True)


class CompareOp(StrEnum):
    GT = ">"
    GTE = ">="
    LT = "<"
    LTE = "<="
    EQ = "=="
    NE = "!="


class ArithOp(StrEnum):
    ADD = "+"
    SUB = "-"
    MUL = "*"
    DIV = "/"


class Direction(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    EITHER = "either"


class State(StrEnum):
    RISING = "rising"  # above its value one bar before
    FALLING = "falling"
    NEVER = "never"  # has not happened yet


class WindowKind(StrEnum):
    HOLDS = "holds_for"  # true on every bar of the window
    OCCURRED = "occurred_within"  # true on at least one
    COUNT = "count_true"  # true on at least `min_true`


class ToleranceKind(StrEnum):
    ABSOLUTE = "abs"  # in the unit of the left side
    PERCENT = "pct"  # 0.5 is half a percent of |right side|


@dataclass(frozen=True, slots=True)
class Number:
    value: float
    is_int: bool = False  # written without point or exponent
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Percent:
    """`0.5%`: beside + or - a part of the left side, else what the unit beside it makes of it."""

    value: float
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Bool:
    value: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Name:
    """A name of the string form, not yet resolved: feature[.field], builtin, variable, enum word.

    `field` may contain dots and digits (`level_0.618`). `timeframe` is the `@4h` suffix.
    """

    head: str
    field: str | None = None
    timeframe: str | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class FeatureRef:
    """`{feature_id: …, field: …}`; the id may also be a bar column (`close`) or a timeframed one."""

    feature_id: str
    field: str | None = None
    span: Span = _span()
    id_span: Span = _span()
    field_span: Span = _span()


@dataclass(frozen=True, slots=True)
class BuiltinRef:
    """`{builtin: NAME}`, with `ref` for the order builtins (`{builtin: order_pending, ref: x}`)."""

    name: str
    ref: str | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class VarRef:
    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ParamRef:
    """A tunable: `{param: fast}` or `"=fast"`."""

    name: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Offset:
    """`x[n]`: the value n bars back, on the clock of x's own timeframe."""

    operand: Expr
    bars: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Negate:
    operand: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Arith:
    op: ArithOp
    left: Expr
    right: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """A function, or an indicator without a `features` entry: `rsi(14)@4h`, `bbands(close, 20).upper`.

    `field` and `timeframe` are an indicator's, from behind the `)`.
    """

    function: str
    args: tuple[Expr, ...]
    field: str | None = None
    timeframe: str | None = None
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Default:
    """`a ?? b`: b where a is missing."""

    value: Expr
    fallback: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IsMissing:
    operand: Expr
    negated: bool = False  # `is not missing`
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Compare:
    op: CompareOp
    left: Expr
    right: Expr
    span: Span = _span()
    op_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Between:
    """Inclusive at both ends."""

    operand: Expr
    low: Expr
    high: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class In:
    operand: Expr
    items: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Near:
    """`tolerance` is already in percent for PERCENT, whatever the card version wrote."""

    left: Expr
    right: Expr
    tolerance: Expr
    kind: ToleranceKind
    span: Span = _span()
    tolerance_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Cross:
    direction: Direction
    left: Expr
    right: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Any:
    items: tuple[Expr, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Not:
    operand: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Length:
    """The length of a window: `bars` (a number or a tunable) or a `duration` such as `2h`."""

    bars: Number | ParamRef | None
    duration: str | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Window:
    kind: WindowKind
    length: Length
    operand: Expr
    min_true: Number | ParamRef | None = None  # COUNT only
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Choice:
    """`value if condition else other`: of numbers of one unit, of conditions, of words of one enum."""

    condition: Expr
    value: Expr
    other: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Sequence:
    """`first then second within N bars`: `second` on a later bar than `first`."""

    first: Expr
    second: Expr
    length: Length
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class IsState:
    """`x is rising`, `x is not never`."""

    operand: Expr
    state: State
    negated: bool = False
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class PercentParam:
    """`=part%`"""

    param: ParamRef
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Part:
    """`10% of x`; as names `equity`, `max`, `free` and `position` are words of this place."""

    percent: Percent | PercentParam
    of: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Amount:
    """`1000 usdt`, `0.01 base`, `8 bars`, `2 ticks`, `2h`."""

    value: Number | ParamRef
    unit: AmountUnit
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Risk:
    """`risk 1%`: the size of which so much of the equity is lost at the stop.

    `of` is what stands behind `of` where that is not `equity`, which `check` refuses.
    """

    percent: Percent | PercentParam
    of: Name | None = None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Rest:
    """`rest of position`"""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Clock:
    """`08:00` as minutes since 00:00, 0…1440."""

    minutes: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Day:
    """`2025-01-01` as days since 1970-01-01."""

    days: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class InClock:
    """`time_utc in 13:30-20:00`: half-open; from a later to an earlier time it passes midnight."""

    operand: Expr
    start: int
    end: int
    span: Span = _span()


# What is said in words or clock signs; checker and lowering have a file of their own for them.
Worded = Choice | Sequence | IsState | InClock | Clock | Day | Amount | Part | Risk | Rest
Expr = (
    Number
    | Percent
    | Bool
    | Name
    | FeatureRef
    | BuiltinRef
    | VarRef
    | ParamRef
    | Offset
    | Negate
    | Arith
    | Call
    | Default
    | IsMissing
    | Compare
    | Between
    | In
    | Near
    | Cross
    | All
    | Any
    | Not
    | Window
    | PercentParam
    | Worded
)
