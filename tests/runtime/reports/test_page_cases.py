"""How often the card acted: counts are those of the columns and of the closes that decided, unknown apart."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from runtime.backtest import market_stage, run_backtest
from runtime.market.data import MarketData
from runtime.market.instrument_table import instrument_for
from runtime.market.synthetic import SyntheticSpec, synthetic_market
from runtime.records.rows import CaseRow, RunRecord
from runtime.reports.conditions import conditions_of
from runtime.reports.page_cases import cases, never_fired
from tests.runtime.reports.made_up_run import made_up_run
from tools.running import compile_for, run_program

CARD = """\
name: counted
symbol: BTCUSDT
tf: 15m
features:
  - { type: sma, id: slow, params: { length: 20 } }
account: { starting_equity_usdt: 10000 }
blocks:
  - id: enter
    cases:
      - when: close > slow and close > 0
        emit:
          - { action: cancel_all_orders }
      - when: close < slow
        emit:
          - { action: entry_long, metadata: { size: 5% of equity, stop_loss: close - 100, order_ref: a } }
      - when: close > slow and position_side == short
        emit:
          - { action: exit_short, metadata: { reason: never } }
"""


def ran(first: int = 0) -> tuple[Program, MarketData, RunRecord]:
    """Return the card, its market and its run; `enter` case 2 comes to refusals once a position is held."""
    source = Source("counted.card.yaml", CARD)
    program = compile_for(source, despite_lint=True)
    data = synthetic_market(SyntheticSpec(timeframe="15m", bars=600))
    data = replace(data, first=first)
    facts = instrument_for("BTCUSDT")
    return program, data, run_backtest(program, data, facts, source=source, flip=False)


@pytest.mark.parametrize("first", [0, 100])
def test_a_case_fires_where_it_is_the_first_that_is_true(first: int) -> None:
    program, data, record = ran(first)
    slow = market_stage(program, data).feature(0, "value")
    above = sum(data.exec.close[i] > slow[i] for i in range(first, 600))
    below = sum(data.exec.close[i] < slow[i] for i in range(first, 600))
    assert above > 50
    assert below > 50
    assert [(row.block, row.case, row.line, row.fired) for row in record.cases] == [
        ("enter", 0, 10, above), ("enter", 1, 13, below), ("enter", 2, 16, 0),
    ]  # fmt: skip


def test_conditions_are_counted_from_the_first_traded_bar_and_unknown_is_not_false() -> None:
    program, data, _ = ran()
    market = market_stage(program, data)
    whole = conditions_of(program.graph, market.node, 0)
    assert (whole[0].case, whole[0].text) == (0, "close > slow")
    assert whole[0].unknown == 19  # the average of 20 closes
    assert sum(part or 0 for part in (whole[0].true, whole[0].false, whole[0].unknown)) == 600
    later = conditions_of(program.graph, market.node, 100)
    assert later[0].unknown == 0
    assert sum(part or 0 for part in (later[0].true, later[0].false)) == 500


def test_the_result_holds_what_the_page_says_of_each_case_with_and_without_a_page(
    tmp_path: Path,
) -> None:
    program, data, record = ran()
    source, made = Source("counted.card.yaml", CARD), []
    for report in (False, True):
        outcome = run_program(source, program, data, tmp_path / str(report), report=report)
        made.append(outcome.files.made["cases"])
        assert json.loads(outcome.files.result.read_text(encoding="utf-8"))["cases"] == made[-1]
    assert made[0] == made[1]
    first, second, third = made[0]
    slow = market_stage(program, data).feature(0, "value")
    above = sum(close > mean for close, mean in zip(data.exec.close, slow, strict=True))
    assert (first["block"], first["case"], first["line"]) == ("enter", 0, 10)
    assert (first["closes"], first["fired"], first["orders"]) == (600, above, 0)
    assert first["conditions"] == [
        {"text": "close > slow", "true": above, "false": 581 - above, "unknown": 19},
        {"text": "close > 0", "true": 600, "false": 0, "unknown": 0},
    ]
    assert second["orders"] == sum(order.case == 1 for order in record.orders) > 0
    assert second["intents_refused"] == sum(row.case == 1 for row in record.refusals)
    assert [c["true"] for c in third["conditions"]] == [above, None]  # of the account: not counted


def test_what_reads_the_account_is_said_not_to_be_counted() -> None:
    program, data, record = ran()
    counted = conditions_of(program.graph, market_stage(program, data).node, 0)
    account = [c for c in counted if c.true is None]
    assert [c.text for c in account] == ["position_side == short"]
    page = cases(record, counted)
    assert page.count("reads the account: not counted") == 1


def test_the_page_says_how_often_each_case_fired_and_what_came_of_it() -> None:
    program, data, record = ran()
    page = cases(record, conditions_of(program.graph, market_stage(program, data).node, 0))
    placed = [order for order in record.orders if order.case == 1 and order.block == "enter"]
    refused = [row for row in record.refusals if row.case == 1]
    assert placed
    assert f"Fired at {record.cases[1].fired} of 600 closes" in page
    assert f"Orders: {len(placed)} (" in page
    assert f"refused intents: {len(refused)}." in page
    assert "No order of it was placed" in page  # the first case only cancels


def test_a_case_that_never_fired_is_the_first_line_of_the_panel(tmp_path: Path) -> None:
    source = Source("counted.card.yaml", CARD)
    program = compile_for(source, despite_lint=True)
    data = synthetic_market(SyntheticSpec(timeframe="15m", bars=600))
    report = run_program(source, program, data, tmp_path, flip=False).files.report
    assert report is not None
    panel = report.read_text("utf-8").split('class="panel trust"')[1].split("</ul>")[0]
    first = re.sub(r"<[^>]+>", "", panel.split("<li")[1])
    assert "Never fired" in first
    assert "enter, case 3 (line 16)" in first
    assert "case 1" not in first


def test_where_all_fired_nothing_is_said_and_texts_stay_texts() -> None:
    record = made_up_run().record
    assert never_fired(record) == ""
    record.cases = [CaseRow(block="<b>", case=0, line=3, fired=1)]
    assert never_fired(record) == ""
    record.cases[0].fired = 0
    assert "No case of the card ever fired" in never_fired(record)
    assert "<b>, case" not in never_fired(record) + cases(record, [])
