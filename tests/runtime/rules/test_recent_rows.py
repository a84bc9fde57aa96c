"""A market stage that lets go of its oldest rows computes what one does that holds all."""

from __future__ import annotations

import math
from array import array
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings

from compiler.catalog.lookup import CATALOGUE
from compiler.catalog.reference import defaults
from compiler.catalog.types import NUMBER, ParamKind, ParamValue, Stage
from compiler.graph.program import Program
from compiler.graph.rule_graph import Node, Op
from runtime.kernel import compute
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.recent import Recent
from runtime.rules.column_rules import PlainRules
from runtime.rules.market_stage import MarketStage
from runtime.rules.rows_needed import furthest
from tests.properties.market_graphs import columns, markets, programs
from tests.runtime.features.markets import short_params
from tests.runtime.kernels.bench import KERNELS, argument, column, dependencies, run, same
from tests.runtime.live.bench import rows_of

ROWS = 300
TYPES = sorted(CATALOGUE)


def walk(rows: int = ROWS, seed: int = 3) -> Frame:
    """Return bars with stretches that trend, that range and that stand nearly still."""
    chance, frame, close = Random(seed), Frame("X", "1m", 60_000), 100.0
    for row in range(rows):
        opening, calm = close, (1.0, 0.02)[row // 90 % 2]
        close = max(
            5.0, opening + calm * (chance.gauss(0.0, 1.0) + (0.4, 0.0, -0.4)[row // 60 % 3])
        )
        top, bottom = (
            max(opening, close) + calm * chance.random(),
            min(opening, close) - calm * chance.random(),
        )
        frame.append(row * 60_000, opening, top, bottom, close, float(chance.randint(0, 50)))
    return frame


def variants(type_: str) -> list[dict[str, ParamValue]]:
    """Return parameters of an entry: as they are, short, and with each word of each choice."""
    entry = CATALOGUE[type_]
    full = dict(defaults(entry))
    short = full | (short_params(type_) if entry.kind == "indicator" else {})
    words = [(p.name, word) for p in entry.params if p.kind is ParamKind.ENUM for word in p.choices]
    return [full, short, *(full | {name: word} for name, word in words)]


def test_a_column_keeps_the_numbers_of_its_rows() -> None:
    held = Recent("d", [0.0, 1.0, 2.0, 3.0, 4.0])
    held.let_go(3)
    held.append(5.0)
    held.extend([6.0])
    held[3] = 30.0
    held[4:6] = array("d", [40.0, 50.0])
    assert (len(held), held.first, held.held) == (7, 3, 4)
    assert (held[3], held[6], held[-1]) == (30.0, 6.0, 6.0)
    assert list(held[4:]) == [40.0, 50.0, 6.0]
    assert not held[2:2]
    for wrong in (2, -5, slice(2, 5), 7):
        with pytest.raises(IndexError):
            held[wrong]
    with pytest.raises(IndexError):
        held[2] = 1.0


@pytest.mark.parametrize("type_", TYPES)
def test_a_kernel_reads_no_row_older_than_its_parameters_and_its_state_say(type_: str) -> None:
    frame, entry, kernel = walk(), CATALOGUE[type_], KERNELS[type_]
    depends = dependencies(type_, frame)
    for params in variants(type_):
        names = (entry.default_source if name == "source" else name for name in entry.inputs)
        given_ = [*(column(frame, name) for name in names), *depends]
        read = [Recent(one.typecode, one) for one in given_]
        outputs = {one.name: Recent("d") for one in entry.outputs_for(params)}
        state = array("d", bytes(8 * kernel.state_size(params)))
        arguments = [*read, *(argument(spec, params[spec.name]) for spec in entry.params)]
        whole = run(type_, frame, params, depends)
        # A card may read the earliest of the outputs alone.
        least = min(entry.warmup_of(one, params) for one in entry.outputs_for(params))
        reach = least + furthest(params)
        for row in range(ROWS):
            oldest = int(min(max(0, row - reach), kernel.reads_from(params, state)))
            for one in (*read, *outputs.values()):
                one.let_go(oldest)
            for one in outputs.values():
                one.append(math.nan)
            compute(kernel, arguments, [*outputs.values()], state, row, row + 1)
            for name, made in outputs.items():
                assert same([made[row]], [whole[name][row]]), (name, row)


def test_a_rule_reads_its_rows_by_their_numbers_and_none_that_was_let_go_of() -> None:
    close = Node(Op.BAR, (), ("close",), NUMBER, Stage.MARKET, 1)
    earlier = Node(Op.PREV, (0,), (3,), NUMBER, Stage.MARKET, 4)
    columns = {0: Recent("d", map(float, range(12))), 1: Recent("d")}
    rules = PlainRules([(0, close), (1, earlier)], columns)  # type: ignore[arg-type]
    rules.compute(0, 10)
    for one in columns.values():
        one.let_go(6)
    rules.compute(10, 11)
    assert (len(columns[1]), columns[1][10]) == (11, 7.0)
    for one in columns.values():
        one.let_go(9)
    with pytest.raises(AssertionError, match="let go of"):
        rules.compute(11, 12)


@settings(max_examples=15)
@given(program=programs(), data=markets(50))
def test_columns_are_the_same_whatever_was_let_go_of(program: Program, data: MarketData) -> None:
    bars = data.exec
    feed = replace(
        data, exec=Frame.recent(bars.symbol, bars.timeframe, bars.interval_ms), mark=None
    )
    # Its features have windows of three bars at most, on a clock three times as slow.
    recent = 8 + max(node.lookback for node in program.graph.nodes)
    market = MarketStage(program, feed, recent=recent)
    seen = [array("d") for _ in program.columns]
    for row, bar in enumerate(rows_of(bars)):
        feed.exec.append(*bar)
        market.advance(row + 1)
        for slot, values in enumerate(seen):
            values.append(market.column(slot)[row])
    assert [values.tobytes() for values in seen] == columns(
        program, replace(data, mark=None), [len(bars)]
    )
