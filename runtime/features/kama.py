"""Kaufman's adaptive moving average (Kaufman 1995)."""

from __future__ import annotations

from math import fabs

from compiler.catalog.types import Params
from runtime.features.blocks import whole
from runtime.features.windows import mean_size, mean_step
from runtime.kernel import Column, Kernel, State


def kama(source: Column, length: int, out: Column, state: State, start: int, stop: int) -> None:
    """kama += c * (x - kama): c grows from 2 / 31 to 2 / 3, squared, with the efficiency of the move.

    Efficiency is the net change over `length` bars by the path walked. Starts from the value before
    the first row that is known (TA-Lib). state: the mean step of the path.
    """
    for i in range(start, stop):
        if i == 0:
            continue
        step = mean_step(fabs(source[i] - source[i - 1]), length, state, 0, i - 1)
        if step != step:
            continue
        path = step * length
        net = fabs(source[i] - source[i - length])
        efficiency = 1.0
        if path > net:
            efficiency = net / path
        c = efficiency * (2.0 / 3.0 - 2.0 / 31.0) + 2.0 / 31.0
        before = source[i - 1] if i == length else out[i - 1]
        out[i] = before + c * c * (source[i] - before)


def _state_size(params: Params) -> int:
    return mean_size(whole(params, "length"))


KERNEL = Kernel("kama", kama, _state_size)
