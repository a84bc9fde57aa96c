"""Stops and targets that the card moves, in numbers, decided at a close.

The law: as `runtime/decide/protect.py` has it: a level named here is the card's from then on.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.drafts import draft
from runtime.batch.layers import covered, name_of
from runtime.batch.layout import (
    BAIL,
    CLOSE,
    EXIT,
    HELD,
    L_ROOM_STOP,
    L_ROOM_TARGET,
    L_STOP_KIND,
    L_STOP_MODEL,
    L_TARGET_KIND,
    L_TARGET_MODEL,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    MOST_WISHES,
    N_LAYER_OWNED,
    N_NO_LAYER,
    N_NO_PROTECT,
    N_NONE,
    NO_LEVEL,
    NUMBER_OF,
    ON_LAYER,
    ON_PRICE,
    ON_TIGHTEN,
    ON_VERB,
    PROTECT_LIST,
    PROTECTS,
    SIDE,
    SL_VALUE,
    TAKEN,
    TO_STOP,
    TO_TARGET,
    TOO_MANY_FIRED,
    TP_VALUE,
    V_STOP,
    WAY,
    WHOLE,
    WHY_A,
    WHY_WORD,
    WISH_WIDTH,
)  # fmt: skip
from runtime.batch.levels import level_at
from runtime.batch.protection import stop_price, target_price
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def adjust(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide to move the stop or the target; return why it is refused, `N_NONE` if it is not."""
    if z[HELD] == 0:
        return N_NO_PROTECT
    is_stop = z[a + ON_VERB] == V_STOP
    s = draft(f, z, action, a, EXIT)
    z[s + WAY] = z[SIDE]
    y = aimed_at(f, z, columns, a)
    why = refused(z, y, is_stop)
    if why != N_NONE:
        z[s + TAKEN] = 0
        return why
    price = nan if z[a + ON_PRICE] < 0 else value(f, z, columns, z[a + ON_PRICE])
    why = level_at(f, z, s, price, f[CLOSE], is_stop)
    z[s + TAKEN] = 0
    if why != N_NONE:
        return why
    level = f[s + SL_VALUE] if is_stop else f[s + TP_VALUE]
    moved = f[y + (L_ROOM_STOP if is_stop else L_ROOM_TARGET)]
    current = moved
    if isnan(moved):
        current = stop_price(f, z, y) if is_stop else target_price(f, z, y)
    kind = z[y + (L_STOP_KIND if is_stop else L_TARGET_KIND)]
    by_model = z[y + (L_STOP_MODEL if is_stop else L_TARGET_MODEL)]
    is_cards = not isnan(moved) or (kind != NO_LEVEL and by_model == 0)
    if current == level and is_cards:
        return N_NONE
    if z[a + ON_TIGHTEN] == 1 and not isnan(current) and current != level:
        # Tighter is nearer to the price: higher for the stop of a long, lower for its target.
        if (level - current) * z[SIDE] * (1 if is_stop else -1) <= 0.0:
            return N_NONE
    f[y + (L_ROOM_STOP if is_stop else L_ROOM_TARGET)] = level
    wish(f, z, TO_STOP if is_stop else TO_TARGET, y, level, nan)
    return N_NONE


def aimed_at(f: State, z: IntState, columns: Numbers, a: int) -> int:
    """Return the base of the layer an action names, of the position without one, -1 where no such layer is held."""
    if z[a + ON_LAYER] < 0:
        return WHOLE
    number = value(f, z, columns, z[a + ON_LAYER])
    f[WHY_A] = number
    if isnan(number) or number < 0.0 or number >= float(z[LAYERS_HELD]):
        return -1
    return LAYERS + int(number) * LAYER_WIDTH


def refused(z: IntState, y: int, is_stop: bool) -> int:
    """Return why nothing of what an action names can be protected: there is no such layer, or each has its own."""
    if y < 0:
        return N_NO_LAYER
    z[WHY_WORD] = 1 if is_stop else 0
    return N_LAYER_OWNED if y == WHOLE and covered(z, WHOLE, is_stop) == 0 else N_NONE


def wish(f: State, z: IntState, what: int, y: int, level: float, start: float) -> None:
    """Ask for a level (of a trail its distance, and where it starts): it stands at the next open."""
    if z[PROTECTS] >= MOST_WISHES:
        z[BAIL] = TOO_MANY_FIRED
        z[PROTECTS] -= 1
    at = PROTECT_LIST + WISH_WIDTH * z[PROTECTS]
    z[at] = what
    z[at + 1] = z[NUMBER_OF]
    z[at + 2] = name_of(z, y)
    f[at] = level
    f[at + 1] = start
    z[PROTECTS] += 1
