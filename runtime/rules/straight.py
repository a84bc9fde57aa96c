"""Postfix code as a Python function: what walking it step by step gives, without the walking.

The law: nothing of a card reaches the source text but numbers and positions. What an operation means
is said in `runtime.rules.semantics`; the frequent ones are written out here, held to it by test.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from compiler.graph.program import Code, Instruction
from runtime.features.functions import finite
from runtime.rules.semantics import evaluate

# columns, bar, account values, values of stateful nodes
Evaluator = Callable[[Sequence[Sequence[float]], int, Sequence[float], Sequence[float]], float]
# the same over the bars [start, stop): columns, start, stop, account values, values of stateful nodes
Search = Callable[[Sequence[Sequence[float]], int, int, Sequence[float], Sequence[float]], int]
_ARGUMENTS = "columns, bar, accounts, kept"
_DEEPEST = 40  # of Python's 100 levels of indentation; what is deeper becomes a function of its own
_SOURCES = {"column": "columns[{}][bar]", "account": "accounts[{}]", "memo": "kept[{}]"}
_JUMPS = {"jump_if_false": "if s{} != 0.0:", "jump_if_true": "if s{} != 1.0:"}
_FINITE = "{x} = r if -inf < r < inf else finite(r, {x}, {y})"
_COMPARED = "{x} = (1.0 if {x} %s {y} else 0.0) if {x} == {x} and {y} == {y} else nan"
# operation with two operands (one where only x is named): its lines
_WRITTEN: dict[str, tuple[str, ...]] = {
    "and": ("{x} = 0.0 if {x} == 0.0 or {y} == 0.0 else nan if {x} != {x} or {y} != {y} else 1.0",),
    "or": ("{x} = 1.0 if {x} == 1.0 or {y} == 1.0 else nan if {x} != {x} or {y} != {y} else 0.0",),
    "not": ("{x} = nan if {x} != {x} else 1.0 - {x}",),
    "gt": (_COMPARED % ">",), "gte": (_COMPARED % ">=",), "lt": (_COMPARED % "<",),
    "lte": (_COMPARED % "<=",), "eq": (_COMPARED % "==",), "ne": (_COMPARED % "!=",),
    "add": ("r = {x} + {y}", _FINITE), "sub": ("r = {x} - {y}", _FINITE),
    "mul": ("r = {x} * {y}", _FINITE),
    "default": ("{x} = {y} if {x} != {x} else {x}",),
    "known": ("{x} = 0.0 if {x} != {x} else 1.0",),
}  # fmt: skip
_OPERANDS = {"not": 1, "known": 1}


def function_of(code: Code) -> Evaluator:
    """Return a function that gives the value of one node's code on one bar."""
    writer = _Writer(code)
    body = [f"def made({_ARGUMENTS}):"]
    writer.write(body, 0, len(code), 0, 1)
    function: Evaluator = _compiled("\n".join([*writer.parts, *body, " return s0", ""]))
    return function


def search_of(code: Code) -> Search:
    """Return a function that gives the first bar of some on which code is true, `stop` if on none.

    What an account and stateful nodes say is the same on all of them.
    """
    writer = _Writer(code)
    body = ["def made(columns, start, stop, accounts, kept):", " for bar in range(start, stop):"]
    writer.write(body, 0, len(code), 0, 2)
    end = ["  if s0 == 1.0:", "   return bar", " return stop", ""]
    function: Search = _compiled("\n".join([*writer.parts, *body, *end]))
    return function


@lru_cache(maxsize=4096)
def _compiled(source: str) -> Any:
    names: dict[str, object] = {
        "nan": math.nan,
        "inf": math.inf,
        "evaluate": evaluate,
        "finite": finite,
    }
    exec(compile(source, "<rules>", "exec"), names)
    return names["made"]


class _Writer:
    """Writes code as statements over `s0 s1 …`, the places of the stack. `parts` are finished functions."""

    def __init__(self, code: Code) -> None:
        self._code = code
        self.parts: list[str] = []

    def write(
        self, lines: list[str], start: int, stop: int, height: int, indent: int, test: str = ""
    ) -> None:
        """Write the steps [start, stop) over a stack of a height, under a `test` that is written.

        A jump from inside to the end of these steps, under the same test, needs no deeper level.
        """
        at = start
        while at < stop:
            step = self._code[at]
            at += 1
            if step.op not in _JUMPS:
                height = _write_step(lines, step, height, indent)
                continue
            end, line = at + int(step.arg), _JUMPS[step.op].format(height - 1)
            if end == at:
                continue
            if end == stop and line == test:
                lines.append(" " * (indent - 1) + line)
                continue
            lines.append(" " * indent + line)
            if indent < _DEEPEST:
                self.write(lines, at, end, height, indent + 1, line)
            else:
                self._write_part(lines, at, end, height, indent + 1)
            at = end

    def _write_part(
        self, lines: list[str], start: int, stop: int, height: int, indent: int
    ) -> None:
        """Write steps that only change the top of the stack as a function of it."""
        body: list[str] = []
        self.write(body, start, stop, 1, 1)
        name, top = f"part{len(self.parts)}", f"s{height - 1}"
        head = f"def {name}({_ARGUMENTS}, s0):"
        self.parts.append("\n".join([head, *body, " return s0"]))
        lines.append(" " * indent + f"{top} = {name}({_ARGUMENTS}, {top})")


def _write_step(lines: list[str], step: Instruction, height: int, indent: int) -> int:
    """Write one step that is no jump and return the height of the stack after it."""
    op, space = step.op, " " * indent
    if op in _SOURCES:
        lines.append(f"{space}s{height} = {_SOURCES[op].format(int(step.arg))}")
        return height + 1
    if op == "const":
        lines.append(f"{space}s{height} = {float(step.arg)!r}")  # `nan` and `inf` are names
        return height + 1
    count = int(step.arg)
    first = height - count
    if op in _WRITTEN and count == _OPERANDS.get(op, 2):
        for line in _WRITTEN[op]:
            lines.append(space + line.format(x=f"s{first}", y=f"s{first + 1}"))
    else:
        operands = "".join(f"s{place}, " for place in range(first, height))
        lines.append(f"{space}s{first} = evaluate({op!r}, ({operands}))")
    return first + 1
