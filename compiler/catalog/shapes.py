"""Short forms for writing catalogue entries."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.types import (
    UNSTATED,
    OutputFacts,
    OutputSpec,
    ParamKind,
    ParamSpec,
    Type,
    Unit,
    ValueType,
)


def length(default: int, low: int = 1, name: str = "length", doc: str = "bars") -> ParamSpec:
    """Return a whole number of bars; `period` is the name older cards used for `length`."""
    aliases = ("period",) if name == "length" else ()
    return ParamSpec(name, ParamKind.INT, default, low, 5_000, aliases=aliases, doc=doc)


def factor(name: str, default: float, *aliases: str, doc: str = "") -> ParamSpec:
    return ParamSpec(name, ParamKind.FLOAT, default, 0.0, 1_000.0, aliases=aliases, doc=doc)


LEVEL = OutputFacts(never_negative=True)
EVENT = OutputFacts(is_event=True)
COUNTER = OutputFacts(counts=True)
ONE_SIDE = OutputFacts(one_side=True)
LEVEL_OF_ONE_SIDE = OutputFacts(never_negative=True, one_side=True)


def below(*outputs: str, signed: bool = False) -> OutputFacts:
    """Return the facts of an edge that is never above some outputs; `signed`: it may be negative."""
    return OutputFacts(never_negative=not signed, below=outputs)


def reaches(mode: str, column: str, *outputs: str) -> OutputFacts:
    """Return the facts of a window's extreme ("max" or "min") that includes this bar's column."""
    return OutputFacts(never_negative=True, reaches=(mode, column), below=outputs)


def one_of(facts: OutputFacts, *outputs: str) -> OutputFacts:
    """Return the facts of what is always one of some outputs."""
    return replace(facts, one_of=outputs)


def number(
    name: str,
    unit: Unit = Unit.PLAIN,
    low: float | None = None,
    high: float | None = None,
    *,
    primary: bool = False,
    doc: str = "",
    aliases: tuple[str, ...] = (),
    facts: OutputFacts = UNSTATED,
) -> OutputSpec:
    value = ValueType(Type.NUMBER, unit, low=low, high=high)
    return OutputSpec(name, value, primary, doc, aliases, facts)


def price(
    name: str, facts: OutputFacts = UNSTATED, *, primary: bool = False, doc: str = ""
) -> OutputSpec:
    """Return a price that may be anything but for its facts; see `level`."""
    return number(name, Unit.PRICE, primary=primary, doc=doc, facts=facts)


def level(name: str, *, primary: bool = False, doc: str = "") -> OutputSpec:
    """Return a price among those that were traded, so never below zero."""
    return price(name, LEVEL, primary=primary, doc=doc)


def flag(name: str, doc: str = "", *, primary: bool = False) -> OutputSpec:
    return OutputSpec(name, ValueType(Type.BOOL), primary, doc)


def event(name: str, doc: str = "", *, primary: bool = False) -> OutputSpec:
    """Return a flag of a bar with news."""
    return OutputSpec(name, ValueType(Type.BOOL), primary, doc, facts=EVENT)


def whole(
    name: str,
    unit: Unit = Unit.PLAIN,
    low: float | None = None,
    high: float | None = None,
    *,
    primary: bool = False,
    doc: str = "",
) -> OutputSpec:
    return OutputSpec(name, ValueType(Type.INT, unit, low=low, high=high), primary, doc)


def counter(name: str, *, doc: str = "") -> OutputSpec:
    """Return a number of things so far."""
    return OutputSpec(name, ValueType(Type.INT, low=0), doc=doc, facts=COUNTER)


def token(name: str, *tokens: str, doc: str = "", primary: bool = False) -> OutputSpec:
    return OutputSpec(name, ValueType(Type.ENUM, enum=tokens), primary, doc)
