"""Momentum: the change over some bars."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def mom(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """x - x[length]."""
    for i in range(start, stop):
        if i >= length:
            out[i] = source[i] - source[i - length]


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("mom", mom, _state_size)
