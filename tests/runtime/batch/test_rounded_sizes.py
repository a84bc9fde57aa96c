"""A size of which whole lots leave out much is told by both engines alike, and at its close: of an order, a change, a target."""

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
from tests.batch_equal.busy_cards import busy_card
from tests.batch_equal.runs import differences, kernel_record
from tests.strategies.made_cards import market
from tests.strategies.runs import SMALL, at_bar, card_text, emit, flat, frame

COARSE = replace(SMALL, lot=1.0)


def run(size: str, kernels: Kernels, account: str = "") -> list[RemarkRow]:
    """Return what is remarked of one entry where a lot is worth 100 USDT, by both engines."""
    return remarked(*made(size, account), kernels)


def remarked(
    program: Program, source: Source, data: MarketData, kernels: Kernels
) -> list[RemarkRow]:
    columns = market_stage(program, data)
    record = run_backtest(program, data, COARSE, source=source, market=columns)
    record.warnings = []
    by_kernel = kernel_record(program, data, COARSE, columns, kernels, source)
    assert list(differences(record, by_kernel)) == []
    return record.remarks


def made(size: str, account: str = "") -> tuple[Program, Source, MarketData]:
    return emitting(emit("entry_long", size=size), account=account)


def emitting(*actions: str, account: str = "") -> tuple[Program, Source, MarketData]:
    """Return a card that does one thing at each close from bar 1 on, where a lot is worth 100 USDT."""
    blocks = "".join(at_bar(bar, action) for bar, action in enumerate(actions, start=1))
    source = Source("card.yaml", card_text(blocks, account=account))
    return compile_card(source), source, MarketData(exec=frame(flat(100, 4 + len(actions))))


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


def test_a_cut_to_what_equity_carries_is_told_alike_by_the_kernel(kernels: Kernels) -> None:
    (row,) = run("300% of equity", kernels)
    assert row.text.endswith("at `account.max_leverage` 1, 10000.00 of them are free"), row.text


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


_HELD = emit("entry_long", size="3 base")
_BUY = emit("place_limit_long", price=90, size="1 base", order_ref="a")
_AGAIN = emit("place_limit_long", price=90, size="250 usdt", order_ref="a", on_live_ref="replace")
_SELL = emit("place_limit_exit_long", price=110, size="3 base", order_ref="a")


def _target(size: str) -> str:
    return emit("adjust_size", size=size, side="long")


def _change(size: str) -> str:
    return emit("amend_order", order_ref="a", size=size)


@pytest.mark.parametrize(
    ("actions", "said"),
    [
        ((_target("180 usdt"), _target("180 usdt")), "1.8 to 1"),
        ((_target("1 base"), _target("290 usdt")), "2.9 to 2"),
        ((_target("3 base"), _target("180 usdt")), "1.8 to 1"),
        ((_BUY, _change("250 usdt")), "2.77778 to 2"),
        ((_HELD, _SELL, _change("180 usdt")), "1.63636 to 1"),
        ((_HELD, _SELL, _change("50% of position")), "1.5 to 1"),
        ((_HELD, emit("exit_long", size="50% of position")), "1.5 to 1"),
        ((_BUY, _AGAIN), "2.77778 to 2"),
    ],
)  # fmt: skip
def test_a_target_a_change_and_an_exit_say_what_of_them_lots_left_out(
    actions: tuple[str, ...], said: str, kernels: Kernels
) -> None:
    (row,) = remarked(*emitting(*actions), kernels)
    assert (row.kind, row.text) == (Remark.SIZE_ROUNDED.value, f"{said}: one lot is 1")


@pytest.mark.parametrize(
    "actions",
    [
        (_target("2 base"), _target("290 usdt")),
        (_BUY, _change("100 usdt")),
        (_HELD, _SELL, _change("2 base")),
        (_HELD, emit("exit_long")),
    ],
)
def test_what_asks_for_nothing_or_for_whole_lots_is_not_remarked(
    actions: tuple[str, ...], kernels: Kernels
) -> None:
    assert remarked(*emitting(*actions), kernels) == []


def test_a_change_that_ends_an_order_says_what_of_it_lots_left_out(kernels: Kernels) -> None:
    (row,) = remarked(*emitting(_BUY, _change("80 usdt")), kernels)
    assert (row.text, row.lost_pct) == ("0.888889 to 0: one lot is 1", 100.0)


def test_an_explained_close_says_what_of_a_target_and_of_a_change_was_left_out() -> None:
    program, _, data = emitting(_BUY, _change("250 usdt"), _target("180 usdt"))
    told = [explanation_text(explain(program, data, COARSE, bar)) for bar in (2, 3)]
    assert "smaller than asked: 2.77778 to 2: one lot is 1" in told[0]
    assert "smaller than asked: 1.8 to 1: one lot is 1" in told[1]


@pytest.mark.parametrize("seed", range(6))
def test_both_engines_tell_alike_where_lots_are_coarse(seed: int, kernels: Kernels) -> None:
    """Cards that trade all the time, a lot worth a tenth of the account."""
    source = Source("card.yaml", busy_card(seed, is_full=True))
    program = compile_card(source)
    data = market(program.graph, seed, 250)
    columns, coarse = market_stage(program, data), replace(COARSE, lot=0.3)
    record = run_backtest(program, data, coarse, source=source, market=columns)
    record.warnings = []
    other = kernel_record(program, data, coarse, columns, kernels, source)
    assert list(differences(record, other)) == []
