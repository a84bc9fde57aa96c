"""One execution in numbers: what it does to the order, the position, the account and what is remarked.

The law: as `runtime/account/booking.py` and the ledger have it, in their order.
"""

from __future__ import annotations

from runtime.batch.apart import note_choice
from runtime.batch.breaches import judge_fill
from runtime.batch.layers import (
    choose_layers,
    enter_layer,
    leave_layers,
    move_trip,
    open_trip,
    reach,
    write_trip,
)
from runtime.batch.layout import (
    ACCEPTED,
    ACTION,
    AVERAGE,
    BAR,
    BORN,
    BY_CLOSED,
    BY_FLAT,
    BY_LAYER,
    BY_OCO,
    COUNTED_IN,
    DIRTY,
    DISMISSED,
    ENTRIES,
    ENTRY,
    ENTRY_BAR,
    EXIT,
    EXIT_BAR,
    EXITED_IN,
    EXITS,
    FEES,
    FILL_FLOATS,
    FILL_INTS,
    FILLED,
    FILLS,
    FILLS_F,
    FILLS_ROW,
    FIRST,
    FLAT_CANCELS,
    FULL,
    FUNDINGS,
    GROUP,
    HELD,
    IS_BELOW,
    IS_OPEN_TRIP,
    KIND,
    LAST,
    LAYERS_MADE,
    LEAVING,
    LIQUIDATED,
    LIQUIDATIONS,
    LOTS,
    MARKET,
    MOST,
    N_BELOW_ZERO,
    N_MARGIN_BEYOND,
    N_NETTED,
    NETTED,
    NUMBER,
    NUMBER_OF,
    OPENED,
    PARTIAL,
    PLACE,
    POSITIONS,
    REALIZED,
    REARM,
    REARMS_ENDED,
    ROLE,
    SHARES,
    SIDE,
    STATUS,
    TRIP_EXITS,
    TRIP_FEES,
    TRIP_IN_VALUE,
    TRIP_LAYERS,
    TRIP_LOTS,
    TRIP_MOST,
    TRIP_OUT,
    TRIP_OUT_VALUE,
    TRIP_REALIZED,
    VALUE,
    WATCHES,
    WAY,
    WHY_A,
    WHY_B,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import (
    balance,
    base_of,
    grid_price,
    held_notional,
    margin_of,
    profit_of,
    remaining,
    set_liquidation,
    to_open,
)  # fmt: skip
from runtime.batch.notes import note
from runtime.batch.orders import end_order, names_total
from runtime.batch.protection import bring, forget, spend
from runtime.batch.results import take_in
from runtime.kernel import IntState, State

_CENT = 1e-9


def book(
    f: State, z: IntState, lf: State, lz: IntState, s: int, lots: int, price: float, fee: float,
    is_maker: bool, slippage: float, why: int, ts: int,
) -> None:  # fmt: skip
    """Book an execution of an order that works: order, position, account, rows and remarks."""
    if z[WATCHES] > 0 and z[s + ROLE] == ENTRY:
        judge_fill(f, z, lf, lz, s, price)
    carried = remaining(z, s) - to_open(z, s)
    number = z[s + NUMBER]
    _fill(f, z, s, lots, price)
    # ---- what it closes
    closed = 0
    realized = 0.0
    has_ended = False
    before = z[NUMBER_OF]
    was_held = z[HELD]
    way = z[s + WAY]
    if was_held > 0 and z[SIDE] != way:
        closed = min(lots, was_held)
        realized = profit_of(f, z, closed, price)
        _leave(f, z, lf, lz, s, closed, price, ts)
        has_ended = z[HELD] == 0
        _exit_trip(f, z, lf, lz, s, lots, closed, price, fee, realized, has_ended, why, ts)
        if has_ended:
            forget(f, z)
    # ---- what it opens
    opened = lots - closed
    is_first_entry = False
    may_set = False
    is_new = False
    if opened > 0:
        if z[HELD] == 0:
            z[SIDE] = way
            z[NUMBER_OF] = z[POSITIONS] + 1
            may_set = True
        may_set = may_set or z[s + LAYERS_MADE] == 0
        is_first_entry = z[s + COUNTED_IN] != z[NUMBER_OF]
        is_new = _enter_trip(f, z, s, lots, opened, price, fee, ts)
    netted = max(0, closed - carried)
    z[s + NETTED] += netted
    _count(z, s, before, closed, opened, was_held == 0 or has_ended, has_ended, is_first_entry)
    f[FEES] += fee
    f[REALIZED] += realized
    z[DIRTY] = 1
    if has_ended and (z[s + ROLE] != EXIT or z[s + REARM] == 0):
        z[REARMS_ENDED] = z[BAR] - 1
    set_liquidation(f, z)
    _write_fill(f, z, lf, lz, s, lots, price, fee, is_maker, slippage, why, ts, closed, realized)
    _remark(f, z, lf, lz, s, netted, opened, ts)
    if opened > 0 and z[s + ROLE] == ENTRY:
        bring(f, z, s, opened, is_new, may_set, grid_price(f, price - way * slippage))
    elif z[BY_LAYER] == 1 and z[HELD] > 0:
        spend(f, z, s)
    take_in(f, z, s, lots, closed, realized, price, fee, has_ended)
    if z[s + FILLED] >= z[s + LOTS]:
        end_order(f, z, lf, lz, s, FULL, why, ts)
    if z[s + SHARES] == 1:
        _dismiss_group(z, s, number, lots)
    if has_ended:
        _dismiss(z, s, number)


def _leave(
    f: State, z: IntState, lf: State, lz: IntState, s: int, closed: int, price: float, ts: int
) -> None:
    """Take lots out of layers and position."""
    choose_layers(z, s, closed)
    note_choice(f, z, lf, lz, s, closed, ts)
    leave_layers(f, z, lf, lz, closed, price, ts)


def _fill(f: State, z: IntState, s: int, lots: int, price: float) -> None:
    """Take lots into the order itself."""
    z[s + FILLED] += lots
    f[s + VALUE] += lots * price
    if z[s + FIRST] < 0:
        z[s + FIRST] = z[BAR]
    z[s + LAST] = z[BAR]
    z[s + STATUS] = PARTIAL


def _count(
    z: IntState, s: int, before: int, closed: int, opened: int, begins: bool, has_ended: bool, is_first: bool
) -> None:  # fmt: skip
    """Count an order that entered or reduced, once in each position."""
    if closed > 0:
        if z[s + COUNTED_IN] != before:
            z[EXITS] += 1
        z[s + COUNTED_IN] = before
    if has_ended:
        z[ENTRY_BAR] = -1
        z[EXIT_BAR] = z[BAR]
        z[ENTRIES] = 0
        z[EXITS] = 0
        z[FUNDINGS] = 0
    if opened > 0:
        if begins:
            z[ENTRY_BAR] = z[BAR]
            z[ENTRIES] = 0
            z[EXITS] = 0
            z[FUNDINGS] = 0
            z[POSITIONS] = z[NUMBER_OF]
        if is_first:
            z[ENTRIES] += 1
        z[s + COUNTED_IN] = z[NUMBER_OF]
        z[s + OPENED] += opened


def _enter_trip(
    f: State, z: IntState, s: int, lots: int, opened: int, price: float, fee: float, ts: int
) -> bool:
    """Take an entry into the open trip; return whether it begins a layer."""
    begins = z[IS_OPEN_TRIP] == 0
    if begins:
        open_trip(f, z, price, ts)
    before = f[AVERAGE]
    is_new = enter_layer(f, z, s, opened, price, ts)
    if not begins and f[AVERAGE] != before:
        move_trip(f, z, before, price)
    if is_new:
        z[TRIP_LAYERS] += 1
    z[TRIP_LOTS] += opened
    f[TRIP_IN_VALUE] += opened * price
    f[TRIP_FEES] += fee * opened / lots
    z[TRIP_MOST] = max(z[TRIP_MOST], z[HELD])
    return is_new


def _exit_trip(
    f: State, z: IntState, lf: State, lz: IntState, s: int, lots: int, closed: int, price: float, fee: float,
    realized: float, has_ended: bool, why: int, ts: int,
) -> None:  # fmt: skip
    z[TRIP_OUT] += closed
    f[TRIP_OUT_VALUE] += closed * price
    f[TRIP_REALIZED] += realized
    f[TRIP_FEES] += fee * closed / lots
    if z[s + EXITED_IN] != z[NUMBER_OF]:
        z[s + EXITED_IN] = z[NUMBER_OF]
        z[TRIP_EXITS] += 1
    if has_ended:
        reach(f, z, price)
        how = -1 if z[s + ROLE] == ENTRY else why
        write_trip(f, z, lf, lz, z[BAR], ts, z[s + ROLE], how)


def _write_fill(
    f: State, z: IntState, lf: State, lz: IntState, s: int, lots: int, price: float, fee: float,
    is_maker: bool, slippage: float, why: int, ts: int, closed: int, realized: float,
) -> None:  # fmt: skip
    row = z[FILLS_ROW] + z[FILLS] * FILL_INTS
    lz[row] = z[s + NUMBER]
    lz[row + 1] = why
    lz[row + 2] = z[BAR]
    lz[row + 3] = ts
    lz[row + 4] = lots
    lz[row + 5] = 1 if is_maker else 0
    lz[row + 6] = closed
    lz[row + 7] = z[SIDE] * z[HELD]
    lz[row + 8] = z[s + ROLE]
    row = z[FILLS_F] + z[FILLS] * FILL_FLOATS
    lf[row] = max(f[PLACE], 0.0)
    lf[row + 1] = price
    lf[row + 2] = fee
    lf[row + 3] = slippage
    lf[row + 4] = realized
    z[FILLS] += 1
    if z[s + ROLE] == LIQUIDATED:
        z[LIQUIDATIONS] += 1


def _remark(
    f: State, z: IntState, lf: State, lz: IntState, s: int, netted: int, opened: int, ts: int
) -> None:
    if netted > 0 and z[s + ROLE] == ENTRY:
        f[WHY_A] = base_of(f, netted)
        note(f, z, lf, lz, N_NETTED, ts, z[s + NUMBER], z[s + ACTION])
    money = balance(f)
    if opened > 0 and z[HELD] > 0:
        margin = margin_of(f, z[SIDE], held_notional(f, z))
        if margin > money + _CENT * margin:
            f[WHY_A] = margin
            f[WHY_B] = money
            note(f, z, lf, lz, N_MARGIN_BEYOND, ts, z[s + NUMBER], z[s + ACTION])
    note_owed(f, z, lf, lz, ts, 0.0)


def note_owed(f: State, z: IntState, lf: State, lz: IntState, ts: int, is_funding: float) -> None:
    """Remark that the balance is below zero, once until it is not: by funding 1.0, by a fill 0.0."""
    money = balance(f)
    if money < 0.0 and z[IS_BELOW] == 0:
        f[WHY_A] = money
        f[WHY_B] = is_funding
        note(f, z, lf, lz, N_BELOW_ZERO, ts, 0, -1)
    z[IS_BELOW] = 1 if money < 0.0 else 0


def _dismiss(z: IntState, s: int, number: int) -> None:
    """Decide which orders go because the position that was there is closed."""
    for k in range(z[WORKING]):
        o = z[WORK + k]
        if z[o + NUMBER] == number:
            continue
        why = 0
        if z[o + ROLE] == EXIT:
            why = BY_CLOSED
        elif z[o + FLAT_CANCELS] == 1 and _worked_before(z, o, s):
            why = BY_FLAT
        if why != 0:
            _send_away(z, o, why)


def _send_away(z: IntState, o: int, why: int) -> None:
    """Decide that an order is to be cancelled; what was decided first stays the reason."""
    if z[o + DISMISSED] == 0:
        z[o + DISMISSED] = why
    if z[o + LEAVING] == 0:
        z[o + LEAVING] = why


def _dismiss_group(z: IntState, s: int, number: int, lots: int) -> None:
    """Let the others of a group go, or exits of it shrink until one is complete."""
    is_exit = z[s + ROLE] != ENTRY
    for k in range(z[WORKING]):
        o = z[WORK + k]
        if z[o + NUMBER] == number or z[o + GROUP] != z[s + GROUP]:
            continue
        if is_exit and z[o + ROLE] != ENTRY and remaining(z, s) > 0:
            if z[o + MOST] < 0:
                if names_total(z, o):
                    continue  # a total that the card asks for meanwhile stands
                z[o + MOST] = z[o + LOTS]
            z[o + MOST] -= lots
            if z[o + MOST] <= z[o + FILLED]:
                _send_away(z, o, BY_OCO)
        else:
            _send_away(z, o, BY_OCO)


def _worked_before(z: IntState, o: int, closing: int) -> bool:
    """Return whether an entry was working before an order closed the position."""
    if z[o + ROLE] != ENTRY:
        return False
    if z[o + ACCEPTED] == 0 and z[o + BORN] >= z[BAR] - 1:
        return False
    is_together = z[o + BORN] == z[closing + BORN]
    return not (z[closing + KIND] == MARKET and is_together)
