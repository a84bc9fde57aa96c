"""The made-up market is repeatable, well-formed and behaves like one."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction
from random import Random

import pytest

from runtime.market.checks import find_gaps, find_problems
from runtime.market.synthetic import SyntheticSpec, _Walk, synthetic_market

DATA = synthetic_market(SyntheticSpec(bars=6_000))


def autocorrelation(values: list[float], lag: int) -> float:
    mean = sum(values) / len(values)
    spread = sum((v - mean) ** 2 for v in values)
    return (
        sum((values[i] - mean) * (values[i + lag] - mean) for i in range(len(values) - lag))
        / spread
    )


def test_same_seed_same_bars_other_seed_other_bars() -> None:
    again = synthetic_market(SyntheticSpec(bars=6_000))
    other = synthetic_market(SyntheticSpec(bars=6_000, seed=8))
    assert again.exec == DATA.exec
    assert again.content_hash == DATA.content_hash
    assert other.content_hash != DATA.content_hash


def test_bars_are_fit_to_trade_on_and_on_the_tick_grid() -> None:
    frame = DATA.exec
    columns = [frame.open, frame.high, frame.low, frame.close, frame.volume]
    assert find_problems(frame.ts, columns, frame.interval_ms) == []
    assert find_gaps(frame.ts, frame.interval_ms) == []
    assert all(round(p * 10) / 10 == p for p in frame.close)


def test_volatility_clusters_and_tails_are_fat() -> None:
    closes = DATA.exec.close
    returns = [math.log(b / a) for a, b in itertools.pairwise(closes)]
    assert autocorrelation([abs(r) for r in returns], 5) > 0.08
    assert abs(autocorrelation(returns, 1)) < 0.08
    square = sum(r * r for r in returns) / len(returns)
    assert sum(r**4 for r in returns) / len(returns) / square**2 > 4.0


def test_volume_follows_movement() -> None:
    frame = DATA.exec
    moves = [h - low for h, low in zip(frame.high, frame.low, strict=True)]
    order = sorted(range(len(moves)), key=moves.__getitem__)
    quiet, wild = order[: len(order) // 4], order[-len(order) // 4 :]
    assert sum(frame.volume[i] for i in wild) > 1.5 * sum(frame.volume[i] for i in quiet)


def test_it_is_labelled_synthetic() -> None:
    assert DATA.synthetic
    assert "synthetic" in DATA.source


def test_normal_numbers_are_those_of_pythons_random_however_many_are_asked_for_at_once() -> None:
    walk, plain = _Walk(SyntheticSpec(seed=5)), Random(5)
    drawn = [number for count in (12, 1, 1, 12, 3, 2, 1) for number in walk.normals(count)]
    assert drawn == [plain.gauss(0.0, 1.0) for _ in drawn]
    assert walk.normal(-0.08, 0.4) == plain.gauss(-0.08, 0.4)


def test_a_made_up_price_falls_to_one_tick_and_no_further() -> None:
    low = synthetic_market(SyntheticSpec(bars=400, start_price=0.2, timeframe="1d", seed=2))
    assert min(low.exec.low) == 0.1
    assert low.mark is not None
    for frame in (low.exec, low.mark):
        columns = [frame.open, frame.high, frame.low, frame.close, frame.volume]
        assert find_problems(list(frame.ts), columns, frame.interval_ms) == []


@pytest.mark.parametrize("tick", [0.25, 0.5, 0.05, 2.0, 0.0001])
def test_made_up_prices_lie_on_the_tick_whatever_its_digits(tick: float) -> None:
    bars = synthetic_market(SyntheticSpec(bars=300, start_price=400 * tick, tick=tick)).exec
    prices = {price for name in ("open", "high", "low", "close") for price in bars.column(name)}
    assert all(Fraction(str(price)) % Fraction(str(tick)) == 0 for price in prices)
    assert any(round(price / tick) % 2 for price in prices), "each tick is one, not every second"
