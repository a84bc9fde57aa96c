"""What the closes have made of the account so far, and which limits of the card stand, in numbers.

The law: as `runtime/account/course.py` and `limits.py` have it; what a limit stops is `runtime/decide/limits.py`.
Followed only for programs that ask.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.cancels import cancel_one
from runtime.batch.layout import (
    ACTION_WIDTH,
    ACTIONS_AT,
    BAR,
    BAR_CLOSE,
    BAR_TS,
    COURSE_DAY,
    COURSE_EQUITY,
    COURSE_HELD,
    COURSE_HIGH,
    COURSE_LOST,
    COURSE_LOW,
    COURSE_POSITIONS,
    DAY_EQUITY,
    DAY_LOST,
    DAY_POSITIONS,
    DAY_STARTS,
    ENTRY,
    EXIT_BAR,
    FIRST_AT_OPEN,
    FIRST_ENTRY,
    FLATTENS,
    FORGIVEN,
    GONE,
    HAS_LIMITS,
    HELD,
    HIGH,
    HITS,
    LIMIT_ACTIONS,
    LIMIT_COOLDOWN,
    LIMIT_DAY_LOSSES,
    LIMIT_DRAWDOWN,
    LIMIT_LOSS,
    LIMIT_LOSSES,
    LIMIT_TRADES,
    LOSSES,
    LOST,
    LOW,
    NUMBER_OF,
    ON_REASON,
    PEAK,
    POSITIONS,
    ROLE,
    ROW_LOSSES,
    STANDING,
    STOPPED,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.leaving import decide_exit
from runtime.batch.money import equity
from runtime.batch.room import exit_room
from runtime.kernel import IntState, Numbers, State

_DAY_MS = 86_400_000
_SLACK = 1e-9
# Limits in the order in which they are told; each has its place from `HITS` on, 1 where it stands.
_LOSS, _DRAWDOWN, _TRADES, _DAY_LOSSES, _LOSSES, _COOLDOWN = 0, 1, 2, 3, 4, 5


def follow_close(f: State, z: IntState) -> None:
    """Take the bar that has just closed into the course."""
    day = (z[BAR_TS] - z[DAY_STARTS]) // _DAY_MS
    is_new = day != z[COURSE_DAY]
    money = equity(f, z)
    _extremes(f, z)
    f[PEAK] = max(f[PEAK], money)
    if is_new:
        f[DAY_EQUITY] = f[COURSE_EQUITY]
        z[DAY_POSITIONS] = z[COURSE_POSITIONS]
        z[DAY_LOST] = z[COURSE_LOST]
    if z[HAS_LIMITS] == 1:
        _judge(f, z, is_new, money)
    f[COURSE_EQUITY] = money
    z[COURSE_POSITIONS] = z[POSITIONS]
    z[COURSE_LOST] = z[LOST]
    z[COURSE_DAY] = day
    z[COURSE_HELD] = z[NUMBER_OF] if z[HELD] > 0 else 0


def _extremes(f: State, z: IntState) -> None:
    """Note the highest and lowest price since the position's first fill, NaN while flat."""
    entry = f[FIRST_ENTRY]
    if z[HELD] == 0 or isnan(entry):
        f[COURSE_HIGH] = nan
        f[COURSE_LOW] = nan
        return
    high = f[HIGH]
    low = f[LOW]
    if z[NUMBER_OF] != z[COURSE_HELD]:
        if z[FIRST_AT_OPEN] == 0:
            high = f[BAR_CLOSE]
            low = f[BAR_CLOSE]
        f[COURSE_HIGH] = entry
        f[COURSE_LOW] = entry
    if isnan(f[COURSE_HIGH]):
        f[COURSE_HIGH] = entry
    if isnan(f[COURSE_LOW]):
        f[COURSE_LOW] = entry
    if high > f[COURSE_HIGH]:
        f[COURSE_HIGH] = high
    if low < f[COURSE_LOW]:
        f[COURSE_LOW] = low


# ---------------------------------------------------------------- limits


def _is_lost(percent: float, before: float, now: float) -> bool:
    if isnan(percent) or before <= 0.0:
        return False
    return (before - now) * 100 >= percent * before * (1 - _SLACK)


def _reaches(f: State, z: IntState, limit: int, money: float) -> bool:
    if limit == _LOSS:
        return _is_lost(f[LIMIT_LOSS], f[DAY_EQUITY], money)
    if limit == _DRAWDOWN:
        return _is_lost(f[LIMIT_DRAWDOWN], f[PEAK], money)
    if limit == _TRADES:
        return z[LIMIT_TRADES] >= 0 and z[POSITIONS] - z[DAY_POSITIONS] >= z[LIMIT_TRADES]
    if limit == _DAY_LOSSES:
        return z[LIMIT_DAY_LOSSES] >= 0 and z[LOST] - z[DAY_LOST] >= z[LIMIT_DAY_LOSSES]
    if limit == _LOSSES:
        return z[LIMIT_LOSSES] >= 0 and z[LOSSES] - z[FORGIVEN] >= z[LIMIT_LOSSES]
    if z[LIMIT_COOLDOWN] < 0 or z[EXIT_BAR] < 0:
        return False
    return z[BAR] - z[EXIT_BAR] <= z[LIMIT_COOLDOWN]


def _judge(f: State, z: IntState, is_new: bool, money: float) -> None:
    """Note which limits stand at this close."""
    if is_new and z[HITS + _LOSSES] == 1:
        z[FORGIVEN] = z[ROW_LOSSES]
    if z[LOSSES] < z[FORGIVEN]:
        z[FORGIVEN] = 0
    z[ROW_LOSSES] = z[LOSSES]
    z[STANDING] = 0
    for limit in range(_COOLDOWN + 1):
        keeps = limit == _DRAWDOWN or ((limit == _LOSS or limit == _LOSSES) and not is_new)
        stands = (keeps and z[HITS + limit] == 1) or _reaches(f, z, limit, money)
        z[HITS + limit] = 1 if stands else 0
        if stands and z[STANDING] == 0:
            z[STANDING] = limit + 1
            z[STOPPED] = z[BAR]


def demands(z: IntState) -> bool:
    """Return whether a limit stands and there is something for it to stop."""
    return z[STANDING] != 0 and (z[WORKING] > 0 or z[HELD] > 0)


def stop(f: State, z: IntState, columns: Numbers) -> None:
    """Decide what the limits that stand demand: entries go, and the position where one closes it."""
    if z[STANDING] == 0:
        return
    first = z[LIMIT_ACTIONS] + z[STANDING] - 1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] == ENTRY and z[s + GONE] == 0:
            cancel_one(f, z, s, z[z[ACTIONS_AT] + first * ACTION_WIDTH + ON_REASON])
    if z[FLATTENS] == 0 or exit_room(z, True) == 0:
        return
    for limit in range(_DRAWDOWN + 1):
        if z[HITS + limit] == 1:
            action = z[LIMIT_ACTIONS] + limit
            # Refused where the rest is below the smallest quantity: nothing to be sold, nothing to be said.
            decide_exit(f, z, columns, action, z[ACTIONS_AT] + action * ACTION_WIDTH)
            return
