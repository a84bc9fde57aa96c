"""How an order gets what a bar has for it: at market, as a limit that takes, as one that rests."""

from __future__ import annotations

from math import isnan

from runtime.batch.booking import book
from runtime.batch.budgets import give_share, offered, side_of, takeable, uses_volume
from runtime.batch.follow import after_fill, cancel_now, now_of
from runtime.batch.layers import scope_of
from runtime.batch.layout import (
    ABOVE_VOLUME,
    AVERAGE,
    BEFORE_CANCEL,
    BORNE,
    BOUNDED,
    BROUGHT,
    BUY_TAKEN,
    BY_MARGIN,
    BY_STOP_ON_ENTRY,
    BY_TRAIL,
    DENIED,
    DONE,
    ENTRY,
    FORCE,
    GAP_IMPROVES,
    GOING,
    GTD,
    HELD,
    IMPROVED,
    IS_TRAILED,
    JUMP,
    KIND,
    L_LOTS,
    LATE,
    LAYERS,
    LEVERAGE,
    LIMIT,
    MAKER,
    MARKET,
    MOST_OF_VOLUME,
    NUMBER,
    OPEN_,
    OPENED,
    PATH,
    PHASE,
    POST_ONLY,
    PRICE,
    ROLE,
    SIDE,
    SPEC_REASON,
    TAKER,
    VOLUME,
    WAY,
)  # fmt: skip
from runtime.batch.money import (
    base_of,
    is_short_of_margin,
    notional,
    remaining,
    slipped_at,
    to_open,
)  # fmt: skip
from runtime.batch.orders import works
from runtime.batch.protection import is_trailed
from runtime.formulas.margin import bankruptcy_price, within_bankruptcy
from runtime.kernel import IntState, State


def takes_at(f: State, z: IntState) -> float:
    """Return the price at which somebody who takes here is served, before slippage."""
    return f[OPEN_] if z[PHASE] == JUMP else f[PRICE]


def capped(z: IntState, s: int, wanted: int) -> int:
    """Return the lots of a turn that position and order allow."""
    lots = wanted
    if z[PHASE] == JUMP and z[s + LATE] >= 0:
        lots = min(lots, z[s + LATE])
    if z[s + ROLE] == ENTRY:
        closes = z[HELD] if z[HELD] > 0 and z[SIDE] != z[s + WAY] else 0
        return min(lots, to_open(z, s) + closes)
    if z[HELD] == 0 or z[SIDE] == z[s + WAY]:
        return 0
    y = scope_of(z, s)
    return min(lots, z[y + L_LOTS] if y >= LAYERS else z[HELD])


def bounded(f: State, z: IntState, way: int, lots: int, price: float) -> float:
    """Return the price of an execution that only closes, no worse than bankruptcy."""
    if z[HELD] == 0 or z[SIDE] == way or lots > z[HELD]:
        return price
    worst = bankruptcy_price(z[SIDE], f[AVERAGE], f[LEVERAGE])
    paid = within_bankruptcy(z[SIDE], price, worst)
    if paid != price:
        z[BOUNDED] += 1
        f[BORNE] += way * (price - paid) * base_of(f, lots)
    return paid


def fill(
    f: State, z: IntState, lf: State, lz: IntState, s: int, wanted: int, price: float, is_maker: bool,
    reference: float,
) -> None:  # fmt: skip
    """Execute lots of an order where price stands, and do what that demands."""
    number = z[s + NUMBER]
    lots = wanted
    is_short = False
    if z[s + KIND] != MARKET and z[s + OPENED] == 0 and z[HELD] > 0 and z[SIDE] != z[s + WAY]:
        if lots > z[HELD] and is_short_of_margin(f, z, s, price, lots):
            lots = z[HELD]
            is_short = True
    is_on_jump = z[PHASE] == JUMP
    if is_on_jump and z[s + GOING] == 1:
        z[BEFORE_CANCEL] += 1
    if z[s + LATE] >= 0:
        z[s + LATE] -= lots
    z[IS_TRAILED] = 1 if is_trailed(f, z, s) else 0
    why = BY_TRAIL if z[IS_TRAILED] == 1 else z[s + SPEC_REASON]
    if z[s + BROUGHT] == 1:
        why = BY_STOP_ON_ENTRY
    fee = notional(f, lots, price) * (f[MAKER] if is_maker else f[TAKER])
    slippage = max(0.0, z[s + WAY] * (price - reference))
    waits = is_on_jump and isnan(f[s + LIMIT])
    book(f, z, lf, lz, s, lots, price, fee, is_maker, slippage, why, now_of(f, z))
    after_fill(f, z, lf, lz, waits)
    if is_short and works(z, s, number):
        cancel_now(f, z, lf, lz, s, BY_MARGIN)


def at_market(f: State, z: IntState, lf: State, lz: IntState, s: int) -> None:
    """Fill a market or triggered order in full, with slippage and impact."""
    z[s + DONE] = 1
    lots = capped(z, s, remaining(z, s))
    if lots <= 0:
        return
    at = takes_at(f, z)
    price = bounded(f, z, z[s + WAY], lots, slipped_at(f, z, z[s + WAY], at, lots))
    base = base_of(f, lots)
    if f[VOLUME] > 0.0 and f[VOLUME] < base:
        z[ABOVE_VOLUME] += 1
        f[MOST_OF_VOLUME] = max(f[MOST_OF_VOLUME], base / f[VOLUME])
    fill(f, z, lf, lz, s, lots, price, False, at)


def take(f: State, z: IntState, lf: State, lz: IntState, s: int, has_rested: bool) -> None:
    """Fill a marketable limit; slippage is bounded by its limit."""
    z[s + DONE] = 1
    lots = capped(z, s, takeable(f, z, s))
    if lots <= 0:
        return
    sign = z[s + WAY]
    limit = f[s + LIMIT]
    at = takes_at(f, z)
    price = sign * min(sign * slipped_at(f, z, sign, at, lots), sign * limit)
    price = bounded(f, z, sign, lots, price)
    if has_rested:
        f[IMPROVED] += sign * (limit - price) * base_of(f, lots)
    if uses_volume(z):
        z[BUY_TAKEN + side_of(sign)] += lots
    is_maker = has_rested and z[s + POST_ONLY] == 1
    fill(f, z, lf, lz, s, lots, price, is_maker, at)


def rest(f: State, z: IntState, lf: State, lz: IntState, s: int) -> None:
    """Fill a limit that price has come to, by the fill model, at its limit."""
    z[s + DONE] = 1
    limit = f[s + LIMIT]
    lots = capped(z, s, offered(f, z, s))
    opens_beyond = z[s + WAY] * (limit - f[OPEN_]) > 0.0
    if z[PHASE] != PATH and opens_beyond and lots < remaining(z, s) and z[s + LATE] < 0:
        z[DENIED] += 1
    if lots <= 0:
        return
    if uses_volume(z):
        give_share(f, z, s, lots)
    price = limit
    if z[PHASE] != PATH and opens_beyond and z[GAP_IMPROVES] == 1:
        price = f[OPEN_]
    fill(f, z, lf, lz, s, lots, price, z[s + FORCE] <= GTD, price)
