"""The life of one bar in numbers: jump, open, path, close.

The law: as `runtime/backends/sim/exchange.py` has it; a bar that nobody can notice only closes.
"""

from __future__ import annotations

from math import inf, isnan

from runtime.batch.budgets import open_budgets
from runtime.batch.follow import carry, make_order
from runtime.batch.layers import see, see_path, write_layer
from runtime.batch.layout import (
    BAR,
    BAR_CLOSE,
    BAR_MS,
    BAR_TS,
    BEFORE,
    BROUGHT,
    BY_CLOSE_AT_END,
    BY_END,
    BY_PARTIAL,
    BY_TTL,
    CLOSE,
    CLOSE_AT_END,
    CLOSES_AT_END,
    DONE,
    DUES,
    EXIT,
    EXPIRES,
    FALLS,
    FIRST,
    HAS_BEFORE,
    HAS_MARK_BEFORE,
    HAS_SINCE,
    HELD,
    HIGH,
    IS_OPEN_TRIP,
    LATE,
    LATE_COUNT,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LIQUIDATION,
    LOW,
    MARK,
    MARK_BEFORE,
    MARK_C,
    MARK_O,
    MARKET,
    MARKETABLE,
    MOVING,
    NUMBER,
    OPEN_,
    PARTIAL_CANCELS,
    PHASE,
    PLACE,
    PRICE,
    QUEUED,
    RISES,
    ROLE,
    SIDE,
    TRADES_NOW,
    TRIP_SINCE,
    TRIP_SINCE_BAR,
    VOLUME,
    WAITS,
    WALKED,
    WOKEN,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.opening import open_bar, serve_market
from runtime.batch.orders import end_by
from runtime.batch.paths import go_through, goes_low_first, jump, mark_liquidates, set_corners
from runtime.batch.protection import trails
from runtime.formulas.margin import is_liquidated
from runtime.kernel import IntState, State


def could_matter(f: State, z: IntState) -> bool:
    """Return whether the bar may be noticed; the survey of the working orders is fresh."""
    if z[QUEUED] > 0 or z[WAITS] == 1 or trails(z):
        return True
    low = f[LOW]
    high = f[HIGH]
    if z[HAS_BEFORE] == 1:
        low = min(low, f[BEFORE])
        high = max(high, f[BEFORE])
    if f[FALLS] >= low or f[RISES] <= high:
        return True
    if z[HELD] > 0 and z[DUES] > 0:
        return True
    if z[HELD] == 0 or isnan(f[LIQUIDATION]):
        return False
    if z[HAS_MARK_BEFORE] == 1 and is_liquidated(z[SIDE], f[MARK_BEFORE], f[LIQUIDATION]):
        return True
    return mark_liquidates(f, z)


def remember(f: State, z: IntState) -> None:
    """Note the last traded close and the last mark."""
    f[MARK_BEFORE] = f[MARK_C]
    z[HAS_MARK_BEFORE] = 1
    if f[VOLUME] != 0.0 or z[HAS_BEFORE] == 0:
        f[BEFORE] = f[BAR_CLOSE]
        z[HAS_BEFORE] = 1


def live_through(f: State, z: IntState, lf: State, lz: IntState, is_flipped: bool) -> None:
    """Live through a bar that may be noticed: jump, open, path."""
    z[TRADES_NOW] = 0 if f[VOLUME] == 0.0 else 1
    if z[HAS_BEFORE] == 0:
        f[BEFORE] = f[OPEN_]
    if z[HAS_MARK_BEFORE] == 0:
        f[MARK_BEFORE] = f[MARK_O]
    open_budgets(f, z)
    set_corners(f, goes_low_first(f, z))
    z[WALKED] = z[BAR]
    z[LATE_COUNT] = 0
    z[WOKEN] = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        z[s + DONE] = 0
        z[s + LATE] = -1
        z[s + MARKETABLE] = 0
        z[s + MOVING] = 0
        z[s + HAS_SINCE] = 0
        z[s + BROUGHT] = 0
    jump(f, z, lf, lz, is_flipped)
    open_bar(f, z, lf, lz)
    z[WOKEN] = 0
    go_through(f, z, lf, lz, is_flipped)


# ---------------------------------------------------------------- close, end


def close_bar(f: State, z: IntState) -> None:
    """Mark to market."""
    f[CLOSE] = f[BAR_CLOSE]
    f[MARK] = f[MARK_C]
    if z[IS_OPEN_TRIP] == 0:
        return
    if z[TRIP_SINCE_BAR] == z[BAR]:
        see_path(f, f[TRIP_SINCE], 4.0)
    else:
        see(f, f[LOW], f[HIGH])


def expire(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """End the card's orders whose time is up, and remainders that were not to go on."""
    now = z[BAR_TS] + z[BAR_MS]
    k = 0
    while k < z[WORKING]:
        s = z[WORK + k]
        k += 1
        if z[s + ROLE] > EXIT:
            continue
        why = 0
        if z[s + EXPIRES] >= 0 and z[BAR] >= z[s + EXPIRES]:
            why = BY_TTL
        elif z[s + PARTIAL_CANCELS] == 1 and z[s + FIRST] >= 0 and z[s + FIRST] <= z[BAR]:
            why = BY_PARTIAL
        if why != 0:
            end_by(f, z, lf, lz, s, why, now)
            k -= 1
    carry(f, z)


def end_of_data(f: State, z: IntState, lf: State, lz: IntState) -> None:
    """Cancel what still works; close the position at the last close if the card says so; write what is open."""
    z[BAR_TS] += z[BAR_MS]
    z[BAR_MS] = 0
    while z[WORKING] > 0:
        end_by(f, z, lf, lz, z[WORK], BY_END, z[BAR_TS])
    if z[WALKED] != z[BAR]:
        set_corners(f, goes_low_first(f, z))
    if z[HELD] > 0 and z[CLOSES_AT_END] == 1:
        f[OPEN_] = f[CLOSE]
        f[PRICE] = f[CLOSE]
        f[PLACE] = 3.0
        z[PHASE] = 1
        if f[VOLUME] == 0.0:
            f[VOLUME] = inf
        z[TRADES_NOW] = 1
        z[WOKEN] = 0
        s = make_order(f, z, CLOSE_AT_END, MARKET, z[HELD], BY_CLOSE_AT_END)
        serve_market(f, z, lf, lz, s, z[s + NUMBER])
    for k in range(z[LAYERS_HELD]):
        write_layer(f, z, lf, lz, LAYERS + k * LAYER_WIDTH)
