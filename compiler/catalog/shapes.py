"""Short forms for writing catalogue entries."""

from __future__ import annotations

from compiler.catalog.types import OutputSpec, ParamKind, ParamSpec, Type, Unit, ValueType


def length(default: int, low: int = 1, name: str = "length", doc: str = "bars") -> ParamSpec:
    """Return a whole number of bars; `period` is the name older cards used for `length`."""
    aliases = ("period",) if name == "length" else ()
    return ParamSpec(name, ParamKind.INT, default, low, 5_000, aliases=aliases, doc=doc)


def factor(name: str, default: float, *aliases: str, doc: str = "") -> ParamSpec:
    return ParamSpec(name, ParamKind.FLOAT, default, 0.0, 1_000.0, aliases=aliases, doc=doc)


def number(
    name: str, unit: Unit = Unit.PLAIN, low: float | None = None, high: float | None = None,
    *, primary: bool = False, doc: str = "", aliases: tuple[str, ...] = (),
) -> OutputSpec:  # fmt: skip
    value = ValueType(Type.NUMBER, unit, low=low, high=high)
    return OutputSpec(name, value, primary, doc, aliases)


def price(name: str, *, primary: bool = False, doc: str = "") -> OutputSpec:
    return number(name, Unit.PRICE, primary=primary, doc=doc)


def flag(name: str, doc: str = "") -> OutputSpec:
    return OutputSpec(name, ValueType(Type.BOOL), doc=doc)


def whole(
    name: str, unit: Unit = Unit.PLAIN, low: float | None = None, high: float | None = None,
    *, primary: bool = False, doc: str = "",
) -> OutputSpec:  # fmt: skip
    return OutputSpec(name, ValueType(Type.INT, unit, low=low, high=high), primary, doc)


def token(name: str, *tokens: str, doc: str = "", primary: bool = False) -> OutputSpec:
    return OutputSpec(name, ValueType(Type.ENUM, enum=tokens), primary, doc)
