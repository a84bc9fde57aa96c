"""Extreme of a bar column over the last bars."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import window_max, window_min
from runtime.kernel import Column, Kernel


def rolling_window(
    opening: Column, high: Column, low: Column, close: Column, volume: Column, size: int,
    field: int, mode: int, value: Column, state: Column, start: int, stop: int,
) -> None:  # fmt: skip
    """`field` counts open high low close volume from 0; `mode` 0 is min, 1 is max."""
    source = opening
    if field == 1:
        source = high
    elif field == 2:
        source = low
    elif field == 3:
        source = close
    elif field == 4:
        source = volume
    for i in range(start, stop):
        if mode == 1:
            value[i] = window_max(source, size, i)
        else:
            value[i] = window_min(source, size, i)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("rolling_window", rolling_window, _state_size)
