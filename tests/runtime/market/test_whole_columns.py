"""What whole columns are asked is what their rows say."""

from __future__ import annotations

from array import array
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.errors import DataError
from runtime.market.alike import may_leap
from runtime.market.bar_files import load_bars, write_bars
from runtime.market.checks import find_gaps, find_problems
from runtime.market.frame import Frame
from runtime.market.plausible import check_grid
from runtime.market.whole_columns import (
    PIECE_ROWS,
    column_rises,
    counts,
    has_longer_step,
    later,
    missing_rows,
)
from tests.strategies.runs import SMALL

MINUTE = 60_000
START = 1_700_000_040_000
STRANGE = st.sampled_from([float("nan"), float("inf"), -float("inf"), 0.0, -1.0, 1e308, 5e-324])
PRICES = st.integers(1, 400).map(lambda ticks: ticks / 4)


@st.composite
def series(draw: st.DrawFn) -> tuple[list[int], list[list[float]]]:
    """Rows of bars, sound but for a few values."""
    rows = draw(st.integers(0, 12))
    ts = [draw(st.integers(0, 3)) * MINUTE * 7 + i * MINUTE for i in range(rows)]
    ts = sorted(ts) if draw(st.booleans()) else ts
    columns: list[list[float]] = [[], [], [], [], []]
    for _ in range(rows):
        four = sorted(draw(PRICES) for _ in range(4))
        bar = (four[1], four[3], four[0], four[2], draw(PRICES))
        for column, value in zip(columns, bar, strict=True):
            column.append(value)
    for _ in range(draw(st.integers(0, 2)) if rows else 0):
        row = draw(st.integers(0, rows - 1))
        if draw(st.booleans()):
            draw(st.sampled_from(columns))[row] = draw(STRANGE | PRICES)
        else:
            ts[row] = draw(st.sampled_from([0, 1, ts[row] + 7, 2**62, -(2**62), -(2**63)]))
    return ts, columns


@given(series(), st.sampled_from([0, MINUTE, 7]))
def test_stored_columns_have_the_problems_their_rows_have(
    made: tuple[list[int], list[list[float]]], interval: int
) -> None:
    ts, columns = made
    stored = [array("d", column) for column in columns]
    assert repr(find_problems(array("q", ts), stored, interval)) == repr(
        find_problems(ts, columns, interval)
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), -1.0, 0.0, 1e9])
@pytest.mark.parametrize("place", range(5))
def test_no_value_that_makes_a_bar_impossible_is_passed_over(place: int, value: float) -> None:
    columns = [[10.0] * 4, [12.0] * 4, [9.0] * 4, [11.0] * 4, [1.0] * 4]
    columns[place][2] = value
    ts = [MINUTE * i for i in range(4)]
    found = find_problems(array("q", ts), [array("d", c) for c in columns], MINUTE)
    assert repr(found) == repr(find_problems(ts, columns, MINUTE))
    assert found or (place, value) in {(1, 1e9), (4, 0.0), (4, 1e9)}


@given(st.lists(st.integers(1, 5), max_size=6))
def test_stored_times_have_the_holes_their_rows_have(steps: list[int]) -> None:
    ts = [MINUTE * sum(steps[:i]) for i in range(len(steps) + 1)]
    assert find_gaps(array("q", ts), MINUTE) == find_gaps(ts, MINUTE)


@pytest.mark.parametrize("tick", [0.1, 0.05, 0.01, 2.5, 1e-6])
@given(st.integers(1, 10**9), st.sampled_from([0.0, 0.5, 1e-3, 2e-6, 9e-7, 1e-9]))
def test_a_price_off_the_grid_is_refused_wherever_it_stands(
    tick: float, steps: int, off: float
) -> None:
    price = (steps + off) * tick
    frame = Frame("TESTUSDT", "1m", MINUTE)
    frame.append(0, tick, max(tick, price), tick, tick, 1.0)
    number = price / tick
    is_off = abs(number - round(number)) > max(1e-6, 4e-16 * abs(number))
    instrument = replace(SMALL, tick=tick)
    if is_off:
        with pytest.raises(DataError, match="do not lie on the tick"):
            check_grid(frame, instrument)
    else:
        check_grid(frame, instrument)


@given(st.lists(st.integers(1, 9), max_size=40))
def test_rows_that_are_missing_are_counted_as_a_loop_counts_them(steps: list[int]) -> None:
    ts = array("q", [START])
    for step in steps:
        ts.append(ts[-1] + step * MINUTE)
    assert missing_rows(ts, MINUTE) == sum(step - 1 for step in steps)
    assert list(later(ts, MINUTE)) == [when + MINUTE for when in ts]
    assert list(counts(array("d", map(float, steps)))) == steps


def test_no_row_misses_none() -> None:
    assert missing_rows(array("q"), MINUTE) == missing_rows(array("q", [START]), MINUTE) == 0
    assert not later(array("q"), MINUTE)


class Unwalked(array):
    """A column that nobody may go through value by value: ten million rows take seconds so."""

    def __getitem__(self, place: object) -> object:
        raise AssertionError("gone through value by value")

    __iter__ = __getitem__


def test_bars_are_written_as_whole_columns(tmp_path: Path) -> None:
    prices = [[10.0, 11.5], [12.0, 12.5], [9.0, 10.0], [11.5, 12.0], [1.0, 0.0]]
    frame = Frame("TESTUSDT", "1m", MINUTE, Unwalked("q", [START, START + MINUTE]))
    for name, column in zip(("open", "high", "low", "close", "volume"), prices, strict=True):
        setattr(frame, name, Unwalked("d", column))
    write_bars(frame, tmp_path / "TESTUSDT-1m.parquet")
    stored = load_bars(tmp_path / "TESTUSDT-1m.parquet", "TESTUSDT").frame
    assert [list(stored.column(n)) for n in ("open", "high", "low", "close", "volume")] == prices


@pytest.mark.parametrize("row", [1, PIECE_ROWS, PIECE_ROWS + 1, 2 * PIECE_ROWS - 1])
def test_what_is_odd_is_seen_wherever_columns_are_cut(row: int) -> None:
    """Columns are looked at in pieces: the first row of one is held against the last of the piece before."""
    import pyarrow as pa

    ts = [MINUTE * i for i in range(2 * PIECE_ROWS)]
    even = pa.chunked_array([ts[: PIECE_ROWS + 7], ts[PIECE_ROWS + 7 :]])
    assert column_rises(even)
    assert not has_longer_step(even, MINUTE)
    twin = pa.array([*ts[:row], ts[row - 1], *ts[row + 1 :]])
    assert not column_rises(twin)
    assert has_longer_step(pa.array([*ts[:row], *(when + 1 for when in ts[row:])]), MINUTE)
    opens = [10.0] * len(ts)
    bars = pa.table({"open": opens, "close": [*opens[: row - 1], 90.0, *opens[row:]]})
    assert may_leap(bars)
    assert not may_leap(pa.table({"open": opens, "close": opens}))
