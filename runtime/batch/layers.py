"""Layers of the position in numbers, what covers which of them, and the round trip that they belong to.

The law: the average decides the money, layers attribute; a row is written when its layer or trip ends.
"""

from __future__ import annotations

from math import nan

from runtime.batch.entries import entry_after, entry_with
from runtime.batch.layout import (
    AVERAGE,
    BAIL,
    BAR,
    BY_LAYER,
    CORNER,
    HELD,
    IS_OPEN_TRIP,
    L_BAR,
    L_ENTERED,
    L_EXIT_BAR,
    L_EXIT_TS,
    L_EXITED,
    L_GIVES,
    L_IN_VALUE,
    L_LOTS,
    L_ORDER,
    L_OUT_VALUE,
    L_PART,
    L_PNL,
    L_PNL_ACCOUNT,
    L_PRICE,
    L_REF,
    L_ROW,
    L_SIDE,
    L_STOP_KIND,
    L_TARGET_KIND,
    L_TRIP,
    L_TS,
    LAYER_FLOATS,
    LAYER_INTS,
    LAYER_ROWS,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_F,
    LAYERS_HELD,
    LAYERS_MADE,
    LAYERS_ROW,
    LIFO,
    LOT,
    METHOD,
    MOST_LAYERS,
    NO_LEVEL,
    NUMBER,
    OF_LAYER,
    PLACE,
    PROPORTIONAL,
    REF,
    ROLE,
    SIDE,
    STOP_LOSS,
    TAKE_PROFIT,
    TOO_MANY_LAYERS,
    TRADE_FLOATS,
    TRADE_INTS,
    TRADE_ROWS,
    TRADES_F,
    TRADES_ROW,
    TRIP_AVERAGE,
    TRIP_BAR,
    TRIP_BEST,
    TRIP_EXITS,
    TRIP_FEES,
    TRIP_FUNDING,
    TRIP_HIGH,
    TRIP_IN_VALUE,
    TRIP_LAYERS,
    TRIP_LOTS,
    TRIP_LOW,
    TRIP_MOST,
    TRIP_OUT,
    TRIP_OUT_VALUE,
    TRIP_REALIZED,
    TRIP_RISK,
    TRIP_RISKED,
    TRIP_SIDE,
    TRIP_SINCE,
    TRIP_SINCE_BAR,
    TRIP_TS,
    TRIP_WORST,
    WHOLE,
)  # fmt: skip
from runtime.formulas.path import highest_between, lowest_between
from runtime.formulas.pnl import average_entry, excursion_pct, profit
from runtime.formulas.rounding import multiple
from runtime.kernel import IntState, State


def layer_of(z: IntState, number: int) -> int:
    """Return the base of the layer that an order holds, -1 if it holds none."""
    return entry_with(z, LAYERS, LAYER_WIDTH, z[LAYERS_HELD], L_ORDER, number)


def layer_in_row(z: IntState, row: int) -> int:
    """Return the base of the layer whose row that is, -1 where it has gone."""
    return entry_with(z, LAYERS, LAYER_WIDTH, z[LAYERS_HELD], L_ROW, row)


def next_layer(z: IntState, number: int) -> int:
    """Return the base of the layer whose order was placed next after the order of a number, -1 for none."""
    return entry_after(z, LAYERS, LAYER_WIDTH, z[LAYERS_HELD], L_ORDER, number)


# ---------------------------------------------------------------- what a stop or target is of


def scope_of(z: IntState, s: int) -> int:
    """Return the base of what a stop or target protects: a layer, or the position; -1 where its layer has gone."""
    return WHOLE if z[s + OF_LAYER] == 0 else layer_in_row(z, z[s + OF_LAYER] - 1)


def name_of(z: IntState, y: int) -> int:
    """Return what a stop or target says of what it protects: the row of a layer and 1, 0 for the position."""
    return 0 if y == WHOLE else z[y + L_ROW] + 1


def owns(z: IntState, y: int, is_stop: bool) -> bool:
    """Return whether a layer has a stop (or target) of its own."""
    return z[y + (L_STOP_KIND if is_stop else L_TARGET_KIND)] != NO_LEVEL


def has_level(z: IntState, y: int) -> bool:
    """Return whether a layer or the position has a stop or a target."""
    return owns(z, y, True) or owns(z, y, False)


def covered(z: IntState, y: int, is_stop: bool) -> int:
    """Return the lots that the stop (or target) of a layer covers, or that of the position: of layers without one."""
    if y != WHOLE:
        return z[y + L_LOTS]
    if z[BY_LAYER] == 0:
        return z[HELD]
    lots = 0
    for k in range(z[LAYERS_HELD]):
        layer = LAYERS + k * LAYER_WIDTH
        if not owns(z, layer, is_stop):
            lots += z[layer + L_LOTS]
    return lots


def enter_layer(f: State, z: IntState, s: int, lots: int, price: float, ts: int) -> bool:
    """Add lots to the position and to the layer of their order; return whether that is a new one."""
    y = layer_of(z, z[s + NUMBER])
    is_new = y < 0
    if is_new:
        z[s + LAYERS_MADE] += 1
        if z[LAYERS_HELD] >= MOST_LAYERS:
            z[BAIL] = TOO_MANY_LAYERS
            z[LAYERS_HELD] -= 1
        y = LAYERS + z[LAYERS_HELD] * LAYER_WIDTH
        for i in range(LAYER_WIDTH):
            z[y + i] = 0
            f[y + i] = 0.0
        z[LAYERS_HELD] += 1
        z[y + L_ORDER] = z[s + NUMBER]
        z[y + L_PART] = z[s + LAYERS_MADE]
        z[y + L_REF] = z[s + REF]
        z[y + L_TRIP] = z[TRADE_ROWS] + 1
        z[y + L_SIDE] = z[SIDE]
        z[y + L_BAR] = z[BAR]
        z[y + L_TS] = ts
        z[y + L_EXIT_BAR] = -1
        z[y + L_ROW] = z[LAYER_ROWS]
        z[LAYER_ROWS] += 1
    f[AVERAGE] = average_entry(z[HELD], f[AVERAGE], lots, price)
    z[HELD] += lots
    if is_new:
        f[y + L_PRICE] = price
    else:
        f[y + L_PRICE] = average_entry(z[y + L_LOTS], f[y + L_PRICE], lots, price)
    z[y + L_LOTS] += lots
    z[y + L_ENTERED] += lots
    f[y + L_IN_VALUE] += lots * price
    return is_new


def open_trip(f: State, z: IntState, price: float, ts: int) -> None:
    """Begin a round trip with this fill."""
    z[IS_OPEN_TRIP] = 1
    z[TRIP_BAR] = z[BAR]
    z[TRIP_TS] = ts
    z[TRIP_SIDE] = z[SIDE]
    _begin_stretch(f, z, price)
    f[TRIP_WORST] = 0.0
    f[TRIP_BEST] = 0.0
    f[TRIP_AVERAGE] = nan
    z[TRIP_LOTS] = 0
    z[TRIP_OUT] = 0
    z[TRIP_MOST] = 0
    z[TRIP_LAYERS] = 0
    z[TRIP_EXITS] = 0
    z[TRIP_RISKED] = 0
    f[TRIP_IN_VALUE] = 0.0
    f[TRIP_OUT_VALUE] = 0.0
    f[TRIP_REALIZED] = 0.0
    f[TRIP_FEES] = 0.0
    f[TRIP_FUNDING] = 0.0
    f[TRIP_RISK] = nan


def _begin_stretch(f: State, z: IntState, price: float) -> None:
    """Begin with this fill the stretch of the trip that one average holds for."""
    z[TRIP_SINCE_BAR] = z[BAR]
    f[TRIP_SINCE] = max(f[PLACE], 0.0)
    f[TRIP_LOW] = price
    f[TRIP_HIGH] = price


def move_trip(f: State, z: IntState, before: float, price: float) -> None:
    """End the stretch of the average before with an entry that moves it, and begin that of the new one."""
    reach(f, z, price)
    low = excursion_pct(z[TRIP_SIDE], before, f[TRIP_LOW])
    high = excursion_pct(z[TRIP_SIDE], before, f[TRIP_HIGH])
    f[TRIP_WORST] = min(f[TRIP_WORST], min(low, high))
    f[TRIP_BEST] = max(f[TRIP_BEST], max(low, high))
    f[TRIP_AVERAGE] = f[AVERAGE]
    _begin_stretch(f, z, price)


def reach(f: State, z: IntState, price: float) -> None:
    """Take the path of the bar up to an execution into the open trip, and its own price."""
    see(f, price, price)
    see_path(f, f[TRIP_SINCE] if z[TRIP_SINCE_BAR] == z[BAR] else 0.0, max(f[PLACE], 0.0))


def see(f: State, low: float, high: float) -> None:
    """Take the extremes of a bar into the open trip."""
    f[TRIP_LOW] = min(f[TRIP_LOW], low)
    f[TRIP_HIGH] = max(f[TRIP_HIGH], high)


def see_path(f: State, start: float, end: float) -> None:
    """Take the path of a bar between two of its places into the open trip."""
    if start >= end:
        return
    a = f[CORNER]
    b = f[CORNER + 1]
    c = f[CORNER + 2]
    d = f[CORNER + 3]
    f[TRIP_LOW] = min(f[TRIP_LOW], lowest_between(a, b, c, d, start, end))
    f[TRIP_HIGH] = max(f[TRIP_HIGH], highest_between(a, b, c, d, start, end))


def choose_layers(z: IntState, s: int, lots: int) -> None:
    """Note what each layer gives to an order: those that it protects before others, else by its method."""
    if z[BY_LAYER] == 1 and (z[s + ROLE] == STOP_LOSS or z[s + ROLE] == TAKE_PROFIT):
        _give_protected(z, s, lots)
    else:
        _share_out(z, z[s + METHOD], lots)


def leave_layers(
    f: State, z: IntState, lf: State, lz: IntState, lots: int, price: float, ts: int
) -> None:
    """Take lots out of the layers that were chosen, and out of the position."""
    at = 0
    for k in range(z[LAYERS_HELD]):
        y = LAYERS + k * LAYER_WIDTH
        gone = z[y + L_GIVES]
        if gone > 0:
            base = multiple(gone, f[LOT])
            z[y + L_LOTS] -= gone
            z[y + L_EXITED] += gone
            f[y + L_OUT_VALUE] += gone * price
            f[y + L_PNL] += profit(z[y + L_SIDE], base, f[y + L_PRICE], price)
            f[y + L_PNL_ACCOUNT] += profit(z[y + L_SIDE], base, f[AVERAGE], price)
            if z[y + L_LOTS] == 0:
                z[y + L_EXIT_BAR] = z[BAR]
                z[y + L_EXIT_TS] = ts
                write_layer(f, z, lf, lz, y)
        if z[y + L_LOTS] > 0:
            to = LAYERS + at * LAYER_WIDTH
            if to != y:
                for i in range(LAYER_WIDTH):
                    z[to + i] = z[y + i]
                    f[to + i] = f[y + i]
            at += 1
    z[LAYERS_HELD] = at
    z[HELD] -= lots


def _give_protected(z: IntState, s: int, wanted: int) -> None:
    """Note what each layer gives to a stop or target: those that it protects first, oldest first."""
    lots = wanted
    for others in range(2):
        for k in range(z[LAYERS_HELD]):
            y = LAYERS + k * LAYER_WIDTH
            is_one = z[y + L_ROW] + 1 == z[s + OF_LAYER]
            if z[s + OF_LAYER] == 0:
                is_one = not owns(z, y, z[s + ROLE] == STOP_LOSS)
            if is_one != (others == 1):
                z[y + L_GIVES] = min(z[y + L_LOTS], lots)
                lots -= z[y + L_GIVES]


def _share_out(z: IntState, method: int, wanted: int) -> None:
    """Note what each layer gives: oldest first, newest first, or alike by largest remainders."""
    lots = wanted
    count = z[LAYERS_HELD]
    if method != PROPORTIONAL:
        for k in range(count):
            y = LAYERS + (count - 1 - k if method == LIFO else k) * LAYER_WIDTH
            gives = min(z[y + L_LOTS], lots)
            z[y + L_GIVES] = gives
            lots -= gives
        return
    total = 0
    for k in range(count):
        total += z[LAYERS + k * LAYER_WIDTH + L_LOTS]
    for k in range(count):
        y = LAYERS + k * LAYER_WIDTH
        z[y + L_GIVES] = z[y + L_LOTS] * wanted // total
        lots -= z[y + L_GIVES]
    # The largest remainders get one more; of equal ones the older.
    most = total
    while lots > 0:
        best = -1
        largest = -1
        for k in range(count):
            y = LAYERS + k * LAYER_WIDTH
            remainder = z[y + L_LOTS] * wanted % total
            given = z[y + L_GIVES] - z[y + L_LOTS] * wanted // total
            if given == 0 and remainder > largest and remainder <= most:
                largest = remainder
                best = y
        z[best + L_GIVES] += 1
        lots -= 1


def write_layer(f: State, z: IntState, lf: State, lz: IntState, y: int) -> None:
    """Write the row of a layer as it is."""
    row = z[LAYERS_ROW] + z[y + L_ROW] * LAYER_INTS
    for i in range(LAYER_INTS):
        lz[row + i] = z[y + i]
    row = z[LAYERS_F] + z[y + L_ROW] * LAYER_FLOATS
    for i in range(LAYER_FLOATS):
        lf[row + i] = f[y + i]


def write_trip(
    f: State, z: IntState, lf: State, lz: IntState, end: int, ts: int, order: int, why: int
) -> None:
    """Write the row of the open trip; `end` is -1 while it is open."""
    row = z[TRADES_ROW] + z[TRADE_ROWS] * TRADE_INTS
    lz[row] = z[TRIP_SIDE]
    lz[row + 1] = z[TRIP_BAR]
    lz[row + 2] = z[TRIP_TS]
    lz[row + 3] = end
    lz[row + 4] = ts
    lz[row + 5] = z[TRIP_LOTS]
    lz[row + 6] = z[TRIP_OUT]
    lz[row + 7] = z[TRIP_MOST]
    lz[row + 8] = z[TRIP_LAYERS]
    lz[row + 9] = z[TRIP_EXITS]
    lz[row + 10] = order
    lz[row + 11] = why
    row = z[TRADES_F] + z[TRADE_ROWS] * TRADE_FLOATS
    lf[row] = f[TRIP_IN_VALUE]
    lf[row + 1] = f[TRIP_OUT_VALUE]
    lf[row + 2] = f[TRIP_REALIZED]
    lf[row + 3] = f[TRIP_FEES]
    lf[row + 4] = f[TRIP_FUNDING]
    lf[row + 5] = f[TRIP_LOW]
    lf[row + 6] = f[TRIP_HIGH]
    lf[row + 7] = f[TRIP_RISK]
    lf[row + 8] = 0.0
    lf[row + 9] = f[TRIP_WORST]
    lf[row + 10] = f[TRIP_BEST]
    lf[row + 11] = f[TRIP_AVERAGE]
    z[TRADE_ROWS] += 1
    z[IS_OPEN_TRIP] = 0
