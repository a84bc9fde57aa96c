"""A stop that trails: at a distance behind the best price since it began, and never back.

The law: the distance is a price difference of whole ticks from the first fill on, as a venue's is. The best
price begins where the entry filled, or where the trail is activated. A trail that replaces another is never
looser than that one stood. `sign` is +1 for a long position, -1 for a short one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from runtime.formulas import stops
from runtime.formulas.rounding import price_above
from runtime.orders.order_spec import Trail


@dataclass(frozen=True, slots=True)
class Following:
    """A trail at work. `best` None: it is not active yet; `floor` is where the one before it stood.

    `since` is when it began, ms UTC; `bar` the number of the bar inside which a fill brought it (one that was
    wished at a close began with that bar). Time tells which prices it saw, however late bars come; the bar tells
    what a bar's own fill brought, where two moments have one time.
    """

    distance: float
    activate: float | None = None
    best: float | None = None
    floor: float | None = None
    since: int = 0
    bar: int = -1

    def level(self, sign: int, tick: float) -> float | None:
        """Return where it stands, None before there is anything to stand behind."""
        if self.best is None:
            return self.floor
        return nearer(
            sign, stops.stop_by_distance(sign, self.best, self.distance, tick), self.floor
        )

    def after(self, sign: int, price: float) -> Following:
        """Return it after the market has been at a price: activated, its best price moved, or as it is."""
        if self.best is not None:
            return replace(self, best=price) if sign * (price - self.best) > 0 else self
        if self.activate is None or sign * (price - self.activate) >= 0:
            return replace(self, best=price)
        return self


def nearer(sign: int, one: float | None, other: float | None) -> float | None:
    """Return the tighter of two stops, each None where there is none."""
    if one is None or other is None:
        return other if one is None else one
    return max(one, other) if sign > 0 else min(one, other)


def resolved(asked: Trail, sign: int, average: float, stop: float | None, tick: float) -> Following:
    """Return a trail as it is for an average entry and the stop beside it: a distance and a price.

    Percent of the average; multiples of what lies between average and stop (none without a stop).
    """
    distance, activate = asked.distance, asked.activate
    if distance is None:
        distance = average * (asked.distance_pct or 0.0) / 100
    if asked.activate_pct is not None:
        activate = average * (1 + sign * asked.activate_pct / 100)
    elif asked.activate_r is not None and stop is not None:
        activate = average + sign * asked.activate_r * abs(average - stop)
    return Following(max(tick, price_above(distance, tick)), activate)


def in_place_of(
    held: Following | None,
    new: Following,
    sign: int,
    price: float,
    tick: float,
    *,
    since: int,
    bar: int,
) -> Following:
    """Return a new trail that begins where the market is at a price, in place of one that is held."""
    floor = None if held is None else held.level(sign, tick)
    return replace(new, floor=floor, since=since, bar=bar).after(sign, price)
