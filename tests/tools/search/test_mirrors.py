"""Mirrored markets keep everything but direction."""

from __future__ import annotations

from array import array
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.backends.sim.marks import marks_for
from runtime.features.elementary import log
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from tools.search.mirrors import Mirrors, mean_log_return, mirrors_of

BTC = instrument_for("BTCUSDT")


def market(bars: int = 400, seed: int = 3, first: int = 0) -> MarketData:
    return replace(synthetic_market(SyntheticSpec(bars=bars, seed=seed)), first=first)


def mirrors(data: MarketData) -> Mirrors:
    return mirrors_of(data, BTC)


def ranges(frame: Frame) -> list[float]:
    return [log(high / low) for high, low in zip(frame.high, frame.low, strict=True)]


def steps(frame: Frame) -> list[float]:
    return [log(b / a) for a, b in pairwise(frame.close)]


@given(st.integers(0, 50), st.integers(0, 5))
def test_a_mirror_keeps_times_volumes_ranges_and_the_size_of_every_step(
    number: int, seed: int
) -> None:
    data = market()
    made = mirrors(data).mirror(number, seed)
    frame, real = made.exec, data.exec
    assert list(frame.ts) == list(real.ts)
    assert list(frame.volume) == list(real.volume)
    drift = 2 * mean_log_return(real, 0)
    for mine, theirs in zip(ranges(frame), ranges(real), strict=True):
        assert mine == pytest.approx(theirs, abs=abs(drift) + 2e-5)
    for mine, theirs in zip(steps(frame), steps(real), strict=True):
        kept, turned = abs(mine - theirs), abs(mine - (drift - theirs))
        assert min(kept, turned) < 2e-5  # the tick


def test_bars_are_bars_and_lie_on_the_tick() -> None:
    frame = mirrors(market()).mirror(1, 1).exec
    for row in range(len(frame)):
        low, high = frame.low[row], frame.high[row]
        assert low <= min(frame.open[row], frame.close[row])
        assert high >= max(frame.open[row], frame.close[row])
        for price in (low, high, frame.open[row], frame.close[row]):
            assert BTC.on_grid(price) == price
            assert abs(price / BTC.tick - round(price / BTC.tick)) < 1e-6


def test_what_warms_up_is_not_turned_and_the_same_number_is_the_same_market() -> None:
    data = market(first=100)
    made = mirrors(data)
    one, again, other = made.mirror(7, 1), made.mirror(7, 1), made.mirror(8, 1)
    assert one.exec.close == again.exec.close != other.exec.close
    assert one.exec.close[:101] == data.exec.close[:101]
    assert one.exec.close[101:] != data.exec.close[101:]


def test_on_average_a_mirror_has_the_drift_of_the_market() -> None:
    data = market(bars=2_000)
    made = mirrors(data)
    wanted = mean_log_return(data.exec, 0)
    drifts = [mean_log_return(made.mirror(n, 1).exec, 0) for n in range(60)]
    middle = sum(drifts) / len(drifts)
    spread = (sum((d - middle) ** 2 for d in drifts) / len(drifts)) ** 0.5
    assert abs(middle - wanted) < 3 * spread / len(drifts) ** 0.5


def test_with_blocks_one_coin_turns_so_many_bars() -> None:
    data = market()
    drift = 2 * mean_log_return(data.exec, 0)
    frame = mirrors(data).mirror(2, 1, 16).exec
    turned = [
        abs(mine - theirs) > 2e-5 and abs(mine - (drift - theirs)) < 2e-5
        for mine, theirs in zip(steps(frame), steps(data.exec), strict=True)
    ]
    blocks = [set(turned[at : at + 15]) for at in range(16 - 1, len(turned) - 16, 16)]
    mixed = [block for block in blocks if len(block) > 1]
    assert len(mixed) <= len(blocks) // 4  # a step of nothing looks kept
    assert any(block == {True} for block in blocks)


def test_the_mark_keeps_its_distance_and_its_side() -> None:
    data = market()
    assert data.mark is not None
    mark = Frame("BTCUSDT", "15m", data.exec.interval_ms)
    mark.ts, mark.volume = data.exec.ts, data.exec.volume
    for name in ("open", "high", "low", "close"):
        setattr(mark, name, array("d", [x * 1.001 for x in getattr(data.exec, name)]))
    made = mirrors(replace(data, mark=mark)).mirror(3, 1)
    assert made.mark is not None
    for m, x in zip(made.mark.close, made.exec.close, strict=True):
        assert m / x == pytest.approx(1.001, abs=1e-9) or m / x == pytest.approx(1 / 1.001)


def test_feeds_that_cannot_be_turned_are_named() -> None:
    data = market()
    assert data.mark is not None
    coarse = replace(data, mark=data.mark.rows(0, 100))
    made = mirrors(coarse)
    assert made.data.mark is None
    assert any("mark" in left for left in made.left_out)


def test_marks_of_the_same_bars_are_taken_as_they_are_and_a_hole_keeps_the_price() -> None:
    data = market(bars=50)
    assert data.mark is not None
    whole = marks_for(data.exec, data.mark)
    assert list(whole.close) == list(data.mark.close)
    holed = Frame("BTCUSDT", "15m", data.exec.interval_ms)
    for row in (row for row in range(50) if row != 20):
        mark = data.mark
        holed.append(
            mark.ts[row], mark.open[row], mark.high[row], mark.low[row], mark.close[row], 0.0
        )
    made = marks_for(data.exec, holed)
    assert made.close[20] == data.exec.close[20]
    assert [c for row, c in enumerate(made.close) if row != 20] == list(holed.close)


def test_a_turned_mark_has_at_its_top_what_it_had_at_its_bottom() -> None:
    data = market()
    mark = Frame("BTCUSDT", "15m", data.exec.interval_ms)
    mark.ts, mark.volume = data.exec.ts, data.exec.volume
    for name, basis in (("open", 1.0), ("high", 1.004), ("low", 0.999), ("close", 1.0)):
        setattr(mark, name, array("d", [x * basis for x in getattr(data.exec, name)]))
    made = mirrors(replace(data, mark=mark)).mirror(1, 1)
    assert made.mark is not None
    tops = {
        round(theirs / mine, 5) for theirs, mine in zip(made.mark.high, made.exec.high, strict=True)
    }
    assert tops == {1.004, round(1 / 0.999, 5)}
