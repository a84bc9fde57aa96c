"""Zones at and around swings: where they lie, what touches and breaks them, where they stand."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.frame import Frame
from tests.runtime.kernels.bench import Columns, argument, frames, run
from tests.runtime.structures.market import (
    NAN,
    assert_column,
    assert_rows,
    average_range,
    pick,
    recorded,
    single,
    swing_of,
)

SWING = ("high_level", "low_level", "version")
DEMAND, SUPPLY, BOTH = 1, -1, 0
Params = Mapping[str, float | str | tuple[float, ...]]

# ---------------------------------------------------------------- derived zones, a second opinion


@dataclass
class Zone:
    lower: float
    upper: float
    side: int
    made: int
    number: int
    from_above: bool
    touches: tuple[int, ...] = ()
    broken: bool = False

    def distance(self, price: float) -> float:
        return max(0.0, price - self.upper, self.lower - price)

    def live(self, high: float, low: float, price: float, tolerance: float, t: int) -> None:
        if low <= self.upper and high >= self.lower:
            self.touches += (t,)
        protects_below = self.side == DEMAND or (self.side == BOTH and self.from_above)
        if protects_below:
            self.broken = price < self.lower * (1.0 - tolerance)
        else:
            self.broken = price > self.upper * (1.0 + tolerance)
        if not self.lower <= price <= self.upper:
            self.from_above = price > self.upper


def centres(high: float, low: float, params: Params) -> list[tuple[float, int]]:
    kind, found = params["zone_type"], []
    side = {"demand": DEMAND, "supply": SUPPLY, "both": BOTH}[str(kind)]
    for level in params["levels"]:  # type: ignore[union-attr]
        reach = level * (high - low)
        if params["mode"] == "extension":
            found += [(low - reach, side)] if kind != "supply" else []
            found += [(high + reach, side)] if kind != "demand" else []
        else:
            found.append((low + reach if kind == "supply" else high - reach, side))
    return found


def derived_rows(
    frame: Frame, swing: Columns, params: Params, prices: Sequence[float] | None = None
) -> list[dict[str, float]]:
    zones: list[Zone] = []
    number, seen, rows = 0, 0.0, []
    for t in range(len(frame)):
        for zone in zones:
            if not zone.broken:
                price = frame.close[t] if prices is None else prices[t]
                zone.live(frame.high[t], frame.low[t], price, params["break_tolerance"], t)  # type: ignore[arg-type]
        if swing["version"][t] > seen:
            seen = swing["version"][t]
            high, low = swing["high_level"][t], swing["low_level"][t]
            for centre, side in centres(high, low, params) if high > low else []:
                if centre > 0:
                    number += 1
                    add(zones, centre, side, number, params, frame.close[t], t)
        rows.append(derived_row(zones, frame.close[t], t, int(params["max_active"])))  # type: ignore[arg-type]
    return rows


def add(
    zones: list[Zone], centre: float, side: int, number: int, params: Params, close: float, t: int
) -> None:
    half = centre * params["width_pct"] / 2.0  # type: ignore[operator]
    new = Zone(centre - half, centre + half, side, t, number, close >= centre)
    twins = [z for z in zones if not z.broken and z.side == side]
    twins = [z for z in twins if abs((z.lower + z.upper) / 2.0 - centre) <= half]
    if twins:
        # Of several the nearest; of equally near ones either would do, so none is expected here.
        twin = min(twins, key=lambda z: abs((z.lower + z.upper) / 2.0 - centre))
        new.touches = twin.touches
        zones[zones.index(twin)] = new
    elif len(zones) < params["max_active"]:  # type: ignore[operator]
        zones.append(new)
    else:
        leaves = min(zones, key=lambda z: (not z.broken, z.number))
        zones[zones.index(leaves)] = new


def derived_row(zones: list[Zone], close: float, t: int, slots: int) -> dict[str, float]:
    shown = sorted(zones, key=lambda z: (z.broken, z.distance(close), -z.number))
    active = [z for z in shown if not z.broken]
    row: dict[str, float] = {
        "active_count": len(active), "any_active": bool(active),
        "any_touched": any(t in z.touches for z in active),
        "any_inside": any(z.distance(close) == 0 for z in active),
        "closest_active_lower": active[0].lower if active else NAN,
        "closest_active_upper": active[0].upper if active else NAN,
        "closest_active_idx": 0 if active else -1,
        "newest_active_idx": shown.index(max(active, key=lambda z: z.number)) if active else -1,
    }  # fmt: skip
    for slot in range(slots):
        zone = shown[slot] if slot < len(shown) else None
        values = (NAN, NAN, 0, -1, -1, 0, 0, -1, -1)
        if zone is not None:
            last = zone.touches[-1] if zone.touches else None
            values = (
                zone.lower, zone.upper, 2 if zone.broken else 1, t - zone.made, len(zone.touches),
                last == t, zone.distance(close) == 0, zone.made, -1 if last is None else t - last,
            )  # fmt: skip
        names = ("lower", "upper", "state", "age_bars", "touch_count", "touched_this_bar", "inside",
                 "anchor_idx", "last_touch_age")  # fmt: skip
        row |= {f"zone{slot}_{name}": float(v) for name, v in zip(names, values, strict=True)}
    return row


DEFAULTS: dict[str, float | str | tuple[float, ...]] = {
    "levels": (0.5,), "max_active": 3, "mode": "retracement", "zone_type": "demand",
    "width_pct": 0.1, "break_tolerance": 0.0, "price_source": "last_close",
}  # fmt: skip


def derived(frame: Frame, swing: Columns, **params: float | str | tuple[float, ...]) -> Columns:
    return run("derived_zone", frame, DEFAULTS | params, pick(swing, *SWING))


# ---------------------------------------------------------------- derived zones by hand

# Low 100 on row 1, high 200 on row 3 (seen on 4): the middle is 150, ten percent wide: 142.5…157.5.
RISE = (110, 100, 150, 200, 190)


def test_a_zone_is_made_at_the_retracement_and_not_tested_on_its_first_bar() -> None:
    frame = single(*RISE, 180, 155, 150)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}))
    assert_column(ours, "zone0_lower", [NAN] * 4 + [142.5] * 4)
    assert_column(ours, "zone0_upper", [NAN] * 4 + [157.5] * 4)
    assert_column(ours, "zone0_age_bars", [-1] * 4 + [0, 1, 2, 3])
    assert_column(ours, "zone0_touch_count", [-1] * 4 + [0, 0, 1, 2])
    assert_column(ours, "zone0_inside", [0] * 6 + [1, 1])
    assert_column(ours, "active_count", [0] * 4 + [1, 1, 1, 1])


def test_a_zone_of_a_new_swing_stands_beside_the_older_one() -> None:
    # The low 150 of row 7 is seen on row 8: half way to 200 lies 175 (166.25…183.75), where the
    # close is; the zone at 150 moves to the second slot and keeps its touches.
    frame = single(*RISE, 180, 155, 150, 170)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}))
    assert [ours[f"zone{k}_lower"][8] for k in range(2)] == [166.25, 142.5]
    assert [ours[f"zone{k}_touch_count"][8] for k in range(2)] == [0, 2]
    assert ours["newest_active_idx"][8] == 0


def test_a_zone_is_touched_at_its_very_edge() -> None:
    frame = single(*RISE, 157.5, 157.6)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}))
    assert_column(ours, "zone0_touched_this_bar", [0] * 5 + [1, 0])


def test_a_zone_made_again_keeps_its_touches() -> None:
    # 150 touches the zone; the low 110 of row 6, seen on row 7, makes a zone at 155: 5 from the
    # centre of the older one and so within half a width (7.75). It is the only one left.
    frame = single(*RISE, 150, 110, 160)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = derived(frame, swing, break_tolerance=0.9)
    assert_column(ours, "zone0_anchor_idx", [-1] * 4 + [4, 4, 4, 7])
    assert_column(ours, "zone0_touch_count", [-1] * 4 + [0, 1, 1, 1])
    assert_column(ours, "active_count", [0] * 4 + [1] * 4)


def test_a_demand_zone_breaks_only_below_its_lower_edge() -> None:
    # 157.6 above, 143 inside, 142.5 on the edge: active; 142 below: broken, and it stays broken.
    frame = single(*RISE, 157.6, 143, 142.5, 142, 141)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}))
    assert_column(ours, "zone0_state", [0] * 4 + [1, 1, 1, 1, 2, 2])
    assert_column(ours, "any_active", [0] * 4 + [1, 1, 1, 1, 0, 0])
    assert_column(ours, "closest_active_upper", [NAN] * 4 + [157.5] * 4 + [NAN, NAN])
    tolerant = derived(frame, run("swing", frame, {"left": 1, "right": 1}), break_tolerance=0.01)
    # 142.5 * 0.99 = 141.075: only the last row is below.
    assert_column(tolerant, "zone0_state", [0] * 4 + [1, 1, 1, 1, 1, 2])


def test_a_supply_zone_survives_any_fall() -> None:
    frame = single(*RISE, 120, 90, 60)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}), zone_type="supply")
    assert_column(ours, "zone0_state", [0] * 4 + [1] * 4)


def test_slots_stand_by_distance_from_the_close() -> None:
    # Levels 0.2 0.5 0.8 of 100…200: 180 (171…189), 150 (142.5…157.5), 120 (114…126).
    frame = single(*RISE, 160, 130)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = derived(frame, swing, levels=(0.2, 0.5, 0.8), break_tolerance=0.5)
    uppers = [[ours[f"zone{k}_upper"][t] for k in range(3)] for t in (4, 5, 6)]
    # At 190: 189 is 1 away, then the lower ones. At 160: 157.5 is 2.5 away, 171 is 11 away.
    # At 130: 126 is 4 away, 142.5 is 12.5 away.
    assert uppers == [[189.0, 157.5, 126.0], [157.5, 189.0, 126.0], [126.0, 157.5, 189.0]]
    assert_column(ours, "newest_active_idx", [-1] * 4 + [2, 2, 0])


def test_a_zone_of_both_sides_breaks_beyond_where_price_came_from() -> None:
    # Reached from above and left below: broken. The supply zone there would not be.
    frame = single(*RISE, 150, 140)
    ours = derived(frame, run("swing", frame, {"left": 1, "right": 1}), zone_type="both")
    assert_column(ours, "zone0_state", [0] * 4 + [1, 1, 2])


def test_the_mark_price_breaks_a_zone_where_the_card_says_so() -> None:
    frame = single(*RISE, 190, 190)
    swing = run("swing", frame, {"left": 1, "right": 1})
    params = DEFAULTS | {"price_source": "mark_close"}
    mark = array("d", [NAN] * 6 + [100.0])
    ours = derived_with_mark(frame, swing, params, mark)
    assert_column(ours, "zone0_state", [0] * 4 + [1, 1, 2])


def derived_with_mark(frame: Frame, swing: Columns, params: Params, mark: array) -> Columns:
    from compiler.catalog.structures import DERIVED_ZONE
    from runtime.kernel import compute
    from runtime.structures.derived_zone import KERNEL

    rows = len(frame)
    outputs = {o.name: array("d", [NAN] * rows) for o in DERIVED_ZONE.outputs_for(params)}  # type: ignore[arg-type]
    arguments = [argument(spec, params[spec.name]) for spec in DERIVED_ZONE.params]
    state = array("d", bytes(8 * KERNEL.state_size(params)))  # type: ignore[arg-type]
    before = [frame.high, frame.low, frame.close, mark, *pick(swing, *SWING), *arguments]
    compute(KERNEL, before, [*outputs.values()], state, 0, rows)
    return outputs


# ---------------------------------------------------------------- derived zones at large


@given(
    frame=frames(1, 100), kind=st.sampled_from(("demand", "supply", "both")),
    mode=st.sampled_from(("retracement", "extension")), slots=st.integers(1, 4),
    levels=st.sampled_from(((0.5,), (0.382, 0.786), (0.2, 0.5, 0.9))),
    width=st.sampled_from((0.002, 0.03)), tolerance=st.sampled_from((0.0, 0.01)),
)  # fmt: skip
def test_derived_zones_are_those_of_the_definition(
    frame: Frame, kind: str, mode: str, slots: int, levels: tuple[float, ...], width: float,
    tolerance: float,
) -> None:  # fmt: skip
    swing = run("swing", frame, {"left": 1, "right": 1})
    params = DEFAULTS | {
        "levels": levels, "max_active": slots, "mode": mode, "zone_type": kind, "width_pct": width,
        "break_tolerance": tolerance,
    }  # fmt: skip
    ours = run("derived_zone", frame, params, pick(swing, *SWING))
    assert_rows(ours, derived_rows(frame, swing, params))


@pytest.mark.parametrize("kind", ["demand", "supply", "both"])
def test_derived_zones_of_recorded_bars_are_those_of_the_definition(kind: str) -> None:
    frame = recorded(2_500)
    swing = swing_of(frame, left=5, right=5)
    params = DEFAULTS | {"levels": (0.618, 0.786), "width_pct": 0.002, "zone_type": kind}
    ours = run("derived_zone", frame, params, pick(swing, *SWING))
    assert sum(ours["any_touched"]) > 50
    assert 2.0 in ours["zone2_state"]
    assert_rows(ours, derived_rows(frame, swing, params))


# ---------------------------------------------------------------- the zone at the last swing

ZONE_SWING = ("high_level", "low_level", "high_idx", "low_idx", "high_version", "low_version")


def zone_rows(
    frame: Frame, swing: Columns, kind: str, width: float, length: int
) -> list[Mapping[str, float]]:
    which = "low" if kind == "demand" else "high"
    average = average_range(frame, length)
    version = swing[f"{which}_version"]
    made = [
        t for t in range(len(frame))
        if version[t] > (version[t - 1] if t else 0) and average[t] == average[t]
    ]  # fmt: skip
    rows: list[Mapping[str, float]] = []
    for t in range(len(frame)):
        before = [m for m in made if m <= t]
        if not before:
            rows.append({"state": 0, "upper": NAN, "lower": NAN, "anchor_idx": -1, "version": 0})
            continue
        at = before[-1]
        level, reach = swing[f"{which}_level"][at], width * average[at]
        lower, upper = (level - reach, level) if kind == "demand" else (level, level + reach)
        later = frame.close[at + 1 : t + 1]
        broken = any(c < lower if kind == "demand" else c > upper for c in later)
        rows.append({
            "state": 2 if broken else 1, "lower": lower, "upper": upper, "version": len(before),
            "anchor_idx": swing[f"{which}_idx"][at],
        })  # fmt: skip
    return rows


def test_a_zone_lies_behind_its_pivot_and_breaks_on_a_close_beyond() -> None:
    # Single prices: the true range is the step. On row 3, which confirms the low 10 of row 2, the
    # last step is 3 (average over one bar): the zone is 7…10. 7 is its edge, 6.5 is beyond.
    frame = single(14, 12, 10, 13, 7, 6.5, 6)
    swing = run("swing", frame, {"left": 1, "right": 1})
    ours = run("zone", frame, {"width_atr": 1.0, "atr_length": 1}, pick(swing, *ZONE_SWING))
    assert_column(ours, "state", [0, 0, 0, 1, 1, 2, 2])
    assert_column(ours, "lower", [NAN, NAN, NAN, 7, 7, 7, 7])
    assert_column(ours, "upper", [NAN, NAN, NAN, 10, 10, 10, 10])
    assert_column(ours, "anchor_idx", [-1, -1, -1, 2, 2, 2, 2])


@given(frame=frames(1, 100), kind=st.sampled_from(("demand", "supply")))
def test_zones_are_those_of_the_definition(frame: Frame, kind: str) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    params = {"zone_type": kind, "width_atr": 0.5, "atr_length": 5}
    ours = run("zone", frame, params, pick(swing, *ZONE_SWING))
    assert_rows(ours, zone_rows(frame, swing, kind, 0.5, 5))


@pytest.mark.parametrize("kind", ["demand", "supply"])
def test_zones_of_recorded_bars_are_those_of_the_definition(kind: str) -> None:
    frame = recorded(1_000)
    swing = swing_of(frame, left=5, right=5)
    ours = run("zone", frame, {"zone_type": kind}, pick(swing, *ZONE_SWING))
    assert {0, 1, 2} == set(ours["state"])
    assert_rows(ours, zone_rows(frame, swing, kind, 1.5, 14))
