"""Passes over the rule graph."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given

from compiler.findings.source import Span
from compiler.graph.roots import roots
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.optimize import PASSES, optimize
from tests.compiler.cards import card, close, gt, lowered, num
from tests.compiler.graph_meaning import evaluate
from tests.compiler.graph_text import lines, read_nodes, read_pairs
from tests.compiler.random_graphs import BARS, Histories, graphs, split

_FOLDER = Path(__file__).parent / "passes"
PAIRS = [
    pytest.param(run, before, after, id=f"{run.__name__}: {claim}")
    for run in PASSES
    for claim, before, after in read_pairs((_FOLDER / f"{run.__name__}.txt").read_text())
]


@pytest.mark.parametrize(("run", "before", "after"), PAIRS)
def test_pass_does_what_its_pair_says(run: object, before: str, after: str) -> None:
    assert lines(run(read_nodes(before))) == after  # type: ignore[operator]


def meanings(graph: RuleGraph, histories: Histories, original: RuleGraph) -> list[list[float]]:
    """Return the conditions of a graph bar by bar; its features may have been renumbered."""
    ids = [feature.id for feature in original.features]
    leaves = dict(histories)
    for node in graph.nodes:
        if node.op is Op.FEATURE:
            index, output, back = node.attr
            old = ids.index(graph.features[int(index)].id)
            leaves[(node.op, node.attr)] = histories[(node.op, (old, output, back))]
    columns = evaluate(graph, leaves, BARS)
    return [columns[block.cases[0].when] for block in graph.blocks]


def same(left: list[list[float]], right: list[list[float]]) -> bool:
    return all(
        a == b or (math.isnan(a) and math.isnan(b))
        for one, other in zip(left, right, strict=True)
        for a, b in zip(one, other, strict=True)
    )


@given(graphs())
def test_an_optimised_graph_means_the_same(drawn: tuple[RuleGraph, Histories]) -> None:
    graph, histories = drawn
    before = meanings(graph, histories, graph)
    assert same(meanings(optimize(graph), histories, graph), before)


@pytest.mark.parametrize("run", PASSES, ids=lambda run: run.__name__)
@given(drawn=graphs())
def test_every_pass_alone_keeps_the_meaning(
    run: object, drawn: tuple[RuleGraph, Histories]
) -> None:
    graph, histories = drawn
    after = run(graph)  # type: ignore[operator]
    assert same(meanings(after, histories, graph), meanings(graph, histories, graph))


@given(graphs())
def test_sharing_undoes_every_repetition(drawn: tuple[RuleGraph, Histories]) -> None:
    graph, _ = drawn
    assert optimize(split(graph)) == optimize(graph)


@given(graphs())
def test_optimising_twice_is_optimising_once(drawn: tuple[RuleGraph, Histories]) -> None:
    once = optimize(drawn[0])
    assert len(optimize(once).nodes) == len(once.nodes)


@given(graphs())
def test_arguments_stand_before_their_users(drawn: tuple[RuleGraph, Histories]) -> None:
    nodes = optimize(drawn[0]).nodes
    assert all(arg < index for index, node in enumerate(nodes) for arg in node.args)


def test_places_follow_their_nodes() -> None:
    from compiler.syntax import tree as s

    there = Span(40, 55)
    late = s.Compare(s.CompareOp.GT, close(), num(5), span=there)
    graph = optimize(lowered(card(gt(close(), num(1)), late)))
    assert graph.origins[graph.blocks[1].cases[0].when] == there
    assert len(graph.origins) == len(graph.nodes)
    assert len(graph.feature_origins) == len(graph.features)


def test_equal_features_under_two_names_are_computed_once() -> None:
    from compiler.syntax import tree as s
    from tests.compiler.cards import FEATURES, indicator

    twin = indicator("twin", "ema", length=50)
    graph = lowered(
        card(gt(s.Name("slow"), num(1)), gt(s.Name("twin"), num(1)), features=(*FEATURES, twin))
    )
    best = optimize(graph)
    assert [feature.id for feature in best.features] == ["slow"]
    assert best.blocks[0].cases[0].when == best.blocks[1].cases[0].when


def spell(graph: RuleGraph, index: int) -> str:
    """Return what a node computes, without indices."""
    node = graph.nodes[index]
    if node.op is Op.FEATURE:
        feature = graph.features[int(node.attr[0])]
        return f"{feature.type}{feature.params}{feature.timeframe}{node.attr[1:]}"
    parts = [spell(graph, arg) for arg in node.args] + [str(attr) for attr in node.attr]
    return f"{node.op}({' '.join(parts)})"


def operands(graph: RuleGraph) -> list[str]:
    return [spell(graph, node) for node in roots(graph)]


def test_operands_settings_and_promises_follow_their_nodes() -> None:
    from tests.compiler.graph.test_serde import rich

    graph = rich()
    assert operands(optimize(graph)) == operands(graph)
