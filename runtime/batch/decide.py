"""What a close decides, in numbers: which cases are true, and what becomes of what they ask for.

The law: as `runtime/decide` has it: cancels, exits, entries; the first check that fails is the reason.
"""

from __future__ import annotations

from math import nan

from runtime.batch.adjusting import adjust
from runtime.batch.amending import amend
from runtime.batch.asking import ask, know_fill, refuse_closed
from runtime.batch.cancels import cancel, cancel_all
from runtime.batch.changes import announce_changes
from runtime.batch.course import stop
from runtime.batch.entering import decide_entry
from runtime.batch.layout import (
    ACTION_WIDTH,
    ACTIONS_AT,
    ASKED_BY,
    BAIL,
    BAR,
    BAR_MS,
    BAR_TS,
    BLOCK_WIDTH,
    BLOCKS,
    BLOCKS_AT,
    BORN,
    BORN_AT,
    CANCEL_LIST,
    CANCELS,
    CASE_WIDTH,
    CASES_AT,
    CUT_A,
    CUT_B,
    CUT_GIVEN,
    CUT_KIND,
    CUT_WANTED,
    DECIDED,
    DECIDED_LIST,
    ENDED,
    FILL_PRICE,
    FIRED,
    FIRED_BY,
    FIRED_LIST,
    GOING,
    GOING_WHY,
    ISSUED,
    LEAVING,
    MOST_FIRED,
    MOST_ORDERS,
    N_CUT,
    N_NONE,
    NUMBER,
    ON_VERB,
    PLACED_AT,
    PROTECTS,
    QUEUED,
    RANK_LIST,
    ROWS,
    TOO_MANY_FIRED,
    V_AMEND,
    V_CANCEL,
    V_CANCEL_ALL,
    V_ENTER,
    V_EXIT,
    V_SIZE,
    V_STOP,
    V_TARGET,
    V_TRAIL,
    WHY_A,
    WHY_B,
    WHY_C,
    WHY_WORD,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.leaving import decide_exit
from runtime.batch.notes import last_note, note
from runtime.batch.orders import add_order
from runtime.batch.resizing import adjust_size, rank_sizes
from runtime.batch.room import keep_room, restore_room, take_stock
from runtime.batch.trailing import adjust_trail
from runtime.batch.values import value
from runtime.kernel import IntState, Numbers, State


def fires(f: State, z: IntState, columns: Numbers) -> bool:
    """Note the actions that fills ask for, then those of true cases, in card order; return whether there are any."""
    count = ask(z) if z[ENDED] > 0 else 0
    for b in range(z[BLOCKS]):
        block = z[BLOCKS_AT] + b * BLOCK_WIDTH
        first = z[block + 2]
        actions = z[block + 3]
        for c in range(z[block + 1]):
            case = z[CASES_AT] + (z[block] + c) * CASE_WIDTH
            column = z[case + 3]
            if column >= 0:
                # COST: most conditions begin with a market rule, and most rows of it are false.
                if columns[column * z[ROWS] + z[BAR]] == 0.0:
                    continue
            if value(f, z, columns, z[case]) == 1.0:
                first = z[case + 1]
                actions = z[case + 2]
                z[case + 4] += 1
                break
        for i in range(actions):
            if count >= MOST_FIRED:
                z[BAIL] = TOO_MANY_FIRED
                count -= 1
            z[FIRED_LIST + count] = first + i
            z[FIRED_BY + count] = -1
            count += 1
    z[FIRED] = count
    if count == 0:
        z[ENDED] = 0
    return count > 0


def decide(f: State, z: IntState, lf: State, lz: IntState, columns: Numbers) -> None:
    """Decide what the fired actions ask for, and announce it: it arrives at the next open."""
    take_stock(f, z)
    now = z[BAR_TS] + z[BAR_MS]
    refuse_closed(f, z, lf, lz, now)
    stop(f, z, columns)
    rank_sizes(f, z, columns)
    for rank in range(V_CANCEL, V_ENTER + 1):
        for k in range(z[FIRED]):
            action = z[FIRED_LIST + k]
            if action < 0:
                continue
            a = z[ACTIONS_AT] + action * ACTION_WIDTH
            if z[a + ON_VERB] == V_CANCEL_ALL:
                if rank == V_CANCEL:
                    cancel_all(f, z, a)
                continue
            verb = z[a + ON_VERB]
            if verb == V_TARGET or verb == V_TRAIL or verb == V_AMEND:
                verb = V_STOP
            elif verb == V_SIZE:
                verb = z[RANK_LIST + k]
            if verb != rank:
                continue
            know_fill(f, z, k)
            z[CUT_KIND] = N_NONE
            issued = z[ISSUED]
            keep_room(f, z)
            why = _process(f, z, columns, action, a)
            if why != N_NONE:
                restore_room(f, z)
                note(f, z, lf, lz, why, now, action, 0)
            elif z[CUT_KIND] != N_NONE:
                f[WHY_A] = f[CUT_A]
                f[WHY_B] = f[CUT_B]
                z[WHY_WORD] = z[CUT_KIND]
                f[WHY_C] = float(z[CUT_GIVEN])
                # A change of an order that is there names none.
                more = z[ISSUED] if z[ISSUED] > issued else 0
                note(f, z, lf, lz, N_CUT, now, action, more)
                _write_wanted(z, lz)
    f[PLACED_AT] = nan
    f[FILL_PRICE] = nan
    z[ASKED_BY] = -1
    z[ENDED] = 0
    _announce(z, now)


def _process(f: State, z: IntState, columns: Numbers, action: int, a: int) -> int:
    """Decide what one action asks for; return why it is refused, `N_NONE` if it is not."""
    verb = z[a + ON_VERB]
    if verb == V_CANCEL:
        return cancel(f, z, a)
    if verb == V_TRAIL:
        return adjust_trail(f, z, columns, action, a)
    if verb == V_SIZE:
        return adjust_size(f, z, columns, action, a)
    if verb == V_AMEND:
        return amend(f, z, columns, action, a)
    if verb == V_STOP or verb == V_TARGET:
        return adjust(f, z, columns, action, a)
    if verb == V_EXIT:
        return decide_exit(f, z, columns, action, a)
    return decide_entry(f, z, columns, action, a)


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
    announce_changes(z)
    for k in range(z[DECIDED]):
        s = z[DECIDED_LIST + k]
        z[s + BORN] = z[BAR]
        z[s + BORN_AT] = now
        add_order(z, s)
        z[DECIDED_LIST + MOST_ORDERS + k] = z[s + NUMBER]
    z[QUEUED] = z[CANCELS] + z[PROTECTS] + z[DECIDED]
