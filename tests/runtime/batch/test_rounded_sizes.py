"""A size of which whole lots leave out much is told by both engines alike, and at its close."""

from __future__ import annotations

from dataclasses import replace

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Kernels
from runtime.explain.close import explain
from runtime.explain.text import explanation_text
from runtime.market.data import MarketData
from runtime.records.remarks import Remark
from runtime.records.rows import RemarkRow
from runtime.reports import Extra
from runtime.reports.result import result
from runtime.reports.trust import trust_notes
from tests.batch_equal.runs import differences, kernel_record
from tests.strategies.runs import SMALL, at_bar, card_text, emit, flat, frame

COARSE = replace(SMALL, lot=1.0)


def run(size: str, kernels: Kernels, account: str = "") -> list[RemarkRow]:
    """Return what is remarked of one entry where a lot is worth 100 USDT, by both engines."""
    program, source, data = made(size, account)
    columns = market_stage(program, data)
    record = run_backtest(program, data, COARSE, source=source, market=columns)
    record.warnings = []
    by_kernel = kernel_record(program, data, COARSE, columns, kernels, source)
    assert list(differences(record, by_kernel)) == []
    return record.remarks


def made(size: str, account: str = "") -> tuple[Program, Source, MarketData]:
    entry = emit("entry_long", size=size)
    source = Source("card.yaml", card_text(at_bar(1, entry), account=account))
    return compile_card(source), source, MarketData(exec=frame(flat(100, 4)))


def test_a_size_that_lots_make_another_one_names_its_order_and_the_share(kernels: Kernels) -> None:
    (row,) = run("180 usdt", kernels)
    assert (row.kind, row.order_id) == (Remark.SIZE_ROUNDED.value, "o1")
    assert row.text == "1.8 to 1: one lot is 1"
    assert row.lost_pct == pytest.approx(44.44, abs=0.01)
    assert row.line > 0


@pytest.mark.parametrize("size", ["200 usdt", "2 base", "1040 usdt"])
def test_a_size_of_which_lots_leave_out_little_is_not_remarked(size: str, kernels: Kernels) -> None:
    assert run(size, kernels) == []


def test_a_size_that_was_cut_besides_is_told_once_as_the_cut(kernels: Kernels) -> None:
    (row,) = run("3.9% of equity * 100", kernels, "max_position_usdt: 250")
    assert row.kind == Remark.SIZE_CUT.value
    assert row.lost_pct == pytest.approx(100 * (1 - 2 / 390))


def test_the_report_counts_rounded_sizes_and_says_the_largest_share() -> None:
    program, source, data = made("180 usdt")
    record = run_backtest(program, data, COARSE, source=source)
    seen = result(program, data, COARSE, record, Extra())
    (note,) = [note for note in trust_notes(seen) if note.title == "Sizes rounded down"]
    assert "1 time" in note.text
    assert "at most 44.4 % of it; first" in note.text


def test_an_explained_close_says_what_of_a_size_was_left_out() -> None:
    program, _, data = made("180 usdt")
    text = explanation_text(explain(program, data, COARSE, 1))
    assert "smaller than asked: 1.8 to 1: one lot is 1" in text
