"""Machine code gives CPython's bits: every kernel, whole and in chunks, on calm and on hostile bars."""

from __future__ import annotations

import random

import pytest

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import ParamKind, ParamSpec, ParamValue
from runtime.market.frame import Frame
from tests.runtime.features.markets import recorded
from tests.runtime.kernels.bench import KERNELS, dependencies, run, same
from tests.runtime.kernels.hostile import TEMPERS, hostile
from tests.runtime.native.machine_code import TYPES, native, plain

ROWS = 160


def drawn(spec: ParamSpec, rng: random.Random) -> ParamValue:
    """Return a value a card may give, small enough for few bars."""
    low, high = spec.low, spec.high
    match spec.kind:
        case ParamKind.INT:
            least = int(low or 0)
            return rng.randint(least, min(int(high or 40), least + 30))
        case ParamKind.FLOAT:
            return rng.uniform(low or 0.0, min(high or 5.0, 5.0))
        case ParamKind.BOOL:
            return rng.random() < 0.5
        case ParamKind.ENUM:
            return rng.choice(spec.choices)
        case ParamKind.FLOAT_LIST:
            return tuple(
                sorted({round(rng.uniform(0.0, 3.0), 3) for _ in range(rng.randint(1, 5))})
            )


def params_of(type_: str, rng: random.Random | None) -> dict[str, ParamValue]:
    entry = CATALOGUE[type_]
    if rng is None:
        return defaults(entry)
    return {spec.name: drawn(spec, rng) for spec in entry.params}


def cuts_of(rng: random.Random, rows: int) -> list[int]:
    return sorted({1, 2, 3, *(rng.randrange(1, rows) for _ in range(8))})


def assert_same_bits(
    type_: str, frame: Frame, params: dict[str, ParamValue], cuts: list[int]
) -> None:
    depends = dependencies(type_, frame)
    wanted = run(type_, frame, params, depends)
    for has_bounds in (False, True):
        kernel = native(type_, params, has_bounds=has_bounds)
        for chunks in ([], cuts):
            found = run(type_, frame, params, depends, chunks, kernel=kernel)
            for name, column in wanted.items():
                assert same(plain(column), plain(found[name])), (name, params, has_bounds, chunks)


@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("type_", TYPES)
def test_machine_code_gives_the_bits_of_the_interpreter(type_: str, temper: str) -> None:
    for seed in range(4):
        rng = random.Random(f"{type_} {temper} {seed}")
        frame = hostile(temper, ROWS, seed)
        params = params_of(type_, rng if seed else None)
        assert_same_bits(type_, frame, params, cuts_of(rng, ROWS))


@pytest.mark.parametrize("type_", TYPES)
def test_machine_code_gives_the_bits_of_the_interpreter_on_recorded_bars(type_: str) -> None:
    rng = random.Random(type_)
    frame = recorded(700 if type_ == "volume_profile" else 2_000)
    for one in (None, rng):
        assert_same_bits(type_, frame, params_of(type_, one), cuts_of(rng, len(frame)))


def test_no_multiplication_is_fused_with_an_addition() -> None:
    """A fused operation rounds once where CPython rounds twice."""
    from runtime.native import machine, read
    from runtime.native.emit import emit
    from runtime.native.source import closure
    from runtime.native.types import check

    entries = read(*(KERNELS[t].run for t in TYPES))
    text = machine.assembly(emit(check(closure(*entries)), entries, has_bounds=False)[0])
    words = {
        line.split()[0] for line in text.splitlines() if line.startswith("\t") and line.split()
    }
    assert words & {"vmulsd", "mulsd", "fmul"}
    assert not {w for w in words if w.startswith(("vfmadd", "vfmsub", "vfnm", "fmadd", "fmsub"))}
