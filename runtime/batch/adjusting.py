"""Stops and targets that the card moves, in numbers, decided at a close.

The law: as `runtime/decide/protect.py` has it: a level named here is the card's from then on.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.drafts import draft
from runtime.batch.layout import (
    BAIL,
    CLOSE,
    EXIT,
    HELD,
    N_NO_PROTECT,
    N_NONE,
    NO_LEVEL,
    NUMBER_OF,
    ON_PRICE,
    ON_TIGHTEN,
    ON_VERB,
    PROTECT_LIST,
    PROTECTS,
    ROOM_STOP,
    ROOM_TARGET,
    SIDE,
    SL_VALUE,
    STOP_KIND,
    STOP_MODEL,
    TAKEN,
    TARGET_KIND,
    TARGET_MODEL,
    TO_STOP,
    TO_TARGET,
    TOO_MANY_FIRED,
    TP_VALUE,
    V_STOP,
    WAY,
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
