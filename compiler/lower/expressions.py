"""Expressions to nodes: every construct becomes a few plain operations on interned nodes.

The law: the operations mean exactly what the construct means under three-valued logic, in one
fixed order of floating-point operations:

* `x between a and b` is `and(gte(x, a), lte(x, b))`; `x in [a, b]` is `or(eq(x, a), eq(x, b))`
* `x near y within t` is `lte(abs(sub(x, y)), t)`;
  `x near y within t%` is `lte(abs(sub(x, y)), div(mul(abs(y), t), 100))`
* `x crosses above y` is `and(lte(prev x, prev y), gt(x, y))`, `prev` on the execution clock;
  `x crosses y` is the `or` of both ways
* `x + 0.5%` is `mul(x, 1 + 0.5 / 100)`, the factor computed here
* `feature[n]` is the feature's own clock n bars back; `[n]` of anything else is `prev`
"""

from __future__ import annotations

from typing import assert_never

from compiler.catalog.calls import MEMORY_FUNCTIONS, RISK
from compiler.catalog.operations import NARY_FUNCTIONS, PAIR_FUNCTIONS, UNARY_FUNCTIONS
from compiler.catalog.timeframes import interval_ms
from compiler.catalog.types import BOOL, Stage, Type, Unit, ValueType
from compiler.catalog.typing_rules import token_index
from compiler.findings.source import Span
from compiler.graph.builder import GraphBuilder
from compiler.graph.rule_graph import Op
from compiler.lower import worded
from compiler.lower.features import warmups
from compiler.lower.memory import memory
from compiler.lower.worded import percent_of
from compiler.resolve.scope import (
    AccountSymbol,
    BarSymbol,
    FeatureSymbol,
    ParamSymbol,
    Reference,
    Resolved,
    VariableSymbol,
    Word,
)
from compiler.resolve.windows import min_true, window_bars
from compiler.syntax import tree as s
from compiler.syntax.operations import ARITH, COMPARE, WINDOW


class ExpressionLowerer:
    """Lowers expressions of one resolved card into one builder."""

    def __init__(self, resolved: Resolved) -> None:
        self.builder = GraphBuilder()
        self.resolved = resolved
        self._features = {instance.id: i for i, instance in enumerate(resolved.instances)}
        self.warmups = warmups(resolved)
        self._variables: dict[str, int] = {}
        # Which variables each variable names, and under "" those that the rules name.
        self._named: dict[str, set[str]] = {"": set()}
        self._within = ""
        # In dependency order, so that no chain of variables is ever followed by recursion; nodes
        # that no rule reaches are dropped by the last pass.
        for variable in resolved.variables.values():
            self._within = variable.name
            self._named[variable.name] = set()
            self._variables[variable.name] = self.expr(variable.value)
        self._within = ""

    @property
    def variables(self) -> tuple[tuple[str, int], ...]:
        """Return name and node of the variables that the rules so far name, in dependency order."""
        wanted = set(self._named[""])
        for name in reversed(self._variables):
            if name in wanted:
                wanted |= self._named[name]
        return tuple(pair for pair in self._variables.items() if pair[0] in wanted)

    def expr(self, expr: s.Expr, like: ValueType | None = None) -> int:
        """Return the node of an expression; `like` is the type of what a literal is compared to."""
        match expr:
            case s.Number():
                return self._literal(expr.value, like, expr.span)
            case s.Percent() | s.PercentParam():
                return self._percent(expr, like)
            case s.Bool():
                return self.builder.constant(float(expr.value), BOOL, expr.span)
            case s.Name() | s.FeatureRef() | s.BuiltinRef() | s.VarRef() | s.ParamRef():
                return self._reference(expr, like)
            case s.Offset():
                return self._offset(expr)
            case s.Negate():
                return self._make(Op.NEG, expr.span, self.expr(expr.operand))
            case s.Arith():
                return self._arith(expr)
            case s.Call():
                return self._call(expr)
            case s.Default():
                value = self.expr(expr.value)
                fallback = self.expr(expr.fallback, self.type_of(value))
                return self._make(Op.DEFAULT, expr.span, value, fallback)
            case s.IsMissing():
                known = self._make(Op.KNOWN, expr.span, self.expr(expr.operand))
                return known if expr.negated else self._make(Op.NOT, expr.span, known)
            case s.Compare():
                left, right = self.pair(expr.left, expr.right)
                return self._make(COMPARE[expr.op], expr.span, left, right)
            case s.Between() | s.In() | s.Near() | s.Cross() | s.Window():
                return self._sugar(expr)
            case s.All():
                return self._join(Op.AND, s.All, expr)
            case s.Any():
                return self._join(Op.OR, s.Any, expr)
            case s.Not():
                return self._make(Op.NOT, expr.span, self.expr(expr.operand))
            case _:
                return self._worded(expr)

    def type_of(self, node: int) -> ValueType:
        return self.builder.nodes[node].value

    def _make(self, op: Op, span: Span, *args: int, attr: tuple[int, ...] = ()) -> int:
        return self.builder.make(op, args, attr, span)

    def _worded(self, expr: s.Worded) -> int:
        match expr:
            case s.Choice():
                return worded.choice(expr, self)
            case s.Sequence():
                return worded.sequence(expr, self)
            case s.IsState():
                return worded.state(expr, self)
            case s.InClock():
                return worded.in_clock(expr, self)
            case s.Clock():
                return self.builder.constant(expr.minutes, worded.CLOCK, expr.span)
            case s.Day():
                return self.builder.constant(expr.days, worded.DATE, expr.span)
            case s.Amount():
                return worded.amount(expr, self)
            case s.Part():
                return worded.part(expr, self)
            case s.Risk():
                return worded.risk(expr.percent, expr.span, self)
            case s.Rest():
                raise AssertionError("a checked card calculates with no rest")
            case _:
                assert_never(expr)

    # ------------------------------------------------------------ leaves

    def _percent(self, expr: s.Percent | s.PercentParam, like: ValueType | None) -> int:
        """Return a bare percentage: the fraction or the percentage that stands beside it."""
        value = percent_of(expr, self.resolved)
        is_fraction = like is not None and like.unit is Unit.FRACTION
        return self.builder.constant(value / 100 if is_fraction else value, span=expr.span)

    def _literal(self, value: float, like: ValueType | None, span: Span) -> int:
        if like is not None and like.type is Type.BOOL and value in (0, 1):
            return self.builder.constant(value, BOOL, span)
        return self.builder.constant(value, span=span)

    def _reference(self, expr: Reference, like: ValueType | None) -> int:
        symbol = self.resolved.symbol(expr)
        index = _token(expr, like)
        if index is not None and like is not None:
            return self.builder.constant(index, ValueType(Type.ENUM, enum=like.enum), expr.span)
        match symbol:
            case FeatureSymbol():
                return self.feature(symbol, 0, expr.span)
            case BarSymbol(builtin=builtin):
                attr = (builtin.name,)
                return self.builder.leaf(Op.BAR, attr, builtin.value, Stage.MARKET, 1, expr.span)
            case AccountSymbol():
                return self._account(symbol, expr.span)
            case VariableSymbol(variable=variable):
                self._named[self._within].add(variable.name)
                return self._variables[variable.name]
            case ParamSymbol(declaration=declaration):
                return self._literal(declaration.default, like, expr.span)
            case Word() | None:
                raise AssertionError("a checked card has no unknown names")
            case _:
                assert_never(symbol)

    def _account(self, symbol: AccountSymbol, span: Span) -> int:
        pair = (symbol.name, symbol.ref)
        return self.builder.leaf(Op.ACCOUNT, pair, symbol.value, Stage.ACCOUNT, 1, span)

    def feature(self, symbol: FeatureSymbol, bars_back: int, span: Span) -> int:
        """Return the node of a feature output, `bars_back` bars of its own clock ago."""
        index = self._features[symbol.instance]
        instance = self.resolved.by_id[symbol.instance]
        ratio = interval_ms(instance.timeframe) // interval_ms(self.resolved.timeframe)
        lookback = (self.warmups[index][symbol.output] + bars_back) * ratio
        return self.builder.leaf(
            Op.FEATURE,
            (index, symbol.output, bars_back),
            symbol.value,
            Stage.MARKET,
            lookback,
            span,
        )

    # ------------------------------------------------------------ numbers

    def _offset(self, expr: s.Offset) -> int:
        bars, operand = expr.bars, expr.operand
        while isinstance(operand, s.Offset):
            bars, operand = bars + operand.bars, operand.operand
        if isinstance(operand, s.Name | s.FeatureRef | s.Call):
            symbol = self.resolved.symbol(operand)
            if isinstance(symbol, FeatureSymbol):
                return self.feature(symbol, bars, expr.span)
        return self._prev(self.expr(operand), bars, expr.span)

    def _prev(self, node: int, bars: int, span: Span) -> int:
        if bars == 0 or self.builder.nodes[node].stage is Stage.CONSTANT:
            return node  # a constant was always what it is
        return self._make(Op.PREV, span, node, attr=(bars,))

    def _arith(self, expr: s.Arith) -> int:
        left = self.expr(expr.left)
        if isinstance(expr.right, s.Percent | s.PercentParam):
            part = percent_of(expr.right, self.resolved) / 100
            factor = 1 + part if expr.op is s.ArithOp.ADD else 1 - part
            return self._make(
                Op.MUL, expr.span, left, self.builder.constant(factor, span=expr.right.span)
            )
        return self._make(ARITH[expr.op], expr.span, left, self.expr(expr.right))

    def _call(self, expr: s.Call) -> int:
        symbol = self.resolved.symbol(expr)
        if isinstance(symbol, FeatureSymbol):
            return self.feature(symbol, 0, expr.span)
        if isinstance(symbol, AccountSymbol):
            return self._account(symbol, expr.span)
        if expr.function in MEMORY_FUNCTIONS:
            return memory(expr, self)
        if expr.function == RISK:
            return worded.risk(expr.args[0], expr.span, self)
        plain = [arg for arg in expr.args if not isinstance(arg, s.Percent | s.PercentParam)]
        like = None if len(plain) == len(expr.args) else self.type_of(self.expr(plain[0]))
        args = [self.expr(arg, like) for arg in expr.args]
        if expr.function == "round" and len(args) == 2:
            steps = self._make(Op.ROUND, expr.span, self._make(Op.DIV, expr.span, *args))
            return self._make(Op.MUL, expr.span, steps, args[1])
        if expr.function in UNARY_FUNCTIONS:
            return self._make(UNARY_FUNCTIONS[expr.function], expr.span, args[0])
        if expr.function in PAIR_FUNCTIONS:
            return self._make(PAIR_FUNCTIONS[expr.function], expr.span, *args)
        node = args[0]
        for arg in args[1:]:
            node = self._make(NARY_FUNCTIONS[expr.function], expr.span, node, arg)
        return node

    # ------------------------------------------------------------ truth

    def pair(self, left: s.Expr, right: s.Expr) -> tuple[int, int]:
        """Lower two compared sides; a literal or a word takes the type of the other side."""
        if self._is_loose(left, right) and not self._is_loose(right, left):
            second = self.expr(right)
            return self.expr(left, self.type_of(second)), second
        first = self.expr(left)
        return first, self.expr(right, self.type_of(first))

    def _is_loose(self, expr: s.Expr, beside: s.Expr) -> bool:
        if self.resolved.word(expr, beside) is not None:
            return True
        return isinstance(expr, s.Number | s.ParamRef | s.Percent | s.PercentParam)

    def _sugar(self, expr: s.Between | s.In | s.Near | s.Cross | s.Window) -> int:
        match expr:
            case s.Between():
                operand = self.expr(expr.operand)
                like = self.type_of(operand)
                low = self._make(Op.GTE, expr.span, operand, self.expr(expr.low, like))
                high = self._make(Op.LTE, expr.span, operand, self.expr(expr.high, like))
                return self._make(Op.AND, expr.span, low, high)
            case s.In():
                return self._in(expr)
            case s.Near():
                return self._near(expr)
            case s.Cross():
                return self._cross(expr)
            case s.Window():
                return self._window(expr)

    def _in(self, expr: s.In) -> int:
        operand = self.expr(expr.operand)
        kind = self.type_of(operand)
        hits = [self._make(Op.EQ, item.span, operand, self.expr(item, kind)) for item in expr.items]
        return self._combine(Op.OR, hits, expr.span)

    def _near(self, expr: s.Near) -> int:
        left, right = self.expr(expr.left), self.expr(expr.right)
        distance = self._make(Op.ABS, expr.span, self._make(Op.SUB, expr.span, left, right))
        limit = self.expr(expr.tolerance)
        if expr.kind is s.ToleranceKind.PERCENT:
            scaled = self._make(Op.MUL, expr.span, self._make(Op.ABS, expr.span, right), limit)
            hundred = self.builder.constant(100.0, span=expr.span)
            limit = self._make(Op.DIV, expr.span, scaled, hundred)
        return self._make(Op.LTE, expr.span, distance, limit)

    def _cross(self, expr: s.Cross) -> int:
        left, right = self.expr(expr.left), self.expr(expr.right)
        if expr.direction is s.Direction.EITHER:
            ways = [self._one_way(expr, left, right, above=above) for above in (True, False)]
            return self._make(Op.OR, expr.span, *ways)
        return self._one_way(expr, left, right, above=expr.direction is s.Direction.ABOVE)

    def _one_way(self, expr: s.Cross, left: int, right: int, *, above: bool) -> int:
        before = self._make(
            Op.LTE if above else Op.GTE,
            expr.span,
            self._prev(left, 1, expr.span),
            self._prev(right, 1, expr.span),
        )
        after = self._make(Op.GT if above else Op.LT, expr.span, left, right)
        return self._make(Op.AND, expr.span, before, after)

    def _window(self, expr: s.Window) -> int:
        operand = self.expr(expr.operand)
        bars = window_bars(expr.length, self.resolved.timeframe, self.resolved.params)
        assert isinstance(bars, int), "a checked window has a length"
        attr: tuple[int, ...] = (bars,)
        if expr.kind is s.WindowKind.COUNT:
            count = min_true(expr, self.resolved.params, bars)
            assert isinstance(count, int), "a checked window has a count"
            attr = (bars, count)
        return self._make(WINDOW[expr.kind], expr.span, operand, attr=attr)

    def _join(self, op: Op, kind: type[s.All] | type[s.Any], expr: s.All | s.Any) -> int:
        """Lower `all`/`any`; one directly inside another of its kind is the same list."""
        items: list[int] = []
        todo: list[s.Expr] = list(reversed(expr.items))
        while todo:
            item = todo.pop()
            if isinstance(item, kind):
                todo.extend(reversed(item.items))
            else:
                items.append(self.expr(item))
        return self._combine(op, items, expr.span)

    def _combine(self, op: Op, items: list[int], span: Span) -> int:
        if not items:
            return self.builder.constant(float(op is Op.AND), BOOL, span)
        return items[0] if len(items) == 1 else self._make(op, span, *items)


def _token(expr: Reference, like: ValueType | None) -> int | None:
    """Return which value of the other side a bare word is, None if it is none."""
    if like is None or not isinstance(expr, s.Name):
        return None
    bare = expr.field is None and expr.timeframe is None
    return token_index(expr.head, like) if bare else None
