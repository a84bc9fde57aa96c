"""Sources that are expressions: what `close / BTCUSDT.close` in `sma(close / BTCUSDT.close, 20)` becomes.

The law: everything it reads is of the market and of the reader's own timeframe; what is not is reported.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.catalog.calls import CALLABLE, INDICATORS, TIMES_FUNCTIONS
from compiler.catalog.operations import NARY_FUNCTIONS, PAIR_FUNCTIONS, UNARY_FUNCTIONS, Op
from compiler.catalog.source_expressions import (
    BESIDE_BARS,
    COLUMN,
    COLUMNS,
    CONSTANT,
    DEEPEST,
    EXPRESSION,
    MOST_READS,
    OPERATION,
    OPERATIONS,
    READ,
    role_of,
)
from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import Inferred, binary, literal, number, unary
from compiler.catalog.units import Mismatch
from compiler.expressions.read import parse_expression
from compiler.findings.collected import Findings
from compiler.findings.source import Span
from compiler.resolve.features import FeatureTable
from compiler.resolve.implied import column_at
from compiler.resolve.outputs import SOURCES
from compiler.resolve.scope import (
    AccountSymbol,
    FeatureSymbol,
    Instance,
    Named,
    Symbol,
    VariableSymbol,
    Word,
)
from compiler.resolve.written_out import MOST_PARTS, WrittenOut
from compiler.syntax import tree as s
from compiler.syntax.constants import constant
from compiler.syntax.operations import ARITH
from compiler.syntax.printer import print_expression


class Looks(Protocol):
    """Looks names and calls up."""

    written_out: WrittenOut

    def meaning(self, named: Named) -> Symbol | None: ...


_READS = "an indicator reads prices and other features"
_OF_LAST_TIMES = (
    "of a value at the last times of a condition there are `mean_when(c, x, 10)`, `median_when`, "
    "`highest_when` and `lowest_when`"
)
_OF_TRADES = (
    "of the last trades there are `avg_trade(20)`, `win_rate(20)`, `avg_win(20)` and `avg_loss(20)`"
)


_LONGEST = 60  # letters of a value that a help repeats


class _Refused(Exception):
    """Something that no indicator can read, already reported or to be: `message` None is reported.

    What is `nothing` at all is reported where a variable says it, not where an indicator reads that.
    """

    def __init__(
        self,
        message: str | None = None,
        span: Span | None = None,
        help: str = _READS,
        *,
        is_nothing: bool = False,
    ) -> None:
        self.message = message
        self.span = span
        self.help = help
        self.is_nothing = is_nothing


def source_instance(
    source: s.Expr, timeframe: str | None, symbol: str | None, table: FeatureTable,
    params: Mapping[str, s.ParamDecl], looks: Looks,
) -> Instance | None:  # fmt: skip
    """Return the instance of a source, made where it is new; None if it was reported."""
    clock = table.timeframe(timeframe, source.span)
    if clock is None:
        return None
    written, source = source, looks.written_out.of(source)
    id = f"({print_expression(source)})@{clock}" + (f" of {symbol}" if symbol else "")
    if id in table.instances:
        return table.instances[id]
    code = _Code(timeframe, clock, table, params, looks)
    try:
        kind = code.add(source)
    except _Refused as refused:
        _report(refused, written, table, looks)
        return None
    except Mismatch:
        table.refused("IC301", "these units do not go together", written.span, "as in a condition")
        return None
    if symbol is not None and code.reads:
        message = f"what is computed on {symbol} reads that symbol's own bars alone"
        is_its_own = (
            isinstance(source, s.Name) and table.instances[code.reads[0].instance].symbol == symbol
        )
        helps = (
            f"leave `symbol` away: `{print_expression(source)}` is of {symbol} already"
            if is_its_own
            else "take its columns: open high low close volume"
        )
        table.refused("IC309", message, written.span, helps)
        return None
    steps = tuple(float(part) for step in code.steps for part in step)
    output = replace(EXPRESSION.outputs[0], value=ValueType(Type.NUMBER, kind.unit or Unit.PLAIN))
    depends = tuple(
        (role_of(place, read.output), read.instance) for place, read in enumerate(code.reads)
    )
    made = Instance(
        id=id, entry=EXPRESSION, timeframe=clock, symbol=symbol, source="", params=(("code", steps),),
        depends=depends, outputs=(output,), implicit=True, span=written.span,
    )  # fmt: skip
    table.instances[id] = made
    return made


def _report(refused: _Refused, written: s.Expr, table: FeatureTable, looks: Looks) -> None:
    """Report what cannot be read where it is read: a variable that says it is right by itself."""
    if refused.message is None:
        return
    span, help = refused.span or written.span, refused.help
    read = looks.written_out.reader_of(span, written)
    if read is not None:
        if refused.is_nothing:
            return
        variable, span = read
        help = f"`{variable.name}` says `{_shortened(variable)}` and is read as its text; {help}"
    table.refused("IC309", refused.message, span, help)


@dataclass(slots=True)
class _Code:
    """Postfix code of one expression, with the types of its parts."""

    written: str | None  # the timeframe behind the reader's `@`
    clock: str
    table: FeatureTable
    params: Mapping[str, s.ParamDecl]
    looks: Looks
    steps: list[tuple[float, float, float]] = field(default_factory=list)
    reads: list[FeatureSymbol] = field(default_factory=list)
    back: int = 0  # bars, of all that stands inside `( )[n]`

    def add(self, expr: s.Expr, waiting: int = 0) -> Inferred:
        """Append the steps of an expression; `waiting` values stand below it."""
        if waiting >= DEEPEST:
            raise _Refused("a source nests too deep")
        value = constant(expr, self.params)
        if isinstance(value, int | float) and not isinstance(value, bool):
            self.steps.append((CONSTANT, float(value), 0))
            return literal(float(value))
        match expr:
            case s.Offset():
                self.back += expr.bars
                found = self.add(expr.operand, waiting)
                self.back -= expr.bars
                return found
            case s.Negate():
                return self._one(Op.NEG, expr.operand, waiting)
            case s.Arith(right=s.Percent() as share):
                left = self.add(expr.left, waiting)
                part = share.value / 100
                self.steps.append((CONSTANT, 1 + part if expr.op is s.ArithOp.ADD else 1 - part, 0))
                return self._joined(Op.MUL, left, number(None))
            case s.Arith():
                return self._two(ARITH[expr.op], expr.left, expr.right, waiting)
            case s.Call() if expr.function in UNARY_FUNCTIONS and len(expr.args) == 1:
                return self._one(UNARY_FUNCTIONS[expr.function], expr.args[0], waiting)
            case s.Call() if expr.function in PAIR_FUNCTIONS and len(expr.args) == 2:
                return self._two(PAIR_FUNCTIONS[expr.function], *expr.args, waiting)
            case s.Call() if expr.function in NARY_FUNCTIONS and len(expr.args) > 1:
                found = self.add(expr.args[0], waiting)
                for arg in expr.args[1:]:
                    found = self._joined(
                        NARY_FUNCTIONS[expr.function], found, self.add(arg, waiting + 1)
                    )
                return found
            case _:
                return self._leaf(expr)

    def _one(self, op: Op, operand: s.Expr, waiting: int) -> Inferred:
        found = self.add(operand, waiting)
        self.steps.append((OPERATION, OPERATIONS.index(op), 1))
        return unary(op, found)

    def _two(self, op: Op, left: s.Expr, right: s.Expr, waiting: int) -> Inferred:
        return self._joined(op, self.add(left, waiting), self.add(right, waiting + 1))

    def _joined(self, op: Op, left: Inferred, right: Inferred) -> Inferred:
        self.steps.append((OPERATION, OPERATIONS.index(op), 2))
        return binary(op, left, right)

    def _leaf(self, expr: s.Expr) -> Inferred:
        column = _column(expr) if isinstance(expr, s.Name | s.BuiltinRef | s.FeatureRef) else None
        if column in BESIDE_BARS:
            read = column_at(self.table, column, self.clock, expr.span)
            assert read is not None
            return self._read(read, expr)
        if column is not None:
            self.steps.append((COLUMN, COLUMNS.index(column), self.back))
            return Inferred(ValueType(Type.NUMBER, SOURCES[column]))
        named = (
            expr
            if isinstance(expr, s.Name | s.Call | s.VarRef | s.BuiltinRef | s.FeatureRef)
            else None
        )
        if named is None:
            text = print_expression(expr)
            raise _Refused(f"`{text}` is nothing an indicator can read", expr.span)
        if (
            self.written is not None
            and isinstance(named, s.Name | s.Call)
            and named.timeframe is None
        ):
            named = replace(named, timeframe=self.written)
        later = {feature.id for feature, _, _ in self.table.waiting}
        if isinstance(named, s.Name) and named.head in later:
            raise _Refused(f"`{named.head}` is not computed before this", expr.span)
        if isinstance(named, s.Call) and named.function not in (*INDICATORS, *OF_LAST_TRADES):
            raise _of_function(named)
        symbol = self.looks.meaning(named)
        circles = self.looks.written_out.circles
        if isinstance(symbol, VariableSymbol) and symbol.variable.name in circles:
            raise _Refused
        if symbol is None:
            raise _Refused
        if not isinstance(symbol, FeatureSymbol):
            text = print_expression(expr)
            raise _Refused(
                f"`{text}` is no price and no feature: an indicator cannot read it",
                expr.span,
                _instead(symbol),
                is_nothing=isinstance(symbol, Word),
            )
        return self._read(symbol, expr)

    def _read(self, symbol: FeatureSymbol, expr: s.Expr) -> Inferred:
        instance = self.table.instances[symbol.instance]
        if instance.timeframe != self.clock:
            text = print_expression(expr)
            message = (
                f"`{text}` is of {instance.timeframe} bars, what reads it of {self.clock} bars"
            )
            raise _Refused(message, expr.span)
        if symbol not in self.reads:
            self.reads.append(symbol)
        place = self.reads.index(symbol)
        if place >= MOST_READS:
            raise _Refused(f"a source reads at most {MOST_READS} features")
        self.steps.append((READ, place, self.back))
        return Inferred(symbol.value)


def _instead(symbol: Symbol) -> str:
    """Return what an indicator reads instead of something that it cannot."""
    if isinstance(symbol, AccountSymbol) and symbol.name == "last_trade_pnl":
        return _OF_TRADES
    if not isinstance(symbol, VariableSymbol):
        return _READS
    name = symbol.variable.name
    if isinstance(symbol.variable.value, s.Number | s.Negate):
        return f"{_READS}; `{name}` is a number: as a parameter it is one of `params`, `={name}`"
    return f"{_READS}; written out, `{name}` has more than {MOST_PARTS} parts: make a feature of one of them"


def _shortened(variable: s.Variable) -> str:
    text = print_expression(variable.value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _of_function(call: s.Call) -> _Refused:
    """Refuse a call that is no indicator: nothing else reports it, for its arguments are read here."""
    text = print_expression(call)
    if call.function in ("value_when", *TIMES_FUNCTIONS):
        help = _OF_LAST_TIMES
    elif call.function == "round" and len(call.args) == 2:
        help = "write `round(x / step) * step`"
    elif call.function in UNARY_FUNCTIONS:
        help = f"`{call.function}` takes one argument, found {len(call.args)}"
    elif call.function in (*PAIR_FUNCTIONS, *NARY_FUNCTIONS):
        more = "" if call.function in PAIR_FUNCTIONS else " or more"
        help = f"`{call.function}` takes two arguments{more}, found {len(call.args)}"
    elif call.function in CALLABLE:
        help = _READS
    else:
        help = f"no function is called `{call.function}`; {_READS}"
    return _Refused(
        f"`{text}` is nothing an indicator can read",
        call.span,
        help,
        is_nothing=call.function not in CALLABLE,
    )


def _column(expr: s.Name | s.BuiltinRef | s.FeatureRef) -> str | None:
    """Return the bar column of the reader's own clock that a reference is, None for others."""
    match expr:
        case s.Name(field=None, timeframe=None):
            name = expr.head
        case s.BuiltinRef(ref=None):
            name = expr.name
        case s.FeatureRef(field=None):
            name = expr.feature_id
        case _:
            return None
    return name if name in SOURCES else None


def declared_over_expressions(
    table: FeatureTable, params: Mapping[str, s.ParamDecl], looks: Looks, findings: Findings
) -> list[s.Expr]:
    """Make the instances of declared features that read an expression, in the order of the card.

    Return the expressions as they are written: they may name variables.
    """
    sources: list[s.Expr] = []

    def read(text: str, span: Span, feature: s.Feature) -> Instance | None:
        expr = _parsed(text, span, findings)
        if expr is None:
            return None
        sources.append(expr)
        return source_instance(expr, feature.timeframe, feature.symbol, table, params, looks)

    while table.waiting:
        feature, entry, further = table.waiting[0]
        source, is_column = feature.source, feature.source is None or feature.source in SOURCES
        first = None if is_column else read(source or "", feature.source_span, feature)
        rest = [(d.role, read(d.target, d.span, feature)) for d in further]
        others = tuple((role, made.id) for role, made in rest if made is not None)
        if len(others) == len(rest) and (is_column or first is not None):
            plain = feature if is_column else replace(feature, source=None)
            table.reading(plain, entry, first, others)
        del table.waiting[0]
        table.note_broken()
    return sources


def _parsed(text: str, span: Span, findings: Findings) -> s.Expr | None:
    is_plain = span.end - span.start == len(text)

    def place(start: int, end: int) -> Span:
        return Span(span.start + start, span.start + end) if is_plain else span

    parsed = parse_expression(text, place)
    for error in parsed.errors:
        findings.add("IC111", error.message, place(error.start, error.end), help=error.help)
    return None if parsed.errors else parsed.expr
