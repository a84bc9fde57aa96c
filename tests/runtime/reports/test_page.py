"""The page in a real browser: it draws, it reads, and no text in it can become markup or script."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from compiler.findings.source import Source
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.records.rows import RemarkRow
from runtime.reports import Extra, Line, RunFiles, Zone, write_run
from runtime.reports.page_data import page_data, trades_of_fills
from runtime.reports.result import result
from tests.runtime.reports.browser import attribute, dump, section
from tests.runtime.reports.made_up_run import FIRST_TS, INTERVAL, MadeUpRun, made_up_run
from tests.runtime.reports.test_limit_metrics import FILL
from tools.running import compile_for, run_program

ROOT = Path(__file__).resolve().parents[3]

HOSTILE = "</script><script>document.title='owned'</script><img src=x onerror=alert(1)>\"'&{{data}}"


def write(run: MadeUpRun, out: Path) -> RunFiles:
    return write_run(
        out, program=run.program, data=run.data, instrument=run.instrument, record=run.record,
        extra=run.extra,
    )  # fmt: skip


def opened(run: MadeUpRun, out: Path, script: str = "") -> str:
    """Return the document of a run's page; it must be ready and without an error."""
    report = write(run, out).report
    assert report is not None
    document = dump(report, script=script)
    assert attribute(document, "data-error") is None
    assert attribute(document, "data-ready") == "true"
    return document


def test_chart_and_tables_are_drawn(tmp_path: Path) -> None:
    run = made_up_run()
    zone = Zone("demand", 59_000.0, 59_500.0, FIRST_TS, FIRST_TS + 90 * INTERVAL, False)
    run.extra = Extra(zones=[zone])
    run.record.remarks = [
        RemarkRow(bar=3, ts=FIRST_TS, kind="size_cut", text="2 to 1: room", order_id="o1",
                  order_ref="rung_1", line=4)
    ]  # fmt: skip
    document = opened(run, tmp_path)
    assert "2 to 1: room" in section(document, "remarks")
    assert "Sizes cut" in document
    assert int(attribute(document, "data-candles") or 0) > 100
    assert int(attribute(document, "data-orders") or 0) == len(run.record.orders)
    assert int(attribute(document, "data-fills") or 0) == len(run.record.fills)
    assert int(attribute(document, "data-trades") or 0) == len(run.record.trades)
    trade = run.record.trades[0]
    assert f"{trade.entry_price:,.1f}" in section(document, "trades")
    assert "rung_1" in section(document, "orders")
    assert "below_min_qty" in section(document, "refusals")
    assert "Sharpe ratio" in section(document, "metrics")
    assert "volume_weighted" in section(document, "settings")


def test_a_clicked_trade_is_brought_into_the_chart(tmp_path: Path) -> None:
    run = made_up_run()
    click = "document.querySelectorAll('#trades tr.row')[3].click(); chart.draw();"
    document = opened(run, tmp_path, click)
    assert "trade 4 of" in section(document, "chart")
    assert int(attribute(document, "data-trades") or 99) < 8  # only its surroundings are in sight
    assert int(attribute(document, "data-candles") or 999) < 120


def test_a_row_opens_to_its_layers_and_fills(tmp_path: Path) -> None:
    run = made_up_run()
    document = opened(run, tmp_path, "document.querySelector('#trades .twist').click();")
    text = section(document, "trades")
    first = [f for f in run.record.fills if f.bar <= (run.record.trades[0].exit_bar or 0)]
    assert "Layers" in text
    assert text.count("maker") + text.count("taker") == len(first)


def test_columns_sort_and_rows_filter(tmp_path: Path) -> None:
    run = made_up_run()
    script = """
      const head = [...document.querySelectorAll('#trades th button')].find((b) => b.textContent === 'Net PnL, USDT');
      head.click();
      const cell = document.querySelector('#trades tbody tr.row td:nth-child(12)').textContent;
      const search = document.querySelector('#orders input');
      search.value = 'expired rung_1';
      search.dispatchEvent(new Event('input'));
      const found = [...document.querySelectorAll('#orders tbody tr.row')].map((r) => r.textContent);
      const all = found.length && found.every((t) => t.includes('expired') && t.includes('rung_1'));
      document.documentElement.dataset.best = cell;
      document.documentElement.dataset.found = `${all} ${found.length}`;
    """
    document = opened(run, tmp_path, script)
    best = max(t.net_pnl for t in run.record.trades)
    assert attribute(document, "data-best") == f"{best:+,.2f}"
    wanted = [o for o in run.record.orders if o.status == "expired" and o.order_ref == "rung_1"]
    assert attribute(document, "data-found") == f"true {len(wanted)}"


def test_the_rows_shown_are_saved_as_they_are_and_no_text_of_a_card_becomes_a_formula(
    tmp_path: Path,
) -> None:
    run = made_up_run()
    run.record.trades[0].exit_reason = '=1+1,"'
    script = """
      const search = document.querySelector('#trades input');
      search.value = '=1+1';
      search.dispatchEvent(new Event('input'));
      document.documentElement.dataset.csv = tradeTable.csv();
    """
    text = attribute(opened(run, tmp_path, script), "data-csv")
    assert text is not None
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["exit_reason"] == "'=1+1,\""
    assert float(row["net_pnl"]) == pytest.approx(run.record.trades[0].net_pnl)
    assert {"trade_id", "entry_price", "mae_pct"} <= set(row)


def test_a_column_is_saved_also_where_its_first_row_is_empty(tmp_path: Path) -> None:
    run = made_up_run()
    for place, trade in enumerate(run.record.trades):
        trade.initial_risk_usdt = 12.5 if place else None
    document = opened(run, tmp_path, "document.documentElement.dataset.csv = tradeTable.csv();")
    rows = list(csv.DictReader(io.StringIO(attribute(document, "data-csv") or "")))
    assert len(rows) == len(run.record.trades) > 1
    assert [row["initial_risk_usdt"] for row in rows[:2]] == ["", "12.5"]


def test_without_scripts_the_page_says_what_is_missing_and_shows_the_rest(tmp_path: Path) -> None:
    report = write(made_up_run(), tmp_path).report
    assert report is not None
    text = report.read_text(encoding="utf-8")
    assert "<noscript><p" in text
    assert "Exit reason" in text[: text.index("<script")]


def test_the_keyboard_moves_through_trades_and_zooms(tmp_path: Path) -> None:
    script = """
      const key = (node, name) => node.dispatchEvent(new KeyboardEvent('keydown', { key: name, bubbles: true }));
      const row = document.querySelector('#trades tr.row');
      row.focus();
      key(row, 'ArrowDown');
      document.documentElement.dataset.row = document.activeElement.dataset.index;
      key(document.activeElement, 'Enter');
      key(document.getElementById('plot'), 'n');
      key(document.getElementById('plot'), '+');
    """
    document = opened(made_up_run(), tmp_path, script)
    assert attribute(document, "data-row") == "1"
    assert "trade 3 of" in section(document, "chart")


@pytest.mark.parametrize(("bars", "trades"), [(0, 0), (1, 0), (2, 0), (400, 0)])
def test_a_run_without_trades_says_so(tmp_path: Path, bars: int, trades: int) -> None:
    document = opened(made_up_run(bars=bars, trades=trades), tmp_path)
    assert "No position was opened" in section(document, "trades")
    assert "NaN" not in document.split('id="data"')[0]


def test_a_large_run_stays_small_and_opens(tmp_path: Path) -> None:
    run = made_up_run(bars=30_000, trades=5_000)
    assert len(run.record.trades) > 3_500
    document = opened(run, tmp_path)
    page = next(tmp_path.glob("*/report.html"))
    assert page.stat().st_size < 8_000_000
    assert int(attribute(document, "data-candles") or 0) > 200
    assert "zoom in to see orders" in section(document, "chart")


def test_an_equity_below_zero_is_drawn(tmp_path: Path) -> None:
    run = made_up_run()
    equity = run.record.equity.equity
    run.record.equity.equity = [value - 60.0 * i for i, value in enumerate(equity)]
    document = opened(run, tmp_path)
    assert "−" in section(document, "overview")
    assert "NaN" not in document.split('id="data"')[0]


def test_texts_of_a_card_never_become_markup_or_script(tmp_path: Path) -> None:
    run = made_up_run(card=HOSTILE)
    run.data.source = HOSTILE
    run.data.notes = (HOSTILE,)
    run.record.warnings = [HOSTILE]
    run.extra = Extra(
        tier=HOSTILE,
        card_text=f"a: {HOSTILE}\n\nb: 2",
        zones=[Zone(HOSTILE, 1.0, 2.0, FIRST_TS, FIRST_TS + 9, True)],
        lines=[Line(HOSTILE, HOSTILE, "%", False, [1.0] * len(run.data.exec))],
    )
    for row in run.record.orders:
        row.order_ref = row.block = row.reason = HOSTILE
    for refusal in run.record.refusals:
        refusal.code = refusal.text = refusal.block = HOSTILE
    for trade in run.record.trades:
        trade.exit_reason = HOSTILE
    document = opened(run, tmp_path)
    assert "<title>owned</title>" not in document
    assert not re.search(r"<img[^>]*onerror", document)
    assert document.count("<script") == 2
    assert HOSTILE in section(document, "refusals")
    assert HOSTILE in section(document, "settings")


def test_a_refusal_leads_to_its_line_of_the_card(tmp_path: Path) -> None:
    run = made_up_run()
    run.extra = Extra(card_text="\n".join(f"line {number}" for number in range(1, 20)))
    document = opened(run, tmp_path)
    assert 'href="#line-14"' in document
    assert re.search(r'id="line-14"><code>line 14</code>', document)


def test_long_and_foreign_names_are_shown_whole(tmp_path: Path) -> None:
    name = "стратегия_βήτα_戦略_" + "very_long_name_" * 12
    run = made_up_run(card=name)
    document = opened(
        run,
        tmp_path,
        "document.documentElement.dataset.wide = document.documentElement.scrollWidth",
    )
    assert name in document
    assert int(attribute(document, "data-wide") or 9999) <= 1400


def test_a_table_of_results_too_wide_for_a_phone_scrolls_by_itself(tmp_path: Path) -> None:
    script = """
    const part = document.getElementById("groups");
    part.style.width = "240px";
    document.documentElement.dataset.wide = String(part.scrollWidth > part.clientWidth);"""
    assert attribute(opened(made_up_run(), tmp_path, script), "data-wide") == "false"


def test_figures_side_by_side_never_touch_and_stand_below_their_heads(tmp_path: Path) -> None:
    script = """
    document.body.style.width = "360px";
    const box = (cell) => { const text = document.createRange(); text.selectNodeContents(cell); return text.getBoundingClientRect(); };
    let least = 1000, off = 0, seen = 0;
    for (const row of document.querySelectorAll("#groups tbody tr")) {
      const cells = [...row.querySelectorAll("td")], heads = row.closest("table").querySelectorAll("thead .num");
      cells.forEach((cell, at) => {
        seen++;
        off = Math.max(off, Math.abs(box(cell).right - box(heads[at]).right));
        if (at) least = Math.min(least, box(cell).left - box(cells[at - 1]).right);
      });
    }
    document.documentElement.dataset.laid = JSON.stringify([least, off, seen]);"""
    laid = attribute(opened(made_up_run(), tmp_path, script), "data-laid")
    least, off, seen = json.loads(laid or "")
    assert seen > 20
    assert least >= 10
    assert off < 1


def test_the_page_asks_the_network_for_nothing(tmp_path: Path) -> None:
    report = write(made_up_run(), tmp_path).report
    assert report is not None
    text = report.read_text(encoding="utf-8")
    assert "default-src 'none'" in text
    assert re.findall(r"(?:src|href)=\"(?!#|data:)[^\"]*\"", text) == []
    assert set(re.findall(r"https?://[^\s\"')]+", text)) <= {"http://www.w3.org/2000/svg"}


# ---------------------------------------------------------------- the data block


def test_candles_decode_to_the_bars(tmp_path: Path) -> None:
    run = made_up_run(bars=200, trades=5)
    values = page_data(_made(run), run.data, run.record, ())
    bars, frame, last = values["bars"], run.data.exec, 0
    for index in range(len(frame)):
        open_ = last + bars["o"][index]
        close = open_ + bars["c"][index]
        high = max(open_, close) + bars["h"][index]
        low = min(open_, close) - bars["l"][index]
        decoded = [value / 10 ** bars["digits"] for value in (open_, high, low, close)]
        bar = frame.bar(index)
        assert decoded == pytest.approx([bar.open, bar.high, bar.low, bar.close], abs=1e-9)
        last = close
    assert bars["jumps"] == [[0, FIRST_TS]]


def test_equity_and_drawdown_decode_to_the_curve() -> None:
    run = made_up_run(bars=200, trades=20)
    values = page_data(_made(run), run.data, run.record, ())["equity"]
    money, decoded = 0, []
    for step in values["e"]:
        money += step
        decoded.append(money / values["scale"])
    assert decoded == pytest.approx(run.record.equity.equity, abs=0.006)
    peak = 10_000.0
    for depth, equity in zip(values["d"], run.record.equity.equity, strict=True):
        peak = max(peak, equity)
        assert depth / 10_000 == pytest.approx((peak - equity) / peak, abs=1e-4)


def test_many_bars_share_candles_without_losing_an_extreme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runtime.reports.detail.MAX_CANDLES", 30)
    run = made_up_run(bars=200, trades=5)
    values = page_data(_made(run), run.data, run.record, ())
    assert values["bars"]["per"] == 7
    assert len(values["bars"]["o"]) == len(values["equity"]["e"]) == 29
    assert max(values["equity"]["d"]) == max(_depths(run))


def _depths(run: MadeUpRun) -> list[int]:
    peak, depths = 10_000.0, []
    for equity in run.record.equity.equity:
        peak = max(peak, equity)
        depths.append(round((peak - equity) / peak * 10_000))
    return depths


def test_a_fill_that_turns_the_position_belongs_to_both_trades() -> None:
    after = [1.0, 2.0, -1.0, 0.0, 3.0]
    fills = [replace(FILL, position_after=value) for value in after]
    trades = made_up_run().record.trades[:3]
    now, before = trades_of_fills(fills, trades)
    assert now == [0, 0, 1, 1, 2]
    assert before == [None, None, 0, None, None]


def test_the_data_block_holds_no_tag(tmp_path: Path) -> None:
    run = made_up_run(card=HOSTILE)
    report = write(run, tmp_path).report
    assert report is not None
    text = report.read_text(encoding="utf-8")
    block = text.split('id="data">')[1].split("</script>")[0]
    assert "<" not in block
    assert json.loads(block)["symbol"] == "BTCUSDT"


def _made(run: MadeUpRun) -> dict[str, object]:
    return result(run.program, run.data, run.instrument, run.record, run.extra)


def test_rows_past_the_limit_are_counted_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.reports.page_data.MAX_ROWS", 10)
    monkeypatch.setattr("runtime.reports.page_data.MAX_TRADES", 4)
    run = made_up_run()
    document = opened(run, tmp_path, "document.querySelector('#trades .twist').click();")
    total = len(run.record.orders)
    assert f"the first of {total}; the rest is in the Parquet file" in section(document, "orders")
    assert f"the first of {len(run.record.trades)}" in section(document, "trades")


def test_a_card_run_by_the_engine_becomes_a_page(tmp_path: Path) -> None:
    path = ROOT / "cards" / "gallery" / "zone_scalper_v1.yaml"
    source = Source(path.name, path.read_text(encoding="utf-8"))
    program = compile_for(source)
    data = synthetic_market(SyntheticSpec(timeframe=program.graph.timeframe, bars=3_000))
    files = run_program(source, program, data, tmp_path, flip=False).files
    assert files.report is not None
    document = dump(files.report)
    assert attribute(document, "data-error") is None
    assert int(attribute(document, "data-trades") or 0) == files.made["counts"]["trades"] > 0
    assert json.loads(files.report.read_text("utf-8").split('id="data">')[1].split("</script>")[0])[
        "zones"
    ]["first"]
    trades = pq.read_table(files.table("trades"))["net_pnl"].to_pylist()
    assert sum(trades) == pytest.approx(files.made["metrics"]["net_profit_usdt"], abs=1e-6)
