"""Rows of the table of oracles: levels, made bars and patterns, written another way in pandas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import talib
from talipp import indicators as tp
from talipp.ohlcv import OHLCV

Arrays = dict[str, Any]
Row = tuple[str, dict[str, Any], str, Callable[[Arrays], Any], int, float]


def candles(a: Arrays) -> list[OHLCV]:
    names = ("open", "high", "low", "close", "volume")
    return [OHLCV(*map(float, row)) for row in zip(*(a[n] for n in names), strict=True)]


def cloud(field: str) -> Callable[[Arrays], Any]:
    """talipp counts the bars between a lead and the bar under it: one less than we do."""

    def oracle(a: Arrays) -> Any:
        made = tp.Ichimoku(26, 9, 26, 52, 25, candles(a))
        values = [getattr(v, field) for v in made]
        return np.array([math.nan if v is None else v for v in values])

    return oracle


def second_span(a: Arrays) -> Any:
    """talipp takes this span from a bar earlier than the first one."""
    return np.r_[[math.nan] * 25, lead(a, 52)[:-25]]


def cloud_edge(how: Callable[[Any, Any], Any]) -> Callable[[Arrays], Any]:
    return lambda a: how(cloud("cloud_leading_fast_line")(a), second_span(a))


def lead(a: Arrays, length: int) -> Any:
    return talib.MIDPRICE(a["high"], a["low"], length)


def hung(a: Arrays, sign: int) -> Any:
    extreme = talib.MAX(a["high"], 22) if sign < 0 else talib.MIN(a["low"], 22)
    return extreme + sign * 3 * talib.ATR(a["high"], a["low"], a["close"], 22)


def chandelier_script(
    a: Arrays, name: str, *, of_closes: bool, length: int = 22, mult: float = 3.0
) -> Any:
    """Return a line of everget's script `Chandelier Exit`, statement by statement, its `nz` and `var` as they are."""
    high, low = (a["close"], a["close"]) if of_closes else (a["high"], a["low"])
    atr = mult * talib.ATR(a["high"], a["low"], a["close"], length)
    raw_long, raw_short = talib.MAX(high, length) - atr, talib.MIN(low, length) + atr
    close, found = (
        a["close"],
        {n: np.full(len(a["close"]), np.nan) for n in ("long_stop", "short_stop", "direction")},
    )
    long_stop, short_stop, dir_ = math.nan, math.nan, 1
    for i in range(1, len(close)):
        before_long = raw_long[i] if math.isnan(long_stop) else long_stop
        long_stop = max(raw_long[i], before_long) if close[i - 1] > before_long else raw_long[i]
        before_short = raw_short[i] if math.isnan(short_stop) else short_stop
        short_stop = (
            min(raw_short[i], before_short) if close[i - 1] < before_short else raw_short[i]
        )
        dir_ = 1 if close[i] > before_short else -1 if close[i] < before_long else dir_
        found["long_stop"][i], found["short_stop"][i] = long_stop, short_stop
        found["direction"][i] = math.nan if math.isnan(long_stop) else dir_
    return found[name]


def fitted(name: str) -> Callable[[Arrays], Any]:
    """Least squares by numpy, window by window."""

    def oracle(a: Arrays) -> Any:
        out = np.full(len(a["close"]), np.nan)
        for i in range(29, len(out)):
            window = a["close"][i - 29 : i + 1]
            rise, start = np.polyfit(np.arange(30), window, 1)
            off = window - (start + rise * np.arange(30))
            out[i] = start + rise * 29 + {"lower": -2, "middle": 0, "upper": 2}[name] * off.std()
        return out

    return oracle


def periods(a: Arrays, unit: str) -> Any:
    return pd.to_datetime(a["ts"], unit="ms").to_period({"D": "D", "W": "W-SUN", "M": "M"}[unit])


def pivot_levels(unit: str, kind: str, name: str) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        bars = pd.DataFrame({n: a[n] for n in ("high", "low", "close")}).groupby(periods(a, unit))
        before = bars.agg({"high": "max", "low": "min", "close": "last"}).shift(1)
        h, low, c = before["high"], before["low"], before["close"]
        p, span = (h + low + c) / 3, h - low
        levels = {
            "classic": {"pivot": p, "r1": p + (p - low), "s1": p - (h - p), "r2": p + span,
                        "s2": p - span, "r3": 2 * p + h - 2 * low, "s3": 2 * p + low - 2 * h},
            "fibonacci": {"r1": p + 0.382 * span, "r2": p + 0.618 * span, "r3": p + span,
                          "s1": p - 0.382 * span, "s2": p - 0.618 * span, "s3": p - span},
            "camarilla": {"r1": c + span * 1.1 / 12, "r2": c + span * 1.1 / 6,
                          "r3": c + span * 1.1 / 4, "r4": c + span * 1.1 / 2,
                          "s1": c - span * 1.1 / 12, "s2": c - span * 1.1 / 6,
                          "s3": c - span * 1.1 / 4, "s4": c - span * 1.1 / 2},
        }  # fmt: skip
        return levels[kind][name].reindex(periods(a, unit)).to_numpy()

    return oracle


def session_first(unit: str) -> Callable[[Arrays], Any]:
    return lambda a: pd.Series(a["open"]).groupby(periods(a, unit)).transform("first").to_numpy()


def opening(name: str, how: str, minute: int) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        day = pd.to_datetime(a["ts"] - minute * 60_000, unit="ms").to_period("D")
        values = pd.Series(a[name])
        nth = values.groupby(day).cumcount()
        first = values.where(nth < 4).groupby(day).transform(how)
        return first.where(nth >= 3).to_numpy()

    return oracle


def banded(sign: int) -> Callable[[Arrays], Any]:
    """Weighted mean and deviation of each prefix of a day, two passes each."""

    def oracle(a: Arrays) -> Any:
        typical, volume = (a["high"] + a["low"] + a["close"]) / 3, a["volume"]
        day = periods(a, "D")
        out = np.full(len(typical), np.nan)
        for i in range(len(out)):
            rows = slice(i - int((day[: i + 1] == day[i]).sum()) + 1, i + 1)
            mean = np.average(typical[rows], weights=volume[rows])
            spread = np.average((typical[rows] - mean) ** 2, weights=volume[rows])
            out[i] = mean + sign * 2 * math.sqrt(spread)
        return out

    return oracle


def usual(a: Arrays) -> Any:
    volume = pd.Series(a["volume"])
    return (volume / volume.rolling(20).mean().shift(1)).to_numpy()


def averaged(name: str) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        end = (a["open"] + a["high"] + a["low"] + a["close"]) / 4
        begin = [(a["open"][0] + a["close"][0]) / 2]
        for value in end[:-1]:
            begin.append((begin[-1] + value) / 2)
        rows = np.array([begin, end])
        return {
            "open": rows[0], "close": end, "high": np.maximum(a["high"], rows.max(axis=0)),
            "low": np.minimum(a["low"], rows.min(axis=0)),
        }[name]  # fmt: skip

    return oracle


def pattern(name: str) -> Callable[[Arrays], Any]:
    """Each pattern in words of pandas: `o1` is the open of the bar before."""

    def oracle(a: Arrays) -> Any:
        f = pd.DataFrame({n[0]: a[n] for n in ("open", "high", "low", "close")})
        for k in (1, 2):
            f = f.join(f[["o", "h", "l", "c"]].shift(k).add_suffix(str(k)))
        body, span = (f.c - f.o).abs(), f.h - f.l
        body1, long1 = (f.c1 - f.o1).abs(), (f.c1 - f.o1).abs() > (f.h1 - f.l1) / 2
        body2, long2 = (f.c2 - f.o2).abs(), (f.c2 - f.o2).abs() > (f.h2 - f.l2) / 2
        top, bottom = f[["o", "c"]].max(axis=1), f[["o", "c"]].min(axis=1)
        top1, bottom1 = f[["o1", "c1"]].max(axis=1), f[["o1", "c1"]].min(axis=1)
        up, down, up1, down1 = f.c > f.o, f.c < f.o, f.c1 > f.o1, f.c1 < f.o1
        over, under = f.h - top, bottom - f.l
        inside = (top <= top1) & (bottom >= bottom1) & (body < body1)
        half1, half2 = (f.o1 + f.c1) / 2, (f.o2 + f.c2) / 2
        small1 = body1 <= body2 / 2
        rows = {
            "doji": (span > 0) & (body <= 0.1 * span),
            "hammer": (under > 0) & (under >= 2 * body) & (over <= 0.1 * span),
            "shooting_star": (over > 0) & (over >= 2 * body) & (under <= 0.1 * span),
            "bullish_harami": down1 & up & long1 & inside,
            "bearish_harami": up1 & down & long1 & inside,
            "piercing_line": down1 & up & long1 & (f.o <= f.c1) & (f.c > half1) & (f.c < f.o1),
            "dark_cloud_cover": up1 & down & long1 & (f.o >= f.c1) & (f.c < half1) & (f.c > f.o1),
            "morning_star": (f.c2 < f.o2) & long2 & small1 & (top1 <= half2) & up & (f.c >= half2),
            "evening_star": (f.c2 > f.o2) & long2 & small1 & (bottom1 >= half2) & down & (f.c <= half2),
            "inside_bar": (f.h <= f.h1) & (f.l >= f.l1) & (span < f.h1 - f.l1),
        }  # fmt: skip
        return rows[name].to_numpy(dtype=float)

    return oracle


def engulfing(sign: int) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        found = talib.CDLENGULFING(*(a[n] for n in ("open", "high", "low", "close")))
        return (np.sign(found) == sign).astype(float)

    return oracle


PATTERNS = (
    "doji", "hammer", "shooting_star", "bullish_harami", "bearish_harami", "piercing_line",
    "dark_cloud_cover", "morning_star", "evening_star", "inside_bar",
)  # fmt: skip
CLASSIC = ("pivot", "r1", "r2", "r3", "s1", "s2", "s3")
FOUR = ("r1", "r2", "r3", "r4", "s1", "s2", "s3", "s4")

LEVELS: list[Row] = [
    ("ichimoku", {}, "conversion", cloud("conversion_line"), 8, 1e-14),
    ("ichimoku", {}, "base", cloud("base_line"), 25, 1e-14),
    ("ichimoku", {}, "span_a", cloud("cloud_leading_fast_line"), 50, 1e-14),
    ("ichimoku", {}, "span_b", second_span, 76, 1e-14),
    ("ichimoku", {}, "top", cloud_edge(np.fmax), 76, 1e-14),
    ("ichimoku", {}, "bottom", cloud_edge(np.fmin), 76, 1e-14),
    ("ichimoku", {}, "lead_a", lambda a: (lead(a, 9) + lead(a, 26)) / 2, 25, 1e-14),
    ("ichimoku", {}, "lead_b", lambda a: lead(a, 52), 51, 1e-14),
    ("chandelier", {}, "long", lambda a: hung(a, -1), 22, 1e-11),
    ("chandelier", {}, "short", lambda a: hung(a, 1), 22, 1e-11),
    *(("chandelier", {}, name, lambda a, name=name: chandelier_script(a, name, of_closes=False), 22, 1e-11)
      for name in ("long_stop", "short_stop", "direction")),
    *(("chandelier", {"length": 7, "atr_length": 7, "multiplier": 1.5, "extremes": "close"}, name,
       lambda a, name=name: chandelier_script(a, name, of_closes=True, length=7, mult=1.5), 7, 1e-11)
      for name in ("long_stop", "short_stop", "direction")),
    *(("linreg_channel", {"length": 30}, name, fitted(name), 29, 1e-9)
      for name in ("lower", "middle", "upper")),
    ("linreg_channel", {"length": 30}, "slope",
     lambda a: talib.LINEARREG_SLOPE(a["close"], 30), 29, 1e-9),
    *(("pivots", {}, name, pivot_levels("D", "classic", name), 96, 1e-13) for name in CLASSIC),
    *(("pivots", {"kind": "fibonacci", "anchor": "W"}, name,
       pivot_levels("W", "fibonacci", name), 96 * 12, 1e-13) for name in CLASSIC[1:]),
    *(("pivots", {"kind": "camarilla"}, name,
       pivot_levels("D", "camarilla", name), 96, 1e-13) for name in FOUR),
    ("session_open", {}, "value", session_first("D"), 0, 0.0),
    ("session_open", {"anchor": "W"}, "value", session_first("W"), 96 * 5, 0.0),
    ("session_open", {"anchor": "M"}, "value", session_first("M"), 96 * 7, 0.0),
    ("vwap_bands", {}, "lower", banded(-1), 0, 1e-9),
    ("vwap_bands", {}, "middle", banded(0), 0, 1e-11),
    ("vwap_bands", {}, "upper", banded(1), 0, 1e-9),
    ("rvol", {}, "value", usual, 20, 1e-11),
    *(("heikin_ashi", {}, name, averaged(name), 0, 1e-14) for name in ("open", "high", "low", "close")),
    *(("candles", {}, name, pattern(name), 2, 0.0) for name in PATTERNS),
    ("candles", {}, "bullish_engulfing", engulfing(1), 2, 0.0),
    ("candles", {}, "bearish_engulfing", engulfing(-1), 2, 0.0),
]  # fmt: skip
