"""Swings: strict pivots that appear only when closed bars have confirmed them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.frame import Frame
from tests.runtime.kernels.bench import frames, run
from tests.runtime.structures.market import (
    NAN,
    assert_column,
    assert_rows,
    average_range,
    bars,
    closes,
    recorded,
    single,
    swing_of,
)

HIGH, LOW = 1, 2
Pivot = tuple[int, int, float, int]  # confirmed on row, kind, level, row of the pivot


def described(pivots: list[Pivot], t: int) -> Mapping[str, float]:
    """Return what a swing shows on row t, from the whole list of pivots."""
    seen = [p for p in pivots if p[0] <= t]
    highs = [p for p in seen if p[1] == HIGH]
    lows = [p for p in seen if p[1] == LOW]
    pairs = [(a, b) for a, b in pairwise(seen) if a[1] != b[1]]
    level = dict.fromkeys((HIGH, LOW), NAN)
    for pivot in pairs[-1] if pairs else ():
        level[pivot[1]] = pivot[2]
    return {
        "high_level": highs[-1][2] if highs else NAN,
        "low_level": lows[-1][2] if lows else NAN,
        "high_idx": highs[-1][3] if highs else -1,
        "low_idx": lows[-1][3] if lows else -1,
        "version": len(seen),
        "last_type": seen[-1][1] if seen else 0,
        "pair_high_level": level[HIGH],
        "pair_low_level": level[LOW],
        "pair_direction": (1 if pairs[-1][1][1] == HIGH else -1) if pairs else 0,
        "pair_version": len(pairs),
        "high_version": len(highs),
        "low_version": len(lows),
    }


def fractal_pivots(frame: Frame, left: int, right: int) -> list[Pivot]:
    found: list[Pivot] = []
    for at in range(left, len(frame) - right):
        others = [j for j in range(at - left, at + right + 1) if j != at]
        if frame.high[at] > max(frame.high[j] for j in others):
            found.append((at + right, HIGH, frame.high[at], at))
        if frame.low[at] < min(frame.low[j] for j in others):
            found.append((at + right, LOW, frame.low[at], at))
    return found


def zigzag_pivots(frame: Frame, mult: float, length: int) -> list[Pivot]:
    """Search each leg anew: its extreme so far, and whether this close has turned away from it."""
    average = average_range(frame, length)
    found: list[Pivot] = []
    kinds, first = {HIGH, LOW}, 0
    for t in range(1, len(frame)):
        leg = range(first, t + 1)
        top = max(leg, key=lambda j: (frame.high[j], -j))
        bottom = min(leg, key=lambda j: (frame.low[j], j))
        reach = mult * average[t]
        if HIGH in kinds and top < t and frame.close[t] <= frame.high[top] - reach:
            found.append((t, HIGH, frame.high[top], top))
            kinds, first = {LOW}, top + 1
        elif LOW in kinds and bottom < t and frame.close[t] >= frame.low[bottom] + reach:
            found.append((t, LOW, frame.low[bottom], bottom))
            kinds, first = {HIGH}, bottom + 1
    return found


def test_pivots_appear_after_the_right_bars() -> None:
    # Highs 1 3 2 1 4 2 1: with one bar on each side the highs 3 (row 1) and 4 (row 4) are pivots,
    # seen on rows 2 and 5; the low 0 of row 3 is seen on row 4.
    frame = bars(
        (1, 1, 0.5, 1), (1, 3, 1, 2), (2, 2, 0.7, 1), (1, 1, 0, 1), (1, 4, 1, 2), (2, 2, 0.9, 1),
        (1, 1, 0.8, 1),
    )  # fmt: skip
    ours = run("swing", frame, {"left": 1, "right": 1})
    assert_column(ours, "high_level", [NAN, NAN, 3, 3, 3, 4, 4])
    assert_column(ours, "high_idx", [-1, -1, 1, 1, 1, 4, 4])
    assert_column(ours, "low_level", [NAN, NAN, NAN, NAN, 0, 0, 0])
    assert_column(ours, "last_type", [0, 0, 1, 1, 2, 1, 1])
    # High then low on row 4 is a bearish pair, low then high on row 5 a bullish one.
    assert_column(ours, "pair_direction", [0, 0, 0, 0, -1, 1, 1])
    assert_column(ours, "pair_high_level", [NAN, NAN, NAN, NAN, 3, 4, 4])
    assert_column(ours, "version", [0, 0, 1, 1, 2, 3, 3])


def test_equal_highs_are_no_pivot() -> None:
    ours = run("swing", closes(1, 5, 5, 1, 1), {"left": 1, "right": 1})
    assert_column(ours, "high_version", [0, 0, 0, 0, 0])


def test_zigzag_waits_for_a_close_away_from_the_extreme() -> None:
    # Bars without wicks. True ranges from row 1 on: 4 1 1 4 1, their average over one bar the same.
    # Row 1 closes 14 >= 10 + 1 * 4: the low of row 0, where the bars begin, is confirmed.
    # Row 2 closes 13 <= 14 - 1 * 1: the high of row 1 is confirmed.
    # Row 3 closes 12, the low of the leg; row 4 closes 16 >= 12 + 1 * 4: the low is confirmed.
    frame = closes(10, 14, 13, 12, 16, 17)
    ours = run("swing", frame, {"mode": "atr_zigzag", "atr_mult": 1.0, "atr_length": 1})
    assert_column(ours, "high_level", [NAN, NAN, 14, 14, 14, 14])
    assert_column(ours, "high_idx", [-1, -1, 1, 1, 1, 1])
    assert_column(ours, "low_level", [NAN, 10, 10, 10, 12, 12])
    assert_column(ours, "low_idx", [-1, 0, 0, 0, 3, 3])


def test_the_first_of_equal_lows_is_the_pivot_of_a_leg() -> None:
    # True ranges 10 5 0 2 0 from row 1 on. Row 2 is 5 below the high, less than 1.1 * 5; row 3 is
    # as far below and its range is 0: the high is confirmed, and the leg holds the low 15 twice, on
    # rows 2 and 3. Row 5, without range, confirms it.
    frame = single(10, 20, 15, 15, 17, 17)
    ours = run("swing", frame, {"mode": "atr_zigzag", "atr_mult": 1.1, "atr_length": 1})
    assert_column(ours, "high_idx", [-1, -1, -1, 1, 1, 1])
    assert_column(ours, "low_idx", [-1, -1, -1, -1, -1, 2])


def test_zigzag_never_confirms_on_the_bar_of_the_extreme() -> None:
    # Row 2 runs up to 30 and closes far below: whether the fall came after the high is only sure
    # on row 3, which closes at 9.8 <= 30 - 0.5 * 0.4.
    frame = bars((10, 11, 9, 10), (10, 12, 9, 11), (11, 30, 9.5, 10), (10, 10, 9.6, 9.8))
    ours = run("swing", frame, {"mode": "atr_zigzag", "atr_mult": 0.5, "atr_length": 1})
    assert_column(ours, "high_level", [NAN, NAN, NAN, 30])


@given(frame=frames(1, 80), left=st.integers(1, 4), right=st.integers(1, 4))
def test_fractal_swings_are_those_of_the_definition(frame: Frame, left: int, right: int) -> None:
    pivots = fractal_pivots(frame, left, right)
    ours = run("swing", frame, {"left": left, "right": right})
    assert_rows(ours, [described(pivots, t) for t in range(len(frame))])


@given(frame=frames(1, 80), mult=st.sampled_from((0.5, 1.0, 2.0)), length=st.integers(1, 4))
def test_zigzag_swings_are_those_of_the_definition(frame: Frame, mult: float, length: int) -> None:
    pivots = zigzag_pivots(frame, mult, length)
    ours = run("swing", frame, {"mode": "atr_zigzag", "atr_mult": mult, "atr_length": length})
    assert_rows(ours, [described(pivots, t) for t in range(len(frame))])


@given(frame=frames(1, 120))
def test_zigzag_pivots_alternate(frame: Frame) -> None:
    ours = swing_of(frame, mode="atr_zigzag", atr_mult=1.0, atr_length=3)
    for t in range(len(frame)):
        assert abs(ours["high_version"][t] - ours["low_version"][t]) <= 1


@pytest.mark.parametrize("mode", ["fractal", "atr_zigzag"])
def test_swings_of_recorded_bars_are_those_of_the_definition(mode: str) -> None:
    frame = recorded(1_200)
    ours = run("swing", frame, {"mode": mode})
    pivots = fractal_pivots(frame, 5, 5) if mode == "fractal" else zigzag_pivots(frame, 2.0, 14)
    assert len(pivots) > 60
    assert_rows(ours, [described(pivots, t) for t in range(len(frame))])
