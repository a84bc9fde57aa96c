"""The open of a bar: what was sent at the close before takes effect, in order.

The law: as `runtime/backends/sim/opening.py` and `arrival.py` have it.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.budgets import offered, uses_volume
from runtime.batch.changes import change
from runtime.batch.follow import cancel_now, carry, now_of, upkeep, wake_later
from runtime.batch.layout import (
    ACCEPT_BAR,
    ACCEPTED,
    ACTION,
    ARRIVAL,
    ARRIVING,
    AT_OPEN,
    BAR,
    BEFORE,
    BY_CLOSED,
    BY_MARGIN,
    BY_NOTHING,
    BY_POST_ONLY,
    CANCEL_LIST,
    CANCELS,
    DECIDED,
    DECIDED_LIST,
    DIRTY,
    DONE,
    ENTRY,
    EXIT,
    FLIPS,
    FOK,
    FORCE,
    GOING_WHY,
    HELD,
    KIND,
    LATE,
    LATE_COUNT,
    LATE_SEQ,
    LIMIT,
    LIMITED,
    MARKET,
    MARKETABLE,
    MOST_ORDERS,
    MOVED,
    MOVED_LIST,
    MOVING,
    N_CANCEL_REFUSED,
    N_REJECT_MARGIN,
    N_REJECT_REDUCE,
    NUMBER,
    OPEN_,
    PHASE,
    PLACE,
    POST_ONLY,
    PRICE,
    QUEUED,
    REJECTED,
    ROLE,
    SIDE,
    TICK,
    TRADES_NOW,
    WAITS,
    WAY,
    WHY_A,
    WHY_B,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import is_short_of_margin, margin_free, margin_needed, remaining, to_open
from runtime.batch.notes import note
from runtime.batch.orders import age_anew, end_by, end_order, is_armed, is_passed, works
from runtime.batch.serve import at_market, rest, take
from runtime.batch.turns import leave, take_or_leave, turn, wake
from runtime.formulas.rounding import nearest_steps
from runtime.kernel import IntState, State

_NUMBERS = ARRIVING + 128


def open_bar(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Carry out the commands of the last close at the open."""
    z[PHASE] = AT_OPEN
    f[PRICE] = f[OPEN_]
    f[PLACE] = 0.0
    _let_in(f, z, lf, lz)
    for k in range(z[CANCELS]):
        _cancel(f, z, lf, lz, z[CANCEL_LIST + k])
    z[CANCELS] = 0
    change(f, z, lf, lz)
    _serve_left_behind(f, z, lf, lz)
    count = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ACCEPTED] == 1 and z[s + KIND] == MARKET:
            count = _note_arriving(z, s, count)
    # Whoever was held back for a move that did not come arrives where it stands, before those that moved.
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + MOVING] == 1:
            count = _note_arriving(z, s, count)
    for k in range(z[MOVED]):
        z[ARRIVING + count] = z[MOVED_LIST + k]
        z[_NUMBERS + count] = z[MOVED_LIST + MOST_ORDERS + k]
        count += 1
    for k in range(z[WORKING]):
        z[z[WORK + k] + MOVING] = 0
    for k in range(z[DECIDED]):
        z[ARRIVING + count] = z[DECIDED_LIST + k]
        z[_NUMBERS + count] = z[DECIDED_LIST + MOST_ORDERS + k]
        count += 1
    z[DECIDED] = 0
    z[QUEUED] = 0
    _exit(f, z, lf, lz, count)
    _enter(f, z, lf, lz, count)
    z[WAITS] = 0
    if z[TRADES_NOW] == 0:
        for k in range(z[WORKING]):
            if z[z[WORK + k] + KIND] == MARKET:
                z[WAITS] = 1


def _note_arriving(z: IntState, s: int, count: int) -> int:
    z[ARRIVING + count] = s
    z[_NUMBERS + count] = z[s + NUMBER]
    return count + 1


def _let_in(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Let in what stops that the jump met brought with them, and stop-limits that triggered on it."""
    for sequence in range(z[LATE_COUNT]):
        for k in range(z[WORKING]):
            s = z[WORK + k]
            if z[s + LATE] >= 0 and z[s + LATE_SEQ] == sequence:
                wake_later(z, s)
    for k in range(z[WORKING]):
        z[z[WORK + k] + LATE] = -1
    z[LATE_COUNT] = 0
    wake(f, z, lf, lz)


def _cancel(f: State, z: IntState, lf: State, lz: IntState, number: int) -> None:
    """Cancel a working order, or refuse: it may have been filled on the jump."""
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + NUMBER] == number:
            end_by(f, z, lf, lz, s, z[s + GOING_WHY], now_of(f, z))
            carry(f, z)
            return
    note(f, z, lf, lz, N_CANCEL_REFUSED, now_of(f, z), number, 0)


def _serve_left_behind(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Serve the limits that the market had left behind, furthest first, then by age."""
    count = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + MARKETABLE] == 0 or z[s + MOVING] != 0:
            continue
        before = 0
        for j in range(z[WORKING]):
            o = z[WORK + j]
            if z[o + MARKETABLE] != 0 and z[o + MOVING] == 0 and o != s and _is_first(f, z, o, s):
                before += 1
        z[ARRIVING + before] = s
        z[_NUMBERS + before] = z[s + NUMBER]
        count += 1
    for k in range(z[WORKING]):
        z[z[WORK + k] + MARKETABLE] = 0
    if z[TRADES_NOW] == 0:
        return
    for k in range(count):
        s = z[ARRIVING + k]
        if works(z, s, z[_NUMBERS + k]) and z[s + WAY] * (f[s + LIMIT] - f[PRICE]) > 0.0:
            take(f, z, lf, lz, s, True)
            wake(f, z, lf, lz)


def _is_first(f: State, z: IntState, one: int, other: int) -> bool:
    """Return whether one limit is served before another."""
    first = _ticks_within(f, z, one)
    second = _ticks_within(f, z, other)
    if first != second:
        return first < second
    return z[one + ARRIVAL] < z[other + ARRIVAL]


def _ticks_within(f: State, z: IntState, s: int) -> int:
    ticks = nearest_steps(f[BEFORE], f[TICK]) - nearest_steps(f[s + LIMIT], f[TICK])
    return z[s + WAY] * ticks


# ---------------------------------------------------------------- who arrives


def _accept(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> bool:
    """Take an order in where it is new; return whether it works from here on."""
    if not works(z, s, number):
        return False
    if z[s + ACCEPTED] == 1:
        return True
    if z[s + ROLE] != ENTRY:
        if z[HELD] == 0 or z[SIDE] == z[s + WAY]:
            note(f, z, lf, lz, N_REJECT_REDUCE, now_of(f, z), number, z[s + ACTION])
            end_order(f, z, lf, lz, s, REJECTED, BY_NOTHING, now_of(f, z))
            return False
    elif not isnan(f[s + LIMIT]) and not is_armed(z, s):
        # One that came to carry a position when it was decided carries what is still there.
        closes = z[HELD] if z[HELD] > 0 and z[SIDE] != z[s + WAY] else 0
        left = min(remaining(z, s), to_open(z, s) + closes)
        if is_short_of_margin(f, z, s, f[s + LIMIT], left):
            f[WHY_A] = margin_needed(f, z, s, f[s + LIMIT], left)
            f[WHY_B] = margin_free(f, z, s, f[s + LIMIT], left)
            note(f, z, lf, lz, N_REJECT_MARGIN, now_of(f, z), number, z[s + ACTION])
            end_order(f, z, lf, lz, s, REJECTED, BY_MARGIN, now_of(f, z))
            return False
    z[s + ACCEPTED] = 1
    age_anew(z, s)
    z[s + ACCEPT_BAR] = z[BAR]
    age_anew(z, s)  # behind what was there or amended
    z[DIRTY] = 1
    if z[s + ROLE] == EXIT or z[FLIPS] == 1:
        upkeep(f, z, lf, lz, False, False)
    wake(f, z, lf, lz)
    return works(z, s, number)


def _act(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """Let an order do at the open what it can do there."""
    if not works(z, s, number):
        return
    if z[s + KIND] == MARKET:
        serve_market(f, z, lf, lz, s, number)
    elif is_armed(z, s):
        if z[TRADES_NOW] == 1 and is_passed(f, z, s, f[PRICE]):
            turn(f, z, lf, lz, s)
    else:
        _enter_limit(f, z, lf, lz, s, number)


def serve_market(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """Fill a market order at the open; where nothing trades it waits."""
    if z[TRADES_NOW] == 0:
        return
    at_market(f, z, lf, lz, s)
    wake(f, z, lf, lz)
    if works(z, s, number):
        cancel_now(f, z, lf, lz, s, BY_CLOSED)


def _enter_limit(f: State, z: IntState, lf: State, lz: IntState, s: int, number: int) -> None:
    """Decide a limit that arrives: by the last close first, then by the open."""
    sign = z[s + WAY]
    limit = f[s + LIMIT]
    was_marketable = sign * (limit - f[BEFORE]) > 0.0
    if was_marketable and z[s + POST_ONLY] == 1:
        cancel_now(f, z, lf, lz, s, BY_POST_ONLY)
        return
    z[s + DONE] = 0
    if z[TRADES_NOW] == 0 or sign * (limit - f[PRICE]) <= 0.0:
        leave(f, z, lf, lz, s, number)
    elif was_marketable:
        take_or_leave(f, z, lf, lz, s, number)
    else:
        if z[s + FORCE] != FOK or offered(f, z, s) >= remaining(z, s):
            rest(f, z, lf, lz, s)
        leave(f, z, lf, lz, s, number)
    wake(f, z, lf, lz)


def _exit(f: State, z: IntState, lf: State, lz: IntState, count: int) -> None:
    """Let exits arrive: limits act after those at market."""
    for k in range(count):
        s = z[ARRIVING + k]
        number = z[_NUMBERS + k]
        if not works(z, s, number) or z[s + ROLE] == ENTRY:
            continue
        if _accept(f, z, lf, lz, s, number) and z[s + KIND] != LIMITED:
            _act(f, z, lf, lz, s, number)
    for k in range(count):
        if works(z, z[ARRIVING + k], z[_NUMBERS + k]):
            if z[z[ARRIVING + k] + ROLE] != ENTRY and z[z[ARRIVING + k] + KIND] == LIMITED:
                at = _best(f, z, k, count, False)
                _act(f, z, lf, lz, z[ARRIVING + at], z[_NUMBERS + at])


def _enter(f: State, z: IntState, lf: State, lz: IntState, count: int) -> None:
    """Let entries arrive as given; where they share a budget, limits by price among themselves."""
    for k in range(count):
        s = z[ARRIVING + k]
        if not works(z, s, z[_NUMBERS + k]) or z[s + ROLE] != ENTRY:
            continue
        at = k
        if z[s + KIND] == LIMITED:
            at = _best(f, z, k, count, True)
        if _accept(f, z, lf, lz, z[ARRIVING + at], z[_NUMBERS + at]):
            _act(f, z, lf, lz, z[ARRIVING + at], z[_NUMBERS + at])


def _best(f: State, z: IntState, k: int, count: int, enters: bool) -> int:
    """Put the limit that is served next of one side at place `k`, the others behind it as they were."""
    if not uses_volume(z):
        return k
    best = k
    s = z[ARRIVING + k]
    for j in range(k + 1, count):
        o = z[ARRIVING + j]
        if not works(z, o, z[_NUMBERS + j]) or (z[o + ROLE] == ENTRY) != enters:
            continue
        if z[o + KIND] != LIMITED or z[o + WAY] != z[s + WAY]:
            continue
        if z[o + WAY] * f[o + LIMIT] > z[o + WAY] * f[z[ARRIVING + best] + LIMIT]:
            best = j
    if best != k:
        _move_up(z, k, best)
    return k


def _move_up(z: IntState, k: int, best: int) -> None:
    """Rotate the limits of one side between two places so that the last of them is the first."""
    s = z[ARRIVING + best]
    number = z[_NUMBERS + best]
    enters = z[s + ROLE] == ENTRY
    carried = s
    carried_number = number
    for j in range(k, best + 1):
        o = z[ARRIVING + j]
        is_one = z[o + KIND] == LIMITED and z[o + WAY] == z[s + WAY]
        if j != best and not (is_one and (z[o + ROLE] == ENTRY) == enters):
            continue
        was = z[ARRIVING + j]
        was_number = z[_NUMBERS + j]
        z[ARRIVING + j] = carried
        z[_NUMBERS + j] = carried_number
        carried = was
        carried_number = was_number
