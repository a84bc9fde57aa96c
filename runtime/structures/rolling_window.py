"""Extreme of a bar column over the last bars."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def find_extreme(source: Column, size: int, sign: float, state: State, i: int) -> None:
    """Search the window that ends at row i; the newest of equal values is kept."""
    state[0] = i
    state[1] = source[i]
    j = i - 1
    while j > i - size:
        if (source[j] - state[1]) * sign > 0.0:
            state[0] = j
            state[1] = source[j]
        j -= 1


def rolling_window(
    opening: Column,
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    size: int,
    field: int,
    mode: int,
    value: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`field` counts open high low close volume from 0; `mode` 0 is min, 1 is max.

    state: 0 row of the extreme, 1 its value. The window is searched only when its extreme leaves.
    """
    source = opening
    if field == 1:
        source = high
    elif field == 2:
        source = low
    elif field == 3:
        source = close
    elif field == 4:
        source = volume
    sign = 1.0 if mode == 1 else -1.0
    for i in range(start, stop):
        if i == 0 or (source[i] - state[1]) * sign >= 0.0:
            state[0] = i
            state[1] = source[i]
        elif state[0] <= i - size:
            find_extreme(source, size, sign, state, i)
        if i >= size - 1:
            value[i] = state[1]


def _state_size(_params: Params) -> int:
    return 2


KERNEL = Kernel("rolling_window", rolling_window, _state_size)
