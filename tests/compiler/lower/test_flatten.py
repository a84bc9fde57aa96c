"""Programs: the same meaning as the graph, in columns, memos and postfix code."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given

from compiler.catalog.types import BOOL, Stage
from compiler.graph.builder import GraphBuilder
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.lower.flatten import flatten
from compiler.optimize import optimize
from compiler.syntax import tree as s
from tests.compiler.cards import card, close, eq, gt, lowered, num
from tests.compiler.graph_meaning import evaluate, run
from tests.compiler.graph_text import graph_of
from tests.compiler.random_graphs import BARS, Histories, graphs

FLAT = eq(s.Name("position_side"), s.Name("flat"))


def program(*whens: s.Expr, **more: object) -> Program:
    return flatten(optimize(lowered(card(*whens, **more))))


def steps(of: Program, block: int = 0) -> list[tuple[str, float]]:
    code = of.code[of.blocks[block].cases[0].when]
    return [(step.op, step.arg) for step in code]


@given(graphs())
def test_a_program_means_what_its_graph_means(drawn: tuple[RuleGraph, Histories]) -> None:
    graph, histories = drawn
    columns = evaluate(graph, histories, BARS)
    for t, values in enumerate(run(flatten(graph), histories, BARS)):
        for node, value in values.items():
            expected = columns[node][t]
            assert value == expected or (math.isnan(value) and math.isnan(expected))


@given(graphs())
def test_columns_are_market_nodes_and_memos_are_stateful_account_nodes(
    drawn: tuple[RuleGraph, Histories],
) -> None:
    graph = drawn[0]
    flat = flatten(graph)
    assert all(graph.nodes[node].stage is Stage.MARKET for node in flat.columns)
    assert all(graph.nodes[memo.node].stage is Stage.ACCOUNT for memo in flat.memos)


def test_a_market_condition_is_one_column() -> None:
    assert steps(program(gt(close(), s.Name("slow")))) == [("column", 0)]


def test_a_window_over_market_values_is_part_of_the_column() -> None:
    window = s.Window(s.WindowKind.HOLDS, s.Length(num(3)), gt(close(), s.Name("slow")))
    flat = program(window)
    assert flat.memos == ()
    assert flat.graph.nodes[flat.columns[0]].op is Op.HOLDS


def test_a_window_over_account_values_is_a_memo() -> None:
    flat = program(s.Window(s.WindowKind.HOLDS, s.Length(num(3)), FLAT))
    assert [(memo.kind, memo.bars) for memo in flat.memos] == [("holds", 3)]
    assert steps(flat) == [("memo", 0)]


def test_a_memo_that_reads_another_stands_behind_it() -> None:
    inner = s.Window(s.WindowKind.HOLDS, s.Length(num(3)), FLAT)
    outer = s.Window(s.WindowKind.OCCURRED, s.Length(num(5)), inner)
    assert [memo.kind for memo in program(outer).memos] == ["holds", "occurred"]


def test_and_leaves_at_the_first_false() -> None:
    assert steps(program(s.All((gt(close(), s.Name("slow")), FLAT)))) == [
        ("column", 0),
        ("jump_if_false", 4),
        ("account", 0),
        ("const", 0.0),
        ("eq", 2),
        ("and", 2),
    ]


def test_operands_of_actions_have_code() -> None:
    flat = program(FLAT)
    size = flat.blocks[0].cases[0].emit[0].size
    assert size is not None
    assert flat.code[size.value][0].arg == 250.0


def test_warmup_covers_the_slowest_thing_read() -> None:
    # 5 bars of 4h on a 15m card.
    assert program(gt(close(), s.Name("trend"))).warmup_bars == 5 * 16


def test_code_does_not_grow_with_every_use_of_a_variable() -> None:
    variables = [s.Variable("v0", s.Any((FLAT, gt(s.BuiltinRef("equity"), num(1)))))]
    for i in range(1, 40):
        before = s.VarRef(f"v{i - 1}")
        other = gt(s.BuiltinRef("equity"), num(i + 1))
        twice = s.Any((s.All((before, other)), s.All((s.Not(before), other))))
        variables.append(s.Variable(f"v{i}", twice))
    flat = program(s.VarRef("v39"), variables=tuple(variables))
    total = sum(map(len, flat.code.values())) + sum(
        len(code) for memo in flat.memos for code in memo.codes
    )
    assert total < 20_000


@pytest.mark.parametrize("op", [Op.AND, Op.OR])
def test_short_circuits_keep_every_row_of_the_truth_table(op: Op) -> None:
    builder = GraphBuilder()
    refs = [
        builder.leaf(Op.ACCOUNT, ("order_pending", ref), BOOL, Stage.ACCOUNT, 1) for ref in "abc"
    ]
    root = builder.make(op, refs)
    graph = graph_of(tuple(builder.nodes), root)
    rows = list(itertools.product((0.0, 1.0, math.nan), repeat=3))
    histories = {
        (Op.ACCOUNT, ("order_pending", ref)): [row[i] for row in rows]
        for i, ref in enumerate("abc")
    }
    found = [values[root] for values in run(flatten(graph), histories, len(rows))]
    expected = evaluate(graph, histories, len(rows))[root]
    assert repr(found) == repr(expected)
