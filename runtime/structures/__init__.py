"""The algorithms of the market structures: one resumable kernel per file."""

from __future__ import annotations

from runtime.kernel import Kernel
from runtime.structures import (
    breaker_block,
    derived_zone,
    displacement,
    fair_value_gap,
    fibonacci,
    liquidity_zones,
    market_structure,
    order_block,
    premium_discount,
    rolling_window,
    swing,
    trend,
    zone,
)

STRUCTURES: tuple[Kernel, ...] = (
    swing.KERNEL,
    derived_zone.KERNEL,
    trend.KERNEL,
    fibonacci.KERNEL,
    zone.KERNEL,
    rolling_window.KERNEL,
    market_structure.KERNEL,
    displacement.KERNEL,
    fair_value_gap.KERNEL,
    order_block.KERNEL,
    breaker_block.KERNEL,
    liquidity_zones.KERNEL,
    premium_discount.KERNEL,
)
