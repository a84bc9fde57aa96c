"""An example that a finding gives is possible: what is worked out of its numbers makes the conditions true, as a run does."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from compiler.catalog.operations import STATEFUL
from compiler.findings.source import Source
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.lints.context import CaseView, LintContext
from compiler.lints.overlapping_cases import _both, _overlap
from compiler.lints.reasoning.facts import key_of
from compiler.lints.reasoning.witness import Values
from compiler.pipeline import check
from runtime.rules.semantics import evaluate

ROOT = Path(__file__).resolve().parents[3]
CARDS = sorted(p for p in (ROOT / "cards").rglob("*.yaml"))
CARD = """\
name: ratio
symbol: BTCUSDT
tf: 15m
features: [{ type: sma, id: sma, params: { length: 9 } }, { type: atr, id: atr, params: { length: 9 } }]
blocks:
  - id: enter
    cases:
      - when: FIRST
        emit: [{ action: entry_long, metadata: { size: 1% of equity, stop_loss_offset_pct: -3 } }]
      - when: SECOND
        emit: [{ action: entry_short, metadata: { size: 1% of equity, stop_loss_offset_pct: 3 } }]
"""


def _contexts(source: Source) -> Iterator[LintContext]:
    checked = check(source, lints=False)
    if checked.graph is not None and checked.card is not None:
        yield LintContext(checked.source, checked.card, checked.graph)


def _overlaps(context: LintContext) -> Iterator[tuple[CaseView, CaseView]]:
    for view, before in context.earlier():
        yield from ((one, view) for one in before if _overlap(context, one, view))


def _value(graph: RuleGraph, index: int, values: Values) -> float:
    """Return a node as a run works it out of what is read; NaN where something is not known."""
    node = graph.nodes[index]
    if node.op is Op.CONST:
        return float(node.attr[0])
    if not node.args or node.op in STATEFUL:
        return values.get(key_of(graph.nodes, index), math.nan)
    return evaluate(node.op, [_value(graph, argument, values) for argument in node.args])


def _check(context: LintContext, one: CaseView, two: CaseView) -> bool:
    """Return whether an overlap has an example; it is wrong if that does not make both conditions true."""
    values = context.reasoner.witness(_both(one, two))
    if values is None:
        return False
    assert one.when is not None
    assert two.when is not None
    assert _value(context.graph, one.when, values) == 1.0
    assert _value(context.graph, two.when, values) == 1.0
    bar = {str(key[1]): value for key, value in values.items() if key[0] == "bar"}
    prices = [v for k, v in bar.items() if k in ("open", "high", "low", "close")]
    assert not prices or bar.get("low", min(prices)) <= min(prices)
    assert not prices or bar.get("high", max(prices)) >= max(prices)
    return True


def test_every_example_of_a_card_at_hand_is_one_that_a_run_could_meet() -> None:
    found = [
        _check(context, one, two)
        for path in CARDS
        for context in _contexts(Source(str(path), path.read_text(encoding="utf-8")))
        for one, two in _overlaps(context)
    ]
    assert sum(found) > 0.8 * len(found) > 0


@pytest.mark.parametrize(
    ("first", "second", "has_one"),
    [
        ("close / sma > 1.05", "close > open", True),
        ("close / sma < 0.5 and close > 20", "volume > 10", True),
        ("(high - low) / atr > 3", "close > open", True),
        ("abs(close - sma) / sma > 0.2", "close < open", True),
        ("max(close, sma) > min(open, sma) + 5", "close > low", True),
        ("(close if volume > 100 else open) > sma", "close < sma", True),
        ("position_avg_entry / sma > 3 or close / sma > 2", "open > 1", True),
        ("log(close / sma) > 0.1", "close > open", False),
    ],
)
def test_what_is_worked_out_of_several_numbers_is_worked_out_in_an_example(
    first: str, second: str, *, has_one: bool
) -> None:
    text = CARD.replace("FIRST", first).replace("SECOND", second)
    (context,) = _contexts(Source("card.yaml", text))
    ((one, two),) = _overlaps(context)
    assert _check(context, one, two) is has_one
