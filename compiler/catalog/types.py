"""Types, units, stages and the shape of a catalogue entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import IntEnum, StrEnum

from compiler.classes import dataclass


class Type(StrEnum):
    BOOL = "bool"
    INT = "int"
    NUMBER = "number"
    ENUM = "enum"


class Unit(StrEnum):
    PRICE = "price"  # quote per base
    QTY = "qty"  # base units
    USDT = "usdt"  # quote
    FRACTION = "fraction"  # 0.10 = 10 %
    PCT = "pct"  # 0.5 = 0.5 %
    BARS = "bars"
    INDEX = "index"  # a bar number
    PLAIN = "plain"
    CLOCK = "clock"  # minutes since 00:00
    DATE = "date"  # days since 1970-01-01
    SOURCE = "source"  # only in output specs: the unit of the feature's source column


@dataclass(frozen=True, slots=True)
class ValueType:
    """What a value is: type, unit, the tokens of an enum, and bounds it can never leave."""

    type: Type
    unit: Unit = Unit.PLAIN
    enum: tuple[str, ...] = ()  # tokens; a value is stored as the index into this tuple
    low: float | None = None
    high: float | None = None


BOOL = ValueType(Type.BOOL)
NUMBER = ValueType(Type.NUMBER)


class Stage(IntEnum):
    """What a node depends on; the stage of a node is the highest stage of its arguments."""

    CONSTANT = 0
    MARKET = 1
    ACCOUNT = 2


class ParamKind(StrEnum):
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    ENUM = "enum"
    FLOAT_LIST = "list"


ParamValue = int | float | bool | str | tuple[float, ...]
Params = Mapping[str, ParamValue]


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter: default None means required. `choices` for ENUM; kernels get its index.

    Where a call gives parameters by their place: `like` is the one whose value this takes when it is
    left out, and `not_last` says that a call may not end with it, as elsewhere another stands there.
    """

    name: str
    kind: ParamKind
    default: ParamValue | None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    doc: str = ""
    like: str = ""
    not_last: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFacts:
    """What is always so of an output, on every bar of every market with prices above zero.

    INVARIANT: what is not stated is unknown, to the compiler and to its readers. `never_negative`:
    where its source (or the price) is not. `below`: outputs of the same instance and bar that it is
    never above. `reaches`: ("max" or "min", a column or `source`): never below (above) that column of
    the bar. `is_event`: true on a bar with news, not for as long as a state lasts. `counts`: it only grows,
    one more where something has happened. `one_of`: outputs of which it is always one, on this bar or on one
    before. `one_side`: known on one side of the indicator alone, unknown while it is on the other.
    """

    never_negative: bool = False
    below: tuple[str, ...] = ()
    reaches: tuple[str, str] | None = None
    is_event: bool = False
    counts: bool = False
    one_of: tuple[str, ...] = ()
    one_side: bool = False


UNSTATED = OutputFacts()


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output column. Stored as float64 with NaN = unknown, whatever its declared type.

    Its range is that of `value`; sign, order against other outputs and event nature are its `facts`.
    `warmup` is that of an output which is known earlier or later than its entry says.
    """

    name: str
    value: ValueType
    primary: bool = False
    doc: str = ""
    aliases: tuple[str, ...] = ()
    facts: OutputFacts = UNSTATED
    warmup: Callable[[Params], int] | None = None


@dataclass(frozen=True, slots=True)
class DependencySpec:
    """A need of another feature: its role, the accepted types, the columns it reads.

    `is_source`: what is read is written as a source is, a column, a feature or an expression of them;
    it is unknown on a bar that its feed lacks, where others stay as they were.
    """

    role: str
    types: tuple[str, ...]
    columns: tuple[str, ...]
    required: bool = True
    is_source: bool = False


class EntryKind(StrEnum):
    INDICATOR = "indicator"
    STRUCTURE = "structure"


def no_outputs(_params: Params) -> tuple[OutputSpec, ...]:
    return ()


def as_stated(output: OutputSpec, _params: Params) -> OutputFacts:
    return output.facts


@dataclass(frozen=True, slots=True)
class Entry:
    """The signature of one indicator or structure.

    `inputs` are bar columns in kernel order (`open high low close volume`); the literal `source`
    stands for the card's `source` choice (default `default_source`). `warmup(params)` is the number
    of bars of the entry's own clock before which the primary output is unknown at the least,
    counted beyond the warm-up of its dependencies; `warmup_of` is that of any output.
    `more_outputs(params)` adds outputs whose names depend on parameters (`level_0.618`,
    `zone2_upper`); `outputs_for` gives all, in kernel order.
    `facts_of(output, params)` is what is always so of an output where parameters decide it.
    """

    type: str
    kind: EntryKind
    title: str
    inputs: tuple[str, ...]
    params: tuple[ParamSpec, ...]
    outputs: tuple[OutputSpec, ...]
    warmup: Callable[[Params], int]
    depends: tuple[DependencySpec, ...] = ()
    default_source: str = "close"
    more_outputs: Callable[[Params], tuple[OutputSpec, ...]] = no_outputs
    doc: str = ""
    snippet: str = ""
    facts_of: Callable[[OutputSpec, Params], OutputFacts] = as_stated

    def outputs_for(self, params: Params) -> tuple[OutputSpec, ...]:
        """Return all outputs in kernel order, with the facts that hold under the parameters."""
        return tuple(
            replace(output, facts=self.facts_of(output, params))
            for output in self.outputs + self.more_outputs(params)
        )

    def output(self, name: str, params: Params) -> OutputSpec:
        """Return an output by its name; StopIteration if there is none."""
        return next(o for o in self.outputs_for(params) if o.name == name)

    def warmup_of(self, output: OutputSpec, params: Params) -> int:
        """Return the bars before which an output is unknown at the least, as `warmup` counts them."""
        return (output.warmup or self.warmup)(params)

    def primary(self, params: Params) -> OutputSpec:
        """Return the output that a reference without `field` means."""
        outputs = self.outputs_for(params)
        return next((o for o in outputs if o.primary), outputs[0])
