"""Beta: by how much one source moves for each percent that another one moves."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import pair_size, pair_step
from runtime.kernel import Column, Kernel, State


def beta(
    source: Column, other: Column, length: int, out: Column, state: State, start: int, stop: int
) -> None:
    """Slope of the least-squares line through `length` pairs of relative changes.

    Passes over bars on which either is unknown. state: 0 whether there is a pair before, 1, 2 the pair,
    3 changes seen, from 4 the window.
    """
    for i in range(start, stop):
        y = source[i]
        x = other[i]
        if x != x or y != y:
            continue
        before_x = state[1]
        before_y = state[2]
        has_before = state[0] == 1.0
        state[0] = 1.0
        state[1] = x
        state[2] = y
        if not has_before or before_x == 0.0 or before_y == 0.0:
            continue
        seen = int(state[3])
        state[3] += 1.0
        rise_x = x / before_x - 1.0
        rise_y = y / before_y - 1.0
        if pair_step(rise_x, rise_y, length, state, 4, seen) and state[11] > 0.0:
            out[i] = state[13] / state[11]


def _state_size(params: Params) -> int:
    return 4 + pair_size(whole(params, "length"))


KERNEL = Kernel("beta", beta, _state_size)
