"""A kernel for one use: known parameters put in, unread outputs left out, on the tree before LLVM.

What LLVM never sees costs no compile time. INVARIANT: what remains computes the same bits; what is
left out cannot stop the kernel any more, and writes nothing but what nobody reads.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from runtime.native.folding import Fold, trim
from runtime.native.source import ArrayOf, Constant, Function

# Values by their text: 0.0 is not -0.0, and a NaN is itself.
Key = tuple[Function, frozenset[tuple[str, str]], frozenset[str]]


def specialise(
    function: Function, fixed: Mapping[str, Constant], unread: Collection[str] = ()
) -> Function:
    """Return a kernel whose parameters `fixed` have those values and whose arrays `unread` nobody reads.

    It takes the same arguments; those of `untouched` may be None. An unread array that the kernel
    itself goes on to read stays touched.
    """
    known = dict(function.params)
    for name, value in fixed.items():
        if name not in known or known[name] != type(value).__name__:
            raise ValueError(f"{function.name} has no parameter `{name}` that may be {value!r}")
    for name in unread:
        if not isinstance(known.get(name), ArrayOf):
            raise ValueError(f"{function.name} has no array `{name}`")
    return _Specialiser({}).of(function, fixed, frozenset(unread))


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a function does with its array parameters."""

    reads: frozenset[str]
    writes: frozenset[str]


@dataclass(slots=True)
class _Specialiser:
    made: dict[Key, Function]
    facts: dict[Function, _Facts] = field(default_factory=dict)

    def of(
        self, function: Function, fixed: Mapping[str, Constant], unread: frozenset[str]
    ) -> Function:
        stored = _stored(function.node)
        fixed = {name: value for name, value in fixed.items() if name not in stored}
        key = (function, frozenset((n, repr(v)) for n, v in fixed.items()), unread)
        if key not in self.made:
            self.made[key] = self.make(function, fixed, unread)
        return self.made[key]

    def make(
        self, function: Function, fixed: Mapping[str, Constant], unread: frozenset[str]
    ) -> Function:
        original, node = function, copy.deepcopy(function.node)
        node.body = trim(Fold(fixed).body(node.body))
        function = self.with_callees(replace(function, node=node), unread)
        while _prune(function, self, unread):
            pass
        if not fixed and not unread and dict(function.callees) == dict(original.callees):
            return original
        options = [f"{name}={value!r}" for name, value in sorted(fixed.items())]
        options += [f"-{name}" for name in sorted(unread)]
        used = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        return replace(
            function,
            symbol=f"{function.symbol}({','.join(options)})" if options else function.symbol,
            text=f"{function.text}\n# {','.join(options)}",
            callees={n: c for n, c in function.callees.items() if n in used},
            fixed=fixed,
            untouched=unread - self.touched(function),
        )

    def with_callees(self, function: Function, unread: frozenset[str]) -> Function:
        """Specialise what is called by the constants that decide its branches and by what is unread."""
        callees = dict(function.callees)
        for call in _kernel_calls(function):
            name = _called(call)
            callee = function.callees[name]
            switches = _switches(callee)
            fixed, left_out = {}, set()
            for argument, (parameter, _) in zip(call.args, callee.params, strict=True):
                if isinstance(argument, ast.Constant) and parameter in switches:
                    fixed[parameter] = argument.value
                if isinstance(argument, ast.Name) and argument.id in unread:
                    left_out.add(parameter)
            special = self.of(callee, fixed, frozenset(left_out))  # type: ignore[arg-type]
            own = f"{name}_{len(callees)}" if fixed or left_out else name
            callees[own] = special
            call.func = ast.copy_location(ast.Name(own, ast.Load()), call.func)
        return replace(function, callees=callees)

    def facts_of(self, function: Function) -> _Facts:
        if function not in self.facts:
            self.facts[function] = _facts(function, self)
        return self.facts[function]

    def touched(self, function: Function) -> frozenset[str]:
        facts = _facts(function, self)
        return facts.reads | facts.writes


# ---------------------------------------------------------------- facts


def _called(call: ast.Call) -> str:
    assert isinstance(call.func, ast.Name)
    return call.func.id


def _kernel_calls(function: Function) -> list[ast.Call]:
    return [
        n
        for n in ast.walk(function.node)
        if isinstance(n, ast.Call)
        and isinstance(n.func, ast.Name)
        and n.func.id in function.callees
    ]


def _stored(node: ast.AST) -> set[str]:
    return {
        n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def _loaded(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def _switches(function: Function) -> set[str]:
    """Return the parameters that decide a branch, here or in a callee."""
    found: set[str] = set()
    for n in ast.walk(function.node):
        if isinstance(n, ast.If | ast.While | ast.IfExp):
            found |= _loaded(n.test)
    for call in _kernel_calls(function):
        callee = function.callees[_called(call)]
        inner = _switches(callee)
        for argument, (parameter, _) in zip(call.args, callee.params, strict=True):
            if isinstance(argument, ast.Name) and parameter in inner:
                found.add(argument.id)
    return found & {name for name, kind in function.params if not isinstance(kind, ArrayOf)}


def _facts(function: Function, known: _Specialiser) -> _Facts:
    arrays = {name for name, kind in function.params if isinstance(kind, ArrayOf)}
    reads: set[str] = set()
    writes: set[str] = set()
    plain: set[ast.AST] = set()  # names whose use is told by what they stand in
    for n in ast.walk(function.node):
        match n:
            case ast.Subscript(value=ast.Name(id=name)):
                (writes if isinstance(n.ctx, ast.Store) else reads).add(name)
                plain.add(n.value)
            case ast.AugAssign(target=ast.Subscript(value=ast.Name(id=name))):
                reads.add(name)
    for call in _kernel_calls(function):
        callee = function.callees[_called(call)]
        facts = known.facts_of(callee)
        for argument, (parameter, _) in zip(call.args, callee.params, strict=True):
            if isinstance(argument, ast.Name) and argument.id in arrays:
                plain.add(argument)
                reads |= {argument.id} if parameter in facts.reads else set()
                writes |= {argument.id} if parameter in facts.writes else set()
    # An array under another name may be read and written there.
    other = {n.id for n in ast.walk(function.node) if isinstance(n, ast.Name) and n not in plain}
    return _Facts(frozenset((reads | other) & arrays), frozenset((writes | other) & arrays))


# ---------------------------------------------------------------- pruning


def _has_effect(e: ast.AST, function: Function, known: _Specialiser) -> bool:
    return any(
        isinstance(n, ast.Call)
        and isinstance(n.func, ast.Name)
        and n.func.id in function.callees
        and known.facts_of(function.callees[n.func.id]).writes
        for n in ast.walk(e)
    )


def _prune(function: Function, known: _Specialiser, unread: frozenset[str]) -> bool:
    """Leave out statements without an effect that anybody sees; return whether there were any."""
    dead_arrays = unread - _facts(function, known).reads
    before = ast.dump(function.node)
    cut = _Cut(function, known, dead_arrays, _loaded(function.node))
    function.node.body = trim(cut.body(function.node.body))
    return ast.dump(function.node) != before


@dataclass(frozen=True, slots=True)
class _Cut:
    function: Function
    known: _Specialiser
    dead: frozenset[str]
    loaded: set[str]

    def body(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [kept for s in statements for kept in self.statement(s)]

    def is_pure(self, e: ast.AST) -> bool:
        return not _has_effect(e, self.function, self.known)

    def statement(self, s: ast.stmt) -> list[ast.stmt]:
        match s:
            case ast.Assign(
                targets=[ast.Subscript(value=ast.Name(id=name)) as target], value=value
            ):
                if name not in self.dead or not self.is_pure(target.slice):
                    return [s]
                return self.effect(s, value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return [s] if name in self.loaded else self.effect(s, value)
            case ast.AugAssign(target=ast.Name(id=name), value=value) if name not in self.loaded:
                return self.effect(s, value)
            case ast.Expr(value=ast.Call() as call):
                return [] if self.is_pure(call) else [s]
            case ast.If():
                s.body, s.orelse = self.body(s.body), self.body(s.orelse)
                if not s.body and not s.orelse and self.is_pure(s.test):
                    return []
                s.body = s.body or [ast.copy_location(ast.Pass(), s)]
            case ast.For():
                s.body = self.body(s.body)
                is_read = not self.loaded.isdisjoint(_stored(s.target))
                if not s.body and not is_read and self.is_pure(s.iter):
                    return []
                s.body = s.body or [ast.copy_location(ast.Pass(), s)]
            case ast.While():
                s.body = self.body(s.body) or [ast.copy_location(ast.Pass(), s)]
            case ast.Pass():
                return []
        return [s]

    def effect(self, s: ast.stmt, value: ast.expr) -> list[ast.stmt]:
        """Return what is left of an assignment nobody reads: what its value does on the way."""
        if self.is_pure(value):
            return []
        if isinstance(value, ast.Call) and _called(value) in self.function.callees:
            return [ast.copy_location(ast.Expr(value), s)]
        target = ast.copy_location(ast.Name(f"left_out_{s.lineno}", ast.Store()), s)
        return [ast.copy_location(ast.Assign([target], value), s)]
