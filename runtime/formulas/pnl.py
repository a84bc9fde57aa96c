"""Average entry, profit, excursions and funding of a netted position.

The law: the average is the venue's. An entry moves it, a reduction does not, flat resets it; so
balance + held * (close - average) = start + the sum of all cash flows. Written in the language of
kernels. `sign` is +1 for a long position, -1 for a short one; `base` is in base units.
"""

from __future__ import annotations


def average_entry(held: int, average: float, lots: int, price: float) -> float:
    """Return the average entry after `lots` more enter at a price: (held*average + lots*price) / all.

    In this form an entry at the average itself leaves every bit of it.
    VENUE: bybit-exchange/docs, docs/v5/position/position-info.mdx (`avgPrice`).
    """
    if held == 0:
        return price
    return average + (price - average) * (lots / (held + lots))


def profit(sign: int, base: float, entry: float, price: float) -> float:
    """Return what a part of a position gains from its entry to a price, in quote, before fees."""
    return sign * base * (price - entry)


def excursion_pct(sign: int, average: float, price: float) -> float:
    """Return how far a price is from an average entry, in percent of it: for the position positive."""
    return sign * (price - average) / average * 100.0


def funding(sign: int, base: float, mark: float, rate: float) -> float:
    """Return what a position pays at a funding time, in quote; longs pay when the rate is positive."""
    return sign * base * mark * rate
