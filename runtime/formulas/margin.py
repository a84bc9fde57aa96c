"""Margin, liquidation and tier limits of an isolated USDT linear position.

The law: margin is always notional / leverage at the average entry; nothing tops it up, and no more than
it and the fee to close is ever lost. Written in the language of kernels. `sign` is +1 for a long
position, -1 for a short one; rates are fractions; money is in quote.
"""

from __future__ import annotations

from runtime.kernel import Numbers


def bankruptcy_price(sign: int, entry: float, leverage: float) -> float:
    """Return the price at which a position's margin is gone: where the venue takes over."""
    return entry * (1.0 - sign / leverage)


def closing_fee(sign: int, notional: float, leverage: float, taker_rate: float) -> float:
    """Return the fee to close at the bankruptcy price, which the venue reserves from the start."""
    return bankruptcy_price(sign, notional, leverage) * taker_rate


def initial_margin(sign: int, notional: float, leverage: float, taker_rate: float) -> float:
    """Return what a position or a working entry ties up: margin and the reserve for closing."""
    return notional / leverage + closing_fee(sign, notional, leverage, taker_rate)


def liquidation_price(
    sign: int, entry: float, leverage: float, maintenance_rate: float, extra_per_unit: float
) -> float:
    """Return the mark price that liquidates an isolated position, 0 where no price can.

    Long entry * (1 - 1/leverage + rate) - extra, short mirrored; closing fees cancel out.
    Source: the venue's help centre, isolated margin (USDT), read 2026-11-23. Worked example: long at
    50,000 with leverage 10 and a rate of 0.5 % gives 45,250.
    """
    if sign > 0:
        return max(0.0, entry * (1.0 - 1.0 / leverage + maintenance_rate) - extra_per_unit)
    return entry * (1.0 + 1.0 / leverage - maintenance_rate) + extra_per_unit


def is_liquidated(sign: int, mark: float, level: float) -> bool:
    """Return whether mark stands at or beyond the price that liquidates a position."""
    return sign * (mark - level) <= 0.0


def within_bankruptcy(sign: int, price: float, bankruptcy: float) -> float:
    """Return the price at which a position closes, no worse than where the venue takes it over."""
    if sign > 0:
        return max(price, bankruptcy)
    return min(price, bankruptcy)


def maintenance_rate(tier_rate: float, deduction: float, value: float) -> float:
    """Return the effective maintenance rate of a position value inside a tier.

    Each tier's rate holds for its own part only: the deduction (quote) says so in one number.
    """
    if value > 0.0:
        return tier_rate - deduction / value
    return tier_rate


def largest_value(leverage: float, limits: Numbers, leverages: Numbers) -> float:
    """Return the largest position value the tiers allow at a leverage, 0.0 where they allow none.

    Tier i goes up to `limits[i]` (quote) and carries at most `leverages[i]`; these fall as limits rise.
    """
    most = 0.0
    for i in range(len(limits)):
        if leverages[i] >= leverage:
            most = limits[i]
    return most
