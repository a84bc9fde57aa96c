"""Linearly weighted moving average."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import weighted_size, wma_step
from runtime.kernel import Column, Kernel, State


def wma(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """Weights 1 … length, the newest value heaviest."""
    for i in range(start, stop):
        out[i] = wma_step(source[i], length, state, 0, i)


def _state_size(params: Params) -> int:
    return weighted_size(whole(params, "length"))


KERNEL = Kernel("wma", wma, _state_size)
