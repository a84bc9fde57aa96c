"""Hull moving average (Hull 2005)."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import weighted_size, wma_step
from runtime.kernel import Column, Kernel, State


def hma(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """wma over sqrt(length) of 2 * wma(length / 2) - wma(length), both lengths rounded down."""
    half = length // 2
    root = 1
    while (root + 1) * (root + 1) <= length:
        root += 1
    half_at = weighted_size(length)
    root_at = half_at + weighted_size(half)
    for i in range(start, stop):
        full = wma_step(source[i], length, state, 0, i)
        quick = wma_step(source[i], half, state, half_at, i)
        if full == full:
            raw = 2.0 * quick - full
            out[i] = wma_step(raw, root, state, root_at, i - length + 1)


def _state_size(params: Params) -> int:
    length = whole(params, "length")
    return 2 * weighted_size(length) + weighted_size(length // 2)


KERNEL = Kernel("hma", hma, _state_size)
