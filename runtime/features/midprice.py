"""Middle of the highest high and the lowest low."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def midprice(
    high: Column, low: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """(highest high + lowest low) / 2 of the last `length` bars."""
    for i in range(start, stop):
        top = max_step(high[i], length, state, 0, i)
        out[i] = (top + min_step(low[i], length, state, 1 + length, i)) / 2.0


def _state_size(params: Params) -> int:
    return 2 * extreme_size(whole(params, "length"))


KERNEL = Kernel("midprice", midprice, _state_size)
