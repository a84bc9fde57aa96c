"""Explanations say what the run did, leaf by leaf, and nothing else."""

from __future__ import annotations

import math

import pytest

from compiler.findings.source import Source
from compiler.graph.describe import describe
from compiler.lints.places import WrittenConditions
from compiler.pipeline import check, compile_card
from runtime.errors import DataError
from runtime.explain.close import Condition, Explanation, explain
from runtime.explain.text import explanation_text, why_not_text
from runtime.explain.why_not import WhyNot, why_not
from runtime.market.data import MarketData
from tests.strategies.runs import SMALL, Row, Run, at_bar, card_text, emit, flat, frame

ROWS: list[Row] = [(100.0 + i, 101.0 + i, 99.0 + i, 100.5 + i) for i in range(8)]
BLOCKS = """
- id: enter
  cases:
    - when: position_side == flat and (close > close[3] or close > 200) and not (close > 106)
      emit:
        - { action: entry_long, metadata: { size_usdt: 1000 } }
        - { action: place_limit_long, metadata: { price: "close[6]", size_usdt: 90, order_ref: dip } }
- id: leave
  cases:
    - when: bars_since_entry >= 2
      emit: [exit_all]
"""


def explained(bar: int, blocks: str = BLOCKS, rows: list[Row] = ROWS) -> Explanation:
    card = compile_card(Source("test.yaml", card_text(blocks)))
    return explain(card, MarketData(exec=frame(rows)), SMALL, bar)


def leaf(explanation: Explanation, block: int, text: str) -> Condition:
    case = explanation.blocks[block].cases[0]
    return next(found for found in case.leaves() if found.text == text)


def test_a_leaf_shows_its_operands_and_its_truth() -> None:
    found = leaf(explained(3), 0, "close > close[3]")
    assert found.truth == 1.0
    assert [(o.text, o.value) for o in found.operands] == [("close", 103.5), ("close[3]", 100.5)]
    assert leaf(explained(3), 0, "position_side == flat").operands[0].shown == "flat"


SHIFTED = """
- id: enter
  cases:
    - when: position_side == flat and not green[1]
      emit: [{ action: entry_long, metadata: { size_usdt: 1000 } }]
"""


def test_a_look_back_at_a_condition_shows_what_it_saw_on_its_own_bar() -> None:
    text = card_text(SHIFTED) + "variables: { green: close > 103 }\n"
    found = explain(compile_card(Source("test.yaml", text)), MarketData(exec=frame(ROWS)), SMALL, 3)
    (look,) = [one for one in found.blocks[0].cases[0].leaves() if "position_side" not in one.text]
    assert look.truth == 0.0
    assert [(o.text, o.value) for o in look.operands] == [("close 1 bar ago", 102.5)]


NAMED = """
- id: enter
  cases:
    - when: position_side == flat and abs(held - target) > 20% of target
      emit: [{ action: entry_long, metadata: { size_usdt: 1000 } }]
"""
VARIABLES = """variables:
  event: bar_index == 1 or bar_index == 2
  held: value_when(event, high)
  target: min(value_when(event, low, 1), 2 * close)
"""


def test_values_are_called_by_the_names_of_the_card() -> None:
    """What a named value is made of is left out, and no time is told of a value of an earlier time."""
    text = card_text(NAMED) + VARIABLES
    found = explain(compile_card(Source("test.yaml", text)), MarketData(exec=frame(ROWS)), SMALL, 5)
    (look,) = [one for one in found.blocks[0].cases[0].leaves() if "position_side" not in one.text]
    assert look.text == "abs(held - target) > target * 0.2"
    shown = {o.text: o.shown for o in look.operands}
    assert set(shown) == {"abs(held - target)", "held - target", "held", "target", "target * 0.2"}
    assert shown["held"].endswith(", 3 bars ago")
    assert "set" not in shown["target"]


def test_a_value_of_the_time_before_is_not_told_at_the_last_time() -> None:
    word = "value_when(bar_index == 1 or bar_index == 2, low, 1)"
    blocks = MEMORY.replace("value_when(bar_index == 1 or bar_index == 2, high)", word)
    shown = {o.text: o.shown for o in leaf(explained(5, blocks), 0, f"{word} > 500").operands}
    assert "set" not in shown[word]


MEMORY = """
- id: enter
  cases:
    - when: value_when(bar_index == 1 or bar_index == 2, high) > 500
      emit: [{ action: entry_long, metadata: { size_usdt: 1000 } }]
"""


def test_a_memory_says_when_it_was_set() -> None:
    found = leaf(
        explained(5, MEMORY), 0, "value_when(bar_index == 1 or bar_index == 2, high) > 500"
    )
    shown = {o.text: o.shown for o in found.operands}
    assert shown["value_when(bar_index == 1 or bar_index == 2, high)"].startswith("103, set ")
    assert shown["value_when(bar_index == 1 or bar_index == 2, high)"].endswith(", 3 bars ago")
    before = leaf(
        explained(0, MEMORY), 0, "value_when(bar_index == 1 or bar_index == 2, high) > 500"
    )
    assert before.operands[0].shown == "unknown"


def test_a_number_of_the_last_times_says_of_which_and_how_many_are_known() -> None:
    when = "mean_when(bar_index == 1 or bar_index == 2, high, 2) > 500"
    blocks = MEMORY.replace("value_when(bar_index == 1 or bar_index == 2, high) > 500", when)
    word = when.removesuffix(" > 500")
    shown = {o.text: o.shown for o in leaf(explained(5, blocks), 0, when).operands}
    asked = "bar_index == 1 or bar_index == 2"
    assert set(shown) == {word, asked, *asked.split(" or "), "bar_index", "high"}
    assert shown[word].endswith(", 3 bars ago")
    before = leaf(explained(1, blocks), 0, when)
    assert before.why_unknown == f"`{word}` has 1 of its 2 values"


def test_an_unknown_leaf_says_why() -> None:
    found = leaf(explained(1), 0, "close > close[3]")
    assert math.isnan(found.truth)
    assert found.why_unknown == "`close[3]` warms up until bar 3"
    found = leaf(explained(1), 1, "bars_since_entry >= 2")
    assert found.why_unknown.startswith("`bars_since_entry`: ")


def test_a_condition_is_put_in_the_words_of_describe() -> None:
    graph = compile_card(Source("test.yaml", card_text(BLOCKS))).graph
    for block in explained(3).blocks:
        for case in block.cases:
            for found in case.leaves():
                assert found.text == describe(graph, found.node)


def test_what_fired_is_what_the_engine_did() -> None:
    run = Run(card_text(BLOCKS), ROWS).live()
    for bar in range(len(ROWS)):
        seen = explained(bar)
        asked = {intent.block for intent in seen.intents}
        assert {block.id for block in seen.blocks if block.fired is not None} == asked
        done = sum(len(intent.done) for intent in seen.intents)
        assert done == len(run.commands[bar])


def test_outcomes_are_orders_or_refusals_with_reasons() -> None:
    order, refused = explained(3).intents
    assert order.done == ("buy 9.661 market",)
    assert (refused.refusal, refused.done) == ("unknown_price", ())
    assert "`price` is unknown" in refused.text


def test_working_orders_and_position_are_those_before_the_decision() -> None:
    blocks = at_bar(0, emit("place_limit_long", price=99, size_usdt=990, order_ref="dip"))
    seen = explained(2, blocks + at_bar(2, "cancel_all_orders"), flat(100.0, 4))
    (order,) = seen.orders
    assert (order.order_ref, order.text, order.quantity) == ("dip", "buy limit limit 99", 10.0)
    assert (order.filled, order.age_bars) == (0.0, 2)
    assert seen.position == "flat"
    assert seen.intents[0].done == ("cancel o1 (cancel_all_orders)",)


def test_a_bar_outside_the_data_is_a_data_error() -> None:
    with pytest.raises(DataError, match="bar 8 is not among the 8 bars"):
        explained(8)


def test_the_text_names_lines_values_and_reasons() -> None:
    source = Source("test.yaml", card_text(BLOCKS))
    text = explanation_text(explained(3), lambda at: source.location(at).line)
    assert "block `enter`: case 0 fired" in text
    assert "close > close[3]   (close = 103.5, close[3] = 100.5)  line 11" in text
    assert "refused, unknown_price" in text
    assert "block `leave`: silent" in text
    assert "working orders:\n  none" in text


def silent(block: str, start: int, stop: int, blocks: str = BLOCKS) -> WhyNot:
    card = compile_card(Source("test.yaml", card_text(blocks)))
    return why_not(card, MarketData(exec=frame(ROWS)), SMALL, block, start, stop)


def test_why_not_counts_who_stood_in_the_way() -> None:
    found = silent("enter", 0, 8)
    assert (found.bars, found.fired) == (8, 1)
    by_text = {blocker.text: blocker for blocker in found.blockers}
    history = by_text["close > close[3]"]
    assert (history.blocked, history.unknown) == (3, 3)
    assert by_text["close > 200"].blocked == 3  # the other way to satisfy the same `or`
    assert by_text["position_side == flat"].blocked == 3  # bars 4, 5, 6


def test_a_not_blocks_as_one_thing_that_is_false() -> None:
    found = silent("enter", 7, 8)
    texts = {blocker.text for blocker in found.blockers}
    assert "not close > 106" in texts
    assert "close > 106" not in texts
    blocks = """
    - id: calm
      cases: [{ when: close > 0 and not (close > 1 and high > 2), emit: [no_action] }]
    """
    (blocker,) = silent("calm", 0, 8, blocks).blockers
    assert blocker.text == "not (close > 1 and high > 2)"
    assert blocker.blocked == blocker.alone == 8
    assert {operand.text for operand in blocker.leaf.operands} == {"close", "high"}


def test_the_nearest_miss_is_the_bar_with_the_least_in_the_way() -> None:
    blocks = """
    - id: high
      cases: [{ when: close > 108 and bar_index > 2, emit: [no_action] }]
    """
    found = silent("high", 0, 8, blocks)
    assert found.nearest is not None
    assert found.nearest.bar == 7
    assert [leaf.text for leaf in found.nearest.missing] == ["close > 108"]
    assert found.nearest.distance_pct == pytest.approx(0.5 / 108 * 100)
    text = why_not_text(found)
    assert "fired on 0 of 8 bars" in text
    assert "nearest miss: bar 7" in text


def test_an_unknown_block_is_named_with_its_neighbours() -> None:
    with pytest.raises(DataError, match="no block `entr`; it has `enter`, `leave`"):
        silent("entr", 0, 8)


def test_a_compound_operand_shows_what_it_is_made_of() -> None:
    blocks = """
    - id: b
      cases: [{ when: close > open * 1.01 + 2, emit: [no_action] }]
    """
    (found,) = list(explained(2, blocks).blocks[0].cases[0].leaves())
    shown = {operand.text: operand.value for operand in found.operands}
    assert shown["open"] == 102.0
    assert shown["open * 1.01 + 2"] == pytest.approx(105.02)


TWICE = """
- id: first
  cases:
    - when: close > open and hour_utc < 3
      emit: [no_action]
- id: second
  cases:
    - when: open < close and
        not busy and hour_utc between 1 and 30
      emit: [no_action]
    - when: {lhs: {builtin: close}, op: gt, rhs: {builtin: open}}
      emit: [no_action]
"""
BUSY = "variables:\n  busy: volume > 5 and\n    close near open within 2%\n"


def test_a_condition_has_the_line_and_the_words_of_the_case_it_stands_in() -> None:
    source = Source("test.yaml", card_text(TWICE, more=BUSY))
    checked, program = check(source, lints=False), compile_card(source)
    assert checked.card is not None
    assert checked.graph is not None
    conditions = WrittenConditions(source, checked.card, checked.graph)

    def written(block: str, case: int, at: Condition) -> tuple[str, int] | None:
        return conditions.leaf(program.graph, block, case, at.node, at.text)

    seen = explain(program, MarketData(exec=frame(ROWS)), SMALL, 3)
    shown = explanation_text(seen, lambda _: 0, written).splitlines()
    lines = source.text.splitlines()
    for words, place in [
        ("close > open", "- when: close > open and hour_utc < 3"),
        ("open < close", "- when: open < close and"),
        ("volume > 5", "busy: volume > 5 and"),
        ("close near open within 2%", "close near open within 2%"),
        ("hour_utc >= 1", "not busy and hour_utc between 1 and 30"),
        ("{lhs: {builtin: close}, op: gt, rhs: {builtin: open}}", "- when: {lhs: {builtin: close}"),
    ]:
        (line,) = (row for row in shown if f" {words} " in row and " line " in row)
        number = next(n for n, row in enumerate(lines, 1) if row.strip().startswith(place))
        assert line.endswith(f"  line {number}"), (line, number)


def test_what_waits_for_its_first_whole_day_says_so_and_nothing_of_it_once_it_was_known() -> None:
    """The bars begin at noon; the day that begins in the middle of them has no price at its first bar's band."""
    blocks = BLOCKS.replace("close > 200", "close > vwap(anchor: D)").replace(
        "close[3]", "close[1]"
    )
    blocks = blocks.replace("vwap(anchor: D)", "session_open(D)")
    noon = frame(ROWS)
    for row in range(len(noon)):
        noon.ts[row] += 43_200_000
    card = compile_card(Source("test.yaml", card_text(blocks)))
    seen = explain(card, MarketData(exec=noon), SMALL, 3)
    (why,) = {one.why_unknown for one in seen.blocks[0].cases[0].leaves() if "session" in one.text}
    assert why.endswith("it counts by the day, and one that began before the first bar is unknown")
