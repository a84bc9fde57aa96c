"""Drawdowns, distributions and curves of the page: the figures of `result.json`, drawn."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from runtime.market.frame import Frame
from runtime.records.rows import EquityColumns, RunRecord
from runtime.reports.measures import DAY_MS, run_view
from runtime.reports.metrics import metrics
from runtime.reports.page_plots import digits_of, nice_step
from runtime.reports.page_returns import Day, days_of, drawdowns, returns, rolling
from tests.runtime.reports.made_up_run import FIRST_TS, made_up_run, random_walk

START = 100.0


def daily(equity: list[float]) -> tuple[RunRecord, Frame]:
    """Return a record of one bar a day with this equity at its closes."""
    frame = Frame("BTCUSDT", "1d", DAY_MS)
    columns = EquityColumns()
    for index, value in enumerate(equity):
        frame.append(FIRST_TS + index * DAY_MS, 1.0, 1.0, 1.0, 1.0, 1.0)
        columns.ts.append(FIRST_TS + (index + 1) * DAY_MS)
        columns.equity.append(value)
    return RunRecord(equity=columns), frame


def test_a_drawdown_runs_from_the_high_to_the_close_that_is_back_at_it() -> None:
    record, frame = daily([110.0, 99.0, 104.5, 110.0, 120.0, 90.0, 96.0])
    deep, shallow = drawdowns(record, frame, START)
    assert deep.depth_pct == pytest.approx(25.0)
    assert deep.depth_usdt == 30.0
    assert deep.back_ts is None
    assert deep.days == 2.0  # from the close of the fifth day to the end
    assert shallow.depth_pct == pytest.approx(10.0)
    assert shallow.peak_ts == FIRST_TS + DAY_MS
    assert shallow.deepest_ts == FIRST_TS + 2 * DAY_MS
    assert shallow.back_ts == FIRST_TS + 4 * DAY_MS


def test_drawdowns_are_those_of_the_metrics() -> None:
    run = made_up_run()
    found = drawdowns(run.record, run.data.exec, 10_000.0)
    made = metrics(run.record, run.data.exec, 10_000.0)
    assert len(found) > 3
    assert found[0].depth_pct == pytest.approx(made["max_drawdown_pct"])
    assert max(d.depth_usdt for d in found) == pytest.approx(made["max_drawdown_usdt"])
    assert max(d.days for d in found) == pytest.approx(made["max_drawdown_duration_days"])
    average = math.fsum(d.depth_pct for d in found) / len(found)
    assert average == pytest.approx(made["avg_drawdown_pct"])


def test_days_are_those_of_the_daily_figures() -> None:
    run = made_up_run()
    days = days_of(run.record, run.data.exec, 10_000.0)
    view = run_view(run.record, run.data.exec, 10_000.0)
    assert [day.gain for day in days] == list(view.daily_returns)
    assert [day.ts for day in days[:2]] == [FIRST_TS, FIRST_TS + DAY_MS]


def test_a_window_holds_its_days_and_none_after_them() -> None:
    days = [Day(n * DAY_MS, 0.01 if n % 2 else -0.01) for n in range(6)]
    sharpe, volatility = rolling(days, 4, 365.0)
    assert [at for at, _ in sharpe] == [3 * DAY_MS, 4 * DAY_MS, 5 * DAY_MS]
    spread = math.sqrt(4 * 0.01**2 / 3)
    assert volatility[0][1] == pytest.approx(100 * spread * math.sqrt(365))
    assert sharpe[0][1] == pytest.approx(0.0)
    later = [*days, Day(6 * DAY_MS, 9.0)]
    assert rolling(later, 4, 365.0)[1][:3] == volatility


def test_what_is_undefined_breaks_the_curve_and_is_no_zero() -> None:
    flat = [Day(n * DAY_MS, 0.0) for n in range(5)]
    assert [value for _, value in rolling(flat, 4, 365.0)[0]] == [None, None]
    ruined = [*flat[:4], Day(4 * DAY_MS, None)]
    assert [value for _, value in rolling(ruined, 4, 365.0)[1]] == [0.0, None]


def bars_of(page: str, title: str) -> dict[str, int]:
    part = page.split(f"<b>{title}</b>")[1].split("</figure>")[0]
    return {
        edges: int(n) for n, edges in re.findall(r"<title>(\d+) \w+ from ([^<]*)</title>", part)
    }


def test_every_day_that_won_or_lost_is_in_one_bar_and_zeros_are_counted_apart() -> None:
    record, frame = daily([101.0, 101.0, 100.0, 102.0, 103.0, 99.0, 99.0])
    page = returns(record, frame, START)
    assert sum(bars_of(page, "Distribution of days").values()) == 5
    assert "7 days, 2 of them exactly zero and not drawn" in page


def test_closed_trades_alone_are_in_the_distribution_of_trades() -> None:
    run = made_up_run()
    record = run.record
    before = sum(
        bars_of(returns(record, run.data.exec, 10_000.0), "Distribution of trades").values()
    )
    record.trades[0] = replace(record.trades[0], is_open=True)
    after = sum(
        bars_of(returns(record, run.data.exec, 10_000.0), "Distribution of trades").values()
    )
    assert after == before - 1


def test_a_run_too_short_for_a_curve_says_so() -> None:
    record, frame = daily([101.0, 102.0])
    page = returns(record, frame, START)
    assert "Needs 20 days with bars; this run has 2." in page
    assert "fewer than 5 days, nothing to draw" in page
    assert "never below an earlier high" in page
    assert "<svg" not in page


def test_a_run_without_bars_has_its_section() -> None:
    assert "nothing to draw" in returns(RunRecord(), random_walk(0), START)


def test_steps_are_round_and_shown_with_the_decimals_they_have() -> None:
    assert nice_step(0.0, 100.0, 4) == 25.0
    assert digits_of(0.25) == 2
    assert digits_of(5.0) == 0
    assert nice_step(-0.11, 0.13, 24) == pytest.approx(0.01)
