"""Which tier computes the columns cannot be seen in them."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given

from compiler.catalog.operations import OF_TIMES
from compiler.catalog.types import BOOL, NUMBER, Stage
from compiler.findings.source import Source
from compiler.graph.builder import GraphBuilder
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op
from compiler.pipeline import compile_card
from runtime.features import FEATURES
from runtime.kernel import Column, State
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.native.kernels import native_kernels
from runtime.rules import tier
from runtime.rules.market_stage import MarketStage
from runtime.rules.row_kernel import RowKernel
from runtime.rules.tier import Tier, kernels_of
from tests.compiler.graph_text import graph_of
from tests.compiler.random_graphs import last_times
from tests.properties.market_graphs import FEATURES as FEATURE_NODES
from tests.properties.market_graphs import markets, programs
from tests.strategies.made_cards import market
from tools.made_inputs.cards import text_of, valid_data

SEEDS = range(12)


def columns(seed: int, how: Tier) -> list[bytes]:
    """Return every column of a made-up card, NaN for NaN."""
    rng = Random(seed)
    program = compile_card(Source("card.yaml", text_of(valid_data(rng, symbol="TESTUSDT"), rng)))
    stage = MarketStage(program, market(program.graph, seed, 200), tier=how)
    for stop in (1, 2, 57, 200):
        stage.advance(stop)
    made = [column for runner in stage.runners for column in runner.outputs.values()]
    made += [stage.column(slot) for slot in range(len(program.columns))]
    return [unknown_alike(column) for column in made]


@pytest.mark.parametrize("seed", SEEDS)
def test_machine_code_and_python_give_the_same_columns(seed: int) -> None:
    assert columns(seed, Tier.NATIVE) == columns(seed, Tier.PLAIN)


def sums_of_halves(  # a kernel that stops: whole numbers grow beyond 64 bits
    source: Column, out: Column, state: State, start: int, stop: int
) -> None:
    big = 4611686018427387904
    for i in range(start, stop):
        state[0] = state[0] + source[i]
        out[i] = state[0]
        if i == 3:
            out[i] = float((big + big) % 1000)


def test_what_machine_code_cannot_do_python_does() -> None:
    plain = replace(FEATURES[0], type="halves", run=sums_of_halves, state_size=lambda _: 1)
    native = native_kernels([plain])["halves"]
    found = []
    for kernel in (plain, native):
        out, state = array("d", [float("nan")] * 6), array("d", [0.0])
        for start, stop in ((0, 2), (2, 6)):
            kernel.run(array("d", [0.5] * 6), out, state, start, stop)
        found.append((list(out), list(state)))
    assert found[0] == found[1]
    assert found[0][0] == [0.5, 1.0, 1.5, float(2**63 % 1000), 2.5, 3.0]


def test_little_work_is_not_worth_machine_code(monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(FEATURES[:2])
    assert kernels_of(Tier.AUTO, few, 10) == {kernel.type: kernel for kernel in few}
    monkeypatch.setattr(tier, "_WORTH_IT", 5)
    made = kernels_of(Tier.AUTO, few, 10)
    assert all(made[kernel.type].run is not kernel.run for kernel in few)
    monkeypatch.setattr(tier, "find_spec", lambda _: None)
    assert kernels_of(Tier.AUTO, few, 10) == {kernel.type: kernel for kernel in few}


class AsPython:
    """A card's row kernel, run by Python: what machine code is held to elsewhere."""

    def __init__(self, kernel: RowKernel) -> None:
        self.kernel = kernel

    def compute(self, start: int, stop: int) -> bool:
        return self.kernel.compute(start, stop, native=False)


def test_every_operation_of_the_market_is_machine_code_too() -> None:
    """What has been so far, never and the functions: compiled, none falls back to Python."""
    builder = GraphBuilder()
    close = builder.leaf(Op.BAR, ("close",), NUMBER, Stage.MARKET, 1)
    sma = builder.leaf(Op.FEATURE, (0, "value", 0), NUMBER, Stage.MARKET, 1)
    up = builder.make(Op.GT, (close, sma))
    begun = builder.make(Op.LATCH, (up, builder.constant(1.0, BOOL)))
    since = builder.make(Op.SINCE, (up,))
    times = last_times(builder, up, builder.make(Op.SUB, (close, sma)), 5)
    for op, args in (
        (Op.LATCH, (up, close)), (Op.HIGH_SINCE, (up, sma, begun)), (Op.LOW_SINCE, (up, sma, begun)),
        (Op.COUNT_SINCE, (up, up)), (Op.NEVER, (since,)), (Op.IF, (up, since, close)),
        (Op.MOD, (close, builder.constant(7.0))), (Op.POW, (close, builder.constant(-3.0))),
        (Op.EXP, (builder.make(Op.DIV, (close, sma)),)), (Op.EXP, (since,)),
        (Op.SIGN, (builder.make(Op.SUB, (close, sma)),)), (Op.ROUND, (close,)),
        (Op.SUB, (since, since)), (Op.MUL, (since, builder.constant(0.0))), (Op.FLOOR, (since,)),
        (Op.CEIL, (since,)), *((op, times[:count]) for op in OF_TIMES for count in (2, 5)),
    ):  # fmt: skip
        builder.make(op, args)
    graph = replace(graph_of(tuple(builder.nodes)), features=FEATURE_NODES[:1], symbols=("X",))
    program = Program(
        graph=graph, graph_hash="", columns=tuple(range(len(builder.nodes))), accounts=(),
        memos=(), code={},
    )  # fmt: skip
    bars = Frame("X", "1m", 60_000)
    for row in range(40):
        price = 100.0 + row * 37 % 11 - (row > 20) * 30
        bars.append(row * 60_000, price, price, price, price, 1.0)
    plain, rows = (MarketStage(program, MarketData(exec=bars)) for _ in range(2))
    kernel = RowKernel(rows._order, rows._nodes)
    rows._rows = kernel
    for stop in (1, 17, 40):
        plain.advance(stop)
        rows.advance(stop)
        assert len(kernel.written[0]) == stop  # it was not stopped
    for slot in range(len(program.columns)):
        assert unknown_alike(plain.column(slot)) == unknown_alike(rows.column(slot)), slot


def unknown_alike(column: Sequence[float]) -> bytes:
    return array("d", [v if v == v else 0.5 for v in column]).tobytes()


@given(program=programs(), data=markets(least=8))
def test_the_rules_as_one_kernel_give_their_columns(program: Program, data: MarketData) -> None:
    stages = [MarketStage(program, data) for _ in range(2)]
    order = stages[0]._order
    stages[1]._rows = AsPython(RowKernel(order, stages[1]._nodes))
    for stop in (1, 3, len(data.exec)):
        for stage in stages:
            stage.advance(stop)
    for slot in range(len(program.columns)):
        plain, rows = (unknown_alike(stage.column(slot)) for stage in stages)
        assert plain == rows, program.graph.nodes[program.columns[slot]]
