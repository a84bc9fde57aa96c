"""The hlc3 price of each bar."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import typical_price
from runtime.kernel import Column, Kernel, State


def hlc3(
    high: Column, low: Column, close: Column, out: Column, state: State, start: int, stop: int
) -> None:
    """(high + low + close) / 3."""
    for i in range(start, stop):
        out[i] = typical_price(high[i], low[i], close[i])


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("hlc3", hlc3, _state_size)
