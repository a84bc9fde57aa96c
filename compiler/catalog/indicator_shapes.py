"""Short forms for writing the entries of indicators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from compiler.catalog.shapes import number
from compiler.catalog.types import (
    UNSTATED,
    DependencySpec,
    Entry,
    EntryKind,
    OutputFacts,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    Unit,
)

HL = ("high", "low")
HLC = ("high", "low", "close")
HLCV = (*HLC, "volume")
SOURCE = ("source",)
Warmup = Callable[[Params], int]


def bars_of(*names: str, more: int = 0, times: int = 1) -> Warmup:
    """Return a warm-up of `times` the longest of some parameters plus a constant."""
    return lambda params: times * max(whole_of(params, name) for name in names) + more


def bars_sum(*names: str, more: int = 0) -> Warmup:
    """Return a warm-up of some parameters together plus a constant."""
    return lambda params: sum(whole_of(params, name) for name in names) + more


def fixed(count: int) -> Warmup:
    return lambda _params: count


def later(first: Warmup, bars: Warmup) -> Warmup:
    """Return the warm-up of what looks at a window of values that are themselves known from `first` on."""
    return lambda params: first(params) + bars(params) - 1


def latest(*needs: Warmup) -> Warmup:
    """Return the warm-up of what needs several values."""
    return lambda params: max(need(params) for need in needs)


def known_from(warmup: Warmup, *outputs: OutputSpec) -> tuple[OutputSpec, ...]:
    """Return outputs with a warm-up of their own, another than the primary output's."""
    return tuple(replace(output, warmup=warmup) for output in outputs)


def whole_of(params: Params, name: str) -> int:
    """Return an integer parameter."""
    value = params[name]
    assert isinstance(value, int)
    return value


def bars_param(
    name: str, default: int, doc: str, *aliases: str, low: int = 1, like: str = ""
) -> ParamSpec:
    """Return a whole number of bars under a name of its own."""
    return ParamSpec(name, ParamKind.INT, default, low, 5_000, aliases=aliases, doc=doc, like=like)


def not_last(param: ParamSpec) -> ParamSpec:
    """Return a parameter in whose place other tools have the one behind it."""
    return replace(param, not_last=True)


def ratio_param(
    name: str, default: float, doc: str, *aliases: str, low: float = 0.0, high: float = 1_000.0
) -> ParamSpec:
    return ParamSpec(name, ParamKind.FLOAT, default, low, high, aliases=aliases, doc=doc)


def value(
    unit: Unit = Unit.SOURCE,
    low: float | None = None,
    high: float | None = None,
    doc: str = "",
    *,
    facts: OutputFacts = UNSTATED,
) -> OutputSpec:
    """Return the only output of an indicator that has one."""
    return number("value", unit, low, high, primary=True, doc=doc, facts=facts)


def indicator(
    type_: str,
    title: str,
    inputs: tuple[str, ...],
    params: tuple[ParamSpec, ...],
    outputs: tuple[OutputSpec, ...],
    warmup: Warmup,
    doc: str,
    snippet: str,
    *,
    source: str = "close",
    depends: tuple[DependencySpec, ...] = (),
) -> Entry:
    return Entry(
        type_,
        EntryKind.INDICATOR,
        title,
        inputs,
        params,
        outputs,
        warmup,
        depends,
        default_source=source,
        doc=doc,
        snippet=snippet,
    )
