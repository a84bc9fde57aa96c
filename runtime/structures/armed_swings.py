"""The last swing high and low as levels that a break disarms until the next swing.

state: 0 highs seen, 1 lows seen, 2 last high, 3 last low, 4 the high is armed, 5 the low is armed.
"""

from __future__ import annotations

from runtime.kernel import State


def take_pivots(
    state: State, high: float, low: float, high_version: float, low_version: float
) -> None:
    """Arm the levels of swings that have just been confirmed; unknown versions bring no news."""
    if high_version > state[0]:
        state[0] = high_version
        state[2] = high
        state[4] = 1.0
    if low_version > state[1]:
        state[1] = low_version
        state[3] = low
        state[5] = 1.0
