"""What was traded, where, and on which side; and the plain prices of a bar."""

from __future__ import annotations

from compiler.catalog.indicator_shapes import (
    HL,
    HLC,
    HLCV,
    bars_of,
    bars_param,
    fixed,
    indicator,
    known_from,
    later,
    ratio_param,
    value,
)
from compiler.catalog.shapes import (
    below,
    flag,
    length,
    level,
    number,
    price,
    reaches,
    whole,
)
from compiler.catalog.types import (
    DependencySpec,
    Entry,
    ParamKind,
    ParamSpec,
    Unit,
)


def _bar_price(type_: str, title: str, inputs: tuple[str, ...], id_: str, doc: str) -> Entry:
    return indicator(
        type_,
        title,
        inputs,
        (),
        (value(Unit.PRICE, 0),),
        fixed(1),
        doc,
        f"- {{ type: {type_}, id: {id_} }}",
    )


_SEEN = "A first one whose beginning is not among the bars is unknown, never guessed."

_KVO = bars_of("fast", "slow", more=2)

VOLUME: tuple[Entry, ...] = (
    indicator(
        "volume_sma", "Average volume", ("volume",), (length(20, doc="bars of the mean"),),
        (value(Unit.QTY, 0),), bars_of("length"),
        "The plain mean of the volume of the last `length` bars, this bar included. Compare with "
        "`volume` for unusual bars.",
        "- { type: volume_sma, id: usual_volume, params: { length: 20 } }",
    ),
    indicator(
        "obv", "On-balance volume", ("source", "volume"), (), (value(Unit.QTY),), fixed(1),
        "Adds a bar's volume when the source rises, takes it off when it falls, and starts with the "
        "first bar's volume (Granville 1963). Only its changes mean something: the height depends on "
        "where the bars begin. Same values as TA-Lib's OBV.",
        "- { type: obv, id: obv }",
    ),
    indicator(
        "mfi", "Money flow index", HLCV, (length(14, doc="bars of the sums"),),
        (value(Unit.PLAIN, 0, 100),), bars_of("length", more=1),
        "100 * up / (up + down): sums over `length` bars of typical price * volume of the bars whose "
        "typical price (high + low + close) / 3 rose or fell (Quong and Soudack 1989). Same values as "
        "TA-Lib's MFI, but unknown instead of 0 when nothing flowed.",
        "- { type: mfi, id: mfi, params: { length: 14 } }",
    ),
    indicator(
        "cmf", "Chaikin money flow", HLCV, (length(20, doc="bars of the sums"),),
        (value(Unit.PLAIN, -1, 1),), bars_of("length"),
        "sum(place * volume) / sum(volume) over `length` bars, place = ((close - low) - (high - "
        "close)) / (high - low): 1 when every bar closed on its high (Chaikin). A bar without a range "
        "has place 0. Unknown when nothing was traded.",
        "- { type: cmf, id: cmf, params: { length: 20 } }",
    ),
    indicator(
        "kvo", "Klinger volume oscillator", HLCV,
        (
            bars_param("fast", 34, "bars of the fast average"),
            bars_param("slow", 55, "bars of the slow average"),
            bars_param("signal", 13, "bars of the signal's average"),
        ),
        (
            number("kvo", Unit.PLAIN, primary=True),
            *known_from(
                later(_KVO, bars_of("signal")), number("signal", doc="the smoothed line")
            ),
        ),
        _KVO,
        "ema(force, fast) - ema(force, slow); `signal` is its ema (Klinger 1997). force = 100 * "
        "volume * trend * |2 * (range / cumulative range - 1)|: trend is 1 when high + low + close "
        "rises and else -1, the cumulative range adds up while it keeps its sign. TradingView shows "
        "a simpler one made of signed volume alone.",
        "- { type: kvo, id: kvo, params: { fast: 34, slow: 55, signal: 13 } }",
    ),
    indicator(
        "vwap", "Volume-weighted average price", ("ts", *HLCV),
        (
            ParamSpec("anchor", ParamKind.ENUM, "D", choices=("D", "W", "M"), aliases=("session",),
                      doc="where it begins anew: UTC day, week from Monday, month, or one of the card's "
                          "`sessions` by its name"),
        ),
        (value(Unit.PRICE, 0),), fixed(1),
        "sum(tp * volume) / sum(volume) of the bars since the day, week or month began (UTC), tp = "
        f"(high + low + close) / 3. {_SEEN} Unknown until something is traded. `vwap(ny)` is of the bars of a "
        "session of the card alone; outside of the session it stays what it was, as `ny.high` does. One that "
        "goes on until the next open is `anchored_vwap` with the session as its anchor.",
        "- { type: vwap, id: vwap, params: { anchor: D } }",
    ),
    indicator(
        "anchored_vwap", "Anchored volume-weighted average price", HLCV, (),
        (
            number("value", Unit.PRICE, 0, primary=True),
            whole("bars_since_anchor", Unit.BARS, low=0, doc="0 on the bar of the news"),
        ),
        fixed(1),
        "The vwap since a structure last had news: it begins anew with each bar on which the `version` "
        "of the structure named as `anchor` grows, that bar included. A swing is news when it is "
        "confirmed, so nothing is known before that. Unknown until the first news. A session of the card may be "
        "its `anchor`, too: it begins anew at each open and goes on after the end.",
        "- { type: anchored_vwap, id: since_swing, depends_on: { anchor: swing } }",
        depends=(DependencySpec("anchor", (), ("version",)),),
    ),
    indicator(
        "volume_profile", "Volume profile", HLCV,
        (
            bars_param("lookback", 50, "bars of the profile", "length"),
            ParamSpec("buckets", ParamKind.INT, 50, 2, 500, aliases=("bins",),
                      doc="equal steps between the lowest low and the highest high"),
            ratio_param("value_area", 0.70, "share of the volume that the value area holds",
                        low=0.01, high=1.0),
        ),
        (
            price("poc", below("vah"), primary=True, doc="middle of the step with most volume"),
            level("vah", doc="upper edge of the value area"),
            price("val", below("poc", "vah"), doc="lower edge of the value area"),
            flag("in_value_area", "the close is in it, edges included"),
        ),
        bars_of("lookback"),
        "Spreads each bar's volume evenly from its low to its high over equal steps of price "
        "(Steidlmayer's market profile, by volume). The value area grows from the point of control "
        "to the fuller neighbour until it holds `value_area` of the volume. Of equal steps the lower "
        "is the point of control; of equal neighbours the upper is taken first. Unknown when nothing "
        "was traded.",
        "- { type: volume_profile, id: profile, params: { lookback: 50, buckets: 50 } }",
    ),
    indicator(
        "session_levels", "Levels of the day and the week", ("ts", *HL), (),
        (
            level("prev_day_high", primary=True, doc="of the last UTC day with bars before"),
            price("prev_day_low", below("prev_day_high"), doc="of that day"),
            *known_from(
                fixed(1), price("day_high", reaches("max", "high"), doc="of this day so far"),
                price("day_low", reaches("min", "low", "day_high"), doc="of this day so far"),
            ),
            level("prev_week_high", doc="of the last week with bars, from Monday"),
            price("prev_week_low", below("prev_week_high"), doc="of that week"),
        ),
        fixed(2),
        "Highs and lows of the UTC day so far, of the day before and of the week before, by the open "
        f"times of the bars. {_SEEN} This bar is included in the day so far: close > day_high can "
        "never be true.",
        "- { type: session_levels, id: levels }",
    ),
    _bar_price(
        "hl2", "Middle of the bar", HL, "middle",
        "(high + low) / 2. Same values as TA-Lib's MEDPRICE. The word `hl2` means the same in any "
        "expression and as a `source`.",
    ),
    _bar_price(
        "hlc3", "Typical price", HLC, "typical",
        "(high + low + close) / 3. Same values as TA-Lib's TYPPRICE. The word `hlc3` means the same "
        "in any expression and as a `source`.",
    ),
    _bar_price(
        "ohlc4", "Average price", ("open", *HLC), "average",
        "(open + high + low + close) / 4. Same values as TA-Lib's AVGPRICE. The word `ohlc4` means "
        "the same in any expression and as a `source`.",
    ),
)  # fmt: skip
