"""`@tf` of the timeframe that the card is looked at on says nothing: it is the value without it."""

from __future__ import annotations

import pytest

from compiler.findings.source import Source
from compiler.graph.rule_graph import RuleGraph
from compiler.pipeline import check


def graph(when: str) -> RuleGraph:
    text = f"name: x\nsymbol: BTCUSDT\ntf: 15m\nhtf: 1h\nblocks:\n  - id: a\n    cases: [{{ when: '{when}', emit: [exit_all] }}]\n"
    found = check(Source("x", text), lints=False)
    assert found.graph is not None, found.diagnostics
    return found.graph


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("mark_price@15m > 5", "mark_price > 5"),
        ("close@15m > high@15m[1]", "close > high[1]"),
        ("hl2@15m > open", "hl2 > open"),
        ("close crosses above sma(close, 20)@15m", "close crosses above sma(close, 20)"),
    ],
)
def test_a_value_on_the_cards_own_bars_is_the_value_itself(written: str, plain: str) -> None:
    one, two = graph(written), graph(plain)
    assert [(n.op, n.args, n.attr) for n in one.nodes] == [
        (n.op, n.args, n.attr) for n in two.nodes
    ]
    assert [f.type for f in one.features] == [f.type for f in two.features]


@pytest.mark.parametrize("name", ["bar_index@1h", "equity@15m", "hour_utc@1h"])
def test_what_has_no_value_on_other_bars_is_told(name: str) -> None:
    text = f"name: x\nsymbol: BTCUSDT\ntf: 15m\nhtf: 1h\nblocks:\n  - id: a\n    cases: [{{ when: '{name} > 5', emit: [exit_all] }}]\n"
    (found,) = [d for d in check(Source("x", text)).diagnostics if d.is_error]
    assert "has no value on another timeframe" in found.message


def test_a_value_that_crosses_itself_is_told_once() -> None:
    text = (
        "name: x\nsymbol: BTCUSDT\ntf: 15m\nblocks:\n  - id: a\n    cases:\n"
        "      - { when: close crosses above close@15m, emit: [exit_all] }\n"
    )
    codes = [d.code for d in check(Source("x", text)).diagnostics]
    assert "IC401" in codes
    assert "IC402" not in codes
