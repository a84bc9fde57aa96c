"""A promise that a fill, time or the market breaks is counted in every back-test, never closed by itself."""

from __future__ import annotations

from typing import Any

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.reports import Extra, summary
from runtime.reports.html import report_html
from runtime.reports.result import result
from runtime.reports.trust import Grade, trust_notes
from runtime.rules.tier import Tier
from tests.strategies.runs import SMALL, Row, at_bar, card_text, emit, flat, frame

BUY = emit("entry_long", size="1 base")
HELD = at_bar(0, BUY) + at_bar(4, "exit_all")  # bought at the open of bar 1, sold at that of bar 5


def ran(blocks: str, promises: str, rows: list[Row], first: int = 0, **more: Any) -> dict[str, Any]:
    """Return the result of a card with promises, in flow style."""
    text = card_text(blocks, more=f"invariants: [{promises}]", **more)
    source = Source("card.yaml", text)
    program = compile_card(source)
    data = MarketData(exec=frame(rows), first=first)
    record = run_backtest(program, data, SMALL, source=source, tier=Tier.AUTO)
    return result(program, data.traded(), SMALL, record, Extra())


def counts(made: dict[str, Any]) -> list[tuple[int, int, list[int]]]:
    """Return of each promise how often it was broken, at how many closes, and the bars it began at."""
    return [
        (row["times"], row["closes"], [one["bar"] for one in row["first"]])
        for row in made["promises"]
    ]


def test_a_position_held_longer_than_promised_is_counted_and_not_closed() -> None:
    """Entered on bar 1: at the closes of bars 1 2 3 4 it is 0 1 2 3 bars old, and may be 1."""
    made = ran(HELD, "{ flat_after_bars: 1 }", flat(100, 8))
    assert counts(made) == [(1, 2, [3])]
    (row,) = made["promises"]
    assert (row["text"], row["line"]) == ("flat_after_bars: 1", 6)
    assert row["first"][0]["text"] == "held for 2 bars of 1"
    assert made["counts"]["trades"] == 1
    assert made["metrics"]["avg_trade_duration_bars"] == 4


@pytest.mark.parametrize(
    ("promise", "blocks", "rows", "found"),
    [
        # bought for 100, the next at the open of bar 3, 3 above the close that asked for it
        ("never_average_up", at_bar(0, BUY) + at_bar(2, BUY),
         [*flat(100, 3), (103, 103, 103, 103)], (1, 1, [3])),
        ("{ max_notional_usdt: 100 }", at_bar(0, BUY), [*flat(100, 1), *flat(103, 3)], (1, 3, [1])),
        ("position_unrealized_pct > -1 or position_side == flat", HELD,
         [*flat(100, 2), *flat(98, 1), *flat(100, 1), *flat(97, 4)], (2, 2, [2, 4])),
        ("{ no_entry_while: close > 101 }", at_bar(0, emit("place_limit_long", price=99, size="1 base")),
         [*flat(100, 2), *flat(102, 1), *flat(98, 2)], (1, 1, [3])),
        ("{ no_entry_while: close > 101 }", at_bar(2, emit("place_limit_long", price=99, size="1 base")),
         [*flat(102, 2), *flat(100, 1), *flat(98, 2)], (0, 0, [])),
        ("always_protected", HELD, flat(100, 6), (0, 0, [])),
    ],
)  # fmt: skip
def test_what_fills_and_the_market_break_is_counted(
    promise: str, blocks: str, rows: list[Row], found: tuple[int, int, list[int]]
) -> None:
    assert counts(ran(blocks, promise, rows)) == [found]


def test_bars_are_counted_from_the_first_traded_one() -> None:
    """`bar_index` counts from there, too: the same run three bars later."""
    made = ran(HELD, "{ flat_after_bars: 1 }", flat(100, 11), first=3)
    assert counts(made) == [(1, 2, [3])]


def test_closes_that_nothing_happens_at_are_counted() -> None:
    """A long quiet history with a condition that time makes false, and one that is unknown while flat."""
    rows = [*flat(100, 700), *flat(99, 50), *flat(100, 600)]
    made = ran(at_bar(2000, BUY), "close >= 100, position_avg_entry < 200", rows)
    assert counts(made) == [(1, 50, [700]), (0, 0, [])]
    assert [row["unknown_closes"] for row in made["promises"]] == [0, 1350]


def test_a_refusal_keeps_a_promise_and_is_named_beside_it() -> None:
    rest = emit("place_limit_long", price=99, size="1 base")
    made = ran(at_bar(0, rest, rest), "{ max_open_orders: 1 }", flat(100, 4))
    (row,) = made["promises"]
    assert (row["times"], row["entries_refused"]) == (0, 1)


def test_no_tick_stands_beside_a_broken_promise() -> None:
    broken = ran(HELD, "{ flat_after_bars: 1 }, { max_layers: 3 }", flat(100, 8))
    notes = [note for note in trust_notes(broken) if "romise" in note.title]
    assert [(note.grade, note.title) for note in notes] == [
        (Grade.CAUTION, "Broken promise"),
        (Grade.NOTE, "Promises kept"),
    ]
    assert "`flat_after_bars: 1` (line 6) 1 time, at 2 closes" in notes[0].text
    assert "! Broken promise: `flat_after_bars: 1` (line 6)" in summary(broken)
    kept = ran(HELD, "{ flat_after_bars: 3 }", flat(100, 8))
    assert "✓ Promises kept: `flat_after_bars: 3`: kept at every close" in summary(kept)


def test_a_condition_that_could_not_be_told_earns_no_tick() -> None:
    made = ran(HELD, "position_avg_entry < 200", flat(100, 8))
    (note,) = [note for note in trust_notes(made) if note.title == "Promises kept"]
    assert note.grade is Grade.NOTE
    assert "at up to 4 closes it cannot be told" in note.text


def test_the_page_says_which_promise_was_broken() -> None:
    text = card_text(HELD, more="invariants: [{ flat_after_bars: 1 }]")
    program, data = compile_card(Source("card.yaml", text)), MarketData(exec=frame(flat(100, 8)))
    record = run_backtest(program, data, SMALL)
    made = result(program, data, SMALL, record, Extra())
    page = report_html(made, data, record, (), text)
    assert "<b>Broken promise</b><span>`flat_after_bars: 1` 1 time, at 2 closes; first" in page


def test_a_card_that_promises_nothing_has_no_rows() -> None:
    text = card_text(HELD)
    program, data = compile_card(Source("card.yaml", text)), MarketData(exec=frame(flat(100, 8)))
    assert run_backtest(program, data, SMALL).promises == []
