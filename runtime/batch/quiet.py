"""Bars that pass by: nothing is met, nothing is due and no case can be true, so only the close moves.

The law: a bar that is passed by leaves what `loop` would have left; whatever may notice it is lived through.
"""

from __future__ import annotations

from math import isnan

from runtime.batch.layout import (
    AVERAGE,
    BEFORE,
    BLOCK_WIDTH,
    BLOCKS,
    BLOCKS_AT,
    CASE_WIDTH,
    CASES_AT,
    CLOSE,
    DEMANDS,
    DIRTY,
    DUE_WIDTH,
    ENDED,
    FALLS,
    FOLLOWS,
    FUNDED,
    FUNDING_AT,
    FUNDING_TIMES,
    GUARD_LIST,
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
    MOST_FIRED,
    QUEUED,
    RISES,
    ROWS,
    SIDE,
    STALE,
    TRIP_HIGH,
    TRIP_LOW,
    WAITS,
    WATCHES,
    WORK_OWN,
    WORKING,
)  # fmt: skip
from runtime.batch.protection import trails
from runtime.batch.values import value
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
        k = 0
        while k < guards and columns[z[GUARD_LIST + k] + t] == 0.0:
            k += 1
        if k < guards:
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
    """Note where the columns lie that are false while no case can be true; -1 where none says so of a case.

    A case with a part that asks what only events change, and is false, is shut until there is one.
    """
    count = 0
    for b in range(z[BLOCKS]):
        block = z[BLOCKS_AT] + b * BLOCK_WIDTH
        if z[block + 3] > 0:
            return -1
        for c in range(z[block + 1]):
            case = z[CASES_AT] + (z[block] + c) * CASE_WIDTH
            if z[case + 5] >= 0 and value(f, z, columns, z[case + 5]) == 0.0:
                continue
            if z[case + 3] >= 0:
                if count == MOST_FIRED:
                    return -1
                z[GUARD_LIST + count] = z[case + 3] * z[ROWS]
                count += 1
            else:
                return -1
    return count


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
