"""Volatility squeeze: Bollinger bands inside Keltner channels, and its release."""

from __future__ import annotations

from math import nan, sqrt

from compiler.catalog.types import Params
from runtime.features.blocks import ema_step, true_range, whole
from runtime.features.windows import mean_size, mean_step, spread_size, spread_step
from runtime.kernel import Column, Kernel, State


def squeeze(
    high: Column,
    low: Column,
    close: Column,
    bb_length: int,
    bb_std: float,
    kc_length: int,
    kc_scalar: float,
    mom_length: int,
    mom_smooth: int,
    sqz: Column,
    on: Column,
    off: Column,
    no_sqz: Column,
    fired: Column,
    fired_up: Column,
    fired_down: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """on: the bands are strictly inside the channel; fired: on a bar ago and not on now.

    The bands use the sample deviation. sqz is the momentum of the close, smoothed by a simple mean.
    state: 0-2 the channel's basis, 3-5 its range, the bands' deviation, the momentum's mean.
    """
    momentum_at = 6 + spread_size(bb_length)
    for i in range(start, stop):
        momentum = nan
        if i >= mom_length:
            change = close[i] - close[i - mom_length]
            momentum = mean_step(change, mom_smooth, state, momentum_at, i - mom_length)
        sqz[i] = momentum
        basis = ema_step(close[i], kc_length, state, 0)
        span = kc_scalar * ema_step(true_range(high, low, close, i), kc_length, state, 3)
        mean = spread_step(close[i], bb_length, state, 6, i)
        if mean != mean or basis != basis:
            continue
        width = bb_std * sqrt(state[9] / (bb_length - 1.0))
        inside = mean - width > basis - span and mean + width < basis + span
        outside = mean - width < basis - span and mean + width > basis + span
        on[i] = 1.0 if inside else 0.0
        off[i] = 1.0 if outside else 0.0
        no_sqz[i] = 0.0 if inside or outside else 1.0
        if i == 0 or on[i - 1] != on[i - 1]:
            continue
        release = on[i - 1] == 1.0 and not inside
        fired[i] = 1.0 if release else 0.0
        if momentum == momentum:
            fired_up[i] = 1.0 if release and momentum > 0.0 else 0.0
            fired_down[i] = 1.0 if release and momentum < 0.0 else 0.0


def _state_size(params: Params) -> int:
    bands = spread_size(whole(params, "bb_length"))
    return 6 + bands + mean_size(whole(params, "mom_smooth"))


KERNEL = Kernel("squeeze", squeeze, _state_size)
