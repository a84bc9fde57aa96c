"""The shape of a resumable column kernel: one source for history and for live.

A kernel is a plain function in the kernel subset (float, int and bool scalars, one-dimensional
arrays, `for range`, `while`, `if`, arithmetic, `sqrt floor ceil fabs min max exp log isnan`, calls
to other kernels). It computes rows [start, stop) of its output columns and leaves its recurrence in
`state`, so any chunking of the history gives bit-identical columns. It may read every input row
below `stop`, never beyond.

Argument order, fixed by the catalogue entry:

    run(*inputs, *dependency_columns, *params, *outputs, state, start, stop)

* inputs: the entry's `inputs` as `array('d')` (`ts` as `array('q')`); `mark` is all NaN without a
  mark series.
* dependency columns: for each `DependencySpec` in order its `columns`, already aligned to this
  kernel's own clock; a dependency that is optional and absent gives columns of NaN.
* params in catalogue order: int, float, bool as they are, ENUM as the index of its choice,
  FLOAT_LIST as `array('d')`.
* outputs: `outputs_for(params)` in order, each an `array('d')` already extended with NaN to `stop`.
* state: an `array('d')` of `state_size(params)` zeros before the first call.

Unknown is NaN. Bools are 0.0 / 1.0, enums the index of their token.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from compiler.catalog.types import Params

# A string: arrays cannot be subscripted at run time before Python 3.12.
Column: TypeAlias = "array[float]"


@dataclass(frozen=True, slots=True)
class Kernel:
    """The algorithm of one catalogue entry."""

    type: str
    run: Callable[..., None]
    state_size: Callable[[Params], int]
