"""Fair value gaps, order blocks and breakers: when they are made, and when they end."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.frame import Frame
from tests.runtime.kernels.bench import Columns, frames, run
from tests.runtime.structures.market import (
    NAN,
    VERSIONS,
    absent,
    assert_column,
    assert_rows,
    average_range,
    bars,
    pick,
    recorded,
    swing_of,
)

Found = tuple[int, float, float]  # made on row, lower, upper
MANY = 50  # more slots than any test makes zones: nothing leaves for want of room


def distance(zone: Found, price: float) -> float:
    return max(0.0, price - zone[2], zone[1] - price)


def sides(bulls: list[Found], bears: list[Found], price: float) -> dict[str, float]:
    """Return the nearest of each side (the newer of equally near ones) and the counts."""
    row: dict[str, float] = {}
    for name, zones in (("bull", bulls), ("bear", bears)):
        near = min(zones, key=lambda z: (distance(z, price), -z[0]), default=(0, NAN, NAN))
        row |= {
            f"nearest_{name}_lower": near[1], f"nearest_{name}_upper": near[2],
            f"active_{name}_count": len(zones),
        }  # fmt: skip
    return row


# ---------------------------------------------------------------- fair value gaps


def gaps(frame: Frame, least: list[float]) -> tuple[list[Found], list[Found]]:
    high, low = frame.high, frame.low
    rows = [t for t in range(2, len(frame)) if least[t] == least[t]]
    bulls = [
        (t, high[t - 2], low[t]) for t in rows
        if low[t] > high[t - 2] and low[t] - high[t - 2] >= least[t]
    ]  # fmt: skip
    bears = [
        (t, high[t], low[t - 2]) for t in rows
        if low[t - 2] > high[t] and low[t - 2] - high[t] >= least[t]
    ]  # fmt: skip
    return bulls, bears


def end_of_gap(frame: Frame, gap: Found, side: int) -> tuple[int, bool]:
    """Return the bar that fills half of a gap, and whether it closes through it."""
    made, lower, upper = gap
    middle = (lower + upper) / 2
    for t in range(made + 1, len(frame)):
        if (frame.low[t] <= middle) if side == 1 else (frame.high[t] >= middle):
            return t, (frame.close[t] < lower) if side == 1 else (frame.close[t] > upper)
    return len(frame), False


def gap_rows(frame: Frame, min_gap: float, length: int) -> list[dict[str, float]]:
    least = [0.0] * len(frame)
    if min_gap:
        least = [min_gap * value for value in average_range(frame, length)]
    bulls, bears = gaps(frame, least)
    ends = {g: end_of_gap(frame, g, 1) for g in bulls} | {
        g: end_of_gap(frame, g, -1) for g in bears
    }
    rows = []
    for t in range(len(frame)):
        new = [g for g in (*bulls, *bears) if g[0] == t]
        known = t >= 2 and least[t] == least[t]
        rows.append(
            {
                "new_this_bar": bool(new) if known else NAN,
                "new_direction": (1 if new[0] in bulls else -1 if new else 0) if new else 0.0,
                "mitigated_this_bar": any(e == (t, False) for e in ends.values()),
                "invalidated_this_bar": any(e == (t, True) for e in ends.values()),
                "version": sum(g[0] <= t for g in (*bulls, *bears)),
            }
            | sides(
                [g for g in bulls if g[0] <= t < ends[g][0]],
                [g for g in bears if g[0] <= t < ends[g][0]],
                frame.close[t],
            )
        )
        if not known:
            rows[-1]["new_direction"] = NAN
    return rows


# Highs and lows: 10/9, 14/10, 15/12: prices between 10 and 12 are a bullish gap from row 2 on.
GAP = ((9, 10, 9, 10), (10, 14, 10, 14), (14, 15, 12, 15))


def test_a_gap_lies_between_the_first_and_the_third_bar() -> None:
    ours = run("fair_value_gap", bars(*GAP, (15, 15, 11.5, 12)))
    assert_column(ours, "new_this_bar", [NAN, NAN, 1, 0])
    assert_column(ours, "nearest_bull_lower", [NAN, NAN, 10, 10])
    assert_column(ours, "nearest_bull_upper", [NAN, NAN, 12, 12])
    assert_column(ours, "active_bull_count", [0, 0, 1, 1])


def test_wicks_that_fill_half_mitigate_a_gap() -> None:
    ours = run("fair_value_gap", bars(*GAP, (15, 15, 11, 12)))
    assert_column(ours, "active_bull_count", [0, 0, 1, 0])
    assert_column(ours, "mitigated_this_bar", [0, 0, 0, 1])
    assert_column(ours, "invalidated_this_bar", [0, 0, 0, 0])


def test_a_close_through_the_far_edge_invalidates_a_gap() -> None:
    ours = run("fair_value_gap", bars(*GAP, (15, 15, 9, 9.9)))
    assert_column(ours, "mitigated_this_bar", [0, 0, 0, 0])
    assert_column(ours, "invalidated_this_bar", [0, 0, 0, 1])


def test_the_oldest_gap_leaves_a_full_table() -> None:
    # Every bar from row 2 on is 10 above the bar before: a new gap each, and none is filled.
    frame = bars(*((10 * k, 10 * k + 1, 10 * k, 10 * k + 1) for k in range(1, 8)))
    ours = run("fair_value_gap", frame, {"max_active": 2})
    assert_column(ours, "active_bull_count", [0, 0, 1, 2, 2, 2, 2])
    assert_column(ours, "version", [0, 0, 1, 2, 3, 4, 5])
    # The newest is the nearest one: 51…70 on row 6.
    assert (ours["nearest_bull_lower"][6], ours["nearest_bull_upper"][6]) == (51, 70)


@given(frame=frames(1, 50), min_gap=st.sampled_from((0.0, 0.5)), length=st.integers(1, 5))
def test_gaps_are_those_of_the_definition(frame: Frame, min_gap: float, length: int) -> None:
    params = {"min_gap_atr": min_gap, "atr_length": length, "max_active": MANY}
    assert_rows(run("fair_value_gap", frame, params), gap_rows(frame, min_gap, length))


@pytest.mark.parametrize("min_gap", [0.0, 0.25])
def test_gaps_of_recorded_bars_are_those_of_the_definition(min_gap: float) -> None:
    frame = recorded(600)
    ours = run("fair_value_gap", frame, {"min_gap_atr": min_gap, "max_active": MANY})
    assert ours["version"][-1] > 50
    assert max(ours["active_bear_count"]) < MANY
    assert_rows(ours, gap_rows(frame, min_gap, 14))


# ---------------------------------------------------------------- order blocks


def swing_breaks(frame: Frame, swing: Columns) -> dict[int, int]:
    """Return row → side of every close that is the first to break its swing."""
    found: dict[int, int] = {}
    for kind, side in (("high", 1), ("low", -1)):
        version = swing[f"{kind}_version"]
        news = [t for t in range(len(frame)) if version[t] > (version[t - 1] if t else 0)]
        for at, until in pairwise([*news, len(frame)]):
            level = swing[f"{kind}_level"][at]
            for t in range(at, until):
                # A bar that breaks a high does not also break a low that lies above it.
                if (frame.close[t] - level) * side > 0 and t not in found:
                    found[t] = side
                    break
    return found


def order_blocks(
    frame: Frame, swing: Columns, lookback: int, *, use_body: bool, moved: Columns | None
) -> tuple[list[Found], list[Found]]:
    made: tuple[list[Found], list[Found]] = ([], [])
    for t, side in sorted(swing_breaks(frame, swing).items()):
        against = [
            j for j in range(max(0, t - lookback), t)
            if (frame.close[j] - frame.open[j]) * side < 0
        ]  # fmt: skip
        if not against:
            continue
        j = against[-1]
        if moved is not None and side not in moved["direction"][j + 1 : t + 1]:
            continue
        edges = (frame.open[j], frame.close[j]) if use_body else (frame.low[j], frame.high[j])
        made[0 if side == 1 else 1].append((t, min(edges), max(edges)))
    return made


def end_of_block(frame: Frame, block: Found, side: int) -> int:
    made, lower, upper = block
    for t in range(made + 1, len(frame)):
        if frame.close[t] < lower if side == 1 else frame.close[t] > upper:
            return t
    return len(frame)


def block_rows(
    frame: Frame, made: tuple[list[Found], list[Found]], *, with_broken: bool
) -> list[dict[str, float]]:
    ends = [{b: end_of_block(frame, b, side) for b in made[k]} for k, side in ((0, 1), (1, -1))]
    rows = []
    for t in range(len(frame)):
        new = [1 for b in made[0] if b[0] == t] + [-1 for b in made[1] if b[0] == t]
        active = [[b for b in made[k] if b[0] <= t < ends[k][b]] for k in (0, 1)]
        gone = sorted(
            (end, 1 - side, b[0], b, side)
            for k, side in ((0, 1), (1, -1)) for b, end in ends[k].items() if end <= t
        )  # fmt: skip
        row = {
            "new_this_bar": bool(new), "new_direction": new[0] if new else 0,
            "invalidated_this_bar": any(g[0] == t for g in gone),
            "version": sum(b[0] <= t for k in (0, 1) for b in made[k]),
        } | sides(active[0], active[1], frame.close[t])  # fmt: skip
        if with_broken:
            row |= {
                "broken_direction": gone[-1][4] if gone else 0,
                "broken_lower": gone[-1][3][1] if gone else NAN,
                "broken_upper": gone[-1][3][2] if gone else NAN,
                "broken_version": len({g[0] for g in gone}),
            }
        rows.append(row)
    return rows


# With one bar each side: high 20 on row 1 (seen 2). Row 3 falls (17 to 15), row 4 rises to 19, row
# 5 closes at 21: it breaks 20, and row 3 (range 14…18) is the block.
BREAK = (
    (15, 15, 15, 15), (15, 20, 15, 19), (19, 19, 16, 17), (17, 18, 14, 15), (15, 19, 15, 19),
    (19, 22, 18, 21),
)  # fmt: skip


def blocks_of(frame: Frame, **params: float | bool) -> Columns:
    swing = run("swing", frame, {"left": 1, "right": 1})
    return run("order_block", frame, params, [*pick(swing, *VERSIONS), *absent(frame, 2)])


def test_the_last_falling_candle_before_a_break_is_the_block() -> None:
    ours = blocks_of(bars(*BREAK, (21, 21, 13, 14), (14, 14, 13, 13.9)))
    # Row 7 also breaks the low 14 of row 3; its block is row 5, which rose.
    assert_column(ours, "new_direction", [0, 0, 0, 0, 0, 1, 0, -1])
    assert_column(ours, "nearest_bull_lower", [NAN] * 5 + [14, 14, NAN])
    assert_column(ours, "nearest_bull_upper", [NAN] * 5 + [18, 18, NAN])
    # Row 6 trades below but closes on the edge; row 7 closes below.
    assert_column(ours, "invalidated_this_bar", [0] * 7 + [1])
    assert_column(ours, "broken_lower", [NAN] * 7 + [14])
    assert ours["broken_direction"][7] == 1


def test_a_block_can_be_the_body_of_its_candle() -> None:
    ours = blocks_of(bars(*BREAK), use_body=True)
    assert (ours["nearest_bull_lower"][5], ours["nearest_bull_upper"][5]) == (15, 17)


def test_a_falling_candle_further_back_than_the_lookback_is_no_block() -> None:
    assert blocks_of(bars(*BREAK), lookback=2)["version"][5] == 1
    assert blocks_of(bars(*BREAK), lookback=1)["version"][5] == 0


def test_a_block_needs_a_displacement_where_the_card_names_one() -> None:
    frame = bars(*BREAK)
    swing = run("swing", frame, {"left": 1, "right": 1})
    for least, count in ((0.5, 1), (3.0, 0)):
        moved = run("displacement", frame, {"atr_length": 1, "body_atr_min": least})
        depends = [*pick(swing, *VERSIONS), *pick(moved, "direction", "version")]
        assert run("order_block", frame, {}, depends)["version"][5] == count


@given(
    frame=frames(1, 80), lookback=st.integers(1, 4), use_body=st.booleans(),
    displaced=st.booleans(),
)  # fmt: skip
def test_order_blocks_are_those_of_the_definition(
    frame: Frame, lookback: int, use_body: bool, displaced: bool
) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    moved = run("displacement", frame, {"atr_length": 2, "body_atr_min": 0.6})
    extra = pick(moved, "direction", "version") if displaced else absent(frame, 2)
    params = {"lookback": lookback, "use_body": use_body, "max_active": MANY}
    ours = run("order_block", frame, params, [*pick(swing, *VERSIONS), *extra])
    made = order_blocks(
        frame, swing, lookback, use_body=use_body, moved=moved if displaced else None
    )
    assert_rows(ours, block_rows(frame, made, with_broken=True))


@pytest.mark.parametrize("displaced", [True, False])
def test_order_blocks_of_recorded_bars_are_those_of_the_definition(displaced: bool) -> None:
    frame = recorded(1_500)
    swing = swing_of(frame)
    moved = run("displacement", frame)
    extra = pick(moved, "direction", "version") if displaced else absent(frame, 2)
    ours = run("order_block", frame, {"max_active": MANY}, [*pick(swing, *VERSIONS), *extra])
    assert ours["version"][-1] > 15
    made = order_blocks(frame, swing, 3, use_body=False, moved=moved if displaced else None)
    assert_rows(ours, block_rows(frame, made, with_broken=True))


# ---------------------------------------------------------------- breakers

FAILED = ("broken_direction", "broken_lower", "broken_upper", "broken_version")


def breakers(
    frame: Frame, blocks: Columns, structure: Columns | None
) -> tuple[list[Found], list[Found]]:
    made: tuple[list[Found], list[Found]] = ([], [])
    for t in range(len(frame)):
        side = -blocks["broken_direction"][t]
        if not blocks["invalidated_this_bar"][t]:
            continue
        if structure is not None and structure["bias"][t] != side:
            continue
        zone = (t, blocks["broken_lower"][t], blocks["broken_upper"][t])
        made[0 if side == 1 else 1].append(zone)
    return made


def test_a_failed_bullish_block_is_a_bearish_breaker() -> None:
    # Row 6 closes at 13, below the block 14…18: resistance until row 8 closes above 18.
    frame = bars(*BREAK, (21, 21, 13, 13), (13, 18, 13, 18), (18, 19, 18, 18.1))
    blocks = blocks_of(frame)
    ours = run("breaker_block", frame, {}, [*pick(blocks, *FAILED), *absent(frame, 1)])
    assert_column(ours, "new_direction", [0] * 6 + [-1, 0, 0])
    assert_column(ours, "nearest_bear_lower", [NAN] * 6 + [14, 14, NAN])
    assert_column(ours, "nearest_bear_upper", [NAN] * 6 + [18, 18, NAN])
    assert_column(ours, "invalidated_this_bar", [0] * 8 + [1])


@given(frame=frames(1, 90), judged=st.booleans())
def test_breakers_are_those_of_the_definition(frame: Frame, judged: bool) -> None:
    swing = run("swing", frame, {"left": 1, "right": 1})
    versions = pick(swing, *VERSIONS)
    blocks = run("order_block", frame, {}, [*versions, *absent(frame, 2)])
    structure = run("market_structure", frame, {}, versions)
    bias = pick(structure, "bias") if judged else absent(frame, 1)
    ours = run("breaker_block", frame, {"max_active": MANY}, [*pick(blocks, *FAILED), *bias])
    made = breakers(frame, blocks, structure if judged else None)
    assert_rows(ours, block_rows(frame, made, with_broken=False))


def test_breakers_of_recorded_bars_are_those_of_the_definition() -> None:
    frame = recorded(1_500)
    versions = pick(swing_of(frame), *VERSIONS)
    blocks = run("order_block", frame, {}, [*versions, *absent(frame, 2)])
    structure = run("market_structure", frame, {}, versions)
    depends = [*pick(blocks, *FAILED), *pick(structure, "bias")]
    ours = run("breaker_block", frame, {"max_active": MANY}, depends)
    assert 5 < ours["version"][-1] < blocks["broken_version"][-1]
    assert_rows(ours, block_rows(frame, breakers(frame, blocks, structure), with_broken=False))
