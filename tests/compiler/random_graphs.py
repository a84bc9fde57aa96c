"""Random rule graphs with histories for their leaves."""

from __future__ import annotations

import math
from dataclasses import replace

from hypothesis import strategies as st

from compiler.catalog.operations import (
    BINARY_NUMBERS,
    COMPARISONS,
    LATCHES,
    OF_TIMES,
    UNARY_NUMBERS,
)
from compiler.catalog.types import BOOL, NUMBER, Stage, Type
from compiler.graph.builder import GraphBuilder
from compiler.graph.rule_graph import Attr, Op, RuleGraph
from tests.compiler.graph_text import graph_of

BARS = 6
NUMBERS = (math.nan, -1.0, 0.0, 1.0, 2.0, 2.5, math.inf)
TRUTHS = (math.nan, 0.0, 1.0)
_ARITH = (*sorted(BINARY_NUMBERS), Op.DEFAULT)
_UNARY = sorted(UNARY_NUMBERS)
_COMPARE = sorted(COMPARISONS)

Histories = dict[tuple[Op, Attr], list[float]]


def _leaves(builder: GraphBuilder) -> tuple[list[int], list[int]]:
    numbers = [
        builder.leaf(Op.BAR, ("close",), NUMBER, Stage.MARKET, 1),
        builder.leaf(Op.FEATURE, (0, "value", 0), NUMBER, Stage.MARKET, 10),
        builder.leaf(Op.FEATURE, (1, "value", 2), NUMBER, Stage.MARKET, 12),
        builder.leaf(Op.ACCOUNT, ("equity", ""), NUMBER, Stage.ACCOUNT, 1),
        builder.constant(0.0),
        builder.constant(1.0),
        builder.constant(2.5),
    ]
    truths = [
        builder.leaf(Op.FEATURE, (2, "fired", 0), BOOL, Stage.MARKET, 10),
        builder.leaf(Op.ACCOUNT, ("order_pending", "a"), BOOL, Stage.ACCOUNT, 1),
        builder.constant(1.0, BOOL),
        builder.constant(0.0, BOOL),
    ]
    return numbers, truths


@st.composite
def graphs(draw: st.DrawFn, nodes: int = 14) -> tuple[RuleGraph, Histories]:
    """Return a graph whose last truth values are conditions, and values for its leaves."""
    builder = GraphBuilder()
    numbers, truths = _leaves(builder)
    for _ in range(draw(st.integers(3, nodes))):
        _grow(draw, builder, numbers, truths)
    whens = truths[-draw(st.integers(1, 3)) :]
    graph = graph_of(tuple(builder.nodes), *whens)
    histories: Histories = {}
    for node in builder.nodes:
        if node.op in (Op.BAR, Op.FEATURE, Op.ACCOUNT):
            choices = TRUTHS if node.value.type is Type.BOOL else NUMBERS
            column = st.lists(st.sampled_from(choices), min_size=BARS, max_size=BARS)
            histories[(node.op, node.attr)] = draw(column)
    return graph, histories


def _grow(draw: st.DrawFn, builder: GraphBuilder, numbers: list[int], truths: list[int]) -> None:
    number, truth = st.sampled_from(numbers), st.sampled_from(truths)
    match draw(
        st.sampled_from(
            ["arith", "unary", "compare", "join", "not", "window", "past", "known", "if", "so far"]
        )
    ):
        case "arith":
            args = (draw(number), draw(number))
            numbers.append(builder.make(draw(st.sampled_from(_ARITH)), args))
        case "unary":
            numbers.append(builder.make(draw(st.sampled_from(_UNARY)), (draw(number),)))
        case "compare":
            args = (draw(number), draw(number))
            truths.append(builder.make(draw(st.sampled_from(_COMPARE)), args))
        case "join":
            items = draw(st.lists(truth, min_size=2, max_size=4))
            truths.append(builder.make(draw(st.sampled_from((Op.AND, Op.OR))), items))
        case "not":
            if draw(st.booleans()):
                truths.append(builder.make(Op.NOT, (draw(truth),)))
            else:
                truths.append(builder.make(Op.EQ, (draw(truth), draw(truth))))
        case "window":
            bars = draw(st.integers(1, 4))
            op = draw(st.sampled_from((Op.HOLDS, Op.OCCURRED, Op.COUNT)))
            attr = (bars, draw(st.integers(1, bars))) if op is Op.COUNT else (bars,)
            truths.append(builder.make(op, (draw(truth),), attr))
        case "past":
            kind = draw(st.sampled_from((numbers, truths)))
            attr = (draw(st.integers(1, 3)),)
            kind.append(builder.make(Op.PREV, (draw(st.sampled_from(kind)),), attr))
        case "if":
            numbers.append(builder.make(Op.IF, (draw(truth), draw(number), draw(number))))
        case "so far":
            so_far(draw, builder, numbers, truths)
        case _:
            op = draw(st.sampled_from((Op.KNOWN, Op.NEVER)))
            truths.append(builder.make(op, (draw(number),)))


def so_far(draw: st.DrawFn, builder: GraphBuilder, numbers: list[int], truths: list[int]) -> None:
    """Add a node of what has been so far."""
    number, truth = st.sampled_from(numbers), st.sampled_from(truths)
    op, condition = draw(st.sampled_from(sorted(LATCHES | OF_TIMES))), draw(truth)
    match op:
        case Op.SINCE:
            numbers.append(builder.make(op, (condition,)))
        case Op.COUNT_SINCE:
            numbers.append(builder.make(op, (condition, draw(truth))))
        case Op.LATCH:
            numbers.append(builder.make(op, (condition, draw(number))))
        case _ if op in OF_TIMES:
            found = last_times(builder, condition, draw(number), draw(st.integers(2, 4)))
            numbers.append(builder.make(op, found))
        case _:
            begun = builder.make(Op.LATCH, (condition, builder.constant(1.0, BOOL)))
            numbers.append(builder.make(op, (condition, draw(number), begun)))


def last_times(builder: GraphBuilder, condition: int, value: int, count: int) -> list[int]:
    """Return the nodes of a value at the last times of a condition, newest first."""
    found = [builder.make(Op.LATCH, (condition, value))]
    while len(found) < count:
        before = builder.make(Op.PREV, (found[-1],), (1,))
        found.append(builder.make(Op.LATCH, (condition, before)))
    return found


def split(graph: RuleGraph) -> RuleGraph:
    """Return the graph with every interned node written twice: what `share` must undo."""
    nodes = []
    for index, node in enumerate(graph.nodes):
        first = replace(node, args=tuple(2 * arg + index % 2 for arg in node.args))
        nodes += [first, replace(node, args=tuple(2 * arg for arg in node.args))]
    whens = [2 * block.cases[0].when + 1 for block in graph.blocks]
    return graph_of(tuple(nodes), *whens)
