"""Signatures of the indicators: parameters, outputs, units, warm-up. Kernels: `runtime/features/`."""

from __future__ import annotations

from collections.abc import Callable

from compiler.catalog.shapes import factor, flag, length, number, price, whole
from compiler.catalog.types import Entry, EntryKind, OutputSpec, Params, ParamSpec, Unit

HLC = ("high", "low", "close")
SOURCE = ("source",)


def _bars(*names: str, more: int = 0) -> Callable[[Params], int]:
    """Return a warm-up of the longest of some parameters plus a constant."""

    def warmup(params: Params) -> int:
        return max(int(params[name]) for name in names) + more  # type: ignore[arg-type]

    return warmup


def _fixed(count: int) -> Callable[[Params], int]:
    return lambda _params: count


def _indicator(
    type_: str, title: str, inputs: tuple[str, ...], params: tuple[ParamSpec, ...],
    outputs: tuple[OutputSpec, ...], warmup: Callable[[Params], int], doc: str, snippet: str = "",
    *, source: str = "close",
) -> Entry:  # fmt: skip
    text = snippet or f"- {{ type: {type_}, id: {type_} }}"
    return Entry(
        type_, EntryKind.INDICATOR, title, inputs, params, outputs, warmup,
        default_source=source, doc=doc, snippet=text,
    )  # fmt: skip


def _value(
    unit: Unit = Unit.SOURCE, low: float | None = None, high: float | None = None
) -> OutputSpec:
    return number("value", unit, low, high, primary=True)


def _average(type_: str, title: str, doc: str) -> Entry:
    return _indicator(
        type_, title, SOURCE, (length(20),), (_value(),), _bars("length"), doc,
        f"- {{ type: {type_}, id: fast, params: {{ length: 20 }} }}",
    )  # fmt: skip


def _bar_price(type_: str, title: str, inputs: tuple[str, ...], doc: str) -> Entry:
    value = number("value", Unit.PRICE, primary=True)
    return _indicator(type_, title, inputs, (), (value,), _fixed(1), doc)


INDICATORS: tuple[Entry, ...] = (
    _average(
        "ema", "Exponential moving average",
        "Smoothing 2 / (length + 1), seeded with the simple mean of the first values (TA-Lib's way).",
    ),
    _average("rma", "Wilder's moving average", "Smoothing 1 / length, seeded with the first mean."),
    _average("sma", "Simple moving average", "Mean of the last values."),
    _average("wma", "Weighted moving average", "Linear weights, the newest value heaviest."),
    _indicator(
        "volume_sma", "Average volume", ("volume",), (length(20),), (_value(Unit.QTY, 0),),
        _bars("length"), "Mean volume of the last bars.",
    ),
    _indicator(
        "rsi", "Relative strength index", SOURCE, (length(14, 2),), (_value(Unit.PLAIN, 0, 100),),
        _bars("length", more=1),
        "100 * up / (up + down) of Wilder averages of the moves. 50 when nothing moved at all.",
    ),
    _indicator(
        "atr", "Average true range", HLC, (length(14),), (_value(Unit.PRICE, 0),),
        _bars("length", more=1), "Wilder average of the true range, in price units.",
    ),
    _indicator(
        "natr", "Average true range in percent", HLC, (length(14),), (_value(Unit.PCT, 0),),
        _bars("length", more=1), "100 * atr / close.",
    ),
    _indicator(
        "bbands", "Bollinger bands", SOURCE, (length(20, 2), factor("std", 2.0, "bb_std")),
        (
            number("lower", Unit.SOURCE), number("middle", Unit.SOURCE, primary=True),
            number("upper", Unit.SOURCE), number("bandwidth", Unit.PCT, 0),
            number("percent_b", Unit.FRACTION),
        ),
        _bars("length"),
        "Mean plus and minus `std` population deviations. percent_b is 0 at the lower band and 1 at "
        "the upper one.",
    ),
    _indicator(
        "kc", "Keltner channels", HLC, (length(20), factor("scalar", 2.0, "mult", "multiplier")),
        (price("lower"), price("basis", primary=True), price("upper")), _bars("length"),
        "EMA of the close plus and minus `scalar` times the EMA of the true range.",
    ),
    _indicator(
        "donchian", "Donchian channel", ("high", "low"),
        (length(20, name="lower_length"), length(20, name="upper_length")),
        (price("lower"), price("middle", primary=True), price("upper")),
        _bars("lower_length", "upper_length"),
        "Lowest low and highest high of the last bars, this one included: close > upper can never be "
        "true, compare with upper[1].",
    ),
    _indicator(
        "macd", "Moving average convergence divergence", SOURCE,
        (length(12, name="fast"), length(26, name="slow"), length(9, name="signal")),
        (
            number("macd", Unit.SOURCE, primary=True), number("signal", Unit.SOURCE),
            number("histogram", Unit.SOURCE),
        ),
        _bars("fast", "slow"), "ema(fast) - ema(slow); signal is its ema.",
    ),
    _indicator(
        "supertrend", "Supertrend", HLC, (length(10), factor("multiplier", 3.0, "mult")),
        (
            price("trend", primary=True), whole("direction", low=-1, high=1), price("long"),
            price("short"),
        ),
        _bars("length", more=1),
        "Bands of `multiplier` average true ranges around (high + low) / 2. They ratchet with the "
        "trend; a close beyond the other band flips it. `long` is known only while up, `short` only "
        "while down.",
        "- { type: supertrend, id: st, params: { length: 10, multiplier: 3.0 } }",
    ),
    _indicator(
        "squeeze", "Volatility squeeze", HLC,
        (
            length(20, 2, "bb_length"), factor("bb_std", 2.0, "bb_mult"), length(20, 1, "kc_length"),
            factor("kc_scalar", 1.5, "kc_mult"), length(12, 1, "mom_length"),
            length(6, 1, "mom_smooth"),
        ),
        (
            number("sqz", Unit.PRICE, primary=True, doc="smoothed momentum"), flag("on"),
            flag("off"), flag("no_sqz"), flag("fired"), flag("fired_up"), flag("fired_down"),
        ),
        _bars("bb_length", "kc_length"),
        "Bollinger bands (sample deviation) inside Keltner channels: `on`. `fired` on the bar on "
        "which it ends; `fired_up` and `fired_down` add the sign of the momentum.",
    ),
    _indicator(
        "highest", "Highest value", SOURCE, (length(20),), (_value(),), _bars("length"),
        "The largest of the last values, this bar included.", source="high",
    ),
    _indicator(
        "lowest", "Lowest value", SOURCE, (length(20),), (_value(),), _bars("length"),
        "The smallest of the last values, this bar included.", source="low",
    ),
    _indicator(
        "stdev", "Standard deviation", SOURCE, (length(20, 2),), (_value(Unit.SOURCE, 0),),
        _bars("length"), "Population deviation of the last values.",
    ),
    _indicator(
        "zscore", "Deviations from the mean", SOURCE, (length(20, 2),), (_value(Unit.PLAIN),),
        _bars("length"), "(value - mean) / population deviation; unknown when nothing deviates.",
    ),
    _indicator(
        "roc", "Rate of change", SOURCE, (length(10),), (_value(Unit.PCT),),
        _bars("length", more=1), "Percent change over `length` bars.",
    ),
    _indicator(
        "mom", "Momentum", SOURCE, (length(10),), (_value(),), _bars("length", more=1),
        "Change over `length` bars.",
    ),
    _indicator(
        "obv", "On-balance volume", ("source", "volume"), (), (_value(Unit.QTY),), _fixed(1),
        "Volume added on rising closes and taken off on falling ones.",
    ),
    _bar_price("hl2", "Middle of the bar", ("high", "low"), "(high + low) / 2."),
    _bar_price("hlc3", "Typical price", HLC, "(high + low + close) / 3."),
    _bar_price("ohlc4", "Average price", ("open", *HLC), "(open + high + low + close) / 4."),
)  # fmt: skip
