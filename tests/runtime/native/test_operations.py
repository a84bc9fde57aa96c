"""Every operation of the language on every kind of number: CPython's bits, or its refusal and line."""

from __future__ import annotations

import itertools
import math
import random
import struct

import pytest

from runtime.features import elementary
from runtime.native import BadArguments, KernelFailed, compile_kernels, read
from runtime.native.source import define
from tests.runtime.native.outcomes import BEYOND, agree, compiled, interpreted

FLOATS = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.5, -2.5, 3.0, -3.0, 1e-9, 5e-324, -5e-324,
          2.2250738585072014e-308, 1e308, -1e308, 1.7976931348623157e308, 2.0**52 + 0.5, 2.0**53,
          2.0**63, -(2.0**63), 9.223372036854775e18, 1e300, math.inf, -math.inf, math.nan]  # fmt: skip
INTS = [0, 1, -1, 2, -2, 3, -7, 10, 96, 2**31, 2**53, 2**53 + 1, -(2**53) - 1, 2**62, 2**63 - 1,
        -(2**63), -(2**63) + 1]  # fmt: skip
HEAD = "x: float, y: float, n: int, m: int"
# Expressions on floats x and y, and on ints n and m.
OF_FLOATS = {
    "float": ["x + y", "x - y", "x * y", "x / y", "x // y", "x % y", "-x", "+x", "min(x, y)",
              "max(x, y)", "min(x, y, 0.5)", "max(0.0, x, y)", "fabs(x)", "sqrt(x)", "exp(x)",
              "log(x)", "pow(x, y)", "x if x < y else y", "float(x)", "x * y + x", "x * 0.0",
              "x - x", "x + 0.0", "0.0 - x", "x / 3.0"],
    "int": ["floor(x)", "ceil(x)", "int(x)"],
    "bool": ["x < y", "x <= y", "x > y", "x >= y", "x == y", "x != y", "not x > y", "isnan(x)",
             "x < y and y < 1.0", "x < y or y != y", "(x > 0.0) == (y > 0.0)",
             "(x > 0.0) != (y > 0.0)"],
}  # fmt: skip
OF_INTS = {
    "int": ["n + m", "n - m", "n * m", "n // m", "n % m", "-n", "min(n, m)", "max(n, m)", "n // 7",
            "n % -7", "n // -1", "n % -1", "n * 3 - m", "int(n)", "n if n > m else m"],
    "float": ["float(n)", "n / m", "n * 0.5", "n - 0.1", "n / 3"],
    "bool": ["n < m", "n == m", "n >= 0", "n == 9007199254740993"],
}  # fmt: skip
OF_BOTH = {
    "float": ["n + x", "n * x", "x / n", "n / x", "x // n", "x % n"],
    "bool": ["n < x", "n >= x", "x == n", "x != n"],
}
KNOWN = {name: getattr(math, name) for name in ("sqrt", "floor", "ceil", "fabs", "isnan")} | {
    name: getattr(elementary, name) for name in ("exp", "log", "pow")
}
CASES = [
    (pool, gives, text)
    for pool, table in (("floats", OF_FLOATS), ("ints", OF_INTS), ("both", OF_BOTH))
    for gives, texts in table.items() for text in texts
]  # fmt: skip
RUNS = [
    define(f"def f({HEAD}) -> {gives}:\n    return {text}\n", "f", KNOWN)
    for _, gives, text in CASES
]


@pytest.fixture(scope="module")
def code() -> object:
    return compile_kernels(read(*RUNS), has_bounds=True)


def arguments(pool: str, rng: random.Random) -> list[tuple[float, float, int, int]]:
    anything = [struct.unpack("<d", rng.randbytes(8))[0] for _ in range(150)]
    some = [rng.uniform(-50.0, 50.0) for _ in range(150)]
    small = [rng.randint(-1000, 1000) for _ in range(150)]
    match pool:
        case "floats":
            pairs = [*itertools.product(FLOATS, FLOATS), *zip(anything, some, strict=True),
                     *zip(some, reversed(some), strict=True)]  # fmt: skip
            return [(x, y, 1, 1) for x, y in pairs]
        case "ints":
            whole = [*itertools.product(INTS, INTS), *zip(small, reversed(small), strict=True)]
            return [(1.0, 1.0, n, m) for n, m in whole]
        case _:
            mixed = [*itertools.product(FLOATS, INTS), *zip(some, small, strict=True)]
            return [(x, 1.0, n, 1) for x, n in mixed]


@pytest.mark.parametrize(("pool", "gives", "text"), CASES)
def test_an_operation_gives_cpythons_bits_or_stops_where_it_raises(
    code: object, pool: str, gives: str, text: str
) -> None:
    number = CASES.index((pool, gives, text))
    decided = 0
    for given in arguments(pool, random.Random(text)):
        one, two = interpreted(RUNS[number], given), compiled(code, number, given)  # type: ignore[arg-type]
        assert agree(one, two), (given, one, two)
        decided += two.why not in BEYOND
    assert decided > 100


LIMITS = [
    ("n + m", 2**63 - 1, 1, "64 bits"), ("n + m", 2**63 - 2, 1, ""),
    ("n - m", -(2**63), 1, "64 bits"), ("n * m", 2**32, 2**31, "64 bits"),
    ("n * m", 2**31, 2**31, ""), ("n // m", -(2**63), -1, "64 bits"),
    ("n % m", -(2**63), -1, "64 bits"), ("-n", -(2**63), 0, "64 bits"),
    ("n / m", 2**53 + 1, 1, "2**53"), ("n / m", 2**53, 1, ""), ("n == m * 1.0", 2**53, 1, ""),
    ("n == m * 1.0", 2**53 + 1, 1, "2**53"), ("n == m * 1.0", -(2**53) - 1, 1, "2**53"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "n", "m", "why"), LIMITS)
def test_whole_numbers_are_exact_to_their_limit_and_refused_beyond(
    text: str, n: int, m: int, why: str
) -> None:
    gives = "bool" if "==" in text else "float" if "/ " in text and "//" not in text else "int"
    run = define(f"def f(n: int, m: int) -> {gives}:\n    return {text}\n", "f", {})
    code = compile_kernels(read(run))
    if why:
        with pytest.raises(KernelFailed, match=why.replace("*", r"\*")):
            code.call(0, n, m)
    else:
        assert code.call(0, n, m) == run(n, m)


@pytest.mark.parametrize("name", ["floor", "ceil", "int"])
def test_a_float_becomes_whole_exactly_where_64_bits_hold_it(name: str) -> None:
    run = define(f"def f(x: float) -> int:\n    return {name}(x)\n", "f", KNOWN)
    code = compile_kernels(read(run))
    for x in (*FLOATS, math.nextafter(2.0**63, 0.0), math.nextafter(-(2.0**63), -math.inf)):
        if -(2.0**63) <= x < 2.0**63:
            assert code.call(0, x) == run(x)
        else:
            with pytest.raises(KernelFailed, match="no whole number of 64 bits"):
                code.call(0, x)


def test_an_argument_of_another_type_is_refused() -> None:
    code = compile_kernels(read(RUNS[0]))
    for given in ((1, 1.0, 1, 1), (1.0, 1.0, 1.0, 1), (1.0, 1.0, True, 1), (1.0, 1.0, 2**63, 1)):
        with pytest.raises(BadArguments):
            code.call(0, *given)
