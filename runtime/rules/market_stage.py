"""The market stage: features, structures and market-only rules as append-only columns.

INVARIANT: rows below `stop` never change when more bars come; any chunking of `advance` gives
bit-identical columns. So live equals back-test, and nothing can look ahead.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Mapping

from compiler.catalog.bar_clock import is_of_the_close, told_at
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.source_expressions import BESIDE_BARS, MOST_READS, output_of
from compiler.catalog.source_expressions import EXPRESSION as SOURCE
from compiler.graph.program import Program
from compiler.graph.rule_graph import FeatureNode, Node, Op
from runtime.errors import DataError
from runtime.features import FEATURES
from runtime.features.expression import KERNEL as EXPRESSION
from runtime.features.session import KERNEL as SESSION
from runtime.features.session_vwap import KERNELS as BY_SESSION
from runtime.kernel import Column, Kernel
from runtime.market.data import MarketData
from runtime.market.recent import Make, Recent, let_go
from runtime.rules.clocks import Clock, Clocks
from runtime.rules.column_rules import PlainRules, is_computed
from runtime.rules.feature_runner import Aligned, FeatureRunner
from runtime.rules.same_times import SameTimes, hangs_on_times, looked_up
from runtime.rules.tier import Tier, kernels_of, rules_of
from runtime.rules.unknown_rows import unknown
from runtime.structures import STRUCTURES

_KERNELS: dict[str, Kernel] = {
    k.type: k for k in (*FEATURES, *STRUCTURES, SESSION, *BY_SESSION, EXPRESSION)
}


def _kernel(type_: str) -> Kernel:
    if type_ not in _KERNELS:
        raise DataError(f"no kernel computes `{type_}`")
    return _KERNELS[type_]


class MarketStage:
    """Computes everything that depends on the market alone, for every exec bar up to `stop`.

    `recent`: of each clock so many of the newest rows are held, and as many again at most; None holds all. Not
    for machine code. The bars of `held_from` on are held whatever comes (None: nobody asks for that).
    `only_columns`: the history is whole, and nothing but `column` will be asked for. `known` is what a stage of
    the same program over bars of the same times has left (`of_its_times`).
    """

    def __init__(
        self,
        program: Program,
        data: MarketData,
        *,
        tier: Tier = Tier.PLAIN,
        recent: int | None = None,
        only_columns: bool = False,
        known: SameTimes | None = None,
    ) -> None:
        assert recent is None or (tier is Tier.PLAIN and isinstance(data.exec.ts, Recent))
        self.held_from: int | None = None
        self._recent = recent
        self._make: Make = array if recent is None else Recent
        self.program = program
        self.data = data
        self.done = 0
        self._graph = program.graph
        self._known, self._only_columns = known, only_columns
        self._clocks = Clocks(data, self._make, None if known is None else known.clocks)
        self._kernels = known.kernels if known is not None else self._kernels_of(tier)
        self.runners: list[FeatureRunner] = []
        for feature in self._graph.features:
            self.runners.append(self._runner(feature))
        self._nodes: dict[int, Column] = {}
        self._order = self._needed()
        self._columns = [self._nodes[index] for index in program.columns]
        self._read = [
            (node, self._nodes[index])
            for index, node in self._order
            if not is_computed(node) and self._alias(index, node) is None
        ]
        if known is None or known.rules is None:
            kept = frozenset(program.columns) if only_columns else None
            self._rows = rules_of(tier, self._order, self._nodes, len(data.exec), kept)
        else:
            self._rows = known.rules.over(self._nodes)
        self._plain_rows = None if only_columns else PlainRules(self._order, self._nodes)

    def _kernels_of(self, tier: Tier) -> Mapping[str, Kernel]:
        features = self._graph.features
        wanted = [_kernel(name) for name in sorted({feature.type for feature in features})]
        return kernels_of(tier, wanted, len(features) * len(self.data.exec))

    def _runner(self, feature: FeatureNode) -> FeatureRunner:
        clock = self._clocks.clock(feature.symbol, feature.timeframe)
        by_role = dict(feature.depends)
        kernel = self._kernels[feature.type]
        if feature.type == SOURCE.type:
            return FeatureRunner(
                feature, kernel, clock, self._reads(feature, clock), make=self._make
            )
        depends = []
        for spec in SIGNATURES[feature.type].depends:
            index = by_role.get(spec.role)
            runner = None if index is None else self.runners[index]
            stale, make = spec.is_source, self._make
            depends.append(Aligned(runner, spec.columns, clock, goes_stale=stale, make=make))
        source = by_role.get("source") if "source" in SIGNATURES[feature.type].inputs else None
        read = None if source is None else self.runners[source].outputs["value"]
        return FeatureRunner(feature, kernel, clock, depends, read, self._make)

    def _reads(self, feature: FeatureNode, clock: Clock) -> list[Aligned]:
        """Return what an expression reads, in the order of its places; nothing for those left over."""
        read = [
            Aligned(
                self.runners[index], (output_of(role),), clock, goes_stale=True, make=self._make
            )
            for role, index in feature.depends
        ]
        left_over = range(MOST_READS - len(read))
        return [*read, *(Aligned(None, ("value",), clock, make=self._make) for _ in left_over)]

    def _needed(self) -> list[tuple[int, Node]]:
        """Return the market nodes that columns are needed for, in evaluation order."""
        nodes = self._graph.nodes
        wanted = set(self.program.columns)
        for index in range(len(nodes) - 1, -1, -1):
            if index in wanted:
                wanted.update(nodes[index].args)
        order = []
        for index in sorted(wanted):
            node = nodes[index]
            alias = self._alias(index, node)
            # An empty column is falsy: only None means that there is none to share.
            self._nodes[index] = self._make("d") if alias is None else alias
            order.append((index, node))
        return order

    def _alias(self, index: int, node: Node) -> Column | None:
        """Return the column itself where a node only names one of the exec clock, or it is known already."""
        if self._known is not None and index in self._known.columns:
            return self._known.columns[index]
        if node.op is Op.BAR and node.attr[0] in _PLAIN:
            return self._clocks.exec.column(str(node.attr[0]))  # type: ignore[return-value]
        if node.op is Op.FEATURE and node.attr[2] == 0:
            runner = self.runners[int(node.attr[0])]
            if runner.clock.is_exec:
                return runner.outputs[str(node.attr[1])]
        return None

    # ------------------------------------------------------------ advancing

    def advance(self, stop: int) -> None:
        """Compute rows [done, stop); the exec frame must hold them."""
        if stop <= self.done:
            return
        self._clocks.advance(stop)
        for runner in self.runners:
            runner.advance()
        for node, column in self._read:
            self._extend(node, column, stop)
        if self._rows is None or not self._rows.compute(self.done, stop):
            plain = self._plain_rows or PlainRules(self._order, self._nodes)
            plain.compute(self.done, stop)
        self.done = stop
        if self._recent is not None:
            self._let_go(self._recent)

    def _let_go(self, recent: int) -> None:
        """Let go of rows that nothing reads any more, many at once.

        COST: what stays of a column is moved to its front: once in `recent` bars.
        """
        before = self.done - recent
        if self.held_from is not None:
            before = min(before, self.held_from)
        if before - self.data.exec.first < recent:
            return
        # A leg of a zigzag that has not ended is read to its beginning.
        oldest = {
            clock: float(before) if clock.is_exec else clock.rows - recent for clock in self._clocks
        }
        for runner in self.runners:
            oldest[runner.clock] = min(oldest[runner.clock], runner.reads_from)
        of_exec = int(oldest[self._clocks.exec])
        for runner in self.runners:
            runner.let_go(int(oldest[runner.clock]), recent)
        for clock in self._clocks:
            clock.let_go(int(oldest[clock]), of_exec)
        let_go(self._nodes.values(), of_exec)

    def _extend(self, node: Node, out: Column, stop: int) -> None:
        start = self.done
        if node.op is Op.CONST:
            out.extend(array("d", [float(node.attr[0])]) * (stop - start))
        elif node.op is Op.FEATURE:
            self._extend_feature(node, out, start, stop)
        else:
            self._extend_bar(str(node.attr[0]), out, start, stop)

    def _extend_feature(self, node: Node, out: Column, start: int, stop: int) -> None:
        runner, back = self.runners[int(node.attr[0])], int(node.attr[2])
        source = runner.outputs[str(node.attr[1])]
        if runner.clock.is_exec:
            missing = max(0, min(back, stop) - start)
            out.extend(unknown(missing))
            out.extend(source[start + missing - back : stop - back])
            return
        if self._known is not None and start == 0:
            out.extend(looked_up(source, runner.clock.view, back))
            return
        rows = runner.clock.view[start:stop]
        out.extend(source[row - back] if row >= back and row >= 0 else math.nan for row in rows)

    def _extend_bar(self, name: str, out: Column, start: int, stop: int) -> None:
        frame = self.data.exec
        if name in BESIDE_BARS:
            out.extend(self._clocks.exec.column(name)[start:stop])
        elif name == "bar_index":
            # -1 before the first that is traded: a session does not know yet how many will be.
            first = min(max(self.data.first, start), stop)
            out.extend(array("d", [-1.0]) * (first - start))
            out.extend(array("d", range(first - self.data.first, stop - self.data.first)))
        elif is_of_the_close(name):
            out.extend(float(told_at(name, frame.close_time(t))) for t in range(start, stop))
        else:
            out.extend(float(told_at(name, frame.ts[t])) for t in range(start, stop))

    def of_its_times(self) -> SameTimes:
        """Return what a stage of this program over other bars of the same times need not work out again."""
        of_times = {i: self._nodes[i] for i, node in self._order if hangs_on_times(node)}
        rules = None if self._rows is None else self._rows.over({})
        return SameTimes(self.data, self._kernels, rules, of_times, self._clocks.of_their_times())

    # ------------------------------------------------------------ reading

    def column(self, slot: int) -> Column:
        """Return the column of `program.columns[slot]`, one row per exec bar."""
        return self._columns[slot]

    def node(self, index: int) -> Column:
        """Return the column of a market node that some column needs; KeyError for any other."""
        return self._nodes[index]

    def feature(self, index: int, output: str) -> Column:
        """Return an output of a feature on the feature's own clock."""
        return self.runners[index].outputs[output]

    def view(self, index: int) -> array[int]:
        """Return, per exec bar, the row of a feature's own clock that is visible (-1: none)."""
        clock = self.runners[index].clock
        return array("q", range(self.done)) if clock.is_exec else clock.view

    def clock_close_time(self, index: int, row: int) -> int:
        """Return when a row of a feature's own clock closed, ms UTC."""
        return self.runners[index].clock.frame.close_time(row)


_PLAIN = frozenset({"open", "high", "low", "close", "volume", "hl2", "hlc3", "ohlc4"})
