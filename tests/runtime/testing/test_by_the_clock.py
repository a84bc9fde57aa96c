"""Made-up paths of cards that read the clock: the levels are known where they begin, the hours are met."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.program import Program
from compiler.pipeline import compile_card
from runtime.testing.by_the_clock import by_the_clock
from runtime.testing.paths import PathShape, shape_of
from runtime.testing.search import SearchLimits, search
from tests.runtime.testing.test_search import BUY, block
from tests.strategies.runs import SMALL, card_text

DAY = 288  # bars of 5m
LEVELS = "features:\n  - { id: levels, type: session_levels }\n"
PIVOTS = "features:\n  - { id: floors, type: pivots, params: { anchor: D } }\n"
SESSIONS = "sessions: { ldn: { tz: UTC, hours: 08:00-16:30 } }\n"
SUM = "features:\n  - { id: usual, type: sma, source: ldn.high, params: { length: 3 } }\n"


def on_5m(blocks: str, *promises: str, more: str = "") -> Program:
    listed = f"invariants: [{', '.join(promises)}]\n" if promises else ""
    text = card_text(blocks, more=listed + more).replace("tf: 1m", "tf: 5m")
    return compile_card(Source("card.yaml", text))


def shaped(when: str, more: str = "") -> PathShape:
    program = on_5m(block("b", when, BUY), more=more)
    return by_the_clock(program, shape_of(program.graph, SMALL, program.warmup_bars))


@pytest.mark.parametrize(
    ("when", "more", "bars"),
    [
        ("close > levels.prev_day_high", LEVELS, DAY),
        # Made-up bars begin on a Thursday: the first whole week has ended eleven days later.
        ("close > levels.prev_week_high", LEVELS, 11 * DAY),
        ("close > floors.r1", PIVOTS, DAY),
        ("close > ldn.high", SESSIONS, DAY // 3),
        ("close > usual", SESSIONS + SUM, DAY // 3 + 2),
        ("close > levels.day_high", LEVELS, 0),  # known at once
    ],
)
def test_a_path_begins_where_what_is_read_of_days_and_weeks_is_known(
    when: str, more: str, bars: int
) -> None:
    assert shaped(when, more).warmup_bars == bars


@pytest.mark.parametrize("when", ["ldn.first_bar", "ldn.last_bar", "hour_utc == 20"])
def test_a_rule_of_one_bar_a_day_is_met_by_the_search(when: str) -> None:
    program = on_5m(block("b", when, BUY), "position_layers == 0", more=SESSIONS)
    done = search(program, SMALL, SearchLimits(examples=40, bars=4))
    assert done.found is not None
    assert len(done.found.data.exec) - done.found.warmup_bars <= 4


def test_a_card_that_reads_no_clock_keeps_the_paths_it_had() -> None:
    shape = shaped("close > 101")
    assert (shape.warmup_bars, shape.later) == (0, ())


def test_examples_without_an_entry_are_told_from_those_with_one() -> None:
    idle = on_5m(block("b", "close > 1000000", BUY), "position_layers == 0")
    done = search(idle, SMALL, SearchLimits(examples=20, bars=4))
    assert (done.found, done.entered) == (None, 0)
    busy = on_5m(block("b", "close > 0 and position_side == flat", BUY))
    done = search(busy, SMALL, SearchLimits(examples=20, bars=4))
    assert done.entered == done.examples > 10
