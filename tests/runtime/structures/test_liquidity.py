"""Liquidity zones: equal highs and lows, and how price takes them."""

from __future__ import annotations

from dataclasses import dataclass

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
    swing_of,
)

MANY = 50


@dataclass
class Pool:
    """Pivots of one side that stand together; `outward` tells the outermost."""

    side: int
    pivots: list[float]
    started: int

    @property
    def level(self) -> float:
        return max(self.pivots) if self.side == 1 else min(self.pivots)


class Liquidity:
    """Pools as lists of their pivots."""

    def __init__(
        self, frame: Frame, swing: Columns, *, tolerance: float, sweep: float, least: int,
        length: int,
    ) -> None:  # fmt: skip
        self.frame, self.swing = frame, swing
        self.tolerance, self.sweep, self.least = tolerance, sweep, least
        self.average = average_range(frame, length)
        self.pools: list[Pool] = []
        self.sweeps: list[tuple[int, float]] = []
        self.formed = 0
        self.rows = [self.live(t) for t in range(len(frame))]

    def is_zone(self, pool: Pool) -> bool:
        return len(pool.pivots) >= self.least

    def taken(self, t: int, side: int) -> list[Pool]:
        extreme = self.frame.high[t] if side == 1 else self.frame.low[t]
        margins = (self.tolerance * self.average[t], self.sweep * self.average[t])
        return [
            p
            for p in self.pools
            if p.side == side and (extreme - p.level) * side > margins[self.is_zone(p)]
        ]

    def join(self, t: int, kind: str, side: int) -> bool:
        """Count the pivot that row t confirms; return whether a zone came of it."""
        version = self.swing[f"{kind}_version"]
        if version[t] == (version[t - 1] if t else 0):
            return False
        level, reach = self.swing[f"{kind}_level"][t], self.tolerance * self.average[t]
        near = [p for p in self.pools if p.side == side and abs(p.level - level) <= reach]
        if near:
            # Of equally near ones the newer.
            pool = min(near, key=lambda p: (abs(p.level - level), -p.started))
            pool.pivots.append(level)
        else:
            pool = Pool(side, [level], t)
            self.pools.append(pool)
        return len(pool.pivots) == self.least

    def nearest(self, t: int, side: int) -> dict[str, float]:
        zones = [p for p in self.pools if p.side == side and self.is_zone(p)]
        close, name = self.frame.close[t], "high" if side == 1 else "low"
        near = min(zones, key=lambda p: (abs(p.level - close), -p.started), default=None)
        return {
            f"nearest_{name}_level": NAN if near is None else near.level,
            f"nearest_{name}_touches": -1 if near is None else len(near.pivots),
            f"active_{name}_count": len(zones),
        }

    def live(self, t: int) -> dict[str, float]:
        swept = broken = False
        new: list[int] = []
        if self.average[t] == self.average[t]:
            for side in (1, -1):
                for pool in self.taken(t, side):
                    beyond = (self.frame.close[t] - pool.level) * side > 0
                    broken |= beyond and self.is_zone(pool)
                    if not beyond and self.is_zone(pool):
                        swept = True
                        self.sweeps.append((side, pool.level))
                    self.pools.remove(pool)
            new = [s for k, s in (("high", 1), ("low", -1)) if self.join(t, k, s)]
        self.formed += len(new)
        return {
            "new_this_bar": bool(new), "new_direction": new[-1] if new else 0,
            "sweep_this_bar": swept, "broken_this_bar": broken, "version": self.formed,
            "sweep_direction": self.sweeps[-1][0] if self.sweeps else 0,
            "swept_level": self.sweeps[-1][1] if self.sweeps else NAN,
        } | self.nearest(t, 1) | self.nearest(t, -1)  # fmt: skip


# One bar each side, bars of range 2 or so (average over one bar = the bar's own true range).
# Highs 20 (row 1, seen 2) and 20.5 (row 3, seen 4) are equal within 0.3 * 2.
EQUAL = ((18, 19, 17, 18), (18, 20, 18, 19), (19, 19, 17, 18), (18, 20.5, 18, 19),
         (19, 19, 17, 18))  # fmt: skip
PARAMS = {"tolerance_atr": 0.3, "sweep_atr": 0.1, "atr_length": 1}


def liquidity(frame: Frame, **params: float) -> Columns:
    swing = run("swing", frame, {"left": 1, "right": 1})
    return run("liquidity_zones", frame, PARAMS | params, pick(swing, *VERSIONS))


def test_two_equal_highs_are_a_zone_at_the_higher_one() -> None:
    ours = liquidity(bars(*EQUAL))
    assert_column(ours, "new_this_bar", [0, 0, 0, 0, 1])
    assert_column(ours, "nearest_high_level", [NAN] * 4 + [20.5])
    assert_column(ours, "nearest_high_touches", [-1] * 4 + [2])
    assert liquidity(bars(*EQUAL), min_touches=3)["active_high_count"][4] == 0
    assert liquidity(bars(*EQUAL), tolerance_atr=0.2)["active_high_count"][4] == 0


@pytest.mark.parametrize(
    ("bar", "swept", "broken", "left"),
    [
        ((18, 20.7, 18, 20.6), 0, 0, 1),  # 0.2 beyond is not more than a tenth of the range 2.7
        ((18, 21, 18, 20.5), 1, 0, 0),  # 0.5 beyond, the close back at the level
        ((18, 21, 18, 20.6), 0, 1, 0),  # the close beyond it
    ],
)
def test_a_wick_beyond_sweeps_and_a_close_beyond_breaks(
    bar: tuple[float, float, float, float], swept: int, broken: int, left: int
) -> None:
    ours = liquidity(bars(*EQUAL, bar))
    assert ours["sweep_this_bar"][5] == swept
    assert ours["broken_this_bar"][5] == broken
    assert ours["active_high_count"][5] == left
    assert ours["sweep_direction"][5] == swept
    assert (ours["swept_level"][5] == 20.5) is bool(swept)


@given(
    frame=frames(1, 100), tolerance=st.sampled_from((0.2, 1.0)), sweep=st.sampled_from((0.0, 0.3)),
    least=st.integers(1, 3), length=st.integers(1, 4),
)  # fmt: skip
def test_liquidity_zones_are_those_of_the_definition(
    frame: Frame, tolerance: float, sweep: float, least: int, length: int
) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run(
        "liquidity_zones", frame,
        {"tolerance_atr": tolerance, "sweep_atr": sweep, "min_touches": least,
         "atr_length": length, "max_active": MANY},
        pick(swing, *VERSIONS),
    )  # fmt: skip
    expected = Liquidity(frame, swing, tolerance=tolerance, sweep=sweep, least=least, length=length)
    assert_rows(ours, expected.rows)


def test_liquidity_zones_of_recorded_bars_are_those_of_the_definition() -> None:
    frame = recorded(3_000)
    swing = swing_of(frame)
    ours = run("liquidity_zones", frame, {"max_active": MANY}, pick(swing, *VERSIONS))
    assert sum(ours["sweep_this_bar"]) > 10
    assert sum(ours["broken_this_bar"]) > 10
    expected = Liquidity(frame, swing, tolerance=0.3, sweep=0.1, least=2, length=14)
    assert_rows(ours, expected.rows)
