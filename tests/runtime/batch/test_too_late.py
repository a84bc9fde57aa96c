"""What an order's last fill came before is told as that: nothing of the card was wrong, the market was quicker."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import market_stage, run_backtest
from runtime.batch.account_run import Kernels
from runtime.explain.close import explain
from runtime.explain.text import explanation_text
from runtime.market.data import MarketData
from runtime.records.rows import RunRecord
from runtime.reports import Extra
from runtime.reports.result import result
from runtime.reports.trust import trust_notes
from tests.batch_equal.runs import differences, kernel_record
from tests.strategies.runs import SMALL, Row, at_bar, card_text, emit, flat, frame

_BUY = emit("place_limit_long", price=98, size="1 base", order_ref="dip")
_AMEND = emit("amend_order", order_ref="dip", price=95)
_REPLACE = emit("place_limit_long", price=95, size="1 base", order_ref="dip", on_live_ref="replace")
_CANCEL = emit("cancel_order", order_ref="dip")
# The close of bar 1 asks, and bar 2 opens below where the order stands, not below where it is to stand.
_GAP: list[Row] = [*flat(100, 2), (96, 96, 95, 96), *flat(96, 2)]


def _made(asked: str, rows: list[Row]) -> tuple[Source, MarketData]:
    source = Source("card.yaml", card_text(at_bar(0, _BUY) + at_bar(1, asked)))
    return source, MarketData(exec=frame(rows))


def _run(asked: str, rows: list[Row]) -> RunRecord:
    source, data = _made(asked, rows)
    return run_backtest(compile_card(source), data, SMALL, source=source)


@pytest.mark.parametrize(
    ("asked", "kind", "what"),
    [
        (_AMEND, "filled_before_change", "change"),
        (_REPLACE, "filled_before_change", "change"),
        (_CANCEL, "filled_before_cancel", "cancel"),
    ],
)
def test_an_order_that_a_gap_fills_first_is_no_unknown_ref(
    asked: str, kind: str, what: str, kernels: Kernels
) -> None:
    source, data = _made(asked, _GAP)
    program = compile_card(source)
    columns = market_stage(program, data)
    record = run_backtest(program, data, SMALL, source=source, market=columns)
    record.warnings = []
    assert record.refusals == []
    (row,) = record.remarks
    assert (row.kind, row.order_ref, row.bar) == (kind, "dip", 2)
    assert row.text == f"1 had filled at 98 before the {what} arrived"
    assert row.line > 0
    assert not list(
        differences(record, kernel_record(program, data, SMALL, columns, kernels, source))
    )


@pytest.mark.parametrize(
    ("asked", "title"),
    [(_AMEND, "Filled before its change"), (_CANCEL, "Filled before its cancel")],
)
def test_the_report_says_once_that_an_order_filled_first(asked: str, title: str) -> None:
    source, data = _made(asked, _GAP)
    program = compile_card(source)
    record = run_backtest(program, data, SMALL, source=source)
    notes = trust_notes(result(program, data, SMALL, record, Extra()))
    assert [note.title for note in notes if note.title.startswith("Filled before")] == [title]
    assert not [note for note in notes if "unknown_ref" in note.text]


def test_an_explained_close_says_what_came_too_late_since_the_one_before() -> None:
    source, data = _made(_AMEND, _GAP)
    program = compile_card(source)
    said = "since the close before: the change of o1 `dip` came too late: 1 had filled at 98 before the change arrived"
    told = [explanation_text(explain(program, data, SMALL, bar)) for bar in (1, 2, 3)]
    assert [said in text for text in told] == [False, True, False]


def test_a_change_that_arrives_is_no_remark() -> None:
    record = _run(_AMEND, flat(100, 4))
    assert (record.refusals, record.remarks) == ([], [])
