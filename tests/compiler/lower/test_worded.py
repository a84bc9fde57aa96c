"""What choices, sequences, states, parts and memory are made of."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.describe import describe
from compiler.graph.rule_graph import RuleGraph
from compiler.graph.serde import graph_hash
from compiler.pipeline import check, compile_card

CARD = 'name: x\nversion: "3.2"\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n      - when: {}\n        emit: [no_action]\n'


def graph_of(when: str) -> RuleGraph:
    checked = check(Source("x", CARD.format(when)), lints=False)
    assert checked.graph is not None, [d.message for d in checked.diagnostics]
    return checked.graph


def meant(when: str) -> str:
    graph = graph_of(when)
    return describe(graph, graph.blocks[0].cases[0].when)


@pytest.mark.parametrize(
    ("when", "is_what"),
    [
        (
            "close < open then close > high[1] within 5 bars",
            "close > high[1] and ((close < open) within last 5 bars)[1]",
        ),
        ("close is rising", "close > close[1]"),
        ("close is not falling", "not close < close[1]"),
        ("sma(close, 3)@1h is rising", "sma(close, 3)@1h > sma(close, 3)@1h[1]"),
        ("close > low + 50% of (high - low)", "close > low + (high - low) * 0.5"),
        ("round(close, 5) > low", "round(close / 5) * 5 > low"),
        ("position_unrealized_pct > 2%", "position_unrealized_pct > 2"),
        ("remaining_equity_pct > 50%", "remaining_equity_pct > 0.5"),
        ("min(remaining_equity_pct, 50%) < 20%", "min(remaining_equity_pct, 0.5) < 0.2"),
        ("(open if volume > 0 else low) < close", "(open if volume > 0 else low) < close"),
        ("close > high[1] + 1 tick", "close > high[1] + tick"),
        ("close > low + 2.5 ticks", "close > low + tick * 2.5"),
        ("50% of free > 200 usdt", "free_margin * 0.5 > 200"),
        ("50% of free * leverage > 200 usdt", "free_margin * 0.5 * leverage > 200"),
        (
            "value_when(volume > 0, value_when(volume > 0, low)[1]) < close",
            "value_when(volume > 0, low, 1) < close",
        ),
        ("mean_when(volume > 0, low, 3) < close", "mean_when(volume > 0, low, 3) < close"),
        ("lowest_when(volume > 0, low, 1) < close", "value_when(volume > 0, low) < close"),
    ],
)
def test_a_construct_is_a_few_plain_operations(when: str, is_what: str) -> None:
    assert meant(when) == is_what


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("close crosses high[1]", "{ lhs: close, op: cross, rhs: 'high[1]' }"),
        ("close is rising", "{ lhs: close, op: is_rising }"),
        ("bars_since_exit is never", "{ lhs: bars_since_exit, op: is_never }"),
        (
            "close < open then close > open within 2h",
            "{ sequence: [ { expr: close < open }, { expr: close > open, bars: 2h } ] }",
        ),
        (
            "bars_since(close > open) > 5",
            "{ lhs: { bars_since: close > open }, op: gt, rhs: 5 }",
        ),
        (
            "close > value_when(close > open, low, 2)",
            "{ lhs: close, op: gt, rhs: { value_when: { when: close > open, expr: low, n: 2 } } }",
        ),
        (
            "close > median_when(close > open, low, 5)",
            "{ lhs: close, op: gt, rhs: { median_when: { when: close > open, expr: low, n: 5 } } }",
        ),
        (
            "count_since(position_side == flat, close < open) >= 3",
            "{ lhs: { count_since: { when: position_side == flat, expr: close < open } }, op: gte, rhs: 3 }",
        ),
        (
            "close > open if volume > 0 else close < open",
            "{ if: volume > 0, then: close > open, else: close < open }",
        ),
        (
            "rsi(close, 14)@4h[1] > 50",
            "{ lhs: { type: rsi, params: { length: 14 }, source: close, tf: 4h, offset: 1 }, op: gt, rhs: 50 }",
        ),
        ("time_utc in 13:30-20:00", "{ lhs: time_utc, op: in, rhs: '13:30-20:00' }"),
    ],
)
def test_both_forms_are_one_graph(text: str, tree: str) -> None:
    assert graph_hash(graph_of(text)) == graph_hash(graph_of(tree))


def test_an_indicator_in_place_is_the_one_that_is_declared() -> None:
    text = CARD.format("slow > sma(close, 20)[1]").replace(
        "blocks:", "features: [{ type: sma, id: slow, params: { length: 20 } }]\nblocks:"
    )
    assert len(compile_card(Source("x", text)).graph.features) == 1
