"""The formulas of exchange and account as machine code: CPython's bits, or a stop where it raises."""

from __future__ import annotations

from array import array
from dataclasses import replace
from functools import cache
from random import Random

import pytest

from runtime.native import Compiled, compile_kernels, read
from runtime.native.source import ArrayOf, Element, Scalar, Type
from tests.runtime.formulas.test_language import FORMULAS
from tests.runtime.native.outcomes import agree, compiled, interpreted

NAMES = sorted(FORMULAS)
PRICES = [100.0, 99.5, 0.1, 0.30000000000000004, 61234.5, 1e-9, 1e12, 2.0**53]
ODD = [0.0, -0.0, -1.0, 5e-324, 1e308, float("inf"), float("-inf"), float("nan")]
WHOLE = [0, 1, -1, 2, 3, 7, 100, 12345, 10**9, 2**53 + 1, 2**62]
TABLES = {name for name in NAMES if "Numbers" in str(FORMULAS[name].__annotations__)}
# A count beyond its table is a mistake that only bounds see: formulas over tables are asked with them.
CASES = [(name, True) for name in NAMES] + [(n, False) for n in NAMES if n not in TABLES]


@cache
def code(has_bounds: bool) -> Compiled:
    return compile_kernels(read(*(FORMULAS[name] for name in NAMES)), has_bounds=has_bounds)


def drawn(kind: Type, rng: Random, rows: int) -> object:
    if isinstance(kind, ArrayOf):
        pool = PRICES if kind.element is Element.FLOAT else WHOLE
        return array(kind.element.value, sorted(rng.choice(pool) for _ in range(rows)))
    if kind is Scalar.BOOL:
        return rng.random() < 0.5
    if kind is Scalar.INT:
        return rng.choice((1, -1)) if rng.random() < 0.4 else rng.choice(WHOLE)
    return rng.choice(PRICES) if rng.random() < 0.8 else rng.choice(ODD)


@pytest.mark.parametrize(("name", "has_bounds"), CASES)
def test_a_formula_gives_the_bits_of_the_interpreter(name: str, has_bounds: bool) -> None:
    rng, entry, run, made = Random(name), NAMES.index(name), FORMULAS[name], code(has_bounds)
    params = made.signatures[entry].function.params
    for _ in range(300):
        rows = rng.randint(0, 4)
        arguments = [drawn(kind, rng, rows) for _, kind in params]
        lengths = {param: rows for param, kind in params if isinstance(kind, ArrayOf)}
        one, two = interpreted(run, arguments), compiled(made, entry, arguments, lengths)
        # Which line of which callee stops it is asked of operations; here, that both stop.
        same = replace(two, stopped_at=one.stopped_at if two.stopped_at else 0)
        assert agree(one, same), (arguments, one, two)
