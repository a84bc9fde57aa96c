"""How wide a market swings, and the bands and stops made from it."""

from __future__ import annotations

from compiler.catalog.indicator_shapes import (
    HL,
    HLC,
    SOURCE,
    bars_of,
    bars_param,
    bars_sum,
    fixed,
    indicator,
    known_from,
    latest,
    not_last,
    ratio_param,
    value,
)
from compiler.catalog.shapes import (
    LEVEL,
    LEVEL_OF_ONE_SIDE,
    ONE_SIDE,
    below,
    event,
    flag,
    length,
    level,
    number,
    one_of,
    price,
    reaches,
    whole,
)
from compiler.catalog.types import UNSTATED, DependencySpec, Entry, Unit

_SQZ = bars_sum("mom_length", "mom_smooth")
_FIRED = bars_of("bb_length", "kc_length", more=1)  # the bar before is looked at, too


RANGE: tuple[Entry, ...] = (
    indicator(
        "atr", "Average true range", HLC, (length(14, doc="bars of the average"),),
        (value(Unit.PRICE, 0),), bars_of("length", more=1),
        "The Wilder average of the true range max(high, close[1]) - min(low, close[1]), in price "
        "units (Wilder 1978). The first bar has no close before it and does not count. Same values "
        "as TA-Lib's ATR.",
        "- { type: atr, id: atr, params: { length: 14 } }",
    ),
    indicator(
        "natr", "Average true range in percent", HLC, (length(14, doc="bars of the average"),),
        (value(Unit.PCT, 0),), bars_of("length", more=1),
        "100 * atr / close, which compares across prices. Same values as TA-Lib's NATR.",
        "- { type: natr, id: natr, params: { length: 14 } }",
    ),
    indicator(
        "stdev", "Standard deviation", SOURCE, (length(20, 2, doc="bars of the window"),),
        (value(Unit.SOURCE, 0),), bars_of("length"),
        "sqrt(mean of (x - mean)²) of the last `length` values, the population deviation as in "
        "bbands. Exactly 0 on a flat market. Same values as TA-Lib's STDDEV.",
        "- { type: stdev, id: noise, params: { length: 20 } }",
    ),
    indicator(
        "bbands", "Bollinger bands", SOURCE,
        (
            length(20, 2, doc="bars of mean and deviation"),
            ratio_param("std", 2.0, "deviations between middle and band", "bb_std", "mult",
                        "multiplier"),
        ),
        (
            number("lower", Unit.SOURCE, facts=below("middle", "upper", signed=True)),
            number("middle", Unit.SOURCE, primary=True, facts=below("upper")),
            number("upper", Unit.SOURCE, facts=LEVEL),
            number("bandwidth", Unit.PCT, doc="100 * (upper - lower) / middle"),
            number("percent_b", Unit.FRACTION, doc="0 at the lower band, 1 at the upper one"),
        ),
        bars_of("length"),
        "Simple mean plus and minus `std` population deviations (Bollinger 1983). percent_b is "
        "(x - lower) / (upper - lower) and unknown while the bands are one. Same bands as TA-Lib's "
        "BBANDS.",
        "- { type: bbands, id: bands, params: { length: 20, std: 2.0 } }",
    ),
    indicator(
        "kc", "Keltner channels", HLC,
        (
            length(20, doc="bars of both averages"),
            ratio_param("scalar", 2.0, "average ranges between basis and band", "mult",
                        "multiplier", "kc_scalar", "kc_mult"),
        ),
        (
            price("lower", below("basis", "upper", signed=True)),
            price("basis", below("upper"), primary=True), level("upper"),
        ),
        bars_of("length"),
        "ema(close) plus and minus `scalar` times the ema of the true range (Keltner 1960, in "
        "Raschke's form). The first bar's true range is its own range. Charts that use atr here have "
        "slightly slower bands.",
        "- { type: kc, id: keltner, params: { length: 20, scalar: 2.0 } }",
    ),
    indicator(
        "donchian", "Donchian channel", HL,
        (
            bars_param("lower_length", 20, "bars of the lowest low"),
            bars_param("upper_length", 20, "bars of the highest high", like="lower_length"),
        ),
        (
            *known_from(
                bars_of("lower_length"), price("lower", reaches("min", "low", "middle", "upper"))
            ),
            price("middle", below("upper"), primary=True),
            *known_from(bars_of("upper_length"), price("upper", reaches("max", "high"))),
        ),
        bars_of("lower_length", "upper_length"),
        "Lowest low and highest high of the last bars, and their middle. This bar is included: "
        "close > upper can never be true, compare with upper[1]. "
        "`donchian(55)` are 55 bars of both.",
        "- { type: donchian, id: box, params: { lower_length: 20, upper_length: 20 } }",
    ),
    indicator(
        "highest", "Highest value", SOURCE, (length(20, doc="bars of the window"),),
        (value(facts=reaches("max", "source")),), bars_of("length"),
        "The largest of the last `length` values, by default of the highs. This bar is included: "
        "close > highest can never be true, compare with highest[1].",
        "- { type: highest, id: top, source: high, params: { length: 20 } }", source="high",
    ),
    indicator(
        "lowest", "Lowest value", SOURCE, (length(20, doc="bars of the window"),),
        (value(facts=reaches("min", "source")),), bars_of("length"),
        "The smallest of the last `length` values, by default of the lows. This bar is included: "
        "close < lowest can never be true, compare with lowest[1].",
        "- { type: lowest, id: bottom, source: low, params: { length: 20 } }", source="low",
    ),
    indicator(
        "median", "Rolling median", SOURCE, (length(20, doc="bars of the window"),),
        (value(facts=LEVEL),), bars_of("length"),
        "The middle of the last `length` values in order of size, this bar included; of an even number the "
        "mean of the two in the middle. One wild bar does not move it as it moves a mean. Same values as "
        "pandas' rolling median.",
        "- { type: median, id: usual_range, source: high - low, params: { length: 100 } }",
    ),
    indicator(
        "percentile_level", "Level of a percentile", SOURCE,
        (
            length(20, doc="bars of the window"),
            ratio_param("percent", 50.0, "of the values in order of size lie below: 0 is the lowest, 50 the "
                        "median, 100 the highest", "percentage", high=100.0),
        ),
        (value(facts=LEVEL),), bars_of("length"),
        "The value below which `percent` of the last `length` values lie, this bar included; between two of "
        "them in proportion (Hyndman and Fan 1996, definition 7), as pandas' rolling quantile. The rank of a "
        "value is percentile.",
        "- { type: percentile_level, id: loud, source: volume, params: { length: 100, percent: 80 } }",
    ),
    indicator(
        "midprice", "Middle of the range", HL, (length(14, doc="bars of the range"),),
        (value(Unit.PRICE, facts=LEVEL),), bars_of("length"),
        "(highest high + lowest low) / 2 of the last `length` bars. Same values as TA-Lib's "
        "MIDPRICE.",
        "- { type: midprice, id: midline, params: { length: 14 } }",
    ),
    indicator(
        "atr_trailing_stop", "Trailing line of average true ranges", HLC,
        (
            length(10, doc="bars of the average true range"),
            ratio_param("multiplier", 1.0, "average ranges between close and line", "mult", "factor",
                        "key_value"),
        ),
        (
            price("line", primary=True),
            whole("side", low=-1, high=1, doc="1 where the line is below the close, -1 where it is above"),
        ),
        bars_of("length", more=1),
        "A line `multiplier` Wilder average true ranges below the close that only rises while this close and "
        "the one before are above it, and above the close mirrored; where the close crosses it, it starts anew "
        "on the other side. A close exactly on it counts as below; it begins below the close. As in the "
        "script `UT Bot Alerts`: a buy is `ut.side > ut.side[1]`.",
        "- { type: atr_trailing_stop, id: ut, params: { length: 10, multiplier: 1.0 } }",
    ),
    indicator(
        "trailing_bands", "Bands that follow any series", SOURCE, (),
        (
            number("line", Unit.SOURCE, primary=True, facts=one_of(UNSTATED, "long_band", "short_band"), doc="the band below while the direction is 1, else the one above"),
            number("long_band", Unit.SOURCE, doc="source - distance, or the long_band before while that is higher and the value "
                   "above it"),
            number("short_band", Unit.SOURCE, doc="source + distance, or the short_band before while that is lower and the value "
                   "below it"),
            whole("direction", low=-1, high=1,
                  doc="1 from a value above the short_band of the bar before, -1 from one below its long_band; 1 at first"),
        ),
        fixed(1),
        "A band `distance` below `source` that only rises, and one above it that only falls, each until it is crossed: the rule "
        "of a trailing stop for a price, an oscillator or any expression, at a distance that is an expression, too. QQE of "
        "`fast: ema(rsi(14), 5)` is `trailing_bands(fast, 4.236 * ema(ema(abs(fast - fast[1]), 27), 27))`; a turn up is "
        "`q.direction > q.direction[1]`. Bars on which either is unknown are passed over.",
        "- { type: trailing_bands, id: q, source: 'rsi(14)', depends_on: { distance: '3 * rma(abs(rsi(14) - rsi(14)[1]), 14)' } }",
        depends=(DependencySpec("distance", (), ("value",), is_source=True),),
    ),
    indicator(
        "supertrend", "Supertrend", HLC,
        (
            length(10, doc="bars of the average true range"),
            ratio_param("multiplier", 3.0, "average ranges between middle and band", "mult", "factor",
                        "scalar"),
        ),
        (
            price("trend", one_of(UNSTATED, "long", "short"), primary=True),
            whole("direction", low=-1, high=1, doc="1 up, -1 down"),
            price("long", ONE_SIDE, doc="the band, known only while up"),
            price("short", ONE_SIDE, doc="the band, known only while down"),
        ),
        bars_of("length", more=1),
        "Bands of `multiplier` Wilder average true ranges around (high + low) / 2 (Seban). They only "
        "move towards the price while no close crosses them, and start anew on a cross. A close "
        "above the upper band of the bar before turns the trend up, one below the lower band down; "
        "it begins up. `trend` is the band on the other side of the price.",
        "- { type: supertrend, id: st, params: { length: 10, multiplier: 3.0 } }",
    ),
    indicator(
        "psar", "Parabolic stop and reverse", HL,
        (
            ratio_param("af0", 0.02, "factor at the start of a trend", low=0.0, high=1.0),
            not_last(ratio_param("af", 0.02, "added with each new extreme", "step", low=0.0, high=1.0)),
            ratio_param("max_af", 0.2, "largest factor", "max", low=0.0, high=1.0),
        ),
        (
            price("value", one_of(LEVEL, "long", "short"), primary=True),
            price("long", LEVEL_OF_ONE_SIDE, doc="the stop, known only while it lies below the price"),
            price("short", LEVEL_OF_ONE_SIDE, doc="the stop, known only while it lies above the price"),
            number("af", Unit.PLAIN, 0, 1, doc="the factor of the next bar"),
            event("reversal", "this bar touched the stop"),
        ),
        fixed(2),
        "A stop that moves by `af` of the way to the extreme of its trend and reverses when touched "
        "(Wilder 1978). The factor starts at `af0` and grows with each new extreme up to `max_af`. It "
        "never enters the range of the last two bars. The first trend is down if the second bar "
        "reaches further down than up; same values as TA-Lib's SAR.",
        "- { type: psar, id: sar, params: { af0: 0.02, af: 0.02, max_af: 0.2 } }",
    ),
    indicator(
        "squeeze", "Volatility squeeze", HLC,
        (
            bars_param("bb_length", 20, "bars of the Bollinger bands", low=2),
            ratio_param("bb_std", 2.0, "deviations of the Bollinger bands", "bb_mult"),
            bars_param("kc_length", 20, "bars of the Keltner channels", like="bb_length"),
            ratio_param("kc_scalar", 1.5, "average ranges of the Keltner channels", "kc_mult"),
            bars_param("mom_length", 12, "bars of the momentum"),
            bars_param("mom_smooth", 6, "bars of its mean"),
        ),
        (
            number("sqz", Unit.PRICE, primary=True, doc="smoothed momentum"),
            *known_from(
                bars_of("bb_length", "kc_length"),
                flag("on", "the bands are strictly inside the channels"),
                flag("off", "the bands are strictly outside on both sides"), flag("no_sqz", "neither"),
            ),
            *known_from(_FIRED, event("fired", "on one bar ago and not on now")),
            *known_from(
                latest(_FIRED, _SQZ), event("fired_up", "fired with sqz above 0"),
                event("fired_down", "fired with sqz below 0"),
            ),
        ),
        _SQZ,
        "Bollinger bands with the sample deviation against Keltner channels as `kc`, whose width is an "
        "ema of the true range, no atr: the condition of Carter's TTM squeeze, not its histogram. `on` is a "
        "market that coils, `fired` the bar on which it lets go. sqz is the mean over `mom_smooth` bars of "
        "close - close[mom_length]; the TTM histogram is `linreg(close - ((highest(high, 20) + "
        "lowest(low, 20)) / 2 + sma(close, 20)) / 2, 20)`.",
        "- { type: squeeze, id: sqz, params: { kc_scalar: 1.5 } }",
    ),
)  # fmt: skip
