"""Coarse bars come from closed fine bars only, and equal the exchange's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.market.bar_files import load_bars
from runtime.market.frame import Frame
from runtime.market.resample import Resampler, resample
from runtime.market.timeframe import TIMEFRAMES
from tests.data_files import shared

M = 60_000


@pytest.mark.parametrize("fine", ["5m", "15m"])
def test_resampled_bars_equal_the_exchanges_own_4h_bars(fine: str) -> None:
    name = "data/bybit_perp_BTCUSDT_{}_20250924_20260721.parquet"
    own = load_bars(shared(name.format("4h")), "BTCUSDT").frame
    made = resample(load_bars(shared(name.format(fine)), "BTCUSDT").frame, "4h", TIMEFRAMES["4h"])
    for column in ("ts", "open", "high", "low", "close", "volume"):
        assert getattr(made, column) == getattr(own, column), column


@st.composite
def holed_frames(draw: st.DrawFn) -> Frame:
    frame = Frame("X", "1m", M)
    ts = draw(st.integers(0, 20)) * M
    for _ in range(draw(st.integers(1, 60))):
        a, b, c, d = sorted(draw(st.tuples(*[st.integers(1, 99)] * 4)))
        frame.append(ts, b, d, a, c, draw(st.integers(0, 9)))
        ts += M * draw(st.sampled_from([1, 1, 1, 1, 2, 7]))
    return frame


@given(holed_frames(), st.lists(st.integers(0, 60), max_size=6))
def test_any_chunking_gives_the_same_coarse_bars(frame: Frame, cuts: list[int]) -> None:
    whole = resample(frame, "5m", 5 * M)
    target = Frame("X", "5m", 5 * M)
    resampler = Resampler(frame, target)
    for cut in [*sorted(min(c, len(frame)) for c in cuts), len(frame)]:
        resampler.advance(cut)
    assert target == whole


@given(holed_frames(), st.integers(1, 60))
def test_a_coarse_bar_appears_only_after_its_close(frame: Frame, rows: int) -> None:
    rows = min(rows, len(frame))
    target = Frame("X", "5m", 5 * M)
    Resampler(frame, target).advance(rows)
    if len(target):
        now = frame.close_time(rows - 1)
        assert target.close_time(len(target) - 1) <= now
    for i in range(len(target)):
        inside = [r for r in range(rows) if target.ts[i] <= frame.ts[r] < target.ts[i] + 5 * M]
        assert target.open[i] == frame.open[inside[0]]
        assert target.high[i] == max(frame.high[r] for r in inside)
        assert target.low[i] == min(frame.low[r] for r in inside)
        assert target.close[i] == frame.close[inside[-1]]


def test_finer_bars_cannot_be_built_from_coarser_ones() -> None:
    with pytest.raises(ValueError, match="cannot be built"):
        Resampler(Frame("X", "5m", 5 * M), Frame("X", "3m", 3 * M))
