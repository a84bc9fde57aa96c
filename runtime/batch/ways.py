"""Two ways to tell one bar, gone from the same state: copies of it, and whether they come to the same.

The law: as `runtime/backends/sim/alternatives.py` compares them; money to nine digits. Where rounding by
numbers could differ from rounding by digits the run is given up.
"""

from __future__ import annotations

from math import fabs, floor, isnan

from runtime.batch.layout import (
    AVERAGE,
    BAIL,
    BUY_SERVED,
    ENTRIES,
    ENTRY_BAR,
    EXIT_BAR,
    EXIT_WORD,
    EXITS,
    FEES,
    FILLED,
    FIRST_STOP,
    FUNDING,
    FUNDINGS,
    HELD,
    KIND,
    L_LOTS,
    L_ORDER,
    L_PART,
    L_PRICE,
    LAST_ENTRY,
    LAST_EXIT,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LIMIT,
    LOSSES,
    LOST,
    LOTS,
    ORDER_WIDTH,
    ORDERS,
    OTHER,
    REALIZED,
    ROLE,
    SELL_SERVED,
    SERVED,
    SERVED_WIDTH,
    SIDE,
    TOP,
    TRIGGER,
    TRIGGERED,
    UNDECIDED,
    WAY,
    WHOLE,
    WINS,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.kernel import IntState, State

_INTS, _FLOATS = 512, 96  # of what is no table


def copy_state(f: State, z: IntState, source: int, to: int) -> None:
    """Copy what can change inside a bar from one place to another."""
    for i in range(_INTS):
        z[to + i] = z[source + i]
    for i in range(_FLOATS):
        f[to + i] = f[source + i]
    _copy(f, z, source + ORDERS, to + ORDERS, z[source + TOP] * ORDER_WIDTH)
    # The position lies in front of its layers.
    _copy(f, z, source + WHOLE, to + WHOLE, (z[source + LAYERS_HELD] + 1) * LAYER_WIDTH)
    _copy_served(f, z, source + SERVED, to + SERVED, z[source + BUY_SERVED])
    at = SERVED + SERVED_WIDTH
    _copy_served(f, z, source + at, to + at, z[source + SELL_SERVED])


def _copy(f: State, z: IntState, source: int, to: int, count: int) -> None:
    for i in range(count):
        z[to + i] = z[source + i]
        f[to + i] = f[source + i]


def _copy_served(f: State, z: IntState, source: int, to: int, count: int) -> None:
    _copy(f, z, source, to, count)
    _copy(f, z, source + 64, to + 64, count)


def is_same(z: IntState, a: float, b: float) -> bool:
    """Return whether two amounts are the same to nine digits after the point."""
    if a == b:
        return True
    if fabs(a - b) > 2e-9 or fabs(a) > 2e7:
        return False  # so far apart, or so large that rounding leaves them as they are
    first = a * 1e9
    second = b * 1e9
    slack = fabs(first) * 4.5e-16 + 1e-3
    one = floor(first + 0.5)
    two = floor(second + 0.5)
    from_one = first + 0.5 - one
    from_two = second + 0.5 - two
    nearest = min(min(from_one, 1.0 - from_one), min(from_two, 1.0 - from_two))
    if nearest < slack:
        z[BAIL] = UNDECIDED
    return one == two


def _is_price(a: float, b: float) -> bool:
    return a == b or (isnan(a) and isnan(b))


def _is_like(f: State, z: IntState, a: int, b: int, way: int) -> bool:
    """Return whether an order here and one at another place look alike."""
    there = b + way
    left = max(0, z[a + LOTS] - z[a + FILLED])
    other = max(0, z[there + LOTS] - z[there + FILLED])
    return (
        z[a + ROLE] == z[there + ROLE]
        and z[a + WAY] == z[there + WAY]
        and left == other
        and _is_price(f[a + LIMIT], f[there + LIMIT])
        and _is_price(f[a + TRIGGER], f[there + TRIGGER])
        and (z[a + KIND] >= 2 and z[a + TRIGGERED] == 0)
        == (z[there + KIND] >= 2 and z[there + TRIGGERED] == 0)
    )


def _orders_differ(f: State, z: IntState) -> bool:
    count = z[WORKING]
    if count != z[OTHER + WORKING]:
        return True
    for i in range(count):
        here = 0
        there = 0
        a = z[WORK + i]
        for j in range(count):
            if _is_like(f, z, a, z[WORK + j], 0):
                here += 1
            if _is_like(f, z, a, z[OTHER + WORK + j], OTHER):
                there += 1
        if here != there:
            return True
    return False


def _layers_differ(f: State, z: IntState) -> bool:
    if z[LAYERS_HELD] != z[OTHER + LAYERS_HELD]:
        return True
    for k in range(z[LAYERS_HELD]):
        y = LAYERS + k * LAYER_WIDTH
        o = OTHER + y
        if z[y + L_ORDER] != z[o + L_ORDER] or z[y + L_PART] != z[o + L_PART]:
            return True
        if z[y + L_LOTS] != z[o + L_LOTS] or not is_same(z, f[y + L_PRICE], f[o + L_PRICE]):
            return True
    return False


def _results_differ(f: State, z: IntState) -> bool:
    if z[WINS] != z[OTHER + WINS] or z[LOSSES] != z[OTHER + LOSSES]:
        return True
    if z[LOST] != z[OTHER + LOST]:
        return True
    if z[EXIT_WORD] != z[OTHER + EXIT_WORD]:
        return True
    is_same_entry = _is_price(f[LAST_ENTRY], f[OTHER + LAST_ENTRY])
    is_same_exit = _is_price(f[LAST_EXIT], f[OTHER + LAST_EXIT])
    return not (is_same_entry and is_same_exit and _is_price(f[FIRST_STOP], f[OTHER + FIRST_STOP]))


def differs(f: State, z: IntState) -> bool:
    """Return whether the state differs from the other in anything that can be seen later."""
    if z[HELD] != z[OTHER + HELD]:
        return True
    if z[HELD] > 0:
        if z[SIDE] != z[OTHER + SIDE] or not is_same(z, f[AVERAGE], f[OTHER + AVERAGE]):
            return True
        if _layers_differ(f, z):
            return True
    if not is_same(z, f[REALIZED], f[OTHER + REALIZED]):
        return True
    if not is_same(z, f[FEES], f[OTHER + FEES]):
        return True
    if not is_same(z, f[FUNDING], f[OTHER + FUNDING]):
        return True
    if z[ENTRY_BAR] != z[OTHER + ENTRY_BAR] or z[EXIT_BAR] != z[OTHER + EXIT_BAR]:
        return True
    if z[ENTRIES] != z[OTHER + ENTRIES] or z[EXITS] != z[OTHER + EXITS]:
        return True
    if z[FUNDINGS] != z[OTHER + FUNDINGS]:
        return True
    if _results_differ(f, z):
        return True
    return _orders_differ(f, z)
