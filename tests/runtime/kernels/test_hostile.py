"""No bar stops a kernel: what cannot be known is unknown, and any chunking agrees on it."""

from __future__ import annotations

import math

import pytest

from tests.runtime.kernels.bench import KERNELS, Columns, dependencies, run, same
from tests.runtime.kernels.hostile import TEMPERS, hostile
from tests.runtime.kernels.test_laws import params_of


def plain(column: object) -> list[float]:
    """Return values with one kind of NaN: which NaN an operation gives is the processor's affair."""
    return [math.nan if v != v else v for v in column]  # type: ignore[attr-defined]


def compute(type_: str, temper: str, seed: int, cuts: list[int]) -> Columns:
    frame = hostile(temper, 150, seed)
    return run(type_, frame, params_of(type_), dependencies(type_, frame), cuts)


@pytest.mark.parametrize("temper", TEMPERS)
@pytest.mark.parametrize("type_", sorted(KERNELS))
def test_hostile_bars_never_stop_a_kernel_and_chunks_agree(type_: str, temper: str) -> None:
    for seed in range(3):
        whole = compute(type_, temper, seed, [])
        parts = compute(type_, temper, seed, [1, 2, 3, 40, 41, 99])
        for name, column in whole.items():
            assert same(plain(column), plain(parts[name])), name


def test_natr_is_unknown_where_the_close_is_0() -> None:
    frame = hostile("calm", 60, 1)
    frame.close[30] = 0.0
    column = run("natr", frame, {"length": 3})["value"]
    assert math.isnan(column[30])
    assert math.isfinite(column[31])


@pytest.mark.parametrize("price", [math.nan, math.inf])
def test_a_volume_profile_with_an_unknown_bar_is_unknown_and_heals(price: float) -> None:
    frame = hostile("calm", 60, 1)
    frame.high[30] = price
    column = run("volume_profile", frame, {"lookback": 6, "buckets": 7})["poc"]
    assert all(math.isnan(v) for v in column[30:36])
    assert math.isfinite(column[29])
    assert math.isfinite(column[36])
