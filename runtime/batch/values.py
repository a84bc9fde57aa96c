"""Values of the card's nodes at a close: postfix code over columns, account and memory, three-valued.

The law: every operation is `runtime/rules/semantics.py`; code runs as the card's program has it.
"""

from __future__ import annotations

from math import fabs, inf, isnan, nan, sqrt

from runtime.batch.builtins import account
from runtime.batch.layout import BAR, CODE_AT, MEMOS, MEMOS_AT, NUMBERS_AT, ROWS, STACK, TRIED
from runtime.features.elementary import log
from runtime.features.functions import (
    add_gap,
    down,
    exponential,
    finite,
    modulo,
    power,
    rounded,
    shift_of,
    sign,
    up,
)
from runtime.kernel import IntState, Numbers, State

# operations of the lowered code
(
    C_END, C_CONST, C_COLUMN, C_ACCOUNT, C_MEMO, C_TRIED, C_JUMP_FALSE, C_JUMP_TRUE, C_AND, C_OR, C_MIN, C_MAX, C_MEAN, C_MEDIAN, C_IF,
    C_NOT, C_KNOWN, C_NEVER, C_NEG, C_ABS, C_FLOOR, C_CEIL, C_SQRT, C_LOG, C_EXP, C_SIGN, C_ROUND, C_DEFAULT, C_ADD,
    C_SUB, C_MUL, C_DIV, C_MOD, C_POW, C_GT, C_GTE, C_LT, C_LTE, C_EQ, C_NE,
) = range(40)  # fmt: skip
(
    M_VALUE, M_PREV, M_HOLDS, M_OCCURRED, M_COUNT, M_SINCE, M_LATCH, M_HIGH_SINCE, M_LOW_SINCE, M_COUNT_SINCE,
) = range(10)  # fmt: skip
MEMO_WIDTH = 10  # kind, code, size, least, ring, at, true, false, second code, third code


def _unary(op: int, x: float) -> float:
    if op == C_KNOWN:
        return 0.0 if isnan(x) else 1.0
    if isnan(x):
        return nan
    if op == C_NOT:
        return 1.0 - x
    if op == C_NEG:
        return -x
    if op == C_ABS:
        return fabs(x)
    if op == C_NEVER:
        return 1.0 if x == inf else 0.0
    if op == C_FLOOR:
        return down(x)
    if op == C_CEIL:
        return up(x)
    if op == C_SIGN:
        return sign(x)
    if op == C_ROUND:
        return rounded(x)
    if op == C_EXP:
        return exponential(x)
    if op == C_SQRT:
        return sqrt(x) if x >= 0.0 else nan
    return log(x) if x > 0.0 else nan


def holds(op: int, x: float, y: float) -> bool:
    if op == C_GT:
        return x > y
    if op == C_GTE:
        return x >= y
    if op == C_LT:
        return x < y
    if op == C_LTE:
        return x <= y
    if op == C_EQ:
        return x == y
    return x != y


def _binary(op: int, x: float, y: float) -> float:
    if op == C_DEFAULT:
        return y if isnan(x) else x
    if op >= C_GT:
        if isnan(x) or isnan(y):
            return nan
        return 1.0 if holds(op, x, y) else 0.0
    if op == C_ADD:
        return finite(x + y, x, y)
    if op == C_SUB:
        return finite(x - y, x, y)
    if op == C_MUL:
        return finite(x * y, x, y)
    if op == C_MOD:
        return modulo(x, y)
    if op == C_POW:
        return power(x, y)
    if y == 0.0:
        return nan
    return finite(x / y, x, y)


def _fold(f: State, op: int, first: int, top: int) -> float:
    """Return an operation over the places [first, top) of the stack."""
    if op == C_IF:
        if isnan(f[first]):
            return nan
        return f[first + 1] if f[first] == 1.0 else f[first + 2]
    if op == C_AND or op == C_OR:
        decided = 0.0 if op == C_AND else 1.0
        result = 1.0 - decided
        for i in range(first, top):
            if f[i] == decided:
                return decided
            if isnan(f[i]):
                result = nan
        return result
    if op == C_MEAN:
        shift = shift_of(f[first])
        total = 0.0
        for i in range(first, top):
            total = add_gap(total, f[i], shift)
        return shift + total / float(top - first)
    if op == C_MEDIAN:
        return _median(f, first, top)
    best = f[first]
    for i in range(first, top):
        if isnan(f[i]):
            return nan
        if f[i] < best if op == C_MIN else f[i] > best:
            best = f[i]
    return best


def _median(f: State, first: int, top: int) -> float:
    """Return the median of the places [first, top) of the stack, which are sorted in place."""
    for i in range(first, top):
        if isnan(f[i]):
            return nan
    for i in range(first + 1, top):
        one = f[i]
        j = i
        while j > first and f[j - 1] > one:
            f[j] = f[j - 1]
            j -= 1
        f[j] = one
    half = first + (top - first) // 2
    if (top - first) % 2 == 1:
        return f[half] + 0.0
    low = f[half - 1]
    high = f[half]
    return finite(low + high, low, high) / 2.0 + 0.0


# Long: the one loop that every value of a run goes through.
def value(f: State, z: IntState, columns: Numbers, start: int) -> float:
    """Return what the code from a place on gives at this close."""
    at = z[CODE_AT] + 2 * start
    top = STACK
    while True:
        op = z[at]
        arg = z[at + 1]
        at += 2
        if op == C_COLUMN:
            f[top] = columns[arg * z[ROWS] + z[BAR]]
            top += 1
        elif op == C_JUMP_FALSE:
            if f[top - 1] == 0.0:
                at += 2 * arg
        elif op == C_JUMP_TRUE:
            if f[top - 1] == 1.0:
                at += 2 * arg
        elif op == C_CONST:
            f[top] = f[z[NUMBERS_AT] + arg]
            top += 1
        elif op == C_ACCOUNT:
            f[top] = account(f, z, arg)
            top += 1
        elif op == C_MEMO:
            f[top] = f[z[MEMOS_AT] + arg * MEMO_WIDTH]
            top += 1
        elif op == C_TRIED:
            f[top] = f[TRIED + arg]
            top += 1
        elif op >= C_DEFAULT:
            f[top - 2] = _binary(op, f[top - 2], f[top - 1])
            top -= 1
        elif op >= C_NOT:
            f[top - 1] = _unary(op, f[top - 1])
        elif op == C_END:
            break
        else:
            f[top - arg] = _fold(f, op, top - arg, top)
            top -= arg - 1
    return f[STACK]


# ---------------------------------------------------------------- memory


def tick(f: State, z: IntState, columns: Numbers) -> None:
    """Advance every stateful node by this close, in order."""
    for m in range(z[MEMOS]):
        at = z[MEMOS_AT] + m * MEMO_WIDTH
        new = value(f, z, columns, z[at + 1])
        kind = z[at]
        if kind == M_VALUE:
            f[at] = new
            continue
        if kind >= M_SINCE:
            second = nan if z[at + 8] < 0 else value(f, z, columns, z[at + 8])
            third = nan if z[at + 9] < 0 else value(f, z, columns, z[at + 9])
            f[at] = _so_far(kind, f[at], new, second, third)
            continue
        size = z[at + 2]
        place = z[at + 4] + z[at + 5]
        gone = f[place]
        f[place] = new
        z[at + 5] = (z[at + 5] + 1) % size
        if kind == M_PREV:
            f[at] = f[z[at + 4] + z[at + 5]]
            continue
        if new == 1.0:
            z[at + 6] += 1
        if new == 0.0:
            z[at + 7] += 1
        if gone == 1.0:
            z[at + 6] -= 1
        if gone == 0.0:
            z[at + 7] -= 1
        f[at] = _window(kind, size, z[at + 3], z[at + 6], z[at + 7])


def _so_far(kind: int, before: float, first: float, second: float, third: float) -> float:
    """Return what has been so far, from what had been one bar before."""
    if kind == M_SINCE:
        if first == 1.0:
            return 0.0
        if isnan(before):
            return inf if first == 0.0 else nan
        return before + 1.0
    if kind == M_LATCH:
        return second if first == 1.0 else before
    if kind == M_COUNT_SINCE:
        one = 1.0 if second == 1.0 else 0.0
        return one if first == 1.0 else before + one
    if first == 1.0 or (third == 1.0 and isnan(before)):
        return second
    if kind == M_HIGH_SINCE:
        return second if second > before else before
    return second if second < before else before


def _window(kind: int, size: int, least: int, true: int, false: int) -> float:
    if kind == M_HOLDS:
        if false > 0:
            return 0.0
        return 1.0 if true == size else nan
    if kind == M_OCCURRED:
        if true > 0:
            return 1.0
        return 0.0 if false == size else nan
    if true >= least:
        return 1.0
    return nan if size - false >= least else 0.0
