"""Rate of change in percent."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def roc(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """100 * (x / x[length] - 1)."""
    for i in range(start, stop):
        if i >= length and source[i - length] != 0.0:
            out[i] = 100.0 * (source[i] / source[i - length] - 1.0)


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("roc", roc, _state_size)
