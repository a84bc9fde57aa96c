"""Whole columns at once say what bar after bar says: candles, equity, months."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from runtime.formulas.sums import total
from runtime.records.rows import EquityColumns
from runtime.reports.page_data import page_data
from runtime.reports.page_parts import months
from runtime.reports.result import result
from runtime.reports.run_files import Json
from tests.runtime.reports.made_up_run import INTERVAL, START, MadeUpRun, made_up_run

HOUR_MS = 3_600_000
# Bars, most candles, bars a candle: the last candle whole, of some bars, of a single one.
CUTS = [(200, 200, 1), (200, 100, 2), (200, 30, 7), (199, 67, 3), (201, 2, 101)]


def read(run: MadeUpRun) -> Json:
    made = result(run.program, run.data, run.instrument, run.record, run.extra)
    return page_data(made, run.data, run.record, ())


@pytest.mark.parametrize(("bars", "most", "per"), CUTS)
def test_a_candle_holds_what_its_bars_do(
    monkeypatch: pytest.MonkeyPatch, bars: int, most: int, per: int
) -> None:
    monkeypatch.setattr("runtime.reports.detail.MAX_CANDLES", most)
    run = made_up_run(bars=bars, trades=5)
    found, frame, last = read(run)["bars"], run.data.exec, 0
    assert found["per"] == per
    scale = 10 ** found["digits"]
    for at, first in enumerate(range(0, bars, per)):
        held = slice(first, min(first + per, bars))
        open_ = last + found["o"][at]
        last = open_ + found["c"][at]
        assert open_ == round(frame.open[first] * scale)
        assert last == round(frame.close[held][-1] * scale)
        assert max(open_, last) + found["h"][at] == round(max(frame.high[held]) * scale)
        assert min(open_, last) - found["l"][at] == round(min(frame.low[held]) * scale)
        assert found["v"][at] == float(f"{total(frame.volume[held]):.4g}")
    assert {len(found[name]) for name in "ohlcv"} == {-(-bars // per)}


@pytest.mark.parametrize(("bars", "most", "per"), CUTS)
@pytest.mark.parametrize("late", [0, 9])
def test_equity_of_a_candle_is_its_last_and_its_drawdown_the_deepest(
    monkeypatch: pytest.MonkeyPatch, bars: int, most: int, per: int, late: int
) -> None:
    """`late` bars come before the first that has equity."""
    monkeypatch.setattr("runtime.reports.detail.MAX_CANDLES", most)
    run = made_up_run(bars=bars, trades=5)
    rows = run.record.equity
    for column in (rows.ts, rows.equity, rows.balance, rows.unrealized, rows.position):
        del column[:late]
    found = read(run)["equity"]
    money, held = [START] * late + list(rows.equity), [0.0] * late + list(rows.position)
    peak, depths = START, []
    for value in money:
        peak = max(peak, value)
        depths.append((peak - value) / peak)
    last = 0
    for at, first in enumerate(range(0, bars, per)):
        last += found["e"][at]
        assert last == round(money[min(first + per, bars) - 1] * found["scale"])
        assert found["d"][at] == round(max(depths[first : first + per]) * 10_000)
    changes = [
        [bar, pytest.approx(here, rel=1e-9)]
        for bar, here in enumerate(held)
        if here != (held[bar - 1] if bar else 0.0)
    ]
    assert found["positions"] == changes


def test_every_jump_of_time_is_told() -> None:
    run = made_up_run(bars=50, trades=1)
    ts = run.data.exec.ts
    for row in range(20, 50):
        ts[row] += INTERVAL
    assert read(run)["bars"]["jumps"] == [[0, ts[0]], [20, ts[20]]]


def test_a_month_ends_with_the_close_at_its_midnight() -> None:
    """Closes at 23:00 on 31 December and each hour on, over three years' borders, some days left out."""
    first = int(datetime(2023, 12, 31, 23, tzinfo=UTC).timestamp()) * 1000
    ends: dict[tuple[int, int], float] = {}
    columns = EquityColumns()
    for hour in range(400 * 24):
        if 1_000 < hour < 2_600:  # one month has no bar at all
            continue
        ts = first + hour * HOUR_MS
        equity = 1000.0 + (hour * 37 % 101)
        columns.ts.append(ts)
        columns.equity.append(equity)
        day = datetime.fromtimestamp((ts - 1) / 1000, UTC)
        ends[day.year, day.month] = equity
    gains, before = [], 1000.0
    for equity in ends.values():
        gains.append(100 * (equity / before - 1))
        before = equity
    cells = re.findall(r'<td class="num" [^>]*>([^<]*)</td>', months(columns, 1000.0))
    assert [float(cell.replace("−", "-").strip("+ %")) for cell in cells] == [
        pytest.approx(gain, abs=0.051) for gain in gains
    ]
