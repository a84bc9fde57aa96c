"""Types and units of expressions.

The law: total, and one finding per mistake. `infer` gives None where something was already
reported, and every user of a None stays silent.
"""

from __future__ import annotations

from typing import assert_never

from compiler.catalog.builtins import OF_LAST_TRADES
from compiler.catalog.calls import INDICATORS, MEMORY_FUNCTIONS, RISK
from compiler.catalog.operations import NARY_FUNCTIONS, PAIR_FUNCTIONS, UNARY_FUNCTIONS, Op
from compiler.catalog.types import Type, Unit, ValueType
from compiler.catalog.typing_rules import (
    TRUTH,
    Inferred,
    binary,
    default,
    literal,
    number,
    unary,
)
from compiler.catalog.units import Mismatch, same
from compiler.check.choices import amount, choice, in_clock, part, sequence, state
from compiler.check.equality import check_equal, is_token, note_bool_compare
from compiler.check.memory import memory
from compiler.check.percents import Bare, beside, divided, factor, lone_percent, named, shifted
from compiler.check.positions import position_question
from compiler.check.references import reference
from compiler.check.risks import lone_risk, risk_of
from compiler.check.tolerances import check_tolerance
from compiler.check.words import Typed, report_impure, report_mismatch, type_words
from compiler.findings.collected import Findings, rename
from compiler.findings.source import NOWHERE, Source, Span
from compiler.resolve.scope import (
    AccountSymbol,
    FeatureSymbol,
    Resolved,
    VariableSymbol,
    Word,
)
from compiler.resolve.windows import MAX_OFFSET, min_true, window_bars
from compiler.syntax import tree as s
from compiler.syntax.operations import ARITH

_VERBS = {Op.ADD: "added", Op.SUB: "subtracted", Op.MUL: "multiplied", Op.DIV: "divided"}


class TypeChecker:
    """Infers the type of expressions of one card and reports what does not fit."""

    def __init__(self, resolved: Resolved, source: Source | None, findings: Findings) -> None:
        self.resolved = resolved
        self.findings = findings
        self.source = source
        self.broken: set[str] = set()
        self._variables: dict[str, Inferred] = {}

    def variable(self, variable: s.Variable) -> None:
        """Check a named value; what is wrong with it is reported once, not where it is used."""
        before = len(self.findings)
        found = None if named(variable, self) else self.infer(variable.value)
        if found is not None and variable.name not in self.broken and len(self.findings) == before:
            self._variables[variable.name] = found

    def value_types(self) -> dict[str, ValueType]:
        """Return what the named values are that were checked and found right."""
        return {name: found.value for name, found in self._variables.items()}

    def condition(self, expr: s.Expr) -> None:
        """Check an expression that must be a truth value."""
        found = self.infer(expr)
        if found is not None and found.type is not Type.BOOL:
            named = variable_of(expr, self.resolved)
            self.findings.add(
                "IC309",
                f"`{named}` is {type_words(found)}; a condition is true or false"
                if named
                else f"a condition is true or false, this is {type_words(found)}",
                expr.span,
                help="compare it with something",
            )

    def number(self, expr: s.Expr, what: str = "a number") -> Inferred | None:
        """Infer an expression that must be a number."""
        found = self.infer(expr)
        if found is None or found.is_numeric:
            return found
        named = variable_of(expr, self.resolved)
        this = f"`{named}`" if named else "this"
        self.findings.add("IC309", f"expected {what}, {this} is {type_words(found)}", expr.span)
        return None

    def infer(self, expr: s.Expr) -> Inferred | None:
        """Return what an expression is; None if that was reported."""
        match expr:
            case s.Number():
                return literal(expr.value)
            case s.Percent() | s.PercentParam():
                lone_percent(expr, self)
                return None
            case s.Bool():
                return TRUTH
            case s.Name() | s.FeatureRef() | s.BuiltinRef() | s.VarRef() | s.ParamRef():
                return reference(expr, self, self._variables)
            case s.Offset():
                return self._offset(expr)
            case s.Negate():
                found = self.number(expr.operand)
                return None if found is None else _negated(found)
            case s.Arith():
                return self._arith(expr)
            case s.Call():
                return self._call(expr)
            case s.Default():
                return self._default(expr)
            case s.IsMissing():
                return None if self.infer(expr.operand) is None else TRUTH
            case s.Compare() | s.In():
                return self._comparison(expr)
            case s.Between():
                self.one_unit(expr.operand, expr.low, expr.high)
            case s.Near():
                self._near(expr)
            case s.Cross():
                self.one_unit(expr.left, expr.right)
            case s.All() | s.Any():
                for item in expr.items:
                    self.condition(item)
            case s.Not():
                self.condition(expr.operand)
            case s.Window():
                self._window(expr)
            case _:
                return self._worded(expr)
        return TRUTH

    def _worded(self, expr: s.Worded) -> Inferred | None:
        match expr:
            case s.Choice():
                return choice(expr, self)
            case s.Sequence():
                return sequence(expr, self)
            case s.IsState():
                return state(expr, self)
            case s.InClock():
                return in_clock(expr, self)
            case s.Clock():
                return Inferred(ValueType(Type.INT, Unit.CLOCK), constant=float(expr.minutes))
            case s.Day():
                return Inferred(ValueType(Type.INT, Unit.DATE), constant=float(expr.days))
            case s.Amount():
                return amount(expr, self)
            case s.Part():
                return part(expr, self)
            case s.Risk():
                return lone_risk(expr, self)
            case s.Rest():
                message = (
                    "`rest of position` is the whole size of an exit: no value to calculate with"
                )
                self.findings.add("IC309", message, expr.span)
                return None
            case _:
                assert_never(expr)

    # ------------------------------------------------------------ numbers

    def _offset(self, expr: s.Offset) -> Inferred | None:
        found = self.infer(expr.operand)
        if not 0 <= expr.bars <= MAX_OFFSET:
            self.findings.add(
                "IC310",
                f"a look back is 0 to {MAX_OFFSET} bars, found {expr.bars}",
                expr.span,
            )
        return found

    def _arith(self, expr: s.Arith) -> Inferred | None:
        if expr.op is s.ArithOp.DIV and isinstance(expr.left, Bare):
            return divided(expr.left, self.number(expr.right), self)
        left = self.number(expr.left)
        if isinstance(expr.right, s.Percent | s.PercentParam):
            if expr.op in (s.ArithOp.ADD, s.ArithOp.SUB):
                return None if left is None else shifted(left, expr.right, expr.span, self)
            factor(expr.right, self)
            return None
        right = self.number(expr.right)
        if left is None or right is None:
            return None
        op = ARITH[expr.op]
        try:
            return binary(op, left, right)
        except Mismatch:
            self._mismatch(f"cannot be {_VERBS[op]}", (expr.left, left), (expr.right, right), expr)
            return None

    def _call(self, expr: s.Call) -> Inferred | None:
        span = expr.name_span if expr.name_span != NOWHERE else expr.span
        if expr.function in INDICATORS:
            symbol = self.resolved.symbol(expr)
            return Inferred(symbol.value) if isinstance(symbol, FeatureSymbol) else None
        if expr.function in OF_LAST_TRADES:
            symbol = self.resolved.symbol(expr)
            return Inferred(symbol.value) if isinstance(symbol, AccountSymbol) else None
        if expr.field is not None or expr.timeframe is not None:
            message = f"`{expr.function}` is a function: it has no fields and no timeframe"
            self.findings.add(
                "IC309", message, expr.span, help="fields and `@4h` are of indicators"
            )
            return None
        if expr.function in MEMORY_FUNCTIONS:
            return memory(expr, self)
        if expr.function == RISK:
            return risk_of(expr, self)
        if expr.function in PAIR_FUNCTIONS or (expr.function == "round" and len(expr.args) == 2):
            return self._pair(expr, span)
        if expr.function not in UNARY_FUNCTIONS and expr.function not in NARY_FUNCTIONS:
            self.findings.unknown_word(
                "IC201",
                f"no function is called `{expr.function}`",
                span,
                expr.function,
                (*UNARY_FUNCTIONS, *NARY_FUNCTIONS),
            )
            return None
        wanted = "one argument" if expr.function in UNARY_FUNCTIONS else "two arguments or more"
        count = len(expr.args)
        if count != 1 if expr.function in UNARY_FUNCTIONS else count < 2:
            self.findings.add("IC309", f"`{expr.function}` takes {wanted}, found {count}", span)
            return None
        if expr.function in UNARY_FUNCTIONS:
            operand = self.number(expr.args[0])
            return None if operand is None else self._of_one(expr, operand)
        return self.one_unit(*expr.args)

    def _of_one(self, expr: s.Call, operand: Inferred) -> Inferred | None:
        try:
            return unary(UNARY_FUNCTIONS[expr.function], operand)
        except Mismatch:
            report_impure(expr, operand, self.findings)
            return None

    def _pair(self, expr: s.Call, span: Span) -> Inferred | None:
        """Infer a function of two values; `round(x, step)` has the unit of x."""
        if len(expr.args) != 2:
            message = f"`{expr.function}` takes two arguments, found {len(expr.args)}"
            self.findings.add("IC309", message, span)
            return None
        if expr.function == "round":
            found = self.one_unit(*expr.args)
            return None if found is None else number(found.unit)
        left, right = self.number(expr.args[0]), self.number(expr.args[1])
        if left is None or right is None:
            return None
        op = PAIR_FUNCTIONS[expr.function]
        try:
            return binary(op, left, right)
        except Mismatch:
            pair = (expr.args[0], left), (expr.args[1], right)
            self._mismatch(f"have no `{expr.function}`", *pair, expr)
            return None

    def _default(self, expr: s.Default) -> Inferred | None:
        value = self.infer(expr.value)
        word = self.resolved.word(expr.fallback, expr.value)
        if value is not None and word is not None:
            return value if self.is_token(word, expr.fallback, value) else None
        fallback = self.infer(expr.fallback)
        if value is None or fallback is None:
            return None
        if value.type is Type.BOOL and fallback.constant in (0, 1):
            return value
        try:
            return default(value, fallback)
        except Mismatch:
            self._mismatch(
                "cannot stand for each other", (expr.value, value), (expr.fallback, fallback), expr
            )
            return None

    def one_unit(self, *exprs: s.Expr) -> Inferred | None:
        """Check numbers that must share a unit; return the type of a choice among them."""
        found = beside(self, exprs)
        common = found[0]
        for expr, other in zip(exprs[1:], found[1:], strict=True):
            if common is None or other is None:
                return None
            try:
                common = binary(Op.MIN, common, other)
            except Mismatch:
                self._mismatch("cannot be compared", (exprs[0], common), (expr, other), expr)
                return None
        return common

    def _mismatch(self, verb: str, left: Typed, right: Typed, whole: s.Expr) -> None:
        report_mismatch(verb, left, right, whole, self.findings)

    # ------------------------------------------------------------ truth

    def _about_position(self, expr: s.Compare) -> bool:
        """Report a question about the position in other words; False if it is none."""
        written = position_question(expr)
        if written is None or not isinstance(expr.left, s.Name):
            return False
        if not isinstance(self.resolved.symbol(expr.left), Word):
            return False
        help, fix = f"write `{written}`", rename(expr.span, written, safe=False)
        self.findings.add(
            "IC201", f"nothing is called `{expr.left.head}`", expr.span, help=help, fix=fix
        )
        return True

    def _comparison(self, expr: s.Compare | s.In) -> Inferred:
        if isinstance(expr, s.Compare) and self._about_position(expr):
            return TRUTH
        if isinstance(expr, s.In):
            known = self.infer(expr.operand)
            for item in expr.items:
                self._equal(expr.operand, known, item, item)
        elif expr.op in (s.CompareOp.EQ, s.CompareOp.NE):
            self._equality(expr)
        else:
            self._order(expr)
        return TRUTH

    def _equality(self, expr: s.Compare) -> None:
        left, right = expr.left, expr.right
        word = self.resolved.word
        if word(left, right) is not None and word(right, left) is None:
            left, right = right, left
        known = self.infer(left)
        self._equal(left, known, right, expr)
        if known is not None and known.type is Type.BOOL and left is expr.left:
            note_bool_compare(expr, self.source, self.findings)

    def _equal(self, left: s.Expr, known: Inferred | None, right: s.Expr, whole: s.Expr) -> None:
        """Check what may be equal to a value that is already inferred."""
        if known is None:
            return
        word = self.resolved.word(right, left)
        if word is not None:
            self.is_token(word, right, known)
            return
        other = self.infer(right)
        if other is not None:
            check_equal((left, known), (right, other), whole, self.findings, self.resolved)

    def is_token(self, word: str, expr: s.Expr, known: Inferred) -> bool:
        return is_token(word, expr, known, self.resolved.names, self.findings)

    def _order(self, expr: s.Compare) -> None:
        left, right = beside(self, (expr.left, expr.right))
        if left is None or right is None:
            return
        try:
            same(left.unit, right.unit)
        except Mismatch:
            self._mismatch("cannot be compared", (expr.left, left), (expr.right, right), expr)

    def _near(self, expr: s.Near) -> None:
        sides = self.one_unit(expr.left, expr.right)
        if sides is not None and sides.never:
            self.findings.add(
                "IC309", "what may be never is near nothing", expr.span, help="use `between`"
            )
            return
        if isinstance(expr.tolerance, s.Percent):
            tolerance: Inferred | None = literal(expr.tolerance.value)
        else:
            tolerance = self.number(expr.tolerance, "a tolerance")
        if sides is not None and tolerance is not None:
            check_tolerance(expr, sides, tolerance, self.findings)

    def _window(self, expr: s.Window) -> None:
        self.condition(expr.operand)
        params = self.resolved.params
        bars = window_bars(expr.length, self.resolved.timeframe, params)
        span = expr.length.span if expr.length.span != NOWHERE else expr.span
        if isinstance(bars, str):
            self.findings.add("IC310", bars, span)
            return
        if expr.kind is s.WindowKind.COUNT:
            count = min_true(expr, params, bars)
            if isinstance(count, str):
                self.findings.add("IC310", count, span)


def variable_of(expr: s.Expr, resolved: Resolved) -> str | None:
    """Return the name of a variable, None for anything else."""
    if not isinstance(expr, s.Name | s.VarRef):
        return None
    symbol = resolved.symbol(expr)
    return symbol.variable.name if isinstance(symbol, VariableSymbol) else None


def _negated(found: Inferred) -> Inferred:
    constant = None if found.constant is None else -found.constant
    return Inferred(ValueType(found.type, found.value.unit), found.literal, constant, found.never)
