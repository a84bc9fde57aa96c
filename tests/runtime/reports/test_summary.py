"""The terminal summary and the trust notes: figures aligned, doubts first, nothing invented."""

from __future__ import annotations

from array import array
from dataclasses import replace
from typing import Any

import pytest

from runtime.market.data import FundingSeries
from runtime.records.rows import RefusalRow
from runtime.reports import summary
from runtime.reports.result import result
from runtime.reports.trust import Grade, trust_notes
from tests.runtime.reports.made_up_run import MadeUpRun, made_up_run, program


def made(run: MadeUpRun) -> dict[str, Any]:
    return result(run.program, run.data, run.instrument, run.record, run.extra)


def titles(run: MadeUpRun, level: Grade) -> list[str]:
    return [note.title for note in trust_notes(made(run)) if note.grade is level]


def test_the_summary_is_narrow_aligned_and_honest() -> None:
    text = summary(made(made_up_run()))
    lines = text.splitlines()
    assert lines[0] == "made_up  BTCUSDT 15m"
    assert max(map(len, lines)) <= 96
    figures = lines[3:12]
    assert len({len(line) for line in figures}) == 1
    assert "6 intents refused: below_min_qty 6" in text
    assert "Synthetic market" in text


def test_the_headline_of_refusals_says_how_many_only_warmed_up() -> None:
    said = made(made_up_run())
    said["refusals"][0]["warming_up"] = 4
    assert "6 intents refused, 4 of them while warming up: below_min_qty 6" in summary(said)
    said["refusals"][0] |= {"count": 1, "warming_up": 0}
    said["counts"]["refusals"] = 1
    assert "1 intent refused: below_min_qty 1" in summary(said)


def test_limits_that_took_at_once_are_told_with_what_would_not() -> None:
    said = made(made_up_run())
    said["limit_metrics"]["limit_orders_took_at_once"] = 0
    assert "took at once" not in summary(said)
    said["limit_metrics"]["limit_orders_took_at_once"] = 12
    text = " ".join(summary(said).split())
    assert "12 limit orders took at once: the market was past the price; `post_only: true`" in text


def test_what_is_undefined_is_a_dash() -> None:
    text = summary(made(made_up_run(bars=0, trades=0)))
    assert "no bars, 0 bars" in text
    assert "–" in text
    assert "nan" not in text.lower()
    assert "None" not in text


def test_gravest_notes_come_first() -> None:
    levels = [note.grade for note in trust_notes(made(made_up_run()))]
    order = [Grade.CAUTION, Grade.NOTE, Grade.GOOD]
    assert levels == sorted(levels, key=order.index)


@pytest.mark.parametrize(("trades", "warned"), [(20, True), (60, False)])
def test_few_trades_are_too_few(trades: int, warned: bool) -> None:
    assert ("Small sample" in titles(made_up_run(2_000, trades), Grade.CAUTION)) is warned


def test_an_optimistic_fill_model_is_a_caution() -> None:
    run = made_up_run()
    assert "Fill model volume_weighted" in titles(run, Grade.NOTE)
    run.program = program(fill_model="touch")
    assert "Fill model touch" in titles(run, Grade.CAUTION)


def test_ambiguity_that_decides_the_result_is_a_caution() -> None:
    run = made_up_run()
    net = run.record.equity.equity[-1] - 10_000.0
    run.record.ambiguity.count, run.record.ambiguity.bars = 3, [1, 2]
    run.record.ambiguity.pnl_if_flipped = net * 0.99
    assert "Ambiguous bars: 2" in titles(run, Grade.NOTE)
    run.record.ambiguity.pnl_if_flipped = -net
    assert "Ambiguous bars: 2" in titles(run, Grade.CAUTION)


def test_bars_on_which_only_funding_hung_on_the_path_are_told_as_such() -> None:
    run = made_up_run()
    frame = run.data.exec
    filled = {fill.bar for fill in run.record.fills}
    quiet = [bar for bar in range(len(frame)) if bar not in filled][:3]
    inside = [frame.ts[bar] + 60_000 for bar in (*quiet[:2], min(filled))]
    at_its_open = frame.ts[quiet[2]]  # paid before the path begins
    times = sorted((*inside, at_its_open))
    run.data.funding = FundingSeries(array("q", times), array("d", [0.0001] * len(times)))
    bars = sorted((*quiet, min(filled)))
    run.record.ambiguity.count, run.record.ambiguity.bars = len(bars), bars
    assert made(run)["ambiguity"]["funding_only"] == 2
    (said,) = (n.text for n in trust_notes(made(run)) if n.title == "Ambiguous bars: 4")
    assert "on 2 of them only what a funding inside the bar was paid on" in said
    run.data.funding = None
    assert made(run)["ambiguity"]["funding_only"] == 0


def test_missing_feeds_and_ends_are_said() -> None:
    run = made_up_run()
    assert {"No mark prices", "No funding"} <= set(titles(run, Grade.NOTE))
    run.record.trades[-1].is_open = True
    assert "Open at the end" in titles(run, Grade.NOTE)
    run.record.trades[-1].at_end = True
    assert "Closed at the end" in titles(run, Grade.NOTE)
    run.record.liquidations = 2
    assert "Liquidated" in titles(run, Grade.CAUTION)


def test_a_warning_that_a_note_says_already_is_not_repeated() -> None:
    run = made_up_run()
    run.record.warnings = [
        "the market is synthetic",
        "no funding rates: funding is not counted",
        "w",
    ]
    texts = [note.text for note in trust_notes(made(run))]
    assert "w" in texts
    assert "the market is synthetic" not in texts
    assert sum("funding" in text for text in texts) == 1


def test_measurements_made_on_other_markets_earn_no_tick() -> None:
    ticks = titles(made_up_run(), Grade.GOOD)
    assert not [title for title in ticks if title.startswith(("Fill model", "Path inside"))]


def test_refused_entries_are_always_shown_with_their_share_and_the_reason() -> None:
    run = made_up_run()
    refused = RefusalRow(
        bar=1, ts=1, code="no_margin", text="", action="entry_long", order_ref=None, block="b",
        case=0, line=1,
    )  # fmt: skip
    run.record.refusals = [refused]
    run.record.orders = run.record.orders * 5
    assert "Refused entries" in titles(run, Grade.NOTE)
    run.record.refusals = [refused] * 5000
    assert "Refused entries" in titles(run, Grade.CAUTION)
    run.record.refusals = [replace(refused, action="exit_long", code="nothing_to_reduce")]
    assert "Refusals" in titles(run, Grade.NOTE)
