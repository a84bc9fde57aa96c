"""Rows of plain numbers in a text, in the language of kernels: digits and one point, nothing else.

The law: a number is the double nearest to what stands there, as IEEE 754 has it. Its digits are a whole number up to
2^53 and its point a power of ten up to 10^18, both exact as doubles, so that their one division rounds once
(W. D. Clinger, How to read floating point numbers accurately, 1990). What is written in any other way is left alone.
"""

from __future__ import annotations

from runtime.kernel import ByteColumn, IntState, Numbers, State

# The longest whole number of 64 bits (ns since 1970 have as many); a longer run of digits stops the machine code.
_MOST_DIGITS = 19
_MOST_EXACT = 9_007_199_254_740_992

LEFT_OUT = 0
ODD = -1
# Places of `at`.
POSITION, _VALUE, _DECIMALS = 0, 1, 2
AT_SIZE = 3

_QUOTE = 34
_POINT = 46
_ZERO, _NINE = 48, 57
_LINE, _RETURN = 10, 13


def read_rows(
    text: ByteColumn, end: int, separator: int, wanted: IntState, powers: Numbers, size: int,
    wholes: IntState, doubles: State, at: IntState, start: int, stop: int,
) -> int:  # fmt: skip
    """Read rows [start, stop) from `at[POSITION]` on, up to `end`; return how many there were, or `ODD`.

    `wanted` says of each column of the text: LEFT_OUT, n > 0 for the nth column of `doubles`, n < 0 for that of
    `wholes`. Both hold column after column, `size` rows each. `powers` are those of ten, from 10^0 to 10^18.
    """
    position = at[POSITION]
    row = start
    last = len(wanted) - 1
    while row < stop and position < end:
        for column in range(len(wanted)):
            goal = wanted[column]
            if goal == LEFT_OUT:
                position = _past_cell(text, end, separator, position)
            else:
                position = _read_number(text, end, at, position)
            if position == ODD:
                return ODD
            if goal > 0:
                if at[_VALUE] > _MOST_EXACT:
                    return ODD
                doubles[(goal - 1) * size + row] = float(at[_VALUE]) / powers[at[_DECIMALS]]
            elif goal < 0:
                if at[_DECIMALS] > 0:
                    return ODD
                wholes[(-goal - 1) * size + row] = at[_VALUE]
            if column < last:
                if position >= end or text[position] != separator:
                    return ODD
                position += 1
        position = _past_line(text, end, position)
        if position == ODD:
            return ODD
        row += 1
    at[POSITION] = position
    return row - start


def _read_number(text: ByteColumn, end: int, at: IntState, first: int) -> int:
    """Leave the number at `first` in `at` and return where it ends, `ODD` where it is no plain one."""
    position = first
    value = 0
    while position < end and text[position] >= _ZERO and text[position] <= _NINE:
        value = value * 10 + (text[position] - _ZERO)
        position += 1
    digits = position - first
    decimals = 0
    if digits > 0 and position < end and text[position] == _POINT:
        position += 1
        point = position
        while position < end and text[position] >= _ZERO and text[position] <= _NINE:
            value = value * 10 + (text[position] - _ZERO)
            position += 1
        decimals = position - point
        if decimals == 0:
            return ODD
    if digits == 0 or digits + decimals > _MOST_DIGITS:
        return ODD
    at[_VALUE] = value
    at[_DECIMALS] = decimals
    return position


def _past_cell(text: ByteColumn, end: int, separator: int, first: int) -> int:
    """Return where a cell that nobody asks for ends, `ODD` where a quote in it may hide a separator."""
    position = first
    while position < end and text[position] != separator:
        if text[position] == _LINE or text[position] == _RETURN:
            return position
        if text[position] == _QUOTE:
            return ODD
        position += 1
    return position


def _past_line(text: ByteColumn, end: int, first: int) -> int:
    """Return where the next line begins, `ODD` where this one goes on."""
    position = first
    if position < end and text[position] == _RETURN:
        position += 1
    if position >= end:
        return end
    return position + 1 if text[position] == _LINE else ODD
