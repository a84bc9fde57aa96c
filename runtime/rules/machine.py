"""Evaluates a `Program` on one closed bar: account-stage postfix code, three-valued.

The law: every value equals what `runtime.rules.semantics` says of the graph, whatever is short-circuited;
stateful nodes advance on every bar, in order, whichever case is looked at.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

from compiler.graph.program import Memo, Program
from runtime.rules.semantics import LATCHES
from runtime.rules.straight import Evaluator, Search, function_of

UNKNOWN = math.nan


class Columns(Protocol):
    """What the machine reads of the market stage: growing columns whose identity is stable."""

    def column(self, slot: int) -> Sequence[float]: ...


class Machine:
    """Runs a program bar by bar. `accounts` are the values of `Program.accounts`, in their order."""

    def __init__(self, program: Program, market: Columns) -> None:
        self.program = program
        self.bar = -1
        self.accounts: Sequence[float] = ()
        self.columns = [market.column(slot) for slot in range(len(program.columns))]
        self._functions: dict[int, Evaluator] = {}
        self._memos = [_memory(memo) for memo in program.memos]
        self._kept: list[float] = [UNKNOWN] * len(program.memos)
        self.memo_of = {memo.node: slot for slot, memo in enumerate(program.memos)}

    def tick(self, bar: int, accounts: Sequence[float]) -> None:
        """Take in one closed bar: freeze its account values and advance every stateful node."""
        self.bar = bar
        self.accounts = accounts
        kept = self._kept
        for slot, memory in enumerate(self._memos):
            kept[slot] = memory.push(*[self.run(function) for function in memory.functions])

    def value(self, node: int) -> float:
        """Return a node's value on this bar; KeyError for a node the program has no code for."""
        function = self._functions.get(node) or self._function(node)
        return function(self.columns, self.bar, self.accounts, self._kept)

    def value_under(self, node: int, accounts: Sequence[float]) -> float:
        """Return a node's value if the account values were others; history stays as it is."""
        frozen, self.accounts = self.accounts, accounts
        try:
            return self.value(node)
        finally:
            self.accounts = frozen

    def memo(self, slot: int) -> float:
        """Return the value of a stateful node on this bar."""
        return self._kept[slot]

    def run(self, function: Evaluator) -> float:
        """Return what a function made of the program's code gives on this bar."""
        return function(self.columns, self.bar, self.accounts, self._kept)

    @property
    def remembers(self) -> bool:
        """Return whether a node has to see every bar."""
        return bool(self._memos)

    def search(self, search: Search, start: int, stop: int, accounts: Sequence[float]) -> int:
        """Tick to the first bar of [start, stop) on which a search is true, else to the last; return it.

        The account values are the same on all of them. Not for programs that remember.
        """
        found = min(search(self.columns, start, stop, accounts, self._kept), stop - 1)
        self.bar, self.accounts = found, accounts
        return found

    def _function(self, node: int) -> Evaluator:
        # COST: written on first use; most runs never look at most operands.
        function = self._functions[node] = function_of(self.program.code[node])
        return function


class _Memory(Protocol):
    """A stateful node: what gives its operands, and what takes them in and gives its value."""

    functions: tuple[Evaluator, ...]
    push: Callable[..., float]


def _memory(memo: Memo) -> _Memory:
    return _SoFar(memo) if memo.kind in LATCHES else _Window(memo)


class _SoFar:
    """What has been so far: its own value on the bar before is all it remembers."""

    def __init__(self, memo: Memo) -> None:
        self.functions = tuple(function_of(code) for code in memo.codes)
        self._step = LATCHES[memo.kind]
        self._before = UNKNOWN
        self.push: Callable[..., float] = self._push

    def _push(self, *operands: float) -> float:
        self._before = self._step(self._before, *operands)
        return self._before


class _Window:
    """A stateful node's memory: the operand on the last bars, oldest first, and running counts.

    Bars before the first are unknown.
    """

    def __init__(self, memo: Memo) -> None:
        self.functions = tuple(function_of(code) for code in memo.codes)
        self._min_true = memo.min_true
        self._size = memo.bars + (memo.kind == "prev")
        self._ring: deque[float] = deque([UNKNOWN] * self._size)
        self._true, self._false = 0, 0
        self.push: Callable[..., float] = {
            "value": self._keep,
            "prev": self._prev,
            "holds": self._holds,
            "occurred": self._occurred,
            "count": self._count,
        }[memo.kind]

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
