"""Can these data be what they are taken for? Prices on the grid, marks near trades, funding in range.

The law: what cannot be so is refused with the numbers shown and what to type; nothing is repaired.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from decimal import Decimal

from runtime.errors import DataError
from runtime.market.checks import guess_interval, utc
from runtime.market.data import FundingSeries
from runtime.market.frame import Frame
from runtime.market.instrument_facts import Instrument
from runtime.market.whole_columns import are_multiples

# VENUE: a mark price is an index plus a decaying basis; recorded BTC and ETH marks stay within 0.002 %
# of the last price in the median and within 0.2 % in the crash of 2025-10-10; small coins stray more.
MARK_TYPICAL = 0.01
MARK_FAR = 0.05
MARK_FAR_SHARE = 0.01
# VENUE: fundingRateCap of instruments-info is at most 4 % per interval.
FUNDING_CAP = 0.04
# Percentages read as fractions: nobody pays 0.2 % every interval in the median.
FUNDING_TYPICAL = 0.002
FUNDING_FEW = 9  # of three days: a median of less says nothing about the unit
_SHOWN_DECIMALS = 10
_MANY_BARS = 200
_SLACK = 1e-6  # of a tick, or
_NOISE = 4e-16  # of the price: what a float of its size cannot tell apart


def check_grid(frame: Frame, instrument: Instrument) -> None:
    """Raise DataError where prices are not multiples of the tick, or the tick is far too coarse.

    A tick coarser than the prices' own decimals would round every stop and limit away.
    """
    tick = instrument.tick
    names = ("open", "high", "low", "close")
    if all(are_multiples(frame.column(name), tick, _SLACK, _NOISE) for name in names):
        return
    off = [
        (row, name, value) for name in names for row, value in _off_grid(frame.column(name), tick)
    ]
    row, name, value = min(off)
    own = price_step(frame)
    total = 4 * len(frame)
    raise DataError(
        f"{frame.symbol}: {len(off):,} of {total:,} prices do not lie on the tick {tick:g} of the "
        f"instrument (first: row {row}, {utc(frame.ts[row])}, {name} {value!r}). The prices step by "
        f"{own:g}: give {suggested_grid(frame)}, or check that these are bars of "
        f"{frame.symbol} ({_said_by(instrument)})"
    )


def _off_grid(values: Sequence[float], tick: float) -> list[tuple[int, float]]:
    found = []
    for row, value in enumerate(values):
        steps = value / tick
        if abs(steps - round(steps)) > max(_SLACK, _NOISE * abs(steps)):
            found.append((row, value))
    return found


def price_step(frame: Frame) -> float:
    """Return the coarsest step (1, 2 or 5 of a decimal) that all prices are multiples of."""
    return _step([frame.open, frame.high, frame.low, frame.close])


def volume_step(frame: Frame) -> float:
    """Return the step of the volumes: a lot to start from, at most one whole unit.

    Volumes may be told in round lots of whole shares, of which a single one can be bought.
    """
    return min(1.0, _step([frame.volume]))


def _step(columns: Sequence[array[float]]) -> float:
    """Return the greatest common divisor of decimal numbers as they are written."""
    places = 0
    for column in columns:
        for value in column:
            places = max(places, decimals_of(value))
    places = min(places, _SHOWN_DECIMALS)
    scale: int = 10**places
    common = math.gcd(*(round(value * scale) for column in columns for value in column))
    if not common:
        return 1.0
    # A market that stood still would suggest its own price: a step is 1, 2 or 5 of some decimal.
    steps = (m * 10**k for k in range(len(str(common)), -1, -1) for m in (5, 2, 1))
    step: int = next(step for step in steps if common % step == 0)
    return step / scale


def decimals_of(number: float) -> int:
    """Return the decimals of a number as it is written: 0.25 has two, 100.0 has none."""
    exponent = Decimal(repr(number)).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def suggested_grid(frame: Frame) -> str:
    """Return the options that give an instrument the grid of the bars' own decimals, and where the lot is from."""
    options = f"--tick {price_step(frame):g} --lot {volume_step(frame):g}"
    return f"{options} (the lot is read off the volumes: a smaller one may be right)"


def _said_by(instrument: Instrument) -> str:
    source = instrument.source or "instrument table"
    return source if instrument.is_typed_in else f"{source} as of {instrument.as_of}"


def check_mark(mark: Frame, bars: Frame, path: str) -> bool:
    """Raise DataError where a mark series strays from the bars too far to belong to them.

    Return whether there was anything to compare.
    """
    closes = {bars.close_time(i): bars.close[i] for i in range(len(bars))}
    apart = [
        (abs(mark.close[i] / last - 1.0), i)
        for i in range(len(mark))
        if (last := closes.get(mark.close_time(i)))
    ]
    if not apart:
        return False
    typical = sorted(share for share, _ in apart)[len(apart) // 2]
    worst, row = max(apart)
    far = sum(1 for share, _ in apart if share > MARK_FAR)
    if typical <= MARK_TYPICAL and far <= MARK_FAR_SHARE * len(apart):
        return True
    last = closes[mark.close_time(row)]
    raise DataError(
        f"{path}: these mark prices are not of these bars: apart by {typical:.2%} in the median, and "
        f"by {worst:.1%} at {utc(mark.close_time(row))} (mark {mark.close[row]:g}, last {last:g}). "
        "Liquidation would be made up; give the venue's own series or leave it out"
    )


def is_last(mark: Frame, bars: Frame) -> bool:
    """Return whether a mark series is nothing but the prices traded: equal wherever both close.

    Of bars as long as its own a mark series would have to share the extremes as well.
    """
    row_of = {bars.close_time(row): row for row in range(len(bars))}
    both = [(i, j) for i in range(len(mark)) if (j := row_of.get(mark.close_time(i))) is not None]
    is_alike = mark.interval_ms == bars.interval_ms
    names = ("open", "high", "low", "close") if is_alike else ("close",)
    columns = [(mark.column(name), bars.column(name)) for name in names]
    return bool(both) and all(ours[i] == theirs[j] for ours, theirs in columns for i, j in both)


def odd_settlements(series: FundingSeries) -> str | None:
    """Return in words that rates are settled at other hours than most venues do, None if they are not."""
    step = guess_interval(series.ts)
    if len(series.ts) < FUNDING_FEW or step < 3_600_000 or step % 3_600_000:
        return None
    phases = [ts % step // 60_000 for ts in series.ts]
    usual = max(set(phases), key=phases.count)
    if not usual or phases.count(usual) < 0.9 * len(phases):
        return None
    return (
        f"rates are settled {usual // 60:02d}:{usual % 60:02d} after 00:00 UTC and every "
        f"{step / 3_600_000:g} h from there: a venue with hours of its own, or times of another zone"
    )


def unused_grid(frame: Frame, step: float, instrument: Instrument) -> str | None:
    """Return in words that prices lie on a coarser grid than the tick; None if they do not.

    `step` is the step of the prices. Few bars say nothing.
    """
    if len(frame) < _MANY_BARS or step < 1.99 * instrument.tick:
        return None
    return (
        f"all prices step by {step:g}, the tick of {instrument.symbol} is {instrument.tick:g} "
        f"({_said_by(instrument)}): facts of another instrument, or prices in another unit?"
    )


def check_funding(series: FundingSeries, path: str) -> None:
    """Raise DataError for rates no venue charges: percentages, or another column."""
    if not series.rate:
        return
    sizes = sorted(abs(rate) for rate in series.rate)
    typical = sizes[len(sizes) // 2]
    row = max(range(len(series.rate)), key=lambda i: abs(series.rate[i]))
    worst = series.rate[row]
    is_typical = typical <= FUNDING_TYPICAL or len(sizes) < FUNDING_FEW
    if sizes[-1] <= FUNDING_CAP and is_typical:
        return
    raise DataError(
        f"{path}: funding of {worst:.4g} ({worst:.2%}) at {utc(series.ts[row])}, {typical:.2%} in the "
        f"median: above any venue's cap of {FUNDING_CAP:.0%} an interval. Rates are fractions "
        "(0.0001 is 0.01 %): divide percentages by 100"
    )
