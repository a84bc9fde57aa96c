"""Laws of every indicator: chunks, later bars, bounds, warm-up, flat markets."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.catalog.reference import defaults
from compiler.catalog.types import OutputSpec, ParamValue, Type
from runtime.features import FEATURES
from runtime.market.frame import Frame
from tests.runtime.features.markets import (
    ENTRIES,
    TYPES,
    WAYS,
    flat,
    markets,
    recorded,
    short_params,
)
from tests.runtime.kernels.bench import Columns, dependencies, run, same

# Their warm-up is a minimum: they wait for the end of a day or week, or for news.
BY_THE_CALENDAR = {"pivots", "session_levels", "anchored_vwap"}
# Unknown for some bars of each day.
WITH_GAPS = {"opening_range"}
# Unknown while nothing moves or nothing has a range.
UNKNOWN_WHEN_FLAT = {
    "adx", "anchored_vwap", "cci", "fisher", "mfi", "stoch", "stochrsi", "tsi", "uo", "vortex",
    "willr", "zscore", "correlation", "beta",
}  # fmt: skip
CENTRE_WHEN_FLAT = {
    "aroon": 0.0, "atr": 0.0, "cmf": 0.0, "cmo": 0.0, "dm": 0.0, "kvo": 0.0, "macd": 0.0,
    "mom": 0.0, "trailing_bands": 0.0, "natr": 0.0, "obv": 3.0, "percentile": 100.0, "rvol": 1.0, "candles": 0.0, "ppo": 0.0, "roc": 0.0, "rsi": 50.0,
    "slope": 0.0, "squeeze": 0.0, "stdev": 0.0, "trix": 0.0, "volume_sma": 3.0,
}  # fmt: skip

Warmed = tuple[OutputSpec, int, int, array]


def compute(
    type_: str, frame: Frame, cuts: object = (), stop: int | None = None, *, short: bool = True
) -> Columns:
    params = short_params(type_) if short else {}
    return run(type_, frame, params, dependencies(type_, frame), list(cuts), stop)  # type: ignore[call-overload]


def test_the_catalogue_and_the_kernels_name_the_same_indicators() -> None:
    assert [k.type for k in FEATURES] == TYPES
    assert len(set(TYPES)) == len(FEATURES)


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=15)
@given(frame=markets(), cuts=st.lists(st.integers(1, 90), max_size=8))
def test_any_chunking_gives_bit_identical_columns(
    type_: str, frame: Frame, cuts: list[int]
) -> None:
    whole = compute(type_, frame)
    parts, single = compute(type_, frame, cuts), compute(type_, frame, range(len(frame)))
    for name, column in whole.items():
        assert same(column, parts[name]), name
        assert same(column, single[name]), name


@pytest.mark.parametrize("type_", TYPES)
def test_chunks_of_recorded_bars_are_bit_identical(type_: str) -> None:
    frame = recorded(700)
    whole = compute(type_, frame, short=False)
    single = compute(type_, frame, range(len(frame)), short=False)
    for name, column in whole.items():
        assert same(column, single[name]), name


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=15)
@given(frame=markets(2), stop=st.integers(1, 89))
def test_later_bars_never_change_earlier_rows(type_: str, frame: Frame, stop: int) -> None:
    stop = min(stop, len(frame) - 1)
    whole = compute(type_, frame)
    for name, column in compute(type_, frame, stop=stop).items():
        assert same(column, whole[name][:stop]), name


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=15)
@given(frame=markets())
def test_values_never_leave_their_declared_bounds_by_a_single_bit(type_: str, frame: Frame) -> None:
    columns = compute(type_, frame)
    for output in ENTRIES[type_].outputs_for(short_params(type_)):
        value = output.value
        for x in columns[output.name]:
            if math.isnan(x):
                continue
            assert math.isfinite(x)
            assert value.low is None or x >= value.low, output.name
            assert value.high is None or x <= value.high, output.name
            if value.type is Type.BOOL:
                assert x in (0.0, 1.0)
            if value.type is Type.INT:
                assert x == int(x)


def warmed(type_: str, frame: Frame, params: Mapping[str, ParamValue]) -> Iterator[Warmed]:
    """Give every output with its warm-up and its first known row, the number of rows where it has none."""
    entry = ENTRIES[type_]
    columns = run(type_, frame, params, dependencies(type_, frame))
    for output in entry.outputs_for(params):
        column = columns[output.name]
        known = (row for row, x in enumerate(column) if not math.isnan(x))
        yield output, entry.warmup_of(output, params), next(known, len(frame)), column


@pytest.mark.parametrize("type_", sorted(set(TYPES) - BY_THE_CALENDAR))
@pytest.mark.parametrize("way", WAYS)
def test_each_output_is_known_exactly_from_its_own_warm_up_on(type_: str, way: str) -> None:
    # The recorded bars begin at midnight: even the first day's levels are whole.
    for output, bars, first, column in warmed(type_, recorded(700), WAYS[way](type_)):
        assert first >= bars - 1, output.name
        if output.facts.one_side:
            continue
        assert first == bars - 1, output.name
        if output.primary:
            assert type_ in WITH_GAPS or not any(math.isnan(x) for x in column[first:])


@pytest.mark.parametrize("type_", TYPES)
@settings(max_examples=10)
@given(frame=markets(), way=st.sampled_from(sorted(WAYS)))
def test_no_output_is_known_before_its_warm_up(type_: str, frame: Frame, way: str) -> None:
    for output, bars, first, _ in warmed(type_, frame, WAYS[way](type_)):
        assert first >= min(bars - 1, len(frame)), output.name


@pytest.mark.parametrize("type_", TYPES)
def test_a_flat_market_gives_a_limit_or_nothing(type_: str) -> None:
    frame = flat(150)
    primary = ENTRIES[type_].primary(dict(defaults(ENTRIES[type_]))).name
    last = compute(type_, frame, short=False)[primary][-1]
    if type_ in UNKNOWN_WHEN_FLAT:
        assert math.isnan(last)
    else:
        assert last == pytest.approx(CENTRE_WHEN_FLAT.get(type_, 0.1), rel=1e-15)


def test_columns_are_plain_arrays() -> None:
    assert all(isinstance(c, array) for c in compute("ema", flat(5)).values())
