"""How a change of a working order fits, in numbers: its lots, and what of it differs from what the order is.

The law: as `runtime/decide/amend.py` has it: what a change adds passes the checks of a new order; one decision
at a close changes an order, the same asked for again is none.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.adjusting import wish
from runtime.batch.cancels import cancel_one
from runtime.batch.changes import renew
from runtime.batch.layout import (
    BAIL,
    C_BASE,
    C_LIMIT,
    C_LOTS,
    C_NUMBER,
    C_OPENS,
    C_SL_KIND,
    C_SL_MODEL,
    C_SL_VALUE,
    C_TP_KIND,
    C_TP_VALUE,
    C_TRIGGER,
    CARRIED,
    CHANGE,
    CHANGE_LIST,
    CHANGE_WIDTH,
    CHANGES,
    CLOSE,
    CUT_GIVEN,
    CUT_KIND,
    CUT_WANTED,
    ENTRY,
    EXPIRES,
    FILLED,
    IS_AT_MARKET,
    KIND,
    LEAST_NOTIONAL,
    LIMIT,
    LOTS,
    MARKET,
    MIN_LOTS,
    MOST_CHANGES,
    N_CHANGED,
    N_EXITS,
    N_LIQUIDATED,
    N_NONE,
    N_NOT_AMENDABLE,
    N_STRANDS,
    NETTED,
    NO_LEVEL,
    NUMBER,
    ON_REASON,
    OPENED,
    OPENS,
    OWN_MARGIN,
    OWN_NOTIONAL,
    PROTECT_LIST,
    PROTECTS,
    ROLE,
    ROOM_EXITING,
    SL_KIND,
    SL_MODEL,
    SL_VALUE,
    TO_ORDER,
    TOO_MANY_FIRED,
    TP_KIND,
    TP_MODEL,
    TP_VALUE,
    TRIGGER,
    WAY,
    WHOLE,
    WHY_WORD,
    WISH_WIDTH,
)  # fmt: skip
from runtime.batch.levels import states_amount
from runtime.batch.money import notional, remaining, reserved_by, to_open
from runtime.batch.promising import broken_promise
from runtime.batch.room import (
    enlarge,
    exit_room,
    fit,
    is_beyond_liquidation,
    order_notional,
)
from runtime.kernel import IntState, Numbers, State


def new_price(f: State, s: int, o: int) -> float:
    """Return the price that values an order after the change."""
    if not isnan(f[s + LIMIT]):
        return f[s + LIMIT]
    if not isnan(f[o + LIMIT]):
        return f[o + LIMIT]
    if not isnan(f[s + TRIGGER]):
        return f[s + TRIGGER]
    return f[CLOSE] if isnan(f[o + TRIGGER]) else f[o + TRIGGER]


def apply_change(
    f: State, z: IntState, columns: Numbers, s: int, a: int, o: int, left: int, keeps: bool, how: int
) -> int:  # fmt: skip
    """Decide a change. `left` are lots it is still to fill, unless it `keeps` them; `how` its time counts anew.

    Of an entry that turns a position `left` is what it is still to open, without the lots it carries.
    """
    if z[o + KIND] == MARKET:
        z[WHY_WORD] = IS_AT_MARKET
        return N_NOT_AMENDABLE
    if not keeps and left <= 0:
        cancel_one(f, z, o, z[a + ON_REASON])
        return N_NONE
    why = _fit_exit(f, z, s, o, left, keeps)
    if z[o + ROLE] == ENTRY:
        why = _fit_entry(f, z, columns, s, a, o, left, keeps)
    if why != N_NONE:
        return why
    c = _write(f, z, s, o)
    known = z[o + CHANGE]
    if known > 0 and not _is_same(f, z, c, CHANGE_LIST + (known - 1) * CHANGE_WIDTH):
        return N_CHANGED
    if how >= 0:
        renew(z, o, z[s + EXPIRES], how)
    if known > 0 or _is_nothing(f, z, c):
        return N_NONE
    if z[CHANGES] + 1 >= MOST_CHANGES:
        z[BAIL] = TOO_MANY_FIRED
        return N_NONE
    z[CHANGES] += 1
    z[o + CHANGE] = z[CHANGES]
    wish(f, z, TO_ORDER, WHOLE, nan, nan)
    z[PROTECT_LIST + WISH_WIDTH * (z[PROTECTS] - 1) + 1] = c
    return N_NONE


def _fit_exit(f: State, z: IntState, s: int, o: int, left: int, keeps: bool) -> int:
    """Put the lots that an exit is still to fill, cut to what others leave."""
    if z[o + ROLE] == ENTRY:
        return N_NONE
    own = remaining(z, o)
    lots = own if keeps else left
    if lots > own:
        room = exit_room(z, False) + own
        if room <= own:
            return N_EXITS
        if lots > room:
            z[CUT_KIND] = N_EXITS
            z[CUT_WANTED] = lots
            z[CUT_GIVEN] = room
            lots = room
    if not keeps and lots < z[MIN_LOTS]:
        return N_STRANDS
    z[ROOM_EXITING] += lots - own
    z[s + LOTS] = z[o + FILLED] + lots
    z[s + OPENS] = z[s + LOTS]
    return N_NONE


def _fit_entry(
    f: State, z: IntState, columns: Numbers, s: int, a: int, o: int, left: int, keeps: bool
) -> int:
    """Put the lots that an entry is still to open: where it grows, what fits of them."""
    price = new_price(f, s, o)
    side = z[o + WAY]
    lots = to_open(z, o) if keeps else left
    own = order_notional(f, z, o)
    if notional(f, lots, price) > own:
        if is_beyond_liquidation(f, z, side, price):
            return N_LIQUIDATED
        z[CARRIED] = remaining(z, o) - to_open(z, o)
        f[OWN_NOTIONAL] = own
        f[OWN_MARGIN] = reserved_by(f, z, o)
        lots = fit(f, z, side, z[o + KIND], price, lots, keeps or states_amount(z, a))
        z[CARRIED] = 0
        f[OWN_NOTIONAL] = 0.0
        f[OWN_MARGIN] = 0.0
        if lots < 0:
            return -lots
        brings = z[o + SL_KIND] != NO_LEVEL or z[s + SL_KIND] != NO_LEVEL
        added = notional(f, lots, price) - own
        why = broken_promise(f, z, columns, o, 0, lots, added, price, brings)
        if why != N_NONE:
            return why
    worth = notional(f, lots, price)
    if not keeps and (lots < z[MIN_LOTS] or worth < f[LEAST_NOTIONAL]):
        return N_STRANDS
    enlarge(f, z, o, worth - own)
    z[s + LOTS] = z[o + LOTS] + lots - to_open(z, o)
    z[s + OPENS] = z[o + OPENED] + z[o + NETTED] + lots
    return N_NONE


def _write(f: State, z: IntState, s: int, o: int) -> int:
    """Write what differs as the next change; return where."""
    c = CHANGE_LIST + z[CHANGES] * CHANGE_WIDTH
    is_same = z[s + LOTS] == z[o + LOTS]
    z[c + C_NUMBER] = z[o + NUMBER]
    z[c + C_BASE] = o
    z[c + C_LOTS] = -1 if is_same else z[s + LOTS]
    z[c + C_OPENS] = -1 if is_same or z[s + OPENS] == z[s + LOTS] else z[s + OPENS]
    f[c + C_LIMIT] = nan if f[s + LIMIT] == f[o + LIMIT] else f[s + LIMIT]
    f[c + C_TRIGGER] = nan if f[s + TRIGGER] == f[o + TRIGGER] else f[s + TRIGGER]
    for which in range(2):
        kind = SL_KIND if which == 0 else TP_KIND
        model = SL_MODEL if which == 0 else TP_MODEL
        level = SL_VALUE if which == 0 else TP_VALUE
        z[c + C_SL_KIND + 2 * which] = -1
        z[c + C_SL_MODEL + 2 * which] = 0
        f[c + C_SL_VALUE + which] = nan
        if z[s + kind] == NO_LEVEL:
            continue
        is_held = z[s + kind] == z[o + kind] and z[s + model] == z[o + model]
        if not (is_held and f[s + level] == f[o + level]):
            z[c + C_SL_KIND + 2 * which] = z[s + kind]
            z[c + C_SL_MODEL + 2 * which] = z[s + model]
            f[c + C_SL_VALUE + which] = f[s + level]
    return c


def _is_nothing(f: State, z: IntState, c: int) -> bool:
    is_held = z[c + C_LOTS] < 0 and z[c + C_SL_KIND] < 0 and z[c + C_TP_KIND] < 0
    return is_held and isnan(f[c + C_LIMIT]) and isnan(f[c + C_TRIGGER])


def _is_same(f: State, z: IntState, one: int, other: int) -> bool:
    for i in range(CHANGE_WIDTH):
        if z[one + i] != z[other + i]:
            return False
    for i in range(C_TP_VALUE + 1):
        a = f[one + i]
        b = f[other + i]
        if a != b and not (isnan(a) and isnan(b)):
            return False
    return True
