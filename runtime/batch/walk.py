"""Price goes along one straight line and meets orders, mark beside it; who is met has a turn.

The law: as `runtime/backends/sim/line.py` and `matcher.py` have it: who lies nearer is met first; at one
place liquidation, stops, market targets, stop entries, limits, each by age.
"""

from __future__ import annotations

from math import fabs, isnan

from runtime.batch.layout import (
    AHEAD,
    ARRIVAL,
    BEHIND,
    BESIDE,
    DONE,
    HAS_SINCE,
    HELD,
    LATE,
    LINE_END,
    LINE_MARK_END,
    LINE_MARK_START,
    LINE_PLACE,
    LINE_START,
    LIQUIDATION,
    MARKETABLE,
    MET_AGE,
    MET_AT,
    MET_FRACTION,
    MET_KIND,
    MET_PRICE,
    MOVING,
    NEAREST,
    NUMBER,
    PACE,
    PATH,
    PHASE,
    PLACE,
    PRICE,
    ROLE,
    SIDE,
    SINCE,
    STOP_LOSS,
    STOPS_LAST,
    TAKE_PROFIT,
    TRADES_NOW,
    WAY,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.orders import (
    falls_to,
    is_armed,
    level_of,
    takes_part,
    works,
)  # fmt: skip
from runtime.batch.turns import follow_price, take_over, turn
from runtime.formulas.margin import is_liquidated
from runtime.formulas.path import between, fraction_of
from runtime.kernel import IntState, State

_LIMIT_KIND = 4
_SAME_PLACE = 1e-12
_AFTER = 1.0 + 2.0 * _SAME_PLACE  # whoever is met at the end of a line was met before
_NOBODY, _REACHED, _PASSED = -9, 0, -1


def kind_of(z: IntState, s: int) -> int:
    if z[s + ROLE] == STOP_LOSS:
        return 1
    if is_armed(z, s):
        return 2 if z[s + ROLE] == TAKE_PROFIT else 3
    return _LIMIT_KIND


def _touches(f: State, z: IntState, s: int, at: float) -> bool:
    """Return whether price that stands at a limit touches it: it comes, or the limit came to be here."""
    if z[s + WAY] * (f[LINE_END] - f[LINE_START]) < 0.0:
        return True
    is_born_here = z[s + HAS_SINCE] == 1 and f[s + SINCE] == f[PLACE]
    return z[PHASE] == PATH and (at == 0.0 or is_born_here)


def is_before(z: IntState, f: State, fraction: float, kind: int, age: int, precedence: int) -> bool:
    """Return whether a meeting comes before the best one so far."""
    if z[MET_KIND] == _NOBODY:
        return True
    if precedence == NEAREST:
        if fraction != f[MET_FRACTION]:
            return fraction < f[MET_FRACTION]
    else:
        mine = kind < _LIMIT_KIND
        theirs = z[MET_KIND] < _LIMIT_KIND
        if mine and not theirs:
            return precedence != STOPS_LAST
        if theirs and not mine:
            return precedence == STOPS_LAST
        if fraction != f[MET_FRACTION]:
            return fraction > f[MET_FRACTION] if mine else fraction < f[MET_FRACTION]
    if kind != z[MET_KIND]:
        return kind < z[MET_KIND]
    return age < z[MET_AGE]


def meeting_of(f: State, z: IntState, s: int, at: float, price: float) -> float:
    """Return where on the line an order is met from where price stands, -1.0 where it is not."""
    level = level_of(f, z, s)
    if isnan(level) or not takes_part(z, s):
        return -1.0
    if z[s + DONE] == 1 or z[s + MARKETABLE] == 1 or z[s + LATE] == 0 or z[s + MOVING] != 0:
        return -1.0
    sign = 1.0 if falls_to(z, s) else -1.0
    beyond = sign * (level - price)
    if beyond >= 0.0 and (is_armed(z, s) or (beyond == 0.0 and _touches(f, z, s, at))):
        return at
    if beyond < 0.0 and sign * (f[LINE_END] - level) <= 0.0:
        return fraction_of(level, f[LINE_START], f[LINE_END])
    return -1.0


def next_meeting(
    f: State, z: IntState, at: float, price: float, end: float, precedence: int
) -> bool:
    """Note who is met next from where price stands; False if nobody is."""
    z[MET_KIND] = _NOBODY
    if z[TRADES_NOW] == 1:
        for k in range(z[WORKING]):
            s = z[WORK + k]
            fraction = meeting_of(f, z, s, at, price)
            if fraction < 0.0 or fraction > end + _SAME_PLACE:
                continue
            kind = kind_of(z, s)
            if is_before(z, f, fraction, kind, z[s + ARRIVAL], precedence):
                stands = fraction == at and is_stood_at(f, z, s, price)
                f[MET_FRACTION] = fraction
                f[MET_PRICE] = price if stands else level_of(f, z, s)
                z[MET_KIND] = kind
                z[MET_AGE] = z[s + ARRIVAL]
                z[MET_AT] = s
    _meet_liquidation(f, z, at, end, precedence)
    return z[MET_KIND] != _NOBODY


def is_stood_at(f: State, z: IntState, s: int, price: float) -> bool:
    """Return whether price stands at or beyond an order's level already."""
    sign = 1.0 if falls_to(z, s) else -1.0
    return sign * (level_of(f, z, s) - price) >= 0.0


def _meet_liquidation(f: State, z: IntState, at: float, end: float, precedence: int) -> None:
    """Put the liquidation in the place of the best meeting where it comes first."""
    level = f[LIQUIDATION]
    if z[HELD] == 0 or isnan(level):
        return
    mark = f[LINE_MARK_START]
    if z[PACE] == BESIDE:
        mark = between(f[LINE_MARK_START], f[LINE_MARK_END], at)
    fraction = at
    kind = _REACHED
    if is_liquidated(z[SIDE], mark, level):
        if fabs(mark - level) > level * _SAME_PLACE:
            kind = _PASSED
    elif not is_liquidated(z[SIDE], f[LINE_MARK_END], level):
        return
    elif z[PACE] == AHEAD:
        kind = _PASSED
    elif z[PACE] == BEHIND:
        fraction = _AFTER
        if end < 1.0:
            return
    else:
        fraction = max(at, fraction_of(level, f[LINE_MARK_START], f[LINE_MARK_END]))
        if fraction > end:
            return
    if z[MET_KIND] != _NOBODY:
        if fabs(f[MET_FRACTION] - fraction) > _SAME_PLACE:
            if not is_before(z, f, fraction, kind, 0, precedence):
                return
        elif z[MET_KIND] == _LIMIT_KIND and kind == _REACHED:
            return
    z[MET_KIND] = kind
    z[MET_AT] = -1
    z[MET_AGE] = 0
    f[MET_FRACTION] = fraction
    f[MET_PRICE] = between(f[LINE_START], f[LINE_END], fraction)


def go(
    f: State, z: IntState, lf: State, lz: IntState, start: float, end: float, precedence: int
) -> None:
    """Go from one fraction of the line to another; everything met on the way has its turn."""
    at = start
    price = between(f[LINE_START], f[LINE_END], start)
    f[PRICE] = price
    f[PLACE] = f[LINE_PLACE] + at
    while next_meeting(f, z, at, price, end, precedence):
        f[PRICE] = f[MET_PRICE]
        f[PLACE] = f[LINE_PLACE] + f[MET_FRACTION]
        if precedence == NEAREST:
            at = f[MET_FRACTION]
            price = f[MET_PRICE]
        if z[MET_AT] < 0:
            take_over(f, z, lf, lz)
        else:
            # An entry may be met on the way with it: what its fill finds has come along.
            s = z[MET_AT]
            number = z[s + NUMBER]
            follow_price(f, z, lf, lz)
            if works(z, s, number):
                turn(f, z, lf, lz, s)
    f[PRICE] = between(f[LINE_START], f[LINE_END], end)
    f[PLACE] = f[LINE_PLACE] + end
    follow_price(f, z, lf, lz)


def set_line(
    f: State, start: float, end: float, mark_start: float, mark_end: float, place: float
) -> None:
    f[LINE_START] = start
    f[LINE_END] = end
    f[LINE_MARK_START] = mark_start
    f[LINE_MARK_END] = mark_end
    f[LINE_PLACE] = place
