"""The machine gives every node the value its graph gives it, on every bar, whatever is skipped."""

from __future__ import annotations

import math

import pytest
from hypothesis import given

from compiler.graph.program import Code, Instruction, Memo, Program
from compiler.graph.rule_graph import Op, RuleGraph
from compiler.lower.flatten import flatten
from runtime.rules.machine import Machine
from runtime.rules.straight import search_of
from tests.compiler.graph_meaning import count, evaluate
from tests.compiler.random_graphs import BARS, Histories, graphs

NAN = math.nan


class GivenColumns:
    """A market stage whose columns are given."""

    def __init__(self, columns: list[list[float]]) -> None:
        self._columns = columns

    def column(self, slot: int) -> list[float]:
        return self._columns[slot]


def same(left: float, right: float) -> bool:
    return left == right or (math.isnan(left) and math.isnan(right))


def lived(program: Program, histories: Histories) -> list[dict[int, float]]:
    """Return, per bar, what the machine says of every node it has code for."""
    market = evaluate(program.graph, histories, BARS)
    machine = Machine(program, GivenColumns([market[node] for node in program.columns]))
    values = []
    for t in range(BARS):
        machine.tick(t, [histories[(Op.ACCOUNT, pair)][t] for pair in program.accounts])
        values.append({node: machine.value(node) for node in program.code})
    return values


@given(graphs())
def test_the_machine_means_what_the_graph_means(drawn: tuple[RuleGraph, Histories]) -> None:
    graph, histories = drawn
    columns = evaluate(graph, histories, BARS)
    for t, values in enumerate(lived(flatten(graph), histories)):
        for node, value in values.items():
            assert same(value, columns[node][t]), (t, node)


def bare(code: Code, memos: tuple[Memo, ...] = (), accounts: int = 1) -> Machine:
    """Return a machine for hand-written code of node 0 over account values."""
    graph = RuleGraph(
        card="t", card_version="3.1", symbols=(), timeframe="1m", higher_timeframes=(), params=(),
        features=(), nodes=(), blocks=(), invariants=(), settings=None,  # type: ignore[arg-type]
    )  # fmt: skip
    program = Program(
        graph=graph, graph_hash="", columns=(), accounts=(("equity", ""),) * accounts, memos=memos,
        code={0: code},
    )  # fmt: skip
    return Machine(program, GivenColumns([]))


READ = (Instruction("account", 0),)


def test_an_unknown_value_does_not_jump() -> None:
    code = (
        *READ,
        Instruction("jump_if_false", 2),
        Instruction("const", 0.0),
        Instruction("and", 2),
    )
    machine = bare(code)
    for value, expected in ((0.0, 0.0), (1.0, 0.0), (NAN, 0.0)):
        machine.tick(0, [value])
        assert machine.value(0) == expected
    code = (*READ, Instruction("jump_if_true", 2), Instruction("const", 1.0), Instruction("or", 2))
    machine = bare(code)
    machine.tick(0, [NAN])
    assert machine.value(0) == 1.0


@pytest.mark.parametrize(
    ("kind", "bars", "least"), [("holds", 3, 3), ("occurred", 3, 1), ("count", 3, 2)]
)
def test_a_window_equals_a_look_at_all_its_bars(kind: str, bars: int, least: int) -> None:
    machine = bare((Instruction("memo", 0),), (Memo(0, kind, bars, least, (READ,)),))
    history = [1.0, 1.0, NAN, 0.0, 1.0, 1.0, 1.0, NAN, NAN, NAN, 0.0, 0.0, 0.0, 1.0]
    for t, value in enumerate(history):
        machine.tick(t, [value])
        window = [history[t - i] if t >= i else NAN for i in range(bars)]
        assert same(machine.value(0), count(window, least)), t


def test_a_look_back_is_unknown_before_its_history() -> None:
    machine = bare((Instruction("memo", 0),), (Memo(0, "prev", 2, 0, (READ,)),))
    seen = []
    for t in range(4):
        machine.tick(t, [float(t)])
        seen.append(machine.value(0))
    assert [str(value) for value in seen] == ["nan", "nan", "0.0", "1.0"]


def test_a_stateful_node_ticks_although_no_case_looks_at_it() -> None:
    code = (Instruction("const", 0.0), Instruction("jump_if_false", 2), Instruction("memo", 0),
            Instruction("and", 2))  # fmt: skip
    machine = bare(code, (Memo(0, "prev", 1, 0, (READ,)),))
    for t in range(3):
        machine.tick(t, [float(t)])
        assert machine.value(0) == 0.0
        assert same(machine.memo(0), t - 1.0 if t else NAN)


def test_trying_other_account_values_leaves_the_frozen_ones_alone() -> None:
    machine = bare(READ)
    machine.tick(0, [1.0])
    assert machine.value_under(0, [5.0]) == 5.0
    assert machine.value(0) == 1.0


def test_code_of_any_depth_runs() -> None:
    depth = 300
    code = READ
    for level in range(depth):
        jump, join = (("jump_if_false", "and"), ("jump_if_true", "or"))[level % 2]
        tail = (*code, Instruction(join, 2))
        code = (*READ, Instruction(jump, len(tail)), *tail)
    machine = bare(code)
    for value in (1.0, 0.0, NAN):
        machine.tick(0, [value])
        assert same(machine.value(0), value)


def test_a_search_stops_at_the_first_bar_that_is_true() -> None:
    column = [NAN, 0.0, 1.0, 0.0, 1.0]
    search = search_of((Instruction("column", 0), *READ, Instruction("mul", 2)))
    assert [search([column], start, 5, [1.0], []) for start in range(5)] == [2, 2, 2, 4, 4]
    assert search([column], 0, 2, [1.0], []) == 2
    assert search([column], 0, 5, [2.0], []) == 5
