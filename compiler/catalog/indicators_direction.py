"""Whether a market goes somewhere, and where to."""

from __future__ import annotations

from compiler.catalog.indicator_shapes import HL, HLC, bars_of, indicator, known_from, later
from compiler.catalog.shapes import length, number
from compiler.catalog.types import Entry, OutputSpec, Unit


def _percent(name: str, doc: str, low: float = 0.0, *, primary: bool = False) -> OutputSpec:
    return number(name, Unit.PLAIN, low, 100, primary=primary, doc=doc)


_ADX = bars_of("length", times=2)

DIRECTION: tuple[Entry, ...] = (
    indicator(
        "adx", "Average directional index", HLC, (length(14, doc="bars of all averages"),),
        (
            _percent("adx", "strength of the trend, whichever way", primary=True),
            *known_from(
                bars_of("length", more=1), _percent("dmp", "directional indicator up (+DI)"),
                _percent("dmn", "directional indicator down (-DI)"),
            ),
            *known_from(
                later(_ADX, bars_of("length")),
                _percent("adxr", "mean of this adx and that of length - 1 bars before"),
            ),
        ),
        _ADX,
        "The Wilder average of 100 * |dmp - dmn| / (dmp + dmn), where dmp and dmn are 100 * Wilder "
        "averages of the directional moves by that of the true range (Wilder 1978). Every average "
        "starts from the mean of its first `length` values; TA-Lib's ADX starts its sums one bar "
        "short and agrees once that is forgotten. It is unknown while nothing moves.",
        "- { type: adx, id: adx, params: { length: 14 } }",
    ),
    indicator(
        "dm", "Directional movement", HL, (length(14, doc="bars of the averages"),),
        (
            number("dmp", Unit.PRICE, 0, primary=True, doc="average move up"),
            number("dmn", Unit.PRICE, 0, doc="average move down"),
        ),
        bars_of("length", more=1),
        "Wilder averages of how far a bar reaches above the bar before (dmp) or below it (dmn), "
        "whichever is further; the other counts 0 (Wilder 1978). In price units per bar, so it "
        "compares with atr; TA-Lib's PLUS_DM and MINUS_DM are `length` times this.",
        "- { type: dm, id: moves, params: { length: 14 } }",
    ),
    indicator(
        "vortex", "Vortex indicator", HLC, (length(14, doc="bars of the sums"),),
        (
            number("vip", Unit.PLAIN, 0, primary=True, doc="movement up"),
            number("vim", Unit.PLAIN, 0, doc="movement down"),
        ),
        bars_of("length", more=1),
        "vip is sum(|high - low[1]|) / sum(true range), vim sum(|low - high[1]|) / sum(true range) "
        "over the last `length` bars (Botes and Siepman 2010). vip above vim is an up-trend. It is "
        "unknown while there is no range.",
        "- { type: vortex, id: vortex, params: { length: 14 } }",
    ),
    indicator(
        "aroon", "Aroon", HL, (length(25, doc="bars before this one"),),
        (
            _percent("up", "100 on a new high"), _percent("down", "100 on a new low"),
            _percent("osc", "up - down", -100.0, primary=True),
        ),
        bars_of("length", more=1),
        "up is 100 * (length - bars since the highest high) / length, of this bar and `length` before "
        "it; down the same of the lowest low; osc is up - down (Chande 1995). Of equal extremes the "
        "newest counts. Same values as TA-Lib's AROON and AROONOSC.",
        "- { type: aroon, id: aroon, params: { length: 25 } }",
    ),
)  # fmt: skip
