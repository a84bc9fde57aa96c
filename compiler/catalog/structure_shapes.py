"""Short forms for writing the entries of structures."""

from __future__ import annotations

from collections.abc import Callable

from compiler.catalog.shapes import below, factor, length, level, price, whole
from compiler.catalog.types import (
    DependencySpec,
    Entry,
    EntryKind,
    OutputFacts,
    OutputSpec,
    ParamKind,
    Params,
    ParamSpec,
    as_stated,
    no_outputs,
)

SWING_VERSIONS = ("high_level", "low_level", "high_version", "low_version")


def structure(
    type_: str,
    title: str,
    inputs: tuple[str, ...],
    params: tuple[ParamSpec, ...],
    outputs: tuple[OutputSpec, ...],
    warmup: Callable[[Params], int],
    doc: str,
    snippet: str,
    *,
    depends: tuple[DependencySpec, ...] = (),
    more: Callable[[Params], tuple[OutputSpec, ...]] = no_outputs,
    facts_of: Callable[[OutputSpec, Params], OutputFacts] = as_stated,
) -> Entry:
    return Entry(
        type_,
        EntryKind.STRUCTURE,
        title,
        inputs,
        params,
        outputs,
        warmup,
        depends,
        more_outputs=more,
        doc=doc,
        snippet=snippet,
        facts_of=facts_of,
    )


def on_swing(*columns: str) -> tuple[DependencySpec, ...]:
    return (DependencySpec("swing", ("swing",), columns),)


def choice(name: str, *choices: str, doc: str = "", alias: str = "") -> ParamSpec:
    """Return a parameter that is one of some words, the first by default."""
    aliases = (alias,) if alias else ()
    return ParamSpec(name, ParamKind.ENUM, choices[0], choices=choices, aliases=aliases, doc=doc)


def switch(name: str, default: bool, doc: str) -> ParamSpec:
    return ParamSpec(name, ParamKind.BOOL, default, doc=doc)


def slots(default: int, doc: str) -> ParamSpec:
    """Return how many zones are kept; bounded, for each of them costs time on every bar."""
    return ParamSpec("max_active", ParamKind.INT, default, 1, 50, doc=doc)


def atr_length() -> ParamSpec:
    return length(14, name="atr_length", doc="bars of the average true range")


def in_atr(name: str, default: float, doc: str) -> ParamSpec:
    return factor(name, default, doc=f"{doc}, in average true ranges")


def direction(name: str, doc: str) -> OutputSpec:
    return whole(name, low=-1, high=1, doc=doc)


def whole_int(params: Params, name: str) -> int:
    """Return a parameter that is a whole number."""
    value = params[name]
    assert isinstance(value, int)
    return value


def two_sided(what: str) -> tuple[OutputSpec, ...]:
    """Return the outputs that tell of bullish and bearish zones: the nearest, and how many."""
    near = f"of the bullish {what} nearest to the close (0 away inside it; ties to the newer)"
    return (
        level("nearest_bull_upper", doc=near),
        price("nearest_bull_lower", below("nearest_bull_upper")),
        level("nearest_bear_upper", doc=near.replace("bullish", "bearish")),
        price("nearest_bear_lower", below("nearest_bear_upper")),
        whole("active_bull_count", low=0),
        whole("active_bear_count", low=0),
    )
