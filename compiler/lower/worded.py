"""Choices, sequences, states, amounts and parts to nodes.

The law: plain operations on interned nodes, in one fixed order (`expressions.py` says the others):

* `a if c else b` of truth values is `or(and(c, a), and(not c, b))`, of others `if(c, a, b)`
* `a then b within n` is `and(b, prev 1 (occurred n a))`
* `x is rising` is `gt(x, x[1])`; `x is never` is `never(x)`
* `t in a-b` is `and(gte, lt)`, across midnight `or(gte, lt)`
* `n% of x` is `mul(x, n / 100)`
* `2h` is a constant, the bars of the card that it is
* `n ticks` is `mul(tick, n)`, `1 tick` the builtin alone
* `risk n%` is `mul(div(mul(equity, n), 100), notional per loss)`, the last known when its order is priced
"""

from __future__ import annotations

from typing import Protocol

from compiler.catalog.builtins import PER_LOSS, TICK, builtin
from compiler.catalog.types import Stage, Type, Unit, ValueType
from compiler.check.choices import part_unit
from compiler.findings.source import Span
from compiler.graph.builder import GraphBuilder
from compiler.graph.rule_graph import Op
from compiler.resolve.scope import Resolved
from compiler.resolve.windows import bars_of, window_bars
from compiler.syntax import tree as s
from compiler.syntax.constants import constant

CLOCK = ValueType(Type.INT, Unit.CLOCK)
DATE = ValueType(Type.INT, Unit.DATE)
_AMOUNTS = {
    s.AmountUnit.USDT: ValueType(Type.NUMBER, Unit.USDT),
    s.AmountUnit.BASE: ValueType(Type.NUMBER, Unit.QTY),
    s.AmountUnit.BARS: ValueType(Type.INT, Unit.BARS),
}
# The builtin that a word of `10% of …` stands for.
_PARTS = {
    "equity": "equity",
    "max": "max_position_usdt",
    "free": "free_margin",
    "position": "position_qty",
}


class Lowers(Protocol):
    """What the parts of the lowerer ask of the whole."""

    builder: GraphBuilder
    resolved: Resolved

    def expr(self, expr: s.Expr, like: ValueType | None = None) -> int: ...

    def pair(self, left: s.Expr, right: s.Expr) -> tuple[int, int]: ...


def percent_of(expr: s.Percent | s.PercentParam, resolved: Resolved) -> float:
    """Return the N of `N%`."""
    if isinstance(expr, s.Percent):
        return expr.value
    value = constant(expr.param, resolved.params)
    assert value is not None, "a checked card has no unknown tunables"
    return float(value)


def choice(expr: s.Choice, lowers: Lowers) -> int:
    builder = lowers.builder
    condition = lowers.expr(expr.condition)
    value, other = lowers.pair(expr.value, expr.other)
    if builder.nodes[value].value.type is not Type.BOOL:
        return builder.make(Op.IF, (condition, value, other), (), expr.span)
    opposite = builder.make(Op.NOT, (condition,), (), expr.span)
    first = builder.make(Op.AND, (condition, value), (), expr.span)
    second = builder.make(Op.AND, (opposite, other), (), expr.span)
    return builder.make(Op.OR, (first, second), (), expr.span)


def sequence(expr: s.Sequence, lowers: Lowers) -> int:
    builder = lowers.builder
    first, second = lowers.expr(expr.first), lowers.expr(expr.second)
    bars = window_bars(expr.length, lowers.resolved.timeframe, lowers.resolved.params)
    assert isinstance(bars, int), "a checked sequence has a length"
    occurred = builder.make(Op.OCCURRED, (first,), (bars,), expr.span)
    armed = builder.make(Op.PREV, (occurred,), (1,), expr.span)
    return builder.make(Op.AND, (second, armed), (), expr.span)


def state(expr: s.IsState, lowers: Lowers) -> int:
    builder = lowers.builder
    now = lowers.expr(expr.operand)
    if expr.state is s.State.NEVER:
        found = builder.make(Op.NEVER, (now,), (), expr.span)
    else:
        before = lowers.expr(s.Offset(expr.operand, 1, span=expr.span))
        op = Op.GT if expr.state is s.State.RISING else Op.LT
        found = builder.make(op, (now, before), (), expr.span)
    return builder.make(Op.NOT, (found,), (), expr.span) if expr.negated else found


def in_clock(expr: s.InClock, lowers: Lowers) -> int:
    builder = lowers.builder
    time = lowers.expr(expr.operand)
    start, end = (builder.constant(m, CLOCK, expr.span) for m in (expr.start, expr.end))
    begun = builder.make(Op.GTE, (time, start), (), expr.span)
    before = builder.make(Op.LT, (time, end), (), expr.span)
    join = Op.AND if expr.start < expr.end else Op.OR
    return builder.make(join, (begun, before), (), expr.span)


def amount(expr: s.Amount, lowers: Lowers) -> int:
    value = constant(expr.value, lowers.resolved.params)
    assert value is not None, "a checked amount is a number"
    if expr.unit is s.AmountUnit.TICKS:
        return _ticks(value, expr.span, lowers)
    if expr.unit in s.TIMES:
        bars = bars_of(expr, lowers.resolved.timeframe, lowers.resolved.params)
        assert not isinstance(bars, str), "a checked time is a whole number of bars"
        return lowers.builder.constant(float(bars), _AMOUNTS[s.AmountUnit.BARS], expr.span)
    return lowers.builder.constant(value, _AMOUNTS[expr.unit], expr.span)


def _ticks(count: float, span: Span, lowers: Lowers) -> int:
    """Return the node of so many steps of the price; of one it is the step itself."""
    step = account(TICK, span, lowers)
    if count == 1:
        return step
    return lowers.builder.make(Op.MUL, (step, lowers.builder.constant(count, span=span)), (), span)


def part(expr: s.Part, lowers: Lowers) -> int:
    share = percent_of(expr.percent, lowers.resolved) / 100
    factor = lowers.builder.constant(share, span=expr.percent.span)
    return lowers.builder.make(Op.MUL, (_whole(expr.of, lowers), factor), (), expr.span)


def risk(percent: s.Expr, span: Span, lowers: Lowers) -> int:
    """Lower `risk 1%` and `risk(p)`, p in percent."""
    builder = lowers.builder
    if isinstance(percent, s.Percent | s.PercentParam):
        value = percent_of(percent, lowers.resolved)
        share = builder.constant(value, ValueType(Type.NUMBER, Unit.PCT), percent.span)
    else:
        share = lowers.expr(percent)
    scaled = builder.make(Op.MUL, (account("equity", span, lowers), share), (), span)
    hundred = builder.constant(100.0, span=span)
    lost = builder.make(Op.DIV, (scaled, hundred), (), span)
    return builder.make(Op.MUL, (lost, account(PER_LOSS, span, lowers)), (), span)


def _whole(of: s.Expr, lowers: Lowers) -> int:
    unit = part_unit(of)
    if unit is None or not isinstance(of, s.Name):
        return lowers.expr(of)
    return account(_PARTS[of.head], of.span, lowers)


def account(name: str, span: Span, lowers: Lowers) -> int:
    """Return the node of a builtin of the account."""
    value = builtin(name).value
    return lowers.builder.leaf(Op.ACCOUNT, (name, ""), value, Stage.ACCOUNT, 1, span)
