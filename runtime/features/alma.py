"""Arnaud Legoux moving average (Legoux and Kouzis-Loukas 2009)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.elementary import exp
from runtime.kernel import Column, Kernel, State


def alma(
    source: Column,
    length: int,
    sigma: float,
    offset: float,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """Gaussian weights, centred at `offset` of the window, `length / sigma` wide.

    state: the weights, oldest first, and their sum. Summed as differences from the newest value, so
    a flat window is exact.
    """
    for i in range(start, stop):
        if i == 0:
            centre = offset * (length - 1)
            width = length / sigma
            state[length] = 0.0
            for j in range(length):
                gap = (j - centre) / width
                state[j] = exp(-0.5 * gap * gap)
                state[length] += state[j]
        if i < length - 1:
            continue
        newest = source[i]
        total = 0.0
        first = i - length + 1
        for j in range(length):
            total += state[j] * (source[first + j] - newest)
        out[i] = newest + total / state[length]


def _state_size(params: Params) -> int:
    return whole(params, "length") + 1


KERNEL = Kernel("alma", alma, _state_size)
