"""Types of every name and expression of a kernel; refuses what `runtime.kernel` does not allow.

One pass in the order of the text is enough: every name has one type, given where it is first
assigned, and no name is used before it is assigned on every way that leads there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from runtime.native.source import ArrayOf, Builtin, Function, Scalar, Type, same_shape, say

BOOL, INT, FLOAT, NONE = Scalar.BOOL, Scalar.INT, Scalar.FLOAT, Scalar.NONE
NUMBERS = (INT, FLOAT)
# What is assigned on a way; None: no way leads here.
Assigned = frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Typed:
    """What is known of a function: types by name and by node, and which arrays it writes."""

    function: Function
    names: dict[str, Type]
    nodes: dict[ast.expr, Type]
    stored: frozenset[str]  # scalar names that are assigned in the body
    writes: frozenset[str]  # array parameters that are written, here or in a callee
    arrays: dict[str, frozenset[str]]  # which array parameters an array name may stand for


@dataclass(slots=True)
class _Loop:
    breaks: list[Assigned] = field(default_factory=list)


def check(functions: Iterable[Function]) -> dict[Function, Typed]:
    """Return the types of functions given callees first; `KernelRefused` with file and line."""
    found: dict[Function, Typed] = {}
    for function in functions:
        found[function] = _Checker(function, found).run()
    return found


def join(*ways: Assigned) -> Assigned:
    """Return what is assigned whichever of the ways was taken."""
    known = [w for w in ways if w is not None]
    return frozenset.intersection(*known) if known else None


class _Checker:
    def __init__(self, function: Function, known: dict[Function, Typed]) -> None:
        self.function = function
        self.known = known
        self.names: dict[str, Type] = dict(function.params)
        self.nodes: dict[ast.expr, Type] = {}
        self.now: Assigned = frozenset(self.names)
        self.loops: list[_Loop] = []
        self.stored: set[str] = set()
        self.written: set[str] = set()
        self.arrays: dict[str, set[str]] = {
            n: {n} for n, t in function.params if isinstance(t, ArrayOf)
        }
        self.local = {
            n.id
            for n in ast.walk(function.node)
            if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
        } | set(self.names)

    def run(self) -> Typed:
        # Until nothing is new: an array name in a loop may come to stand for what is assigned below.
        before = -1
        while before != (before := sum(map(len, self.arrays.values()))):
            self.now = frozenset(n for n, _ in self.function.params)
            self.body(self.function.node.body)
        if self.now is not None and self.function.returns is not NONE:
            raise self.no(self.function.node, "a way leads to the end without a value")
        writes = {p for name in self.written for p in self.arrays[name]}
        arrays = {n: frozenset(p) for n, p in self.arrays.items()}
        return Typed(
            self.function, self.names, self.nodes, frozenset(self.stored), frozenset(writes), arrays
        )

    def no(self, node: ast.AST, why: str) -> Exception:
        return self.function.refuse(node, why)

    # ------------------------------------------------------------ statements

    def body(self, statements: list[ast.stmt]) -> None:
        for statement in statements:
            if self.now is None:
                raise self.no(statement, "no way leads to this line")
            self.statement(statement)

    def statement(self, s: ast.stmt) -> None:
        match s:
            case ast.Expr(value=ast.Constant(value=str())) | ast.Pass():
                pass
            case ast.Expr(value=ast.Call()):
                self.of(s.value, is_statement=True)
            case ast.Assign(targets=[ast.Name() | ast.Subscript() as target]):
                self.assign(target, self.of(s.value), s.value)
            case ast.AnnAssign(target=ast.Name() as target, value=ast.expr() as value):
                if ast.unparse(s.annotation) != str(self.of(value)):
                    raise self.no(s, "the annotation is not the type of the value")
                self.assign(target, self.of(value), value)
            case ast.AugAssign():
                self.augment(s)
            case ast.If():
                self.branch(s)
            case ast.While(orelse=[]):
                self.boolean(s.test)
                self.loop(s)
            case ast.For(orelse=[]):
                self.counted(s)
            case ast.Break():
                self.loops[-1].breaks.append(self.now)
                self.now = None
            case ast.Continue():
                self.now = None
            case ast.Return():
                self.give_back(s)
            case _:
                raise self.no(s, f"`{_first_line(s)}` is no statement of a kernel")

    def assign(self, target: ast.expr, kind: Type, value: ast.expr) -> None:
        if isinstance(target, ast.Subscript):
            self.store(target, kind)
            return
        assert isinstance(target, ast.Name)
        self.bind(target, kind)
        if isinstance(kind, ArrayOf):
            for name in _array_names(value):
                self.arrays[target.id] |= self.arrays[name]
        else:
            self.stored.add(target.id)

    def bind(self, target: ast.Name, kind: Type) -> None:
        assert self.now is not None
        name = target.id
        old = self.names.get(name)
        if isinstance(kind, ArrayOf):
            if name in dict(self.function.params):
                raise self.no(target, f"the array `{name}` is a parameter and stays what it is")
            self.arrays.setdefault(name, set())
            kind = old if isinstance(old, ArrayOf) and same_shape(old, kind) else kind
        if kind is NONE:
            raise self.no(target, "a call without a value is assigned")
        if old is not None and old != kind:
            raise self.no(target, f"`{name}` is {say(old)} and would become {say(kind)}")
        self.names[name] = kind
        self.now |= {name}

    def store(self, target: ast.Subscript, kind: Type) -> None:
        element = self.of(target)
        assert isinstance(target.value, ast.Name)
        self.written.add(target.value.id)
        if kind != element and not (kind is INT and element is FLOAT):
            raise self.no(target, f"an element is {say(element)}, the value {say(kind)}")

    def augment(self, s: ast.AugAssign) -> None:
        load = ast.copy_location(_load(s.target), s.target)
        kind = self.arithmetic(s, s.op, self.of(load), self.of(s.value))
        self.nodes[s.target] = self.nodes[load]
        self.assign(s.target, kind, s.value)

    def branch(self, s: ast.If) -> None:
        self.boolean(s.test)
        before = self.now
        self.body(s.body)
        after, self.now = self.now, before
        self.body(s.orelse)
        self.now = join(after, self.now)

    def loop(self, s: ast.While | ast.For) -> None:
        before = self.now
        self.loops.append(_Loop())
        if isinstance(s, ast.For):
            assert isinstance(s.target, ast.Name)
            self.bind(s.target, INT)
            self.stored.add(s.target.id)
        self.body(s.body)
        self.now = join(before, *self.loops.pop().breaks)

    def counted(self, s: ast.For) -> None:
        if not isinstance(s.target, ast.Name):
            raise self.no(s, "a loop counts in a name")
        call = s.iter
        if not (isinstance(call, ast.Call) and self.builtin(call) is Builtin.RANGE):
            raise self.no(s, "a `for` goes over a `range`")
        if call.keywords or not 1 <= len(call.args) <= 3:
            raise self.no(s, "`range` takes one to three whole numbers")
        for argument in call.args:
            if self.of(argument) is not INT:
                raise self.no(argument, "`range` takes whole numbers")
        if len(call.args) == 3 and not step_of(call):
            raise self.no(call, "the step of a `range` is a constant that is not 0")
        self.loop(s)

    def give_back(self, s: ast.Return) -> None:
        kind = NONE if s.value is None else self.of(s.value)
        if kind != self.function.returns:
            raise self.no(s, f"returns {say(kind)}, declared is {say(self.function.returns)}")
        self.now = None

    # ------------------------------------------------------------ expressions

    def boolean(self, e: ast.expr) -> None:
        if self.of(e) is not BOOL:
            raise self.no(e, f"`{ast.unparse(e)}` is {say(self.of(e))}, a bool is due")

    def of(self, e: ast.expr, *, is_statement: bool = False) -> Type:
        """Return the type of an expression and note it."""
        match e:
            case ast.Constant():
                kind: Type = self.constant(e, e.value)
            case ast.Name():
                kind = self.name(e)
            case ast.Subscript():
                kind = self.element(e)
            case ast.UnaryOp():
                kind = self.unary(e)
            case ast.BinOp():
                kind = self.arithmetic(e, e.op, self.of(e.left), self.of(e.right))
            case ast.BoolOp():
                for part in e.values:
                    self.boolean(part)
                kind = BOOL
            case ast.Compare(ops=[op], comparators=[right]):
                kind = self.comparison(e, op, self.of(e.left), self.of(right))
            case ast.IfExp():
                kind = self.choice(e)
            case ast.Call():
                kind = self.call(e)
            case _:
                raise self.no(e, f"`{ast.unparse(e)}` is no expression of a kernel")
        if kind is NONE and not is_statement:
            raise self.no(e, f"`{ast.unparse(e)}` has no value")
        self.nodes[e] = kind
        return kind

    def constant(self, e: ast.expr, value: object) -> Scalar:
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise self.no(e, f"{value} takes more than 64 bits")
        kinds = {bool: BOOL, int: INT, float: FLOAT}
        if type(value) not in kinds:
            raise self.no(e, f"`{value!r}` is no value of a kernel")
        return kinds[type(value)]

    def name(self, e: ast.Name) -> Type:
        assert self.now is not None
        if e.id in self.local:
            if e.id not in self.now:
                raise self.no(e, f"`{e.id}` is not assigned on every way that leads here")
            return self.names[e.id]
        if e.id not in self.function.constants:
            raise self.no(e, f"`{e.id}` is a function, a value is due")
        return self.constant(e, self.function.constants[e.id])

    def element(self, e: ast.Subscript) -> Scalar:
        base = self.of(e.value)
        if not isinstance(base, ArrayOf) or not isinstance(e.value, ast.Name):
            raise self.no(e, f"`{ast.unparse(e.value)}` is no array")
        parts = e.slice.elts if isinstance(e.slice, ast.Tuple) else [e.slice]
        if len(parts) != base.rank:
            raise self.no(e, f"`{e.value.id}` takes {base.rank} indices")
        for part in parts:
            if self.of(part) is not INT:
                raise self.no(part, f"an index is a whole number, not {say(self.of(part))}")
            if isinstance(part, ast.UnaryOp) and isinstance(part.operand, ast.Constant):
                raise self.no(part, "an index counts from the front")
        return base.value

    def unary(self, e: ast.UnaryOp) -> Type:
        kind = self.of(e.operand)
        if isinstance(e.op, ast.Not):
            self.boolean(e.operand)
            return BOOL
        if kind not in NUMBERS or isinstance(e.op, ast.Invert):
            raise self.no(e, f"`{ast.unparse(e)}` of {say(kind)} is not arithmetic")
        return kind

    def arithmetic(self, node: ast.AST, op: ast.operator, left: Type, right: Type) -> Scalar:
        if not isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod):
            raise self.no(node, f"{type(op).__name__} is no arithmetic of a kernel")
        for kind in (left, right):
            if kind not in NUMBERS:
                raise self.no(node, f"arithmetic with {say(kind)}")
        if isinstance(op, ast.Div) or FLOAT in (left, right):
            return FLOAT
        return INT

    def comparison(self, e: ast.Compare, op: ast.cmpop, left: Type, right: Type) -> Scalar:
        numbers = left in NUMBERS and right in NUMBERS
        if isinstance(op, ast.Lt | ast.LtE | ast.Gt | ast.GtE) and numbers:
            return BOOL
        if isinstance(op, ast.Eq | ast.NotEq) and (numbers or left is right is BOOL):
            return BOOL
        raise self.no(e, f"`{ast.unparse(e)}` compares {say(left)} with {say(right)}")

    def choice(self, e: ast.IfExp) -> Type:
        self.boolean(e.test)
        one, other = self.of(e.body), self.of(e.orelse)
        if not same_shape(one, other):
            raise self.no(e, f"one branch is {say(one)}, the other {say(other)}")
        return one

    # ------------------------------------------------------------ calls

    def builtin(self, e: ast.Call) -> Builtin | None:
        return self.function.builtins.get(e.func.id) if isinstance(e.func, ast.Name) else None

    def call(self, e: ast.Call) -> Type:
        if not isinstance(e.func, ast.Name) or e.keywords or e.func.id in self.local:
            raise self.no(e, f"`{ast.unparse(e)}` is no plain call")
        given = [self.of(a) for a in e.args]
        callee = self.function.callees.get(e.func.id)
        if callee is not None:
            return self.kernel_call(e, callee, given)
        builtin = self.builtin(e)
        match builtin:
            case Builtin.MIN | Builtin.MAX if len(given) > 1:
                if given[0] in NUMBERS and set(given) == {given[0]}:
                    return given[0]
                raise self.no(e, f"`{builtin}` takes numbers of one type")
            case Builtin.LEN if len(given) == 1 and isinstance(given[0], ArrayOf):
                return INT
            case Builtin.FLOAT | Builtin.INT if len(given) == 1 and given[0] in NUMBERS:
                return FLOAT if builtin is Builtin.FLOAT else INT
            case Builtin.FLOOR | Builtin.CEIL if given == [FLOAT]:
                return INT
            case Builtin.SQRT | Builtin.FABS if given == [FLOAT]:
                return FLOAT
            case Builtin.ISNAN if given == [FLOAT]:
                return BOOL
        said = ", ".join(say(g) for g in given)
        raise self.no(e, f"`{e.func.id}` does not take {said or 'nothing'}")

    def kernel_call(self, e: ast.Call, callee: Function, given: list[Type]) -> Type:
        if len(given) != len(callee.params):
            raise self.no(e, f"`{callee.name}` takes {len(callee.params)} arguments")
        touched: list[tuple[set[str], bool]] = []
        for argument, kind, (name, wanted) in zip(e.args, given, callee.params, strict=True):
            if not same_shape(kind, wanted):
                raise self.no(argument, f"`{name}` is {say(wanted)}, given is {say(kind)}")
            if isinstance(kind, ArrayOf):
                names = _array_names(argument)
                is_written = name in self.known[callee].writes
                self.written.update(names if is_written else ())
                touched.append((set().union(*(self.arrays[n] for n in names)), is_written))
        for (one, writes_one), (other, writes_other) in combinations(touched, 2):
            if one & other and (writes_one or writes_other):
                raise self.no(e, f"`{', '.join(one & other)}` is written under two names")
        return callee.returns


def step_of(call: ast.Call) -> int:
    """Return the step of a `range`, 0 where it is no constant."""
    if len(call.args) < 3:
        return 1
    step = call.args[2]
    sign = 1
    if isinstance(step, ast.UnaryOp) and isinstance(step.op, ast.USub):
        sign, step = -1, step.operand
    is_whole = isinstance(step, ast.Constant) and type(step.value) is int
    return sign * step.value if is_whole else 0  # type: ignore[attr-defined]


def _array_names(e: ast.expr) -> list[str]:
    """Return the names an expression of an array's type may be."""
    match e:
        case ast.Name():
            return [e.id]
        case ast.IfExp():
            return _array_names(e.body) + _array_names(e.orelse)
    return []


def _load(target: ast.expr) -> ast.expr:
    match target:
        case ast.Name():
            return ast.Name(target.id, ast.Load())
        case ast.Subscript():
            return ast.Subscript(target.value, target.slice, ast.Load())
    return target


def _first_line(s: ast.stmt) -> str:
    return ast.unparse(s).splitlines()[0]
