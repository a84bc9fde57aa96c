"""The language of kernels: one source for history, for live and for machine code.

A kernel is a plain Python function of the subset below, so CPython defines what it means and
`runtime/native` may compile it. INVARIANT: machine code gives the bits CPython gives (a NaN is a
NaN, whatever its payload) or refuses with the line of the source; it never gives anything else.

Values
    float is float64; int is a whole number of 64 bits; bool is True or False and no number.
    Every name has one type. Nothing widens silently: an int becomes a float only by `float(n)`, in
    arithmetic or comparison with a float, and where it is stored in an array of floats.
    Arrays are parameters: `array('d')`, `array('q')`, `array('b')` with one index, `Block` with two.
    A local name may stand for an array, but not be made one. Indices count from the front: an index
    outside an array, a negative one too, is a mistake. Arrays that a kernel writes share no memory
    with any other.
Statements
    assignment to a name or an element, `+=` and its like, `if`, `while`, `for … in range(…)` with a
    constant step, `break`, `continue`, `return`, `pass`, a call of another kernel. A name is
    assigned on every way that leads to its use. A function that returns a value returns it on every
    way. Calls do not lead back to the caller.
Expressions
    `+ - * / // %`, `< <= > >= == !=` one at a time, `and or not` of bools, `a if test else b`,
    `min` and `max` of values of one type, `sqrt floor ceil fabs isnan` of `math`, `float() int()`,
    `len` of an array, constants of the module (`nan`, `inf` and its own numbers), other kernels.
    `exp`, `log` and `pow` are kernels of our own (`runtime.features.elementary`): those of the
    machine's library differ in the last bit from one machine to the next.

Laws
    x / 0, x // 0, x % 0        ZeroDivisionError, for floats too: a kernel asks before it divides
    // and %                    as Python's: rounded down, the sign of the divisor
    floor(nan), ceil(inf), int(nan)   ValueError or OverflowError; machine code refuses beyond 64 bits
    sqrt(x < 0)                 ValueError; sqrt(-0.0) is -0.0, sqrt(nan) is nan
    x + y, x - y, x * y, x / y  of floats: IEEE 754, to nearest, never fused; overflow gives inf
    of ints                     exact; machine code refuses a result beyond 64 bits
    int against float           exact; machine code refuses to compare or divide ints beyond 2**53
    min(a, b), max(a, b)        `b if b < a else a`, `b if b > a else a`: a NaN first stays, a NaN
                                second is passed over; of 0.0 and -0.0 the first stays
    log(0) = -inf, log(x < 0) = nan, exp and pow overflow to inf and underflow through the denormals
    to 0; pow(x, 0) = pow(1, y) = 1, pow(x < 0, no whole y) = nan, pow(0, y < 0) = inf (of -0.0 too:
    the sign of a zero cannot be asked for), else as IEEE 754 has it

What raises in CPython stops machine code at the same place, with the same line; until then both have
written the same.

The shape of a column kernel: it computes rows [start, stop) of its output columns and leaves its
recurrence in `state`, so any chunking of the history gives bit-identical columns. It may read every
input row below `stop`, never beyond. Argument order, fixed by the catalogue entry:

    run(*inputs, *dependency_columns, *params, *outputs, state, start, stop)

* inputs: the entry's `inputs` as `Column` (`ts` as `IntColumn`); `mark` is all NaN without a mark
  series.
* dependency columns: for each `DependencySpec` in order its `columns`, already aligned to this
  kernel's own clock; a dependency that is optional and absent gives columns of NaN.
* params in catalogue order: int, float, bool as they are, ENUM as the index of its choice,
  FLOAT_LIST as `Numbers`.
* outputs: a `Column` for each of the entry's own `outputs`, already extended with NaN to `stop`; the
  outputs whose names depend on parameters share one `Block` after them, a row for each of
  [start, stop) and a place for each output, NaN before the call.
* state: a `State` of `state_size(params)` zeros before the first call.

Unknown is NaN. Bools are 0.0 / 1.0, enums the index of their token.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf, nan
from typing import TypeAlias

from compiler.catalog.types import Params

# Strings: arrays cannot be subscripted at run time before Python 3.12.
# One number for each row; must reach to `stop`.
Column: TypeAlias = "array[float]"
IntColumn: TypeAlias = "array[int]"  # ms UTC, rows
ByteColumn: TypeAlias = "array[int]"  # -128 … 127
# Numbers that are no rows: a memory whose length the kernel's owner states, or a list of levels.
State: TypeAlias = "array[float]"
IntState: TypeAlias = "array[int]"
Numbers: TypeAlias = "array[float]"
# Rows [start, stop) by places, row after row: `block[i - start, k]`.
Block: TypeAlias = "memoryview[float]"


def _none_beyond(_params: Params, _state: State) -> float:
    return inf


@dataclass(frozen=True, slots=True)
class Kernel:
    """The algorithm of one catalogue entry.

    `columns` outputs are columns of their own, those after them share a block; None: all are
    columns. `reads_from`: the oldest row that a state may still have read, beyond what `rows_needed` says of
    the parameters; inf for none.
    """

    type: str
    run: Callable[..., None]
    state_size: Callable[[Params], int]
    columns: int | None = None
    reads_from: Callable[[Params, State], float] = _none_beyond


def compute(
    kernel: Kernel,
    arguments: Sequence[object],
    outputs: Sequence[Column],
    state: State,
    start: int,
    stop: int,
) -> None:
    """Write rows [start, stop) of the outputs, which must reach to `stop` and hold NaN there.

    `arguments` are the inputs, dependency columns and params in the kernel's order.
    """
    own = len(outputs) if kernel.columns is None else kernel.columns
    if kernel.columns is None:
        kernel.run(*arguments, *outputs, state, start, stop)
        return
    places = len(outputs) - own
    # A block without a place cannot be made: a place that nobody writes stands in.
    flat, block = make_block(stop - start, max(1, places))
    kernel.run(*arguments, *outputs[:own], block, state, start, stop)
    if stop - start == 1:  # COST: a session's close; a slice makes an array for one number
        for place in range(places):
            outputs[own + place][start] = flat[place]
        return
    for place in range(places):
        outputs[own + place][start:stop] = flat[place::places]


def make_block(rows: int, places: int) -> tuple[Column, Block]:
    """Return NaNs as a flat array and as the block that a kernel writes; both share memory."""
    flat = array("d", [nan]) * (rows * places)
    return flat, memoryview(flat).cast("B").cast("d", (rows, places))
