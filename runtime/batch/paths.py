"""The ways through a bar in numbers: the jump to its open, its path, and whether another way matters.

The law: as `runtime/backends/sim/exchange.py` has it: what only the order of events or the pace of mark can
change is gone on copies, and one way stays.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.changes import hold_movers
from runtime.batch.funding import due, pay
from runtime.batch.layout import (
    ACCEPTED,
    ADVERSE,
    AHEAD,
    AMBIGUOUS,
    ARRIVAL,
    BAR,
    BAR_CLOSE,
    BEFORE,
    BEHIND,
    BESIDE,
    CORNER,
    DONE,
    DUES,
    ENTRY,
    FALLS,
    FAVOURABLE,
    HELD,
    HIGH,
    INTRABAR,
    JUMP,
    KIND,
    LAST_AMBIGUOUS,
    LATE,
    LEVERAGE,
    LIQUIDATION,
    LOW,
    MARK_BEFORE,
    MARK_C,
    MARK_H,
    MARK_L,
    MARK_O,
    MARKETABLE,
    MET_AGE,
    MET_FRACTION,
    MET_KIND,
    N_AMBIGUOUS,
    NEARER,
    NEAREST,
    OPEN_,
    OTHER,
    PACE,
    PATH,
    PHASE,
    PLACE,
    PRICE,
    RISES,
    ROLE,
    SAVED,
    SIDE,
    SL_KIND,
    STOP_LIMIT,
    STOPS_FIRST,
    STOPS_LAST,
    TP_KIND,
    TRADES_NOW,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import balance, profit_of
from runtime.batch.notes import note
from runtime.batch.orders import falls_to, is_armed, is_passed, level_of, rests, survey
from runtime.batch.protection import has_levels, trails
from runtime.batch.walk import go, is_before, kind_of, meeting_of, set_line
from runtime.batch.ways import copy_state, differs
from runtime.formulas.margin import is_liquidated
from runtime.formulas.path import between, low_comes_first, low_is_nearer
from runtime.kernel import IntState, State


def _note_ambiguous(f: State, z: IntState, lf: State, lz: IntState) -> None:
    z[AMBIGUOUS] += 1
    if z[LAST_AMBIGUOUS] != z[BAR]:
        z[LAST_AMBIGUOUS] = z[BAR]
        note(f, z, lf, lz, N_AMBIGUOUS, 0, 0, 0)


# ---------------------------------------------------------------- jump


def jump(f: State, z: IntState, lf: State, lz: IntState, is_flipped: bool) -> None:
    """Go from the last close to the open; whether it could be told otherwise is counted."""
    z[PHASE] = JUMP
    f[PRICE] = f[BEFORE]
    f[PLACE] = -1.0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ACCEPTED] == 1 and rests(f, z, s) and is_passed(f, z, s, f[BEFORE]):
            z[s + MARKETABLE] = 1
    hold_movers(f, z)
    set_line(f, f[BEFORE], f[OPEN_], f[MARK_BEFORE], f[MARK_O], -1.0)
    z[PACE] = BESIDE
    other = _other_precedence(f, z)
    has_paces = _hangs_on_jump(f, z)
    if other == NEAREST and not has_paces:
        go(f, z, lf, lz, 0.0, 1.0, NEAREST)
        return
    copy_state(f, z, 0, SAVED)
    go(f, z, lf, lz, 0.0, 1.0, NEAREST)
    copy_state(f, z, 0, OTHER)
    precedence = NEAREST
    pace = BESIDE
    is_ambiguous = False
    if other != NEAREST:
        precedence = other
        is_ambiguous = _jumps_differently(f, z, lf, lz, other, BESIDE)
    if has_paces and not is_ambiguous:
        precedence = NEAREST
        pace = AHEAD
        is_ambiguous = _jumps_differently(f, z, lf, lz, NEAREST, AHEAD)
    if has_paces and not is_ambiguous:
        pace = BEHIND
        is_ambiguous = _jumps_differently(f, z, lf, lz, NEAREST, BEHIND)
    copy_state(f, z, SAVED, 0)
    if is_ambiguous:
        _note_ambiguous(f, z, lf, lz)
    takes_other = is_ambiguous and is_flipped
    z[PACE] = pace if takes_other else BESIDE
    go(f, z, lf, lz, 0.0, 1.0, precedence if takes_other else NEAREST)


def _jumps_differently(
    f: State, z: IntState, lf: State, lz: IntState, precedence: int, pace: int
) -> bool:
    """Tell the jump another way, and return whether it comes to something else than what is kept."""
    copy_state(f, z, SAVED, 0)
    z[PACE] = pace
    go(f, z, lf, lz, 0.0, 1.0, precedence)
    return differs(f, z)


def _hangs_on_jump(f: State, z: IntState) -> bool:
    if f[BEFORE] == f[MARK_BEFORE] and f[OPEN_] == f[MARK_O]:
        return False
    low = min(f[MARK_BEFORE], f[MARK_O])
    high = max(f[MARK_BEFORE], f[MARK_O])
    reaches = is_reached_by(f, z, low) or is_reached_by(f, z, high)
    return _hangs_on_marks(f, z, min(f[BEFORE], f[OPEN_]), max(f[BEFORE], f[OPEN_]), reaches)


def is_reached_by(f: State, z: IntState, mark: float) -> bool:
    """Return whether mark stands where the position is liquidated."""
    if z[HELD] == 0 or isnan(f[LIQUIDATION]):
        return False
    return is_liquidated(z[SIDE], mark, f[LIQUIDATION])


def _hangs_on_marks(f: State, z: IntState, low: float, high: float, reaches: bool) -> bool:
    """Return whether it may matter where mark was while last was at an order between two prices."""
    if f[LEVERAGE] <= 1.0:
        return False
    is_met = False
    is_entered = False
    for k in range(z[WORKING]):
        s = z[WORK + k]
        level = level_of(f, z, s)
        if isnan(level):
            continue
        if level >= low if falls_to(z, s) else level <= high:
            is_met = True
            is_entered = is_entered or z[s + ROLE] == ENTRY
    return is_met and (is_entered or reaches)


def _other_precedence(f: State, z: IntState) -> int:
    """Return the other way to tell a jump, `NEAREST` where there is only one."""
    if z[TRADES_NOW] == 0:
        return NEAREST
    met = 0
    stops = 0
    z[MET_KIND] = -9
    for k in range(z[WORKING]):
        s = z[WORK + k]
        fraction = meeting_of(f, z, s, 0.0, f[BEFORE])
        if fraction < 0.0:
            continue
        met += 1
        kind = kind_of(z, s)
        if kind < 4:
            stops += 1
        if is_before(z, f, fraction, kind, z[s + ARRIVAL], NEAREST):
            z[MET_KIND] = kind
            z[MET_AGE] = z[s + ARRIVAL]
            f[MET_FRACTION] = fraction
    if met < 2 or stops == 0:
        return NEAREST
    return STOPS_LAST if z[MET_KIND] < 4 else STOPS_FIRST


# ---------------------------------------------------------------- path


def goes_low_first(f: State, z: IntState) -> bool:
    if z[INTRABAR] == ADVERSE or z[INTRABAR] == FAVOURABLE:
        return False
    if z[INTRABAR] == NEARER:
        return low_is_nearer(f[OPEN_], f[HIGH], f[LOW])
    return low_comes_first(f[OPEN_], f[HIGH], f[LOW], f[BAR_CLOSE])


def _is_contested(f: State, z: IntState, others: int) -> bool:
    """Return whether the order of events inside the bar may matter at all."""
    reached = 0
    last = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        level = level_of(f, z, s)
        if isnan(level) or z[s + DONE] == 1 or z[s + MARKETABLE] == 1 or z[s + LATE] == 0:
            continue
        if level >= f[LOW] if falls_to(z, s) else level <= f[HIGH]:
            reached += 1
            last = s
    if reached > 0 and reached + others > 1:
        return True
    if reached == 0:
        return others > 1
    if is_armed(z, last) and z[last + KIND] == STOP_LIMIT:
        return True
    if z[last + ROLE] == ENTRY:
        brings = z[last + SL_KIND] != 0 or z[last + TP_KIND] != 0
        return brings or has_levels(z) or f[LEVERAGE] > 1.0
    return False


def go_through(f: State, z: IntState, lf: State, lz: IntState, is_flipped: bool) -> None:
    """Go through the bar, or one of two ways through it."""
    survey(f, z)
    others = 1 if mark_liquidates(f, z) else 0
    if z[DUES] > 0:
        others += 1
    follows = trails(z)
    if others == 0 and not (follows or f[FALLS] >= f[LOW] or f[RISES] <= f[HIGH]):
        return
    low_first = goes_low_first(f, z)
    if not (follows or _is_contested(f, z, others) or _pays_on_path(f, z)):
        _go_path(f, z, lf, lz, low_first != is_flipped, BESIDE)
        return
    has_paces = _hangs_on_path(f, z)
    copy_state(f, z, 0, SAVED)
    _go_path(f, z, lf, lz, not low_first, BESIDE)
    theirs = balance(f) + _open_profit(f, z)
    copy_state(f, z, 0, OTHER)
    copy_state(f, z, SAVED, 0)
    _go_path(f, z, lf, lz, low_first, BESIDE)
    mine = balance(f) + _open_profit(f, z)
    is_ambiguous = differs(f, z)
    swaps = _takes_other(z, mine, theirs)
    if not (is_ambiguous or swaps or has_paces):
        return
    first = low_first != swaps
    other_first = not first
    pace = BESIDE
    if has_paces and not is_ambiguous:
        if not swaps:
            copy_state(f, z, 0, OTHER)
        other_first = first
        pace = AHEAD
        is_ambiguous = _goes_differently(f, z, lf, lz, first, AHEAD)
        if not is_ambiguous:
            pace = BEHIND
            is_ambiguous = _goes_differently(f, z, lf, lz, first, BEHIND)
    copy_state(f, z, SAVED, 0)
    if is_ambiguous:
        _note_ambiguous(f, z, lf, lz)
    if is_ambiguous and is_flipped:
        _go_path(f, z, lf, lz, other_first, pace)
    else:
        _go_path(f, z, lf, lz, first, BESIDE)


def _takes_other(z: IntState, mine: float, theirs: float) -> bool:
    """Return whether the rule of the run prefers the other way; a tie is one whatever the last bits say."""
    slack = 1e-12 * (mine if mine > 0.0 else -mine)
    gain = theirs - mine
    if z[INTRABAR] == ADVERSE:
        return gain < -slack
    return z[INTRABAR] == FAVOURABLE and gain > slack


def _goes_differently(
    f: State, z: IntState, lf: State, lz: IntState, low_first: bool, pace: int
) -> bool:
    """Go through the bar another way, and return whether it comes to something else than what is kept."""
    copy_state(f, z, SAVED, 0)
    _go_path(f, z, lf, lz, low_first, pace)
    return differs(f, z)


def _hangs_on_path(f: State, z: IntState) -> bool:
    is_same = f[OPEN_] == f[MARK_O] and f[HIGH] == f[MARK_H]
    if is_same and f[LOW] == f[MARK_L] and f[BAR_CLOSE] == f[MARK_C]:
        return False
    return _hangs_on_marks(f, z, f[LOW], f[HIGH], mark_liquidates(f, z))


def _open_profit(f: State, z: IntState) -> float:
    """Return the open profit at the close of the bar that is being gone through."""
    if z[HELD] == 0:
        return 0.0
    return profit_of(f, z, z[HELD], f[BAR_CLOSE])


def set_corners(f: State, low_first: bool) -> None:
    """Note how the bar is gone through."""
    f[CORNER] = f[OPEN_]
    f[CORNER + 1] = f[LOW] if low_first else f[HIGH]
    f[CORNER + 2] = f[HIGH] if low_first else f[LOW]
    f[CORNER + 3] = f[BAR_CLOSE]


def _go_path(f: State, z: IntState, lf: State, lz: IntState, low_first: bool, pace: int) -> None:
    z[PHASE] = PATH
    z[PACE] = pace
    set_corners(f, low_first)
    first = f[MARK_L] if low_first else f[MARK_H]
    second = f[MARK_H] if low_first else f[MARK_L]
    _go_line(f, z, lf, lz, 0, f[MARK_O], first)
    _go_line(f, z, lf, lz, 1, first, second)
    _go_line(f, z, lf, lz, 2, second, f[MARK_C])


def _go_line(
    f: State, z: IntState, lf: State, lz: IntState, index: int, mark_start: float, mark_end: float
) -> None:
    """Go along one segment of the path, funding at its times."""
    place = float(index)
    set_line(f, f[CORNER + index], f[CORNER + index + 1], mark_start, mark_end, place)
    start = 0.0
    for k in range(z[DUES]):
        at = due(z, k)
        if place < f[at] and f[at] <= place + 1.0:
            go(f, z, lf, lz, start, f[at] - place, NEAREST)
            start = f[at] - place
            mark = f[at + 2]
            if isnan(mark):
                mark = between(mark_start, mark_end, start)
            pay(f, z, lf, lz, at, mark)
    go(f, z, lf, lz, start, 1.0, NEAREST)


def _pays_on_path(f: State, z: IntState) -> bool:
    """Return whether the mark of a funding time is that of a place inside the bar."""
    if z[HELD] == 0:
        return False
    for k in range(z[DUES]):
        at = due(z, k)
        if isnan(f[at + 2]) and f[at] < 3.0:
            return True
    return False


def mark_liquidates(f: State, z: IntState) -> bool:
    if z[HELD] == 0 or isnan(f[LIQUIDATION]):
        return False
    for i in range(4):
        if is_liquidated(z[SIDE], f[MARK_O + i], f[LIQUIDATION]):
            return True
    return False
