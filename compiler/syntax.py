"""The frozen syntax tree of a card: one shape for both card versions and both spellings.

`parse.py` builds it, `resolve.py`/`check.py` read it, `lower.py` turns it into the rule graph.
Spans never take part in equality, so `parse(print(tree)) == tree` is a fair question.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from compiler.source import NOWHERE, Span


def _span() -> Span:
    return field(default=NOWHERE, compare=False, kw_only=True)


# ---------------------------------------------------------------- expressions


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
    """`0.5%`; only as the right side of + or - (x * (1 ± 0.005)) and as a `near` tolerance."""

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
    """abs min max floor ceil sqrt log."""

    function: str
    args: tuple[Expr, ...]
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
)


# ---------------------------------------------------------------- actions


class SizeKind(StrEnum):
    USDT = "size_usdt"  # notional
    EQUITY_FRACTION = "size_pct"  # of equity (entries)
    POSITION_FRACTION = "position_fraction"  # of the position (exits; spelt `size_pct` there)
    MAX_FRACTION = "size_of_max_pct"  # of the maximum position
    BASE = "size_base"  # base units (string form only)
    RISK_PCT = "risk_pct"  # percent of equity lost at the stop


@dataclass(frozen=True, slots=True)
class Size:
    kind: SizeKind
    value: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Price:
    """One price slot of an action, whatever its spelling (number, expression, *_ref, *_offset_pct).

    `slot` is `price`, `limit_price`, `trigger`, `stop_loss` or `take_profit`; `key` the card's key.
    """

    slot: str
    key: str
    value: Expr
    span: Span = _span()
    key_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Option:
    """A plain option of an action: `ttl_bars`, `ttl_type`, `post_only`, `order_ref`, `method`, …

    Text options hold `str`, switches `bool`, numbers (`ttl_bars`, `layer`) an expression.
    """

    name: str
    value: str | bool | Expr
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Action:
    """`kind` is one of `VALID_ACTIONS` (`compiler/catalog/actions.py`)."""

    kind: str
    prices: tuple[Price, ...] = ()
    size: Size | None = None
    options: tuple[Option, ...] = ()
    on_fill: tuple[Action, ...] = ()
    span: Span = _span()
    kind_span: Span = _span()

    def option(self, name: str) -> Option | None:
        return next((o for o in self.options if o.name == name), None)

    def price(self, slot: str) -> Price | None:
        return next((p for p in self.prices if p.slot == slot), None)


# ---------------------------------------------------------------- the card


@dataclass(frozen=True, slots=True)
class ParamDecl:
    """A tunable. Bounds are optional; `--set params.NAME=…` replaces the default."""

    name: str
    default: float
    low: float | None = None
    high: float | None = None
    step: float | None = None
    span: Span = _span()
    name_span: Span = _span()


ArgValue = Expr | str | tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """One entry of a feature's `params`: number, bool, tunable, text (enum) or a list of numbers."""

    name: str
    value: ArgValue
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Dependency:
    role: str
    target: str
    span: Span = _span()


class FeatureKind(StrEnum):
    INDICATOR = "indicator"
    STRUCTURE = "structure"


@dataclass(frozen=True, slots=True)
class Feature:
    """An indicator or a structure. `timeframe` None means the execution timeframe."""

    id: str
    kind: FeatureKind
    type: str
    timeframe: str | None = None
    symbol: str | None = None
    source: str | None = None
    params: tuple[Argument, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    span: Span = _span()
    id_span: Span = _span()
    type_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Variable:
    name: str
    condition: Expr
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Case:
    when: Expr
    emit: tuple[Action, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Block:
    id: str
    cases: tuple[Case, ...]
    otherwise: tuple[Action, ...] = ()
    span: Span = _span()
    id_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Setting:
    """One leaf of the money and execution sections, by its dotted path.

    `account.max_leverage`, `risk_model.stop_loss.type`, `execution.fill_model`, …; numbers and
    tunables are expressions, everything else text or bool.
    """

    path: str
    value: str | bool | Expr
    span: Span = _span()
    key_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Invariant:
    """A promise: a condition that must stay true, or a named promise with an argument."""

    name: str | None  # None: `condition` is the promise
    condition: Expr | None = None
    argument: Expr | None = None  # max_layers: 3
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Card:
    version: str  # "3.1" or "3.0.0"
    name: str
    symbols: tuple[str, ...]
    timeframe: str
    higher_timeframes: tuple[str, ...] = ()
    description: str = ""
    params: tuple[ParamDecl, ...] = ()
    features: tuple[Feature, ...] = ()
    variables: tuple[Variable, ...] = ()
    blocks: tuple[Block, ...] = ()
    settings: tuple[Setting, ...] = ()
    invariants: tuple[Invariant, ...] = ()
    span: Span = _span()
    timeframe_span: Span = _span()
    higher_timeframe_spans: tuple[Span, ...] = field(default=(), compare=False, kw_only=True)
