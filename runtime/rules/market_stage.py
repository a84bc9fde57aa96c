"""The market stage: features, structures and market-only rules as append-only columns.

INVARIANT: rows below `stop` never change when more bars come; any chunking of `advance` gives
bit-identical columns. So live equals back-test, and nothing can look ahead.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right

from compiler.catalog.bar_clock import is_of_the_close, told_at
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.source_expressions import EXPRESSION as SOURCE
from compiler.catalog.source_expressions import MOST_READS, output_of
from compiler.catalog.types import ParamKind, ParamSpec, ParamValue
from compiler.graph.program import Program
from compiler.graph.rule_graph import FeatureNode, Node, Op
from runtime.errors import DataError
from runtime.features import FEATURES
from runtime.features.expression import KERNEL as EXPRESSION
from runtime.features.session import KERNEL as SESSION
from runtime.features.session_vwap import KERNELS as BY_SESSION
from runtime.kernel import Column, Kernel, compute
from runtime.market.data import MarketData
from runtime.market.recent import Make, Recent, let_go
from runtime.rules.clocks import Clock, Clocks
from runtime.rules.column_rules import PlainRules, is_computed
from runtime.rules.known_rows import KnownRows
from runtime.rules.tier import Tier, kernels_of, rules_of
from runtime.structures import STRUCTURES

_KERNELS: dict[str, Kernel] = {
    k.type: k for k in (*FEATURES, *STRUCTURES, SESSION, *BY_SESSION, EXPRESSION)
}


class FeatureRunner:
    """One feature on its own clock: calls its kernel with every newly closed row.

    `read` is what it reads in the place of a column. Of an expression some rows may be unknown (warm-up,
    a division by zero): the kernel is given the others alone, as if those bars had not been. A kernel of
    two sources passes over such rows itself.
    """

    def __init__(
        self,
        feature: FeatureNode,
        kernel: Kernel,
        clock: Clock,
        depends: list[_Aligned],
        read: Column | None = None,
        make: Make = array,
    ) -> None:
        entry = SIGNATURES[feature.type]
        params = dict(feature.params)
        self.feature = feature
        self.clock = clock
        self.outputs: dict[str, Column] = {name: make("d") for name in feature.outputs}
        self._kernel = kernel
        self._inputs: list[Column | array[int]] = [
            read
            if name == "source" and read is not None
            else clock.column(feature.source if name == "source" else name)
            for name in entry.inputs
        ]
        self._known = None
        if read is not None and not any(spec.is_source for spec in entry.depends):
            self._known = KnownRows(read, self._inputs, len(self.outputs), make)
        self._depends = depends
        self._params = [_argument(spec, params[spec.name]) for spec in entry.params]
        self._state = array("d", bytes(8 * kernel.state_size(params)))
        self._done = 0

    def advance(self) -> None:
        """Compute the rows of the clock that are new."""
        stop = self.clock.rows
        if stop <= self._done:
            return
        for aligned in self._depends:
            aligned.advance(stop)
        missing = array("d", [math.nan]) * (stop - self._done)
        for column in self.outputs.values():
            column.extend(missing)
        if self._known is not None:
            self._advance_known(self._known, stop)
            return
        depends = [column for aligned in self._depends for column in aligned.columns]
        compute(
            self._kernel,
            [*self._inputs, *depends, *self._params],
            [*self.outputs.values()],
            self._state,
            self._done,
            stop,
        )
        self._done = stop

    @property
    def reads_from(self) -> float:
        """Return the oldest row of its clock that the state of the kernel may still have read, inf for none."""
        return self._kernel.reads_from(dict(self.feature.params), self._state)

    def let_go(self, before: int, recent: int) -> None:
        """Let go of the rows below a number; what is counted otherwise keeps its newest `recent`."""
        let_go(self.outputs.values(), before)
        for aligned in self._depends:
            aligned.let_go(before)
        if self._known is not None:
            self._known.let_go(recent)

    def _advance_known(self, known: KnownRows, stop: int) -> None:
        start = known.take(self._done, stop)
        compute(
            self._kernel,
            [*known.inputs, *self._params],
            known.outputs,
            self._state,
            start,
            len(known.rows),
        )
        known.give([*self.outputs.values()], start)
        self._done = stop


class _Aligned:
    """Columns of a dependency as seen from another clock: its last row closed by then.

    `goes_stale`: unknown where the feed of another symbol lacks the bar, as wherever it is read.
    """

    def __init__(
        self,
        runner: FeatureRunner | None,
        names: tuple[str, ...],
        clock: Clock,
        *,
        goes_stale: bool = False,
        make: Make = array,
    ) -> None:
        self._goes_stale = goes_stale
        self._clock = clock
        self._runner = runner
        self._row = 0
        if runner is not None and runner.clock is clock:
            self.columns = [runner.outputs[name] for name in names]
            self._sources: list[Column] | None = None
        else:
            self.columns = [make("d") for _ in names]
            self._sources = [] if runner is None else [runner.outputs[name] for name in names]

    def advance(self, stop: int) -> None:
        if self._sources is None:
            return
        for row in range(len(self.columns[0]), stop):
            last = -1 if self._runner is None else self._last_closed(row)
            for position, column in enumerate(self.columns):
                column.append(math.nan if last < 0 else self._sources[position][last])

    def let_go(self, before: int) -> None:
        let_go(self.columns, before)

    def _last_closed(self, row: int) -> int:
        assert self._runner is not None
        theirs, now = self._runner.clock, self._clock.frame.close_time(row)
        while self._row < theirs.rows and theirs.frame.close_time(self._row) <= now:
            self._row += 1
        row = self._row - 1
        if self._goes_stale and row >= 0:
            is_stale = theirs.frame.close_time(row) <= now - theirs.frame.interval_ms
            return -1 if is_stale else row
        return row


def _argument(spec: ParamSpec, value: ParamValue) -> object:
    match spec.kind:
        case ParamKind.ENUM:
            return spec.choices.index(str(value))
        case ParamKind.FLOAT_LIST:
            assert isinstance(value, tuple)
            return array("d", value)
        case ParamKind.FLOAT:
            return float(value)  # type: ignore[arg-type]
        case ParamKind.INT:
            return int(value)  # type: ignore[arg-type]
        case _:
            return bool(value)


def _kernel(type_: str) -> Kernel:
    if type_ not in _KERNELS:
        raise DataError(f"no kernel computes `{type_}`")
    return _KERNELS[type_]


class MarketStage:
    """Computes everything that depends on the market alone, for every exec bar up to `stop`.

    `recent`: of each clock so many of the newest rows are held, and as many again at most; None holds all. Not
    for machine code. The bars of `held_from` on are held whatever comes (None: nobody asks for that).
    """

    def __init__(
        self,
        program: Program,
        data: MarketData,
        *,
        tier: Tier = Tier.PLAIN,
        recent: int | None = None,
    ) -> None:
        assert recent is None or (tier is Tier.PLAIN and isinstance(data.exec.ts, Recent))
        self.held_from: int | None = None
        self._recent = recent
        self._make: Make = array if recent is None else Recent
        self.program = program
        self.data = data
        self.done = 0
        self._graph = program.graph
        self._clocks = Clocks(data, self._make)
        features = self._graph.features
        wanted = [_kernel(name) for name in sorted({feature.type for feature in features})]
        self._kernels = kernels_of(tier, wanted, len(features) * len(data.exec))
        self.runners: list[FeatureRunner] = []
        for feature in self._graph.features:
            self.runners.append(self._runner(feature))
        self._nodes: dict[int, Column] = {}
        self._order = self._needed()
        self._columns = [self._nodes[index] for index in program.columns]
        self._read = [
            (node, self._nodes[index])
            for index, node in self._order
            if not is_computed(node) and self._alias(node) is None
        ]
        self._rows = rules_of(tier, self._order, self._nodes, len(data.exec))
        self._plain_rows = PlainRules(self._order, self._nodes)

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
            depends.append(_Aligned(runner, spec.columns, clock, goes_stale=stale, make=make))
        source = by_role.get("source") if "source" in SIGNATURES[feature.type].inputs else None
        read = None if source is None else self.runners[source].outputs["value"]
        return FeatureRunner(feature, kernel, clock, depends, read, self._make)

    def _reads(self, feature: FeatureNode, clock: Clock) -> list[_Aligned]:
        """Return what an expression reads, in the order of its places; nothing for those left over."""
        read = [
            _Aligned(
                self.runners[index], (output_of(role),), clock, goes_stale=True, make=self._make
            )
            for role, index in feature.depends
        ]
        left_over = range(MOST_READS - len(read))
        return [*read, *(_Aligned(None, ("value",), clock, make=self._make) for _ in left_over)]

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
            alias = self._alias(node)
            # An empty column is falsy: only None means that there is none to share.
            self._nodes[index] = self._make("d") if alias is None else alias
            order.append((index, node))
        return order

    def _alias(self, node: Node) -> Column | None:
        """Return the column itself where a node only names one of the exec clock."""
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
            self._plain_rows.compute(self.done, stop)
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
        rows = range(start, stop) if runner.clock.is_exec else runner.clock.view[start:stop]
        out.extend(source[row - back] if row >= back and row >= 0 else math.nan for row in rows)

    def _extend_bar(self, name: str, out: Column, start: int, stop: int) -> None:
        frame = self.data.exec
        if name == "mark_price":
            column = self._clocks.exec.column("mark")
            out.extend(column[start:stop])
        elif name == "bar_index":
            out.extend(float(t - self.data.first) for t in range(start, stop))
        elif name == "funding_rate":
            out.extend(self._funding(frame.close_time(t)) for t in range(start, stop))
        elif is_of_the_close(name):
            out.extend(float(told_at(name, frame.close_time(t))) for t in range(start, stop))
        else:
            out.extend(float(told_at(name, frame.ts[t])) for t in range(start, stop))

    def _funding(self, now: int) -> float:
        series = self.data.funding
        if series is None:
            return math.nan
        row = bisect_right(series.ts, now) - 1
        return series.rate[row] if row >= 0 else math.nan

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
