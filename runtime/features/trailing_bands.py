"""Two bands at a distance of a series that only tighten while it stays between them, and which was crossed last."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def trailing_bands(
    source: Column,
    distance: Column,
    line: Column,
    long_band: Column,
    short_band: Column,
    direction: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """long_band = source - distance, short_band = source + distance, each kept while that is better.

    Kept while the value is on its side: the value before is always, for a band that was crossed began anew
    behind it. A value beyond a band of the bar before turns the direction. Passes over bars on which either
    is unknown. state: ready, both bands, direction.
    """
    for i in range(start, stop):
        x = source[i]
        below = x - distance[i]
        above = x + distance[i]
        if below != below or above != above:
            continue
        heading = 1.0
        if state[0] != 0.0:
            floor = state[1]
            ceiling = state[2]
            heading = state[3]
            if x > ceiling:
                heading = 1.0
            elif x < floor:
                heading = -1.0
            if x > floor:
                below = max(below, floor)
            if x < ceiling:
                above = min(above, ceiling)
        state[0] = 1.0
        state[1] = below
        state[2] = above
        state[3] = heading
        line[i] = below if heading > 0.0 else above
        long_band[i] = below
        short_band[i] = above
        direction[i] = heading


def _state_size(_params: Params) -> int:
    return 4


KERNEL = Kernel("trailing_bands", trailing_bands, _state_size)
