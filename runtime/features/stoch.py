"""Stochastic oscillator (Lane)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import extreme_size, max_step, mean_size, mean_step, min_step
from runtime.kernel import Column, Kernel, State


def stoch(
    high: Column,
    low: Column,
    close: Column,
    k: int,
    d: int,
    smooth_k: int,
    k_line: Column,
    d_line: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """k: mean over smooth_k of the close's place in the range of k bars; d: mean of k over d."""
    smooth_at = 2 * extreme_size(k)
    d_at = smooth_at + mean_size(smooth_k)
    for i in range(start, stop):
        top = max_step(high[i], k, state, 0, i)
        bottom = min_step(low[i], k, state, 1 + k, i)
        if i < k - 1:
            continue
        place = nan
        if top > bottom:
            place = 100.0 * ((close[i] - bottom) / (top - bottom))
        k_line[i] = mean_step(place, smooth_k, state, smooth_at, i - k + 1)
        if i >= k + smooth_k - 2:
            d_line[i] = mean_step(k_line[i], d, state, d_at, i - k - smooth_k + 2)


def _state_size(params: Params) -> int:
    ranges = 2 * extreme_size(whole(params, "k"))
    return ranges + mean_size(whole(params, "smooth_k")) + mean_size(whole(params, "d"))


KERNEL = Kernel("stoch", stoch, _state_size)
