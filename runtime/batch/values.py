"""Values of the card's nodes at a close: postfix code over columns, account and memory, three-valued.

The law: every operation is `runtime/rules/semantics.py`; code runs as the card's program has it.
"""

from __future__ import annotations

from math import fabs, inf, isnan, nan, sqrt

from runtime.batch.layout import (
    ACCEPT_BAR,
    ACCEPTED,
    AVERAGE,
    BAR,
    CLOSE,
    CODE_AT,
    ENTRIES,
    ENTRY_BAR,
    EXIT,
    EXIT_BAR,
    EXITS,
    HAS_MAX_POSITION,
    HELD,
    KIND,
    L_BAR,
    L_LOTS,
    L_PRICE,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LEVERAGE,
    LIMITED,
    MAX_POSITION,
    MEMOS,
    MEMOS_AT,
    NUMBERS_AT,
    REF,
    ROLE,
    ROWS,
    SIDE,
    STACK,
    STOP_LIMIT,
    STOP_MARKET,
    WAY,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import balance, base_of, equity, held_notional, notional, unrealized
from runtime.batch.protection import stop_price, target_price
from runtime.features.elementary import log
from runtime.features.functions import down, finite, modulo, power, rounded, sign, up
from runtime.kernel import IntState, Numbers, State

# operations of the lowered code
(
    C_END, C_CONST, C_COLUMN, C_ACCOUNT, C_MEMO, C_JUMP_FALSE, C_JUMP_TRUE, C_AND, C_OR, C_MIN, C_MAX, C_IF,
    C_NOT, C_KNOWN, C_NEVER, C_NEG, C_ABS, C_FLOOR, C_CEIL, C_SQRT, C_LOG, C_SIGN, C_ROUND, C_DEFAULT, C_ADD,
    C_SUB, C_MUL, C_DIV, C_MOD, C_POW, C_GT, C_GTE, C_LT, C_LTE, C_EQ, C_NE,
) = range(36)  # fmt: skip
# builtins of the account; those of a layer or a ref add 64 for each
(
    A_SIDE, A_SIZE, A_QUANTITY, A_AVERAGE, A_LAYERS, A_UNREALIZED, A_UNREALIZED_PCT, A_STOP, A_TARGET,
    A_SINCE_ENTRY, A_SINCE_EXIT, A_ENTRIES, A_EXITS, A_PENDING, A_LIMIT_BUYS, A_LIMIT_SELLS, A_STOP_BUYS,
    A_STOP_SELLS, A_OLDEST, A_EQUITY, A_BALANCE, A_CAPACITY, A_FREE, A_MAXIMUM, A_ORDER_PENDING,
    A_LAYER_ENTRY, A_LAYER_SIZE, A_LAYER_AGE,
) = range(28)  # fmt: skip
(
    M_VALUE, M_PREV, M_HOLDS, M_OCCURRED, M_COUNT, M_SINCE, M_LATCH, M_HIGH_SINCE, M_LOW_SINCE, M_COUNT_SINCE,
) = range(10)  # fmt: skip
MEMO_WIDTH = 10  # kind, code, size, least, ring, at, true, false, second code, third code


def max_position(f: State, z: IntState) -> float:
    if z[HAS_MAX_POSITION] == 1:
        return f[MAX_POSITION]
    return max(0.0, equity(f, z) * f[LEVERAGE])


def _pending(z: IntState, stops: int, way: int) -> float:
    """Return how many of the card's orders work: of kinds (0 any, 1 limits, 2 stops) and a side (0 any)."""
    found = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] > EXIT or (way != 0 and z[s + WAY] != way):
            continue
        is_stop = z[s + KIND] == STOP_MARKET or z[s + KIND] == STOP_LIMIT
        if stops == 0 or (stops == 1 and z[s + KIND] == LIMITED) or (stops == 2 and is_stop):
            found += 1
    return float(found)


def _oldest(z: IntState) -> float:
    oldest = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT:
            age = z[BAR] - z[s + ACCEPT_BAR] + 1 if z[s + ACCEPTED] == 1 else 0
            oldest = max(oldest, age)
    if oldest < 0:
        return nan
    return float(oldest)


def _free_fraction(f: State, z: IntState) -> float:
    money = equity(f, z)
    if money <= 0.0:
        return 0.0
    if z[HELD] == 0:
        return 1.0
    return 1.0 - held_notional(f, z) / f[LEVERAGE] / money


def _of_layer(f: State, z: IntState, what: int, index: int) -> float:
    if index >= z[LAYERS_HELD]:
        return nan
    y = LAYERS + index * LAYER_WIDTH
    if what == A_LAYER_ENTRY:
        return f[y + L_PRICE]
    if what == A_LAYER_SIZE:
        return notional(f, z[y + L_LOTS], f[y + L_PRICE])
    return float(z[BAR] - z[y + L_BAR])


def _of_position(f: State, z: IntState, what: int) -> float:
    """Return a builtin of the position, which is nothing or unknown where none is open."""
    if what == A_SIDE:
        if z[HELD] == 0:
            return 0.0
        return 1.0 if z[SIDE] > 0 else 2.0
    if what == A_SIZE:
        return held_notional(f, z)
    if what == A_QUANTITY:
        return 0.0 if z[HELD] == 0 else base_of(f, z[HELD])
    if what == A_LAYERS:
        return float(z[LAYERS_HELD])
    if what == A_UNREALIZED:
        return unrealized(f, z)
    if what == A_STOP:
        return stop_price(f, z)
    if what == A_TARGET:
        return target_price(f, z)
    if z[HELD] == 0:
        return nan
    if what == A_AVERAGE:
        return f[AVERAGE]
    return z[SIDE] * (f[CLOSE] - f[AVERAGE]) / f[AVERAGE] * 100.0


def _of_orders(z: IntState, what: int, ref: int) -> float:
    if what == A_PENDING:
        return _pending(z, 0, 0)
    if what == A_LIMIT_BUYS:
        return _pending(z, 1, 1)
    if what == A_LIMIT_SELLS:
        return _pending(z, 1, -1)
    if what == A_STOP_BUYS:
        return _pending(z, 2, 1)
    if what == A_STOP_SELLS:
        return _pending(z, 2, -1)
    if what == A_OLDEST:
        return _oldest(z)
    for k in range(z[WORKING]):
        if z[z[WORK + k] + REF] == ref and z[z[WORK + k] + ROLE] <= EXIT:
            return 1.0
    return 0.0


def account(f: State, z: IntState, code: int) -> float:
    """Return a builtin of the account at this close, NaN where it is unknown."""
    what = code % 64
    if what <= A_UNREALIZED_PCT or what == A_STOP or what == A_TARGET:
        return _of_position(f, z, what)
    if what == A_SINCE_ENTRY:
        return nan if z[ENTRY_BAR] < 0 else float(z[BAR] - z[ENTRY_BAR])
    if what == A_SINCE_EXIT:
        return inf if z[EXIT_BAR] < 0 else float(z[BAR] - z[EXIT_BAR])
    if what == A_ENTRIES:
        return float(z[ENTRIES])
    if what == A_EXITS:
        return float(z[EXITS])
    if what == A_EQUITY:
        return equity(f, z)
    if what == A_BALANCE:
        return balance(f)
    if what == A_CAPACITY:
        return max(0.0, max_position(f, z) - held_notional(f, z))
    if what == A_FREE:
        return _free_fraction(f, z)
    if what == A_MAXIMUM:
        return max_position(f, z)
    if what >= A_LAYER_ENTRY:
        return _of_layer(f, z, what, code // 64)
    return _of_orders(z, what, code // 64)


# ---------------------------------------------------------------- code


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
    if op == C_SQRT:
        return sqrt(x) if x >= 0.0 else nan
    return log(x) if x > 0.0 else nan


def _holds(op: int, x: float, y: float) -> bool:
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
        return 1.0 if _holds(op, x, y) else 0.0
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
    best = f[first]
    for i in range(first, top):
        if isnan(f[i]):
            return nan
        if f[i] < best if op == C_MIN else f[i] > best:
            best = f[i]
    return best


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
