"""Breaks of structure, changes of character, displacement candles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.frame import Frame
from tests.runtime.kernels.bench import Columns, frames, run
from tests.runtime.structures.market import (
    NAN,
    VERSIONS,
    assert_column,
    assert_rows,
    average_range,
    bars,
    pick,
    recorded,
    single,
    swing_of,
)

# ---------------------------------------------------------------- market structure

Event = tuple[int, str, int, dict[int, int]]  # row, kind, direction, what it disarms


def last_swing(swing: Columns, kind: str, t: int) -> tuple[int, float] | None:
    """Return (row confirmed, level) of the last swing seen by row t."""
    version = swing[f"{kind}_version"]
    rows = [j for j in range(t + 1) if version[j] > (version[j - 1] if j else 0)]
    return (rows[-1], swing[f"{kind}_level"][rows[-1]]) if rows else None


class Structure:
    """Asks the whole past anew on every bar: the events so far and the levels they used up."""

    def __init__(self, frame: Frame, swing: Columns, *, by_close: bool) -> None:
        self.swing = swing
        self.tops = frame.close if by_close else frame.high
        self.bottoms = frame.close if by_close else frame.low
        self.events: list[tuple[int, str, int, float | None]] = []  # row, kind, direction, anchor
        self.used: set[tuple[str, int]] = set()  # (kind, row confirmed) of disarmed swings
        self.rows = [self.live(t) for t in range(len(frame))]

    def armed(self, kind: str, t: int) -> tuple[int, float] | None:
        found = last_swing(self.swing, kind, t)
        return None if found is None or (kind, found[0]) in self.used else found

    def passed(self, kind: str, t: int) -> bool:
        level = self.armed(kind, t)
        if level is None:
            return False
        return self.tops[t] > level[1] if kind == "high" else self.bottoms[t] < level[1]

    def spend(self, kind: str, t: int) -> None:
        level = self.armed(kind, t)
        if level is not None:
            self.used.add((kind, level[0]))

    def event(self, t: int) -> tuple[str, int] | None:
        bias = self.events[-1][2] if self.events else 0
        anchor = self.events[-1][3] if self.events else None
        if anchor is not None and bias == 1 and self.bottoms[t] < anchor:
            return "choch", -1
        if anchor is not None and bias == -1 and self.tops[t] > anchor:
            return "choch", 1
        ways = [
            side for side, kind in ((1, "high"), (-1, "low"))
            if bias != -side and self.passed(kind, t)
        ]  # fmt: skip
        if len(ways) == 2:
            self.spend("high", t)
            self.spend("low", t)
        return ("bos", ways[0]) if len(ways) == 1 else None

    def live(self, t: int) -> dict[str, float]:
        event = self.event(t)
        if event is not None:
            kind, side = event
            with_it, against = ("high", "low") if side == 1 else ("low", "high")
            found = last_swing(self.swing, against, t)
            if self.passed(with_it, t):
                self.spend(with_it, t)
            self.events.append((t, kind, side, None if found is None else found[1]))
        breaks = [e for e in self.events if e[1] == "bos"]
        changes = [e for e in self.events if e[1] == "choch"]
        high, low = self.armed("high", t), self.armed("low", t)
        return {
            "bias": self.events[-1][2] if self.events else 0,
            "bos_this_bar": event is not None and event[0] == "bos",
            "choch_this_bar": event is not None and event[0] == "choch",
            "bos_direction": breaks[-1][2] if breaks else 0,
            "choch_direction": changes[-1][2] if changes else 0,
            "break_level_high": NAN if high is None else high[1],
            "break_level_low": NAN if low is None else low[1],
            "version": len(self.events),
        }


# Pivots with one bar each side: high 20 (row 1, seen 2), low 12 (row 3, seen 4).
BASE = (15, 20, 16, 12, 14)


def structure(frame: Frame, **params: bool) -> Columns:
    swing = run("swing", frame, {"left": 1, "right": 1})
    return run("market_structure", frame, params, pick(swing, *VERSIONS))


def test_a_close_above_the_swing_high_breaks_structure_once() -> None:
    # 21 breaks 20; 22 does not break it again. The low 12 is the anchor: 11 changes character.
    ours = structure(single(*BASE, 21, 22, 11))
    assert_column(ours, "bos_this_bar", [0] * 5 + [1, 0, 0])
    assert_column(ours, "choch_this_bar", [0] * 5 + [0, 0, 1])
    assert_column(ours, "bias", [0] * 5 + [1, 1, -1])
    assert_column(ours, "break_level_high", [NAN, NAN, 20, 20, 20, NAN, NAN, 22])
    # The bar that turned the bias also passed the low: that is not a second event later.
    assert_column(ours, "break_level_low", [NAN] * 4 + [12, 12, 12, NAN])
    assert_column(ours, "version", [0] * 5 + [1, 1, 2])


def test_only_the_anchor_changes_character() -> None:
    # After the break at 21 the low 18 (row 6, seen 7) forms; closing below it at 17 is no event,
    # for the anchor is still 12.
    ours = structure(single(*BASE, 21, 18, 19, 17, 12, 11.9))
    assert_column(ours, "choch_this_bar", [0] * 10 + [1])


def test_a_new_break_moves_the_anchor() -> None:
    # High 21 (row 5, seen 6), low 18 (row 6, seen 7); 22 breaks 21, the anchor is 18 now.
    ours = structure(single(*BASE, 21, 18, 19, 22, 17.9))
    assert_column(ours, "bos_this_bar", [0] * 5 + [1, 0, 0, 1, 0])
    assert_column(ours, "choch_this_bar", [0] * 9 + [1])


def test_wicks_count_only_where_the_card_says_so() -> None:
    rows = [(p, p, p, p) for p in BASE]
    frame = bars(*rows, (14, 21, 14, 15))
    assert structure(frame, confirmation_close=True)["bos_this_bar"][-1] == 0
    assert structure(frame, confirmation_close=False)["bos_this_bar"][-1] == 1


def test_a_bar_beyond_both_levels_is_no_break() -> None:
    rows = [(p, p, p, p) for p in BASE]
    ours = structure(bars(*rows, (14, 21, 11, 15), (15, 22, 15, 15)), confirmation_close=False)
    assert_column(ours, "bos_this_bar", [0] * 7)
    # Row 6 sees the wicks of row 5: 11 is a low pivot, 21 is passed by 22 and is none.
    assert_column(ours, "break_level_high", [NAN, NAN, 20, 20, 20, NAN, NAN])


@given(frame=frames(1, 90), by_close=st.booleans(), side=st.integers(1, 2))
def test_market_structure_is_that_of_the_definition(
    frame: Frame, by_close: bool, side: int
) -> None:
    swing = run("swing", frame, {"left": side, "right": side})
    params = {"confirmation_close": by_close}
    ours = run("market_structure", frame, params, pick(swing, *VERSIONS))
    assert_rows(ours, Structure(frame, swing, by_close=by_close).rows)


@pytest.mark.parametrize("by_close", [True, False])
def test_market_structure_of_recorded_bars_is_that_of_the_definition(by_close: bool) -> None:
    frame = recorded(700)
    swing = swing_of(frame)
    params = {"confirmation_close": by_close}
    ours = run("market_structure", frame, params, pick(swing, *VERSIONS))
    assert sum(ours["bos_this_bar"]) > 10
    assert sum(ours["choch_this_bar"]) > 10
    assert_rows(ours, Structure(frame, swing, by_close=by_close).rows)


# ---------------------------------------------------------------- displacement


def displacement_rows(
    frame: Frame, length: int, body_min: float, wick_max: float
) -> list[dict[str, float]]:
    average = average_range(frame, length)
    rows: list[dict[str, float]] = []
    count = 0
    for t in range(len(frame)):
        bar, atr = frame.bar(t), average[t]
        body, span = abs(bar.close - bar.open), bar.high - bar.low
        wicks = (span - body) / span if span else NAN
        row = {"wick_ratio": wicks, "is_displacement": NAN, "direction": NAN}
        if atr == atr:
            found = bool(body) and body >= body_min * atr and wicks <= wick_max
            count += found
            row["is_displacement"] = found
            row["direction"] = (1 if bar.close > bar.open else -1) if found else 0
            row["body_atr_ratio"] = body / atr if atr else NAN
        rows.append(row | {"version": count})
    return rows


def test_a_displacement_is_a_large_body_with_short_wicks() -> None:
    # Average over one bar: the bar's own true range. Row 1: body 8 of range 10, wicks a fifth.
    # Row 2: body 5 of range 10, wicks a half. Row 3: body 8 down. Row 4: a bar without range.
    frame = bars(
        (10, 10, 10, 10), (10, 19, 9, 18), (18, 24, 14, 23), (23, 24, 14, 15), (15, 15, 15, 15)
    )
    params = {"atr_length": 1, "body_atr_min": 0.8, "wick_ratio_max": 0.4}
    ours = run("displacement", frame, params)
    assert_column(ours, "is_displacement", [NAN, 1, 0, 1, 0])
    assert_column(ours, "direction", [NAN, 1, 0, -1, 0])
    assert_column(ours, "wick_ratio", [NAN, 0.2, 0.5, 0.2, NAN])
    assert_column(ours, "body_atr_ratio", [NAN, 0.8, 0.5, 0.8, NAN])


@given(frame=frames(1, 90), body_min=st.sampled_from((0.5, 1.0)), length=st.integers(1, 5))
def test_displacements_are_those_of_the_definition(
    frame: Frame, body_min: float, length: int
) -> None:
    ours = run("displacement", frame, {"atr_length": length, "body_atr_min": body_min})
    assert_rows(ours, displacement_rows(frame, length, body_min, 0.4))


def test_displacements_of_recorded_bars_are_those_of_the_definition() -> None:
    frame = recorded(3_000)
    ours = run("displacement", frame)
    assert 30 < ours["version"][-1] < 300
    assert_rows(ours, displacement_rows(frame, 14, 1.5, 0.4))
