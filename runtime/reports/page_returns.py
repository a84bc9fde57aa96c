"""How the money moved: the deepest drawdowns, how days and trades came out, and risk over time.

INVARIANT: a day is one of UTC, as for the daily figures of `metrics_equity`; a drawdown is one of those that
`avg_drawdown_pct` counts. What has too few days to mean anything is said, not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from runtime.market.frame import Frame
from runtime.records.rows import RunRecord
from runtime.reports import page_plots as plots
from runtime.reports.figures import mean, quantile, ratio, stdev
from runtime.reports.measures import DAY_MS, YEAR_MS, day_ends
from runtime.reports.page_groups import closed_trades
from runtime.reports.page_plots import Area
from runtime.reports.page_words import number, percent

WORST = 10  # drawdowns shown
_FEWEST = 5  # values of a distribution
_BINS = 24
_WINDOWS = ((365, 90), (60, 30), (20, 10))  # days a run has at the least, days looked back over
_MOST_POINTS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawdown:
    """A stretch of closes below an earlier highest equity; times ms UTC, `back_ts` None if it lasts."""

    depth_pct: float
    depth_usdt: float
    peak_ts: int
    deepest_ts: int
    back_ts: int | None
    end_ts: int  # where it was back, else the last close

    @property
    def days(self) -> float:
        return (self.end_ts - self.peak_ts) / DAY_MS


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a run: its midnight in ms UTC and what equity made on it, None once there was none."""

    ts: int
    gain: float | None


def drawdowns(record: RunRecord, frame: Frame, start: float) -> list[Drawdown]:
    """Return every drawdown of equity at bar closes, deepest in percent first; `start` in quote."""
    found: list[Drawdown] = []
    peak, peak_ts = start, frame.ts[0] if len(frame) else 0
    low, low_ts, is_below = start, peak_ts, False

    def fell(back: int | None, end: int) -> Drawdown:
        share = (peak - low) / peak * 100 if peak > 0 else 0.0
        return Drawdown(depth_pct=share, depth_usdt=peak - low, peak_ts=peak_ts, deepest_ts=low_ts,
                        back_ts=back, end_ts=end)  # fmt: skip

    for ts, equity in zip(record.equity.ts, record.equity.equity, strict=True):
        if equity >= peak:
            if is_below:
                found.append(fell(ts, ts))
            peak, peak_ts, is_below = equity, ts, False
        elif not is_below or equity < low:
            low, low_ts, is_below = equity, ts, True
    if is_below:
        found.append(fell(None, record.equity.ts[-1]))
    return sorted(found, key=attrgetter("depth_pct"), reverse=True)


def days_of(record: RunRecord, frame: Frame, start: float) -> list[Day]:
    """Return what equity made on every UTC day that has bars, as a fraction."""
    equity = record.equity.equity
    before, days = start, []
    for row in day_ends(frame.ts[: len(equity)]):
        after = equity[row]
        gain = after / before - 1.0 if before > 0 else None
        days.append(Day(frame.ts[row] // DAY_MS * DAY_MS, gain))
        before = after
    return days


def returns(record: RunRecord, frame: Frame, start: float) -> str:
    """Return the section: the worst drawdowns, two distributions, two curves over time."""
    days = days_of(record, frame, start)
    trades = [trade.return_pct for trade in closed_trades(record)]
    drawn = (
        _distribution(
            "Days", "Returns of UTC days in percent of equity", [d.gain for d in days], "days"
        ),
        _distribution(
            "Trades", "Net results of closed trades in percent of their entry notional",
            [value / 100 for value in trades], "trades",
        ),
        *_over_time(days),
    )  # fmt: skip
    return f'{_table(drawdowns(record, frame, start))}<div class="plots">{"".join(drawn)}</div>'


# ---------------------------------------------------------------- drawdowns


def _table(found: Sequence[Drawdown]) -> str:
    if not found:
        return '<p class="nothing">Equity was never below an earlier high at a close.</p>'
    heads = ("Depth", "Depth, USDT", "From the high of", "Deepest at", "Back at", "Days")
    head = "".join(
        f'<th scope="col"{" class=num" if at in (0, 1, 5) else ""}>{text}</th>'
        for at, text in enumerate(heads)
    )
    body = "".join(
        f'<tr><td class="num loss">{percent(-d.depth_pct)}</td>'
        f'<td class="num">{number(-d.depth_usdt)}</td><td>{_when(d.peak_ts)}</td>'
        f"<td>{_when(d.deepest_ts)}</td><td>{'not yet' if d.back_ts is None else _when(d.back_ts)}</td>"
        f'<td class="num">{number(d.days, 1)}</td></tr>'
        for d in found[:WORST]
    )
    some = f", the deepest {WORST} of {len(found):,}" if len(found) > WORST else ""
    return (
        f'<p class="hint">Closes below an earlier high of equity, deepest first{some}; days count from the high '
        "until equity was back, or to the end.</p>"
        f'<div class="scroll"><table class="worst"><caption class="unseen">Worst drawdowns</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _when(ts: int) -> str:
    return f"{datetime.fromtimestamp(ts / 1000, UTC):%Y-%m-%d %H:%M}"


# ---------------------------------------------------------------- distributions


def _distribution(title: str, sentence: str, fractions: Sequence[float | None], of: str) -> str:
    """Return a histogram of fractions, shown in percent."""
    title = f"Distribution of {title.lower()}"
    values = [value * 100 for value in fractions if value is not None]
    if len(values) < _FEWEST:
        return plots.without(title, f"{sentence}: fewer than {_FEWEST} {of}, nothing to draw.")
    low, high = min(min(values), 0.0), max(max(values), 0.0)
    if low == high:
        return plots.without(title, f"{sentence}: all {len(values):,} are zero.")
    step = plots.nice_step(low, high, _BINS)
    first = math.floor(low / step)
    counts = [0] * (math.floor(high / step) - first + 1)
    for value in values:
        if value:  # neither won nor lost: no bar of a colour may hold it
            counts[math.floor(value / step) - first] += 1
    area = Area(first * step, (first + len(counts)) * step, 0.0, max(counts) * 1.12)
    still = len([value for value in values if not value])
    bars = "".join(
        plots.bar(
            area, left, left + step, count, tone="gain" if left >= 0 else "loss",
            said=f"{count:,} {of} from {number(left, 3)} % to {number(left + step, 3)} %",
        )
        for place, count in enumerate(counts)
        if count
        for left in ((first + place) * step,)
    )  # fmt: skip
    named, digits = plots.ticks(area.left, area.right, 5)
    centre, worst = mean(values), quantile(values, 0.05)
    assert centre is not None
    assert worst is not None
    won = sum(1 for value in values if value > 0)
    said = (
        f"{sentence}; the height is how many {of}. {len(values):,} {of}, {still:,} of them exactly zero and not drawn, "
        f"{percent(100 * won / len(values), 0)} "
        f"above zero, mean {percent(centre, 3, signed=True)}, median {percent(quantile(values, 0.5), 3, signed=True)}, "
        f"worst {percent(min(values), signed=True)}, best {percent(max(values), signed=True)}, one in twenty below "
        f"{percent(worst, signed=True)}."
    )
    inside = plots.up(area) + bars + plots.mark(area, centre, "mean")
    inside += plots.across(area, [(v, f"{number(v, digits)} %") for v in named])
    return plots.figure(title, said, inside)


# ---------------------------------------------------------------- over time


def _over_time(days: Sequence[Day]) -> tuple[str, str]:
    """Return the Sharpe ratio and the volatility of the last days, day by day."""
    window = next((look for fewest, look in _WINDOWS if len(days) >= fewest), None)
    names = ("Rolling Sharpe ratio", "Rolling volatility")
    if window is None:
        why = f"Needs {_WINDOWS[-1][0]} days with bars; this run has {len(days)}."
        return plots.without(names[0], why), plots.without(names[1], why)
    year = len(days) * YEAR_MS / (days[-1].ts + DAY_MS - days[0].ts)
    sharpe, volatility = rolling(days, window, year)
    last = f"{window} days, in days of UTC, scaled to a year of {number(year, 0)} such days"
    return (
        _curve(names[0], f"Mean daily return over its deviation, of the last {last}; a ratio, no unit", sharpe, "", "focus"),
        _curve(names[1], f"Deviation of daily returns of the last {last}, in percent of equity", volatility, " %", "zone"),
    )  # fmt: skip


def rolling(
    days: Sequence[Day], window: int, year: float
) -> tuple[list[tuple[float, float | None]], list[tuple[float, float | None]]]:
    """Return (midnight, value) of the Sharpe ratio and of the volatility in percent over `window` days.

    `year` is how many such days a year has. A value is None where a day of the window had no equity
    or, for the ratio, no return differed.
    """
    sharpe: list[tuple[float, float | None]] = []
    volatility: list[tuple[float, float | None]] = []
    scale = math.sqrt(year)
    # COST: at most a thousand windows are looked at, however long the run.
    for stop in range(window, len(days) + 1, max(1, len(days) // _MOST_POINTS)):
        gains = [day.gain for day in days[stop - window : stop] if day.gain is not None]
        at = float(days[stop - 1].ts)
        spread = stdev(gains) if len(gains) == window else None
        worth = None if spread is None else ratio(mean(gains), spread)
        sharpe.append((at, None if worth is None else worth * scale))
        volatility.append((at, None if spread is None else 100 * spread * scale))
    return sharpe, volatility


def _curve(
    title: str, sentence: str, points: Sequence[tuple[float, float | None]], unit: str, colour: str
) -> str:
    values = [value for _at, value in points if value is not None]
    if not values:
        return plots.without(title, f"{sentence}: undefined all along.")
    low, high = min(0.0, *values), max(0.0, *values)
    room = 0.06 * (high - low) or 1.0
    area = Area(points[0][0], points[-1][0] + DAY_MS, low - (room if low < 0 else 0), high + room)
    said = (
        f"{sentence}. Lowest {number(min(values))}{unit}, highest {number(max(values))}{unit}, "
        f"last {number(values[-1])}{unit}."
    )
    span = area.right - area.left
    named = [
        (ts, f"{datetime.fromtimestamp(ts / 1000, UTC):%d %b %y}")
        for ts in (area.left + span * share for share in (0.12, 0.5, 0.88))
    ]
    inside = plots.up(area, unit) + plots.line(area, points, colour) + plots.across(area, named)
    return plots.figure(title, said, inside)
