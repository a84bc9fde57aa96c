"""Bars written by hand, recorded bars, and the comparison of a kernel with a second opinion."""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping, Sequence
from functools import cache

from runtime.market.bar_files import load_bars, slice_frame
from runtime.market.frame import Frame
from tests.data_files import shared
from tests.runtime.kernels.bench import Columns, run

NAN = math.nan
MINUTE = 60_000
VERSIONS = ("high_level", "low_level", "high_version", "low_version")


def bars(*rows: tuple[float, float, float, float]) -> Frame:
    """Return bars from (open, high, low, close)."""
    frame = Frame("X", "1m", MINUTE)
    for index, (open_, high, low, close) in enumerate(rows):
        assert low <= min(open_, close) <= max(open_, close) <= high
        frame.append(index * MINUTE, open_, high, low, close, 1.0)
    return frame


def closes(*values: float, reach: float = 0.0) -> Frame:
    """Return bars from closes: each opens at the last close; wicks go `reach` beyond the body."""
    rows = []
    before = values[0]
    for close in values:
        rows.append((before, max(before, close) + reach, min(before, close) - reach, close))
        before = close
    return bars(*rows)


def single(*prices: float) -> Frame:
    """Return bars that traded at one price each: a turn is a pivot with one bar on each side."""
    return bars(*((p, p, p, p) for p in prices))


@cache
def recorded(rows: int) -> Frame:
    """Return the first bars of a recorded market."""
    frame = load_bars(
        shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet"), "BTCUSDT"
    ).frame
    return slice_frame(frame, None, frame.ts[rows])


def swing_of(frame: Frame, **params: int | float | str) -> Columns:
    return run("swing", frame, {"left": 2, "right": 2} | params)


def pick(columns: Columns, *names: str) -> list[array]:
    return [columns[name] for name in names]


def absent(frame: Frame, count: int) -> list[array]:
    """Return the columns of an optional dependency that the card does not give."""
    return [array("d", [NAN] * len(frame)) for _ in range(count)]


def average_range(frame: Frame, length: int) -> Sequence[float]:
    """Return the average true range; its own correctness is tested against TA-Lib."""
    return run("atr", frame, {"length": length})["value"]


def same_value(one: float, two: float) -> bool:
    return one == two or (one != one and two != two)


def assert_rows(columns: Columns, expected: Sequence[Mapping[str, float]]) -> None:
    """Compare row by row; names that a row leaves out are not compared."""
    for t, row in enumerate(expected):
        for name, value in row.items():
            ours = columns[name][t]
            assert same_value(ours, float(value)), (
                f"row {t}: {name} is {ours}, expected {float(value)}"
            )


def assert_column(columns: Columns, name: str, expected: Sequence[float]) -> None:
    ours = list(columns[name])
    assert len(ours) == len(expected)
    assert all(map(same_value, ours, expected)), f"{name}: {ours} != {list(expected)}"
