"""Money of an isolated-margin USDT linear account: balance, margin, fees, funding, liquidation.

INVARIANT: equity = start + realized + unrealized - fees - funding.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from runtime.market.instrument_facts import Instrument
from runtime.orders.order_spec import Side


@dataclass(slots=True)
class Account:
    """Sums since the start, in quote. `realized` is profit before fees and funding."""

    starting_equity: float
    realized: float = 0.0
    fees: float = 0.0
    funding: float = 0.0  # paid; negative when received

    @property
    def balance(self) -> float:
        """Return the money that is not at stake: what the venue calls the wallet balance."""
        return self.starting_equity + self.realized - self.fees - self.funding

    def equity(self, unrealized: float) -> float:
        return self.balance + unrealized

    def clone(self) -> Account:
        return replace(self)


def liquidation_price(
    side: Side, entry: float, leverage: float, maintenance_rate: float, extra_per_unit: float = 0.0
) -> float:
    """Return the mark price that liquidates an isolated position in the lowest form.

    long L = entry * (1 - 1/leverage + mmr) - extra, short mirrored; closing fees cancel out.
    Source: the venue's help centre, isolated margin (USDT), read 2026-11-23. Worked example: long at
    50,000 with leverage 10 and mmr 0.5 % gives 45,250.
    """
    if side is Side.BUY:
        return max(0.0, entry * (1.0 - 1.0 / leverage + maintenance_rate) - extra_per_unit)
    return entry * (1.0 + 1.0 / leverage - maintenance_rate) + extra_per_unit


def bankruptcy_price(side: Side, entry: float, leverage: float) -> float:
    """Return the price at which a position's margin is gone: where the venue takes over."""
    return entry * (1.0 - side.sign / leverage)


def initial_margin(side: Side, notional: float, leverage: float, taker_rate: float) -> float:
    """Return what a position or a working entry ties up: margin and the reserve for closing.

    VENUE: the fee to close is reserved at the bankruptcy price, entry * (1 -+ 1/leverage).
    """
    return notional / leverage + bankruptcy_price(side, notional, leverage) * taker_rate


def funding_amount(side: Side, base: float, mark: float, rate: float) -> float:
    """Return what a position pays at a funding time; longs pay when the rate is positive."""
    return side.sign * base * mark * rate


def maintenance_rate(instrument: Instrument, position_value: float, floor: float) -> float:
    """Return the effective maintenance rate of a position value, tier deduction included.

    `floor` is the card's own rate, used when it is the stricter one.
    """
    tier = instrument.tier(position_value)
    effective = tier.maintenance_margin_rate
    if position_value > 0 and tier.deduction_usdt:
        effective -= tier.deduction_usdt / position_value
    return max(effective, floor)
