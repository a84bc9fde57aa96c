"""Expressions of one kernel in LLVM's text, computed in CPython's order."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.native import arithmetic as a
from runtime.native.ir import Builder, float_text
from runtime.native.source import ArrayOf, Builtin, Constant, Element, Function, Scalar, Type
from runtime.native.types import Typed

BOOL, INT, FLOAT, NONE = Scalar.BOOL, Scalar.INT, Scalar.FLOAT, Scalar.NONE
WORDS: Mapping[Scalar, str] = {BOOL: "i1", INT: "i64", FLOAT: "double", NONE: "void"}
ELEMENTS: Mapping[Element, str] = {
    Element.FLOAT: "double", Element.INT: "i64", Element.BYTE: "i8",
}  # fmt: skip
# An array is an address, its length, and with two indices the places of a row.
Value = tuple[str, ...]


def words(kind: Type) -> tuple[str, ...]:
    """Return LLVM's types of a value."""
    return ("ptr", *["i64"] * kind.rank) if isinstance(kind, ArrayOf) else (WORDS[kind],)


def literal(value: Constant) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case _:
            return float_text(value)


@dataclass(frozen=True, slots=True)
class Emitted:
    """A function that is written already."""

    symbol: str
    can_fail: bool


@dataclass(frozen=True, slots=True)
class Values:
    """What the expressions of a function are computed from.

    `slots` are the addresses of names that change, `fixed` the values of parameters that do not.
    """

    typed: Typed
    b: Builder
    emitted: Mapping[Function, Emitted]
    slots: dict[str, Value] = field(default_factory=dict)
    fixed: dict[str, Value] = field(default_factory=dict)

    def at(self, node: ast.AST) -> a.Place:
        function = self.typed.function
        return a.Place(function.file, getattr(node, "lineno", 0), function.name)

    def kind(self, e: ast.expr) -> Type:
        return self.typed.nodes[e]

    def one(self, e: ast.expr) -> str:
        """Return a scalar."""
        (value,) = self.of(e)
        return value

    def read(self, name: str) -> Value:
        if name not in self.slots:
            return self.fixed[name]
        pairs = zip(self.slots[name], words(self.typed.names[name]), strict=True)
        return tuple(self.b.value(f"load {word}, ptr {slot}") for slot, word in pairs)

    def of(self, e: ast.expr) -> Value:
        match e:
            case ast.Constant(value=bool() | int() | float() as value):
                return (literal(value),)
            case ast.Name():
                if e.id in self.typed.names:
                    return self.read(e.id)
                return (literal(self.typed.function.constants[e.id]),)
            case ast.Subscript():
                return (self.load(e, self.address(e)),)
            case ast.UnaryOp():
                return (self.unary(e),)
            case ast.BinOp():
                kind = self.kind(e.left)
                return (self.operate(e, e.op, kind, self.one(e.left), e.right)[0],)
            case ast.BoolOp():
                return (self.junction(e),)
            case ast.Compare(ops=[op], comparators=[right]):
                return (self.comparison(e, op, e.left, right),)
            case ast.IfExp():
                return self.choice(e)
            case _:
                assert isinstance(e, ast.Call)
                return self.call(e)

    def address(self, e: ast.Subscript) -> str:
        array = self.kind(e.value)
        assert isinstance(array, ArrayOf)
        base, *lengths = self.of(e.value)
        parts = e.slice.elts if isinstance(e.slice, ast.Tuple) else [e.slice]
        places = [self.one(part) for part in parts]
        if self.b.module.has_bounds:
            for place, length in zip(places, lengths, strict=True):
                beyond = self.b.value(f"icmp uge i64 {place}, {length}")
                self.b.fail_if(beyond, self.at(e).site(f"`{ast.unparse(e)}` is outside the array"))
        place = places[0]
        if array.rank == 2:
            place = self.b.value(f"mul nsw i64 {place}, {lengths[1]}")
            place = self.b.value(f"add nsw i64 {place}, {places[1]}")
        word = ELEMENTS[array.element]
        return self.b.value(f"getelementptr inbounds {word}, ptr {base}, i64 {place}")

    def load(self, e: ast.Subscript, address: str) -> str:
        array = self.kind(e.value)
        assert isinstance(array, ArrayOf)
        value = self.b.value(f"load {ELEMENTS[array.element]}, ptr {address}")
        if array.element is Element.BYTE:
            value = self.b.value(f"sext i8 {value} to i64")
        return value

    def unary(self, e: ast.UnaryOp) -> str:
        value, kind = self.one(e.operand), self.kind(e.operand)
        match e.op:
            case ast.Not():
                return self.b.value(f"xor i1 {value}, true")
            case ast.USub():
                assert isinstance(kind, Scalar)
                return a.negated(self.b, kind, value, self.at(e))
            case _:
                return value

    def operate(
        self, node: ast.AST, op: ast.operator, kind: Type, x: str, right: ast.expr
    ) -> tuple[str, Scalar]:
        """Return x op right and its type; x, of `kind`, has been computed already."""
        y, other = self.one(right), self.kind(right)
        at, b = self.at(node), self.b
        result = FLOAT if FLOAT in (kind, other) or isinstance(op, ast.Div) else INT
        if result is FLOAT:
            # CPython divides ints exactly; floats do so only while they hold them.
            turn = a.exactly if kind is other is INT else lambda b, v, _: a.to_float(b, v)
            x = turn(b, x, at) if kind is INT else x
            y = turn(b, y, at) if other is INT else y
        return a.binary(b, op, result, x, y, at), result

    def comparison(self, e: ast.Compare, op: ast.cmpop, left: ast.expr, right: ast.expr) -> str:
        x, y = self.one(left), self.one(right)
        kinds = self.kind(left), self.kind(right)
        if kinds[0] is not kinds[1]:
            x = a.exactly(self.b, x, self.at(e)) if kinds[0] is INT else x
            y = a.exactly(self.b, y, self.at(e)) if kinds[1] is INT else y
        kind = FLOAT if FLOAT in kinds else kinds[0]
        assert isinstance(kind, Scalar)
        return a.compared(self.b, op, kind, x, y)

    def junction(self, e: ast.BoolOp) -> str:
        """Return `and` or `or`; what does not decide any more is not computed."""
        slot, end = self.b.slot("i1"), self.b.block()
        for part in e.values:
            value = self.one(part)
            self.b.do(f"store i1 {value}, ptr {slot}")
            if part is not e.values[-1]:
                onward = self.b.block()
                yes, no = (onward, end) if isinstance(e.op, ast.And) else (end, onward)
                self.b.branch(value, yes, no)
                self.b.start(onward)
        self.b.start(end)
        return self.b.value(f"load i1, ptr {slot}")

    def choice(self, e: ast.IfExp) -> Value:
        kinds = words(self.kind(e))
        slots = [self.b.slot(word) for word in kinds]
        yes, no, end = (self.b.block() for _ in range(3))
        self.b.branch(self.one(e.test), yes, no)
        for block, part in ((yes, e.body), (no, e.orelse)):
            self.b.start(block)
            for slot, word, value in zip(slots, kinds, self.of(part), strict=True):
                self.b.do(f"store {word} {value}, ptr {slot}")
            self.b.jump(end)
        self.b.start(end)
        pairs = zip(slots, kinds, strict=True)
        return tuple(self.b.value(f"load {word}, ptr {slot}") for slot, word in pairs)

    # ------------------------------------------------------------ calls

    def call(self, e: ast.Call) -> Value:
        assert isinstance(e.func, ast.Name)
        callee = self.typed.function.callees.get(e.func.id)
        if callee is not None:
            return self.kernel_call(e, callee)
        return (self.builtin(e, self.typed.function.builtins[e.func.id]),)

    def builtin(self, e: ast.Call, builtin: Builtin) -> str:
        given = [self.of(argument) for argument in e.args]
        x, kind, b = given[0][0], self.kind(e.args[0]), self.b
        match builtin:
            case Builtin.MIN | Builtin.MAX:
                assert isinstance(kind, Scalar)
                is_least = builtin is Builtin.MIN
                return a.extreme(b, kind, [g[0] for g in given], is_least=is_least)
            case Builtin.LEN:
                return given[0][1]
            case Builtin.FLOAT:
                return a.to_float(b, x) if kind is INT else x
            case Builtin.INT | Builtin.FLOOR | Builtin.CEIL:
                return x if kind is INT else a.whole(b, x, builtin, self.at(e))
            case Builtin.SQRT:
                return a.root(b, x, self.at(e))
            case Builtin.FABS:
                return b.call("llvm.fabs.f64", "double", f"double {x}")
            case _:
                assert builtin is Builtin.ISNAN
                return b.value(f"fcmp uno double {x}, {a.ZERO}")

    def kernel_call(self, e: ast.Call, callee: Function) -> Value:
        given = ["ptr %err"]
        for argument in e.args:
            parts = zip(words(self.kind(argument)), self.of(argument), strict=True)
            given += [f"{word} {part}" for word, part in parts]
        text = f'call {WORDS[callee.returns]} @"{self.emitted[callee].symbol}"({", ".join(given)})'
        result: Value = ()
        if callee.returns is NONE:
            self.b.do(text)
        else:
            result = (self.b.value(text),)
        if self.emitted[callee].can_fail:
            self.b.leave_if_failed()
        return result
