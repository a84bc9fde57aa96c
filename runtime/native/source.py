"""A kernel as its syntax tree, with all that it calls: the front of the compiler.

A `Function` holds everything that decides its meaning: nothing of the Python function is asked
again. Callees stand before callers, so whoever walks a closure has seen what is called.
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import linecache
import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import FunctionType

from runtime.native.errors import KernelRefused, refuse

# Python before 3.12 counts the depth of a tree per interpreter, not per thread: two threads that
# parse at once may see a SystemError ("AST constructor recursion depth mismatch").
_PARSER = Lock()
_ROOT = str(Path(__file__).resolve().parents[2]) + "/"
Constant = bool | int | float


class Scalar(StrEnum):
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    NONE = "None"


class Element(StrEnum):
    """What an array holds, as the code of `array` and `struct`."""

    FLOAT = "d"
    INT = "q"
    BYTE = "b"


class Extent(StrEnum):
    """What the length of an array is measured by."""

    ROWS = "rows"  # reaches to `stop`
    FREE = "free"  # as long as its owner states
    BLOCK = "block"  # rows [start, stop) by places


@dataclass(frozen=True, slots=True)
class ArrayOf:
    """An array parameter: float64, int64 or int8, one index or two."""

    element: Element
    extent: Extent

    @property
    def rank(self) -> int:
        return 2 if self.extent is Extent.BLOCK else 1

    @property
    def value(self) -> Scalar:
        """Return what an element is once it is read."""
        return Scalar.FLOAT if self.element is Element.FLOAT else Scalar.INT


Type = Scalar | ArrayOf


def same_shape(one: Type, other: Type) -> bool:
    """Return whether a value of one type may stand where the other is due."""
    if isinstance(one, ArrayOf) and isinstance(other, ArrayOf):
        return one.element is other.element and one.rank == other.rank
    return one == other


def say(kind: Type) -> str:
    """Return a type in words."""
    match kind:
        case ArrayOf():
            return f"an array of {kind.value}s" + (" with two indices" if kind.rank == 2 else "")
        case Scalar.NONE:
            return "nothing"
        case Scalar.INT:
            return "an int"
        case _:
            return f"a {kind}"


# The names of `runtime.kernel` and of Python.
TYPES: Mapping[str, Type] = {
    "bool": Scalar.BOOL,
    "int": Scalar.INT,
    "float": Scalar.FLOAT,
    "None": Scalar.NONE,
    "Column": ArrayOf(Element.FLOAT, Extent.ROWS),
    "IntColumn": ArrayOf(Element.INT, Extent.ROWS),
    "ByteColumn": ArrayOf(Element.BYTE, Extent.ROWS),
    "State": ArrayOf(Element.FLOAT, Extent.FREE),
    "IntState": ArrayOf(Element.INT, Extent.FREE),
    "Numbers": ArrayOf(Element.FLOAT, Extent.FREE),
    "Block": ArrayOf(Element.FLOAT, Extent.BLOCK),
}


class Builtin(StrEnum):
    """The functions that every kernel knows."""

    SQRT = "sqrt"
    FLOOR = "floor"
    CEIL = "ceil"
    FABS = "fabs"
    ISNAN = "isnan"
    MIN = "min"
    MAX = "max"
    LEN = "len"
    FLOAT = "float"
    INT = "int"
    RANGE = "range"


_BUILTINS: Mapping[object, Builtin] = {
    **{getattr(math, name): Builtin(name) for name in ("sqrt", "floor", "ceil", "fabs", "isnan")},
    **{getattr(builtins, n): Builtin(n) for n in ("min", "max", "len", "float", "int", "range")},
}
_OURS = {math.exp: "exp", math.log: "log", math.pow: "pow", builtins.pow: "pow"}
Param = tuple[str, Type]


@dataclass(frozen=True, slots=True)
class Entry:
    """What a call of a function is checked against, without its source."""

    name: str
    params: tuple[Param, ...]
    returns: Scalar
    # What `specialise` took for granted: values of parameters, and arrays that may be None.
    fixed: Mapping[str, Constant] = field(default_factory=dict)
    untouched: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """One function of a closure; `node` has the line numbers of `file`."""

    name: str
    symbol: str  # unique in a closure
    file: str
    text: str  # what `node` was read from
    node: ast.FunctionDef
    params: tuple[Param, ...]
    returns: Scalar
    callees: Mapping[str, Function]
    builtins: Mapping[str, Builtin]
    constants: Mapping[str, Constant]
    fixed: Mapping[str, Constant] = field(default_factory=dict)
    untouched: frozenset[str] = frozenset()

    @property
    def entry(self) -> Entry:
        """Return what calls of it are checked against."""
        return Entry(self.name, self.params, self.returns, self.fixed, self.untouched)

    def refuse(self, node: ast.AST, why: str) -> KernelRefused:
        return refuse(self.file, self.name, node, why)


def read(*runs: Callable[..., object]) -> tuple[Function, ...]:
    """Return kernels with all they call; `KernelRefused` for what is outside the language."""
    known: dict[FunctionType, Function] = {}
    found = []
    for run in runs:
        if not isinstance(run, FunctionType):
            raise TypeError(f"{run!r} is no plain function")
        found.append(_read(run, known, ()))
    return tuple(found)


def _read(
    run: FunctionType, known: dict[FunctionType, Function], callers: tuple[object, ...]
) -> Function:
    if run in known:
        return known[run]
    file, text, node = locate(run)
    shown = file.removeprefix(_ROOT)
    _check_shape(run, node, shown)
    callees: dict[str, Function] = {}
    found: dict[str, Builtin] = {}
    constants: dict[str, Constant] = {}
    for name in _free_names(node):
        value = run.__globals__.get(name.id, getattr(builtins, name.id, None))
        if isinstance(value, bool | int | float):
            constants[name.id] = value
        elif isinstance(value, FunctionType):
            if value is run or value in callers:
                raise refuse(shown, run.__name__, name, f"`{name.id}` leads back to itself")
            callees[name.id] = _read(value, known, (*callers, run))
        elif isinstance(value, Callable) and value in _BUILTINS:  # type: ignore[arg-type]
            found[name.id] = _BUILTINS[value]
        else:
            raise refuse(shown, run.__name__, name, _unknown(name.id, value))
    params = tuple((a.arg, _type(a.annotation, a, run, shown)) for a in node.args.args)
    returns = _type(node.returns, node, run, shown)
    if not isinstance(returns, Scalar):
        raise refuse(shown, run.__name__, node, "a kernel returns no array")
    known[run] = Function(
        run.__name__,
        f"{run.__module__}.{run.__qualname__}",
        shown,
        text,
        node,
        params,
        returns,
        callees,
        found,
        constants,
    )
    return known[run]


def _unknown(name: str, value: object) -> str:
    if value is None:
        return f"`{name}` is not known"
    if isinstance(value, Callable) and value in _OURS:  # type: ignore[arg-type]
        ours = _OURS[value]
        return f"`{name}` differs between machines: use `{ours}` of `runtime.features.elementary`"
    return f"`{name}` is nothing a kernel may use"


def _check_shape(run: FunctionType, node: ast.FunctionDef, file: str) -> None:
    a = node.args
    if a.vararg or a.kwarg or a.kwonlyargs or a.posonlyargs or a.defaults:
        raise refuse(file, run.__name__, node, "a kernel has plain parameters only")
    if node.decorator_list or run.__closure__:
        raise refuse(file, run.__name__, node, "a kernel has no decorator and no outer function")


def _type(note: ast.expr | None, at: ast.AST, run: FunctionType, file: str) -> Type:
    text = "no annotation" if note is None else ast.unparse(note).strip("'\"")
    if text not in TYPES:
        raise refuse(file, run.__name__, at, f"{text} is no type of a kernel")
    return TYPES[text]


def _free_names(node: ast.FunctionDef) -> Iterator[ast.Name]:
    """Yield the names that the body reads and that are no locals, each once."""
    names = [n for s in node.body for n in ast.walk(s) if isinstance(n, ast.Name)]
    local = {a.arg for a in node.args.args}
    local |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
    for name in names:
        if name.id not in local:
            local.add(name.id)
            yield name


@lru_cache(maxsize=256)
def _functions(file: str, text: str) -> dict[int, ast.FunctionDef]:
    with _PARSER:
        tree = ast.parse(text, file)
    # A kernel stands at the top of its file: what lies deeper is not walked through.
    return {n.lineno: n for n in tree.body if isinstance(n, ast.FunctionDef)}


def locate(run: FunctionType) -> tuple[str, str, ast.FunctionDef]:
    """Return the file of a function, its text and its tree; `KernelRefused` where there is none."""
    file = run.__code__.co_filename
    lines = linecache.getlines(file, run.__globals__)
    node = _functions(file, "".join(lines)).get(run.__code__.co_firstlineno)
    if node is None or node.name != run.__name__:
        raise refuse(file, run.__name__, ast.Pass(), "the source of the function is not to be had")
    return file, "".join(lines[node.lineno - 1 : node.end_lineno]), node


def interpreted(function: Function) -> FunctionType:
    """Return a closure as Python runs it, read back from its trees: what machine code is held to."""
    known: dict[str, object] = {"nan": math.nan, "inf": math.inf, **function.constants}
    known |= {builtin.value: python for python, builtin in _BUILTINS.items()}
    known |= {name: interpreted(callee) for name, callee in function.callees.items()}
    return define(ast.unparse(function.node), function.name, known)


def closure(*entries: Function) -> tuple[Function, ...]:
    """Return the entries and all they call, callees first, each once."""
    order: dict[Function, None] = {}

    def visit(function: Function) -> None:
        if function in order:
            return
        for callee in function.callees.values():
            visit(callee)
        order[function] = None

    for entry in entries:
        visit(entry)
    return tuple(order)


def digest(entries: Iterable[Function]) -> str:
    """Return a hash of all that decides what a closure computes and which lines its errors name."""
    found = hashlib.sha256()
    for function in closure(*entries):
        constants = sorted((name, repr(value)) for name, value in function.constants.items())
        parts = (function.symbol, function.file, function.node.lineno, function.text, constants)
        found.update(repr(parts).encode())
    return found.hexdigest()


def define(text: str, name: str, known: Mapping[str, object]) -> FunctionType:
    """Return the function `name` of a generated text; `known` are its globals.

    Its lines can be read back, and stand in errors and tracebacks.
    """
    text = "from __future__ import annotations\n" + text
    file = f"<kernel {name} {hashlib.sha256(text.encode()).hexdigest()[:16]}>"
    space: dict[str, object] = {**known, "__name__": file}
    exec(compile(text, file, "exec"), space)
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    run = space[name]
    assert isinstance(run, FunctionType)
    return run
