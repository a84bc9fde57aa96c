"""What there is room for at one close, counting what this close has already accepted.

The law: as `runtime/decide/capacity.py` and `checks.py` have it: the same bounds in the same order.
"""

from __future__ import annotations

from math import isnan, nan

from runtime.batch.builtins import max_position
from runtime.batch.layers import layer_of
from runtime.batch.layout import (
    AVERAGE,
    CANCELS,
    CARRIED,
    CHANGE,
    CLOSE,
    CUT_A,
    CUT_B,
    CUT_GIVEN,
    CUT_KIND,
    CUT_WANTED,
    ENDS_NOW,
    ENTRY,
    EXIT,
    GONE,
    HELD,
    INSTRUMENT_LEVERAGE,
    KIND,
    L_ROOM_STOP,
    L_ROOM_TARGET,
    L_ROOM_TRAIL,
    LARGEST_VALUE,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LEAST_NOTIONAL,
    LEVERAGE,
    LIQUIDATION,
    LOT,
    LOTS,
    MARKET,
    MAX_LAYERS,
    MAX_LOTS,
    MAX_MARKET_LOTS,
    MIN_LOTS,
    N_LARGEST,
    N_LEVERAGE,
    N_MARGIN,
    N_MAXIMUM,
    N_MIN_LOTS,
    N_MIN_NOTIONAL,
    N_NONE,
    N_TIER,
    NO_MORE,
    NUMBER,
    OPENS,
    OWN_MARGIN,
    OWN_NOTIONAL,
    REARM_LEFT,
    REPLACED,
    ROLE,
    ROOM_AVERAGE,
    ROOM_BALANCE,
    ROOM_BUY_LAYERS,
    ROOM_BUY_NOTIONAL,
    ROOM_BUY_USED,
    ROOM_EQUITY,
    ROOM_EXITING,
    ROOM_KEPT,
    ROOM_LAYERS,
    ROOM_LOTS,
    ROOM_MOST,
    ROOM_SELL_LAYERS,
    ROOM_SELL_NOTIONAL,
    ROOM_SELL_USED,
    ROOM_SIDE,
    ROOM_WAITING,
    SIDE,
    STOP_LIMIT,
    STOP_MARKET,
    TAKER,
    WAY,
    WHY_A,
    WHY_B,
    WITHDRAWN,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import (
    balance,
    base_of,
    closing_gain,
    entry_cost,
    equity,
    expected_price,
    margin_of,
    notional,
    order_margin,
    remaining,
    reserved_by,
    to_open,
    used_by,
)  # fmt: skip
from runtime.batch.orders import is_armed, reference_price
from runtime.formulas.margin import is_liquidated
from runtime.formulas.rounding import is_much_less, steps_below
from runtime.kernel import IntState, State

_SLACK = 1 + 1e-9  # one rounding error of a sum of notionals
# whole numbers of what there is room for, one behind the other
_KEPT = ROOM_SELL_LAYERS - ROOM_SIDE + 1


def used_at(way: int) -> int:
    return ROOM_BUY_USED if way > 0 else ROOM_SELL_USED


def notional_at(way: int) -> int:
    return ROOM_BUY_NOTIONAL if way > 0 else ROOM_SELL_NOTIONAL


def layers_at(way: int) -> int:
    return ROOM_BUY_LAYERS if way > 0 else ROOM_SELL_LAYERS


def take_stock(f: State, z: IntState) -> None:
    """Note what there is room for at the last close."""
    f[ROOM_EQUITY] = equity(f, z)
    f[ROOM_BALANCE] = balance(f)
    f[ROOM_MOST] = max_position(f, z)
    z[ROOM_SIDE] = z[SIDE] if z[HELD] > 0 else 0
    z[ROOM_LOTS] = z[HELD]
    f[ROOM_AVERAGE] = f[AVERAGE] if z[HELD] > 0 else 0.0
    z[ROOM_LAYERS] = z[LAYERS_HELD]
    z[ROOM_EXITING] = 0
    z[ROOM_WAITING] = 0
    z[WITHDRAWN] = -1
    f[OWN_NOTIONAL] = 0.0
    f[OWN_MARGIN] = 0.0
    for k in range(-1, z[LAYERS_HELD]):  # the position lies in front of its layers
        y = LAYERS + k * LAYER_WIDTH
        f[y + L_ROOM_STOP] = nan
        f[y + L_ROOM_TARGET] = nan
        z[y + L_ROOM_TRAIL] = 0
    for way in range(-1, 2, 2):
        f[used_at(way)] = used_by(f, z, way, -1)
        f[notional_at(way)] = 0.0
        z[layers_at(way)] = 0
    if z[HELD] > 0:
        f[notional_at(z[SIDE])] += base_of(f, z[HELD]) * f[AVERAGE]
        z[layers_at(z[SIDE])] += z[LAYERS_HELD]
    for k in range(z[WORKING]):
        s = z[WORK + k]
        z[s + GONE] = 0
        z[s + CHANGE] = 0
        if z[s + REARM_LEFT] == ENDS_NOW:
            z[s + REARM_LEFT] = NO_MORE
        if z[s + ROLE] == ENTRY:
            f[notional_at(z[s + WAY])] += order_notional(f, z, s)
            if layer_of(z, z[s + NUMBER]) < 0:
                z[layers_at(z[s + WAY])] += 1
        elif z[s + ROLE] == EXIT and z[s + KIND] == MARKET:
            z[ROOM_WAITING] += remaining(z, s)
        elif z[s + ROLE] == EXIT:
            z[ROOM_EXITING] += remaining(z, s)


def order_notional(f: State, z: IntState, s: int) -> float:
    """Return the notional that a working entry would still add."""
    return notional(f, to_open(z, s), reference_price(f, s, f[CLOSE]))


def keep_room(f: State, z: IntState) -> None:
    """Note what there is room for before an intent: one that is refused leaves nothing half done."""
    z[REPLACED] = -1
    z[WITHDRAWN] = -1
    for i in range(_KEPT):
        z[ROOM_KEPT + i] = z[ROOM_SIDE + i]
    f[ROOM_KEPT] = f[ROOM_BALANCE]
    f[ROOM_KEPT + 1] = f[ROOM_AVERAGE]
    f[ROOM_KEPT + 2] = f[ROOM_BUY_USED]
    f[ROOM_KEPT + 3] = f[ROOM_SELL_USED]
    f[ROOM_KEPT + 4] = f[ROOM_BUY_NOTIONAL]
    f[ROOM_KEPT + 5] = f[ROOM_SELL_NOTIONAL]


def restore_room(f: State, z: IntState) -> None:
    """Put back what there was room for before an intent that is refused."""
    for i in range(_KEPT):
        z[ROOM_SIDE + i] = z[ROOM_KEPT + i]
    f[ROOM_BALANCE] = f[ROOM_KEPT]
    f[ROOM_AVERAGE] = f[ROOM_KEPT + 1]
    f[ROOM_BUY_USED] = f[ROOM_KEPT + 2]
    f[ROOM_SELL_USED] = f[ROOM_KEPT + 3]
    f[ROOM_BUY_NOTIONAL] = f[ROOM_KEPT + 4]
    f[ROOM_SELL_NOTIONAL] = f[ROOM_KEPT + 5]
    z[WITHDRAWN] = -1
    if z[REPLACED] >= 0:
        z[z[REPLACED] + GONE] = 0
        z[CANCELS] -= 1


def enlarge(f: State, z: IntState, s: int, value: float) -> None:
    """Count a working entry as grown (or shrunk) by a notional."""
    way = z[s + WAY]
    f[notional_at(way)] += value
    if not is_armed(z, s):
        f[used_at(way)] += order_margin(f, way, value)


def release(f: State, z: IntState, s: int) -> None:
    """Give back what a working order holds: it is cancelled here."""
    z[s + GONE] = 1
    if z[s + ROLE] == EXIT:
        if z[s + KIND] == MARKET:
            z[ROOM_WAITING] -= remaining(z, s)
        else:
            z[ROOM_EXITING] -= remaining(z, s)
        return
    way = z[s + WAY]
    f[notional_at(way)] -= order_notional(f, z, s)
    f[used_at(way)] -= reserved_by(f, z, s)
    if layer_of(z, z[s + NUMBER]) < 0:
        z[layers_at(way)] -= 1


def take_back(f: State, z: IntState, s: int) -> None:
    """Give back what an order holds that was decided at this close and waits for a price."""
    if z[s + ROLE] == EXIT:
        z[ROOM_EXITING] -= z[s + LOTS]
        return
    way = z[s + WAY]
    added = base_of(f, z[s + OPENS]) * reference_price(f, s, f[CLOSE])
    f[notional_at(way)] -= added
    z[layers_at(way)] -= 1
    if z[s + KIND] != STOP_MARKET and z[s + KIND] != STOP_LIMIT:
        f[used_at(way)] -= order_margin(f, way, added)


def reduce(f: State, z: IntState, wanted: int) -> None:
    """Count a market exit as done: it frees margin and realizes its profit or loss, fee paid."""
    side = z[ROOM_SIDE]
    lots = min(wanted, z[ROOM_LOTS])
    price = expected_price(f, -side, f[CLOSE])
    entered = base_of(f, lots) * f[ROOM_AVERAGE]
    f[ROOM_BALANCE] += closing_gain(f, side, f[ROOM_AVERAGE], min(lots, z[ROOM_LOTS]), price)
    f[notional_at(side)] -= entered
    f[used_at(side)] -= margin_of(f, side, entered)
    z[ROOM_LOTS] -= lots
    if z[ROOM_LOTS] == 0:
        z[layers_at(side)] -= z[ROOM_LAYERS]
        z[ROOM_LAYERS] = 0
        z[ROOM_SIDE] = 0


def accept_entry(f: State, z: IntState, side: int, kind: int, lots: int, price: float) -> None:
    """Count an accepted entry, valued at a price."""
    base = base_of(f, lots)
    f[notional_at(side)] += base * price
    z[layers_at(side)] += 1
    if kind == STOP_MARKET or kind == STOP_LIMIT:
        return
    if kind != MARKET:
        f[used_at(side)] += order_margin(f, side, base * price)
        return
    paid = expected_price(f, side, price)
    f[used_at(side)] += margin_of(f, side, base * paid)
    f[ROOM_BALANCE] -= base * paid * f[TAKER]
    held = base_of(f, z[ROOM_LOTS])
    f[ROOM_AVERAGE] = (held * f[ROOM_AVERAGE] + base * price) / (held + base)
    z[ROOM_SIDE] = side
    z[ROOM_LOTS] += lots
    z[ROOM_LAYERS] += 1


def exit_room(z: IntState, at_market: bool) -> int:
    """Return the lots that an exit may take: one at market does not yield to resting ones."""
    taken = z[ROOM_WAITING] if at_market else z[ROOM_WAITING] + z[ROOM_EXITING]
    return max(0, z[ROOM_LOTS] - taken)


# ---------------------------------------------------------------- bounds


def lots_for(f: State, base: float) -> int:
    """Return whole lots of base units, rounded down, never negative."""
    return max(0, steps_below(base, f[LOT]))


def minimum(f: State, z: IntState, lots: int, price: float) -> int:
    """Return why an entry is too small, `N_NONE` if it is not."""
    if lots < z[MIN_LOTS]:
        f[WHY_A] = base_of(f, lots)
        return N_MIN_LOTS
    value = notional(f, lots, price)
    if value < f[LEAST_NOTIONAL]:
        f[WHY_A] = value
        return N_MIN_NOTIONAL
    return N_NONE


def has_layer(f: State, z: IntState, side: int) -> bool:
    """Return whether one more layer of a side is allowed."""
    f[WHY_A] = float(z[layers_at(side)])
    return z[MAX_LAYERS] < 0 or z[layers_at(side)] < z[MAX_LAYERS]


def is_beyond_liquidation(f: State, z: IntState, side: int, price: float) -> bool:
    """Return whether an entry would join a position that is liquidated before its price is reached."""
    if z[HELD] == 0 or z[SIDE] != side or isnan(f[LIQUIDATION]):
        return False
    f[WHY_A] = f[LIQUIDATION]
    f[WHY_B] = price
    return is_liquidated(side, price, f[LIQUIDATION])


def _bound(f: State, z: IntState, which: int, side: int, kind: int, price: float) -> int:
    """Return the most lots that one bound allows, its numbers in `CUT_…`; -1 where it does not bind."""
    if which == N_LEVERAGE:
        return 0 if f[LEVERAGE] > f[INSTRUMENT_LEVERAGE] else -1
    if which == N_TIER:
        if f[LEVERAGE] > f[INSTRUMENT_LEVERAGE]:
            return -1
        left = f[LARGEST_VALUE] - f[notional_at(side)] + f[OWN_NOTIONAL]
        f[CUT_A] = max(0.0, left)
        return lots_for(f, max(0.0, left) * _SLACK / price)
    if which == N_MAXIMUM:
        left = f[ROOM_MOST] - f[notional_at(side)] + f[OWN_NOTIONAL]
        f[CUT_A] = f[ROOM_MOST]
        f[CUT_B] = max(0.0, left)
        return lots_for(f, max(0.0, left) * _SLACK / price)
    is_stop = kind == STOP_MARKET or kind == STOP_LIMIT
    if which == N_LARGEST:
        most = z[MAX_MARKET_LOTS] if kind == MARKET or kind == STOP_MARKET else z[MAX_LOTS]
        f[CUT_A] = base_of(f, most)
        return max(0, most - (0 if kind == MARKET else z[CARRIED]))
    free = f[ROOM_BALANCE] if is_stop else f[ROOM_BALANCE] - f[used_at(side)] + f[OWN_MARGIN]
    if z[CARRIED] > 0 and kind != MARKET and z[ROOM_SIDE] != 0:
        free += closing_gain(f, z[ROOM_SIDE], f[ROOM_AVERAGE], min(z[CARRIED], z[ROOM_LOTS]), price)
    cost = entry_cost(f, side, kind, price)
    if cost <= 0.0:
        return -1
    f[CUT_A] = max(0.0, free)
    f[CUT_B] = cost
    return lots_for(f, max(0.0, free) * _SLACK / cost)


def fit(
    f: State, z: IntState, side: int, kind: int, price: float, wanted: int, is_stated: bool
) -> int:
    """Return the lots of an entry that fit, or minus the reason why none do."""
    is_stop = kind == STOP_MARKET or kind == STOP_LIMIT
    tightest = -1
    which_one = N_NONE
    for which in range(N_LEVERAGE, N_MARGIN + 1):
        if which == N_MARGIN and is_stop and is_stated:
            continue
        most = _bound(f, z, which, side, kind, price)
        if most < 0:
            continue
        if is_stated and wanted > most:
            f[WHY_A] = f[CUT_A]
            f[WHY_B] = f[CUT_B]
            return -which
        if tightest < 0 or most < tightest:
            tightest = most
            which_one = which
    if is_stated or wanted <= tightest:
        return wanted
    again = _bound(f, z, which_one, side, kind, price)
    if minimum(f, z, again, price) != N_NONE:
        f[WHY_A] = f[CUT_A]
        f[WHY_B] = f[CUT_B]
        return -which_one
    z[CUT_KIND] = which_one
    z[CUT_WANTED] = wanted
    z[CUT_GIVEN] = again
    return again


def note_rounding(f: State, z: IntState, base: float, lots: int) -> None:
    """Note base units of which whole lots left out much, below zero for none; one that was cut besides is told so."""
    if z[CUT_KIND] == N_NONE and is_much_less(base_of(f, lots), base):
        z[CUT_KIND] = N_MIN_LOTS
        z[CUT_WANTED] = lots
        z[CUT_GIVEN] = lots
        f[CUT_A] = base
