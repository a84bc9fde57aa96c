"""The last values in order of size: what ranks within a window are read from; in the kernel subset.

A bar costs two searches and the move of what lies between; an unknown value has no place in the order.
"""

from __future__ import annotations

from runtime.kernel import Column, State


def sorted_size(length: int) -> int:
    """Return how many numbers of `state` a `sorted_step` takes."""
    return 1 + length


def place_of(value: float, count: int, state: State) -> int:
    """Return how many of the values in order are below one."""
    low = 0
    high = count
    while low < high:
        middle = (low + high) // 2
        if state[1 + middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


def sorted_step(source: Column, length: int, state: State, i: int) -> bool:
    """Take in row `i`, let go of row `i - length`; return whether all of the last `length` are known.

    state: 0 how many are known, then those in order.
    """
    count = int(state[0])
    if i >= length:
        leaving = source[i - length]
        if leaving == leaving:
            count -= 1
            j = place_of(leaving, count, state)
            while j < count:
                state[1 + j] = state[2 + j]
                j += 1
    value = source[i]
    if value == value:
        place = place_of(value, count, state)
        j = count
        while j > place:
            state[1 + j] = state[j]
            j -= 1
        state[1 + place] = value
        count += 1
    state[0] = float(count)
    return count == length
