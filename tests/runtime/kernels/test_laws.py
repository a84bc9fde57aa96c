"""Laws of every kernel: any chunking is bit-identical, later bars change nothing, catalogue = kernels."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults, entry_text, markdown
from compiler.catalog.types import Type
from runtime.market.frame import Frame
from tests.runtime.kernels.bench import KERNELS, dependencies, frames, run, same

TYPES = sorted(CATALOGUE)
SHORT = {"length": 3, "lower_length": 3, "upper_length": 4, "size": 3, "left": 2, "right": 2,
         "bb_length": 4, "kc_length": 3, "mom_length": 3, "mom_smooth": 2, "fast": 2, "slow": 4,
         "signal": 2, "k": 3, "d": 2, "atr_length": 3}  # fmt: skip


def params_of(type_: str) -> dict[str, object]:
    return {p.name: SHORT[p.name] for p in CATALOGUE[type_].params if p.name in SHORT}


def test_every_catalogue_entry_has_a_kernel_and_every_kernel_an_entry() -> None:
    assert set(KERNELS) == set(CATALOGUE)


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=15)
@given(frame=frames(), cuts=st.lists(st.integers(1, 120), max_size=8))
def test_any_chunking_gives_bit_identical_columns(
    type_: str, frame: Frame, cuts: list[int]
) -> None:
    depends = dependencies(type_, frame)
    params = params_of(type_)
    whole = run(type_, frame, params, depends)
    parts = run(type_, frame, params, depends, cuts)
    single = run(type_, frame, params, depends, range(len(frame)))
    for name, column in whole.items():
        assert same(column, parts[name]), name
        assert same(column, single[name]), name


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=10)
@given(frame=frames(2), stop=st.integers(1, 119))
def test_later_bars_never_change_earlier_rows(type_: str, frame: Frame, stop: int) -> None:
    stop = min(stop, len(frame) - 1)
    depends = dependencies(type_, frame)
    whole = run(type_, frame, params_of(type_), depends)
    early = run(type_, frame, params_of(type_), depends, stop=stop)
    for name, column in early.items():
        assert same(column, whole[name][:stop]), name


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=10)
@given(frame=frames(60))
def test_values_keep_their_declared_type_and_bounds(type_: str, frame: Frame) -> None:
    entry = CATALOGUE[type_]
    params = dict(defaults(entry)) | params_of(type_)
    columns = run(type_, frame, params, dependencies(type_, frame))
    for output in entry.outputs_for(params):
        for value in columns[output.name]:
            if math.isnan(value):
                continue
            assert math.isfinite(value)
            if output.value.type is Type.BOOL:
                assert value in (0.0, 1.0)
            if output.value.type is Type.INT:
                assert value == int(value)
            if output.value.type is Type.ENUM:
                assert value in range(len(output.value.enum))
            if output.value.low is not None:
                assert value >= output.value.low - 1e-9
            if output.value.high is not None:
                assert value <= output.value.high + 1e-9


@pytest.mark.parametrize("type_", [t for t in TYPES if not CATALOGUE[t].depends])
@settings(max_examples=10)
@given(frame=frames(1, 60))
def test_nothing_is_known_before_the_stated_warm_up(type_: str, frame: Frame) -> None:
    entry = CATALOGUE[type_]
    params = dict(defaults(entry)) | params_of(type_)
    primary = run(type_, frame, params)[entry.primary(params).name]
    early = primary[: max(0, entry.warmup(params) - 1)]
    assert all(math.isnan(v) for v in early)


def test_every_entry_is_described() -> None:
    text = markdown()
    for type_, entry in CATALOGUE.items():
        assert f"### {type_}\n" in text
        assert entry.doc in entry_text(entry)
        assert entry.doc
        assert entry.snippet
