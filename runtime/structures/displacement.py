"""Displacement: a candle whose body is large against the average range and whose wicks are short."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, true_range
from runtime.kernel import Column, Kernel, State


def displacement(
    opening: Column,
    high: Column,
    low: Column,
    close: Column,
    length: int,
    body_min: float,
    wick_max: float,
    is_displacement: Column,
    direction: Column,
    body_atr_ratio: Column,
    wick_ratio: Column,
    version: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """state: 0-2 average range, 3 version."""
    for i in range(start, stop):
        span = high[i] - low[i]
        move = close[i] - opening[i]
        body = move if move >= 0.0 else -move
        wicks = (span - body) / span if span > 0.0 else nan
        average = nan
        if i > 0:
            average = rma_step(true_range(high, low, close, i), length, state, 0)
        if average == average:
            body_atr_ratio[i] = body / average if average > 0.0 else nan
            found = body > 0.0 and body >= body_min * average and wicks <= wick_max
            if found:
                state[3] += 1.0
            is_displacement[i] = 1.0 if found else 0.0
            direction[i] = 0.0
            if found:
                direction[i] = 1.0 if move > 0.0 else -1.0
        wick_ratio[i] = wicks
        version[i] = state[3]


def _state_size(_params: Params) -> int:
    return 4


KERNEL = Kernel("displacement", displacement, _state_size)
