"""Types, units, stages and the shape of a catalogue entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum


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
    """One parameter: default None means required. `choices` for ENUM; kernels get its index."""

    name: str
    kind: ParamKind
    default: ParamValue | None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One output column. Stored as float64 with NaN = unknown, whatever its declared type."""

    name: str
    value: ValueType
    primary: bool = False
    doc: str = ""
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DependencySpec:
    """A structure's need of another structure: its role, the accepted types, the columns it reads."""

    role: str
    types: tuple[str, ...]
    columns: tuple[str, ...]
    required: bool = True


class EntryKind(StrEnum):
    INDICATOR = "indicator"
    STRUCTURE = "structure"


def _no_outputs(_params: Params) -> tuple[OutputSpec, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Entry:
    """The signature of one indicator or structure.

    `inputs` are bar columns in kernel order (`open high low close volume`); the literal `source`
    stands for the card's `source` choice (default `default_source`). `warmup(params)` is the number
    of bars of the entry's own clock before which the primary output is unknown at the least,
    counted beyond the warm-up of its dependencies. `more_outputs(params)` adds outputs whose names
    depend on parameters (`level_0.618`, `zone2_upper`); `outputs_for` gives all, in kernel order.
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
    more_outputs: Callable[[Params], tuple[OutputSpec, ...]] = _no_outputs
    doc: str = ""
    snippet: str = ""

    def outputs_for(self, params: Params) -> tuple[OutputSpec, ...]:
        return self.outputs + self.more_outputs(params)

    def primary(self, params: Params) -> OutputSpec:
        """Return the output that a reference without `field` means."""
        outputs = self.outputs_for(params)
        return next((o for o in outputs if o.primary), outputs[0])
