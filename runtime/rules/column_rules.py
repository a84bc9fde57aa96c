"""Market-stage nodes over many bars at once: whole columns, equal row by row to `semantics`.

Each function extends a column over rows [start, stop) from the columns of its arguments. Nothing is
kept between calls but the columns themselves, so any chunking gives the same rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

from compiler.catalog.operations import LATCHES
from compiler.catalog.types import Stage
from compiler.graph.rule_graph import Node, Op
from runtime.features.functions import finite
from runtime.kernel import Column
from runtime.market.recent import first_of, rows_of
from runtime.rules import semantics

NAN = math.nan
INF = math.inf
Rows = Sequence[float]


def _and(rows: Sequence[Rows]) -> Iterable[float]:
    result: Iterable[float] = rows[0]
    for other in rows[1:]:
        result = [
            0.0 if x == 0.0 or y == 0.0 else (y if x == 1.0 else x)
            for x, y in zip(result, other, strict=True)
        ]
    return result


def _or(rows: Sequence[Rows]) -> Iterable[float]:
    result: Iterable[float] = rows[0]
    for other in rows[1:]:
        result = [
            1.0 if x == 1.0 or y == 1.0 else (y if x == 0.0 else x)
            for x, y in zip(result, other, strict=True)
        ]
    return result


def _each(op: str) -> Callable[[Sequence[Rows]], Iterable[float]]:
    """Return the row-by-row form of an operation that is too rare to be worth its own loop."""

    def run(rows: Sequence[Rows]) -> Iterable[float]:
        return [semantics.evaluate(op, args) for args in zip(*rows, strict=True)]

    return run


_BULK: dict[Op, Callable[[Sequence[Rows]], Iterable[float]]] = {
    Op.AND: _and,
    Op.OR: _or,
    Op.NOT: lambda r: [x if x != x else 1.0 - x for x in r[0]],
    Op.KNOWN: lambda r: [0.0 if x != x else 1.0 for x in r[0]],
    Op.DEFAULT: lambda r: [y if x != x else x for x, y in zip(r[0], r[1], strict=True)],
    Op.NEG: lambda r: [-x for x in r[0]],
    Op.ABS: lambda r: [abs(x) for x in r[0]],
    Op.ADD: lambda r: [
        s if -INF < (s := x + y) < INF else finite(s, x, y) for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.SUB: lambda r: [
        s if -INF < (s := x - y) < INF else finite(s, x, y) for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.MUL: lambda r: [
        s if -INF < (s := x * y) < INF else finite(s, x, y) for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.GT: lambda r: [
        NAN if x != x or y != y else 1.0 if x > y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.GTE: lambda r: [
        NAN if x != x or y != y else 1.0 if x >= y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.LT: lambda r: [
        NAN if x != x or y != y else 1.0 if x < y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.LTE: lambda r: [
        NAN if x != x or y != y else 1.0 if x <= y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.EQ: lambda r: [
        NAN if x != x or y != y else 1.0 if x == y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
    Op.NE: lambda r: [
        NAN if x != x or y != y else 1.0 if x != y else 0.0 for x, y in zip(r[0], r[1], strict=True)
    ],
}


def is_computed(node: Node) -> bool:
    """Return whether a node's column is calculated from those of other nodes."""
    return node.op not in (Op.CONST, Op.FEATURE, Op.BAR)


def extend(node: Node, args: Sequence[Column], out: Column, start: int, stop: int) -> None:
    """Append rows [start, stop) of a node that is calculated from other columns."""
    by_row = _by_row(node.op)
    if by_row is not None:
        out.extend(by_row([column[start:stop] for column in args]))
    elif node.op is Op.PREV:
        _shift(args[0], int(node.attr[0]), out, start, stop)
    elif node.op in LATCHES:
        _latch(node, args, out, start, stop)
    else:
        _window(node, args[0], out, start, stop)


def _by_row(op: Op) -> Callable[[Sequence[Rows]], Iterable[float]] | None:
    """Return what gives rows of an operation from the same rows of its arguments, None where it takes others."""
    if op in (Op.PREV, Op.HOLDS, Op.OCCURRED, Op.COUNT) or op in LATCHES:
        return None
    return _BULK.get(op) or _each(op.value)


class PlainRules:
    """Appends rows [start, stop) of all rule columns in Python.

    INVARIANT: all columns hold the same rows, and as many before `start` as any of them looks back.
    """

    def __init__(self, nodes: Sequence[tuple[int, Node]], columns: Mapping[int, Column]) -> None:
        """`nodes` are in evaluation order; `columns` are theirs, those of other nodes already extended."""
        self._todo = [
            (
                node,
                _by_row(node.op),
                [rows_of(columns[arg]) for arg in node.args],
                rows_of(columns[index]),
            )
            for index, node in nodes
            if is_computed(node)
        ]
        assert all(node.stage is not Stage.ACCOUNT for node, *_ in self._todo)
        self._columns = [columns[index] for index, node in nodes if is_computed(node)]
        self._lookback = max((node.lookback for node, *_ in self._todo), default=0)

    def compute(self, start: int, stop: int) -> None:
        """Append rows [start, stop); what a column holds of them starts at the same row in each."""
        if not self._columns:
            return
        first = first_of(self._columns[0])
        # An array says nothing of the rows before its own: they would pass for those before the first bar.
        assert not first or start - first >= self._lookback, "rows that are read were let go of"
        row = start - first
        if stop - start == 1:  # COST: a session's close; a slice makes an array for one number
            for node, by_row, args, out in self._todo:
                if by_row is None:
                    extend(node, args, out, row, row + 1)
                else:
                    out.extend(by_row([(column[row],) for column in args]))
            return
        for node, _, args, out in self._todo:
            extend(node, args, out, row, stop - first)


def _shift(source: Column, bars: int, out: Column, start: int, stop: int) -> None:
    missing = max(0, min(bars, stop) - start)
    out.extend([NAN] * missing)
    out.extend(source[start + missing - bars : stop - bars])


def _latch(node: Node, args: Sequence[Column], out: Column, start: int, stop: int) -> None:
    """Append what has been so far: a row needs the row before it and those of the arguments."""
    step = semantics.LATCHES[node.op.value]
    before = out[start - 1] if start else NAN
    for row in zip(*(column[start:stop] for column in args), strict=True):
        before = step(before, *row)
        out.append(before)


def _window(node: Node, source: Column, out: Column, start: int, stop: int) -> None:
    """Append a window over the last `bars` rows; rows before the first one count as unknown."""
    bars = int(node.attr[0])
    first = start - bars
    trues = sum(1 for i in range(max(0, first), start) if source[i] == 1.0)
    falses = sum(1 for i in range(max(0, first), start) if source[i] == 0.0)
    needed = bars if node.op is Op.HOLDS else 1 if node.op is Op.OCCURRED else int(node.attr[1])
    for i in range(start, stop):
        value = source[i]
        trues += value == 1.0
        falses += value == 0.0
        if i >= bars:
            gone = source[i - bars]
            trues -= gone == 1.0
            falses -= gone == 0.0
        if trues >= needed:
            out.append(1.0)
        elif bars - falses >= needed:
            out.append(NAN)
        else:
            out.append(0.0)
