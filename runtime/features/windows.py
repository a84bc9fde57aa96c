"""Windows over the last values at constant cost per row, without drift; all in the kernel subset.

Rows are cut into blocks as long as the window, so a window is the end of one block and the start of
the next. What the ends of a block amount to is computed once, when the next block begins; the start
grows row by row (van Herk 1992, Gil and Werman 1993). Nothing is ever taken off a sum, so a value
that has left the window leaves no rounding error behind. Sums are of differences from the first
value of the newer block, which every window that touches this block contains: a flat window is
exact, and a deviation of a cent survives on prices of 100,000.

INVARIANT: `i`, the number of values before `value`, alone says where a block begins, so results
do not depend on the chunks in which rows come. Every function keeps its memory in
`state[at : at + …_size(length)]`.
"""

from __future__ import annotations

from math import nan

from runtime.kernel import State


def mean_size(length: int) -> int:
    """Return how many numbers of `state` a `mean_step` takes."""
    return 3 + length


def mean_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the mean of the last `length` values, NaN before there are enough.

    A window that contains an unknown value has no mean; the windows after it do.
    state: 0 the shift, 1 sum of this block, 2 number of the last unknown value + 1, then a slot per
    position: a value of this block, or the sum from there to the end of the last one.
    """
    p = i % length
    slot = at + 3 + p
    if value != value:
        state[at + 2] = i + 1.0
        value = state[at]
    if p == 0:
        total = 0.0
        j = slot + length - 1
        while j > slot:
            total += state[j] - value
            state[j] = total
            j -= 1
        state[at] = value
        state[at + 1] = 0.0
    else:
        state[at + 1] += value - state[at]
    state[slot] = value
    if state[at + 2] > i - length + 1:
        return nan
    total = state[at + 1]
    if p < length - 1:
        total += state[slot + 1]
    return state[at] + total / length


def by_weight_size(length: int) -> int:
    """Return how many numbers of `state` a `by_weight_step` takes."""
    return 4 + 2 * length


def by_weight_step(
    value: float, weight: float, length: int, state: State, at: int, i: int
) -> float:
    """Return sum(value * weight) / sum(weight) of the last `length`; NaN before enough, and without weight.

    state: 0 the shift, 1 sum of differences * weight and 2 of the weights of this block, 3 number of the
    last unknown pair + 1, then two slots per position as in `mean_step`: of values and of weights.
    """
    p = i % length
    slot = at + 4 + p
    if value != value or weight != weight:
        state[at + 3] = i + 1.0
        value = state[at]
        weight = 0.0
    if p == 0:
        gaps = 0.0
        weights = 0.0
        j = slot + length - 1
        while j > slot:
            gaps += (state[j] - value) * state[j + length]
            weights += state[j + length]
            state[j] = gaps
            state[j + length] = weights
            j -= 1
        state[at] = value
        state[at + 1] = 0.0
        state[at + 2] = weight
    else:
        state[at + 1] += (value - state[at]) * weight
        state[at + 2] += weight
    state[slot] = value
    state[slot + length] = weight
    if state[at + 3] > i - length + 1:
        return nan
    gaps = state[at + 1]
    weights = state[at + 2]
    if p < length - 1:
        gaps += state[slot + 1]
        weights += state[slot + 1 + length]
    return state[at] + gaps / weights if weights > 0.0 else nan


def spread_size(length: int) -> int:
    """Return how many numbers of `state` a `spread_step` takes."""
    return 4 + 2 * length


def spread_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the mean of the last `length` values; state[at + 3] is their squared deviations' sum.

    state: 0 the shift, 1 sum and 2 sum of squares of this block, 3 the result, then two slots per
    position as in `mean_step`.
    """
    p = i % length
    slot = at + 4 + p
    if p == 0:
        first = 0.0
        second = 0.0
        j = slot + length - 1
        while j > slot:
            gap = state[j] - value
            first += gap
            second += gap * gap
            state[j] = first
            state[j + length] = second
            j -= 1
        state[at] = value
        state[at + 1] = 0.0
        state[at + 2] = 0.0
    else:
        gap = value - state[at]
        state[at + 1] += gap
        state[at + 2] += gap * gap
    state[slot] = value
    if i < length - 1:
        return nan
    first = state[at + 1]
    second = state[at + 2]
    if p < length - 1:
        first += state[slot + 1]
        second += state[slot + 1 + length]
    mean = first / length
    second -= first * mean
    state[at + 3] = second if second > 0.0 else 0.0
    return state[at] + mean


def pair_size(length: int) -> int:
    """Return how many numbers of `state` a `pair_step` takes."""
    return 10 + 5 * length


def sum_pairs(x: float, y: float, length: int, state: State, at: int) -> None:
    """Turn the pairs of a block that has ended into sums from each to the block's end, less new shifts."""
    sx = 0.0
    sy = 0.0
    sxx = 0.0
    syy = 0.0
    sxy = 0.0
    j = at + 10 + length - 1
    while j > at + 10:
        dx = state[j] - x
        dy = state[j + length] - y
        sx += dx
        sy += dy
        sxx += dx * dx
        syy += dy * dy
        sxy += dx * dy
        state[j] = sx
        state[j + length] = sy
        state[j + 2 * length] = sxx
        state[j + 3 * length] = syy
        state[j + 4 * length] = sxy
        j -= 1


def pair_step(x: float, y: float, length: int, state: State, at: int, i: int) -> bool:
    """Take in a pair of values; return whether there are enough of them for the results.

    state: 0, 1 the shifts of x and y, 2-6 sums of x, y, xx, yy, xy of this block, 7-9 the results: sums
    of squares of x and of y and of their products, all around the means; then five slots per position as in
    `spread_step`.
    """
    p = i % length
    slot = at + 10 + p
    if p == 0:
        sum_pairs(x, y, length, state, at)
        state[at] = x
        state[at + 1] = y
        for k in range(5):
            state[at + 2 + k] = 0.0
    else:
        dx = x - state[at]
        dy = y - state[at + 1]
        state[at + 2] += dx
        state[at + 3] += dy
        state[at + 4] += dx * dx
        state[at + 5] += dy * dy
        state[at + 6] += dx * dy
    state[slot] = x
    state[slot + length] = y
    if i < length - 1:
        return False
    sx = state[at + 2]
    sy = state[at + 3]
    sxx = state[at + 4]
    syy = state[at + 5]
    sxy = state[at + 6]
    if p < length - 1:
        sx += state[slot + 1]
        sy += state[slot + 1 + length]
        sxx += state[slot + 1 + 2 * length]
        syy += state[slot + 1 + 3 * length]
        sxy += state[slot + 1 + 4 * length]
    sxx -= sx * (sx / length)
    syy -= sy * (sy / length)
    state[at + 7] = sxx if sxx > 0.0 else 0.0
    state[at + 8] = syy if syy > 0.0 else 0.0
    state[at + 9] = sxy - sx * (sy / length)
    return True


def weighted_size(length: int) -> int:
    """Return how many numbers of `state` a `weighted_step` takes."""
    return 4 + 2 * length


def weighted_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return sum(k * (value_k - shift)) for k = 1 … length, oldest first; NaN before there are enough.

    state: 0 the shift, 1 sum and 2 weighted sum of this block, 3 the window's plain sum of
    (value - shift), then two slots per position: a value or the weighted sum to the end of the last
    block, and the plain one.
    """
    p = i % length
    slot = at + 4 + p
    if p == 0:
        plain = 0.0
        weighted = 0.0
        j = slot + length - 1
        while j > slot:
            plain += state[j] - value
            weighted += plain
            state[j] = weighted
            state[j + length] = plain
            j -= 1
        state[at] = value
        state[at + 1] = 0.0
        state[at + 2] = 0.0
    else:
        gap = value - state[at]
        state[at + 1] += gap
        state[at + 2] += (p + 1.0) * gap
    state[slot] = value
    if i < length - 1:
        return nan
    plain = state[at + 1]
    weighted = state[at + 2]
    if p < length - 1:
        weighted += (length - 1.0 - p) * plain + state[slot + 1]
        plain += state[slot + 1 + length]
    state[at + 3] = plain
    return weighted


def wma_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the linearly weighted mean of the last values, the newest heaviest."""
    total = weighted_step(value, length, state, at, i)
    return state[at] + total / (length * (length + 1.0) / 2.0)


def slope_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the slope per row of the least-squares line through the last values; length >= 2."""
    total = weighted_step(value, length, state, at, i)
    across = total - (length + 1.0) / 2.0 * state[at + 3]
    return 12.0 * across / (length * (length * length - 1.0))


def extreme_size(length: int) -> int:
    """Return how many numbers of `state` a `max_step` or `min_step` takes."""
    return 1 + length


def max_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the largest of the last `length` values, NaN before there are enough.

    state: 0 largest of this block, then a slot per position: a value of this block, or the largest
    from there to the end of the last one.
    """
    p = i % length
    slot = at + 1 + p
    if p == 0:
        state[at] = value
        j = slot + length - 2
        while j > slot:
            if state[j + 1] > state[j]:
                state[j] = state[j + 1]
            j -= 1
    elif value > state[at]:
        state[at] = value
    state[slot] = value
    if i < length - 1:
        return nan
    best = state[at]
    if p < length - 1 and state[slot + 1] > best:
        best = state[slot + 1]
    return best


def min_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the smallest of the last `length` values, NaN before there are enough."""
    p = i % length
    slot = at + 1 + p
    if p == 0:
        state[at] = value
        j = slot + length - 2
        while j > slot:
            if state[j + 1] < state[j]:
                state[j] = state[j + 1]
            j -= 1
    elif value < state[at]:
        state[at] = value
    state[slot] = value
    if i < length - 1:
        return nan
    best = state[at]
    if p < length - 1 and state[slot + 1] < best:
        best = state[slot + 1]
    return best


def peak_size(length: int) -> int:
    """Return how many numbers of `state` a `peak_step` takes."""
    return 2 + 2 * length


def peak_step(value: float, length: int, state: State, at: int, i: int) -> float:
    """Return the number of the newest largest of the last `length` values, NaN before enough.

    state: 0 largest of this block, 1 its number, then two slots per position as in `max_step`: the
    largest and its number.
    """
    p = i % length
    slot = at + 2 + p
    if p == 0:
        j = slot + length - 2
        while j > slot:
            if state[j + 1] >= state[j]:
                state[j] = state[j + 1]
                state[j + length] = state[j + length + 1]
            j -= 1
    if p == 0 or value >= state[at]:
        state[at] = value
        state[at + 1] = i
    state[slot] = value
    state[slot + length] = i
    if i < length - 1:
        return nan
    if p < length - 1 and state[slot + 1] > state[at]:
        return state[slot + 1 + length]
    return state[at + 1]
