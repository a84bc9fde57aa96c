"""Rule columns: any chunking is bit-identical, later bars change nothing, rows mean what semantics say."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from compiler.catalog.operations import LATCHES
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.rules import semantics
from runtime.rules.market_stage import MarketStage
from tests.properties.market_graphs import columns, markets, programs

WINDOWS = (Op.HOLDS, Op.OCCURRED, Op.COUNT)
LEAVES = (Op.CONST, Op.FEATURE, Op.BAR)


@given(program=programs(), data=markets(), cuts=st.lists(st.integers(1, 60), max_size=6))
def test_any_chunking_of_the_market_stage_is_bit_identical(
    program: Program, data: MarketData, cuts: list[int]
) -> None:
    rows = len(data.exec)
    whole = columns(program, data, [rows])
    assert columns(program, data, [*sorted(min(c, rows) for c in cuts), rows]) == whole
    assert columns(program, data, range(1, rows + 1)) == whole


@given(program=programs(), data=markets(2), cut=st.integers(1, 59))
def test_later_bars_never_change_earlier_rows_of_the_market_stage(
    program: Program, data: MarketData, cut: int
) -> None:
    cut = min(cut, len(data.exec) - 1)
    assert columns(program, shortened(data, cut), [cut]) == columns(
        program, data, [len(data.exec)], cut
    )


@given(program=programs(), data=markets())
def test_bars_that_a_live_feed_appends_give_the_same_columns(
    program: Program, data: MarketData
) -> None:
    bars, feed = data.exec, replace(data, exec=first(data.exec, 0), mark=None)
    market = MarketStage(program, feed)
    for row in range(len(bars)):
        bar = bars.bar(row)
        feed.exec.append(bars.ts[row], bar.open, bar.high, bar.low, bar.close, bar.volume)
        market.advance(row + 1)
    ours = [market.column(k).tobytes() for k in range(len(program.columns))]
    assert ours == columns(program, replace(data, mark=None), [len(bars)])


@given(program=programs(), data=markets())
def test_every_row_is_what_the_scalar_truth_says(program: Program, data: MarketData) -> None:
    market = MarketStage(program, data)
    market.advance(len(data.exec))
    for index, node in enumerate(program.graph.nodes):
        if node.op in LEAVES:
            continue
        for t in range(len(data.exec)):
            ours, truth = market.node(index)[t], scalar(market, index, t)
            assert ours == truth or (ours != ours and truth != truth), (node.op, t, ours, truth)


def scalar(market: MarketStage, index: int, t: int) -> float:
    """Return a node's value on one bar from its arguments' rows, and from its own one bar before."""
    node = market.program.graph.nodes[index]
    if node.op is Op.PREV:
        back = int(node.attr[0])
        return market.node(node.args[0])[t - back] if t >= back else math.nan
    if node.op in WINDOWS:
        operand = market.node(node.args[0])
        bars = range(t - int(node.attr[0]) + 1, t + 1)
        window = [operand[j] if j >= 0 else math.nan for j in bars]
        if node.op is Op.COUNT:
            return semantics.count_true(window, int(node.attr[1]))
        return semantics.holds(window) if node.op is Op.HOLDS else semantics.occurred(window)
    if node.op in LATCHES:
        before = market.node(index)[t - 1] if t else math.nan
        return semantics.remember(node.op.value, before, [market.node(a)[t] for a in node.args])
    return semantics.evaluate(node.op.value, [market.node(a)[t] for a in node.args])


def first(frame: Frame, rows: int) -> Frame:
    stored = (frame.ts, frame.open, frame.high, frame.low, frame.close, frame.volume)
    return Frame(
        frame.symbol, frame.timeframe, frame.interval_ms, *(column[:rows] for column in stored)
    )


def shortened(data: MarketData, rows: int) -> MarketData:
    """Return the feeds as they were at the close of an exec bar: other feeds cut there too."""
    now = data.exec.close_time(rows - 1)

    def closed(frame: Frame) -> Frame:
        return first(frame, sum(frame.close_time(i) <= now for i in range(len(frame))))

    assert data.mark is not None
    frames = {key: closed(frame) for key, frame in data.frames.items()}
    return replace(data, exec=first(data.exec, rows), frames=frames, mark=closed(data.mark))
