"""The equity curve: drawdowns, returns per bar and their yearly figures, exposure.

Yearly figures use the bars a year of such data has (a stock's year is shorter than a coin's); tails
are of days, so that cards on different timeframes can be compared. The risk-free rate is zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from runtime.reports.columns import (
    above_zero,
    added,
    below_zero,
    column,
    largest_fall,
    largest_share,
    sizes_times,
    squares,
    stretches,
)
from runtime.reports.figures import (
    growth,
    kurtosis,
    mean,
    percent,
    quantile,
    ratio,
    skewness,
)
from runtime.reports.measures import DAY_MS, Metric, RunView, Value
from runtime.reports.metrics_money import MONEY

_NO_BARS = "no bar"
_NO_RETURNS = "fewer than two bars, or equity reached zero"


def _max_drawdown_usdt(run: RunView) -> Value:
    return largest_fall(run.equity, run.peaks) if run.bars else None


def _max_drawdown_pct(run: RunView) -> Value:
    return percent(max(run.drawdowns)) if run.bars else None


def _longest_drawdown(run: RunView) -> Value:
    return max((end - start for start, end in _falls(run)), default=0) if run.bars else None


def _falls(run: RunView) -> Iterator[tuple[int, int]]:
    """Yield the stretches [from, to) of points of equity that lie below a peak."""
    return stretches(run.drawdowns)


def _average_drawdown(run: RunView) -> Value:
    return percent(mean([max(run.drawdowns[start:end]) for start, end in _falls(run)]))


def _ulcer(run: RunView) -> Value:
    depths = run.drawdowns[1:]
    return percent(math.sqrt(added(squares(depths)) / len(depths))) if depths else None


def _yearly(run: RunView) -> float:
    return math.sqrt(run.bars_per_year)


def _volatility(run: RunView) -> Value:
    spread = run.moments.stdev
    return None if spread is None else percent(spread * _yearly(run))


def _sharpe(run: RunView) -> Value:
    value = ratio(run.moments.mean, run.moments.stdev)
    return None if value is None else value * _yearly(run)


def _sortino(run: RunView) -> Value:
    if len(run.returns) < 2:
        return None
    below = math.sqrt(added(squares(below_zero(run.returns))) / len(run.returns))
    value = ratio(run.moments.mean, below)
    return None if value is None else value * _yearly(run)


def _calmar(run: RunView) -> Value:
    cagr = next(m for m in MONEY if m.name == "cagr_pct").compute(run)
    return ratio(cagr, _max_drawdown_pct(run))


def _omega(run: RunView) -> Value:
    lost = -math.fsum(below_zero(run.returns))
    return ratio(math.fsum(above_zero(run.returns)), lost)


def _value_at_risk(run: RunView) -> Value:
    return percent(quantile(run.daily_returns, 0.05))


def _cvar(run: RunView) -> Value:
    edge = quantile(run.daily_returns, 0.05)
    return None if edge is None else percent(mean([r for r in run.daily_returns if r <= edge]))


def _tail_ratio(run: RunView) -> Value:
    high, low = quantile(run.daily_returns, 0.95), quantile(run.daily_returns, 0.05)
    return None if high is None or low is None else ratio(abs(high), abs(low))


def _time_in_market(run: RunView) -> Value:
    if not run.bars:
        return None
    covered, reached = 0, -1
    for trade in sorted(run.record.trades, key=lambda t: t.entry_bar):
        last = run.bars - 1 if trade.exit_bar is None else trade.exit_bar
        covered += max(0, last - max(trade.entry_bar, reached + 1) + 1)
        reached = max(reached, last)
    return percent(ratio(covered, run.bars))


def _margin_share(run: RunView) -> Value:
    used = column(run.record.equity.used_margin)[: len(run.closes)]
    return largest_share(used, run.record.equity.equity)


def _leverage(run: RunView) -> Value:
    values = sizes_times(run.record.equity.position, run.closes)
    return largest_share(values, run.record.equity.equity)


def _buy_and_hold(run: RunView) -> Value:
    return percent(growth(run.closes[-1] / run.opens[0], 1.0)) if run.closes else None


EQUITY = (
    Metric(
        name="max_drawdown_usdt", unit="usdt", title="Max drawdown",
        definition="largest fall of equity below its highest value so far, at bar closes",
        formula="max(peak - equity)", undefined=_NO_BARS, compute=_max_drawdown_usdt,
    ),
    Metric(
        name="max_drawdown_pct", unit="pct", title="Max drawdown, relative",
        definition="largest fall of equity relative to its highest value so far (positive)",
        formula="100 * max((peak - equity) / peak)", undefined=_NO_BARS, compute=_max_drawdown_pct,
    ),
    Metric(
        name="max_drawdown_duration_bars", unit="bars", title="Longest drawdown, bars",
        definition="most bars in a row below an earlier equity peak, an unfinished one included",
        formula="max(bars below peak)", undefined=_NO_BARS, compute=_longest_drawdown,
    ),
    Metric(
        name="max_drawdown_duration_days", unit="days", title="Longest drawdown, days",
        definition="longest time from an equity peak until equity was back, or until the end",
        formula="max(time below peak) / 24 h", undefined=_NO_BARS,
        compute=lambda run: run.longest_drawdown_ms / DAY_MS if run.bars else None,
    ),
    Metric(
        name="avg_drawdown_pct", unit="pct", title="Average drawdown",
        definition="average depth of the falls below a peak, each at its deepest",
        formula="100 * mean(depth of each drawdown)", undefined="equity never fell below a peak",
        compute=_average_drawdown,
    ),
    Metric(
        name="ulcer_index", unit="pct", title="Ulcer index",
        definition="root mean square of the drawdown in percent (Martin and McCann 1989)",
        formula="100 * sqrt(mean(drawdown ** 2))", undefined=_NO_BARS, compute=_ulcer,
    ),
    Metric(
        name="recovery_factor", unit="ratio", title="Recovery factor",
        definition="net profit relative to the deepest fall of equity",
        formula="net_profit / max_drawdown_usdt", undefined="equity never fell below a peak",
        compute=lambda run: ratio(run.net_profit, _max_drawdown_usdt(run)),
    ),
    Metric(
        name="volatility_pct", unit="pct", title="Volatility, yearly",
        definition="sample standard deviation of bar returns, scaled to a year of such bars",
        formula="100 * stdev(returns) * sqrt(bars per year)", undefined=_NO_RETURNS,
        compute=_volatility,
    ),
    Metric(
        name="sharpe", unit="ratio", title="Sharpe ratio",
        definition="mean bar return over its standard deviation, scaled to a year",
        formula="mean(returns) / stdev(returns) * sqrt(bars per year)",
        undefined=f"{_NO_RETURNS}, or all returns are equal", compute=_sharpe,
    ),
    Metric(
        name="sortino", unit="ratio", title="Sortino ratio",
        definition="mean bar return over its downside deviation, scaled to a year",
        formula="mean(returns) / sqrt(sum(min(r, 0) ** 2) / n) * sqrt(bars per year)",
        undefined=f"{_NO_RETURNS}, or no bar lost", compute=_sortino,
    ),
    Metric(
        name="calmar", unit="ratio", title="Calmar ratio",
        definition="yearly growth relative to the deepest drawdown",
        formula="cagr_pct / max_drawdown_pct", undefined="no CAGR or no drawdown", compute=_calmar,
    ),
    Metric(
        name="omega", unit="ratio", title="Omega ratio",
        definition="sum of positive bar returns over the sum of negative ones (threshold 0)",
        formula="sum(r where r > 0) / -sum(r where r < 0)",
        undefined="no bar lost, or equity reached zero", compute=_omega,
    ),
    Metric(
        name="skewness", unit="ratio", title="Skewness",
        definition="bias-corrected skewness of bar returns (G1)",
        formula="n / ((n-1)(n-2)) * sum(((r - mean) / stdev) ** 3)",
        undefined="fewer than three bars, or all returns are equal",
        compute=lambda run: skewness(run.returns, run.moments),
    ),
    Metric(
        name="kurtosis", unit="ratio", title="Excess kurtosis",
        definition="bias-corrected excess kurtosis of bar returns (G2; 0 for a normal one)",
        formula="G2 of Joanes and Gill 1998",
        undefined="fewer than four bars, or all returns are equal",
        compute=lambda run: kurtosis(run.returns, run.moments),
    ),
    Metric(
        name="value_at_risk_95_pct", unit="pct", title="Value at risk 95 %, a day",
        definition="the daily return that one day in twenty stays below (historical, UTC days)",
        formula="100 * 5 % quantile of daily returns", undefined="no bar, or equity reached zero",
        compute=_value_at_risk,
    ),
    Metric(
        name="cvar_95_pct", unit="pct", title="CVaR 95 %, a day",
        definition="average of the daily returns at or below the value at risk",
        formula="100 * mean(r where r <= 5 % quantile)",
        undefined="no bar, or equity reached zero", compute=_cvar,
    ),
    Metric(
        name="tail_ratio", unit="ratio", title="Tail ratio, days",
        definition="size of the good tail of daily returns relative to the bad one",
        formula="|95 % quantile| / |5 % quantile|",
        undefined="no bar, equity reached zero, or the 5 % quantile is zero", compute=_tail_ratio,
    ),
    Metric(
        name="time_in_market_pct", unit="pct", title="Time in market",
        definition="share of bars during which a position was open, entry and exit bars included",
        formula="100 * bars of trades / bars", undefined=_NO_BARS, compute=_time_in_market,
    ),
    Metric(
        name="max_leverage_used", unit="x", title="Highest leverage used",
        definition="largest position value relative to equity, at bar closes",
        formula="max(|position| * close / equity)",
        undefined="no bar, or a position was held with no equity left",
        compute=_leverage,
    ),
    Metric(
        name="max_margin_used_pct", unit="pct", title="Highest margin used",
        definition="largest margin of position and working orders relative to equity, at bar closes",
        formula="100 * max(used_margin / equity)",
        undefined="no bar, or margin was used with no equity left",
        compute=lambda run: percent(_margin_share(run)),
    ),
    Metric(
        name="buy_and_hold_return_pct", unit="pct", title="Buy and hold",
        definition="return of holding the symbol from the first open to the last close, no costs",
        formula="100 * (last close / first open - 1)", undefined=_NO_BARS, compute=_buy_and_hold,
    ),
)  # fmt: skip
