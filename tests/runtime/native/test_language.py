"""The language of kernels: every kernel is written in it, and what is outside is refused by line."""

from __future__ import annotations

import gc
import itertools
import math
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.types import ParamKind
from runtime.features import elementary
from runtime.native.errors import KernelRefused
from runtime.native.source import TYPES, closure, define, read
from runtime.native.types import check
from tests.runtime.kernels.bench import KERNELS

KNOWN = {"math": math, "sqrt": math.sqrt, "floor": math.floor, "fabs": math.fabs,
         "isnan": math.isnan, "nan": math.nan, "exp": math.exp, "fsum": math.fsum,
         "text": "no number", "log": elementary.log}  # fmt: skip
KINDS = {ParamKind.INT: "int", ParamKind.FLOAT: "float", ParamKind.BOOL: "bool",
         ParamKind.ENUM: "int", ParamKind.FLOAT_LIST: "Numbers"}  # fmt: skip


def checked(
    body: str, head: str = "a: Column, n: int, x: float, b: bool", gives: str = "None"
) -> None:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    run = define(f"def made({head}) -> {gives}:\n{lines}", "made", KNOWN)
    check(closure(*read(run)))


@pytest.mark.parametrize("type_", sorted(KERNELS))
def test_every_kernel_is_written_in_the_language(type_: str) -> None:
    check(closure(*read(KERNELS[type_].run)))


@pytest.mark.parametrize("run", [elementary.exp, elementary.log, elementary.pow])
def test_our_own_functions_are_written_in_the_language(run: object) -> None:
    check(closure(*read(run)))  # type: ignore[arg-type]


@pytest.mark.parametrize("type_", sorted(KERNELS))
def test_the_parameters_of_a_kernel_are_what_its_catalogue_entry_says(type_: str) -> None:
    entry, kernel = CATALOGUE[type_], KERNELS[type_]
    (function,) = read(kernel.run)
    before = len(entry.inputs) + sum(len(d.columns) for d in entry.depends)
    wanted = ["IntColumn" if n == "ts" else "Column" for n in entry.inputs]
    wanted += ["Column"] * (before - len(wanted))
    wanted += [KINDS[p.kind] for p in entry.params]
    wanted += ["Column"] * len(entry.outputs)
    wanted += ["Block"] if kernel.columns is not None else []
    wanted += ["State", "int", "int"]
    assert [kind for _, kind in function.params] == [TYPES[name] for name in wanted]
    assert [name for name, _ in function.params[-3:]] == ["state", "start", "stop"]


@pytest.mark.parametrize("type_", sorted(KERNELS))
def test_only_outputs_named_by_parameters_share_a_block(type_: str) -> None:
    entry = CATALOGUE[type_]
    taken = [p.choices or (p.default,) for p in entry.params]
    sets = (
        dict(zip([p.name for p in entry.params], row, strict=True))
        for row in itertools.product(*taken)
    )
    has_more = any(entry.more_outputs(params) for params in sets)  # type: ignore[arg-type]
    assert KERNELS[type_].columns == (len(entry.outputs) if has_more else None)


ALLOWED = [
    "while True:\n    if b:\n        break\n    n += 1",
    "for i in range(n, 0, -2):\n    if a[i] < 0.0:\n        continue\n    a[i] = float(i)",
    "for i in range(3):\n    a[i] = n",
    "y = x if b else -x\na[0] = max(y, min(x, 2.0)) // 3.0 % 2",
    "k = len(a) - 1\nif k > 0 and not (b and a[k] > 0.0):\n    a[k] += 1",
    "own: float = 0.0\na[n % 2] = own * nan + log(x)",
    "if b:\n    y = 1.0\nelse:\n    return\na[0] = y",
    "c = a if b else a\nif b:\n    c = a\na[0] = c[1]",
]


@pytest.mark.parametrize("body", ALLOWED)
def test_the_language_says_what_it_promises(body: str) -> None:
    checked(body)


REFUSED = [
    # Widening is never silent.
    ("y = 0\ny = x", "`y` is an int and would become a float"),
    ("n += x", "`n` is an int and would become a float"),
    ("n = n / 2", "`n` is an int and would become a float"),
    ("a[0] = b", "an element is a float, the value a bool"),
    ("y = n if b else x", "one branch is an int, the other a float"),
    ("y = min(n, x)", "`min` takes numbers of one type"),
    ("y = b + 1", "arithmetic with a bool"),
    ("y = b == n", "compares a bool with an int"),
    ("y = floor(n)", "`floor` does not take an int"),
    ("y = log(n)", "`x` is a float, given is an int"),
    ("if n:\n    pass", "`n` is an int, a bool is due"),
    ("y = x and b", "`x` is a float, a bool is due"),
    # Nothing is used before it is assigned.
    ("if b:\n    y = 1.0\na[0] = y", "`y` is not assigned on every way"),
    ("for i in range(n):\n    y = 1.0\na[0] = y", "`y` is not assigned on every way"),
    ("for i in range(n):\n    pass\nn = i", "`i` is not assigned on every way"),
    ("while b:\n    a[0] = y\n    y = 1.0", "`y` is not assigned on every way"),
    ("sqrt = sqrt(x)", "is no plain call"),
    # Arrays.
    ("y = a[x]", "an index is a whole number, not a float"),
    ("y = a[-1]", "an index counts from the front"),
    ("y = a[0, 1]", "`a` takes 1 indices"),
    ("y = n[0]", "`n` is no array"),
    ("c = a\nc = n", "`c` is an array of floats and would become an int"),
    ("y = a[0:2]", "is no expression of a kernel"),
    ("y = [0.0]", "is no expression of a kernel"),
    # Outside.
    ("y = exp(x)", "use `exp` of `runtime.features.elementary`"),
    ("y = fsum(a)", "`fsum` is nothing a kernel may use"),
    ("y = sum(a)", "`sum` is nothing a kernel may use"),
    ("y = math.sqrt(x)", "`math` is nothing a kernel may use"),
    ("y = text", "`text` is nothing a kernel may use"),
    ("y = nowhere", "`nowhere` is not known"),
    ("y = 0.0 < x < 1.0", "is no expression of a kernel"),
    ("y = x ** 2.0", "Pow is no arithmetic of a kernel"),
    ("y = n & 1", "BitAnd is no arithmetic of a kernel"),
    ("y = n is n", "compares an int with an int"),
    ("y = None", "`None` is no value of a kernel"),
    ("y = 'word'", "`'word'` is no value of a kernel"),
    ("y = 9223372036854775808", "takes more than 64 bits"),
    ("y, z = x, x", "is no statement of a kernel"),
    ("y = z = x", "is no statement of a kernel"),
    ("for c in a:\n    pass", "a `for` goes over a `range`"),
    ("for i in range(0, 9, n):\n    pass", "the step of a `range` is a constant"),
    ("for i in range(n):\n    pass\nelse:\n    pass", "is no statement of a kernel"),
    ("with a:\n    pass", "is no statement of a kernel"),
    ("return\nn = 1", "no way leads to this line"),
    ("return x", "returns a float, declared is nothing"),
    ("def inner() -> None:\n    pass", "is no statement of a kernel"),
    ("n: float = 0", "the annotation is not the type of the value"),
    ("made(a, n, x, b)", "`made` leads back to itself"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "why"), REFUSED)
def test_what_is_outside_the_language_is_refused_with_its_line(body: str, why: str) -> None:
    with pytest.raises(KernelRefused) as refused:
        checked(body)
    assert why in str(refused.value)
    assert 3 <= refused.value.site.line <= 2 + body.count("\n") + 1
    assert refused.value.site.function == "made"


HEADS = [
    ("a: Column, *rest: float", "plain parameters only"),
    ("a: Column, n: int = 3", "plain parameters only"),
    ("a: Column, n", "no annotation is no type"),
    ("a: list[float]", "list[float] is no type"),
]


@pytest.mark.parametrize(("head", "why"), HEADS)
def test_a_parameter_outside_the_language_is_refused(head: str, why: str) -> None:
    with pytest.raises(KernelRefused, match=why.replace("[", r"\[").replace("]", r"\]")):
        checked("pass", head)


def test_a_function_that_may_end_without_its_value_is_refused() -> None:
    with pytest.raises(KernelRefused, match="leads to the end without a value"):
        checked("if b:\n    return x", gives="float")


def test_an_array_written_under_two_names_is_refused() -> None:
    text = (
        "def copy(a: Column, b: Column) -> None:\n    b[0] = a[0]\n"
        "def look(a: Column, b: Column) -> float:\n    return a[0] + b[0]\n"
        "def bad(a: Column) -> None:\n    c = a\n    copy(a, c)\n"
        "def good(a: Column) -> None:\n    a[0] = look(a, a)\n"
    )
    check(closure(*read(define(text, "good", {}))))
    with pytest.raises(KernelRefused, match="`a` is written under two names"):
        check(closure(*read(define(text, "bad", {}))))


def test_calls_in_a_circle_are_refused() -> None:
    text = (
        "def one(n: int) -> int:\n    return two(n)\ndef two(n: int) -> int:\n    return one(n)\n"
    )
    with pytest.raises(KernelRefused, match="leads back to itself"):
        read(define(text, "one", {}))


def test_a_kernel_is_shown_where_it_stands_in_the_repository() -> None:
    (function,) = read(elementary.exp)
    assert function.file == "runtime/features/elementary.py"
    assert function.node.lineno == elementary.exp.__code__.co_firstlineno


@pytest.fixture
def _threads_change_at_every_collection() -> Iterator[None]:
    def give_way(*_: object) -> None:
        time.sleep(0)

    before = gc.get_threshold()
    gc.callbacks.append(give_way)
    gc.set_threshold(50)
    yield
    gc.set_threshold(*before)
    gc.callbacks.remove(give_way)


@pytest.mark.usefixtures("_threads_change_at_every_collection")
def test_kernels_are_read_by_several_threads_at_once() -> None:
    """Mirrors of a search are drawn by threads, and each may be the first to need a kernel."""
    body = "".join(f"    x = x * (x + {n}.0) if x > {n}.0 else x\n" for n in range(400))
    texts = [f"def made(x: float) -> float:\n{body}    return x + {n}\n" for n in range(24)]
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda text: read(define(text, "made", {})), texts))
    assert len(found) == len(texts)
