"""What a close has changed takes effect at the open, in numbers: protection that the card moves, working orders.

The law: as the simulator's `protect` and `amend` have it: what a change lets arrive arrives like a new order, in
the order in which the changes were given.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.apart import note_moved
from runtime.batch.follow import cancel_now, let_go, now_of, upkeep
from runtime.batch.layers import has_level, layer_in_row
from runtime.batch.layout import (
    ACCEPT_BAR,
    AVERAGE,
    BAIL,
    BAR,
    BEFORE,
    BY_AMEND,
    C_BASE,
    C_LIMIT,
    C_LOTS,
    C_NUMBER,
    C_OPENS,
    C_SL_KIND,
    C_SL_MODEL,
    C_SL_VALUE,
    C_TP_KIND,
    C_TP_MODEL,
    C_TP_VALUE,
    C_TRIGGER,
    CHANGE,
    CHANGE_LIST,
    CHANGE_WIDTH,
    CHANGES,
    DIRTY,
    EXPIRES,
    FILLED,
    HELD,
    IS_OPEN_TRIP,
    KIND,
    L_OWNED,
    L_STOP_KIND,
    L_STOP_MODEL,
    L_STOP_VALUE,
    L_TARGET_KIND,
    L_TARGET_MODEL,
    L_TARGET_RESTS,
    L_TARGET_VALUE,
    L_TRAIL,
    LEVEL,
    LIMIT,
    LIMITED,
    LOTS,
    MOST,
    MOST_ORDERS,
    MOVED,
    MOVED_LIST,
    MOVING,
    N_AMEND_LATE,
    N_AMEND_MARGIN,
    NO_LEVEL,
    NUMBER,
    NUMBER_OF,
    OF_LAYER,
    OPEN_,
    OPENS,
    PRICE,
    PROTECT_LIST,
    PROTECTS,
    RENEW_LIST,
    RENEWED,
    ROLE,
    SIDE,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    STALE,
    TAKE_PROFIT,
    TO_ORDER,
    TO_STOP,
    TO_TARGET,
    TO_TRAIL,
    TOO_MANY_FIRED,
    TOO_MANY_ORDERS,
    TP_KIND,
    TP_MODEL,
    TP_VALUE,
    TRADES_NOW,
    TRIGGER,
    TRIP_RISK,
    TRIP_RISKED,
    WAY,
    WHOLE,
    WISH_WIDTH,
    WOKEN,
    WOKEN_LIST,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import base_of, is_short_of_margin
from runtime.batch.notes import note
from runtime.batch.orders import age_anew, is_armed, is_passed, rests, works
from runtime.batch.protection import begin_trail, stop_price
from runtime.batch.turns import turn, wake
from runtime.kernel import IntState, State

# ---------------------------------------------------------------- at the close


def renew(z: IntState, s: int, until: int, how: int) -> None:
    """Let the time of an order count anew from this close to a bar, -1 without an end; its age too where `how` is 1."""
    if z[RENEWED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_FIRED
        z[RENEWED] -= 1
    at = RENEW_LIST + z[RENEWED]
    z[at] = s
    z[at + MOST_ORDERS] = until
    z[at + 2 * MOST_ORDERS] = how
    z[RENEWED] += 1


def announce_changes(z: IntState) -> None:
    """Let what a close has decided to change be on its way; times count anew at once."""
    for k in range(z[RENEWED]):
        s = z[RENEW_LIST + k]
        z[s + EXPIRES] = z[RENEW_LIST + MOST_ORDERS + k]
        if z[RENEW_LIST + 2 * MOST_ORDERS + k] == 1:
            z[s + ACCEPT_BAR] = z[BAR] + 1
            age_anew(z, s)
        z[STALE] = 1
    z[RENEWED] = 0
    for k in range(z[CHANGES]):
        c = CHANGE_LIST + k * CHANGE_WIDTH
        s = z[c + C_BASE]
        if z[c + C_LOTS] >= 0 and z[c + C_LOTS] != z[s + MOST]:
            z[s + MOST] = -1  # the card names a total of its own


def hold_movers(f: State, z: IntState) -> None:
    """Hold back from the jump resting limits that are on their way to a price which the jump passes."""
    for k in range(z[PROTECTS]):
        at = PROTECT_LIST + WISH_WIDTH * k
        if z[at] == TO_ORDER:
            _hold(f, z, z[z[at + 1] + C_BASE], f[z[at + 1] + C_LIMIT])
        if z[at] != TO_TARGET:
            continue
        for i in range(z[WORKING]):
            s = z[WORK + i]
            if z[s + ROLE] == TAKE_PROFIT and z[s + OF_LAYER] == z[at + 2]:
                _hold(f, z, s, f[at])
                break


def _hold(f: State, z: IntState, s: int, price: float) -> None:
    if isnan(price) or not rests(f, z, s) or f[s + LIMIT] == price:
        return
    sign = z[s + WAY]
    if sign * (price - f[BEFORE]) <= 0.0 and sign * (price - f[OPEN_]) > 0.0:
        z[s + MOVING] = 1


# ---------------------------------------------------------------- at the open


def change(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Carry out what the card changes; limits that are moved or made are left in the list of those that arrive."""
    z[MOVED] = 0
    for k in range(z[PROTECTS]):
        at = PROTECT_LIST + WISH_WIDTH * k
        if z[at] == TO_ORDER:
            _change_order(f, z, lf, lz, z[at + 1])
        # What it was meant for may have ended on the jump.
        elif z[HELD] > 0 and z[at + 1] == z[NUMBER_OF]:
            _protect(f, z, lf, lz, at)
    z[PROTECTS] = 0
    z[CHANGES] = 0


def _protect(f: State, z: IntState, lf: State, lz: IntState, at: int) -> None:
    y = WHOLE if z[at + 2] == 0 else layer_in_row(z, z[at + 2] - 1)
    if y >= 0:  # a layer may have ended on the jump
        _move(f, z, at, y)
        if y == WHOLE:
            note_moved(f, z, lf, lz, now_of(f, z))
        else:
            z[y + L_OWNED] = 1
    upkeep(f, z, lf, lz, False, False)
    let_go(f, z, lf, lz)
    _set_aside(z)
    wake(f, z, lf, lz)


def _move(f: State, z: IntState, at: int, y: int) -> None:
    """Give a layer or the position the level or trail that the card asks for."""
    if not has_level(z, y) and z[y + L_TRAIL] == 0:
        z[y + L_TARGET_RESTS] = 0
    if z[at] == TO_STOP:
        z[y + L_STOP_KIND] = LEVEL
        z[y + L_STOP_MODEL] = 0
        f[y + L_STOP_VALUE] = f[at]
    elif z[at] == TO_TARGET:
        z[y + L_TARGET_KIND] = LEVEL
        z[y + L_TARGET_MODEL] = 0
        f[y + L_TARGET_VALUE] = f[at]
    elif z[at] == TO_TRAIL:
        begin_trail(f, z, y, f[at], f[at + 1], f[PRICE], z[BAR] - 1)
    else:
        z[y + L_TRAIL] = 0
    if z[IS_OPEN_TRIP] == 1 and z[TRIP_RISKED] == 0 and z[y + L_STOP_KIND] != NO_LEVEL:
        distance = z[SIDE] * (f[AVERAGE] - stop_price(f, z, y))
        f[TRIP_RISK] = max(0.0, distance) * base_of(f, z[HELD])
        z[TRIP_RISKED] = 1


def _set_aside(z: IntState) -> None:
    """Let resting targets that were just made or moved arrive with the others."""
    kept = 0
    for i in range(z[WOKEN]):
        s = z[WOKEN_LIST + i]
        number = z[WOKEN_LIST + MOST_ORDERS + i]
        if works(z, s, number) and z[s + KIND] == LIMITED:
            _arrive(z, s)
        else:
            z[WOKEN_LIST + kept] = s
            z[WOKEN_LIST + MOST_ORDERS + kept] = number
            kept += 1
    z[WOKEN] = kept


def _arrive(z: IntState, s: int) -> None:
    """Let an order arrive at this open like a new one."""
    z[s + MOVING] = 2
    if z[MOVED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[MOVED] -= 1
    z[MOVED_LIST + z[MOVED]] = s
    z[MOVED_LIST + MOST_ORDERS + z[MOVED]] = z[s + NUMBER]
    z[MOVED] += 1


def _change_order(f: State, z: IntState, lf: State, lz: IntState, c: int) -> None:
    """Change a working order, or refuse: it may have been filled on the jump."""
    s = z[c + C_BASE]
    number = z[c + C_NUMBER]
    if not works(z, s, number):
        note(f, z, lf, lz, N_AMEND_LATE, now_of(f, z), number, 0)
        return
    lots = z[s + LOTS] if z[c + C_LOTS] < 0 else z[c + C_LOTS]
    if z[c + C_LOTS] >= 0 and lots <= z[s + FILLED]:
        cancel_now(f, z, lf, lz, s, BY_AMEND)  # the jump filled more than it was to have in all
        return
    price = f[s + LIMIT] if isnan(f[c + C_LIMIT]) else f[c + C_LIMIT]
    if isnan(price):
        price = f[PRICE]
    z[s + CHANGE] = 0
    if not is_armed(z, s) and is_short_of_margin(f, z, s, price, lots - z[s + FILLED]):
        note(f, z, lf, lz, N_AMEND_MARGIN, now_of(f, z), number, 0)
        return
    _write_change(f, z, s, c)
    upkeep(f, z, lf, lz, False, False)
    let_go(f, z, lf, lz)
    wake(f, z, lf, lz)
    if not works(z, s, number):
        return
    if is_armed(z, s):
        if z[TRADES_NOW] == 1 and is_passed(f, z, s, f[PRICE]):
            turn(f, z, lf, lz, s)
    elif not isnan(f[c + C_LIMIT]):
        _arrive(z, s)


def _write_change(f: State, z: IntState, s: int, c: int) -> None:
    """Give an order what a change asks for; one that grows or moves goes behind the others at its price."""
    before = f[s + TRIGGER] if is_armed(z, s) else f[s + LIMIT]
    is_more = False
    if z[c + C_LOTS] >= 0:
        is_more = z[c + C_LOTS] > z[s + LOTS]
        z[s + LOTS] = z[c + C_LOTS]
        z[s + OPENS] = z[s + LOTS] if z[c + C_OPENS] < 0 else z[c + C_OPENS]
        if z[s + LOTS] <= z[s + MOST]:
            z[s + MOST] = -1
    if not isnan(f[c + C_LIMIT]):
        f[s + LIMIT] = f[c + C_LIMIT]
    if not isnan(f[c + C_TRIGGER]):
        f[s + TRIGGER] = f[c + C_TRIGGER]
    if z[c + C_SL_KIND] >= 0:
        z[s + SL_KIND] = z[c + C_SL_KIND]
        z[s + SL_MODEL] = z[c + C_SL_MODEL]
        f[s + SL_VALUE] = f[c + C_SL_VALUE]
    if z[c + C_TP_KIND] >= 0:
        z[s + TP_KIND] = z[c + C_TP_KIND]
        z[s + TP_MODEL] = z[c + C_TP_MODEL]
        f[s + TP_VALUE] = f[c + C_TP_VALUE]
    z[DIRTY] = 1
    z[STALE] = 1
    after = f[s + TRIGGER] if is_armed(z, s) else f[s + LIMIT]
    if is_more or after != before:
        age_anew(z, s)
