"""Typed kernels as LLVM's text: one function each, and an entry that reads its arguments from words.

What CPython would raise leaves the function at once with the number of its `Site` in the error
word, and every caller leaves behind it: until then both tiers have written the same.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence

from runtime.native import arithmetic as a
from runtime.native.ir import RARE_WEIGHTS, Builder, Module
from runtime.native.source import ArrayOf, Element, Function, Type
from runtime.native.types import Typed, step_of
from runtime.native.values import (
    BOOL,
    ELEMENTS,
    FLOAT,
    INT,
    NONE,
    WORDS,
    Emitted,
    Value,
    Values,
    words,
)

_ZEROS = {BOOL: "ret i1 false", INT: "ret i64 0", FLOAT: f"ret double {a.ZERO}", NONE: "ret void"}


def emit(
    typed: Mapping[Function, Typed], entries: Sequence[Function], *, has_bounds: bool
) -> tuple[str, Module]:
    """Return the text of a module and its sites; `typed` has callees first, entries among them."""
    module = Module(has_bounds)
    emitted: dict[Function, Emitted] = {}
    texts = []
    for number, (function, facts) in enumerate(typed.items()):
        symbol = f"{number} {function.symbol}"
        emitter = _Emitter(module, facts, emitted)
        texts.append(emitter.run(symbol))
        emitted[function] = Emitted(symbol, emitter.b.can_fail)
    texts += [_entry(n, entry, emitted[entry].symbol) for n, entry in enumerate(entries)]
    parts = [*module.declared, *texts, "attributes #0 = { nounwind }", RARE_WEIGHTS, ""]
    return "\n".join(parts), module


def _parameters(function: Function) -> str:
    parts = ["ptr noalias %err"]
    for name, kind in function.params:
        if isinstance(kind, ArrayOf):
            # INVARIANT: `bind` and the type check keep written arrays apart from all others.
            parts += [f"ptr noalias %p.{name}"] + [f"i64 %p.{name}.{k}" for k in range(kind.rank)]
        else:
            parts.append(f"{WORDS[kind]} %p.{name}")
    return ", ".join(parts)


def _entry(number: int, function: Function, symbol: str) -> str:
    """`i64 kernel.N(ptr words)`: a word per scalar, address and lengths per array, the result last."""
    b = Builder(Module(False), "ret i64 0")
    b.do("%err = alloca i64")
    b.do("store i64 0, ptr %err")
    at, given = 0, ["ptr %err"]

    def word(kind: str) -> str:
        nonlocal at
        address = b.value(f"getelementptr i64, ptr %words, i64 {at}")
        at += 1
        return b.value(f"load {kind}, ptr {address}")

    for _, kind in function.params:
        if isinstance(kind, ArrayOf):
            given.append(f"ptr {word('ptr')}")
            given += [f"i64 {word('i64')}" for _ in range(kind.rank)]
        elif kind is BOOL:
            whole = word("i64")
            given.append(f"i1 {b.value(f'trunc i64 {whole} to i1')}")
        else:
            given.append(f"{WORDS[kind]} {word(WORDS[kind])}")
    gives = WORDS[function.returns]
    call = f'call {gives} @"{symbol}"({", ".join(given)})'
    if function.returns is NONE:
        b.do(call)
    else:
        result, address = b.value(call), b.value(f"getelementptr i64, ptr %words, i64 {at}")
        if function.returns is BOOL:
            result, gives = b.value(f"zext i1 {result} to i64"), "i64"
        b.do(f"store {gives} {result}, ptr {address}")
    b.do(f"ret i64 {b.value('load i64, ptr %err')}")
    body = "\n".join(b.lines)
    return f'define i64 @"kernel.{number}"(ptr %words) #0 {{\n{body}\n}}'


class _Emitter:
    """The statements of one function."""

    def __init__(self, module: Module, typed: Typed, emitted: Mapping[Function, Emitted]) -> None:
        self.typed = typed
        self.function = typed.function
        self.b = Builder(module, _ZEROS[self.function.returns])
        self.values = Values(typed, self.b, emitted)
        self.loops: list[tuple[str, str]] = []

    def run(self, symbol: str) -> str:
        slots, fixed, params = self.values.slots, self.values.fixed, dict(self.function.params)
        for name, kind in params.items():
            lengths = range(kind.rank) if isinstance(kind, ArrayOf) else ()
            fixed[name] = (f"%p.{name}", *(f"%p.{name}.{k}" for k in lengths))
        for name, kind in self.typed.names.items():
            if name not in params or name in self.typed.stored:
                slots[name] = tuple(self.b.slot(word) for word in words(kind))
            if name in slots and name in params:
                self.write(name, fixed[name])
        self.body(self.function.node.body)
        if self.b.is_open:
            self.b.stop(self.b.zero)
        gives, b = WORDS[self.function.returns], self.b
        head = f'define internal {gives} @"{symbol}"({_parameters(self.function)})'
        return "\n".join([f"{head} #0 {{", *b.head, *b.lines, *b.tail, "}"])

    # ------------------------------------------------------------ statements

    def body(self, statements: Sequence[ast.stmt]) -> None:
        for statement in statements:
            self.statement(statement)

    def statement(self, s: ast.stmt) -> None:
        match s:
            case ast.Expr(value=ast.Call()):
                self.values.of(s.value)
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                assert s.value is not None
                self.assign(target, self.values.of(s.value), self.values.kind(s.value))
            case ast.AugAssign():
                self.augment(s)
            case ast.If():
                self.branch(s)
            case ast.While():
                head, body, end = (self.b.block() for _ in range(3))
                self.b.start(head)
                self.b.branch(self.values.one(s.test), body, end)
                self.loop(s.body, body, head, end)
            case ast.For():
                self.counted(s)
            case ast.Break():
                self.b.jump(self.loops[-1][1])
            case ast.Continue():
                self.b.jump(self.loops[-1][0])
            case ast.Return():
                given = "" if s.value is None else self.values.one(s.value)
                self.b.stop(f"ret {WORDS[self.function.returns]} {given}".rstrip())

    def assign(self, target: ast.expr, value: Value, kind: Type) -> None:
        if isinstance(target, ast.Subscript):
            self.put(target, self.values.address(target), value[0], kind)
        else:
            assert isinstance(target, ast.Name)
            self.write(target.id, value)

    def write(self, name: str, value: Value) -> None:
        for slot, part, word in zip(
            self.values.slots[name], value, words(self.typed.names[name]), strict=True
        ):
            self.b.do(f"store {word} {part}, ptr {slot}")

    def put(self, target: ast.Subscript, address: str, value: str, kind: Type) -> None:
        array = self.values.kind(target.value)
        assert isinstance(array, ArrayOf)
        if array.value is FLOAT and kind is INT:
            value = a.to_float(self.b, value)
        if array.element is Element.BYTE:
            moved = self.b.value(f"add i64 {value}, 128")
            beyond = self.b.value(f"icmp ugt i64 {moved}, 255")
            self.b.fail_if(beyond, self.values.at(target).site("an int beyond 8 bits"))
            value = self.b.value(f"trunc i64 {value} to i8")
        self.b.do(f"store {ELEMENTS[array.element]} {value}, ptr {address}")

    def augment(self, s: ast.AugAssign) -> None:
        kind = self.values.kind(s.target)
        if isinstance(s.target, ast.Subscript):
            address = self.values.address(s.target)
            old = self.values.load(s.target, address)
        else:
            assert isinstance(s.target, ast.Name)
            address, old = "", self.values.read(s.target.id)[0]
        new, given = self.values.operate(s, s.op, kind, old, s.value)
        if isinstance(s.target, ast.Subscript):
            self.put(s.target, address, new, given)
        else:
            self.write(s.target.id, (new,))

    def branch(self, s: ast.If) -> None:
        yes, no, end = (self.b.block() for _ in range(3))
        self.b.branch(self.values.one(s.test), yes, no)
        for block, body in ((yes, s.body), (no, s.orelse)):
            self.b.start(block)
            self.body(body)
            self.b.jump(end)
        self.b.start(end)

    def counted(self, s: ast.For) -> None:
        assert isinstance(s.target, ast.Name)
        assert isinstance(s.iter, ast.Call)
        given = [self.values.one(argument) for argument in s.iter.args]
        first, stop = ("0", given[0]) if len(given) == 1 else given[:2]
        step, b = step_of(s.iter), self.b
        counter = b.slot("i64")
        b.do(f"store i64 {first}, ptr {counter}")
        head, body, onward, end = (b.block() for _ in range(4))
        b.start(head)
        now = b.value(f"load i64, ptr {counter}")
        is_within = b.value(f"icmp {'slt' if step > 0 else 'sgt'} i64 {now}, {stop}")
        b.branch(is_within, body, end)
        # The next count, before the body: one that no int holds is beyond the end.
        b.start(onward)
        pair = b.call(
            "llvm.sadd.with.overflow.i64",
            "{i64, i1}",
            f"i64 {b.value(f'load i64, ptr {counter}')}",
            f"i64 {step}",
        )
        b.do(f"store i64 {b.value(f'extractvalue {{i64, i1}} {pair}, 0')}, ptr {counter}")
        b.branch(b.value(f"extractvalue {{i64, i1}} {pair}, 1"), end, head)
        b.start(body)
        self.write(s.target.id, (now,))
        self.loop(s.body, None, onward, end)

    def loop(self, statements: Sequence[ast.stmt], body: str | None, again: str, end: str) -> None:
        if body is not None:
            self.b.start(body)
        self.loops.append((again, end))
        self.body(statements)
        self.loops.pop()
        self.b.jump(again)
        self.b.start(end)
