"""Evaluates a `Program` on one closed bar: account-stage postfix code, three-valued.

The law: every value equals what `runtime.rules.semantics` says of the graph, whatever is short-circuited;
stateful nodes advance on every bar, in order, whichever case is looked at.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from compiler.graph.program import Code, Memo, Program
from runtime.rules.semantics import evaluate, kleene_and, kleene_or

UNKNOWN = math.nan

# COST: small integers, the frequent operations first in the chain of comparisons below.
_COLUMN, _ACCOUNT, _CONST, _MEMO, _IF_FALSE, _IF_TRUE = 0, 1, 2, 3, 4, 5
_GT, _LT, _EQ, _JOIN, _APPLY = 6, 7, 8, 9, 10
_CODES = {
    "column": _COLUMN, "account": _ACCOUNT, "const": _CONST, "memo": _MEMO,
    "jump_if_false": _IF_FALSE, "jump_if_true": _IF_TRUE, "gt": _GT, "lt": _LT, "eq": _EQ,
}  # fmt: skip
_JUNCTIONS = {"and": kleene_and, "or": kleene_or}

# (operation, argument): an index, a constant, a jump, or (function name, operand count)
Step = tuple[int, int, float, str]


class Columns(Protocol):
    """What the machine reads of the market stage: growing columns whose identity is stable."""

    def column(self, slot: int) -> Sequence[float]: ...


class Machine:
    """Runs a program bar by bar. `accounts` are the values of `Program.accounts`, in their order."""

    def __init__(self, program: Program, market: Columns) -> None:
        self.program = program
        self.bar = -1
        self.accounts: Sequence[float] = ()
        self._columns = [market.column(slot) for slot in range(len(program.columns))]
        self._codes = {node: _assemble(code) for node, code in program.code.items()}
        self._memos = [_Window(memo, _assemble(memo.code)) for memo in program.memos]
        self._kept: list[float] = [UNKNOWN] * len(program.memos)
        self.memo_of = {memo.node: slot for slot, memo in enumerate(program.memos)}

    def tick(self, bar: int, accounts: Sequence[float]) -> None:
        """Take in one closed bar: freeze its account values and advance every stateful node."""
        self.bar = bar
        self.accounts = accounts
        kept = self._kept
        for slot, window in enumerate(self._memos):
            kept[slot] = window.push(self._run(window.steps))

    def value(self, node: int) -> float:
        """Return a node's value on this bar; KeyError for a node the program has no code for."""
        return self._run(self._codes[node])

    def value_under(self, node: int, accounts: Sequence[float]) -> float:
        """Return a node's value if the account values were others; history stays as it is."""
        frozen, self.accounts = self.accounts, accounts
        try:
            return self._run(self._codes[node])
        finally:
            self.accounts = frozen

    def memo(self, slot: int) -> float:
        """Return the value of a stateful node on this bar."""
        return self._kept[slot]

    def _run(self, steps: tuple[Step, ...]) -> float:
        stack: list[float] = []
        push, pop = stack.append, stack.pop
        bar, at, end = self.bar, 0, len(steps)
        while at < end:
            op, arg, constant, name = steps[at]
            at += 1
            if op == _COLUMN:
                push(self._columns[arg][bar])
            elif op == _IF_FALSE:
                if stack[-1] == 0.0:
                    at += arg
            elif op == _ACCOUNT:
                push(self.accounts[arg])
            elif op == _CONST:
                push(constant)
            elif op == _MEMO:
                push(self._kept[arg])
            elif op == _IF_TRUE:
                if stack[-1] == 1.0:
                    at += arg
            elif op <= _EQ:
                right, left = pop(), stack[-1]
                stack[-1] = _compared(op, left, right)
            else:
                operands = stack[-arg:]
                del stack[-arg:]
                push(_JUNCTIONS[name](operands) if op == _JOIN else evaluate(name, operands))
        return stack[0]


def _compared(op: int, left: float, right: float) -> float:
    if left != left or right != right:
        return UNKNOWN
    return (
        1.0
        if (left > right if op == _GT else left < right if op == _LT else left == right)
        else 0.0
    )


def _assemble(code: Code) -> tuple[Step, ...]:
    steps: list[Step] = []
    for instruction in code:
        op, arg = instruction.op, instruction.arg
        if op == "const":
            steps.append((_CONST, 0, float(arg), op))
        elif op in _CODES:
            steps.append((_CODES[op], int(arg), 0.0, op))
        else:
            steps.append((_JOIN if op in _JUNCTIONS else _APPLY, int(arg), 0.0, op))
    return tuple(steps)


class _Window:
    """A stateful node's memory: the operand on the last bars, oldest first, and running counts.

    Bars before the first are unknown.
    """

    def __init__(self, memo: Memo, steps: tuple[Step, ...]) -> None:
        self.steps = steps
        self._min_true = memo.min_true
        self._size = memo.bars + (memo.kind == "prev")
        self._ring: deque[float] = deque([UNKNOWN] * self._size)
        self._true, self._false = 0, 0
        self.push: Callable[[float], float] = {
            "value": self._keep, "prev": self._prev, "holds": self._holds,
            "occurred": self._occurred, "count": self._count,
        }[memo.kind]  # fmt: skip

    @staticmethod
    def _keep(value: float) -> float:
        return value

    def _prev(self, value: float) -> float:
        self._ring.append(value)
        self._ring.popleft()
        return self._ring[0]

    def _holds(self, value: float) -> float:
        self._shift(value)
        if self._false:
            return 0.0
        return 1.0 if self._true == self._size else UNKNOWN

    def _occurred(self, value: float) -> float:
        self._shift(value)
        if self._true:
            return 1.0
        return 0.0 if self._false == self._size else UNKNOWN

    def _count(self, value: float) -> float:
        self._shift(value)
        if self._true >= self._min_true:
            return 1.0
        # What is not known to be false could be true.
        return UNKNOWN if self._size - self._false >= self._min_true else 0.0

    def _shift(self, value: float) -> None:
        self._ring.append(value)
        gone = self._ring.popleft()
        self._true += (value == 1.0) - (gone == 1.0)
        self._false += (value == 0.0) - (gone == 0.0)
