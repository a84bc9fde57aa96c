"""Indicators against libraries nobody here wrote.

Oracle 1 is TA-Lib, oracle 2 talipp (or the definition in plain numpy where neither has it). Compared
from `first` on, on recorded BTCUSDT 15m bars; tolerance is relative to the largest absolute value.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import talib

from runtime.market.bar_files import load_bars, slice_frame
from runtime.market.frame import Frame
from tests.data_files import shared
from tests.runtime.kernels.bench import run

ROWS = 3_000
Arrays = dict[str, Any]
Oracle = Callable[[Arrays], Any]


@pytest.fixture(scope="module")
def bars() -> Frame:
    path = shared("data/bybit_perp_BTCUSDT_15m_20250924_20260721.parquet")
    frame = load_bars(path, "BTCUSDT").frame
    return slice_frame(frame, None, frame.ts[ROWS])


def arrays(frame: Frame) -> Arrays:
    return {n: np.array(getattr(frame, n)) for n in ("open", "high", "low", "close", "volume")}


def rolling(values: Any, length: int, reduce: Callable[[Any], float]) -> Any:
    out = np.full(len(values), np.nan)
    for i in range(length - 1, len(values)):
        out[i] = reduce(values[i - length + 1 : i + 1])
    return out


def true_range(a: Arrays) -> Any:
    before = np.concatenate([[np.nan], a["close"][:-1]])
    spans = [a["high"] - a["low"], np.abs(a["high"] - before), np.abs(a["low"] - before)]
    return np.nanmax(np.array(spans), axis=0)


def hlc(a: Arrays) -> tuple[Any, Any, Any]:
    return a["high"], a["low"], a["close"]


# (type, params, output, oracle, first compared row, relative tolerance)
TALIB: list[tuple[str, dict[str, Any], str, Oracle, int, float]] = [
    ("ema", {"length": 20}, "value", lambda a: talib.EMA(a["close"], 20), 19, 1e-12),
    ("sma", {"length": 20}, "value", lambda a: talib.SMA(a["close"], 20), 19, 1e-12),
    ("wma", {"length": 20}, "value", lambda a: talib.WMA(a["close"], 20), 19, 1e-12),
    ("rsi", {"length": 14}, "value", lambda a: talib.RSI(a["close"], 14), 14, 1e-10),
    ("atr", {"length": 14}, "value", lambda a: talib.ATR(*hlc(a), 14), 14, 1e-11),
    ("natr", {"length": 14}, "value", lambda a: talib.NATR(*hlc(a), 14), 14, 1e-11),
    ("bbands", {"length": 20}, "upper", lambda a: talib.BBANDS(a["close"], 20, 2, 2)[0], 19, 1e-9),
    ("bbands", {"length": 20}, "middle", lambda a: talib.BBANDS(a["close"], 20, 2, 2)[1], 19, 1e-9),
    ("bbands", {"length": 20}, "lower", lambda a: talib.BBANDS(a["close"], 20, 2, 2)[2], 19, 1e-9),
    # TA-Lib reports macd only where its signal is known too.
    ("macd", {}, "macd", lambda a: talib.MACD(a["close"], 12, 26, 9)[0], 33, 1e-10),
    ("macd", {}, "signal", lambda a: talib.MACD(a["close"], 12, 26, 9)[1], 33, 1e-10),
    ("macd", {}, "histogram", lambda a: talib.MACD(a["close"], 12, 26, 9)[2], 33, 1e-9),
    ("roc", {"length": 10}, "value", lambda a: talib.ROC(a["close"], 10), 10, 1e-11),
    ("mom", {"length": 10}, "value", lambda a: talib.MOM(a["close"], 10), 10, 1e-12),
    ("obv", {}, "value", lambda a: talib.OBV(a["close"], a["volume"]), 0, 1e-12),
    ("highest", {"length": 20}, "value", lambda a: talib.MAX(a["high"], 20), 19, 0.0),
    ("lowest", {"length": 20}, "value", lambda a: talib.MIN(a["low"], 20), 19, 0.0),
    ("stdev", {"length": 20}, "value", lambda a: talib.STDDEV(a["close"], 20), 19, 1e-6),
    ("volume_sma", {"length": 20}, "value", lambda a: talib.SMA(a["volume"], 20), 19, 1e-11),
    ("hl2", {}, "value", lambda a: talib.MEDPRICE(a["high"], a["low"]), 0, 1e-15),
    ("hlc3", {}, "value", lambda a: talib.TYPPRICE(*hlc(a)), 0, 1e-15),
    ("ohlc4", {}, "value", lambda a: talib.AVGPRICE(a["open"], *hlc(a)), 0, 1e-15),
]

DEFINITION: list[tuple[str, dict[str, Any], str, Oracle, int, float]] = [
    ("sma", {"length": 7}, "value", lambda a: rolling(a["close"], 7, np.mean), 6, 1e-12),
    ("stdev", {"length": 7}, "value", lambda a: rolling(a["close"], 7, np.std), 6, 1e-9),
    ("zscore", {"length": 9}, "value",
     lambda a: rolling(a["close"], 9, lambda w: (w[-1] - w.mean()) / w.std()), 8, 1e-9),
    ("donchian", {"lower_length": 9, "upper_length": 5}, "upper",
     lambda a: rolling(a["high"], 5, np.max), 4, 0.0),
    ("donchian", {"lower_length": 9, "upper_length": 5}, "lower",
     lambda a: rolling(a["low"], 9, np.min), 8, 0.0),
    ("kc", {"length": 20, "scalar": 2.0}, "upper",
     lambda a: talib.EMA(a["close"], 20) + 2 * talib.EMA(true_range(a), 20), 19, 1e-11),
    ("kc", {"length": 20, "scalar": 2.0}, "lower",
     lambda a: talib.EMA(a["close"], 20) - 2 * talib.EMA(true_range(a), 20), 19, 1e-11),
    ("rma", {"length": 14}, "value", lambda a: _wilder(a["close"], 14), 13, 1e-12),
]  # fmt: skip


def _wilder(values: Any, length: int) -> Any:
    out = np.full(len(values), np.nan)
    out[length - 1] = np.mean(values[:length])
    for i in range(length, len(values)):
        out[i] = (out[i - 1] * (length - 1) + values[i]) / length
    return out


@pytest.mark.parametrize(
    ("type_", "params", "output", "oracle", "first", "tolerance"), [*TALIB, *DEFINITION],
    ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_indicator_agrees_with_its_oracle(
    bars: Frame, type_: str, params: dict[str, Any], output: str, oracle: Oracle, first: int,
    tolerance: float,
) -> None:  # fmt: skip
    ours = np.array(run(type_, bars, params)[output])
    theirs = oracle(arrays(bars))
    assert not np.isnan(ours[first:]).any()
    assert not np.isnan(theirs[first:]).any()
    scale = np.abs(theirs[first:]).max()
    assert np.abs(ours[first:] - theirs[first:]).max() <= tolerance * scale


def test_supertrend_agrees_with_talipp(bars: Frame) -> None:
    from talipp.indicators import SuperTrend
    from talipp.ohlcv import OHLCV

    values = SuperTrend(10, 3, [
        OHLCV(o, h, low, c)
        for o, h, low, c in zip(bars.open, bars.high, bars.low, bars.close, strict=True)
    ])  # fmt: skip
    ours = run("supertrend", bars)
    first = 600  # the two start their trend differently; after some flips they are one
    agree = 0
    for i in range(first, len(bars)):
        theirs = values[i]
        up = theirs.trend.name == "UP"
        if up == (ours["direction"][i] == 1.0):
            agree += 1
            assert math.isclose(theirs.value, ours["trend"][i], rel_tol=1e-6)
    assert agree == len(bars) - first


def test_squeeze_is_on_exactly_while_the_bands_are_inside_the_channel(bars: Frame) -> None:
    a = arrays(bars)
    middle = rolling(a["close"], 20, np.mean)
    width = 2.0 * rolling(a["close"], 20, lambda w: w.std(ddof=1))
    basis, span = talib.EMA(a["close"], 20), 1.5 * talib.EMA(true_range(a), 20)
    inside = (middle - width > basis - span) & (middle + width < basis + span)
    ours = run("squeeze", bars)
    assert [bool(v) for v in ours["on"][19:]] == list(inside[19:])
    fired = inside[:-1] & ~inside[1:]
    assert [bool(v) for v in ours["fired"][20:]] == list(fired[19:])
    assert sum(ours["fired"][20:]) > 20
    momentum = talib.SMA(talib.MOM(a["close"], 12), 6)
    assert np.allclose(ours["sqz"][20:], momentum[20:], atol=1e-6)
