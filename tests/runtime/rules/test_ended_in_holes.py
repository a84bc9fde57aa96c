"""A week that ends in a weekend without bars is complete, known on Monday, and said to be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.resample import resample
from runtime.rules.ended_in_holes import ended_in_holes
from tests.strategies.runs import SMALL

DAY, WEEK = 86_400_000, 7 * 86_400_000
MONDAY = datetime(2021, 1, 4, tzinfo=UTC)


def weekdays(weeks: int, step: timedelta = timedelta(days=1), hours: range | None = None) -> Frame:
    """Return bars of Monday to Friday, of some hours of the day where they are given."""
    name = "1d" if step == timedelta(days=1) else "1h"
    bars = Frame("TESTUSDT", name, round(step.total_seconds() * 1000))
    time, price = MONDAY, 100.0
    while time < MONDAY + timedelta(weeks=weeks):
        if time.weekday() < 5 and (hours is None or time.hour in hours):
            price += 1
            bars.append(round(time.timestamp() * 1000), price, price + 1, price - 1, price, 10.0)
        time += step
    return bars


def card(tf: str, htf: str, when: str) -> str:
    return (
        f"name: x\nsymbol: TESTUSDT\ntf: {tf}\nhtf: {htf}\nblocks:\n  - id: a\n    cases:\n"
        f"      - {{ when: '{when}', emit: [{{ action: entry_long, metadata: {{ size: 100 usdt }} }}] }}\n"
    )


def test_weeks_without_weekends_are_whole_and_close_with_friday() -> None:
    bars = weekdays(4)
    weeks = resample(bars, "1w", WEEK)
    assert len(weeks) == 3  # the last is not over: nothing says that no Saturday follows
    assert list(weeks.close) == [bars.close[4], bars.close[9], bars.close[14]]
    assert list(weeks.volume) == [50.0] * 3


@pytest.mark.parametrize(
    ("bars", "htf", "ended"),
    [
        (weekdays(4), "1w", 3),
        (weekdays(2, timedelta(hours=1)), "1d", 0),  # of Saturday and Sunday there is no bar at all
        (weekdays(3, timedelta(hours=1)), "1w", 2),
        (weekdays(1, timedelta(hours=1), range(9, 16)), "1d", 4),  # every night
        (weekdays(1, timedelta(hours=1)), "1d", 0),
    ],
)
def test_coarse_bars_that_end_where_no_bar_is_are_counted(
    bars: Frame, htf: str, ended: int
) -> None:
    graph = compile_card(Source("x", card(bars.timeframe, htf, f"close > close@{htf}"))).graph
    said = list(ended_in_holes(graph, bars))
    assert [
        f"{ended} bars of {htf} ended where no bar of {bars.timeframe} is" in s for s in said
    ] == ([True] if ended else [])


def test_the_week_is_known_at_mondays_close_and_the_run_says_so() -> None:
    program = compile_card(Source("x", card("1d", "1w", "close@1w > 0 and position_side == flat")))
    record = run_backtest(program, MarketData(exec=weekdays(3)), SMALL)
    monday_after = round((MONDAY + timedelta(weeks=1)).timestamp() * 1000)
    assert record.orders[0].created_ts == monday_after + DAY
    assert any("ended where no bar of 1d is" in line for line in record.warnings)


def test_a_card_of_one_timeframe_is_told_nothing() -> None:
    program = compile_card(Source("x", card("1d", "1w", "close > open")))
    assert list(ended_in_holes(program.graph, weekdays(3))) == []
