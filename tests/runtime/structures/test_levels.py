"""Trend, Fibonacci levels, extremes of a window, premium and discount."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compiler.catalog.structures import BAR_FIELDS
from runtime.market.frame import Frame
from tests.runtime.kernels.bench import Columns, column, frames, run
from tests.runtime.structures.market import (
    NAN,
    VERSIONS,
    absent,
    assert_column,
    assert_rows,
    closes,
    pick,
    recorded,
    single,
    swing_of,
)

# ---------------------------------------------------------------- trend


def heading(before: float, after: float) -> int:
    return (after > before) - (after < before)


def last_move(swing: Columns, kind: str, t: int) -> int:
    """Return whether the last of the confirmed highs (lows) rose, fell, or cannot be told."""
    version, level = swing[f"{kind}_version"], swing[f"{kind}_level"]
    levels = [level[j] for j in range(t + 1) if version[j] > (version[j - 1] if j else 0)]
    return heading(levels[-2], levels[-1]) if len(levels) >= 2 else 0


def trend_rows(swing: Columns, rows: int) -> list[Mapping[str, float]]:
    moves = [(last_move(swing, "high", t), last_move(swing, "low", t)) for t in range(rows)]
    directions = [high if high == low else 0 for high, low in moves]
    found: list[Mapping[str, float]] = []
    for t, (high, low) in enumerate(moves):
        changes = [j for j in range(1, t + 1) if directions[j] != directions[j - 1]]
        since = changes[-1] if changes else 0
        news = [j for j in range(since + 1, t + 1) if swing["version"][j] > swing["version"][j - 1]]
        found.append({
            "direction": directions[t], "bars_in_trend": t - since, "version": len(changes),
            "strength": min(2, 1 + len(news)) if directions[t] else 0,
            "last_hh": high > 0, "last_lh": high < 0, "last_hl": low > 0, "last_ll": low < 0,
        })  # fmt: skip
    return found


def test_trend_follows_higher_highs_and_higher_lows() -> None:
    prices = [1, 3, 5, 3.5, 2, 4.5, 7, 5.5, 4, 5, 6, 4.5, 3, 3.5]
    frame = single(*prices)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("trend", frame, {}, pick(swing, *VERSIONS))
    # Highs 5 (seen on 3), 7 (7), 6 (11); lows 2 (5), 4 (9), 3 (13). Up from 9 on, until the high 6
    # of row 10 is lower than 7 (row 11); the low 3 is lower than 4 too: down from row 13 on.
    assert_column(ours, "direction", [0] * 9 + [1, 1, 0, 0, -1])
    assert_column(ours, "last_hh", [0] * 7 + [1] * 4 + [0] * 3)
    assert_column(ours, "strength", [0] * 9 + [1, 1, 0, 0, 1])
    assert_column(ours, "bars_in_trend", [*range(9), 0, 1, 0, 1, 0])


@given(frame=frames(1, 100))
def test_trend_is_that_of_the_definition(frame: Frame) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("trend", frame, {}, pick(swing, *VERSIONS))
    assert_rows(ours, trend_rows(swing, len(frame)))


def test_trend_of_recorded_bars_is_that_of_the_definition() -> None:
    frame = recorded(600)
    swing = swing_of(frame)
    ours = run("trend", frame, {}, pick(swing, *VERSIONS))
    assert {-1, 0, 1} == set(ours["direction"])
    assert_rows(ours, trend_rows(swing, len(frame)))


# ---------------------------------------------------------------- fibonacci

FIB = ("high_level", "low_level", "pair_direction")


@pytest.mark.parametrize(
    ("mode", "level"),
    # Low 10 then high 20, ratio 0.25: 20 - 2.5; the pair is bullish, so extension goes up.
    [("retracement", 17.5), ("extension", 22.5), ("extension_up", 22.5), ("extension_down", 7.5)],
)
def test_fibonacci_level_of_a_rising_pair(mode: str, level: float) -> None:
    frame = single(12, 10, 15, 20, 18)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("fibonacci", frame, {"levels": (0.25,), "mode": mode}, pick(swing, *FIB))
    assert_column(ours, "level_0.25", [NAN, NAN, NAN, NAN, level])
    assert_column(ours, "range", [NAN, NAN, NAN, NAN, 10])


def test_fibonacci_is_unknown_while_the_last_high_is_not_above_the_last_low() -> None:
    # The high 5 of row 1 is the last one, for the tops 9 and 9 are a tie; the low of row 5 is seen
    # on row 6: above the high, or at it. The low 4 of row 2 made a range of 1 from row 3 on.
    for bottom in (7, 5):
        frame = single(3, 5, 4, 9, 9, bottom, 8)
        swing = run("swing", frame, {"left": 1, "right": 1})
        ours = run("fibonacci", frame, {"levels": (0.5,)}, pick(swing, *FIB))
        assert_column(ours, "level_0.5", [NAN, NAN, NAN, 4.5, 4.5, 4.5, NAN])


def test_fibonacci_of_recorded_bars() -> None:
    frame = recorded(800)
    swing = swing_of(frame)
    ours = run("fibonacci", frame, {"levels": (0.0, 0.5, 1.0)}, pick(swing, *FIB))
    known = 0
    for t in range(len(frame)):
        high, low = swing["high_level"][t], swing["low_level"][t]
        if high > low:
            known += 1
            assert ours["level_0"][t] == ours["anchor_high"][t] == high
            assert ours["level_1"][t] == high - (high - low)
            assert low < ours["level_0.5"][t] < high
        else:
            assert ours["anchor_high"][t] != ours["anchor_high"][t]
    assert known > 500


# ---------------------------------------------------------------- rolling window


@given(
    frame=frames(1, 60), size=st.integers(1, 8), field=st.sampled_from(BAR_FIELDS),
    mode=st.sampled_from(("min", "max")),
)  # fmt: skip
def test_rolling_window_is_the_extreme_of_the_last_bars(
    frame: Frame, size: int, field: str, mode: str
) -> None:
    ours = run("rolling_window", frame, {"size": size, "field": field, "mode": mode})
    source, pick_one = column(frame, field), {"min": min, "max": max}[mode]
    expected = [
        pick_one(source[t - size + 1 : t + 1]) if t >= size - 1 else NAN for t in range(len(frame))
    ]
    assert_column(ours, "value", expected)


def test_rolling_window_of_recorded_bars() -> None:
    frame = recorded(1_000)
    ours = run("rolling_window", frame, {"size": 50, "field": "low", "mode": "min"})
    assert_column(
        ours, "value", [NAN] * 49 + [min(frame.low[t - 49 : t + 1]) for t in range(49, 1_000)]
    )


# ---------------------------------------------------------------- premium and discount

PAIR = ("pair_high_level", "pair_low_level")


def test_premium_starts_at_three_quarters_and_discount_ends_at_one() -> None:
    # Low 10, high 20 (seen on row 4): quarters at 12.5, 15, 17.5.
    frame = single(12, 10, 15, 20, 17.5, 17.4, 12.6, 12.5, 5)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("premium_discount", frame, {}, pick(swing, *PAIR))
    none, discount, equilibrium, premium = 0, 1, 2, 3
    assert_column(ours, "zone", [none] * 4 + [premium, equilibrium, equilibrium, *[discount] * 2])
    assert list(ours["depth_pct"][4:]) == pytest.approx([75, 74, 26, 25, -50])
    assert ours["equilibrium"][4] == 15


@given(frame=frames(1, 80))
def test_premium_and_discount_are_those_of_the_definition(frame: Frame) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("premium_discount", frame, {}, pick(swing, *PAIR))
    for t in range(len(frame)):
        high, low = swing["pair_high_level"][t], swing["pair_low_level"][t]
        if not high > low:
            assert ours["zone"][t] == 0
            assert ours["depth_pct"][t] != ours["depth_pct"][t]
            continue
        quarter = (frame.close[t] - low) * 4 / (high - low)
        expected = 3 if quarter >= 3 else 1 if quarter <= 1 else 2
        assert ours["zone"][t] == expected
        assert ours["depth_pct"][t] == pytest.approx(25 * quarter)


def test_nothing_is_known_without_a_swing() -> None:
    frame = closes(1, 2, 3)
    ours = run("premium_discount", frame, {}, absent(frame, 2))
    assert_column(ours, "zone", [0, 0, 0])
    assert_column(ours, "equilibrium", [NAN, NAN, NAN])
