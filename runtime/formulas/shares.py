"""Shares of a bar's volume: how much of it one resting limit may have, and what others leave of it.

Scalar functions in the kernel language. Written for a buy at P: n price levels of the bar, k of them
at P or better; sells mirrored by `sign` (1 buys, -1 sells). Volume in base units, lots whole numbers.

INVARIANT: shares nest. The resting orders from any price P on to worse ones together get at most the
share of P, whoever is served first.
"""

from __future__ import annotations

from math import floor

from runtime.kernel import IntState, Numbers


def levels_in(low: float, high: float, tick: float) -> float:
    """Return n, the price levels of a bar."""
    return (high - low) / tick + 1.0


def levels_reached(sign: int, price: float, low: float, high: float, tick: float) -> float:
    """Return k, the price levels of a bar at or better than a limit, from 0 to n."""
    reach = price - low if sign > 0 else high - price
    return min(max(reach / tick + 1.0, 0.0), levels_in(low, high, tick))


def weighted(reached: float, levels: float, volume: float, most: float, ahead: float) -> float:
    """Return the base units a limit gets of the volume traded at its price or better.

    `most` is the fraction of a bar's volume one side may take, `ahead` that of the queue before us.
    """
    return volume * (reached / levels * most * (1.0 - ahead))


def queued(reached: float, levels: float, volume: float, most: float, ahead: float) -> float:
    """Return the base units a limit gets that waits for the queue at its own level only."""
    base = volume * max(0.0, (reached - 1.0) + (1.0 - ahead)) / levels
    return min(base, volume * most)


def passed(reached: float, levels: float, volume: float) -> float:
    """Return the base units that traded at a limit's price or better: the market has left it behind."""
    return volume * (reached / levels)


def whole_lots(base: float, lot: float) -> int:
    """Return base units in whole lots, rounded down, never negative."""
    return max(0, floor(base / lot + 1e-9))


def used_since(
    sign: int,
    price: float,
    live: float,
    prices: Numbers,
    lots: IntState,
    places: Numbers,
    count: int,
) -> int:
    """Return the lots that limits at a price or worse have had from a place on.

    The first `count` entries are what was served so far: limit, lots, and where on the bar. An order
    competes for what traded since it is live: fills before that place took other volume.
    """
    used = 0
    for i in range(count):
        if sign * prices[i] <= sign * price and places[i] >= live:
            used += lots[i]
    return used


def left_by_better(
    sign: int, price: float, share: int, prices: Numbers, lefts: IntState, count: int
) -> int:
    """Return the lots of a share that fit into what is left of the shares at its price or better."""
    left = share
    for i in range(count):
        if sign * prices[i] >= sign * price:
            left = min(left, lefts[i])
    return max(0, left)


def take_from_shares(
    sign: int, price: float, taken: int, prices: Numbers, lefts: IntState, count: int
) -> None:
    """Take lots at a limit out of what is left of the shares at its price or better."""
    for i in range(count):
        if sign * prices[i] >= sign * price:
            lefts[i] -= taken
