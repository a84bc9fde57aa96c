"""Builtins of the account at a close, in numbers. NaN is unknown.

The law: as `runtime/account/builtins.py` reads them from the ledger.
"""

from __future__ import annotations

from math import fabs, inf, isnan, nan

from runtime.batch.asking import is_due
from runtime.batch.layout import (
    ACCEPT_BAR,
    ACCEPTED,
    AVERAGE,
    BAR,
    CLOSE,
    COURSE_HIGH,
    COURSE_LOST,
    COURSE_LOW,
    DAY_EQUITY,
    DAY_LOST,
    DAY_POSITIONS,
    ENTRIES,
    ENTRY_BAR,
    EXIT,
    EXIT_BAR,
    EXIT_WORD,
    EXITS,
    FILL_PRICE,
    FIRST_ENTRY,
    FIRST_STOP,
    FUNDINGS,
    HAS_MAX_POSITION,
    HELD,
    KIND,
    L_BAR,
    L_LOTS,
    L_PRICE,
    L_REF,
    LAST_ENTRY,
    LAST_EXIT,
    LAST_PNL,
    LAST_R,
    LAYER_WIDTH,
    LAYERS,
    LAYERS_HELD,
    LEVERAGE,
    LIMIT,
    LIMITED,
    LOSSES,
    MAX_POSITION,
    NEWEST_ENTRY,
    PEAK,
    PER_LOSS,
    PLACED_AT,
    POSITIONS,
    REF,
    REFS,
    ROLE,
    SIDE,
    STANDING,
    STOP_LIMIT,
    STOP_MARKET,
    TICK,
    TRIGGER,
    WAY,
    WHOLE,
    WINS,
    WORK,
    WORKING,
)  # fmt: skip
from runtime.batch.money import (
    balance,
    base_of,
    equity,
    held_notional,
    notional,
    unrealized,
    used_margin,
)  # fmt: skip
from runtime.batch.orders import filled_part, is_armed
from runtime.batch.protection import stop_price, target_price, trail_price
from runtime.batch.results import figure
from runtime.kernel import IntState, State

# builtins of the account; those of a layer, a ref or so many trades add 64 for each
(
    A_SIDE, A_SIZE, A_QUANTITY, A_AVERAGE, A_LAYERS, A_UNREALIZED, A_UNREALIZED_PCT, A_STOP, A_TARGET,
    A_SINCE_ENTRY, A_SINCE_EXIT, A_ENTRIES, A_EXITS, A_PENDING, A_LIMIT_BUYS, A_LIMIT_SELLS, A_STOP_BUYS,
    A_STOP_SELLS, A_OLDEST, A_EQUITY, A_BALANCE, A_CAPACITY, A_FREE, A_MAXIMUM, A_ORDER_PENDING,
    A_NEWEST_ENTRY, A_FIRST_STOP, A_IN_RISK, A_LAST_ENTRY, A_LAST_EXIT, A_EXIT_WORD, A_LAST_PNL, A_WINS, A_LOSSES,
    A_FREE_USDT, A_PER_LOSS, A_HIGH, A_LOW, A_TRADES_TODAY, A_LOSSES_TODAY, A_PNL_TODAY, A_PEAK, A_DRAWDOWN, A_ALLOWED, A_HIT,
    A_FREE_MARGIN, A_LEVERAGE, A_TRAIL, A_PLACED_AT, A_DUE, A_FILLED_PART, A_TICK,
    A_FUNDINGS, A_LAST_R, A_FILL_PRICE, A_ORDER_PRICE, A_WIN_RATE, A_AVG_WIN, A_AVG_LOSS, A_AVG_TRADE, A_LAYER_ENTRY, A_LAYER_SIZE,
    A_LAYER_AGE, A_LAYER_REF,
) = range(64)  # fmt: skip


def max_position(f: State, z: IntState) -> float:
    if z[HAS_MAX_POSITION] == 1:
        return f[MAX_POSITION]
    return max(0.0, equity(f, z) * f[LEVERAGE])


def _pending(z: IntState, stops: int, way: int) -> float:
    """Return how many of the card's orders work: of kinds (0 any, 1 limits, 2 stops) and a side (0 any)."""
    found = 0
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] > EXIT or (way != 0 and z[s + WAY] != way):
            continue
        is_stop = z[s + KIND] == STOP_MARKET or z[s + KIND] == STOP_LIMIT
        if stops == 0 or (stops == 1 and z[s + KIND] == LIMITED) or (stops == 2 and is_stop):
            found += 1
    return float(found)


def _oldest(z: IntState) -> float:
    oldest = -1
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + ROLE] <= EXIT:
            age = z[BAR] - z[s + ACCEPT_BAR] + 1 if z[s + ACCEPTED] == 1 else 0
            oldest = max(oldest, age)
    if oldest < 0:
        return nan
    return float(oldest)


def _free_margin(f: State, z: IntState) -> float:
    return max(0.0, balance(f) - used_margin(f, z))


def _free_fraction(f: State, z: IntState) -> float:
    money = equity(f, z)
    if money <= 0.0:
        return 0.0
    if z[HELD] == 0:
        return 1.0
    return 1.0 - held_notional(f, z) / f[LEVERAGE] / money


def _of_layer(f: State, z: IntState, what: int, index: int) -> float:
    if index >= z[LAYERS_HELD]:
        return nan
    y = LAYERS + index * LAYER_WIDTH
    if what == A_LAYER_ENTRY:
        return f[y + L_PRICE]
    if what == A_LAYER_SIZE:
        return notional(f, z[y + L_LOTS], f[y + L_PRICE])
    if what == A_LAYER_REF:
        # The refs that a card may ask for are its first names, in the order of their words.
        ref = z[y + L_REF]
        return float(ref - 1) if ref > 0 and ref <= z[REFS] else nan
    return float(z[BAR] - z[y + L_BAR])


def since_entry(z: IntState, bar: int) -> float:
    """Return the bars since the last entry, NaN without one."""
    return nan if z[ENTRY_BAR] < 0 else float(bar - z[ENTRY_BAR])


def since_exit(z: IntState, bar: int) -> float:
    """Return the bars since the last exit, infinitely many without one."""
    return inf if z[EXIT_BAR] < 0 else float(bar - z[EXIT_BAR])


def gain_pct(f: State, z: IntState, close: float) -> float:
    """Return what the position has gained at a price, in percent of its average entry; NaN where none is open."""
    return nan if z[HELD] == 0 else z[SIDE] * (close - f[AVERAGE]) / f[AVERAGE] * 100.0


def _of_position(f: State, z: IntState, what: int) -> float:
    """Return a builtin of the position, which is nothing or unknown where none is open."""
    if what == A_SIDE:
        if z[HELD] == 0:
            return 0.0
        return 1.0 if z[SIDE] > 0 else 2.0
    if what == A_SIZE:
        return held_notional(f, z)
    if what == A_QUANTITY:
        return 0.0 if z[HELD] == 0 else base_of(f, z[HELD])
    if what == A_LAYERS:
        return float(z[LAYERS_HELD])
    if what == A_UNREALIZED:
        return unrealized(f, z)
    if what == A_STOP:
        return stop_price(f, z, WHOLE)
    if what == A_TARGET:
        return target_price(f, z, WHOLE)
    if what == A_TRAIL:
        return trail_price(f, z, WHOLE)
    if z[HELD] == 0:
        return nan
    if what == A_AVERAGE:
        return f[AVERAGE]
    return gain_pct(f, z, f[CLOSE])


def _waits_at(f: State, z: IntState, ref: int) -> float:
    """Return the price that the newest working order of a ref waits for, NaN without one and at market."""
    price = nan
    for k in range(z[WORKING]):
        s = z[WORK + k]
        if z[s + REF] == ref and z[s + ROLE] <= EXIT:
            is_limit = not isnan(f[s + LIMIT]) and not is_armed(z, s)
            price = f[s + LIMIT] if is_limit else f[s + TRIGGER]
    return price


def _of_orders(f: State, z: IntState, what: int, ref: int) -> float:
    if what == A_PENDING:
        return _pending(z, 0, 0)
    if what == A_LIMIT_BUYS:
        return _pending(z, 1, 1)
    if what == A_LIMIT_SELLS:
        return _pending(z, 1, -1)
    if what == A_STOP_BUYS:
        return _pending(z, 2, 1)
    if what == A_STOP_SELLS:
        return _pending(z, 2, -1)
    if what == A_OLDEST:
        return _oldest(z)
    if what == A_ORDER_PRICE:
        return _waits_at(f, z, ref)
    if what == A_FILLED_PART:
        return filled_part(z, ref)
    if what == A_DUE:
        return 1.0 if is_due(z, ref) else 0.0
    for k in range(z[WORKING]):
        if z[z[WORK + k] + REF] == ref and z[z[WORK + k] + ROLE] <= EXIT:
            return 1.0
    return 0.0


def _of_results(f: State, z: IntState, what: int) -> float:
    """Return a builtin of what came of trades, NaN before there was one."""
    if what == A_NEWEST_ENTRY:
        return f[NEWEST_ENTRY]
    if what == A_FIRST_STOP:
        return f[FIRST_STOP]
    if what == A_LAST_ENTRY:
        return f[LAST_ENTRY]
    if what == A_LAST_EXIT:
        return f[LAST_EXIT]
    if what == A_EXIT_WORD:
        return float(z[EXIT_WORD])
    if what == A_LAST_PNL:
        return f[LAST_PNL]
    if what == A_WINS:
        return float(z[WINS])
    if what == A_LOSSES:
        return float(z[LOSSES])
    if z[HELD] == 0 or isnan(f[FIRST_ENTRY]) or isnan(f[FIRST_STOP]):
        return nan
    risk = fabs(f[FIRST_ENTRY] - f[FIRST_STOP])
    return nan if risk == 0.0 else z[SIDE] * (f[CLOSE] - f[AVERAGE]) / risk


def _of_course(f: State, z: IntState, what: int) -> float:
    """Return a builtin of the account's course, or what the stop of the order that is sized says."""
    if what == A_PER_LOSS:
        return f[PER_LOSS]
    if what == A_HIGH:
        return nan if z[HELD] == 0 else f[COURSE_HIGH]
    if what == A_LOW:
        return nan if z[HELD] == 0 else f[COURSE_LOW]
    if what == A_TRADES_TODAY:
        return float(z[POSITIONS] - z[DAY_POSITIONS])
    if what == A_LOSSES_TODAY:
        return float(z[COURSE_LOST] - z[DAY_LOST])
    if what == A_PNL_TODAY:
        return equity(f, z) - f[DAY_EQUITY]
    if what == A_PEAK:
        return f[PEAK]
    if what == A_DRAWDOWN:
        if f[PEAK] <= 0.0:
            return 0.0
        return max(0.0, f[PEAK] - equity(f, z)) / f[PEAK] * 100
    if what == A_ALLOWED:
        return 1.0 if z[STANDING] == 0 else 0.0
    return float(z[STANDING])


def account(f: State, z: IntState, code: int) -> float:
    """Return a builtin of the account at this close, NaN where it is unknown."""
    what = code % 64
    if what <= A_UNREALIZED_PCT or what == A_STOP or what == A_TARGET or what == A_TRAIL:
        return _of_position(f, z, what)
    if what == A_SINCE_ENTRY:
        return since_entry(z, z[BAR])
    if what == A_SINCE_EXIT:
        return since_exit(z, z[BAR])
    if what == A_ENTRIES:
        return float(z[ENTRIES])
    if what == A_EXITS:
        return float(z[EXITS])
    if what == A_FUNDINGS:
        return float(z[FUNDINGS])
    if what == A_EQUITY:
        return equity(f, z)
    if what == A_BALANCE:
        return balance(f)
    if what == A_CAPACITY:
        return max(0.0, max_position(f, z) - held_notional(f, z))
    if what == A_FREE:
        return _free_fraction(f, z)
    if what == A_MAXIMUM:
        return max_position(f, z)
    if what == A_FREE_MARGIN:
        return _free_margin(f, z)
    if what == A_LEVERAGE:
        return f[LEVERAGE]
    if what == A_PLACED_AT:
        return f[PLACED_AT]
    if what == A_FILL_PRICE:
        return f[FILL_PRICE]
    if what == A_LAST_R:
        return f[LAST_R]
    if what == A_TICK:
        return f[TICK]
    if what == A_FREE_USDT:
        return _free_margin(f, z) * f[LEVERAGE]
    if what >= A_NEWEST_ENTRY and what <= A_LOSSES:
        return _of_results(f, z, what)
    if what >= A_PER_LOSS and what <= A_HIT:
        return _of_course(f, z, what)
    if what >= A_WIN_RATE and what <= A_AVG_TRADE:
        return figure(f, z, what - A_WIN_RATE, code // 64)
    if what >= A_LAYER_ENTRY:
        return _of_layer(f, z, what, code // 64)
    return _of_orders(f, z, what, code // 64)
