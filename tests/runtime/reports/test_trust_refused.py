"""What was refused is told by what it was: entries, anything else, what asked too early."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.pipeline import compile_card
from runtime.backtest import run_backtest
from runtime.market.data import MarketData
from runtime.reports import Extra
from runtime.reports.result import result
from runtime.reports.run_files import Json
from runtime.reports.trust import Grade, TrustNote, trust_notes
from tests.strategies.runs import SMALL, at_bar, card_text, emit, flat, frame

LEVEL = emit("place_limit_long", size="1 base", price="sma(close, 5) - 1")
BUY = emit("entry_long", size="1 base")


def made_of(blocks: str, first: int = 0, more: str = "") -> Json:
    source = Source("card.yaml", card_text(blocks, more=more))
    program = compile_card(source)
    data = MarketData(exec=frame(flat(100, 20)), first=first)
    record = run_backtest(program, data, SMALL, source=source)
    return result(program, data.traded(), SMALL, record, Extra())


def told(made: Json) -> dict[str, TrustNote]:
    names = ("Refused entries", "Refusals", "Refused while warming up")
    return {note.title: note for note in trust_notes(made) if note.title in names}


@pytest.mark.parametrize(("first", "early"), [(0, 4), (2, 2), (10, 0)])
def test_what_asks_for_values_while_they_warm_up_is_no_refused_entry(
    first: int, early: int
) -> None:
    """The mean of five closes is known from bar 4 on, whether the bars before are traded or not."""
    made = made_of(at_bar(0, LEVEL, last=19), first)
    assert made["counts"]["entries_refused_warming_up"] == early
    notes = told(made)
    assert "Refused entries" not in notes
    if early:
        note = notes["Refused while warming up"]
        assert f"unknown_price {early}" in note.text
        assert note.grade is Grade.NOTE


def test_what_is_refused_for_another_reason_counts_from_the_first_bar_on() -> None:
    huge = emit("entry_long", size="1000000 base")
    made = made_of(at_bar(0, huge) + at_bar(9, LEVEL))
    assert made["counts"]["entries_refused_warming_up"] == 0
    assert "1 of 2 entries" in told(made)["Refused entries"].text


def test_refused_exits_do_not_stand_among_the_refused_entries() -> None:
    """Three exits without a position, and two entries that nothing can pay."""
    huge = emit("entry_long", size="1000000 base")
    notes = told(made_of(at_bar(1, "exit_all", last=3) + at_bar(5, huge, BUY, last=6)))
    entries, others = notes["Refused entries"], notes["Refusals"]
    assert "2 of 4 entries" in entries.text
    assert "nothing_to_reduce" not in entries.text
    assert others.text.startswith("3 intents refused, no entry among them: nothing_to_reduce 3")


def test_a_size_of_nothing_is_told_as_that() -> None:
    nothing = emit("entry_long", size="max(0, close - 100) * 1 base / close")
    text = told(made_of(at_bar(1, nothing, last=3)))["Refused entries"].text
    assert "below_min_qty 3 (" in text
    assert "the first: the size is 0" in text


def held(made: Json) -> list[str]:
    notes = [note for note in trust_notes(made) if note.title == "Refused while held"]
    assert all(note.grade is Grade.CAUTION for note in notes)
    return [note.text for note in notes]


STOP = emit("adjust_stop", price="close - 3")
OWN = emit("entry_long", size="1 base", protect="layer", stop_loss="close - 5")
BELOW = emit("place_limit_exit_long", price="close * 0.9", ttl_type="ioc")


def test_a_stop_that_is_never_moved_while_a_position_is_held_is_a_caution() -> None:
    """Bought at the open of bar 2: from the close of bar 2 on every layer owns its stop."""
    (text,) = held(made_of(at_bar(1, OWN) + at_bar(2, STOP, last=15)))
    assert text.startswith("`adjust_stop` (line 17) at 14 closes of one position, from 1970")
    assert "layer_owned (every layer has a stop of its own" in text


def test_an_exit_that_is_refused_while_a_position_is_held_is_a_caution() -> None:
    (text,) = held(made_of(at_bar(1, BUY) + at_bar(2, BELOW, last=15)))
    assert "`place_limit_exit_long`" in text
    assert "14 closes" in text
    assert "price_outside_band" in text
    assert "`execution.price_band_pct`" in text


FIRST, SECOND = (emit("adjust_stop", price="close - 3", layer=number) for number in (0, 1))
WAITS = emit("place_limit_exit_long", price="close + 5", order_ref="out")


@pytest.mark.parametrize(
    "blocks",
    [
        at_bar(1, OWN) + at_bar(2, STOP, last=10),  # nine closes
        at_bar(2, STOP, last=15),  # no position
        at_bar(1, OWN) + at_bar(2, FIRST, SECOND, last=15),  # the other layer's is moved
        at_bar(1, BUY) + at_bar(2, WAITS, last=15),  # one waits already
        at_bar(1, OWN) + at_bar(2, STOP, last=18) + at_bar(9, "exit_all") + at_bar(10, OWN),  # eight of each
    ],
)  # fmt: skip
def test_what_no_position_was_long_held_without_is_no_caution(blocks: str) -> None:
    assert held(made_of(blocks)) == []


def test_a_layer_that_is_not_there_is_a_caution_where_no_other_is_named() -> None:
    (text,) = held(made_of(at_bar(1, OWN) + at_bar(2, SECOND, last=15)))
    assert "unknown_ref (no layer 1 is open)" in text


def test_what_the_limits_of_the_card_refuse_is_no_caution_and_names_the_way_out() -> None:
    """One entry, its exit, and an entry asked for on every close of the rest that the card wants."""
    blocks = at_bar(1, BUY) + at_bar(3, "exit_all") + at_bar(4, BUY, block="c", last=12)
    note = told(made_of(blocks, more="limits: { cooldown_bars: 12 }"))["Refused entries"]
    assert note.grade is Grade.NOTE
    assert "9 of 10 entries" in note.text
    assert "`entries_allowed`" in note.text
