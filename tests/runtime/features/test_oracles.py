"""Indicators against TA-Lib, talipp, or their definition written another way; on recorded bars.

Every row of the tables: type, parameters, output, oracle, first compared row (0-based), tolerance
relative to the largest absolute value. From the first compared row on both must be known.
"""

from __future__ import annotations

import itertools
import math
from array import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import talib
from talipp import indicators as tp
from talipp.ohlcv import OHLCV

from tests.runtime.features.level_oracles import LEVELS, opening
from tests.runtime.features.markets import recorded
from tests.runtime.kernels.bench import run

Arrays = dict[str, Any]
Row = tuple[str, dict[str, Any], str, Callable[[Arrays], Any], int, float]


@pytest.fixture(scope="module")
def bars() -> Arrays:
    frame = recorded()
    columns = {n: np.array(getattr(frame, n)) for n in ("open", "high", "low", "close", "volume")}
    return columns | {"ts": np.array(frame.ts)}


def hlc(a: Arrays) -> tuple[Any, Any, Any]:
    return a["high"], a["low"], a["close"]


def typical(a: Arrays) -> Any:
    return (a["high"] + a["low"] + a["close"]) / 3


def candles(a: Arrays) -> list[OHLCV]:
    names = ("open", "high", "low", "close", "volume")
    return [OHLCV(*map(float, row)) for row in zip(*(a[n] for n in names), strict=True)]


def numbers(values: Any, field: str = "") -> Any:
    """Return talipp's values as an array, NaN for None."""
    found = [getattr(v, field) if field and v is not None else v for v in values]
    return np.array([math.nan if v is None else v for v in found])


def closes(a: Arrays) -> list[float]:
    return [float(c) for c in a["close"]]


EMA = 1  # TA-Lib's number of the exponential average

TALIB: list[Row] = [
    ("dema", {"length": 20}, "value", lambda a: talib.DEMA(a["close"], 20), 38, 1e-11),
    ("tema", {"length": 20}, "value", lambda a: talib.TEMA(a["close"], 20), 57, 1e-11),
    ("kama", {"length": 10}, "value", lambda a: talib.KAMA(a["close"], 10), 10, 1e-10),
    ("trima", {"length": 20}, "value", lambda a: talib.TRIMA(a["close"], 20), 19, 1e-11),
    ("trima", {"length": 9}, "value", lambda a: talib.TRIMA(a["close"], 9), 8, 1e-11),
    ("wma", {"length": 33}, "value", lambda a: talib.WMA(a["close"], 33), 32, 1e-12),
    ("linreg", {"length": 14}, "value", lambda a: talib.LINEARREG(a["close"], 14), 13, 1e-11),
    ("slope", {"length": 20}, "value", lambda a: talib.LINEARREG_SLOPE(a["close"], 20), 19, 1e-9),
    ("cmo", {"length": 14}, "value", lambda a: talib.CMO(a["close"], 14), 14, 1e-10),
    ("cci", {"length": 14}, "value", lambda a: talib.CCI(*hlc(a), 14), 13, 1e-8),
    ("willr", {"length": 14}, "value", lambda a: talib.WILLR(*hlc(a), 14), 13, 1e-12),
    ("mfi", {"length": 14}, "value", lambda a: talib.MFI(*hlc(a), a["volume"], 14), 14, 1e-10),
    ("midprice", {"length": 14}, "value",
     lambda a: talib.MIDPRICE(a["high"], a["low"], 14), 13, 1e-15),
    ("trix", {"length": 18}, "trix", lambda a: talib.TRIX(a["close"], 18), 52, 1e-9),
    ("uo", {}, "value", lambda a: talib.ULTOSC(*hlc(a), 7, 14, 28), 28, 1e-10),
    ("ppo", {}, "ppo", lambda a: talib.PPO(a["close"], 12, 26, EMA), 25, 1e-10),
    ("stoch", {}, "k", lambda a: talib.STOCH(*hlc(a), 14, 3, 0, 3, 0)[0], 17, 1e-11),
    ("stoch", {}, "d", lambda a: talib.STOCH(*hlc(a), 14, 3, 0, 3, 0)[1], 17, 1e-11),
    ("stoch", {"k": 9, "smooth_k": 1}, "k",
     lambda a: talib.STOCHF(*hlc(a), 9, 3, 0)[0], 10, 1e-11),
    ("stochrsi", {"k": 1}, "k", lambda a: talib.STOCHRSI(a["close"], 14, 14, 3, 0)[0], 29, 1e-9),
    ("stochrsi", {"k": 1}, "d", lambda a: talib.STOCHRSI(a["close"], 14, 14, 3, 0)[1], 29, 1e-9),
    # TA-Lib seeds its sums one bar short; 13/14 a bar makes that 1e-10 after some 300 bars.
    ("adx", {}, "dmp", lambda a: talib.PLUS_DI(*hlc(a), 14), 450, 1e-10),
    ("adx", {}, "dmn", lambda a: talib.MINUS_DI(*hlc(a), 14), 450, 1e-10),
    ("adx", {}, "adx", lambda a: talib.ADX(*hlc(a), 14), 600, 1e-10),
    ("adx", {}, "adxr", lambda a: talib.ADXR(*hlc(a), 14), 620, 1e-10),
    # TA-Lib's are Wilder's sums, `length` times the average.
    ("dm", {}, "dmp", lambda a: talib.PLUS_DM(a["high"], a["low"], 14) / 14, 450, 1e-10),
    ("dm", {}, "dmn", lambda a: talib.MINUS_DM(a["high"], a["low"], 14) / 14, 450, 1e-10),
    ("aroon", {}, "up", lambda a: talib.AROON(a["high"], a["low"], 25)[1], 25, 1e-14),
    ("aroon", {}, "down", lambda a: talib.AROON(a["high"], a["low"], 25)[0], 25, 1e-14),
    ("aroon", {}, "osc", lambda a: talib.AROONOSC(a["high"], a["low"], 25), 25, 1e-14),
    ("psar", {}, "value", lambda a: talib.SAR(a["high"], a["low"], 0.02, 0.2), 1, 1e-14),
    ("psar", {"af0": 0.05, "af": 0.01, "max_af": 0.11}, "value",
     lambda a: np.abs(talib.SAREXT(
         a["high"], a["low"], 0, 0, 0.05, 0.01, 0.11, 0.05, 0.01, 0.11)), 1, 1e-14),
]  # fmt: skip

TALIPP: list[Row] = [
    ("hma", {"length": 20}, "value", lambda a: numbers(tp.HMA(20, closes(a))), 25, 1e-11),
    # talipp rounds half a bar of lag to the even number; an odd length has none to round.
    ("zlma", {"length": 21}, "value", lambda a: numbers(tp.ZLEMA(21, closes(a))), 30, 1e-11),
    ("alma", {}, "value", lambda a: numbers(tp.ALMA(10, 0.85, 6, closes(a))), 9, 1e-12),
    ("vwma", {}, "value", lambda a: numbers(tp.VWMA(20, candles(a))), 19, 1e-11),
    ("vortex", {}, "vip", lambda a: numbers(tp.VTX(14, candles(a)), "plus_vtx"), 14, 1e-11),
    ("vortex", {}, "vim", lambda a: numbers(tp.VTX(14, candles(a)), "minus_vtx"), 14, 1e-11),
    ("tsi", {}, "tsi", lambda a: numbers(tp.TSI(13, 25, closes(a))), 37, 1e-10),
    ("kvo", {}, "kvo", lambda a: numbers(tp.KVO(34, 55, candles(a))), 56, 1e-10),
    ("stochrsi", {}, "k",
     lambda a: numbers(tp.StochRSI(14, 14, 3, 3, closes(a)), "k"), 29, 1e-9),
    ("stochrsi", {}, "d",
     lambda a: numbers(tp.StochRSI(14, 14, 3, 3, closes(a)), "d"), 31, 1e-9),
    ("cci", {"length": 20}, "value", lambda a: numbers(tp.CCI(20, candles(a))), 19, 1e-8),
    ("kama", {}, "value", lambda a: numbers(tp.KAMA(10, 2, 30, closes(a))), 400, 1e-9),
    ("dema", {}, "value", lambda a: numbers(tp.DEMA(20, closes(a))), 38, 1e-11),
    ("tema", {}, "value", lambda a: numbers(tp.TEMA(20, closes(a))), 57, 1e-11),
    ("trix", {}, "trix", lambda a: numbers(tp.TRIX(18, closes(a))) / 100, 52, 1e-8),
    ("uo", {}, "value", lambda a: numbers(tp.UO(7, 14, 28, candles(a))), 28, 1e-10),
]  # fmt: skip


# ------------------------------------------------------------ definitions in pandas and numpy


def signal(line: Any, length: int) -> Any:
    """Return TA-Lib's ema of a line that begins with unknown values."""
    first = int(np.isnan(line).argmin())
    out = np.full(len(line), np.nan)
    out[first:] = talib.EMA(line[first:], length)
    return out


def money_flow(a: Arrays) -> Any:
    span = a["high"] - a["low"]
    place = np.where(span > 0, (2 * a["close"] - a["low"] - a["high"]) / np.where(span, span, 1), 0)
    sums = (
        pd.Series(place * a["volume"]).rolling(20).sum() / pd.Series(a["volume"]).rolling(20).sum()
    )
    return sums.to_numpy()


def fisher(a: Arrays) -> Any:
    middle = pd.Series((a["high"] + a["low"]) / 2)
    low, high = middle.rolling(9).min(), middle.rolling(9).max()
    out, v, last = [math.nan] * len(middle), 0.0, 0.0
    for i, x in enumerate(2 * ((middle - low) / (high - low)) - 1):
        if not math.isnan(x):
            v = 0.33 * x + 0.67 * v
            v = math.copysign(0.999, v) if abs(v) > 0.99 else v
            last = math.atanh(v) + 0.5 * last
            out[i] = last
    return np.array(out)


def percent_rank(a: Arrays) -> Any:
    c = a["close"]
    return np.array(
        [math.nan] * 20 + [100 * np.mean(c[i - 20 : i] <= c[i]) for i in range(20, len(c))]
    )


def ut_bot(a: Arrays, length: int, key: float) -> Any:
    """Return the line as the script has it, its `nz` and its nested choices, from a stop of 0 on."""
    loss, src = key * talib.ATR(*hlc(a), length), a["close"]
    stop = np.full(len(src), np.nan)
    for i in range(length, len(src)):
        last = 0.0 if np.isnan(stop[i - 1]) else stop[i - 1]
        stop[i] = (
            max(last, src[i] - loss[i]) if src[i] > last and src[i - 1] > last
            else min(last, src[i] + loss[i]) if src[i] < last and src[i - 1] < last
            else src[i] - loss[i] if src[i] > last else src[i] + loss[i]
        )  # fmt: skip
    return stop


def ut_bot_side(a: Arrays) -> Any:
    line = ut_bot(a, 10, 1.0)
    return np.where(np.isnan(line), np.nan, np.where(line < a["close"], 1.0, -1.0))


def level_at(percent: float) -> Callable[[Arrays], Any]:
    return lambda a: pd.Series(a["close"]).rolling(20).quantile(percent / 100).to_numpy()


def periods(a: Arrays, unit: str) -> Any:
    """Return the UTC day, week (from Monday) or month of each bar, by the calendar of pandas."""
    return pd.to_datetime(a["ts"], unit="ms").to_period({"D": "D", "W": "W-SUN", "M": "M"}[unit])


def session_vwap(unit: str) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        keys = periods(a, unit)
        paid = pd.Series(typical(a) * a["volume"]).groupby(keys).cumsum()
        return (paid / pd.Series(a["volume"]).groupby(keys).cumsum()).to_numpy()

    return oracle


def period_extreme(unit: str, column: str, how: str, *, previous: bool) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        keys, values = periods(a, unit), pd.Series(a[column])
        if not previous:
            return getattr(values.groupby(keys), f"cum{how}")().to_numpy()
        by_period = getattr(values.groupby(keys), how)().shift(1)
        return by_period.reindex(keys).to_numpy()

    return oracle


def volume_at_price(a: Arrays, lookback: int, buckets: int, share: float) -> dict[str, Any]:
    """Return the profile by brute force: overlap of every bar with every bucket."""
    names = ("poc", "vah", "val", "in_value_area")
    out = {n: np.full(len(a["close"]), np.nan) for n in names}
    for i in range(lookback - 1, len(a["close"])):
        window = slice(i - lookback + 1, i + 1)
        low, high, volume = (a[n][window][:, None] for n in ("low", "high", "volume"))
        edges = np.linspace(low.min(), high.max(), buckets + 1)
        overlap = np.clip(np.minimum(high, edges[1:]) - np.maximum(low, edges[:-1]), 0, None)
        profile = (volume * overlap / overlap.sum(axis=1, keepdims=True)).sum(axis=0)
        tie = 1e-9 * profile.sum()  # the same bars cover both: the lowest, then the upper one
        centre = first = last = int(np.flatnonzero(profile >= profile.max() - tie)[0])
        while profile[first : last + 1].sum() < share * profile.sum() - tie:
            sides = (profile[last + 1] if last + 1 < buckets else -1.0,
                     profile[first - 1] if first > 0 else -1.0)  # fmt: skip
            first, last = (first, last + 1) if sides[0] >= sides[1] - tie else (first - 1, last)
        out["poc"][i] = (edges[centre] + edges[centre + 1]) / 2
        out["val"][i], out["vah"][i] = edges[first], edges[last + 1]
        out["in_value_area"][i] = edges[first] <= a["close"][i] <= edges[last + 1]
    return out


def profile(name: str) -> Callable[[Arrays], Any]:
    return lambda a: volume_at_price(a, 50, 50, 0.7)[name]


def squeeze_state(name: str) -> Callable[[Arrays], Any]:
    def oracle(a: Arrays) -> Any:
        close = pd.Series(a["close"])
        middle, width = close.rolling(20).mean(), 2 * close.rolling(20).std(ddof=1)
        reach = 1.5 * talib.EMA(np.r_[a["high"][0] - a["low"][0], talib.TRANGE(*hlc(a))[1:]], 20)
        basis = talib.EMA(a["close"], 20)
        inside = (middle - width > basis - reach) & (middle + width < basis + reach)
        outside = (middle - width < basis - reach) & (middle + width > basis + reach)
        fired = inside.shift(1, fill_value=False) & ~inside
        momentum = close.diff(12).rolling(6).mean()
        return {
            "off": outside, "no_sqz": ~inside & ~outside, "fired_up": fired & (momentum > 0),
            "fired_down": fired & (momentum < 0),
        }[name].to_numpy(dtype=float)  # fmt: skip

    return oracle


DEFINITION: list[Row] = [
    ("trix", {}, "signal", lambda a: signal(talib.TRIX(a["close"], 18), 9), 60, 1e-9),
    ("ppo", {}, "signal", lambda a: signal(talib.PPO(a["close"], 12, 26, EMA), 9), 33, 1e-10),
    ("ppo", {}, "histogram", lambda a: (p := talib.PPO(a["close"], 12, 26, EMA)) - signal(p, 9),
     33, 1e-9),
    ("tsi", {}, "signal", lambda a: signal(numbers(tp.TSI(13, 25, closes(a))), 13), 49, 1e-10),
    ("kvo", {}, "signal", lambda a: signal(numbers(tp.KVO(34, 55, candles(a))), 13), 68, 1e-10),
    ("cmf", {}, "value", money_flow, 19, 1e-9),
    ("fisher", {}, "fisher", fisher, 8, 1e-9),
    ("fisher", {}, "signal", lambda a: np.r_[np.nan, fisher(a)[:-1]], 9, 1e-9),
    ("percentile", {}, "value", percent_rank, 20, 1e-14),
    ("atr_trailing_stop", {}, "line", lambda a: ut_bot(a, 10, 1.0), 10, 1e-12),
    ("atr_trailing_stop", {"length": 5, "multiplier": 2.5}, "line", lambda a: ut_bot(a, 5, 2.5), 5, 1e-12),
    ("atr_trailing_stop", {}, "side", ut_bot_side, 10, 0.0),
    ("median", {"length": 33}, "value", lambda a: pd.Series(a["close"]).rolling(33).median().to_numpy(), 32, 0.0),
    ("median", {"length": 20}, "value",
     lambda a: pd.Series(a["close"]).rolling(20).median().to_numpy(), 19, 1e-15),
    *(("percentile_level", {"length": 20, "percent": p}, "value", level_at(p), 19, 1e-15)
      for p in (0.0, 7.0, 50.0, 80.0, 100.0)),
    ("vwap", {}, "value", session_vwap("D"), 0, 1e-11),
    ("vwap", {"anchor": "W"}, "value", session_vwap("W"), 96 * 5, 1e-11),
    ("vwap", {"anchor": "M"}, "value", session_vwap("M"), 96 * 7, 1e-11),
    ("session_levels", {}, "day_high", period_extreme("D", "high", "max", previous=False), 0, 0.0),
    ("session_levels", {}, "day_low", period_extreme("D", "low", "min", previous=False), 0, 0.0),
    ("session_levels", {}, "prev_day_high",
     period_extreme("D", "high", "max", previous=True), 96, 0.0),
    ("session_levels", {}, "prev_day_low",
     period_extreme("D", "low", "min", previous=True), 96, 0.0),
    ("session_levels", {}, "prev_week_high",
     period_extreme("W", "high", "max", previous=True), 96 * 12, 0.0),
    ("session_levels", {}, "prev_week_low",
     period_extreme("W", "low", "min", previous=True), 96 * 12, 0.0),
    ("volume_profile", {}, "poc", profile("poc"), 49, 1e-12),
    ("volume_profile", {}, "vah", profile("vah"), 49, 1e-12),
    ("volume_profile", {}, "val", profile("val"), 49, 1e-12),
    ("volume_profile", {}, "in_value_area", profile("in_value_area"), 49, 0.0),
    ("squeeze", {}, "off", squeeze_state("off"), 19, 0.0),
    ("squeeze", {}, "no_sqz", squeeze_state("no_sqz"), 19, 0.0),
    ("squeeze", {}, "fired_up", squeeze_state("fired_up"), 20, 0.0),
    ("squeeze", {}, "fired_down", squeeze_state("fired_down"), 20, 0.0),
]  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "params", "output", "oracle", "first", "tolerance"),
    [*TALIB, *TALIPP, *DEFINITION, *LEVELS], ids=lambda v: v if isinstance(v, str) else "",
)  # fmt: skip
def test_indicator_agrees_with_its_oracle(
    bars: Arrays, type_: str, params: dict[str, Any], output: str,
    oracle: Callable[[Arrays], Any], first: int, tolerance: float,
) -> None:  # fmt: skip
    ours, theirs = np.array(run(type_, recorded(), params)[output]), oracle(bars)
    assert len(ours) == len(theirs)
    assert not np.isnan(ours[first:]).any()
    assert not np.isnan(theirs[first:]).any()
    scale = np.abs(theirs[first:]).max()
    assert scale > 0
    assert np.abs(ours[first:] - theirs[first:]).max() <= tolerance * scale


def test_anchored_vwap_is_the_mean_price_of_what_traded_since_the_last_news(bars: Arrays) -> None:
    frame = recorded()
    news = [37, 38, 400, 1_205]  # rows on which the structure's version grows
    version = array("d", [float(sum(row <= i for row in news)) for i in range(len(frame))])
    made = run("anchored_vwap", frame, depends=[version])
    ours, age = np.array(made["value"]), np.array(made["bars_since_anchor"])
    assert np.isnan(ours[: news[0]]).all()
    for first, last in itertools.pairwise([*news, len(frame)]):
        money = np.cumsum((typical(bars) * bars["volume"])[first:last])
        traded = np.cumsum(bars["volume"][first:last])
        assert np.allclose(ours[first:last], money / traded, rtol=1e-12)
        assert (age[first:last] == np.arange(last - first)).all()


@pytest.mark.parametrize("minute", [0, 810])
def test_an_opening_range_is_known_exactly_from_its_last_bar_to_the_end_of_the_day(
    bars: Arrays, minute: int
) -> None:
    ours = run("opening_range", recorded(), {"start_minute": minute})
    first = minute // 15  # the bars begin at midnight: a day that began before them is not known
    for name, how in (("high", "max"), ("low", "min")):
        theirs = opening(name, how, minute)(bars)
        assert np.isnan(theirs[first:]).sum() == 3 * np.ceil((len(theirs) - first) / 96)
        assert np.array_equal(np.array(ours[name])[first:], theirs[first:], equal_nan=True)
        assert np.isnan(ours[name][:first]).all()


def test_two_sources_agree_with_talib(bars: Arrays) -> None:
    """Against a price that follows another way, and one that is the same: 1 and 1."""
    middle = (bars["high"] + bars["low"]) / 2
    for other, last in ((middle, 0.0), (bars["close"], 1.0)):
        depends = [array("d", other)]
        ours = np.array(run("correlation", recorded(), {"length": 30}, depends)["value"])
        theirs = talib.CORREL(bars["close"], other, 30)
        assert np.isnan(ours[:29]).all()
        assert np.abs(ours[29:] - theirs[29:]).max() < 1e-6  # TA-Lib's sums are of squared prices
        ours = np.array(run("beta", recorded(), {"length": 30}, depends)["value"])
        theirs = talib.BETA(other, bars["close"], 30)
        assert np.isnan(ours[:30]).all()
        assert np.abs(ours[30:] - theirs[30:]).max() < 1e-9
        assert last == 0.0 or np.abs(ours[30:] - last).max() < 1e-12


@pytest.mark.parametrize("type_", ["correlation", "beta"])
def test_two_sources_pass_over_bars_on_which_either_is_unknown(bars: Arrays, type_: str) -> None:
    other = (bars["high"] + bars["low"]) / 2
    known = np.ones(len(other), dtype=bool)
    known[[3, 4, 40, 41, 42, 700]] = False
    patchy = np.where(known, other, np.nan)
    ours = np.array(run(type_, recorded(), {"length": 10}, [array("d", patchy)])["value"])
    frame = pd.DataFrame({"x": other, "y": bars["close"]})[known]
    if type_ == "beta":
        moved = frame.pct_change()
        theirs = moved["x"].rolling(10).cov(moved["y"]) / moved["x"].rolling(10).var()
    else:
        theirs = frame["x"].rolling(10).corr(frame["y"])
    assert np.isnan(ours[~known]).all()
    assert np.allclose(ours[known], theirs.to_numpy(), atol=1e-6, equal_nan=True)


def test_every_indicator_has_an_oracle() -> None:
    from tests.runtime.features.markets import TYPES
    from tests.runtime.kernels import test_oracles as first

    rows = [*TALIB, *TALIPP, *DEFINITION, *LEVELS, *first.TALIB, *first.DEFINITION]
    elsewhere = {
        "supertrend",
        "squeeze",
        "anchored_vwap",
        "opening_range",
        "correlation",
        "beta",
        "trailing_bands",
    }  # tests of their own
    assert {row[0] for row in rows} | elsewhere == set(TYPES)
