"""What a close decides, in numbers: which cases are true, and what becomes of what they ask for.

The law: as `runtime/decide` has it: cancels, exits, entries; the first check that fails is the reason.
"""

from __future__ import annotations

from math import floor, isnan, nan

from runtime.batch.layout import (
    ACTION, ACTIONS_AT, ACTION_WIDTH, BAIL, BAR, BAR_MS, BAR_TS, BLOCKS, BLOCKS_AT, BLOCK_WIDTH, BORN, BORN_AT,
    BY_DUST, CANCELS, CANCEL_LIST, CASES_AT, CASE_WIDTH, CLOSE, CUT_A, CUT_B, CUT_GIVEN, CUT_KIND, CUT_WANTED,
    DECIDED, DECIDED_LIST, DECISION, END_BAR, ENTRY, EXIT, EXPIRES, FIRED, FIRED_LIST, FIRST, FIXED_USDT,
    FLAT_CANCELS, FORCE, GOING, GOING_WHY, GONE, GROUP, GTC, GTD, HELD, KIND, LAST, LATE, LEAST_NOTIONAL,
    LEAVING, LIMIT, LIMITED, LIQUIDATION, LONG_ONLY, LOTS, MARKET, MAX_LAYERS, METHOD, MIN_LOTS, MODE,
    MOST_FIRED, MOST_ORDERS, NUMBER, N_BAND, N_CUT, N_EXITS, N_EXIT_SIZE, N_EXIT_SMALL, N_FLIP, N_LAYERS,
    N_LIQUIDATED, N_NONE, N_NO_POSITION, N_POLICY, N_REF, N_SCALE_OUT, N_TRIGGER, N_TTL, N_UNKNOWN_REF, ISSUED,
    ON_FLAT, ON_FORCE, ON_GROUP, ON_KIND, ON_LIMIT, ON_METHOD, ON_ONLY, ON_PARTIAL, ON_POST, ON_PRICE, ON_REASON,
    ON_REF, ON_SIDE, ON_SIZE, ON_SIZE_VALUE, ON_STATED, ON_TARGET_RESTS, ON_TRIGGER, ON_TTL, ON_VERB,
    OPENS, OWN_ID, PARTIAL_CANCELS, POST_ONLY, QUEUED, REF, ROLE, ROOM_EXITING, ROOM_LOTS, ROOM_SIDE, SCALES_OUT, SHORT_ONLY, SIDE, SIZING, SPEC_REASON, STOP_LIMIT, STOP_MARKET, S_POSITION, TAKEN,
    TOO_MANY_FIRED, TOO_MANY_ORDERS, TP_RESTS, TRIGGER, TTL, V_CANCEL, V_CANCEL_ALL, V_ENTER, V_EXIT,
    WAY, WHY_A, WHY_B, WHY_C, WHY_WORD, WORK, WORKING,
)  # fmt: skip
from runtime.batch.levels import (
    OF_LIMIT, OF_PRICE, OF_TRIGGER, is_finite, on_grid, outside_band, plan, sized, wanted_base,
)  # fmt: skip
from runtime.batch.money import notional
from runtime.batch.notes import last_note, note
from runtime.batch.orders import add_order, free_place
from runtime.batch.room import (
    accept_entry, exit_room, fit, layers_at, lots_for, minimum, reduce, release, take_stock,
)  # fmt: skip
from runtime.batch.values import value
from runtime.formulas.margin import is_liquidated
from runtime.kernel import IntState, Numbers, State


def fires(f: State, z: IntState, columns: Numbers) -> bool:
    """Note the actions of the cases that are true, in card order; return whether there are any."""
    count = 0
    for b in range(z[BLOCKS]):
        block = z[BLOCKS_AT] + b * BLOCK_WIDTH
        first = z[block + 2]
        actions = z[block + 3]
        for c in range(z[block + 1]):
            case = z[CASES_AT] + (z[block] + c) * CASE_WIDTH
            if value(f, z, columns, z[case]) == 1.0:
                first = z[case + 1]
                actions = z[case + 2]
                break
        for i in range(actions):
            if count >= MOST_FIRED:
                z[BAIL] = TOO_MANY_FIRED
                count -= 1
            z[FIRED_LIST + count] = first + i
            count += 1
    z[FIRED] = count
    return count > 0


def decide(f: State, z: IntState, lf: State, lz: IntState, columns: Numbers) -> None:
    """Decide what the fired actions ask for, and announce it: it arrives at the next open."""
    take_stock(f, z)
    now = z[BAR_TS] + z[BAR_MS]
    for rank in range(V_CANCEL, V_ENTER + 1):
        for k in range(z[FIRED]):
            action = z[FIRED_LIST + k]
            a = z[ACTIONS_AT] + action * ACTION_WIDTH
            if z[a + ON_VERB] == V_CANCEL_ALL:
                if rank == V_CANCEL:
                    _cancel_all(f, z, a)
                continue
            if z[a + ON_VERB] != rank:
                continue
            z[CUT_KIND] = N_NONE
            why = N_NONE
            if rank == V_CANCEL:
                why = _cancel(f, z, a)
            elif rank == V_EXIT:
                why = _leave(f, z, columns, action, a)
            elif rank == V_ENTER:
                why = _enter(f, z, columns, action, a)
            if why != N_NONE:
                note(f, z, lf, lz, why, now, action, 0)
            elif z[CUT_KIND] != N_NONE:
                f[WHY_A] = f[CUT_A]
                f[WHY_B] = f[CUT_B]
                z[WHY_WORD] = z[CUT_KIND]
                f[WHY_C] = float(z[CUT_GIVEN])
                note(f, z, lf, lz, N_CUT, now, action, z[ISSUED])
                _write_wanted(z, lz)
    _announce(z, now)


def _write_wanted(z: IntState, lz: IntState) -> None:
    """Add to the last note the lots that were asked for and given."""
    row = last_note(z)
    lz[row + 6] = z[CUT_WANTED]
    lz[row + 7] = z[CUT_GIVEN]


def _announce(z: IntState, now: int) -> None:
    """Let orders that are cancelled be on their way out, and those decided be on their way in."""
    for k in range(z[CANCELS]):
        for i in range(z[WORKING]):
            s = z[WORK + i]
            if z[s + NUMBER] == z[CANCEL_LIST + k]:
                z[s + GOING] = 1
                z[s + LEAVING] = z[s + GOING_WHY]
    for k in range(z[DECIDED]):
        s = z[DECIDED_LIST + k]
        z[s + BORN] = z[BAR]
        z[s + BORN_AT] = now
        add_order(z, s)
        z[DECIDED_LIST + MOST_ORDERS + k] = z[s + NUMBER]
    z[QUEUED] = z[CANCELS] + z[DECIDED]


# ---------------------------------------------------------------- cancels


def _cancel_one(f: State, z: IntState, s: int, why: int) -> None:
    release(f, z, s)
    z[s + GOING_WHY] = why
    z[CANCEL_LIST + z[CANCELS]] = z[s + NUMBER]
    z[CANCELS] += 1


def _cancel(f: State, z: IntState, a: int) -> int:
    found = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT and z[s + REF] == z[a + ON_REF]:
            found = s
    if found < 0 or z[found + GONE] == 1:
        return N_UNKNOWN_REF
    _cancel_one(f, z, found, z[a + ON_REASON])
    return N_NONE


def _cancel_all(f: State, z: IntState, a: int) -> None:
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] > EXIT or z[s + GONE] == 1:
            continue
        if z[a + ON_GROUP] != 0 and z[s + GROUP] != z[a + ON_GROUP]:
            continue
        if z[a + ON_ONLY] != 0 and z[s + WAY] != z[a + ON_ONLY]:
            continue
        _cancel_one(f, z, s, z[a + ON_REASON])


def _is_taken(z: IntState, ref: int) -> bool:
    """Return whether an order of a ref works, or was decided at this close."""
    if ref == 0:
        return False
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT and z[s + REF] == ref and z[s + GONE] == 0:
            return True
    for k in range(z[DECIDED]):
        if z[z[DECIDED_LIST + k] + REF] == ref:
            return True
    return False


# ---------------------------------------------------------------- orders


def _draft(f: State, z: IntState, action: int, a: int, role: int) -> int:
    """Return the place of an order that is being decided, with all that its action says."""
    s = free_place(f, z)
    z[s + ACTION] = action
    z[s + ROLE] = role
    z[s + KIND] = z[a + ON_KIND]
    z[s + REF] = z[a + ON_REF]
    z[s + GROUP] = z[a + ON_GROUP]
    z[s + POST_ONLY] = z[a + ON_POST]
    z[s + TP_RESTS] = z[a + ON_TARGET_RESTS]
    z[s + PARTIAL_CANCELS] = z[a + ON_PARTIAL]
    z[s + FLAT_CANCELS] = z[a + ON_FLAT]
    z[s + METHOD] = z[a + ON_METHOD]
    z[s + SPEC_REASON] = z[a + ON_REASON]
    z[s + TTL] = -1
    z[s + EXPIRES] = -1
    z[s + FIRST] = -1
    z[s + LAST] = -1
    z[s + END_BAR] = -1
    z[s + LATE] = -1
    f[s + DECISION] = f[CLOSE]
    return s


def _keep(f: State, z: IntState, columns: Numbers, s: int, a: int, lots: int) -> int:
    """Decide an order of some lots, unless its time to live cannot be told."""
    z[s + FORCE] = z[a + ON_FORCE]
    if z[a + ON_TTL] >= 0:
        bars = value(f, z, columns, z[a + ON_TTL])
        if not is_finite(bars) or bars < 1.0:
            f[WHY_A] = bars
            return N_TTL
        z[s + TTL] = int(bars)
        z[s + EXPIRES] = z[BAR] + z[s + TTL]
    if z[s + FORCE] < 0:
        z[s + FORCE] = GTD if z[a + ON_TTL] >= 0 else GTC
    if z[DECIDED] >= MOST_ORDERS:
        z[BAIL] = TOO_MANY_ORDERS
        z[DECIDED] -= 1
    z[s + LOTS] = lots
    z[s + OPENS] = lots
    z[ISSUED] += 1
    z[s + OWN_ID] = z[ISSUED]
    z[DECIDED_LIST + z[DECIDED]] = s
    z[DECIDED] += 1
    return N_NONE


def _enter(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide an entry; return why it is refused, `N_NONE` if it is not."""
    side = z[a + ON_SIDE]
    if (z[MODE] == LONG_ONLY and side < 0) or (z[MODE] == SHORT_ONLY and side > 0):
        return N_POLICY
    s = _draft(f, z, action, a, ENTRY)
    z[s + WAY] = side
    why = _price(f, z, columns, s, a)
    if why == N_NONE:
        why = _size(f, z, columns, s, a)
    if why != N_NONE:
        z[s + TAKEN] = 0
    return why


def _price(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    """Put the prices of an entry, and check what hangs on them: side of the position, ref, protection."""
    side = z[s + WAY]
    if z[s + KIND] == STOP_MARKET and z[a + ON_LIMIT] >= 0:
        z[s + KIND] = STOP_LIMIT
    slot = OF_PRICE if z[s + KIND] == LIMITED else OF_LIMIT
    code = z[a + ON_PRICE] if slot == OF_PRICE else z[a + ON_LIMIT]
    if code >= 0:
        f[s + LIMIT] = on_grid(f, z, value(f, z, columns, code), slot, side > 0)
        if f[s + LIMIT] == 0.0:
            return int(f[WHY_B])
    if z[a + ON_TRIGGER] >= 0:
        price = value(f, z, columns, z[a + ON_TRIGGER])
        f[s + TRIGGER] = on_grid(f, z, price, OF_TRIGGER, side < 0)
        if f[s + TRIGGER] == 0.0:
            return int(f[WHY_B])
        if side * (f[CLOSE] - f[s + TRIGGER]) >= 0.0:
            f[WHY_A] = f[s + TRIGGER]
            f[WHY_B] = f[CLOSE]
            z[WHY_WORD] = 1 if side > 0 else 0
            return N_TRIGGER
    if outside_band(f, z, f[s + LIMIT], f[s + TRIGGER], side):
        return N_BAND
    if z[ROOM_SIDE] == -side:
        return N_FLIP
    if _is_taken(z, z[s + REF]):
        return N_REF
    price = _reference(f, s)
    why = plan(f, z, columns, s, a, price, True)
    if why != N_NONE:
        return why
    return plan(f, z, columns, s, a, price, False)


def _reference(f: State, s: int) -> float:
    if not isnan(f[s + LIMIT]):
        return f[s + LIMIT]
    return f[CLOSE] if isnan(f[s + TRIGGER]) else f[s + TRIGGER]


def _size(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    """Size an entry and check that it fits."""
    side = z[s + WAY]
    price = _reference(f, s)
    base = wanted_base(f, z, columns, s, a, price)
    if base < 0.0:
        return int(f[WHY_B])
    wanted = lots_for(f, base)
    why = minimum(f, z, wanted, price)
    if why != N_NONE:
        return why
    if z[HELD] > 0 and z[SIDE] == side and not isnan(f[LIQUIDATION]):
        if is_liquidated(side, price, f[LIQUIDATION]):
            f[WHY_A] = f[LIQUIDATION]
            f[WHY_B] = price
            return N_LIQUIDATED
    if z[MAX_LAYERS] >= 0 and z[layers_at(side)] >= z[MAX_LAYERS]:
        f[WHY_A] = float(z[layers_at(side)])
        return N_LAYERS
    is_stated = z[a + ON_STATED] == 1
    if z[a + ON_SIZE] < 0:
        is_stated = z[SIZING] == FIXED_USDT
    lots = fit(f, z, side, z[s + KIND], price, wanted, is_stated)
    if lots < 0:
        return -lots
    why = _keep(f, z, columns, s, a, lots)
    if why == N_NONE:
        accept_entry(f, z, side, z[s + KIND], lots, price)
    return why


# ---------------------------------------------------------------- exits


def _leave(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide an exit; return why it is refused, `N_NONE` if it is not."""
    side = z[a + ON_SIDE]
    if side == 0:
        side = 1 if z[ROOM_SIDE] < 0 else -1
    s = _draft(f, z, action, a, EXIT)
    z[s + WAY] = side
    why = _exit(f, z, columns, s, a)
    if why != N_NONE:
        z[s + TAKEN] = 0
    return why


def _exit(f: State, z: IntState, columns: Numbers, s: int, a: int) -> int:
    side = z[s + WAY]
    at_market = z[s + KIND] == MARKET
    price = f[CLOSE]
    if not at_market:
        f[s + LIMIT] = on_grid(f, z, value(f, z, columns, z[a + ON_PRICE]), OF_PRICE, side > 0)
        if f[s + LIMIT] == 0.0:
            return int(f[WHY_B])
        if outside_band(f, z, f[s + LIMIT], nan, side):
            return N_BAND
        price = f[s + LIMIT]
    if z[ROOM_SIDE] != -side or z[ROOM_LOTS] == 0:
        return N_NO_POSITION
    if _is_taken(z, z[s + REF]):
        return N_REF
    wanted = z[HELD] if z[HELD] > 0 else z[ROOM_LOTS]
    if z[a + ON_SIZE] >= 0:
        amount = value(f, z, columns, z[a + ON_SIZE_VALUE])
        if z[a + ON_SIZE] != S_POSITION:
            base = sized(f, z, z[a + ON_SIZE], amount, price, nan)
            if base < 0.0:
                return int(f[WHY_B])
            wanted = lots_for(f, base)
        elif not is_finite(amount) or amount < 0.0:
            return N_EXIT_SIZE
        else:
            wanted = floor(wanted * min(amount, 1.0) + 1e-9)
    return _place_exit(f, z, columns, s, a, wanted, at_market)


def _place_exit(
    f: State, z: IntState, columns: Numbers, s: int, a: int, wanted: int, at_market: bool
) -> int:
    """Decide an exit of as many of the wanted lots as it may take, dust included."""
    room = exit_room(z, at_market)
    if wanted != 0 and room <= 0:
        return N_EXITS
    if wanted > room:
        z[CUT_KIND] = N_EXITS
        z[CUT_WANTED] = wanted
        z[CUT_GIVEN] = room
    lots = min(wanted, room)
    shared = lots
    held = z[ROOM_LOTS]
    left = held - lots
    strands = left < z[MIN_LOTS] or notional(f, left, f[CLOSE]) < f[LEAST_NOTIONAL]
    if lots != 0 and left != 0 and strands and room >= held:
        lots = held
    if lots < min(z[MIN_LOTS], held) or lots == 0:
        return N_EXIT_SMALL
    if lots < held and z[SCALES_OUT] == 0:
        return N_SCALE_OUT
    if lots > shared:
        z[s + SPEC_REASON] = BY_DUST
    why = _keep(f, z, columns, s, a, lots)
    if why == N_NONE and at_market:
        reduce(f, z, lots)
    elif why == N_NONE:
        z[ROOM_EXITING] += lots
    return why
