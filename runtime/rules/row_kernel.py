"""Market rules as one kernel: all columns of a card's conditions, a row at a time.

The law: written in the language of kernels, node by node what `column_rules` says of whole columns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from types import FunctionType

from compiler.catalog.operations import LATCHES
from compiler.graph.rule_graph import Node, Op
from runtime.features.elementary import log
from runtime.features.functions import (
    add_gap,
    down,
    exponential,
    finite,
    modulo,
    power,
    rounded,
    shift_of,
    sign,
    up,
)
from runtime.kernel import Column
from runtime.native import Compiled, KernelFailed, compile_kernels, read
from runtime.native.cache import folder
from runtime.native.compile import checks_bounds
from runtime.native.source import define
from runtime.rules.column_rules import is_computed
from runtime.rules.unknown_rows import unknown

_COMPARED = "nan if isnan({x}) or isnan({y}) else 1.0 if {x} %s {y} else 0.0"
_FINITE = "{v} if {v} > -inf and {v} < inf else finite({v}, {x}, {y})"
# operation: what its value becomes, line by line; `x` and `y` are its operands
_LINES: Mapping[Op, tuple[str, ...]] = {
    Op.NOT: ("nan if isnan({x}) else 1.0 - {x}",),
    Op.KNOWN: ("0.0 if isnan({x}) else 1.0",),
    Op.DEFAULT: ("{y} if isnan({x}) else {x}",),
    Op.NEG: ("-{x}",), Op.ABS: ("fabs({x})",),
    Op.ADD: ("{x} + {y}", _FINITE), Op.SUB: ("{x} - {y}", _FINITE), Op.MUL: ("{x} * {y}", _FINITE),
    Op.DIV: ("nan if {y} == 0.0 else {x} / {y}", _FINITE),
    Op.FLOOR: ("down({x})",), Op.CEIL: ("up({x})",), Op.SIGN: ("sign({x})",),
    Op.ROUND: ("rounded({x})",), Op.MOD: ("modulo({x}, {y})",), Op.POW: ("power({x}, {y})",),
    Op.IF: ("nan if isnan({c}) else {x} if {c} == 1.0 else {y}",),
    Op.NEVER: ("nan if isnan({x}) else 1.0 if {x} == inf else 0.0",),
    Op.SQRT: ("sqrt({x}) if {x} >= 0.0 else nan",),
    Op.LOG: ("log({x}) if {x} > 0.0 else nan",), Op.EXP: ("exponential({x})",),
    Op.GT: (_COMPARED % ">",), Op.GTE: (_COMPARED % ">=",), Op.LT: (_COMPARED % "<",),
    Op.LTE: (_COMPARED % "<=",), Op.EQ: (_COMPARED % "==",), Op.NE: (_COMPARED % "!=",),
}  # fmt: skip
_LEAST = "nan if isnan({v}) or isnan({y}) else {y} if {y} < {v} else {v}"
_GREATEST = "nan if isnan({v}) or isnan({y}) else {y} if {y} > {v} else {v}"
# operations over any number of operands, two by two: `v` so far and `y`
_FOLDS: Mapping[Op, str] = {
    Op.AND: "0.0 if {v} == 0.0 or {y} == 0.0 else {y} if {v} == 1.0 else {v}",
    Op.OR: "1.0 if {v} == 1.0 or {y} == 1.0 else {y} if {v} == 0.0 else {v}",
    Op.MIN: _LEAST, Op.LOWEST: _LEAST, Op.MAX: _GREATEST, Op.HIGHEST: _GREATEST,
}  # fmt: skip
# what has been so far: `b` on the row before, `c` the condition, `x` and `y` its other operands
_BEGINS = "{x} if {c} == 1.0 or ({y} == 1.0 and isnan({b})) else {x} if {x} %s {b} else {b}"
_SO_FAR: Mapping[Op, str] = {
    Op.SINCE: "0.0 if {c} == 1.0 else {b} + 1.0 if not isnan({b}) else inf if {c} == 0.0 else nan",
    Op.LATCH: "{x} if {c} == 1.0 else {b}",
    Op.HIGH_SINCE: _BEGINS % ">", Op.LOW_SINCE: _BEGINS % "<",
    Op.COUNT_SINCE: "(0.0 if {c} == 1.0 else {b}) + (1.0 if {x} == 1.0 else 0.0)",
}  # fmt: skip
_WINDOWS = frozenset({Op.HOLDS, Op.OCCURRED, Op.COUNT})
_KNOWN = {name: getattr(math, name) for name in ("sqrt", "floor", "ceil", "fabs", "isnan")} | {
    "nan": math.nan, "inf": math.inf, "log": log, "finite": finite, "down": down, "up": up,
    "modulo": modulo, "power": power, "rounded": rounded, "sign": sign, "exponential": exponential,
    "shift_of": shift_of, "add_gap": add_gap,
}  # fmt: skip


class RowKernel:
    """The columns of nodes in evaluation order, `columns` by node: those calculated are written.

    `kept`: those alone, and what is read on other rows than its own; None for all.
    """

    def __init__(
        self,
        nodes: Sequence[tuple[int, Node]],
        columns: Mapping[int, Column],
        kept: frozenset[int] | None = None,
    ) -> None:
        writer = _Writer(dict(nodes), kept)
        self._run = _function(writer.text())
        self._inputs, self._outputs = writer.inputs, writer.stored
        self._take(columns)

    def _take(self, columns: Mapping[int, Column]) -> None:
        self.written = [columns[index] for index in self._outputs]
        self._arguments = [columns[index] for index in self._inputs] + self.written

    def over(self, columns: Mapping[int, Column]) -> RowKernel:
        """Return the same kernel for other columns of its nodes; for none it waits to be asked again."""
        made = copy(self)
        if columns:
            made._take(columns)
        else:
            made.written, made._arguments = [], []
        return made

    def compute(self, start: int, stop: int, *, native: bool = True) -> bool:
        """Append rows [start, stop) of every column; False, and nothing done, where it is stopped."""
        for column in self.written:
            column.extend(unknown(stop - start))
        try:
            if native:
                code = _compiled(self._run, folder(), checks_bounds())
                code.call(0, *self._arguments, start, stop)
            else:
                self._run(*self._arguments, start, stop)
        except (KernelFailed, ArithmeticError, ValueError):
            for column in self.written:
                del column[start:]
            return False
        return True


# COST: whoever runs one card on many markets writes, reads and loads its rules once.
@lru_cache(maxsize=64)
def _function(text: str) -> FunctionType:
    return define(text, "rules", _KNOWN)


@lru_cache(maxsize=64)
def _compiled(run: FunctionType, where: Path | None, has_bounds: bool) -> Compiled:
    return compile_kernels(read(run), where=where, has_bounds=has_bounds)


class _Writer:
    """Writes the kernel of some nodes: `a…` are columns it reads, `o…` it writes, `v…` a row's values."""

    def __init__(self, nodes: Mapping[int, Node], kept: frozenset[int] | None) -> None:
        self._nodes = nodes
        self.outputs = [index for index, node in nodes.items() if is_computed(node)]
        stored = set(self.outputs if kept is None else kept)
        for index in self.outputs:
            # On other rows than its own: a window's operand and one of earlier bars, what has been so far itself.
            if nodes[index].op in _WINDOWS or nodes[index].op is Op.PREV:
                stored.add(nodes[index].args[0])
            elif nodes[index].op in LATCHES:
                stored.add(index)
        self.stored = [index for index in self.outputs if index in stored]
        read_by = {arg for index in self.outputs for arg in nodes[index].args}
        self.inputs = [
            i for i, node in nodes.items() if node.op in (Op.FEATURE, Op.BAR) and i in read_by
        ]

    def text(self) -> str:
        columns = [*(f"a{i}" for i in self.inputs), *(f"o{i}" for i in self.stored)]
        head = ", ".join(f"{name}: Column" for name in columns)
        lines = [f"def rules({head}, start: int, stop: int) -> None:"]
        for index in self.outputs:
            lines += self._before(index, self._nodes[index])
        lines.append("    for i in range(start, stop):")
        lines += [f"        v{index} = a{index}[i]" for index in self.inputs]
        for index in self.outputs:
            lines += [f"        {line}" for line in self._row(index, self._nodes[index])]
            if index in self.stored:
                lines.append(f"        o{index}[i] = v{index}")
        return "\n".join(lines) + "\n"

    def _value(self, index: int) -> str:
        node = self._nodes[index]
        if node.op is not Op.CONST:
            return f"v{index}"
        number = float(node.attr[0])
        return f"({number!r})"

    def _column(self, index: int) -> str:
        return f"{'o' if is_computed(self._nodes[index]) else 'a'}{index}"

    def _before(self, index: int, node: Node) -> list[str]:
        """Return what counts the rows of a window before the first that is computed."""
        if node.op not in _WINDOWS:
            return []
        bars, source = int(node.attr[0]), self._at(node.args[0], "j")
        return [
            f"    t{index} = 0",
            f"    f{index} = 0",
            f"    for j in range(max(0, start - {bars}), start):",
            f"        if {source} == 1.0:",
            f"            t{index} += 1",
            f"        if {source} == 0.0:",
            f"            f{index} += 1",
        ]

    def _at(self, index: int, row: str) -> str:
        """Return a node's value on another row."""
        if self._nodes[index].op is Op.CONST:
            return self._value(index)
        return f"{self._column(index)}[{row}]"

    def _row(self, index: int, node: Node) -> list[str]:
        v, values = f"v{index}", [self._value(arg) for arg in node.args]
        if node.op is Op.PREV:
            bars = int(node.attr[0])
            earlier = self._at(node.args[0], f"i - {bars}")
            return [f"{v} = nan", f"if i >= {bars}:", f"    {v} = {earlier}"]
        if node.op in _WINDOWS:
            return self._window(index, node)
        if node.op in _FOLDS:
            fold = _FOLDS[node.op]
            return [
                f"{v} = {values[0]}",
                *(f"{v} = {fold.format(v=v, y=other)}" for other in values[1:]),
            ]
        if node.op in LATCHES:
            return self._latch(index, node, values)
        if node.op is Op.MEAN:
            return _mean(v, values)
        if node.op is Op.MEDIAN:
            return _median(index, values)
        c, x, y = values[0], values[0], values[-1]
        if node.op is Op.IF:
            x = values[1]
        return [f"{v} = {line.format(v=v, c=c, x=x, y=y)}" for line in _LINES[node.op]]

    def _latch(self, index: int, node: Node, values: list[str]) -> list[str]:
        """What has been so far, from the row before: `b` is what it says."""
        b, x, y = f"b{index}", values[min(1, len(values) - 1)], values[-1]
        line = _SO_FAR[node.op].format(b=b, c=values[0], x=x, y=y)
        before = f"    {b} = o{index}[i - 1]"
        return [f"{b} = nan", "if i >= 1:", before, f"v{index} = {line}"]

    def _window(self, index: int, node: Node) -> list[str]:
        bars, true, false = int(node.attr[0]), f"t{index}", f"f{index}"
        value, gone = self._value(node.args[0]), self._at(node.args[0], f"i - {bars}")
        least = bars if node.op is Op.HOLDS else 1 if node.op is Op.OCCURRED else int(node.attr[1])
        return [
            f"if {value} == 1.0:",
            f"    {true} += 1",
            f"if {value} == 0.0:",
            f"    {false} += 1",
            f"if i >= {bars}:",
            f"    if {gone} == 1.0:",
            f"        {true} -= 1",
            f"    if {gone} == 0.0:",
            f"        {false} -= 1",
            f"v{index} = 0.0",
            f"if {true} >= {least}:",
            f"    v{index} = 1.0",
            f"elif {bars} - {false} >= {least}:",
            f"    v{index} = nan",
        ]


def _mean(v: str, values: list[str]) -> list[str]:
    lines = [f"s{v} = shift_of({values[0]})", f"{v} = 0.0"]
    lines += [f"{v} = add_gap({v}, {value}, s{v})" for value in values]
    return [*lines, f"{v} = s{v} + {v} / {float(len(values))!r}"]


def _median(index: int, values: list[str]) -> list[str]:
    """Sort copies of the values, all known, by a fixed network; the middle is the median."""
    v, places = f"v{index}", [f"m{index}_{place}" for place in range(len(values))]
    lines = []
    for one, two in sorting_network(len(values)):
        x, y = places[one], places[two]
        lines += [f"s{v} = {y} if {y} < {x} else {x}", f"{y} = {x} if {y} < {x} else {y}"]
        lines.append(f"{x} = s{v}")
    half = len(values) // 2
    low, high = places[half - 1], places[half]
    if len(values) % 2:
        lines.append(f"{v} = {high} + 0.0")
    else:
        total = _FINITE.format(v=f"s{v}", x=low, y=high)
        lines += [f"s{v} = {low} + {high}", f"{v} = ({total}) / 2.0 + 0.0"]
    return [
        *(f"{place} = {value}" for place, value in zip(places, values, strict=True)),
        f"{v} = nan",
        f"if not ({' or '.join(f'isnan({place})' for place in places)}):",
        *(f"    {line}" for line in lines),
    ]


def sorting_network(count: int) -> Iterator[tuple[int, int]]:
    """Yield the places to compare and exchange, the smaller to the first: Batcher's merge exchange.

    Source: D. E. Knuth, The Art of Computer Programming 3, section 5.2.2, algorithm M.
    """
    top = 1 << max(0, (count - 1).bit_length() - 1)
    p = top if count > 1 else 0
    while p:
        q, r, d = top, 0, p
        while d:
            yield from ((i, i + d) for i in range(count - d) if i & p == r)
            d, q, r = q - p, q >> 1, p
        p >>= 1
