"""Chandelier exits: average true ranges hung from the highest high and stood on the lowest low."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range, whole
from runtime.features.windows import extreme_size, max_step, min_step
from runtime.kernel import Column, Kernel, State


def chandelier(
    high: Column,
    low: Column,
    close: Column,
    length: int,
    atr_length: int,
    multiplier: float,
    long: Column,
    short: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """long = highest high - multiplier * atr, short = lowest low + multiplier * atr."""
    for i in range(start, stop):
        top = max_step(high[i], length, state, 3, i)
        bottom = min_step(low[i], length, state, 4 + length, i)
        if i > 0:
            reach = multiplier * rma_step(true_range(high, low, close, i), atr_length, state, 0)
            long[i] = top - reach
            short[i] = bottom + reach


def _state_size(params: Params) -> int:
    return 3 + 2 * extreme_size(whole(params, "length"))


KERNEL = Kernel("chandelier", chandelier, _state_size)
