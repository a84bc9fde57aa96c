"""`difference` sees meaning, not spelling: one change of meaning is one `Change`."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.describe import describe
from compiler.graph.difference import Change, difference
from compiler.graph.rule_graph import RuleGraph
from compiler.pipeline import check

CARD = """\
name: example
symbol: BTCUSDT
tf: 15m
features:
  - {type: ema, id: fast, params: {length: 9}}
  - {type: rsi, id: rsi_14, params: {length: 14}}
account: {starting_equity_usdt: 1000}
blocks:
  - id: entry
    cases:
      - when: close > fast and rsi_14 < 30 and position_side == flat
        emit: [{action: entry_long, metadata: {size: 10% of equity, stop_loss_offset_pct: -2}}]
  - id: leave
    cases:
      - when: position_side == long and rsi_14 > 70
        emit: [exit_long]
"""
LEAVE = CARD[CARD.index("  - id: leave") :]


def graph_of(text: str) -> RuleGraph:
    checked = check(Source("card.yaml", text), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return checked.graph


def changed(old: str, new: str) -> list[Change]:
    assert old in CARD
    return difference(graph_of(CARD), graph_of(CARD.replace(old, new, 1)))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: example", "name: another"),
        ("name: example", "# a comment\nname: 'example'"),
        ("rsi_14 < 30", "rsi_14.value < 30.0"),
        ("close > fast and rsi_14 < 30", "(close > fast) and (rsi_14 < 30)"),
        ("{length: 14}", "{period: 14}"),
        ("params: {length: 14}", "params: {length: 14}, tf: 15m"),
        (
            "position_side == long and rsi_14 > 70",
            "{all: [{lhs: {builtin: position_side}, op: eq, rhs: long},"
            " {lhs: {feature_id: rsi_14}, op: gt, rhs: 70}]}",
        ),
    ],
)
def test_another_spelling_is_no_difference(old: str, new: str) -> None:
    assert changed(old, new) == []


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        (
            "rsi_14 > 70",
            "rsi_14 > 75",
            Change(
                "changed",
                "blocks.leave.cases[0].when",
                "position_side == long and rsi_14 > 70",
                "position_side == long and rsi_14 > 75",
            ),
        ),
        ("length: 9", "length: 12", Change("changed", "features.fast.params.length", "9", "12")),
        (LEAVE, "", Change("removed", "blocks.leave")),
        (
            "starting_equity_usdt: 1000",
            "starting_equity_usdt: 500",
            Change("changed", "account.starting_equity_usdt", "1000", "500"),
        ),
        ("tf: 15m", "tf: 1h", Change("changed", "timeframe", "15m", "1h")),
        (
            "[exit_long]",
            "[exit_long, no_action]",
            Change("added", "blocks.leave.cases[0].emit[1]", None, "no_action"),
        ),
    ],
)
def test_one_change_of_meaning_is_one_change(old: str, new: str, change: Change) -> None:
    found = changed(old, new)
    if change.where == "timeframe":  # the features follow the card's timeframe
        found = [c for c in found if not c.where.startswith("features.")]
    assert found == [change]


def test_the_other_direction_is_the_opposite_change() -> None:
    short = CARD.replace(LEAVE, "")
    assert difference(graph_of(short), graph_of(CARD)) == [Change("added", "blocks.leave")]


def test_a_feature_that_is_added_or_removed_is_one_change() -> None:
    line = "  - {type: ema, id: slow, params: {length: 50}}\n"
    more = CARD.replace("account:", f"{line}account:").replace("features:\n", "features:\n", 1)
    more = more.replace(f"{line}account", "account").replace("features:\n", f"features:\n{line}")
    assert difference(graph_of(CARD), graph_of(more)) == [
        Change("added", "features.slow", None, "ema")
    ]
    assert difference(graph_of(more), graph_of(CARD)) == [Change("removed", "features.slow", "ema")]


def test_blocks_in_another_order_are_a_change_of_order_alone() -> None:
    start = CARD.index("  - id: entry")
    swapped = CARD[:start] + LEAVE + CARD[start : CARD.index("  - id: leave")]
    assert difference(graph_of(CARD), graph_of(swapped)) == [
        Change("changed", "blocks order", "entry, leave", "leave, entry")
    ]


def test_a_change_reads_as_one_line() -> None:
    assert str(Change("changed", "timeframe", "15m", "1h")) == "~ timeframe: 15m -> 1h"
    assert str(Change("added", "features.slow", None, "ema")) == "+ features.slow: ema"
    assert str(Change("removed", "blocks.leave")) == "- blocks.leave"


@pytest.mark.parametrize(
    ("when", "text"),
    [
        ("close > fast * (1 + 0.5)", "close > fast * (1 + 0.5)"),
        ("close - (open - low) > 0", "close - (open - low) > 0"),
        ("not (close > open and close > low)", "not (close > open and close > low)"),
        ("(close > open or close > low) and close > fast", None),
        ("fast[2] > close[1]", "fast[2] > close[1]"),
        ("position_side != long", "position_side != long"),
        ("fast is missing", "not fast is not missing"),
        ("abs(close - open) > 5", "abs(close - open) > 5"),
        ("order_pending(dip)", "order_pending(dip)"),
        ("(close > open) for 3 bars", "(close > open) for 3 bars"),
        ("(close > open) within last 4 bars", "(close > open) within last 4 bars"),
        ("close > open at least 2 of last 5 bars", "(close > open) at least 2 of last 5 bars"),
        ("(fast ?? close) > open", "fast ?? close > open"),
        ("-fast < close", "-fast < close"),
    ],
)
def test_a_node_reads_as_the_expression_it_came_from(when: str, text: str | None) -> None:
    graph = graph_of(CARD.replace("position_side == long and rsi_14 > 70", f'"{when}"'))
    wanted = text or "(close > open or close > low) and close > fast"
    assert describe(graph, graph.blocks[1].cases[0].when) == wanted
