"""A level less part of a width is not above the level: two bands of one indicator never change sides."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.findings.source import Source
from compiler.lints.reasoning.facts import Facts, key_of
from compiler.lints.reasoning.sums import Sums
from compiler.lints.reasoning.witness import Trial
from compiler.pipeline import check

FEATURES = (
    "features: [{ type: bbands, id: bb }, { type: donchian, id: dc }, { type: kc, id: kc }]\n"
)
IDLE = "position_side == flat and pending_order_count == 0"


def codes(first: str, second: str) -> set[str]:
    text = (
        f"name: x\nsymbol: BTCUSDT\ntf: 15m\nhtf: 1h\n{FEATURES}blocks:\n  - id: a\n    cases:\n"
        f"      - when: {first} and {IDLE}\n"
        "        emit: [{ action: entry_long, metadata: { size: risk 1%, stop_loss: close - 2% } }]\n"
        f"      - when: {second} and {IDLE}\n"
        "        emit: [{ action: entry_short, metadata: { size: risk 1%, stop_loss: close + 2% } }]\n"
    )
    found = check(Source("x", text)).diagnostics
    return {d.code for d in found} & {"IC401", "IC403", "IC404", "IC201", "IC301"}


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("bb.upper", "bb.lower"),
        ("bb.upper[1]", "bb.lower[1]"),
        ("dc.middle + 25% of (dc.upper - dc.lower)", "dc.middle - 25% of (dc.upper - dc.lower)"),
        ("bb.middle + 0.5 * (bb.upper - bb.middle)", "bb.middle - 0.5 * (bb.middle - bb.lower)"),
        ("kc.upper + 2 * atr(14)", "kc.lower - 2 * atr(14)"),
        ("max(bb.upper, kc.upper)", "bb.lower"),
        ("bb.upper", "min(bb.lower, kc.lower)"),
        ("highest(high, 20)[1]", "lowest(low, 20)[1]"),
    ],
)
def test_a_close_is_not_above_an_upper_and_below_a_lower_level(above: str, below: str) -> None:
    assert codes(f"close > {above}", f"close < {below}") == set()
    assert "IC401" in codes(f"close > {above} and close < {below}", "close < open")


@pytest.mark.parametrize(
    ("above", "below"),
    [
        ("bb.upper", "kc.lower"),
        ("bb.middle - 0.5 * (bb.upper - bb.middle)", "bb.middle + 0.5 * (bb.middle - bb.lower)"),
        ("bb.upper - 2 * atr(14)", "bb.lower"),
        ("bb.upper + (close - open)", "bb.lower"),
        ("bb.upper", "bb.lower - (close - open)"),
        ("bb.upper[1]", "bb.lower"),
        ("lowest(high, 20)", "highest(low, 20)"),
    ],
)
def test_levels_that_may_change_sides_are_told_as_before(above: str, below: str) -> None:
    assert codes(f"close > {above}", f"close < {below}") == {"IC404"}


def _leaf(draw: st.DrawFn) -> str:
    return draw(
        st.sampled_from(["open", "high", "low", "close", "bb.upper", "bb.middle", "bb.lower", "5"])
    )


@st.composite
def sums(draw: st.DrawFn, depth: int = 3) -> str:
    if depth == 0 or draw(st.integers(0, 3)) == 0:
        return _leaf(draw)
    one, two = draw(sums(depth=depth - 1)), draw(sums(depth=depth - 1))
    form = draw(
        st.sampled_from(["{} + {}", "{} - {}", "min({}, {})", "max({}, {})", "abs({} - {})"])
    )
    return f"({form.format(one, two)})" if " " in form[:4] else form.format(one, two)


PRICES = st.lists(st.floats(0.5, 100), min_size=7, max_size=7)


@given(sums(), sums(), PRICES)
@settings(max_examples=150, deadline=None)
def test_what_is_said_of_sums_holds_for_all_prices(
    one: str, two: str, drawn: Sequence[float]
) -> None:
    text = (
        f"name: x\nsymbol: BTCUSDT\ntf: 15m\n{FEATURES}blocks:\n  - id: a\n    cases:\n"
        f"      - {{ when: '{one} > {two} + 1', emit: [exit_all] }}\n"
    )
    graph = check(Source("x", text), lints=False).graph
    if graph is None:
        return  # units that do not go together
    low, first, second, high = sorted(drawn[:4])
    lower, middle, upper = sorted(drawn[4:])
    values = {
        **{("bar", name): value for name, value in zip(("low", "open", "close", "high"), (low, first, second, high), strict=True)},
        **{
            ("feature", 0, name, 0): value
            for name, value in zip(("lower", "middle", "upper"), (lower, middle, upper), strict=True)
        },
    }  # fmt: skip
    facts, trial = Facts(graph), Trial(graph.nodes, values)
    known: Sums = facts._sums
    for index in range(len(graph.nodes)):
        value = trial.value(index)
        if value is None or graph.nodes[index].value.type.value != "number":
            continue
        assert known.may_be_negative(index) or value >= 0
        assert all(value <= (trial.value(top) or 0.0) for top in known.ceilings(index))
        assert all(value >= (trial.value(base) or 0.0) for base in known.floors(index))
        for other in range(len(graph.nodes)):
            another = trial.value(other)
            keys = key_of(graph.nodes, index), key_of(graph.nodes, other)
            if (
                another is not None
                and facts._order(*keys) is not None
                and "node" in (keys[0][0], keys[1][0])
            ):  # type: ignore[index]
                assert value <= another, (index, other)
