"""Percentile rank of the value among those before it."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def percentile(
    source: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """100 * share of the `length` values before that are not above this one."""
    for i in range(max(start, length), stop):
        value = source[i]
        count = 0
        for j in range(i - length, i):
            if source[j] <= value:
                count += 1
        out[i] = 100.0 * count / length


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("percentile", percentile, _state_size)
