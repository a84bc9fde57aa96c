"""Small cards and a small catalogue for tests of the compiler's middle."""

from __future__ import annotations

from compiler.catalog.types import (
    DependencySpec,
    Entry,
    EntryKind,
    OutputSpec,
    ParamKind,
    ParamSpec,
    Type,
    Unit,
    ValueType,
)
from compiler.check.card import check
from compiler.findings.diagnostics import Diagnostic
from compiler.graph.rule_graph import RuleGraph
from compiler.lower.card import lower
from compiler.resolve.card import resolve
from compiler.resolve.scope import Resolved
from compiler.syntax import tree as s

PRICE = ValueType(Type.NUMBER, Unit.PRICE, low=0)
BOOL = ValueType(Type.BOOL)
LENGTH = ParamSpec("length", ParamKind.INT, 20, low=1, high=500)
STATES = ("none", "active", "broken")


def _length(params: object) -> int:
    return int(params["length"])  # type: ignore[index]


def _levels(params: object) -> tuple[OutputSpec, ...]:
    levels = params["levels"]  # type: ignore[index]
    return tuple(OutputSpec(f"level_{level:g}", PRICE) for level in levels)


def _indicator(type: str, inputs: tuple[str, ...], *outputs: OutputSpec) -> Entry:
    return Entry(type, EntryKind.INDICATOR, type, inputs, (LENGTH,), outputs, _length)


ENTRIES: dict[str, Entry] = {
    entry.type: entry
    for entry in (
        _indicator("ema", ("source",), OutputSpec("value", ValueType(Type.NUMBER, Unit.SOURCE))),
        _indicator(
            "highest", ("source",), OutputSpec("value", ValueType(Type.NUMBER, Unit.SOURCE))
        ),
        _indicator("atr", ("high", "low", "close"), OutputSpec("value", PRICE)),
        _indicator(
            "rsi", ("source",), OutputSpec("value", ValueType(Type.NUMBER, low=0, high=100))
        ),
        Entry(
            "supertrend",
            EntryKind.INDICATOR,
            "Supertrend",
            ("high", "low", "close"),
            (LENGTH, ParamSpec("multiplier", ParamKind.FLOAT, 3.0, 0.1, aliases=("mult",))),
            (
                OutputSpec("trend", PRICE, primary=True),
                OutputSpec("direction", ValueType(Type.INT, low=-1, high=1)),
                OutputSpec("up", BOOL, aliases=("is_up",)),
            ),
            _length,
        ),
        Entry(
            "swing",
            EntryKind.STRUCTURE,
            "Swing",
            ("high", "low"),
            (
                ParamSpec("left", ParamKind.INT, 5, 1),
                ParamSpec("right", ParamKind.INT, 5, 1),
                ParamSpec("mode", ParamKind.ENUM, "fractal", choices=("fractal", "atr_zigzag")),
            ),
            (
                OutputSpec("high_level", PRICE, primary=True),
                OutputSpec("low_level", PRICE),
                OutputSpec("high_idx", ValueType(Type.INT, Unit.INDEX)),
                OutputSpec("last_type", ValueType(Type.ENUM, enum=("none", "high", "low"))),
            ),
            lambda params: int(params["left"]) + int(params["right"]) + 1,
        ),
        Entry(
            "fibonacci",
            EntryKind.STRUCTURE,
            "Fibonacci",
            ("close",),
            (ParamSpec("levels", ParamKind.FLOAT_LIST, (0.5,)),),
            (OutputSpec("state", ValueType(Type.ENUM, enum=STATES), primary=True),),
            lambda params: 1,
            depends=(DependencySpec("swing", ("swing",), ("high_level", "low_level")),),
            more_outputs=_levels,
        ),
    )
}


def num(value: float) -> s.Number:
    return s.Number(float(value))


def indicator(id: str, type: str, **params: float) -> s.Feature:
    arguments = tuple(s.Argument(name, num(value)) for name, value in params.items())
    return s.Feature(id, s.EntryKind.INDICATOR, type, params=arguments)


FEATURES = (
    indicator("fast", "ema", length=10),
    indicator("slow", "ema", length=50),
    indicator("strength", "rsi", length=14),
    indicator("range", "atr", length=14),
    indicator("st", "supertrend", length=10),
    s.Feature("swing", s.EntryKind.STRUCTURE, "swing"),
    s.Feature(
        "fib",
        s.EntryKind.STRUCTURE,
        "fibonacci",
        params=(s.Argument("levels", (num(0.5), num(0.618))),),
        depends_on=(s.Dependency("swing", "swing"),),
    ),
    s.Feature(
        "trend",
        s.EntryKind.INDICATOR,
        "ema",
        timeframe="4h",
        params=(s.Argument("length", num(5)),),
    ),
)
BUY = s.Action("entry_long", size=s.Size(s.SizeKind.USDT, num(250)))


def card(*whens: s.Expr, **more: object) -> s.Card:
    """Return a card with one block per condition, each buying; `more` replaces fields."""
    blocks = tuple(s.Block(f"b{i}", (s.Case(when, (BUY,)),)) for i, when in enumerate(whens))
    fields: dict[str, object] = {
        "version": "3.1",
        "name": "test",
        "symbols": ("BTCUSDT",),
        "timeframe": "15m",
        "higher_timeframes": ("4h",),
        "features": FEATURES,
        "blocks": blocks,
    }
    return s.Card(**(fields | more))  # type: ignore[arg-type]


def resolved(of: s.Card) -> tuple[Resolved, list[Diagnostic]]:
    return resolve(of, ENTRIES)


def findings(of: s.Card) -> list[Diagnostic]:
    """Return what resolving and checking find."""
    names, found = resolved(of)
    return found + check(names)


def codes(of: s.Card) -> list[str]:
    return sorted(d.code for d in findings(of))


def lowered(of: s.Card) -> RuleGraph:
    """Lower a card that must be clean."""
    names, found = resolved(of)
    problems = [d for d in found + check(names) if d.is_error]
    assert problems == []
    return lower(names)


def close() -> s.Name:
    return s.Name("close")


def gt(left: s.Expr, right: s.Expr) -> s.Compare:
    return s.Compare(s.CompareOp.GT, left, right)


def eq(left: s.Expr, right: s.Expr) -> s.Compare:
    return s.Compare(s.CompareOp.EQ, left, right)
