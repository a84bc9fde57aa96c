"""Clocks: windows and crosses over values that change once per bar of a higher timeframe.

These are hints about working cards, so a rule that cannot be sure stays silent.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.timeframes import interval_ms
from compiler.findings.collected import Findings
from compiler.resolve.scope import (
    AccountSymbol,
    BarSymbol,
    FeatureSymbol,
    Resolved,
    VariableSymbol,
)
from compiler.resolve.windows import window_bars
from compiler.syntax import tree as s
from compiler.syntax.walker import children, live_expressions, subexpressions

_REFERENCES = (s.Name, s.FeatureRef, s.BuiltinRef, s.VarRef, s.ParamRef, s.Call)


def check_clocks(resolved: Resolved, findings: Findings) -> None:
    """Report windows and crosses that count on another clock than their operand's (IC703, IC704)."""
    conditions = [variable.value for variable in resolved.card.variables]
    for root in (*conditions, *live_expressions(resolved.card)):
        for node in subexpressions(root):
            if isinstance(node, s.Window):
                _window(node, resolved, findings)
            elif isinstance(node, s.Cross):
                _cross(node, resolved, findings)


def _window(window: s.Window, resolved: Resolved, findings: Findings) -> None:
    held = _held_timeframe(window.operand, resolved)
    if not held or window.length.duration is not None:
        return
    bars = window_bars(window.length, resolved.timeframe, resolved.params)
    ratio = interval_ms(held) // interval_ms(resolved.timeframe)
    if isinstance(bars, str) or bars >= ratio or bars == 1:
        return
    findings.add(
        "IC703",
        f"{bars} bars of {resolved.timeframe} are less than one bar of {held}, "
        "the clock of this value",
        window.span,
        help=f"one {held} bar is {ratio} bars of {resolved.timeframe}; a duration says it plainly",
    )


def _cross(cross: s.Cross, resolved: Resolved, findings: Findings) -> None:
    held = {_held_timeframe(side, resolved) for side in (cross.left, cross.right)}
    held.discard("")
    if len(held) != 1 or None in held:
        return
    findings.add(
        "IC704",
        f"this cross can happen only where a bar of {held.pop()} has closed",
        cross.span,
        help="for a state that lasts, compare with `>` or `<`; the cross is true on one bar only",
    )


def _held_timeframe(expr: s.Expr, resolved: Resolved) -> str | None:
    """Return the one higher timeframe all of an expression lives on; "" for constants, else None."""
    found: set[str | None] = set()
    todo = [expr]
    seen: set[str] = set()
    while todo:
        for node in _read(todo.pop(), resolved):
            if not isinstance(node, _REFERENCES):
                continue
            match resolved.symbol(node):
                case FeatureSymbol(instance=id):
                    found.add(resolved.by_id[id].timeframe)
                case None if isinstance(node, s.Call):
                    continue  # a function
                case BarSymbol() | AccountSymbol() | None:
                    found.add(None)
                case VariableSymbol(variable=variable):
                    if variable.name not in seen:
                        seen.add(variable.name)
                        todo.append(variable.value)
                case _:
                    continue
    if not found:
        return ""
    only = found.pop()
    return None if found or only == resolved.timeframe else only


def _read(expr: s.Expr, resolved: Resolved) -> Iterator[s.Expr]:
    """Yield the parts of an expression; what an indicator in place reads is its own affair."""
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        if not isinstance(node, s.Call) or resolved.symbol(node) is None:
            todo.extend(children(node))
