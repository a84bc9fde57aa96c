"""The rows of a clock on which an expression is known, as if the others had not been.

INVARIANT: a row is taken once, when its bar has closed, so any chunking gives the same rows.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Sequence
from typing import Any

from runtime.kernel import Column
from runtime.market.recent import Make, let_go


class KnownRows:
    """Columns without the rows on which `read` is unknown. `rows` are the places they stand at."""

    def __init__(
        self,
        read: Column,
        columns: Sequence[Column | array[int]],
        outputs: int,
        make: Make = array,
    ) -> None:
        self.rows = make("q")
        self.inputs: list[Any] = [make(column.typecode) for column in columns]
        self.outputs: list[Column] = [make("d") for _ in range(outputs)]
        self._read = read
        self._columns = columns

    def take(self, start: int, stop: int) -> int:
        """Take in rows [start, stop) of the clock; return the first place that is new."""
        first = len(self.rows)
        new = [row for row in range(start, stop) if self._read[row] == self._read[row]]
        self.rows.extend(new)
        for made, column in zip(self.inputs, self._columns, strict=True):
            made.extend(column[row] for row in new)
        for output in self.outputs:
            output.extend([math.nan] * len(new))
        return first

    def let_go(self, recent: int) -> None:
        """Let go of all but the newest places."""
        let_go([self.rows, *self.inputs, *self.outputs], len(self.rows) - recent)

    def give(self, columns: Sequence[Column], first: int) -> None:
        """Write the outputs from a place on to the rows they belong to."""
        for column, output in zip(columns, self.outputs, strict=True):
            for place in range(first, len(self.rows)):
                column[self.rows[place]] = output[place]
