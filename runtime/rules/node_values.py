"""The value of any node on the current bar: columns, frozen builtins, memos, and plain operations."""

from __future__ import annotations

import math

from compiler.catalog.types import Stage
from compiler.graph.program import Program
from compiler.graph.rule_graph import Op
from runtime.rules.machine import Machine
from runtime.rules.market_stage import MarketStage
from runtime.rules.semantics import evaluate


class NodeValues:
    """Reads the graph behind a machine that was ticked to a bar."""

    def __init__(self, program: Program, market: MarketStage, machine: Machine) -> None:
        self._graph = program.graph
        self._market = market
        self._machine = machine
        self._true_at: dict[int, tuple[int, tuple[int, int] | None]] = {}
        self._slots = {pair: slot for slot, pair in enumerate(program.accounts)}

    @property
    def bar(self) -> int:
        return self._machine.bar

    def last_true(self, index: int) -> tuple[int, int] | None:
        """Return the bar on which a condition of the market was last true, and the time of its close.

        None where it never was on bars that were held, and for conditions of the account: their past is not kept.
        """
        if self._graph.nodes[index].stage > Stage.MARKET:
            return None
        if self._graph.nodes[index].op is Op.CONST:
            return None
        column, bars = self._market.node(index), self._market.data.exec
        read, found = self._true_at.get(index, (bars.first - 1, None))
        later = range(self.bar, read, -1)  # bars are asked about in order, each is looked at once
        fresh = next((bar for bar in later if column[bar] == 1.0), None)
        if fresh is not None:
            found = fresh, bars.close_time(fresh)  # the bar itself may be let go of later
        self._true_at[index] = self.bar, found
        return found

    def earlier(self, index: int, bars: int) -> float:
        """Return what a node of the market was so many bars ago; NaN before the first bar."""
        at = self.bar - bars
        if self._graph.nodes[index].op is Op.CONST:
            return self.value(index)
        return self._market.node(index)[at] if at >= 0 else math.nan

    def was_known(self, index: int) -> bool:
        """Return whether a node of the market had a value on any bar that is held, up to this one."""
        column, held = self._market.node(index), self._market.data.exec
        return any(column[bar] == column[bar] for bar in range(held.first, self.bar + 1))

    def value(self, index: int) -> float:
        """Return the value of a node that the program reads, or of one inside it."""
        node = self._graph.nodes[index]
        if node.op is Op.CONST:
            return float(node.attr[0])
        if node.stage is Stage.MARKET:
            return self._market.node(index)[self.bar]
        if node.op is Op.ACCOUNT:
            name, ref = node.attr
            return self._machine.accounts[self._slots[str(name), str(ref)]]
        memo = self._machine.memo_of.get(index)
        if memo is not None:
            return self._machine.memo(memo)
        return evaluate(node.op.value, [self.value(arg) for arg in node.args])
