"""The ohlc4 price of each bar."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def ohlc4(
    opening: Column,
    high: Column,
    low: Column,
    close: Column,
    out: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """(opening + high + low + close) / 4."""
    for i in range(start, stop):
        out[i] = (opening[i] + high[i] + low[i] + close[i]) / 4.0


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("ohlc4", ohlc4, _state_size)
