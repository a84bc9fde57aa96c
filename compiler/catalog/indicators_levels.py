"""Levels that a day, a week or a formula draws, and other ways to draw the bars themselves."""

from __future__ import annotations

from dataclasses import replace

from compiler.catalog.indicator_shapes import (
    HL,
    HLC,
    HLCV,
    SOURCE,
    bars_of,
    bars_param,
    fixed,
    indicator,
    known_from,
    later,
    latest,
    not_last,
    ratio_param,
    value,
    whole_of,
)
from compiler.catalog.shapes import (
    LEVEL,
    below,
    flag,
    length,
    level,
    number,
    one_of,
    price,
    reaches,
    whole,
)
from compiler.catalog.types import UNSTATED, Entry, OutputSpec, ParamKind, Params, ParamSpec, Unit

OHLC = ("open", *HLC)
_LEAD_A, _LEAD_B = bars_of("conversion", "base"), bars_of("span_b")
_SPAN_A, _SPAN_B = later(_LEAD_A, bars_of("displacement")), later(_LEAD_B, bars_of("displacement"))
_SEEN = "A first one whose beginning is not among the bars is unknown, never guessed."


def _anchor(doc: str) -> ParamSpec:
    return ParamSpec(
        "anchor", ParamKind.ENUM, "D", choices=("D", "W", "M"), aliases=("session",), doc=doc
    )


def _chandelier_warmup(params: Params) -> int:
    return max(whole_of(params, "length"), whole_of(params, "atr_length") + 1)


def _fourth_levels(params: Params) -> tuple[OutputSpec, ...]:
    """Camarilla alone has a fourth level on either side."""
    return (price("r4"), price("s4")) if params.get("kind") == "camarilla" else ()


_PIVOTS = indicator(
    "pivots", "Pivot levels", ("ts", *HLC),
    (
        _anchor("of which time before: UTC day, week from Monday, or month"),
        ParamSpec("kind", ParamKind.ENUM, "classic", choices=("classic", "fibonacci", "camarilla"),
                  doc="the formula of the levels"),
    ),
    (
        level("pivot", primary=True, doc="(high + low + close) / 3 of the time before"),
        price("r1", doc="first resistance"), price("r2"), price("r3"),
        price("s1", doc="first support"), price("s2"), price("s3"),
    ),
    fixed(2),
    "Levels from the high, low and close of the day, week or month before (UTC). classic: r1 = 2 * pivot "
    "- low, r2 = pivot + (high - low), r3 = high + 2 * (pivot - low), supports mirrored. fibonacci: pivot "
    "± 0.382, 0.618 and 1 times the range. camarilla: close ± 1.1 / 12, 6, 4 and 2 times the range, with "
    f"r4 and s4. {_SEEN}",
    "- { type: pivots, id: floors, params: { anchor: D, kind: classic } }",
)  # fmt: skip

LEVELS: tuple[Entry, ...] = (
    indicator(
        "ichimoku", "Ichimoku cloud", HL,
        (
            bars_param("conversion", 9, "bars of the conversion line", "tenkan"),
            bars_param("base", 26, "bars of the base line", "kijun"),
            bars_param("span_b", 52, "bars of the second span", "senkou"),
            bars_param("displacement", 26, "bars that the cloud is drawn ahead, the newest counted",
                       "shift"),
        ),
        (
            level("conversion", primary=True, doc="middle of its range"),
            *known_from(bars_of("base"), level("base", doc="middle of its range")),
            *known_from(_SPAN_A, level("span_a", doc="of the cloud over this bar")),
            *known_from(_SPAN_B, level("span_b", doc="of the cloud over this bar")),
            *known_from(
                latest(_SPAN_A, _SPAN_B), price("top", one_of(LEVEL, "span_a", "span_b"), doc="the higher of both spans"),
                price("bottom", one_of(below("top"), "span_a", "span_b"), doc="the lower of both spans"),
            ),
            *known_from(
                _LEAD_A, level("lead_a", doc="(conversion + base) / 2: the span that is drawn ahead")
            ),
            *known_from(
                _LEAD_B, level("lead_b", doc="middle of its range: the span that is drawn ahead")
            ),
        ),
        bars_of("conversion"),
        "Middles (highest high + lowest low) / 2 of three ranges (Hosoda 1969). The spans are those that "
        "stand over this bar: the leads of displacement - 1 bars ago, as TradingView draws them. The "
        "lagging span is the close: compare `close` with `close[26]`. The cloud is known when span_b and "
        "displacement bars have passed.",
        "- { type: ichimoku, id: cloud, params: { conversion: 9, base: 26, span_b: 52 } }",
    ),
    indicator(
        "chandelier", "Chandelier exits", HLC,
        (
            length(22, doc="bars of the extremes"),
            not_last(bars_param("atr_length", 22, "bars of the average true range", like="length")),
            ratio_param("multiplier", 3.0, "average ranges between extreme and exit", "mult", "scalar"),
            ParamSpec("extremes", ParamKind.ENUM, "high_low", choices=("high_low", "close"),
                      doc="of the highs and lows, or of the closes"),
        ),
        (
            price("long", below("long_stop", signed=True), primary=True, doc="highest high - multiplier * atr"),
            level("short", doc="lowest low + multiplier * atr"),
            price("long_stop", one_of(UNSTATED, "long"), doc="long, or the long_stop before while that is higher and the close before was above it"),
            price("short_stop", one_of(below("short"), "short"),
                  doc="short, or the short_stop before while that is lower and the close before was below it"),
            whole("direction", low=-1, high=1,
                  doc="1 from a close above the short_stop of the bar before, -1 from one below its long_stop"),
        ),
        _chandelier_warmup,
        "Exits hung from the extremes of the last `length` bars (Le Beau). `long` and `short` may move away from the "
        "price as the atr grows; `long_stop` and `short_stop` do not while the close before is on their side, and "
        "`direction` (1 at first) says which of the two was crossed last. As in the script `Chandelier Exit` (everget), "
        "whose `Use Close Price for Extremums` is `extremes: close`: a buy is `exits.direction > exits.direction[1]`.",
        "- { type: chandelier, id: exits, params: { length: 22, multiplier: 3.0, extremes: close } }",
    ),
    indicator(
        "linreg_channel", "Regression channel", SOURCE,
        (
            length(100, 2, doc="bars of the line"),
            ratio_param("std", 2.0, "deviations between line and edge", "mult", "multiplier"),
        ),
        (
            number("lower", Unit.SOURCE, facts=below("middle", "upper", signed=True)),
            number("middle", Unit.SOURCE, primary=True, doc="end of the line, as linreg",
                   facts=below("upper", signed=True)),
            number("upper", Unit.SOURCE),
            number("slope", Unit.SOURCE, doc="rise of the line per bar, as slope"),
        ),
        bars_of("length"),
        "The end of the least-squares line through the last `length` values, plus and minus `std` "
        "population deviations of the values from the line.",
        "- { type: linreg_channel, id: channel, params: { length: 100, std: 2.0 } }",
    ),
    replace(_PIVOTS, more_outputs=_fourth_levels),
    indicator(
        "session_open", "First price of the day", ("ts", "open"), (_anchor("UTC day, week or month"),),
        (value(Unit.PRICE, facts=LEVEL),), fixed(1),
        f"The open of the first bar of the UTC day, of the week (from Monday) or of the month. {_SEEN} For "
        "spans in a zone of the world see `sessions`: `ny.open`.",
        "- { type: session_open, id: week_open, params: { anchor: W } }",
    ),
    indicator(
        "opening_range", "Opening range", ("ts", *HL),
        (
            bars_param("bars", 4, "first bars of the day that make the range", "length"),
            ParamSpec("start_minute", ParamKind.INT, 0, 0, 1439, aliases=("start",),
                      doc="minute of the UTC day at which the day begins: 810 is 13:30"),
        ),
        (level("high", primary=True), price("low", below("high"))),
        bars_of("bars"),
        "High and low of the first `bars` bars of each day, known from the close of the last of them "
        f"until the next day begins. {_SEEN} For a range in a zone of the world see `sessions` and "
        "`highest_since`.",
        "- { type: opening_range, id: opening, params: { bars: 4 } }",
    ),
    indicator(
        "vwap_bands", "Bands around the vwap", ("ts", *HLCV),
        (
            _anchor("where it begins anew: UTC day, week from Monday, month, or one of the card's `sessions` by "
                    "its name"),
            ratio_param("std", 2.0, "deviations between middle and band", "mult", "multiplier"),
        ),
        (
            price("lower", below("middle", "upper", signed=True)),
            price("middle", below("upper"), primary=True, doc="as vwap"), level("upper"),
        ),
        fixed(1),
        "vwap plus and minus `std` deviations: the square root of the volume-weighted mean of (tp - "
        "middle)² since the day, week or month began (UTC), tp = (high + low + close) / 3. The first bar "
        f"has no deviation. {_SEEN} Outside of a session of the card they stay what they were, as `vwap`.",
        "- { type: vwap_bands, id: bands, params: { anchor: D, std: 2.0 } }",
    ),
    indicator(
        "rvol", "Relative volume", ("volume",), (length(20, doc="bars before this one"),),
        (value(Unit.PLAIN, 0),), bars_of("length", more=1),
        "volume / mean volume of the `length` bars before: 2 is twice the usual. This bar is not part of "
        "the mean. It is unknown when nothing was traded before.",
        "- { type: rvol, id: rvol, params: { length: 20 } }",
    ),
    indicator(
        "heikin_ashi", "Heikin-Ashi bars", OHLC, (),
        (
            price("open", below("high"), doc="middle of the made bar before"),
            price("high", reaches("max", "high"), doc="highest of high, made open and made close"),
            price("low", reaches("min", "low", "high", "open", "close"), doc="lowest of low, made open and made close"),
            price("close", below("high"), primary=True, doc="(open + high + low + close) / 4"),
        ),
        fixed(1),
        "Smoothed bars (Nison's averaged bars): up while close > open. The first one opens in the middle "
        "of open and close. These are no prices that anything traded at: orders fill on the bars "
        "themselves.",
        "- { type: heikin_ashi, id: ha }",
    ),
    indicator(
        "candles", "Candle patterns", OHLC, (),
        (
            flag("doji", "body at most a tenth of the range", primary=True),
            flag("hammer", "shadow below twice the body or more, above at most a tenth of the range"),
            flag("shooting_star", "a hammer upside down"),
            flag("bullish_engulfing", "an up body that holds the down body before, and is larger"),
            flag("bearish_engulfing", "a down body that holds the up body before, and is larger"),
            flag("bullish_harami", "an up body inside a long down body before"),
            flag("bearish_harami", "a down body inside a long up body before"),
            flag("piercing_line", "after a long down body, from its end or below to above its middle"),
            flag("dark_cloud_cover", "after a long up body, from its end or above to below its middle"),
            flag("morning_star", "long down, a small body below its middle, up to its middle or above"),
            flag("evening_star", "long up, a small body above its middle, down to its middle or below"),
            flag("inside_bar", "the range lies in that of the bar before, and is smaller"),
        ),
        fixed(3),
        "Twelve patterns as true or false, by the sizes of the bars alone: a body is long above half of "
        "its bar's range, small up to half of the long body before it. No gaps are asked for, since "
        "markets that never close have none, nor a trend before: ask for both yourself.",
        "- { type: candles, id: candle }",
    ),
)  # fmt: skip
