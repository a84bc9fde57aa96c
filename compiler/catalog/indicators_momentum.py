"""How fast a value moves, and where it stands in its recent range."""

from __future__ import annotations

from compiler.catalog.indicator_shapes import (
    HL,
    HLC,
    SOURCE,
    Warmup,
    bars_of,
    bars_param,
    bars_sum,
    indicator,
    known_from,
    later,
    value,
)
from compiler.catalog.shapes import length, number
from compiler.catalog.types import DependencySpec, Entry, OutputSpec, ParamSpec, Unit

_FLAT = "It is unknown while the range is empty."


def _line(name: str, unit: Unit = Unit.PLAIN, limit: float | None = None) -> OutputSpec:
    low = None if limit is None else -limit
    return number(name, unit, low, limit, primary=True)


def _signal(
    line: Warmup, *more: OutputSpec, unit: Unit = Unit.PLAIN, limit: float | None = None
) -> tuple[OutputSpec, ...]:
    """Return the ema of a line that is known from `line` on, and what is made from it."""
    low = None if limit is None else -limit
    smoothed = number("signal", unit, low, limit, doc="the smoothed line")
    return known_from(later(line, bars_of("signal")), smoothed, *more)


def _k_and_d(k: Warmup) -> tuple[OutputSpec, ...]:
    """Return both lines of a stochastic whose k is known from `k` on."""
    return (
        number("k", Unit.PLAIN, 0, 100, primary=True, doc="smoothed place in the range"),
        *known_from(later(k, bars_of("d")), number("d", Unit.PLAIN, 0, 100, doc="mean of k")),
    )


def _trio(fast: int, slow: int, signal: int) -> tuple[ParamSpec, ...]:
    return (
        bars_param("fast", fast, "bars of the fast average", "fast_length", "fast_period"),
        bars_param("slow", slow, "bars of the slow average", "slow_length", "slow_period"),
        bars_param(
            "signal", signal, "bars of the signal's average", "signal_length", "signal_period"
        ),
    )


# From when on a line is known that another output is made from.
_SLOWER, _BOTH = bars_of("fast", "slow"), bars_sum("fast", "slow")
_THRICE = bars_of("length", times=3, more=-1)
_K = bars_sum("k", "smooth_k", more=-1)
_K_OF_RSI = bars_sum("rsi_length", "length", "k", more=-1)

_OTHER = (DependencySpec("other", (), ("value",), is_source=True),)

MOMENTUM: tuple[Entry, ...] = (
    indicator(
        "rsi", "Relative strength index", SOURCE, (length(14, 2, doc="bars of the averages"),),
        (value(Unit.PLAIN, 0, 100),), bars_of("length", more=1),
        "100 * up / (up + down), where up and down are Wilder averages of the rises and the falls "
        "from bar to bar (Wilder 1978). A series that only rises is 100, one that only falls 0. When "
        "nothing moved at all it is 50, the middle; TA-Lib says 0 there and agrees otherwise.",
        "- { type: rsi, id: rsi, params: { length: 14 } }",
    ),
    indicator(
        "cmo", "Chande momentum oscillator", SOURCE, (length(14, 2, doc="bars of the averages"),),
        (value(Unit.PLAIN, -100, 100),), bars_of("length", more=1),
        "100 * (up - down) / (up + down) of the rises and falls from bar to bar (Chande 1994), "
        "smoothed by Wilder averages as TA-Lib's CMO does; Chande himself took plain sums. Equal to "
        "2 * rsi - 100. When nothing moved at all it is 0.",
        "- { type: cmo, id: cmo, params: { length: 14 } }",
    ),
    indicator(
        "roc", "Rate of change", SOURCE, (length(10, doc="bars back"),), (value(Unit.PCT),),
        bars_of("length", more=1),
        "100 * (x - x[length]) / x[length]: the percent change over `length` bars. Same values as "
        "TA-Lib's ROC.",
        "- { type: roc, id: roc, params: { length: 10 } }",
    ),
    indicator(
        "mom", "Momentum", SOURCE, (length(10, doc="bars back"),), (value(),),
        bars_of("length", more=1),
        "x - x[length]: the change over `length` bars in the unit of the source. Same values as "
        "TA-Lib's MOM.",
        "- { type: mom, id: momentum, params: { length: 10 } }",
    ),
    indicator(
        "macd", "Moving average convergence divergence", SOURCE, _trio(12, 26, 9),
        (
            _line("macd", Unit.SOURCE),
            *_signal(
                _SLOWER, number("histogram", Unit.SOURCE, doc="macd - signal"), unit=Unit.SOURCE
            ),
        ),
        _SLOWER,
        "ema(fast) - ema(slow); `signal` is its ema (Appel 1979). Both averages begin together, as in "
        "TA-Lib's MACD: the fast one skips the first slow - fast bars. The signal is known "
        "signal - 1 bars after the line.",
        "- { type: macd, id: macd, params: { fast: 12, slow: 26, signal: 9 } }",
    ),
    indicator(
        "ppo", "Percentage price oscillator", SOURCE, _trio(12, 26, 9),
        (
            _line("ppo", Unit.PCT),
            *_signal(_SLOWER, number("histogram", Unit.PCT, doc="ppo - signal"), unit=Unit.PCT),
        ),
        _SLOWER,
        "100 * (ema(fast) - ema(slow)) / ema(slow); `signal` is its ema. A macd that compares across "
        "prices. Each average begins with its own first bars; same values as TA-Lib's PPO with "
        "exponential averages.",
        "- { type: ppo, id: ppo, params: { fast: 12, slow: 26, signal: 9 } }",
    ),
    indicator(
        "trix", "Triple exponential rate of change", SOURCE,
        (
            length(18, doc="bars of each average"),
            bars_param("signal", 9, "bars of the signal's average", "signal_length"),
        ),
        (_line("trix", Unit.PCT), *_signal(_THRICE, unit=Unit.PCT)), _THRICE,
        "The percent change from bar to bar of ema(ema(ema(x))) (Hutson 1983); `signal` is its ema. "
        "Three averages leave only moves longer than `length`. Same values as TA-Lib's TRIX.",
        "- { type: trix, id: trix, params: { length: 18, signal: 9 } }",
    ),
    indicator(
        "tsi", "True strength index", SOURCE, _trio(13, 25, 13),
        (_line("tsi", limit=100), *_signal(_BOTH, limit=100)), _BOTH,
        "100 * ema(ema(move, slow), fast) / ema(ema(|move|, slow), fast), move = x - x[1] (Blau "
        "1991); `signal` is its ema. It is unknown as long as nothing has moved.",
        "- { type: tsi, id: tsi, params: { fast: 13, slow: 25, signal: 13 } }",
    ),
    indicator(
        "uo", "Ultimate oscillator", HLC,
        (
            bars_param("fast", 7, "bars of the share that counts four times"),
            bars_param("medium", 14, "bars of the share that counts twice"),
            bars_param("slow", 28, "bars of the share that counts once"),
        ),
        (value(Unit.PLAIN, 0, 100),), bars_of("fast", "medium", "slow", more=1),
        "100 * (4 * a + 2 * b + c) / 7, where a, b, c are buying pressure by true range over `fast`, "
        "`medium` and `slow` bars (Williams 1976). Buying pressure is close - min(low, close[1]). "
        f"Same values as TA-Lib's ULTOSC. {_FLAT}",
        "- { type: uo, id: uo, params: { fast: 7, medium: 14, slow: 28 } }",
    ),
    indicator(
        "cci", "Commodity channel index", HLC, (length(14, 2, doc="bars of mean and deviation"),),
        (value(Unit.PLAIN),), bars_of("length"),
        "(tp - mean) / (0.015 * mean absolute deviation) of the typical price tp = "
        "(high + low + close) / 3 (Lambert 1980). Same values as TA-Lib's CCI, but unknown instead "
        "of 0 when nothing deviates.",
        "- { type: cci, id: cci, params: { length: 14 } }",
    ),
    indicator(
        "willr", "Williams %R", HLC, (length(14, doc="bars of the range"),),
        (value(Unit.PLAIN, -100, 0),), bars_of("length"),
        "-100 * (highest high - close) / (highest high - lowest low) of the last `length` bars: 0 at "
        f"the top of the range, -100 at the bottom (Williams 1973). Same values as TA-Lib's WILLR. {_FLAT}",
        "- { type: willr, id: willr, params: { length: 14 } }",
    ),
    indicator(
        "stoch", "Stochastic oscillator", HLC,
        (
            bars_param("k", 14, "bars of the range", "length", "k_length", "period", low=1),
            bars_param("d", 3, "bars of the mean of k", "d_length"),
            bars_param("smooth_k", 3, "bars of the mean that k itself is", "smooth"),
        ),
        _k_and_d(_K), _K,
        "k is the mean over `smooth_k` bars of 100 * (close - lowest low) / (highest high - lowest "
        "low) of the last `k` bars, d the mean of k over `d` bars (Lane). Same values as TA-Lib's "
        f"STOCH with simple means. {_FLAT} So are the means that contain such a bar.",
        "- { type: stoch, id: stoch, params: { k: 14, d: 3, smooth_k: 3 } }",
    ),
    indicator(
        "stochrsi", "Stochastic of the relative strength index", SOURCE,
        (
            length(14, doc="bars of the range of the rsi"),
            bars_param("rsi_length", 14, "bars of the rsi", "rsi_period", like="length"),
            bars_param("k", 3, "bars of the mean that k is", "smooth_k"),
            bars_param("d", 3, "bars of the mean of k"),
        ),
        _k_and_d(_K_OF_RSI), _K_OF_RSI,
        "Where the rsi stands in its own range of the last `length` bars, from 0 to 100, as a mean "
        "over `k` bars; d is the mean of k over `d` bars (Chande and Kroll 1994). With k: 1 the same "
        f"values as TA-Lib's STOCHRSI. {_FLAT}",
        "- { type: stochrsi, id: stochrsi, params: { length: 14, rsi_length: 14, k: 3, d: 3 } }",
    ),
    indicator(
        "fisher", "Fisher transform", HL, (length(9, 2, doc="bars of the range"),),
        (
            _line("fisher"),
            *known_from(
                bars_of("length", more=1), number("signal", doc="the value one known bar before")
            ),
        ),
        bars_of("length"),
        "0.5 * log((1 + v) / (1 - v)) + 0.5 * the value before, v = 0.66 * (place - 0.5) + 0.67 * v "
        "before, where place is that of (high + low) / 2 in its range of the last `length` bars "
        "(Ehlers 2002). v beyond 0.99 counts as 0.999. It turns extremes into sharp peaks. "
        f"{_FLAT}",
        "- { type: fisher, id: fisher, params: { length: 9 } }",
    ),
    indicator(
        "correlation", "Correlation of two sources", SOURCE,
        (length(20, 2, doc="bars of the window"),), (value(Unit.PLAIN, -1, 1),), bars_of("length"),
        "Pearson's correlation of the last `length` values of `source` and of `other`, which is a column, "
        "a feature or an expression: 1 when they lie on one rising line. Prices that trend alike are "
        "always near 1: compare changes, `roc(close, 1)`. Bars on which either is unknown are passed over; "
        "unknown while either stands still. Same values as TA-Lib's CORREL.",
        "- { type: correlation, id: follows, source: close, depends_on: { other: volume } }",
        depends=_OTHER,
    ),
    indicator(
        "beta", "Beta of two sources", SOURCE,
        (length(20, 2, doc="changes of the window"),), (value(Unit.PLAIN),), bars_of("length", more=1),
        "By how many percent `source` moved for each percent that `other` (a column, a feature or an "
        "expression) moved: the slope of the least-squares line through the last `length` pairs of "
        "relative changes from bar to bar. Unknown while `other` stands still. Same values as TA-Lib's BETA of "
        "`other` and `source`.",
        "- { type: beta, id: swings_by, source: close, depends_on: { other: hl2 } }",
        depends=_OTHER,
    ),
    indicator(
        "zscore", "Deviations from the mean", SOURCE,
        (length(20, 2, doc="bars of mean and deviation"),), (value(Unit.PLAIN),), bars_of("length"),
        "(x - mean) / population deviation of the last `length` values, this bar included. It is "
        "unknown when nothing deviates. It can never leave ±sqrt(length - 1).",
        "- { type: zscore, id: stretch, params: { length: 20 } }",
    ),
    indicator(
        "percentile", "Percentile rank", SOURCE, (length(20, doc="bars before this one"),),
        (value(Unit.PLAIN, 0, 100),), bars_of("length", more=1),
        "100 * the share of the `length` values before this bar that are not above its value: 100 is "
        "a new high or equal to it, 0 a new low. The same as TradingView's percentrank. For the "
        "level at a rank see percentile_level, for that in the middle median.",
        "- { type: percentile, id: rank, source: volume, params: { length: 100 } }",
    ),
)  # fmt: skip
