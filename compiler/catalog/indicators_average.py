"""Averages and lines through the last values."""

from __future__ import annotations

from compiler.catalog.indicator_shapes import (
    SOURCE,
    Warmup,
    bars_of,
    indicator,
    not_last,
    ratio_param,
    value,
    whole_of,
)
from compiler.catalog.shapes import LEVEL, length
from compiler.catalog.types import UNSTATED, Entry, Params, Unit


def _average(
    type_: str,
    title: str,
    doc: str,
    warmup: Warmup | None = None,
    *,
    bars: int = 20,
    low: int = 1,
    overshoots: bool = False,
) -> Entry:
    """Return an entry whose one parameter is `length` and whose one value is of the source's unit.

    An average stays between the smallest and the largest value it averages unless it `overshoots`.
    """
    facts = UNSTATED if overshoots else LEVEL
    return indicator(
        type_,
        title,
        SOURCE,
        (length(bars, low, doc="bars that are averaged"),),
        (value(facts=facts),),
        warmup or bars_of("length"),
        doc,
        f"- {{ type: {type_}, id: {type_}_{bars}, params: {{ length: {bars} }} }}",
    )


def _zlma_warmup(params: Params) -> int:
    bars = whole_of(params, "length")
    return bars + (bars - 1) // 2


def _hma_warmup(params: Params) -> int:
    bars, root = whole_of(params, "length"), 1
    while (root + 1) * (root + 1) <= bars:
        root += 1
    return bars + root - 1


_STRAIGHT = "the least-squares straight line through the last `length` values"

AVERAGES: tuple[Entry, ...] = (
    _average(
        "sma", "Simple moving average",
        "The plain mean of the last `length` values, this bar included. It is exact on a flat market "
        "and never drifts. Same values as TA-Lib's SMA.",
    ),
    _average(
        "ema", "Exponential moving average",
        "ema += 2 / (length + 1) * (x - ema). The first value is the simple mean of the first "
        "`length` values, as in TA-Lib's EMA; charts that start from the first close agree after a "
        "few lengths.",
    ),
    _average(
        "rma", "Wilder's moving average",
        "rma += (x - rma) / length, the smoothing inside rsi, atr and adx (Wilder 1978). The first "
        "value is the simple mean of the first `length` values. It is as slow as an ema of "
        "2 * length - 1 bars.",
    ),
    _average(
        "wma", "Linearly weighted moving average",
        "sum(k * x) / sum(k): weights 1 … length, the newest value heaviest. Same values as TA-Lib's "
        "WMA.",
    ),
    _average(
        "dema", "Double exponential moving average",
        "2 * ema - ema(ema), which takes away most of the lag of an ema (Mulloy 1994). It may "
        "overshoot turns. Same values as TA-Lib's DEMA.",
        bars_of("length", times=2, more=-1), overshoots=True,
    ),
    _average(
        "tema", "Triple exponential moving average",
        "3 * ema - 3 * ema(ema) + ema(ema(ema)): less lag still than dema (Mulloy 1994). It may "
        "overshoot turns. Same values as TA-Lib's TEMA.",
        bars_of("length", times=3, more=-2), overshoots=True,
    ),
    _average(
        "zlma", "Zero-lag exponential moving average",
        "The ema of x + (x - x[lag]) with lag = (length - 1) / 2, rounded down (Ehlers and Way "
        "2010). The ema of the first `length` such values is their mean. It may overshoot turns.",
        _zlma_warmup, overshoots=True,
    ),
    _average(
        "kama", "Kaufman's adaptive moving average",
        "kama += c² * (x - kama), where c goes from 2 / 31 in noise to 2 / 3 in a clean move "
        "(Kaufman 1995). How clean is the net change over `length` bars by the path walked. It "
        "starts from the value before its first bar. Same values as TA-Lib's KAMA.",
        bars_of("length", more=1), bars=10,
    ),
    _average(
        "hma", "Hull moving average",
        "The wma over sqrt(length) of 2 * wma(length / 2) - wma(length), lengths rounded down (Hull "
        "2005). Smooth with little lag; it may overshoot turns.",
        _hma_warmup, low=2, overshoots=True,
    ),
    _average(
        "trima", "Triangular moving average",
        "A mean of means: the weights rise to the middle of the window and fall again. For an odd "
        "length both means take (length + 1) / 2 values, for an even one length / 2 + 1 and "
        "length / 2. Same values as TA-Lib's TRIMA.",
    ),
    indicator(
        "alma", "Arnaud Legoux moving average", SOURCE,
        (
            length(10, doc="bars that are averaged"),
            not_last(
                ratio_param("sigma", 6.0, "how narrow the bell is: its width is length / sigma", low=0.1)
            ),
            ratio_param("offset", 0.85, "where the bell stands: 0 oldest bar, 1 newest", high=1.0),
        ),
        (value(facts=LEVEL),), bars_of("length"),
        "A mean weighted by a bell curve: weight exp(-(k - m)² / (2 * s²)) for the k-th oldest value "
        "with m = offset * (length - 1) and s = length / sigma (Legoux and Kouzis-Loukas 2009). A "
        "larger offset follows faster, a smaller one is smoother.",
        "- { type: alma, id: alma_10, params: { length: 10, sigma: 6, offset: 0.85 } }",
    ),
    indicator(
        "vwma", "Volume-weighted moving average", ("source", "volume"),
        (length(20, doc="bars that are averaged"),), (value(facts=LEVEL),),
        bars_of("length"),
        "sum(x * volume) / sum(volume) of the last `length` bars. It is unknown when nothing was "
        "traded in them. Below the sma it says that the higher prices were traded thinly.",
        "- { type: vwma, id: vwma_20, params: { length: 20 } }",
    ),
    indicator(
        "linreg", "Linear regression", SOURCE, (length(14, 2, doc="bars of the line"),), (value(),),
        bars_of("length"),
        f"Where {_STRAIGHT} stands on this bar. Same values as TA-Lib's LINEARREG. Its steepness is "
        "`slope`.",
        "- { type: linreg, id: line, params: { length: 14 } }",
    ),
    indicator(
        "slope", "Slope of the linear regression", SOURCE,
        (length(20, 2, doc="bars of the line"),), (value(Unit.PLAIN, doc="change per bar"),),
        bars_of("length"),
        f"How much {_STRAIGHT} rises per bar, a plain number in steps of the source. Above zero the "
        "line rises. Same values as TA-Lib's LINEARREG_SLOPE.",
        "- { type: slope, id: steepness, params: { length: 20 } }",
    ),
)  # fmt: skip
