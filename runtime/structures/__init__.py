"""The algorithms of the market structures: one resumable kernel per file."""

from __future__ import annotations

from runtime.kernel import Kernel
from runtime.structures import derived_zone, fibonacci, rolling_window, swing, trend

STRUCTURES: tuple[Kernel, ...] = (
    swing.KERNEL,
    derived_zone.KERNEL,
    trend.KERNEL,
    fibonacci.KERNEL,
    rolling_window.KERNEL,
)
