"""Stops and targets that the card moves, in numbers: decided at a close, carried out at the open.

The law: as `runtime/decide/protect.py` and the simulator's `protect` have it: a level named here is the
card's from then on.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.drafts import draft
from runtime.batch.follow import let_go, upkeep
from runtime.batch.layout import (
    AVERAGE,
    BAIL,
    BAR,
    BEFORE,
    CLOSE,
    EXIT,
    HELD,
    IS_OPEN_TRIP,
    KIND,
    LEVEL,
    LIMIT,
    LIMITED,
    MOST_ORDERS,
    MOVING,
    N_NO_PROTECT,
    N_NONE,
    NO_LEVEL,
    NUMBER_OF,
    ON_PRICE,
    ON_TIGHTEN,
    ON_VERB,
    OPEN_,
    PRICE,
    PROTECT_LIST,
    PROTECTS,
    ROLE,
    ROOM_STOP,
    ROOM_TARGET,
    SIDE,
    SL_VALUE,
    STOP_KIND,
    STOP_MODEL,
    STOP_VALUE,
    TAKE_PROFIT,
    TAKEN,
    TARGET_KIND,
    TARGET_MODEL,
    TARGET_RESTS,
    TARGET_VALUE,
    TO_STOP,
    TO_TARGET,
    TO_TRAIL,
    TOO_MANY_FIRED,
    TP_VALUE,
    TRAIL,
    TRIP_RISK,
    TRIP_RISKED,
    V_STOP,
    WAY,
    WOKEN,
    WOKEN_LIST,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.levels import level_at
from runtime.batch.money import base_of
from runtime.batch.orders import rests, works
from runtime.batch.protection import begin_trail, stop_price, target_price
from runtime.batch.turns import wake
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def adjust(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide to move the stop or the target; return why it is refused, `N_NONE` if it is not."""
    if z[HELD] == 0:
        return N_NO_PROTECT
    is_stop = z[a + ON_VERB] == V_STOP
    s = draft(f, z, action, a, EXIT)
    z[s + WAY] = z[SIDE]
    price = nan if z[a + ON_PRICE] < 0 else value(f, z, columns, z[a + ON_PRICE])
    why = level_at(f, z, s, price, f[CLOSE], is_stop)
    z[s + TAKEN] = 0
    if why != N_NONE:
        return why
    level = f[s + SL_VALUE] if is_stop else f[s + TP_VALUE]
    moved = f[ROOM_STOP] if is_stop else f[ROOM_TARGET]
    current = moved
    if isnan(moved):
        current = stop_price(f, z) if is_stop else target_price(f, z)
    kind = z[STOP_KIND] if is_stop else z[TARGET_KIND]
    by_model = z[STOP_MODEL] if is_stop else z[TARGET_MODEL]
    is_cards = not isnan(moved) or (kind != NO_LEVEL and by_model == 0)
    if current == level and is_cards:
        return N_NONE
    if z[a + ON_TIGHTEN] == 1 and not isnan(current) and current != level:
        # Tighter is nearer to the price: higher for the stop of a long, lower for its target.
        if (level - current) * z[SIDE] * (1 if is_stop else -1) <= 0.0:
            return N_NONE
    if is_stop:
        f[ROOM_STOP] = level
    else:
        f[ROOM_TARGET] = level
    wish(f, z, TO_STOP if is_stop else TO_TARGET, level, nan)
    return N_NONE


def wish(f: State, z: IntState, what: int, level: float, start: float) -> None:
    """Ask for a level (of a trail its distance, and where it starts): it stands at the next open."""
    if z[PROTECTS] >= 64:
        z[BAIL] = TOO_MANY_FIRED
        z[PROTECTS] -= 1
    at = PROTECT_LIST + 2 * z[PROTECTS]
    z[at] = what
    z[at + 1] = z[NUMBER_OF]
    f[at] = level
    f[at + 1] = start
    z[PROTECTS] += 1


def hold_movers(f: State, z: IntState) -> None:
    """Hold back from the jump a resting target that is on its way to a price which the jump passes."""
    for k in range(z[PROTECTS]):
        at = PROTECT_LIST + 2 * k
        if z[at] != TO_TARGET:
            continue
        for i in range(z[WORKING]):
            s = z[WORK + i]
            if z[s + ROLE] != TAKE_PROFIT:
                continue
            if rests(f, z, s) and f[s + LIMIT] != f[at]:
                sign = z[s + WAY]
                if sign * (f[at] - f[BEFORE]) <= 0.0 and sign * (f[at] - f[OPEN_]) > 0.0:
                    z[s + MOVING] = 1
            break


def move_protection(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Move what the card moves; a resting target that is moved or made is left `MOVING`: it arrives."""
    for k in range(z[PROTECTS]):
        at = PROTECT_LIST + 2 * k
        if z[HELD] == 0 or z[at + 1] != z[NUMBER_OF]:
            continue  # what it was meant for ended on the jump
        if z[STOP_KIND] == NO_LEVEL and z[TARGET_KIND] == NO_LEVEL and z[TRAIL] == 0:
            z[TARGET_RESTS] = 0
        if z[at] == TO_STOP:
            z[STOP_KIND] = LEVEL
            z[STOP_MODEL] = 0
            f[STOP_VALUE] = f[at]
        elif z[at] == TO_TARGET:
            z[TARGET_KIND] = LEVEL
            z[TARGET_MODEL] = 0
            f[TARGET_VALUE] = f[at]
        elif z[at] == TO_TRAIL:
            begin_trail(f, z, f[at], f[at + 1], f[PRICE], z[BAR] - 1)
        else:
            z[TRAIL] = 0
        if z[IS_OPEN_TRIP] == 1 and z[TRIP_RISKED] == 0 and z[STOP_KIND] != NO_LEVEL:
            distance = z[SIDE] * (f[AVERAGE] - stop_price(f, z))
            f[TRIP_RISK] = max(0.0, distance) * base_of(f, z[HELD])
            z[TRIP_RISKED] = 1
        upkeep(f, z, lf, lz, False, False)
        let_go(f, z, lf, lz)
        _set_aside(z)
        wake(f, z, lf, lz)
    z[PROTECTS] = 0


def _set_aside(z: IntState) -> None:
    """Let resting targets that were just made or moved arrive with the others."""
    kept = 0
    for i in range(z[WOKEN]):
        s = z[WOKEN_LIST + i]
        number = z[WOKEN_LIST + MOST_ORDERS + i]
        if works(z, s, number) and z[s + KIND] == LIMITED:
            z[s + MOVING] = 2
        else:
            z[WOKEN_LIST + kept] = s
            z[WOKEN_LIST + MOST_ORDERS + kept] = number
            kept += 1
    z[WOKEN] = kept
