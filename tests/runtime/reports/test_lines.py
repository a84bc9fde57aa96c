"""Lines of the card: the columns it was decided by, over the bars where they are levels of price."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.backtest import market_stage
from runtime.market.data import MarketData
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.reports import Extra, Line
from runtime.reports.detail import bars_per_candle, candle_ends
from runtime.reports.lines import MOST_LINES, lines_of, packed
from runtime.reports.page_data import page_data
from tests.runtime.reports.browser import attribute, dump, section
from tests.runtime.reports.made_up_run import made_up_run
from tests.runtime.reports.test_page import _made, opened
from tools.running import compile_for, run_program

ROOT = Path(__file__).resolve().parents[3]
NAN = math.nan


def read(name: str, bars: int = 3_000, first: int = 0) -> tuple[Program, MarketData, list[Line]]:
    """Return a gallery card, its market and its lines."""
    path = ROOT / "cards" / "gallery" / f"{name}.yaml"
    program = compile_for(Source(path.name, path.read_text(encoding="utf-8")))
    data = synthetic_market(SyntheticSpec(timeframe=program.graph.timeframe, bars=bars))
    data = replace(data, first=first)
    market = market_stage(program, data)
    return program, data, lines_of(program.graph, market.feature, market.view, data.exec, first)


def test_levels_of_price_lie_over_the_bars_and_all_else_has_a_pane() -> None:
    _, _, lines = read("mean_reversion_partials")
    assert [(line.name, line.unit, line.over_price) for line in lines] == [
        ("bb.lower", "USDT", True), ("bb.middle", "USDT", True), ("bb.upper", "USDT", True),
        ("rsi", "", False), ("atr", "USDT", False),
    ]  # fmt: skip


def test_a_line_is_the_column_at_the_close_of_each_candle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.reports.detail.MAX_CANDLES", 1_000)
    program, data, lines = read("ema_cross", first=500)
    market = market_stage(program, data)
    column = market.feature(0, "value")
    ends = candle_ends(len(data.exec) - 500)
    assert bars_per_candle(2_500) == 3
    assert len(ends) == 834
    assert list(lines[0].values) == [column[500 + end] for end in ends]


def test_a_line_of_a_higher_timeframe_moves_when_its_bar_closes() -> None:
    """`slow` is of 4h bars: sixteen bars of 15m show one value, the first unknown ones are gaps."""
    _, data, lines = read("multi_timeframe")
    slow = next(line for line in lines if line.name == "slow")
    assert math.isnan(slow.values[0])
    moved = [
        i
        for i in range(1, 3_000)
        if slow.values[i] != slow.values[i - 1] and slow.values[i] == slow.values[i]
    ]
    assert len(moved) > 50
    assert all(data.exec.close_time(i) % (4 * 3_600_000) == 0 for i in moved[1:])


def test_an_indicator_that_is_only_asked_shows_its_main_number_and_zones_are_no_lines() -> None:
    _, _, lines = read("zone_scalper_v1")
    names = [line.name for line in lines]
    assert "sqz.sqz" in names
    assert "swing.high_level" in names
    assert not any(name.startswith("demand") for name in names)


def test_what_was_unknown_stays_unknown_on_the_page() -> None:
    line = Line("a", "value", "", False, [NAN, 1.0, 1.25, NAN, 1.5])
    made = packed(line)
    assert made["v"] == [
        None,
        1.0 * made["scale"],
        0.25 * made["scale"],
        None,
        0.25 * made["scale"],
    ]


def test_a_line_without_a_known_value_is_packed_and_drawn_as_nothing(tmp_path: Path) -> None:
    run = made_up_run()
    count = len(run.data.exec)
    run.extra = Extra(lines=[Line("never", "value", "%", False, [NAN] * count)])
    document = opened(run, tmp_path)
    assert attribute(document, "data-points") == "0"
    assert "never" in section(document, "chart")
    assert "unknown" in section(document, "chart")


def test_lines_past_the_limit_are_named(tmp_path: Path) -> None:
    run = made_up_run()
    count = len(run.data.exec)
    names = [f"f{n}" for n in range(MOST_LINES + 2)]
    lines = [Line(name, "value", "", False, [50.0] * count) for name in names]
    made = page_data(_made(run), run.data, run.record, (), lines)
    assert len(made["lines"]) == MOST_LINES
    assert made["lines_left"] == names[-2:]
    run.extra = Extra(lines=lines)
    assert f"Not drawn, too many: {', '.join(names[-2:])}" in section(
        opened(run, tmp_path), "chart"
    )


def test_the_page_of_a_card_draws_its_lines_in_their_panes(tmp_path: Path) -> None:
    path = ROOT / "cards" / "gallery" / "mean_reversion_partials.yaml"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    program = compile_for(source)
    data = synthetic_market(SyntheticSpec(timeframe=program.graph.timeframe, bars=1_500))
    files = run_program(source, program, data, tmp_path, flip=False).files
    assert files.report is not None
    document = dump(files.report)
    assert attribute(document, "data-error") is None
    assert attribute(document, "data-panes") == "2"
    assert int(attribute(document, "data-points") or 0) > 2_000
    assert "bb.upper" in section(document, "chart")
    held = json.loads(files.report.read_text("utf-8").split('id="data">')[1].split("</script>")[0])
    assert len(held["lines"]) == 5


PINCH = """
  const plot = document.getElementById('plot'), box = plot.getBoundingClientRect();
  const touch = (type, pointerId, x) => plot.dispatchEvent(new PointerEvent(type,
    { pointerId, clientX: box.left + x, clientY: box.top + 100, pointerType: 'touch', bubbles: true }));
  chart.draw();
  const wide = chart.scales.price.box.w, before = chart.view.to - chart.view.from;
  const at = (x) => chart.view.from + x / chart.scales.price.wide;
  touch('pointerdown', 1, wide * 0.4);
  touch('pointerdown', 2, wide * 0.6);
  const held = [at(wide * 0.4), at(wide * 0.6)];
  touch('pointermove', 1, wide * 0.2);
  touch('pointermove', 2, wide * 0.8);
  chart.draw();
  const now = [at(wide * 0.2), at(wide * 0.8)];
  const data = document.documentElement.dataset;
  data.zoomed = ((chart.view.to - chart.view.from) / before).toFixed(3);
  data.kept = String(held.every((value, i) => Math.abs(value - now[i]) < 1e-6));
  touch('pointerup', 2, wide * 0.8);
  const after = chart.view.from;
  touch('pointermove', 1, wide * 0.5);
  data.still = String(chart.view.from === after);
"""


def test_two_fingers_zoom_and_each_keeps_the_candle_it_was_put_on(tmp_path: Path) -> None:
    document = opened(made_up_run(), tmp_path, PINCH)
    assert attribute(document, "data-zoomed") == "0.333"
    assert attribute(document, "data-kept") == "true"
    assert attribute(document, "data-still") == "true"


def test_holding_the_symbol_starts_with_the_same_money(tmp_path: Path) -> None:
    run = made_up_run()
    script = """
      document.documentElement.dataset.held = HOLD[HOLD.length - 1].toFixed(6);
    """
    document = opened(run, tmp_path, script)
    frame = run.data.exec
    worth = 10_000.0 * frame.close[-1] / frame.open[0]
    assert float(attribute(document, "data-held") or 0) == pytest.approx(worth, rel=1e-9)
