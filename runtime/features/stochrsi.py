"""Stochastic of the relative strength index (Chande and Kroll 1994)."""

from __future__ import annotations

from math import nan

from compiler.catalog.types import Params
from runtime.features.blocks import rma_step, whole
from runtime.features.windows import extreme_size, max_step, mean_size, mean_step, min_step
from runtime.kernel import Column, Kernel, State


def stochrsi(
    source: Column,
    length: int,
    rsi_length: int,
    k: int,
    d: int,
    k_line: Column,
    d_line: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """k: mean over k of the rsi's place in its range of `length` bars; d: mean of k over d."""
    k_at = 6 + 2 * extreme_size(length)
    d_at = k_at + mean_size(k)
    first = rsi_length + length - 1
    for i in range(max(start, 1), stop):
        move = source[i] - source[i - 1]
        up = rma_step(move if move > 0.0 else 0.0, rsi_length, state, 0)
        down = rma_step(-move if move < 0.0 else 0.0, rsi_length, state, 3)
        if i < rsi_length:
            continue
        rsi = 50.0 if up + down == 0.0 else 100.0 * (up / (up + down))
        top = max_step(rsi, length, state, 6, i - rsi_length)
        bottom = min_step(rsi, length, state, 7 + length, i - rsi_length)
        if i < first:
            continue
        place = nan
        if top > bottom:
            place = 100.0 * ((rsi - bottom) / (top - bottom))
        k_line[i] = mean_step(place, k, state, k_at, i - first)
        if i >= first + k - 1:
            d_line[i] = mean_step(k_line[i], d, state, d_at, i - first - k + 1)


def _state_size(params: Params) -> int:
    ranges = 2 * extreme_size(whole(params, "length"))
    return 6 + ranges + mean_size(whole(params, "k")) + mean_size(whole(params, "d"))


KERNEL = Kernel("stochrsi", stochrsi, _state_size)
