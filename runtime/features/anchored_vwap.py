"""Volume-weighted average price since a structure last had news."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.kernel import Column, Kernel, State


def anchored_vwap(
    high: Column,
    low: Column,
    close: Column,
    volume: Column,
    version: Column,
    out: Column,
    bars_since_anchor: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """sum(typical * volume) / sum(volume) from the bar on which `version` last grew, it included.

    state: 0 last version, 1 row of the anchor + 1 (0: none yet), 2 first price, 3 volume, 4 sum of
    differences from the first price * volume.
    """
    for i in range(start, stop):
        typical = typical_price(high[i], low[i], close[i])
        # An unknown version compares false and is no news.
        if version[i] > state[0]:
            state[0] = version[i]
            state[1] = i + 1.0
            state[2] = typical
            state[3] = 0.0
            state[4] = 0.0
        if state[1] == 0.0:
            continue
        state[3] += volume[i]
        state[4] += (typical - state[2]) * volume[i]
        bars_since_anchor[i] = i + 1.0 - state[1]
        if state[3] > 0.0:
            out[i] = state[2] + state[4] / state[3]


def _state_size(_params: Params) -> int:
    return 5


KERNEL = Kernel("anchored_vwap", anchored_vwap, _state_size)
