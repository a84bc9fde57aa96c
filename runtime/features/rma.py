"""Wilder's moving average: smoothing 1 / length, seeded by the first mean."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step
from runtime.kernel import Column, Kernel, State


def rma(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """rma += (x - rma) / length."""
    for i in range(start, stop):
        out[i] = rma_step(source[i], length, state, 0)


def _state_size(_params: Params) -> int:
    return 3


KERNEL = Kernel("rma", rma, _state_size)
