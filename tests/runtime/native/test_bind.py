"""What reaches machine code is checked at every call: type, length, memory that is shared."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np
import pytest

from runtime.features.ema import ema
from runtime.kernel import make_block
from runtime.native import BadArguments, Compiled, KernelFailed, compile_kernels, read
from runtime.native.source import define
from runtime.structures.fibonacci import fibonacci

TEXT = """\
def double(a: Column, out: Column, state: State, start: int, stop: int) -> None:
    for i in range(start, stop):
        out[i] = 2.0 * a[i]
        state[0] += 1.0

def last(a: Numbers) -> float:
    return a[len(a) - 1]

def beyond(a: Numbers, n: int) -> float:
    return a[n]

def total(q: IntColumn, w: ByteColumn, start: int, stop: int) -> int:
    found = 0
    for i in range(start, stop):
        found += q[i] * w[i]
    return found
"""
NAMES = ("double", "last", "beyond", "total")
RUNS = [define(TEXT, name, {}) for name in NAMES]


@pytest.fixture(scope="module")
def code() -> Compiled:
    return compile_kernels(read(*RUNS), has_bounds=False)


def doubles(count: int) -> array:
    return array("d", range(count))


def test_rows_are_computed_and_arrays_may_grow_between_calls(code: Compiled) -> None:
    a, out, state = doubles(4), doubles(4), doubles(1)
    bound = code.bind(0, [a, out, state], {"state": 1})
    bound(0, 4)
    for column in (a, out):
        column.extend(range(4, 5_000))
    bound(4, 5_000)
    assert out.tolist() == [2.0 * v for v in range(5_000)]
    assert state[0] == 5_000.0


@pytest.mark.parametrize(("rows", "what"), [(3, "`a` has 3 elements, 4 are due"), (4, "")])
def test_a_stop_beyond_a_column_is_refused(code: Compiled, rows: int, what: str) -> None:
    bound = code.bind(0, [doubles(rows), doubles(4), doubles(1)], {"state": 1})
    if what:
        with pytest.raises(BadArguments, match=what):
            bound(0, 4)
    else:
        bound(0, 4)


def test_a_column_that_shrinks_is_refused_at_the_next_call(code: Compiled) -> None:
    out = doubles(4)
    bound = code.bind(0, [doubles(4), out, doubles(1)], {"state": 1})
    bound(0, 4)
    del out[2:]
    with pytest.raises(BadArguments, match="`out` has 2 elements, 4 are due"):
        bound(0, 4)


@pytest.mark.parametrize(("start", "stop"), [(-1, 2), (3, 2), (0, -1)])
def test_rows_that_are_none_are_refused(code: Compiled, start: int, stop: int) -> None:
    bound = code.bind(0, [doubles(4), doubles(4), doubles(1)], {"state": 1})
    with pytest.raises(BadArguments, match="are none"):
        bound(start, stop)


WRONG: list[tuple[Callable[[], list[object]], str]] = [
    (lambda: [array("q", [1, 2]), doubles(2), doubles(1)], "holds `q`, an array of floats is due"),
    (lambda: [array("f", [1, 2]), doubles(2), doubles(1)], "holds `f`"),
    (lambda: [np.zeros(4)[::2], doubles(2), doubles(1)], "row after row"),
    (lambda: [np.zeros((2, 2)), doubles(2), doubles(1)], "row after row"),
    (lambda: [doubles(2), doubles(2), doubles(0)], "`state` has 0 elements, 1 are due"),
]


@pytest.mark.parametrize(("make", "why"), WRONG)
def test_an_array_of_another_kind_is_refused(
    code: Compiled, make: Callable[[], list[object]], why: str
) -> None:
    with pytest.raises(BadArguments, match=why):
        code.bind(0, make(), {"state": 1})(0, 2)


def test_what_is_written_lies_in_no_other_arrays_memory(code: Compiled) -> None:
    a = doubles(8)
    for arguments in (
        [a, a, doubles(1)], [a, memoryview(a)[1:], doubles(1)],
        [memoryview(a)[3:], memoryview(a)[:4], doubles(1)],
        [doubles(8), a, memoryview(a)[7:]],
    ):  # fmt: skip
        with pytest.raises(BadArguments, match="shares memory"):
            code.bind(0, arguments, {"state": 1})(0, 4)
    code.bind(0, [memoryview(a)[:4], memoryview(a)[4:], doubles(1)], {"state": 1})(0, 4)
    assert a.tolist() == [0.0, 1.0, 2.0, 3.0, 0.0, 2.0, 4.0, 6.0]


def test_what_is_only_read_may_be_given_twice(code: Compiled) -> None:
    q = np.arange(4)
    assert code.call(3, q, np.ones(4, np.int8), 0, 4) == 6
    ours = compile_kernels(read(define(
        "def add(a: Column, b: Column, out: Column, start: int, stop: int) -> None:\n"
        "    for i in range(start, stop):\n        out[i] = a[i] + b[i]\n", "add", {},
    )))  # fmt: skip
    a, out = doubles(3), doubles(3)
    ours.bind(0, [a, a, out])(0, 3)
    assert out.tolist() == [0.0, 2.0, 4.0]


def test_arrays_that_may_only_be_read_are_read(code: Compiled) -> None:
    fixed = np.arange(4.0)
    fixed.flags.writeable = False
    out = np.zeros(4)
    code.bind(0, [fixed, out, np.zeros(1)], {"state": 1})(0, 4)
    assert out.tolist() == [0.0, 2.0, 4.0, 6.0]
    with pytest.raises(BadArguments, match="may only be read"):
        code.bind(0, [out, fixed, np.zeros(1)], {"state": 1})(0, 4)


def test_a_length_that_nobody_states_is_refused_without_bounds(code: Compiled) -> None:
    with pytest.raises(BadArguments, match="`state` has no stated length"):
        code.bind(0, [doubles(4), doubles(4), doubles(1)])
    with pytest.raises(BadArguments, match="`a` has no stated length"):
        code.call(1, doubles(3))
    assert code.call(1, doubles(3), lengths={"a": 1}) == 2.0


def test_an_index_outside_stops_with_its_line_where_bounds_are_checked() -> None:
    code = compile_kernels(read(RUNS[2]), has_bounds=True)
    assert code.call(0, doubles(3), 2) == 2.0
    for n in (3, -1, 2**62):
        with pytest.raises(KernelFailed, match=r":\d+: beyond: `a\[n\]` is outside the array"):
            code.call(0, doubles(3), n)


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("0", False), (None, None)])
def test_the_environment_says_whether_code_checks_its_bounds(
    monkeypatch: pytest.MonkeyPatch, value: str | None, expected: bool | None
) -> None:
    for is_ci in (True, False):
        monkeypatch.setenv("CI", "true" if is_ci else "false")
        if value is None:
            monkeypatch.delenv("IDEACARD_KERNEL_BOUNDS", raising=False)
        else:
            monkeypatch.setenv("IDEACARD_KERNEL_BOUNDS", value)
        code = compile_kernels(read(RUNS[2]))
        assert code.signatures[0].has_bounds is (is_ci if expected is None else expected)


def test_a_block_has_the_stated_places_and_a_row_for_each_row() -> None:
    code = compile_kernels(read(fibonacci), has_bounds=False)
    columns = [doubles(6) for _ in range(3)]
    outs = [doubles(6) for _ in range(3)]
    for rows, places, fits in ((4, 2, True), (3, 2, False), (4, 3, False)):
        _, block = make_block(rows, places)
        arguments = [*columns, array("d", [0.5, 0.6]), 0, *outs, block, doubles(0)]
        bound = code.bind(0, arguments, {"at_levels": 2, "levels": 2, "state": 0})
        if fits:
            bound(2, 6)
        else:
            with pytest.raises(BadArguments, match="at_levels"):
                bound(2, 6)


def test_threads_share_code_and_not_arguments() -> None:
    from concurrent.futures import ThreadPoolExecutor

    code = compile_kernels(read(ema), has_bounds=False)

    def one(length: int) -> list[float]:
        out = array("d", [0.0]) * 20_000
        code.bind(0, [doubles(20_000), length, out, doubles(0) + array("d", [0.0] * 3)], {"state": 3})(
            0, 20_000
        )  # fmt: skip
        return out.tolist()[100:]

    alone = [one(length) for length in range(2, 10)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(one, range(2, 10))) == alone
