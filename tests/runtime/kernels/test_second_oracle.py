"""The first indicators against a second library, talipp: the same bars, another author.

Compared from `first` on (where talipp seeds otherwise, after the difference has died away), on
recorded BTCUSDT 15m bars; tolerance is relative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from talipp import indicators as t
from talipp.ohlcv import OHLCV

from runtime.market.bar_files import load_bars, slice_frame
from runtime.market.frame import Frame
from tests.data_files import shared
from tests.runtime.kernels.bench import run

ROWS = 2_000


@pytest.fixture(scope="module")
def bars() -> Frame:
    path = shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet")
    frame = load_bars(path, "BTCUSDT").frame
    return slice_frame(frame, None, frame.ts[ROWS])


def closes(frame: Frame) -> list[float]:
    return list(frame.close)


def candles(frame: Frame) -> list[OHLCV]:
    return [
        OHLCV(o, h, low, c, v)
        for o, h, low, c, v in zip(
            frame.open, frame.high, frame.low, frame.close, frame.volume, strict=True
        )
    ]


# (type, params, output, talipp values, first compared row, relative tolerance)
ROWS_OF: list[tuple[str, dict[str, Any], str, Callable[[Frame], list[Any]], int, float]] = [
    ("sma", {"length": 20}, "value", lambda f: list(t.SMA(20, closes(f))), 19, 1e-12),
    ("ema", {"length": 20}, "value", lambda f: list(t.EMA(20, closes(f))), 19, 1e-12),
    ("wma", {"length": 20}, "value", lambda f: list(t.WMA(20, closes(f))), 19, 1e-12),
    ("rsi", {"length": 14}, "value", lambda f: list(t.RSI(14, closes(f))), 14, 1e-9),
    # talipp counts the first bar's own range; Wilder's memory of it fades by 13/14 a bar.
    ("atr", {"length": 14}, "value", lambda f: list(t.ATR(14, candles(f))), 500, 1e-9),
    ("bbands", {"length": 20}, "upper", lambda f: [b and b.ub for b in t.BB(20, 2, closes(f))], 19, 1e-9),
    ("bbands", {"length": 20}, "lower", lambda f: [b and b.lb for b in t.BB(20, 2, closes(f))], 19, 1e-9),
    # talipp seeds the fast average earlier; both averages forget their start.
    ("macd", {}, "macd", lambda f: [m and m.macd for m in t.MACD(12, 26, 9, closes(f))], 400, 1e-6),
    ("macd", {}, "signal", lambda f: [m and m.signal for m in t.MACD(12, 26, 9, closes(f))], 400, 1e-6),
    ("donchian", {}, "upper", lambda f: [d and d.ub for d in t.DonchianChannels(20, candles(f))], 19, 0.0),
    ("donchian", {}, "lower", lambda f: [d and d.lb for d in t.DonchianChannels(20, candles(f))], 19, 0.0),
    ("roc", {"length": 10}, "value", lambda f: list(t.ROC(10, closes(f))), 10, 1e-9),
    ("obv", {}, "value", lambda f: list(t.OBV(candles(f))), 0, 1e-12),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "params", "output", "oracle", "first", "tolerance"), ROWS_OF,
    ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_indicator_agrees_with_a_second_library(
    bars: Frame, type_: str, params: dict[str, Any], output: str,
    oracle: Callable[[Frame], list[Any]], first: int, tolerance: float,
) -> None:  # fmt: skip
    ours, theirs = run(type_, bars, params)[output], oracle(bars)
    assert len(theirs) == len(ours)
    scale = max(abs(v) for v in theirs[first:])
    for i in range(first, len(ours)):
        assert not math.isnan(ours[i])
        assert abs(ours[i] - theirs[i]) <= tolerance * scale, i
