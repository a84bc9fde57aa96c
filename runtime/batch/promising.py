"""The promises of a card as checks of an entry, in numbers.

The law: as `runtime/decide/promises.py` has it: what a promise says must not be known to be false.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.builtins import (
    A_CAPACITY,
    A_LAYERS,
    A_LIMIT_BUYS,
    A_LIMIT_SELLS,
    A_PENDING,
    A_QUANTITY,
    A_SIDE,
    A_SIZE,
    A_STOP_BUYS,
    A_STOP_SELLS,
    account,
)
from runtime.batch.layout import (
    AS_CAPACITY,
    AS_LAYERS,
    AS_LIMIT_BUYS,
    AS_LIMIT_SELLS,
    AS_PENDING,
    AS_QUANTITY,
    AS_SIDE,
    AS_SIZE,
    AS_STOP_BUYS,
    AS_STOP_SELLS,
    BAR,
    DECIDED,
    ENTRY_BAR,
    EXIT,
    GONE,
    KIND,
    L_ROOM_STOP,
    LIMITED,
    MARKET,
    N_NONE,
    N_PROMISE,
    NO_LEVEL,
    P_AVERAGE,
    P_CONDITION,
    P_LAYERS,
    P_NOTIONAL,
    P_ORDERS,
    P_PROTECTED,
    P_WHILE,
    PR_CODE,
    PR_TRIED,
    PROMISE_WIDTH,
    PROMISES,
    PROMISES_AT,
    ROLE,
    ROOM_AVERAGE,
    ROOM_LOTS,
    ROOM_MOST,
    ROOM_SIDE,
    SL_KIND,
    T_START,
    T_START_PERCENT,
    T_START_RISK,
    TRIED,
    WAY,
    WHOLE,
    WHY_A,
    WHY_B,
    WHY_WORD,
    WITHDRAWN,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import base_of
from runtime.batch.protection import has_trail, stop_price
from runtime.batch.room import layers_at, notional_at
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals


def broken_promise(
    f: State, z: IntState, columns: Numbers, s: int, adds: int, lots: int, value_added: float, price: float,
    brings: bool,
) -> int:  # fmt: skip
    """Return `N_PROMISE` where an entry would break a promise, its numbers in `WHY_…`.

    `adds`: it is a new order, 1, or the change of one, 0, by lots and a notional; `brings`: it has a stop of its own.
    """
    for k in range(z[PROMISES]):
        at = z[PROMISES_AT] + k * PROMISE_WIDTH
        z[WHY_WORD] = k
        f[WHY_B] = f[at]
        if z[at] == P_WHILE:
            f[WHY_A] = value(f, z, columns, z[at + PR_CODE])
            if f[WHY_A] != 0.0:
                return N_PROMISE
        elif z[at] == P_CONDITION:
            if _is_false_after(f, z, columns, z[at + PR_TRIED], s, adds, lots, value_added):
                return N_PROMISE
        elif _breaks(f, z, z[at], f[at], s, adds, value_added, price, brings):
            return N_PROMISE
    return N_NONE


def _is_false_after(
    f: State,
    z: IntState,
    columns: Numbers,
    code: int,
    s: int,
    adds: int,
    lots: int,
    value_added: float,
) -> bool:
    """Return whether a condition is false with the order working, or with it and those of its side filled."""
    _take_as_is(f, z)
    f[TRIED + AS_PENDING] = float(_orders(z) + adds)
    if adds == 1 and z[s + KIND] != MARKET:
        stops = 0 if z[s + KIND] == LIMITED else AS_STOP_BUYS - AS_LIMIT_BUYS
        f[TRIED + AS_LIMIT_BUYS + stops + (0 if z[s + WAY] > 0 else 1)] += 1.0
    if value(f, z, columns, code) == 0.0:
        return True
    _take_as_is(f, z)
    side = z[s + WAY]
    after = f[notional_at(side)] + value_added
    joins = z[ROOM_LOTS] if z[ROOM_SIDE] == side else 0
    f[TRIED + AS_SIDE] = 1.0 if side > 0 else 2.0
    f[TRIED + AS_SIZE] = after
    f[TRIED + AS_QUANTITY] = base_of(f, joins + lots)
    f[TRIED + AS_LAYERS] = float(z[layers_at(side)] + adds)
    f[TRIED + AS_CAPACITY] = max(0.0, f[ROOM_MOST] - after)
    return value(f, z, columns, code) == 0.0


def _take_as_is(f: State, z: IntState) -> None:
    """Put what a promise is tried with as it is at this close."""
    f[TRIED + AS_PENDING] = account(f, z, A_PENDING)
    f[TRIED + AS_LIMIT_BUYS] = account(f, z, A_LIMIT_BUYS)
    f[TRIED + AS_LIMIT_SELLS] = account(f, z, A_LIMIT_SELLS)
    f[TRIED + AS_STOP_BUYS] = account(f, z, A_STOP_BUYS)
    f[TRIED + AS_STOP_SELLS] = account(f, z, A_STOP_SELLS)
    f[TRIED + AS_SIDE] = account(f, z, A_SIDE)
    f[TRIED + AS_SIZE] = account(f, z, A_SIZE)
    f[TRIED + AS_QUANTITY] = account(f, z, A_QUANTITY)
    f[TRIED + AS_LAYERS] = account(f, z, A_LAYERS)
    f[TRIED + AS_CAPACITY] = account(f, z, A_CAPACITY)


def _orders(z: IntState) -> int:
    """Return how many orders of the card work, with those decided at this close and without those cancelled here."""
    orders = z[DECIDED] - (1 if z[WITHDRAWN] >= 0 else 0)
    for k in range(z[WORKING]):
        o = z[WORK + k]
        if z[o + ROLE] <= EXIT and z[o + GONE] == 0:
            orders += 1
    return orders


def brings_stop(f: State, z: IntState, s: int) -> bool:
    """Return whether an entry that is decided brings a stop, or a trail that is active at once."""
    return z[s + SL_KIND] != NO_LEVEL or (has_trail(f, s) and _is_active_at_once(f, s))


def _is_active_at_once(f: State, s: int) -> bool:
    is_later = not (isnan(f[s + T_START]) and isnan(f[s + T_START_PERCENT]))
    return not is_later and isnan(f[s + T_START_RISK])


def _breaks(
    f: State, z: IntState, kind: int, most: float, s: int, adds: int, value_added: float, price: float,
    brings: bool,
) -> bool:  # fmt: skip
    side = z[s + WAY]
    if kind == P_PROTECTED:
        has_stop = not (isnan(stop_price(f, z, WHOLE)) and isnan(f[WHOLE + L_ROOM_STOP]))
        joins = z[ROOM_SIDE] == side and has_stop
        return not (brings or (joins and z[s + KIND] == MARKET))
    if kind == P_LAYERS:
        f[WHY_A] = float(z[layers_at(side)] + adds)
        return f[WHY_A] > most
    if kind == P_NOTIONAL:
        f[WHY_A] = f[notional_at(side)] + value_added
        return f[WHY_A] > most * _SLACK
    if kind == P_ORDERS:
        f[WHY_A] = float(_orders(z) + adds)
        return f[WHY_A] > most
    if kind == P_AVERAGE:
        f[WHY_A] = price
        f[WHY_B] = f[ROOM_AVERAGE]
        is_side = z[ROOM_SIDE] == side and z[ROOM_LOTS] > 0
        return is_side and (price - f[ROOM_AVERAGE]) * side > 0.0
    if z[ENTRY_BAR] < 0:
        return False
    f[WHY_A] = float(z[BAR] - z[ENTRY_BAR])
    return f[WHY_A] >= most
