"""Changes of working orders in numbers: by `amend_order`, or by a placement under the ref of a live order.

The law: as `runtime/decide/amend.py` has it: amounts are totals, what is filled included, and what a change
adds passes the checks of a new order. What is asked for stands in the place of a draft: prices and levels, NaN
and `NO_LEVEL` where they stay as they are.
"""

from __future__ import annotations

from math import floor, isnan, nan

from runtime.batch.drafts import draft, read_ttl
from runtime.batch.fitting import apply_change, new_price
from runtime.batch.layout import (
    CANCELS,
    CHANGES,
    CLOSE,
    EXIT,
    FILLED,
    HELD,
    KIND,
    LEVEL,
    LIMIT,
    LIMITED,
    N_BAND,
    N_EXIT_SIZE,
    N_EXITS,
    N_NONE,
    N_NOT_AMENDABLE,
    N_TRIGGER,
    N_TTL,
    N_UNKNOWN_REF,
    NETTED,
    NO_LEVEL,
    NO_LIMIT,
    NO_STOP_CHANGE,
    NO_TARGET_CHANGE,
    NO_TRIGGER,
    ON_GROUP,
    ON_LIMIT,
    ON_PRICE,
    ON_REF,
    ON_SIZE,
    ON_SIZE_VALUE,
    ON_STOP,
    ON_TRIGGER,
    ON_TTL,
    OPENED,
    ROLE,
    ROOM_LOTS,
    S_POSITION,
    S_REST,
    SL_KIND,
    SL_VALUE,
    STOP_LIMIT,
    STOP_MARKET,
    TAKEN,
    TP_KIND,
    TP_VALUE,
    TRIGGER,
    WAY,
    WHY_A,
    WHY_B,
    WHY_C,
    WHY_WORD,
)  # fmt: skip
from runtime.batch.levels import (
    OF_LIMIT,
    OF_PRICE,
    OF_TRIGGER,
    distance_of,
    is_finite,
    level_at,
    on_grid,
    outside_band,
    risk_distance,
    sized,
    wanted_base,
)
from runtime.batch.money import base_of, remaining
from runtime.batch.orders import is_armed, reference_price, working
from runtime.batch.room import exit_room, lots_for, note_rounding
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def amend(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide an `amend_order`; return why it is refused, `N_NONE` if it is not."""
    o = working(z, z[a + ON_REF])
    if o < 0:
        return N_UNKNOWN_REF if z[a + ON_GROUP] == 0 else N_NONE  # of several those that work
    s = draft(f, z, action, a, z[o + ROLE])
    z[s + TAKEN] = 0
    z[s + WAY] = z[o + WAY]
    z[s + KIND] = z[o + KIND]
    why = _read_prices(f, z, columns, s, a, o)
    if why != N_NONE:
        return why
    price = new_price(f, s, o)
    for which in range(2):
        why = _read_level(f, z, columns, s, a, o, price, which == 0)
        if why != N_NONE:
            return why
    if not read_ttl(f, z, columns, s, a):
        return N_TTL
    left = 0
    base = -1.0
    if z[a + ON_SIZE] >= 0 and z[o + ROLE] == EXIT:
        left = wanted_total(f, z, columns, a, price, o)
        if left < 0:
            return -left
        base = f[WHY_C]
        left -= z[o + FILLED]
    elif z[a + ON_SIZE] >= 0:
        at = s if z[s + SL_KIND] != NO_LEVEL else o
        distance = distance_of(z[o + WAY], z[at + SL_KIND], f[at + SL_VALUE], price)
        base = wanted_base(f, z, columns, a, price, distance)
        if base < 0.0:
            return int(f[WHY_B])
        left = lots_for(f, base) - (z[o + OPENED] + z[o + NETTED])
    how = 0 if z[a + ON_TTL] >= 0 else -1
    changes = _changes(z)
    why = apply_change(f, z, columns, s, a, o, left, z[a + ON_SIZE] < 0, how)
    _tell(f, z, o, left, base, changes)
    return why


def _changes(z: IntState) -> int:
    return z[CHANGES] + z[CANCELS]


def _tell(f: State, z: IntState, o: int, left: int, base: float, changes: int) -> None:
    """Note where whole lots made a change another one, if it asks for anything.

    A total that is filled already ends the order, rounded or not: that is no other change.
    """
    done = z[o + FILLED] if z[o + ROLE] == EXIT else z[o + OPENED] + z[o + NETTED]
    if _changes(z) > changes and base > base_of(f, done):
        note_rounding(f, z, base, done + left)


def replace_entry(f: State, z: IntState, columns: Numbers, s: int, a: int, o: int) -> int:
    """Decide what makes a working entry the one that is drafted; return why it is refused."""
    price = reference_price(f, s, f[CLOSE])
    base = wanted_base(f, z, columns, a, price, risk_distance(f, z, s, a, price))
    if base < 0.0:
        return int(f[WHY_B])
    if z[o + FILLED] > 0:  # what is filled has brought its protection
        z[s + SL_KIND] = NO_LEVEL
        z[s + TP_KIND] = NO_LEVEL
    else:
        for which in range(2):
            why = _check_kept(f, z, s, o, price, which == 0)
            if why != N_NONE:
                return why
    if not is_armed(z, o):
        f[s + TRIGGER] = nan
    if not read_ttl(f, z, columns, s, a):
        return N_TTL
    left = lots_for(f, base) - (z[o + OPENED] + z[o + NETTED])
    changes = _changes(z)
    why = apply_change(f, z, columns, s, a, o, left, False, 1)
    _tell(f, z, o, left, base, changes)
    return why


def replace_exit(
    f: State, z: IntState, columns: Numbers, s: int, a: int, o: int, total: int
) -> int:
    """Decide what makes a working exit the one that is drafted, as `wanted_total` says; return why it is refused."""
    base = f[WHY_C]
    if not read_ttl(f, z, columns, s, a):
        return N_TTL
    left = total - z[o + FILLED]
    changes = _changes(z)
    why = apply_change(f, z, columns, s, a, o, left, False, 1)
    _tell(f, z, o, left, base, changes)
    return why


def wanted_total(f: State, z: IntState, columns: Numbers, a: int, price: float, live: int) -> int:
    """Return the lots an exit asks for, of a live one what is filled included; minus the reason of a refusal.

    The base units that were rounded down to them stay in `WHY_C`, below zero where lots were asked for.
    """
    f[WHY_C] = -1.0
    held = z[HELD] if z[HELD] > 0 else z[ROOM_LOTS]
    filled = z[live + FILLED] if live >= 0 else 0
    if z[a + ON_SIZE] < 0:
        return filled + held
    if z[a + ON_SIZE] == S_REST:
        left = exit_room(z, False) + (remaining(z, live) if live >= 0 else 0)
        return filled + left if left > 0 else -N_EXITS
    amount = value(f, z, columns, z[a + ON_SIZE_VALUE])
    if z[a + ON_SIZE] != S_POSITION:
        base = sized(f, z, z[a + ON_SIZE], amount, price, nan)
        f[WHY_C] = base
        return -int(f[WHY_B]) if base < 0.0 else lots_for(f, base)
    if not is_finite(amount) or amount < 0.0:
        return -N_EXIT_SIZE
    f[WHY_C] = base_of(f, filled) + base_of(f, held) * min(amount, 1.0)
    return filled + floor(held * min(amount, 1.0) + 1e-9)


# ---------------------------------------------------------------- prices and levels


def _read_prices(f: State, z: IntState, columns: Numbers, s: int, a: int, o: int) -> int:
    """Put the new limit and trigger; `price` means the limit, or the only price there is."""
    side = z[o + WAY]
    if z[a + ON_LIMIT] >= 0:
        price = value(f, z, columns, z[a + ON_LIMIT])
        f[s + LIMIT] = on_grid(f, z, price, OF_LIMIT, side > 0)
        if f[s + LIMIT] == 0.0:
            return int(f[WHY_B])
    if z[a + ON_TRIGGER] >= 0:
        price = value(f, z, columns, z[a + ON_TRIGGER])
        f[s + TRIGGER] = on_grid(f, z, price, OF_TRIGGER, side < 0)
        if f[s + TRIGGER] == 0.0:
            return int(f[WHY_B])
    if z[a + ON_PRICE] >= 0:
        price = value(f, z, columns, z[a + ON_PRICE])
        is_trigger = z[o + KIND] == STOP_MARKET
        slot = OF_TRIGGER if is_trigger else OF_PRICE
        price = on_grid(f, z, price, slot, (side > 0) != is_trigger)
        if price == 0.0:
            return int(f[WHY_B])
        f[s + (TRIGGER if is_trigger else LIMIT)] = price
    if not isnan(f[s + LIMIT]) and z[o + KIND] != LIMITED and z[o + KIND] != STOP_LIMIT:
        z[WHY_WORD] = NO_LIMIT
        f[WHY_A] = float(z[o + KIND])
        return N_NOT_AMENDABLE
    if not isnan(f[s + TRIGGER]) and not is_armed(z, o):
        z[WHY_WORD] = NO_TRIGGER
        return N_NOT_AMENDABLE
    return _check_prices(f, z, s, o)


def _check_prices(f: State, z: IntState, s: int, o: int) -> int:
    """Return why the new prices may not be where they are, `N_NONE` if they may."""
    side = z[o + WAY]
    trigger = f[s + TRIGGER]
    if not isnan(trigger) and side * (f[CLOSE] - trigger) >= 0.0:
        f[WHY_A] = trigger
        f[WHY_B] = f[CLOSE]
        z[WHY_WORD] = 1 if side > 0 else 0
        return N_TRIGGER
    if isnan(f[s + LIMIT]) and isnan(trigger):
        return N_NONE
    limit = f[o + LIMIT] if isnan(f[s + LIMIT]) else f[s + LIMIT]
    start = f[o + TRIGGER] if isnan(trigger) else trigger
    if not is_armed(z, o):
        start = nan
    return N_BAND if outside_band(f, z, limit, start, side) else N_NONE


def _read_level(
    f: State, z: IntState, columns: Numbers, s: int, a: int, o: int, price: float, is_stop: bool
) -> int:
    """Put the new stop or target; one that stays must still fit the new price."""
    code = z[a + ON_STOP + (0 if is_stop else 1)]
    if code < 0:
        return _check_kept(f, z, s, o, price, is_stop)
    wanted = value(f, z, columns, code)
    if z[o + ROLE] == EXIT or z[o + FILLED] > 0:
        z[WHY_WORD] = NO_STOP_CHANGE if is_stop else NO_TARGET_CHANGE
        return N_NOT_AMENDABLE
    return level_at(f, z, s, wanted, price, is_stop)


def _check_kept(f: State, z: IntState, s: int, o: int, price: float, is_stop: bool) -> int:
    """Return why a level that an order was placed with, and is to keep, does not fit a price."""
    kind = SL_KIND if is_stop else TP_KIND
    if z[s + kind] != NO_LEVEL or z[o + kind] != LEVEL:
        return N_NONE
    level = f[o + SL_VALUE] if is_stop else f[o + TP_VALUE]
    why = level_at(f, z, s, level, price, is_stop)
    z[s + kind] = NO_LEVEL
    return why
