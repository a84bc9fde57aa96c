"""Premium and discount: where the close stands inside the range of the last pair of swings."""

from __future__ import annotations

from compiler.catalog.types import Params
from runtime.kernel import Column, Kernel, State


def premium_discount(
    close: Column,
    pair_high: Column,
    pair_low: Column,
    position: Column,
    equilibrium: Column,
    premium: Column,
    discount: Column,
    depth: Column,
    state: State,
    start: int,
    stop: int,
) -> None:
    """`position` 0 none, 1 discount, 2 equilibrium, 3 premium."""
    for i in range(start, stop):
        high = pair_high[i]
        low = pair_low[i]
        position[i] = 0.0
        if high > low:
            span = high - low
            equilibrium[i] = low + 0.5 * span
            premium[i] = low + 0.75 * span
            discount[i] = low + 0.25 * span
            depth[i] = (close[i] - low) / span * 100.0
            position[i] = 2.0
            if close[i] >= premium[i]:
                position[i] = 3.0
            elif close[i] <= discount[i]:
                position[i] = 1.0


def _state_size(_params: Params) -> int:
    return 0


KERNEL = Kernel("premium_discount", premium_discount, _state_size)
