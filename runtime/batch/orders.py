"""Working orders in numbers: who works, in order of arrival, and how far price must go to meet one."""

from __future__ import annotations

from math import inf, isnan, nan

from runtime.batch.asking import note_end
from runtime.batch.layout import (
    ACCEPTED,
    ARRIVAL,
    ARRIVALS,
    ASKED,
    BAIL,
    BAR,
    BY_FOK,
    BY_IOC,
    BY_TTL,
    C_LIMIT,
    C_LOTS,
    C_SL_KIND,
    C_TP_KIND,
    C_TRIGGER,
    CANCELLED,
    CHANGE,
    CHANGE_LIST,
    CHANGE_WIDTH,
    DEMANDS,
    DIRTY,
    END_BAR,
    END_TS,
    EXIT,
    EXPIRED,
    EXPIRES,
    FALLS,
    FILLED,
    FIRST,
    GONE,
    KIND,
    LIMIT,
    LIMITED,
    LOTS,
    MARKET,
    MOST_ORDERS,
    NEWEST,
    NEWEST_AT,
    NEWEST_WIDTH,
    NUMBER,
    ORDER_FLOATS,
    ORDER_INTS,
    ORDER_WIDTH,
    ORDERS,
    ORDERS_F,
    ORDERS_ROW,
    PARTIAL_CANCELS,
    REASON_OF,
    REF,
    RISES,
    ROLE,
    STALE,
    STATUS,
    STOP_LIMIT,
    STOP_MARKET,
    TAKE_PROFIT,
    TAKEN,
    TOO_MANY_ORDERS,
    TOP,
    TRIGGER,
    TRIGGERED,
    VALUE,
    W_BASE,
    W_FILLED,
    W_LOTS,
    W_NUMBER,
    WAY,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.kernel import IntState, State

NEVER = 4611686018427387904  # 2**62, a bar that does not come


def free_place(f: State, z: IntState) -> int:
    """Return the base of an order's place that nobody has, cleared and taken."""
    at = -1
    for k in range(z[TOP]):
        if z[ORDERS + k * ORDER_WIDTH + TAKEN] == 0:
            at = ORDERS + k * ORDER_WIDTH
            break
    if at < 0:
        if z[TOP] >= MOST_ORDERS:
            z[BAIL] = TOO_MANY_ORDERS
            z[TOP] = MOST_ORDERS - 1
        at = ORDERS + z[TOP] * ORDER_WIDTH
        z[TOP] += 1
    for i in range(ORDER_WIDTH):
        z[at + i] = 0
        f[at + i] = nan
    z[at + TAKEN] = 1
    f[at + VALUE] = 0.0
    return at


def add_order(z: IntState, s: int) -> None:
    """Let an order work from here on; it is the newest of all."""
    z[ASKED] += 1
    z[s + NUMBER] = z[ASKED]
    if z[WORKING] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[WORKING] -= 1
    z[WORK + z[WORKING]] = s
    z[WORKING] += 1
    age_anew(z, s)
    if z[s + REF] > 0 and z[s + REF] <= z[NEWEST]:
        w = _newest(z, z[s + REF])
        z[w + W_NUMBER] = z[s + NUMBER]
        z[w + W_BASE] = s
    z[DIRTY] = 1
    z[STALE] = 1


def age_anew(z: IntState, s: int) -> None:
    """Put an order behind all others at its price."""
    z[s + ARRIVAL] = z[ARRIVALS]
    z[ARRIVALS] += 1


def works(z: IntState, s: int, number: int) -> bool:
    """Return whether the order of a number works still, at the base it had."""
    return z[s + TAKEN] == 1 and z[s + NUMBER] == number


def end_order(
    f: State, z: IntState, lf: State, lz: IntState, s: int, status: int, why: int, ts: int
) -> None:
    """Take an order out: it ended on this bar. What it was can be read until its place is taken."""
    z[s + STATUS] = status
    z[s + REASON_OF] = why
    z[s + END_BAR] = z[BAR]
    z[s + END_TS] = ts
    note_end(f, z, s)
    _keep_filled(z, s)
    row = z[ORDERS_ROW] + (z[s + NUMBER] - 1) * ORDER_INTS
    for i in range(ORDER_INTS):
        lz[row + i] = z[s + i]
    row = z[ORDERS_F] + (z[s + NUMBER] - 1) * ORDER_FLOATS
    for i in range(ORDER_FLOATS):
        lf[row + i] = f[s + i]
    z[WORKING] = without(z, WORK, z[WORKING], s)
    z[s + TAKEN] = 0
    z[DIRTY] = 1
    z[STALE] = 1


def without(z: IntState, first: int, count: int, s: int) -> int:
    """Take an order out of a list of so many that begins at a place; return how many are left."""
    at = first
    for k in range(first, first + count):
        if z[k] != s:
            z[at] = z[k]
            at += 1
    return at - first


def _newest(z: IntState, ref: int) -> int:
    return z[NEWEST_AT] + (ref - 1) * NEWEST_WIDTH


def _keep_filled(z: IntState, s: int) -> None:
    """Keep of an order that ends how far it has filled, where its ref is asked for and no newer one has it.

    It lies where no way through a bar is copied: an order that works all the same is read itself.
    """
    if z[s + REF] == 0 or z[s + REF] > z[NEWEST]:
        return
    w = _newest(z, z[s + REF])
    if z[w + W_NUMBER] == z[s + NUMBER]:
        z[w + W_LOTS] = z[s + LOTS]
        z[w + W_FILLED] = z[s + FILLED]


def filled_part(z: IntState, ref: int) -> float:
    """Return the filled part of the newest order of a ref, NaN before there was one."""
    w = _newest(z, ref)
    if z[w + W_NUMBER] == 0:
        return nan
    lots = z[w + W_LOTS]
    filled = z[w + W_FILLED]
    s = z[w + W_BASE]
    if works(z, s, z[w + W_NUMBER]):
        lots = z[s + LOTS]
        filled = z[s + FILLED]
    return nan if lots == 0 else float(filled) / float(lots)


def end_by(f: State, z: IntState, lf: State, lz: IntState, s: int, why: int, ts: int) -> None:
    """End an order by a cancel: a time to live ends as an expiry."""
    status = CANCELLED
    if why == BY_TTL or why == BY_IOC or why == BY_FOK:
        status = EXPIRED
    end_order(f, z, lf, lz, s, status, why, ts)


def working(z: IntState, ref: int) -> int:
    """Return the base of the card's working order of a ref, -1 where none is left at this close."""
    found = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT and z[s + REF] == ref:
            found = s
    return -1 if ref == 0 or found < 0 or z[found + GONE] == 1 else found


def names_total(z: IntState, s: int) -> bool:
    """Return whether a change of an order that is on its way gives it a total of its own."""
    return z[s + CHANGE] > 0 and z[_change(z, s) + C_LOTS] >= 0


def settle_change(f: State, z: IntState, s: int) -> None:
    """Let a change on its way be over where another has made the order what it asks for."""
    if z[s + CHANGE] == 0:
        return
    c = _change(z, s)
    is_sized = z[c + C_LOTS] < 0 or z[c + C_LOTS] == z[s + LOTS]
    is_priced = isnan(f[c + C_LIMIT]) or f[c + C_LIMIT] == f[s + LIMIT]
    is_priced = is_priced and (isnan(f[c + C_TRIGGER]) or f[c + C_TRIGGER] == f[s + TRIGGER])
    # A level that it asks for is not the order's own before it arrives.
    if is_sized and is_priced and z[c + C_SL_KIND] < 0 and z[c + C_TP_KIND] < 0:
        z[s + CHANGE] = 0


def _change(z: IntState, s: int) -> int:
    return CHANGE_LIST + (z[s + CHANGE] - 1) * CHANGE_WIDTH


def is_armed(z: IntState, s: int) -> bool:
    """Return whether an order is a stop that was not triggered yet."""
    return (z[s + KIND] == STOP_MARKET or z[s + KIND] == STOP_LIMIT) and z[s + TRIGGERED] == 0


def is_stop(z: IntState, s: int) -> bool:
    """Return whether an order is met like a stop: armed, and no target."""
    return is_armed(z, s) and z[s + ROLE] != TAKE_PROFIT


def level_of(f: State, z: IntState, s: int) -> float:
    """Return the price at which an order is met, NaN where it waits for none."""
    if is_armed(z, s):
        return f[s + TRIGGER]
    return f[s + LIMIT]


def falls_to(z: IntState, s: int) -> bool:
    """Return whether falling prices meet an order."""
    return (z[s + WAY] > 0) != is_stop(z, s)


def survey(f: State, z: IntState) -> None:
    """Note what the working orders wait for: the highest price at which falling prices meet one, the
    lowest for rising ones, and the first bar whose close ends one of the card's."""
    falls = -inf
    rises = inf
    demands = NEVER
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT:
            if z[s + EXPIRES] >= 0:
                demands = min(demands, z[s + EXPIRES])
            if z[s + PARTIAL_CANCELS] == 1 and z[s + FIRST] >= 0:
                demands = 0
        level = level_of(f, z, s)
        if isnan(level):
            continue
        if falls_to(z, s):
            falls = max(falls, level)
        else:
            rises = min(rises, level)
    f[FALLS] = falls
    f[RISES] = rises
    z[DEMANDS] = demands
    z[STALE] = 0


def reference_price(f: State, s: int, close: float) -> float:
    """Return the price an order is valued at: its limit, else its trigger, else a close."""
    if not isnan(f[s + LIMIT]):
        return f[s + LIMIT]
    if not isnan(f[s + TRIGGER]):
        return f[s + TRIGGER]
    return close


def is_market(z: IntState, s: int) -> bool:
    return z[s + KIND] == MARKET


def rests(f: State, z: IntState, s: int) -> bool:
    """Return whether an order stands in the book with a limit."""
    return not isnan(f[s + LIMIT]) and not is_armed(z, s)


def is_passed(f: State, z: IntState, s: int, price: float) -> bool:
    """Return whether a price stands at or beyond a trigger, or strictly beyond a limit."""
    sign = z[s + WAY]
    if is_armed(z, s):
        beyond = sign * (price - f[s + TRIGGER])
        if z[s + ROLE] == TAKE_PROFIT:
            return beyond <= 0.0
        return beyond >= 0.0
    if isnan(f[s + LIMIT]):
        return False
    return sign * (f[s + LIMIT] - price) > 0.0


def takes_part(z: IntState, s: int) -> bool:
    """Return whether an order has arrived and is met at its price."""
    return z[s + ACCEPTED] == 1 and z[s + KIND] >= LIMITED
