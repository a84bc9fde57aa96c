"""The standard metrics: definitions by hand, agreement with quantstats, undefined as null."""

from __future__ import annotations

import math
import random
import statistics
from array import array
from dataclasses import replace
from itertools import pairwise

import pytest

from runtime.market.frame import Frame
from runtime.records.rows import RunRecord, TradeRow
from runtime.reports.figures import Moments, growth, kurtosis, quantile, skewness, stdev
from runtime.reports.limit_metrics import LIMIT_METRICS, limit_metrics
from runtime.reports.metrics import METRICS, metrics
from tests.runtime.reports.made_up_run import FIRST_TS, INTERVAL, START, made_up_run

TRADE = TradeRow(
    trade_id=1, side="long", entry_bar=0, entry_ts=0, exit_bar=1, exit_ts=1, entry_price=100.0,
    exit_price=101.0, quantity=1.0, max_quantity=1.0, layers=1, partial_exits=0, gross_pnl=1.0,
    fees=0.0, funding=0.0, net_pnl=1.0, return_pct=1.0, mae_pct=-1.0, mfe_pct=2.0, bars_held=1,
    exit_reason="", is_open=False, at_end=False, initial_risk_usdt=None,
)  # fmt: skip


def frame_of(closes: list[float]) -> Frame:
    frame = Frame("BTCUSDT", "15m", INTERVAL)
    for index, close in enumerate(closes):
        frame.append(FIRST_TS + index * INTERVAL, close, close, close, close, 1.0)
    return frame


def with_equity(values: list[float], trades: list[TradeRow] | None = None) -> RunRecord:
    record = RunRecord(trades=trades or [])
    zeros = [0.0] * len(values)
    record.equity.ts = [FIRST_TS + (i + 1) * INTERVAL for i in range(len(values))]
    record.equity.equity = values
    record.equity.position = zeros
    record.equity.used_margin = zeros
    return record


def measured(values: list[float], trades: list[TradeRow] | None = None) -> dict[str, object]:
    return dict(metrics(with_equity(values, trades), frame_of([100.0] * len(values)), 100.0))


def results(*nets: float) -> list[TradeRow]:
    return [replace(TRADE, trade_id=i, net_pnl=net, gross_pnl=net) for i, net in enumerate(nets)]


def test_there_are_62_metrics_and_one_in_days_each_with_its_own_name() -> None:
    assert len(METRICS) == 62 + 1
    names = [m.name for m in (*METRICS, *LIMIT_METRICS)]
    assert len(set(names)) == len(names)
    assert all(name.replace("_", "a").isalnum() and name == name.lower() for name in names)


@pytest.mark.parametrize("metric", [*METRICS, *LIMIT_METRICS], ids=lambda m: m.name)
def test_a_metric_says_what_it_is_and_when_it_is_undefined(metric) -> None:  # type: ignore[no-untyped-def]
    assert metric.unit in {"usdt", "pct", "ratio", "bars", "days", "count", "bps", "x"}
    assert all((metric.title, metric.definition, metric.formula, metric.undefined))


def test_a_run_without_bars_has_no_figure_but_counts_and_money() -> None:
    values = metrics(RunRecord(), frame_of([]), START)
    defined = {m.name for m in METRICS if m.undefined == "never"}
    assert {name for name, value in values.items() if value is not None} == defined | {
        "net_return_pct"
    }


def test_what_is_never_undefined_is_a_number_in_every_run() -> None:
    for run in (made_up_run(), made_up_run(bars=1, trades=0), made_up_run(bars=0, trades=0)):
        both = (
            *zip(METRICS, metrics(run.record, run.data.exec, START).values(), strict=True),
            *zip(LIMIT_METRICS, limit_metrics(run.record, run.data.exec, START).values(), strict=True),
        )  # fmt: skip
        for metric, value in both:
            assert metric.undefined != "never" or value is not None, metric.name
            assert value is None or math.isfinite(value), metric.name


def test_wins_without_a_loss_leave_ratios_undefined_not_infinite() -> None:
    values = measured([101.0, 102.0], results(1.0, 1.0))
    assert values["profit_factor"] is None
    assert values["payoff_ratio"] is None
    assert values["recovery_factor"] is None
    assert values["sortino"] is None
    assert values["win_rate_pct"] == 100.0


def test_trade_figures_by_hand() -> None:
    values = measured([104.0], results(3.0, 5.0, -2.0, 0.0, -1.0, -1.0))
    expected = {
        "total_trades": 6, "winning_trades": 2, "losing_trades": 3, "breakeven_trades": 1,
        "gross_profit_usdt": 8.0, "gross_loss_usdt": -4.0, "profit_factor": 2.0,
        "avg_win_usdt": 4.0, "largest_win_usdt": 5.0, "largest_loss_usdt": -2.0,
        "max_consecutive_wins": 2, "max_consecutive_losses": 2, "avg_consecutive_losses": 1.5,
        "edge_ratio": 2.0, "avg_trade_duration_bars": 1.0,
    }  # fmt: skip
    assert {name: values[name] for name in expected} == expected
    assert values["expectancy_usdt"] == pytest.approx(4 / 6)
    assert values["payoff_ratio"] == pytest.approx(4.0 / (4 / 3))


def test_a_trade_open_or_cut_by_the_end_is_outside_the_win_rate() -> None:
    trades = results(1.0, -1.0)
    trades += [replace(TRADE, net_pnl=9.0, is_open=True, exit_bar=None, exit_ts=None)]
    trades += [replace(TRADE, net_pnl=9.0, at_end=True)]
    values = measured([118.0], trades)
    assert (values["total_trades"], values["win_rate_pct"], values["open_trades"]) == (2, 50.0, 2)
    assert values["net_profit_usdt"] == 18.0  # money counts all


def test_drawdown_figures_by_hand() -> None:
    values = measured([110.0, 99.0, 104.5, 121.0, 118.58, 121.0])
    assert values["max_drawdown_usdt"] == pytest.approx(11.0)
    assert values["max_drawdown_pct"] == pytest.approx(10.0)
    assert values["max_drawdown_duration_bars"] == 2
    assert values["avg_drawdown_pct"] == pytest.approx((10.0 + 2.0) / 2)
    assert values["recovery_factor"] == pytest.approx(21.0 / 11.0)
    assert values["ulcer_index"] == pytest.approx(math.sqrt((100 + 25 + 4) / 6))


def test_a_fall_below_the_starting_equity_is_a_drawdown() -> None:
    assert measured([80.0, 90.0])["max_drawdown_pct"] == pytest.approx(20.0)


def test_return_figures_are_undefined_once_equity_is_gone() -> None:
    values = measured([50.0, -10.0, -5.0, -20.0])
    for name in ("sharpe", "sortino", "volatility_pct", "omega", "skewness", "cvar_95_pct"):
        assert values[name] is None
    assert values["max_drawdown_pct"] == pytest.approx(120.0)
    assert values["cagr_pct"] is None


def test_growth_is_yearly_and_needs_a_week() -> None:
    bars = 365 * 96
    flat = [100.0] * (bars - 1)
    assert measured([*flat, 110.0])["cagr_pct"] == pytest.approx(10.0, rel=1e-12)
    assert measured([*flat[: bars // 2 - 1], 110.0])["cagr_pct"] == pytest.approx(21.0, rel=1e-9)
    assert measured([110.0] * 600)["cagr_pct"] is None


def test_time_in_market_counts_a_shared_bar_once() -> None:
    trades = [
        replace(TRADE, entry_bar=0, exit_bar=2),
        replace(TRADE, entry_bar=2, exit_bar=3),
        replace(TRADE, entry_bar=8, exit_bar=None, is_open=True),
    ]
    assert measured([100.0] * 10, trades)["time_in_market_pct"] == 60.0


def test_exposure_is_taken_at_closes() -> None:
    record = with_equity([100.0, 200.0])
    record.equity.position = [1.0, -3.0]
    record.equity.used_margin = [50.0, 20.0]
    values = metrics(record, frame_of([150.0, 100.0]), 100.0)
    assert (values["max_leverage_used"], values["max_margin_used_pct"]) == (1.5, 50.0)
    assert values["buy_and_hold_return_pct"] == pytest.approx(-100 / 3)


def test_trades_of_a_run_add_up_to_its_profit() -> None:
    run = made_up_run(bars=2_000, trades=120)
    values = metrics(run.record, run.data.exec, START)
    assert sum(t.net_pnl for t in run.record.trades) == pytest.approx(values["net_profit_usdt"])
    assert values["long_net_profit_usdt"] + values["short_net_profit_usdt"] == pytest.approx(  # type: ignore[operator]
        values["net_profit_usdt"]
    )


@pytest.mark.parametrize("seed", range(3))
def test_shared_definitions_agree_with_quantstats(seed: int) -> None:
    stats = pytest.importorskip("quantstats").stats
    pandas = pytest.importorskip("pandas")
    dice = random.Random(seed)
    equity = [100.0]
    for _ in range(500):
        equity.append(equity[-1] * (1 + dice.gauss(0.0002, 0.004) * dice.choice([1, 1, 1, 3])))
    values = measured(equity[1:])
    index = pandas.date_range("2024-01-01", periods=len(equity), freq="15min")
    prices = pandas.Series(equity, index=index)
    returns = prices.pct_change().dropna()
    periods = 365 * 96
    assert values["sharpe"] == pytest.approx(stats.sharpe(returns, periods=periods))
    assert values["sortino"] == pytest.approx(stats.sortino(returns, periods=periods))
    assert values["volatility_pct"] == pytest.approx(100 * stats.volatility(returns, periods))
    assert values["max_drawdown_pct"] == pytest.approx(-100 * stats.max_drawdown(prices))
    assert values["skewness"] == pytest.approx(stats.skew(returns))
    assert values["kurtosis"] == pytest.approx(stats.kurtosis(returns))
    assert values["omega"] == pytest.approx(stats.profit_factor(returns))


@pytest.mark.parametrize("seed", [1, 2])
def test_daily_tails_agree_with_quantstats(seed: int) -> None:
    stats = pytest.importorskip("quantstats").stats
    pandas = pytest.importorskip("pandas")
    dice = random.Random(seed)
    equity = [100.0]
    for _ in range(90 * 96):
        equity.append(equity[-1] * (1 + dice.gauss(0.0, 0.004)))
    values = measured(equity[1:])
    opens = pandas.date_range("2024-01-01", periods=len(equity) - 1, freq="15min")
    days = [100.0, *pandas.Series(equity[1:], index=opens).resample("D").last()]
    returns = pandas.Series(days).pct_change().dropna()
    assert values["tail_ratio"] == pytest.approx(stats.tail_ratio(returns, cutoff=0.95))
    assert values["value_at_risk_95_pct"] == pytest.approx(100 * returns.quantile(0.05))
    below = returns[returns <= returns.quantile(0.05)]
    assert values["cvar_95_pct"] == pytest.approx(100 * below.mean())


def test_the_year_of_a_market_with_nights_is_as_long_as_its_bars() -> None:
    """Four weeks of a stock: 5 days of 26 quarter hours. Sharpe must not take nights for bars."""
    opens = [
        FIRST_TS + (day // 5 * 7 + day % 5) * 96 * INTERVAL + (58 + bar) * INTERVAL
        for day in range(20)
        for bar in range(26)
    ]
    dice = random.Random(3)
    equity = [100.0]
    for _ in opens:
        equity.append(equity[-1] * (1 + dice.gauss(0.0002, 0.004)))
    frame = frame_of([100.0] * len(opens))
    frame.ts[:] = array("q", opens)
    record = with_equity(equity[1:])
    record.equity.ts = [ts + INTERVAL for ts in opens]
    span = opens[-1] + INTERVAL - opens[0]
    bars_per_year = len(opens) * 365 * 96 * INTERVAL / span
    returns = [b / a - 1 for a, b in pairwise(equity)]
    mean, spread = statistics.fmean(returns), statistics.stdev(returns)
    values = metrics(record, frame, 100.0)
    assert values["sharpe"] == pytest.approx(mean / spread * math.sqrt(bars_per_year))
    assert bars_per_year < 365 * 96 / 4


def test_the_longest_drawdown_is_told_in_days_until_equity_was_back() -> None:
    day = 96
    curve = [100.0] * day + [90.0] * (3 * day) + [101.0] * day + [100.5] * day
    values = measured(curve)
    assert values["max_drawdown_duration_days"] == pytest.approx(3 + 1 / day)
    assert measured([100.0, 101.0, 102.0])["max_drawdown_duration_days"] == 0.0
    assert measured([100.0, 99.0, 99.0])["max_drawdown_duration_days"] == pytest.approx(2 / day)


def test_figures_without_enough_values_are_none() -> None:
    assert stdev([1.0]) is None
    assert skewness([1.0] * 3, Moments.of([1.0] * 3)) is None
    assert kurtosis([1.0, 2.0, 3.0], Moments.of([1.0, 2.0, 3.0])) is None
    assert quantile([], 0.5) is None
    assert growth(1e300, 1e6) is None
    assert growth(-1.0, 1.0) is None


def test_sums_do_not_depend_on_order() -> None:
    values = [dice * 1e-3 for dice in random.Random(5).sample(range(10**9), 500)]
    assert stdev(values) == stdev(sorted(values))
