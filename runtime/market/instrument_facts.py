"""Instrument facts and all rounding. Prices are canonical tick multiples, quantities integer lots."""

from __future__ import annotations

import math
from dataclasses import dataclass

# Beyond every order a venue takes, and whole numbers are still exact floats here.
_MOST = float(2**53)


def _bounded(steps: float) -> float:
    """Return a number of ticks or lots that can be counted; what a card computes may overflow."""
    return min(max(steps, -_MOST), _MOST)


@dataclass(frozen=True, slots=True)
class RiskTier:
    """A venue risk tier: up to `limit_usdt` of position value. Rates are fractions."""

    limit_usdt: float
    maintenance_margin_rate: float
    max_leverage: float
    deduction_usdt: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Facts of one USDT linear perpetual; `as_of` is the date they were read (ISO)."""

    symbol: str
    tick: float
    lot: float  # base units per lot
    min_lots: int
    max_lots: int
    max_market_lots: int
    min_notional_usdt: float
    max_leverage: float
    funding_interval_minutes: int
    tiers: tuple[RiskTier, ...]
    as_of: str
    source: str = ""
    is_typed_in: bool = False  # given by a person, not read from the venue

    def round_price(self, price: float) -> float:
        """Return the nearest tick multiple: the one canonical form of a price."""
        return self.price_of(self.ticks(price))

    def floor_price(self, price: float) -> float:
        """Return the largest tick multiple not above `price` (within 1e-9 of a tick)."""
        return self.price_of(math.floor(_bounded(price / self.tick) + 1e-9))

    def ceil_price(self, price: float) -> float:
        """Return the smallest tick multiple not below `price` (within 1e-9 of a tick)."""
        return self.price_of(math.ceil(_bounded(price / self.tick) - 1e-9))

    def price_of(self, ticks: int) -> float:
        """Return the canonical float of a whole number of ticks."""
        # A reciprocal that is a whole number (1/0.1 = 10) divides exactly rounded: 7 / 10 == 0.7.
        inverse = round(1.0 / self.tick)
        if self.tick < 1.0 and abs(inverse * self.tick - 1.0) < 1e-12:
            return ticks / inverse
        return ticks * self.tick

    def ticks(self, price: float) -> int:
        return round(_bounded(price / self.tick))

    def lots_for_notional(self, notional_usdt: float, price: float) -> int:
        """Return the whole lots a notional buys at a price, rounded down."""
        return self.lots_for_base(notional_usdt / price)

    def lots_for_base(self, base: float) -> int:
        return max(0, math.floor(_bounded(base / self.lot) + 1e-9))

    def base(self, lots: int) -> float:
        """Return base units of a whole number of lots, as its canonical float."""
        inverse = round(1.0 / self.lot)
        if self.lot < 1.0 and abs(inverse * self.lot - 1.0) < 1e-12:
            return lots / inverse
        return lots * self.lot

    def notional(self, lots: int, price: float) -> float:
        return self.base(lots) * price

    def tier(self, position_value_usdt: float) -> RiskTier:
        """Return the tier that holds a position of this value (the last one beyond all limits)."""
        for tier in self.tiers:
            if position_value_usdt <= tier.limit_usdt:
                return tier
        return self.tiers[-1]
