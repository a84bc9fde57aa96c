"""The frozen syntax tree of a card: one shape for both card versions and both spellings.

`parse.py` builds it, `resolve.py`/`check.py` read it, `lower.py` turns it into the rule graph.
Spans never take part in equality, so `parse(print(tree)) == tree` is a fair question.
"""

from __future__ import annotations

from dataclasses import field

from compiler.catalog.orders import OptionName, PriceSlot, SizeKind
from compiler.catalog.types import EntryKind
from compiler.classes import dataclass
from compiler.findings.source import NOWHERE, Span
from compiler.syntax.amounts import TIMES, AmountUnit
from compiler.syntax.expr import (
    All,
    Amount,
    Any,
    Arith,
    ArithOp,
    Between,
    Bool,
    BuiltinRef,
    Call,
    Choice,
    Clock,
    Compare,
    CompareOp,
    Cross,
    Day,
    Default,
    Direction,
    Expr,
    FeatureRef,
    In,
    InClock,
    IsMissing,
    IsState,
    Length,
    Name,
    Near,
    Negate,
    Not,
    Number,
    Offset,
    ParamRef,
    Part,
    Percent,
    PercentParam,
    Rest,
    Risk,
    Sequence,
    State,
    ToleranceKind,
    VarRef,
    Window,
    WindowKind,
    Worded,
)


def _span() -> Span:
    return field(default=NOWHERE, compare=False, kw_only=True)


# ---------------------------------------------------------------- actions


@dataclass(frozen=True, slots=True)
class Size:
    """`kind` None: the value is an expression whose unit, usdt or base units, says what it is."""

    kind: SizeKind | None
    value: Expr
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Price:
    """One price slot of an action, whatever its spelling (number, expression, *_ref, *_offset_pct).

    `key` is the card's key.
    """

    slot: PriceSlot
    key: str
    value: Expr
    span: Span = _span()
    key_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Option:
    """A plain option of an action. Texts and words are `str`, switches `bool`, numbers an expression."""

    name: OptionName
    value: str | bool | Expr
    span: Span = _span()
    name_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Ladder:
    """Several orders in one action. `step` is a part of the first price (`1.5%`) or a price difference.

    The values are as written; `compiler/resolve/ladders.py` says what they must be.
    """

    orders: Expr | None
    step: Expr | None
    step_scale: Expr | None = None
    size_scale: Expr | None = None
    size_of: str | None = None
    span: Span = _span()

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Return its values, in the order of their keys."""
        values = (self.orders, self.step, self.step_scale, self.size_scale)
        return tuple(value for value in values if value is not None)


@dataclass(frozen=True, slots=True)
class Action:
    """`kind` is a row of `ACTIONS` (`compiler/catalog/actions.py`).

    `is_whole` is false where something under it could not be read: what it lacks may be that. `rung` is its
    place in the ladder that it was written as, 0 for an action of its own.
    """

    kind: str
    prices: tuple[Price, ...] = ()
    size: Size | None = None
    options: tuple[Option, ...] = ()
    on_fill: tuple[Action, ...] = ()
    ladder: Ladder | None = None
    rung: int = 0
    is_whole: bool = field(default=True, compare=False, kw_only=True)
    span: Span = _span()
    kind_span: Span = _span()

    def option(self, name: OptionName) -> Option | None:
        return next((o for o in self.options if o.name == name), None)

    def price(self, slot: PriceSlot) -> Price | None:
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


@dataclass(frozen=True, slots=True)
class Feature:
    """An indicator, a structure or a session. `timeframe` None means the execution timeframe, `tz` is a session's zone."""

    id: str
    kind: EntryKind
    type: str
    timeframe: str | None = None
    symbol: str | None = None
    source: str | None = None
    params: tuple[Argument, ...] = ()
    depends_on: tuple[Dependency, ...] = ()
    tz: str = ""
    span: Span = _span()
    id_span: Span = _span()
    type_span: Span = _span()
    timeframe_span: Span = _span()
    source_span: Span = _span()


@dataclass(frozen=True, slots=True)
class Variable:
    """A named value: a condition, a number or a word."""

    name: str
    value: Expr
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
    version: str  # "3.2" (also where none is written), "3.1" or "3.0.0"
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
    # Cards that say 3.0.0 or 3.1 mean the close by `hour_utc` and `weekday_utc`; None: none is written.
    clocks_of_close: bool | None = None
    span: Span = _span()
    timeframe_span: Span = _span()
    higher_timeframe_spans: tuple[Span, ...] = field(default=(), compare=False, kw_only=True)


__all__ = [
    "TIMES",
    "Action",
    "All",
    "Amount",
    "AmountUnit",
    "Any",
    "ArgValue",
    "Argument",
    "Arith",
    "ArithOp",
    "Between",
    "Block",
    "Bool",
    "BuiltinRef",
    "Call",
    "Card",
    "Case",
    "Choice",
    "Clock",
    "Compare",
    "CompareOp",
    "Cross",
    "Day",
    "Default",
    "Dependency",
    "Direction",
    "EntryKind",
    "Expr",
    "Feature",
    "FeatureRef",
    "In",
    "InClock",
    "Invariant",
    "IsMissing",
    "IsState",
    "Ladder",
    "Length",
    "Name",
    "Near",
    "Negate",
    "Not",
    "Number",
    "Offset",
    "Option",
    "ParamDecl",
    "ParamRef",
    "Part",
    "Percent",
    "PercentParam",
    "Price",
    "Rest",
    "Risk",
    "Sequence",
    "Setting",
    "Size",
    "SizeKind",
    "State",
    "ToleranceKind",
    "VarRef",
    "Variable",
    "Window",
    "WindowKind",
    "Worded",
]
