"""What an event demands, carried out at once: protection, exits no larger than the position, who has to go.

The law: as `runtime/consequences.py` says it, in its order; it demands nothing that stands already.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.layers import covered, name_of, next_layer, scope_of
from runtime.batch.layout import (
    ACCEPT_BAR,
    ACCEPTED,
    ACTION,
    BAIL,
    BAR,
    BAR_MS,
    BAR_TS,
    BORN,
    BORN_AT,
    BROUGHT,
    BY_CLOSED,
    BY_LAYER,
    BY_MARGIN,
    BY_REDUCE,
    BY_REPLACED,
    BY_STOP,
    BY_TARGET,
    DIRTY,
    DISMISSED,
    END_BAR,
    ENTRY,
    EXIT,
    EXPIRES,
    FIFO,
    FILLED,
    FIRST,
    FLIPS,
    FORCE,
    GOING,
    GTC,
    HAS_SINCE,
    HELD,
    KIND,
    L_ORDER,
    L_TARGET_RESTS,
    LAST,
    LATE,
    LATE_COUNT,
    LATE_SEQ,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LEAVING,
    LIMIT,
    LIMITED,
    LOTS,
    MADE,
    MADE_UP,
    MARKET,
    METHOD,
    MOST,
    MOST_ORDERS,
    N_STOP_MARGIN,
    N_TURN_MARGIN,
    NETTED,
    NUMBER,
    OF_LAYER,
    OPENED,
    OPENS,
    PARENT,
    PATH,
    PHASE,
    PLACE,
    ROLE,
    SIDE,
    SINCE,
    SPEC_REASON,
    STOP_LOSS,
    STOP_MARKET,
    TAKE_PROFIT,
    TOO_MANY_ORDERS,
    TRIGGER,
    TTL,
    WAY,
    WHOLE,
    WHY_A,
    WOKEN,
    WOKEN_LIST,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import base_of, remaining
from runtime.batch.notes import note
from runtime.batch.orders import add_order, age_anew, end_by, free_place, is_armed, settle_change
from runtime.batch.protection import stop_in_force, target_price
from runtime.kernel import IntState, State


def now_of(f: State, z: IntState) -> int:
    """Return the time of the current place: the path takes the whole bar evenly."""
    return z[BAR_TS] + int(z[BAR_MS] * min(max(f[PLACE], 0.0) / 3.0, 1.0))


def wake_later(z: IntState, s: int) -> None:
    """Note an order that was just made or moved."""
    if z[WOKEN] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[WOKEN] -= 1
    z[WOKEN_LIST + z[WOKEN]] = s
    z[WOKEN_LIST + MOST_ORDERS + z[WOKEN]] = z[s + NUMBER]
    z[WOKEN] += 1


def hold_back(z: IntState, s: int, lots: int) -> None:
    """Let the open give an order what the jump brought it; before that it has some lots only."""
    if z[s + LATE] < 0:
        z[s + LATE_SEQ] = z[LATE_COUNT]
        z[LATE_COUNT] += 1
    z[s + LATE] = lots


def live_from_here(f: State, z: IntState, s: int) -> None:
    """Note that what the bar did before is not an order's; the open lets in for the whole bar."""
    if z[PHASE] == PATH:
        z[s + HAS_SINCE] = 1
        f[s + SINCE] = f[PLACE]


def make_order(f: State, z: IntState, role: int, kind: int, lots: int, why: int) -> int:
    """Return the base of an order that no card asked for: it is there and accepted at once."""
    s = free_place(f, z)
    z[MADE_UP] += 1
    z[s + MADE] = z[MADE_UP]
    z[s + ACTION] = -1
    z[s + ROLE] = role
    z[s + WAY] = -z[SIDE]
    z[s + KIND] = kind
    z[s + LOTS] = lots
    z[s + FORCE] = GTC
    z[s + TTL] = -1
    z[s + BORN] = z[BAR]
    z[s + BORN_AT] = now_of(f, z)
    z[s + FIRST] = -1
    z[s + LAST] = -1
    z[s + END_BAR] = -1
    z[s + SPEC_REASON] = why
    z[s + ACCEPTED] = 1
    z[s + ACCEPT_BAR] = z[BAR]
    z[s + EXPIRES] = -1
    z[s + METHOD] = FIFO
    z[s + LATE] = -1
    z[s + MOST] = -1
    add_order(z, s)
    return s


def after_fill(f: State, z: IntState, lf: State, lz: IntState, waits: bool) -> None:
    """Do what an execution demands. `waits`: what it makes arrives at the open."""
    upkeep(f, z, lf, lz, waits, True)
    let_go(f, z, lf, lz)


def upkeep(f: State, z: IntState, lf: State, lz: IntState, waits: bool, is_entry: bool) -> None:
    """Do what is demanded by what the account is."""
    now = now_of(f, z)
    k = 0
    while k < z[WORKING]:
        s = z[WORK + k]
        if z[s + LEAVING] != 0 and z[s + GOING] == 0:
            end_by(f, z, lf, lz, s, z[s + LEAVING], now)
        else:
            k += 1
    _keep_in_line(f, z, lf, lz, waits)
    if z[HELD] > 0:
        _make_what_misses(f, z, waits, is_entry)
    _cap_exits(f, z, lf, lz)
    carry(f, z)


def let_go(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Cancel orders that an event sends away though their cancel is on its way: it would come too late."""
    now = now_of(f, z)
    k = 0
    while k < z[WORKING]:
        s = z[WORK + k]
        if z[s + DISMISSED] != 0 and z[s + GOING] == 1:
            end_by(f, z, lf, lz, s, z[s + DISMISSED], now)
        else:
            if z[FLIPS] == 1 and z[s + GOING] == 1 and z[s + ROLE] == ENTRY:
                _shed(z, s)
            k += 1


def _keep_in_line(f: State, z: IntState, lf: State, lz: IntState, waits: bool) -> None:
    """Give protective orders their lots and price; those that are not wanted go."""
    k = 0
    while k < z[WORKING]:
        s = z[WORK + k]
        k += 1
        if z[s + ROLE] != STOP_LOSS and z[s + ROLE] != TAKE_PROFIT:
            continue
        is_target = z[s + ROLE] == TAKE_PROFIT
        y = scope_of(z, s)
        price = nan
        lots = 0
        rests = False
        if y >= 0:
            price = target_price(f, z, y) if is_target else stop_in_force(f, z, y)
            lots = covered(z, y, not is_target)
            rests = is_target and z[y + L_TARGET_RESTS] == 1
        why = 0
        if z[HELD] == 0 or z[s + WAY] == z[SIDE]:
            why = BY_CLOSED
        elif isnan(price) or lots == 0 or z[s + KIND] != (LIMITED if rests else STOP_MARKET):
            why = BY_REPLACED
        if why != 0:
            end_by(f, z, lf, lz, s, why, now_of(f, z))
            k -= 1
        else:
            _adjust(f, z, s, lots, price, rests, waits)


def _make_what_misses(f: State, z: IntState, waits: bool, is_entry: bool) -> None:
    """Make the stops and targets there should be: of layers by the age of their orders, then of the position."""
    if z[BY_LAYER] == 1:
        y = next_layer(z, 0)
        while y >= 0:
            _make_missing(f, z, y, STOP_LOSS, waits, is_entry)
            _make_missing(f, z, y, TAKE_PROFIT, waits, is_entry)
            y = next_layer(z, z[y + L_ORDER])
    _make_missing(f, z, WHOLE, STOP_LOSS, waits, is_entry)
    _make_missing(f, z, WHOLE, TAKE_PROFIT, waits, is_entry)


def _make_missing(f: State, z: IntState, y: int, role: int, waits: bool, is_entry: bool) -> None:
    """Make the stop or the target of a layer or of the position where it should have one."""
    price = stop_in_force(f, z, y) if role == STOP_LOSS else target_price(f, z, y)
    if isnan(price):
        return
    name = name_of(z, y)
    for k in range(z[WORKING]):
        if z[z[WORK + k] + ROLE] == role and z[z[WORK + k] + OF_LAYER] == name:
            return
    lots = covered(z, y, role == STOP_LOSS)
    if lots > 0:
        rests = role == TAKE_PROFIT and z[y + L_TARGET_RESTS] == 1
        s = _make(f, z, role, lots, price, rests, waits, is_entry)
        z[s + OF_LAYER] = name
        newest = LAYERS + (z[LAYERS_HELD] - 1) * LAYER_WIDTH
        z[s + PARENT] = z[(newest if y == WHOLE else y) + L_ORDER]


def _make(
    f: State, z: IntState, role: int, lots: int, price: float, rests: bool, waits: bool, is_entry: bool
) -> int:  # fmt: skip
    why = BY_STOP if role == STOP_LOSS else BY_TARGET
    s = make_order(f, z, role, LIMITED if rests else STOP_MARKET, lots, why)
    f[s + LIMIT] = price if rests else nan
    f[s + TRIGGER] = nan if rests else price
    if is_entry and role == STOP_LOSS:
        z[s + BROUGHT] = 1
    if waits:
        hold_back(z, s, 0)
    else:
        live_from_here(f, z, s)
        wake_later(z, s)
    return s


def _adjust(
    f: State, z: IntState, s: int, covers: int, price: float, rests: bool, waits: bool
) -> None:
    """Give a protective order the lots that it covers, and its price."""
    lots = z[s + FILLED] + covers
    had = remaining(z, s)
    is_moved = (f[s + LIMIT] if rests else f[s + TRIGGER]) != price
    if lots == z[s + LOTS] and not is_moved:
        return
    is_more = lots > z[s + LOTS]
    z[s + LOTS] = lots
    z[DIRTY] = 1
    if is_moved and rests:
        f[s + LIMIT] = price
    elif is_moved:
        f[s + TRIGGER] = price
    if is_moved or is_more:
        age_anew(z, s)
    if waits:
        # What a stop met on the jump brought in was bought at the open: what protects it arrives there.
        if z[s + LATE] < 0:
            hold_back(z, s, 0 if is_moved else had)
    elif is_moved:
        live_from_here(f, z, s)
        wake_later(z, s)


def _cap_exits(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Shrink the card's resting exits, in order of arrival, to what the position still holds."""
    room = z[HELD]
    now = now_of(f, z)
    k = 0
    while k < z[WORKING]:
        s = z[WORK + k]
        k += 1
        if z[s + ROLE] != EXIT or z[s + KIND] == MARKET or z[s + LEAVING] != 0 or z[s + GOING] == 1:
            continue
        if z[HELD] > 0 and z[s + ACCEPTED] == 0:
            continue
        left = remaining(z, s)
        most = left if z[s + MOST] < 0 else z[s + MOST] - z[s + FILLED]
        keeps = min(min(left, most), z[HELD] if is_armed(z, s) else room)
        if keeps <= 0:
            end_by(f, z, lf, lz, s, BY_CLOSED if z[HELD] == 0 else BY_REDUCE, now)
            k -= 1
        elif keeps < left:
            z[s + LOTS] = z[s + FILLED] + keeps
            if z[s + LOTS] <= z[s + MOST]:
                z[s + MOST] = -1
            settle_change(f, z, s)
            z[DIRTY] = 1
        room -= max(0, keeps)


# ---------------------------------------------------------------- entries that turn the position


def _against(z: IntState, s: int, held: int) -> int:
    """Return the lots held that an entry would close first."""
    return held if z[HELD] > 0 and z[s + WAY] != z[SIDE] else 0


def _total_with(z: IntState, s: int, carries: int) -> int:
    """Return the lots of an entry that still opens what it is to open and closes so many besides."""
    return z[s + FILLED] + max(0, z[s + OPENS] - (z[s + OPENED] + z[s + NETTED])) + carries


def carry(f: State, z: IntState) -> None:
    """Keep entries at what they are still to open; one of the other side carries what is held besides."""
    if z[FLIPS] == 0:
        return
    held = z[HELD]
    for at_market in range(1, -1, -1):
        for k in range(z[WORKING]):
            s = z[WORK + k]
            if z[s + ROLE] != ENTRY or (z[s + KIND] == MARKET) != (at_market == 1):
                continue
            if z[s + ACCEPTED] == 0 or (z[s + LEAVING] != 0 and z[s + GOING] == 0):
                continue
            carries = _against(z, s, held)
            held -= carries
            lots = _total_with(z, s, carries)
            if z[s + GOING] == 1 or lots == z[s + LOTS]:
                continue
            is_more = lots > z[s + LOTS]
            z[s + LOTS] = lots
            z[DIRTY] = 1
            settle_change(f, z, s)
            if is_more:
                age_anew(z, s)


def _shed(z: IntState, s: int) -> None:
    """Take from an entry what it was to carry and that is closed: nobody amends what is going."""
    lots = _total_with(z, s, _against(z, s, z[HELD]))
    if lots < z[s + LOTS]:
        z[s + LOTS] = lots
        z[DIRTY] = 1


def cancel_now(f: State, z: IntState, lf: State, lz: IntState, s: int, why: int) -> None:
    """Tell that the venue cancelled or expired an order where price stands."""
    now = now_of(f, z)
    if why == BY_MARGIN:
        f[WHY_A] = base_of(f, remaining(z, s))
        kind = N_TURN_MARGIN if z[s + FILLED] > 0 else N_STOP_MARGIN
        note(f, z, lf, lz, kind, now, z[s + NUMBER], z[s + ACTION])
    end_by(f, z, lf, lz, s, why, now)
    carry(f, z)
    let_go(f, z, lf, lz)
