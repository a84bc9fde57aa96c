"""Promises and settings in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compiler.catalog.promises import Promise
from compiler.catalog.settings import SPECS, SettingSpec
from compiler.graph.conditions_in_words import condition
from compiler.graph.limits_in_words import limits_in_words
from compiler.graph.order_words import counted
from compiler.graph.risk_in_words import risk_in_words
from compiler.graph.rule_graph import InvariantNode, RuleGraph


def plain(value: object) -> str:
    """Return a value of a setting or a parameter as a card writes it."""
    if isinstance(value, tuple):
        return "[" + ", ".join(map(plain, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def promise_in_words(graph: RuleGraph, one: InvariantNode) -> str:
    """Return a promise as a line."""
    number = "" if one.argument is None else f"{one.argument:g}"
    inner = "" if one.condition is None else condition(graph, one.condition)
    match one.name:
        case Promise.ALWAYS_PROTECTED:
            text = "an open position always has a stop"
        case Promise.NEVER_AVERAGE_UP:
            text = "it never adds at a price worse than its average entry"
        case Promise.MAX_LAYERS:
            text = f"a position has at most {counted(number, 'layer')}"
        case Promise.MAX_NOTIONAL_USDT:
            text = f"a position is never larger than {number} USDT"
        case Promise.MAX_OPEN_ORDERS:
            waits = "order waits" if number == "1" else "orders wait"
            text = f"at most {number} {waits} at once"
        case Promise.FLAT_AFTER_BARS:
            text = f"no position is held longer than {counted(number, 'bar')}"
        case Promise.NO_ENTRY_WHILE:
            text = f"nothing is entered while {inner}"
        case Promise.CONDITION:
            text = f"always: {inner}"
        case _:
            assert_never(one.name)
    return f"- {text}"


def settings_in_words(graph: RuleGraph) -> Iterator[str]:
    """Yield what every setting is, stated or not."""
    for spec in SPECS.values():
        if spec.path.startswith(("risk_model", "limits")) or spec.path.startswith(
            "execution.impact."
        ):
            continue
        yield f"- {spec.path} is {_setting(graph, spec)}"
    yield from risk_in_words(graph)
    yield from limits_in_words(graph.settings.limits)


def _setting(graph: RuleGraph, spec: SettingSpec) -> str:
    rooms = {
        "account": graph.settings.account,
        "position_policy": graph.settings.policy,
        "execution": graph.settings.execution,
    }
    value = getattr(rooms[spec.path.partition(".")[0]], spec.field)
    return "not set" if value is None else plain(value)
