"""One feature on its own clock, and what it reads of others.

INVARIANT: rows that are there never change when more bars come, however many come at once.
"""

from __future__ import annotations

import math
from array import array

from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.source_expressions import BESIDE_BARS
from compiler.catalog.types import ParamKind, ParamSpec, ParamValue
from compiler.graph.rule_graph import FeatureNode
from runtime.kernel import Column, Kernel, compute
from runtime.market.recent import Make, let_go
from runtime.rules.clocks import Clock
from runtime.rules.known_rows import KnownRows
from runtime.rules.unknown_rows import unknown

_MAY_BE_UNKNOWN = ("volume", *BESIDE_BARS)


class FeatureRunner:
    """One feature on its own clock: calls its kernel with every newly closed row.

    `read` is what it reads in the place of a column. Of an expression some rows may be unknown (warm-up,
    a division by zero), and of columns that not all data have: the kernel is given the others alone, as if
    those bars had not been. A kernel of two sources passes over such rows itself.
    """

    def __init__(
        self,
        feature: FeatureNode,
        kernel: Kernel,
        clock: Clock,
        depends: list[Aligned],
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
        if read is None and "source" in entry.inputs and feature.source in _MAY_BE_UNKNOWN:
            read = clock.column(feature.source)  # type: ignore[assignment]
        self._known = None
        if read is not None and not any(spec.is_source for spec in entry.depends):
            self._known = KnownRows(read, self._inputs, len(self.outputs), make)
        self._depends = depends
        self._params = [_argument(spec, params[spec.name]) for spec in entry.params]
        self._state = array("d", bytes(8 * kernel.state_size(params)))
        read_too = [column for aligned in depends for column in aligned.columns]
        # COST: at every close of a session; the columns are the same ones for ever.
        self._arguments = [*self._inputs, *read_too, *self._params]
        self._outs = [*self.outputs.values()]
        self._done = 0

    def advance(self) -> None:
        """Compute the rows of the clock that are new."""
        stop = self.clock.rows
        if stop <= self._done:
            return
        for aligned in self._depends:
            aligned.advance(stop)
        new = unknown(stop - self._done)
        for column in self._outs:
            column.extend(new)
        if self._known is not None:
            self._advance_known(self._known, stop)
            return
        compute(self._kernel, self._arguments, self._outs, self._state, self._done, stop)
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
        known.give(self._outs, start)
        self._done = stop


class Aligned:
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
