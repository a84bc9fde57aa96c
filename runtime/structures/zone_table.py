"""A small table of price zones inside a kernel's `state`, oldest first; in the kernel subset.

At `at` stands how many there are, behind it three numbers per zone: lower, upper, row made. It takes
`1 + 3 * slots` numbers.
"""

from __future__ import annotations

from math import nan

from runtime.kernel import Column, State

ZONE = 3


def table_size(slots: int) -> int:
    """Return how many numbers of `state` a table takes."""
    return 1 + ZONE * slots


def remove_zone(state: State, at: int, k: int) -> None:
    """Close the gap that zone k leaves."""
    state[at] -= 1.0
    while k < state[at]:
        z = at + 1 + ZONE * k
        state[z] = state[z + 3]
        state[z + 1] = state[z + 4]
        state[z + 2] = state[z + 5]
        k += 1


def add_zone(state: State, at: int, slots: int, lower: float, upper: float, row: int) -> None:
    """Append a zone; the oldest leaves a full table."""
    if state[at] >= slots:
        remove_zone(state, at, 0)
    z = at + 1
    k = 0
    while k < state[at]:
        z += ZONE
        k += 1
    state[z] = lower
    state[z + 1] = upper
    state[z + 2] = row
    state[at] += 1.0


def remove_crossed(state: State, at: int, side: int, price: float) -> int:
    """Remove the zones that a price has left by the far side: below for side 1, above for -1."""
    removed = 0
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        if (side > 0 and price < state[z]) or (side < 0 and price > state[z + 1]):
            remove_zone(state, at, k)
            removed += 1
        else:
            k += 1
    return removed


def nearest_zone(state: State, at: int, price: float) -> int:
    """Return the place of the zone nearest to a price (0 inside, ties to the newer), -1 if none."""
    found = -1
    nearest = 0.0
    k = 0
    while k < state[at]:
        z = at + 1 + ZONE * k
        k += 1
        distance = 0.0
        if price > state[z + 1]:
            distance = price - state[z + 1]
        elif price < state[z]:
            distance = state[z] - price
        if found < 0 or distance <= nearest:
            found = z
            nearest = distance
    return found


def write_nearest(
    state: State, at: int, price: float, lower: Column, upper: Column, count: Column, i: int
) -> None:
    """Report the zone nearest to a price and how many there are."""
    z = nearest_zone(state, at, price)
    lower[i] = state[z] if z >= 0 else nan
    upper[i] = state[z + 1] if z >= 0 else nan
    count[i] = state[at]
