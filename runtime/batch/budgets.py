"""How much a bar has for a limit: fill models, and one budget for each side."""

from __future__ import annotations

from runtime.batch.layout import (
    BAIL,
    BAR_CLOSE,
    BUY_BEHIND,
    BUY_MOST,
    BUY_SERVED,
    BUY_TAKEN,
    BUY_VOLUME,
    CLOSES_THROUGH,
    CONSERVATIVE,
    CORNER,
    FILL_MODEL,
    HAS_SINCE,
    HIGH,
    LIMIT,
    LOT,
    LOW,
    MOST_SERVED,
    PARTICIPATION,
    PLACE,
    QUEUE,
    QUEUE_AHEAD,
    REST_CLOSE,
    REST_HIGH,
    REST_LOW,
    REST_VOLUME,
    SELL_MOST,
    SERVED,
    SERVED_WIDTH,
    SINCE,
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
from runtime.batch.money import remaining
from runtime.formulas.fills import far_side, is_far_through, is_through, is_touched
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


def takeable(f: State, z: IntState, s: int) -> int:
    """Return the lots a limit that takes may have."""
    if not uses_volume(z):
        return remaining(z, s)
    see_rest(f, z, s)
    most = whole_lots(f[REST_VOLUME] * f[PARTICIPATION], f[LOT])
    side = side_of(z[s + WAY])
    left = z[BUY_MOST + side] - z[BUY_TAKEN + side]
    return min(remaining(z, s), max(0, min(most, left)))


def give_share(f: State, z: IntState, s: int, lots: int) -> None:
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
