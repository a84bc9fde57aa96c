"""How much a bar has for a limit, and how it gets it: fill models, one budget per side, takers and makers."""

from __future__ import annotations

from math import isnan

from runtime.batch.booking import book
from runtime.batch.follow import after_fill, cancel_now, now_of
from runtime.batch.layout import (
    ABOVE_VOLUME,
    AVERAGE,
    BAIL,
    BAR_CLOSE,
    BEFORE_CANCEL,
    BORNE,
    BOUNDED,
    BROUGHT,
    BUY_BEHIND,
    BUY_MOST,
    BUY_SERVED,
    BUY_TAKEN,
    BUY_VOLUME,
    BY_MARGIN,
    BY_STOP_ON_ENTRY,
    BY_TRAIL,
    CLOSES_THROUGH,
    CONSERVATIVE,
    CORNER,
    DENIED,
    DONE,
    ENTRY,
    FILL_MODEL,
    FORCE,
    GAP_IMPROVES,
    GOING,
    GTD,
    HAS_SINCE,
    HELD,
    HIGH,
    IMPROVED,
    IS_TRAILED,
    JUMP,
    KIND,
    LATE,
    LEVERAGE,
    LIMIT,
    LOT,
    LOW,
    MAKER,
    MARKET,
    MOST_OF_VOLUME,
    MOST_SERVED,
    NUMBER,
    OPEN_,
    OPENED,
    PARTICIPATION,
    PATH,
    PHASE,
    PLACE,
    POST_ONLY,
    PRICE,
    QUEUE,
    QUEUE_AHEAD,
    REST_CLOSE,
    REST_HIGH,
    REST_LOW,
    REST_VOLUME,
    ROLE,
    SELL_MOST,
    SERVED,
    SERVED_WIDTH,
    SIDE,
    SINCE,
    SPEC_REASON,
    TAKER,
    THROUGH,
    THROUGH_PERCENT,
    THROUGH_TICKS,
    TICK,
    TOO_MANY_SERVED,
    TOUCH,
    VOLUME,
    VOLUME_WEIGHTED,
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
from runtime.formulas.fills import far_side, is_far_through, is_through, is_touched
from runtime.formulas.margin import bankruptcy_price, within_bankruptcy
from runtime.formulas.path import between, segment_of, share_ahead
from runtime.formulas.shares import (
    levels_in,
    levels_reached,
    passed,
    queued,
    weighted,
    whole_lots,
)  # fmt: skip
from runtime.kernel import IntState, State

UNLIMITED = 4611686018427387904  # 2**62
_SIDE = SELL_MOST - BUY_MOST


def uses_volume(z: IntState) -> bool:
    return z[FILL_MODEL] >= VOLUME_WEIGHTED


def side_of(way: int) -> int:
    """Return how far the budget of a side lies from that of buys."""
    return 0 if way > 0 else _SIDE


def open_budgets(f: State, z: IntState) -> None:
    """Begin a bar: what limits of one side may take of it together."""
    most = 0
    volume = 0
    if uses_volume(z) and f[VOLUME] > 0.0:
        most = whole_lots(f[VOLUME] * f[PARTICIPATION], f[LOT])
        volume = whole_lots(f[VOLUME], f[LOT])
    for k in range(2):
        side = k * _SIDE
        z[BUY_MOST + side] = most
        z[BUY_VOLUME + side] = volume
        z[BUY_TAKEN + side] = 0
        z[BUY_BEHIND + side] = 0
        z[BUY_SERVED + side] = 0


def see_rest(f: State, z: IntState, s: int) -> None:
    """Note the part of the bar that an order sees: all of it, or what came after it was live."""
    f[REST_HIGH] = f[HIGH]
    f[REST_LOW] = f[LOW]
    f[REST_CLOSE] = f[BAR_CLOSE]
    f[REST_VOLUME] = f[VOLUME]
    if z[s + HAS_SINCE] == 0:
        return
    place = f[s + SINCE]
    segment = segment_of(place)
    start = between(f[CORNER + segment], f[CORNER + segment + 1], place - segment)
    high = start
    low = start
    for i in range(segment + 1, 4):
        high = max(high, f[CORNER + i])
        low = min(low, f[CORNER + i])
    f[REST_HIGH] = high
    f[REST_LOW] = low
    f[REST_CLOSE] = f[CORNER + 3]
    share = share_ahead(f[CORNER], f[CORNER + 1], f[CORNER + 2], f[CORNER + 3], place)
    f[REST_VOLUME] = f[VOLUME] * share


def see_all(f: State) -> None:
    """Note the whole bar as what an order sees."""
    f[REST_HIGH] = f[HIGH]
    f[REST_LOW] = f[LOW]
    f[REST_CLOSE] = f[BAR_CLOSE]
    f[REST_VOLUME] = f[VOLUME]


def is_left_behind(f: State, z: IntState, way: int, price: float, close: float) -> bool:
    """Return whether a bar that closes beyond a limit has filled it, queue and all."""
    return z[FILL_MODEL] == QUEUE and is_through(way, price, close)


def share(f: State, z: IntState, way: int, price: float) -> int:
    """Return the lots that the bar seen gives a limit, before others take their share."""
    far = far_side(way, f[REST_LOW], f[REST_HIGH])
    if not is_touched(way, price, far):
        return 0
    if z[FILL_MODEL] == TOUCH:
        return UNLIMITED
    if z[FILL_MODEL] == THROUGH:
        is_far = is_far_through(way, price, far, z[THROUGH_TICKS], f[THROUGH_PERCENT], f[TICK])
        return UNLIMITED if is_far else 0
    if z[FILL_MODEL] == CONSERVATIVE:
        closes = is_through(way, price, f[REST_CLOSE])
        gets = is_through(way, price, far) and (closes or z[CLOSES_THROUGH] == 0)
        return UNLIMITED if gets else 0
    most = f[PARTICIPATION]
    ahead = f[QUEUE_AHEAD]
    n = levels_in(f[REST_LOW], f[REST_HIGH], f[TICK])
    k = levels_reached(way, price, f[REST_LOW], f[REST_HIGH], f[TICK])
    base = 0.0
    if z[FILL_MODEL] == VOLUME_WEIGHTED:
        base = weighted(k, n, f[REST_VOLUME], most, ahead)
    elif is_left_behind(f, z, way, price, f[REST_CLOSE]):
        base = passed(k, n, f[REST_VOLUME])
    else:
        base = queued(k, n, f[REST_VOLUME], most, ahead)
    return min(UNLIMITED, whole_lots(base, f[LOT]))


# ---------------------------------------------------------------- the budget of a side


def _used(f: State, z: IntState, way: int, price: float, live: float) -> int:
    """Return the lots that limits at a price or worse have had from a place on."""
    side = side_of(way)
    at = SERVED if way > 0 else SERVED + SERVED_WIDTH
    used = 0
    for i in range(z[BUY_SERVED + side]):
        if way * f[at + i] <= way * price and f[at + 64 + i] >= live:
            used += z[at + 64 + i]
    return used


def offered(f: State, z: IntState, s: int) -> int:
    """Return the lots a resting limit gets now."""
    way = z[s + WAY]
    price = f[s + LIMIT]
    if not uses_volume(z):
        see_rest(f, z, s)
        return min(remaining(z, s), share(f, z, way, price))
    side = side_of(way)
    at = SERVED if way > 0 else SERVED + SERVED_WIDTH
    see_all(f)
    left = share(f, z, way, price) - _used(f, z, way, price, -2.0)
    for i in range(z[BUY_SERVED + side]):
        if way * f[at + i] >= way * price:
            left = min(left, z[at + i])
    left = max(0, left)
    if z[s + HAS_SINCE] == 1:
        see_rest(f, z, s)
        live = f[s + SINCE]
        left = min(left, share(f, z, way, price) - _used(f, z, way, price, live))
        for i in range(z[BUY_SERVED + side]):
            if way * (f[at + i] - price) > 0.0:
                better = f[at + i]
                left = min(left, share(f, z, way, better) - _used(f, z, way, better, live))
    is_behind = is_left_behind(f, z, way, price, f[BAR_CLOSE])
    room = (z[BUY_VOLUME + side] if is_behind else z[BUY_MOST + side]) - z[BUY_TAKEN + side]
    return min(remaining(z, s), max(0, min(left, room)))


def _serve(f: State, z: IntState, s: int, lots: int) -> None:
    """Book what a resting limit got of its share."""
    way = z[s + WAY]
    price = f[s + LIMIT]
    side = side_of(way)
    at = SERVED if way > 0 else SERVED + SERVED_WIDTH
    see_all(f)
    left = share(f, z, way, price) - _used(f, z, way, price, -2.0) - lots
    count = z[BUY_SERVED + side]
    for i in range(count):
        if way * f[at + i] >= way * price:
            z[at + i] -= lots
    if count >= MOST_SERVED:
        z[BAIL] = TOO_MANY_SERVED
        count -= 1
    f[at + count] = price
    z[at + count] = left
    z[at + 64 + count] = lots
    f[at + 64 + count] = f[PLACE]
    z[BUY_SERVED + side] = count + 1
    z[BUY_TAKEN + side] += lots
    if is_left_behind(f, z, way, price, f[BAR_CLOSE]):
        z[BUY_BEHIND + side] += lots


# ---------------------------------------------------------------- executing


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
    return min(lots, z[HELD])


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


def takeable(f: State, z: IntState, s: int) -> int:
    """Return the lots a limit that takes may have."""
    if not uses_volume(z):
        return remaining(z, s)
    see_rest(f, z, s)
    most = whole_lots(f[REST_VOLUME] * f[PARTICIPATION], f[LOT])
    side = side_of(z[s + WAY])
    left = z[BUY_MOST + side] - z[BUY_TAKEN + side]
    return min(remaining(z, s), max(0, min(most, left)))


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
        _serve(f, z, s, lots)
    price = limit
    if z[PHASE] == JUMP and opens_beyond and z[GAP_IMPROVES] == 1:
        price = f[OPEN_]
    fill(f, z, lf, lz, s, lots, price, z[s + FORCE] <= GTD, price)
