"""Bars that pass by: nothing is met, nothing is due and no case can be true, so only the close moves.

The law: a bar that is passed by leaves what `loop` would have left; whatever may notice it is lived through.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.builtins import gain_pct, since_entry, since_exit
from runtime.batch.layout import (
    AVERAGE,
    BEFORE,
    BLOCK_WIDTH,
    BLOCKS,
    BLOCKS_AT,
    BOUND_WIDTH,
    BOUNDS_AT,
    CASE_WIDTH,
    CASES_AT,
    CLOSE,
    DEMANDS,
    DIRTY,
    DUE_WIDTH,
    ENDED,
    FALLS,
    FIRED_BY,
    FOLLOWS,
    FUNDED,
    FUNDING_AT,
    FUNDING_TIMES,
    GAIN_PCT,
    GUARD_LIST,
    GUARD_WIDTH,
    HAS_BEFORE,
    HAS_MARK_BEFORE,
    HAS_MARKET,
    HELD,
    HELD_ROW,
    IS_OPEN_TRIP,
    KEPT_COLUMNS,
    LIQUIDATION,
    MARGIN_ROW,
    MARK,
    MARK_BEFORE,
    MEMOS,
    MONEY_ROW,
    MOST_GUARDS,
    QUEUED,
    RISES,
    ROWS,
    SIDE,
    SINCE_ENTRY,
    SINCE_EXIT,
    STALE,
    TRIP_HIGH,
    TRIP_LOW,
    WAITS,
    WATCHES,
    WORK_OWN,
    WORKING,
)  # fmt: skip
from runtime.batch.money import unrealized_at
from runtime.batch.protection import trails
from runtime.batch.values import holds, value
from runtime.formulas.margin import is_liquidated
from runtime.kernel import Column, IntState, Numbers, State


def pass_by(
    highs: Column, lows: Column, closes: Column, volumes: Column, mark_opens: Column, mark_highs: Column,
    mark_lows: Column, mark_closes: Column, columns: Numbers, f: State, z: IntState, rows: State,
    start: int, stop: int,
) -> int:  # fmt: skip
    """Pass by bars from `start` on; return the first that has to be lived through, `stop` - 1 at the latest."""
    if not _is_quiet(z):
        return start
    last = min(stop - 1, _next_due(z, start))
    guards = _guards(f, z, columns) if start < last else -1
    if guards < 0:
        return start
    falls = f[FALLS]
    rises = f[RISES]
    before = f[BEFORE]
    level = f[LIQUIDATION]
    watches = z[HELD] > 0 and not isnan(level)
    if watches and is_liquidated(z[SIDE], f[MARK_BEFORE], level):
        return start
    lowest = f[TRIP_LOW]
    highest = f[TRIP_HIGH]
    t = start
    while t < last:
        if falls >= min(lows[t], before) or rises <= max(highs[t], before):
            break
        if guards > 0 and _may_fire(closes, columns, f, z, guards, t):
            break
        if watches:
            if is_liquidated(z[SIDE], mark_opens[t], level) or is_liquidated(
                z[SIDE], mark_highs[t], level
            ):
                break
            if is_liquidated(z[SIDE], mark_lows[t], level) or is_liquidated(
                z[SIDE], mark_closes[t], level
            ):
                break
        if volumes[t] != 0.0:
            before = closes[t]
        lowest = min(lowest, lows[t])
        highest = max(highest, highs[t])
        t += 1
    if t > start:
        f[BEFORE] = before
        f[MARK_BEFORE] = mark_closes[t - 1]
        f[CLOSE] = closes[t - 1]
        f[MARK] = mark_closes[t - 1]
        if z[IS_OPEN_TRIP] == 1:
            f[TRIP_LOW] = lowest
            f[TRIP_HIGH] = highest
        _write(closes, f, z, rows, start, t)
    return t


def _is_quiet(z: IntState) -> bool:
    """Return whether nothing is under way that every close looks at."""
    return (
        z[QUEUED] == 0
        and z[WAITS] == 0
        and not trails(z)
        and z[ENDED] == 0
        and z[STALE] == 0
        and z[DIRTY] == 0
        and z[HAS_MARKET] == 0
        and z[HAS_BEFORE] == 1
        and z[HAS_MARK_BEFORE] == 1
        and z[FOLLOWS] == 0
        and z[MEMOS] == 0
        # What is held or works may break a promise at any close, a condition may be false at any.
        and (z[WATCHES] == 0 or (z[WATCHES] == 1 and z[HELD] == 0 and z[WORKING] == 0))
    )


def _next_due(z: IntState, start: int) -> int:
    """Return the first bar from `start` on at which an order's time is up or funding is paid."""
    k = z[FUNDED]
    while k < z[FUNDING_TIMES] and z[z[FUNDING_AT] + k * DUE_WIDTH] < start:
        k += 1
    if k < z[FUNDING_TIMES]:
        return min(z[DEMANDS], z[z[FUNDING_AT] + k * DUE_WIDTH])
    return z[DEMANDS]


def _guards(f: State, z: IntState, columns: Numbers) -> int:
    """Note the bounds of which one is not kept while no case can be true; -1 where a case has none.

    A case with a part that asks what only events change, and is not true, is shut until there is one.
    """
    count = 0
    for b in range(z[BLOCKS]):
        block = z[BLOCKS_AT] + b * BLOCK_WIDTH
        if z[block + 3] > 0:
            return -1
        for c in range(z[block + 1]):
            case = z[CASES_AT] + (z[block] + c) * CASE_WIDTH
            if z[case + 5] >= 0 and value(f, z, columns, z[case + 5]) != 1.0:
                continue
            if z[case + 7] == 0 or count + z[case + 7] > MOST_GUARDS:
                return -1
            for i in range(z[case + 7]):
                bound = z[BOUNDS_AT] + (z[case + 6] + i) * BOUND_WIDTH
                guard = GUARD_LIST + count * GUARD_WIDTH
                moving = z[bound]
                z[guard] = moving if moving < 0 else moving * z[ROWS]
                z[guard + 1] = z[bound + 1]
                z[guard + 2] = 1 if i + 1 < z[case + 7] else 0
                f[FIRED_BY + count] = value(f, z, columns, z[bound + 2])
                count += 1
    return count


def _may_fire(
    closes: Column, columns: Numbers, f: State, z: IntState, guards: int, bar: int
) -> bool:
    """Return whether all bounds of a case are kept at a close."""
    k = 0
    while k < guards:
        guard = GUARD_LIST + k * GUARD_WIDTH
        moving = z[guard]
        now = columns[moving + bar] if moving >= 0 else _moved(f, z, moving, closes[bar], bar)
        least = f[FIRED_BY + k]
        if isnan(now) or isnan(least) or not holds(z[guard + 1], now, least):
            while z[GUARD_LIST + k * GUARD_WIDTH + 2] == 1:
                k += 1
        elif z[guard + 2] == 0:
            return True
        k += 1
    return False


def _moved(f: State, z: IntState, moving: int, close: float, bar: int) -> float:
    """Return what a close makes of the account while no event comes."""
    if moving == SINCE_ENTRY:
        return since_entry(z, bar)
    if moving == SINCE_EXIT:
        return since_exit(z, bar)
    return gain_pct(f, z, close) if moving == GAIN_PCT else unrealized_at(f, z, close)


def _write(closes: Column, f: State, z: IntState, rows: State, start: int, stop: int) -> None:
    """Write the account at the closes of bars that passed by."""
    money = f[MONEY_ROW]
    held = f[HELD_ROW]
    if z[HELD] > 0:
        average = f[AVERAGE]
        for t in range(start, stop):
            rows[t] = money + held * (closes[t] - average)
    else:
        for t in range(start, stop):
            rows[t] = money + 0.0
    if z[KEPT_COLUMNS] == 1:
        return
    count = z[ROWS]
    for t in range(start, stop):
        rows[count + t] = held
    if z[KEPT_COLUMNS] == 2:
        return
    margin = f[MARGIN_ROW]
    own = float(z[WORK_OWN])
    for t in range(start, stop):
        rows[2 * count + t] = money
        rows[3 * count + t] = held * (closes[t] - f[AVERAGE]) if z[HELD] > 0 else 0.0
        rows[4 * count + t] = margin
        rows[5 * count + t] = own
