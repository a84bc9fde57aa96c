"""Instrument facts and all rounding. Prices are canonical tick multiples, quantities integer lots."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass
from itertools import pairwise

from runtime.formulas.margin import largest_value
from runtime.formulas.rounding import (
    multiple,
    nearest_steps,
    price_above,
    price_below,
    steps_below,
)


@dataclass(frozen=True, slots=True)
class RiskTier:
    """A venue risk tier: up to `limit_usdt` of position value. Rates are fractions."""

    limit_usdt: float
    maintenance_margin_rate: float
    max_leverage: float
    deduction_usdt: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """Facts of one USDT linear perpetual; `as_of` is the date they were read (ISO).

    `venue` and `market` say whose they are, empty where a person gave them; `guessed` says which of
    them nobody read.

    `tiers` rise in value and fall in leverage; empty where nobody knows them: then a card's own
    maintenance rate is all there is.
    """

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
    venue: str = ""
    market: str = ""
    guessed: str = ""

    def round_price(self, price: float) -> float:
        """Return the nearest tick multiple: the one canonical form of a price."""
        return multiple(nearest_steps(price, self.tick), self.tick)

    def on_grid(self, price: float) -> float:
        """Return a computed price, as the price of the grid where it is one but for its last bits."""
        near = self.round_price(price)
        return near if abs(near - price) <= 1e-9 * price else price

    def floor_price(self, price: float) -> float:
        """Return the largest tick multiple not above `price` (within 1e-9 of a tick)."""
        return price_below(price, self.tick)

    def ceil_price(self, price: float) -> float:
        """Return the smallest tick multiple not below `price` (within 1e-9 of a tick)."""
        return price_above(price, self.tick)

    def price_of(self, ticks: int) -> float:
        """Return the canonical float of a whole number of ticks."""
        return multiple(ticks, self.tick)

    def ticks(self, price: float) -> int:
        return nearest_steps(price, self.tick)

    def lots_for_notional(self, notional_usdt: float, price: float) -> int:
        """Return the whole lots a notional buys at a price, rounded down."""
        return self.lots_for_base(notional_usdt / price)

    def lots_for_base(self, base: float) -> int:
        return max(0, steps_below(base, self.lot))

    def base(self, lots: int) -> float:
        """Return base units of a whole number of lots, as its canonical float."""
        return multiple(lots, self.lot)

    def notional(self, lots: int, price: float) -> float:
        return self.base(lots) * price

    def tier(self, position_value_usdt: float) -> RiskTier:
        """Return the tier that holds a position of this value (the last one beyond all limits)."""
        for tier in self.tiers:
            if position_value_usdt <= tier.limit_usdt:
                return tier
        return self.tiers[-1]

    def largest_value_usdt(self, leverage: float) -> float:
        """Return the largest position value that may stand at a leverage, 0.0 where none may.

        Without tiers nothing is known to forbid one.
        """
        if leverage > self.max_leverage:
            return 0.0
        if not self.tiers:
            return math.inf
        limits = array("d", [tier.limit_usdt for tier in self.tiers])
        return largest_value(leverage, limits, array("d", [t.max_leverage for t in self.tiers]))


def impossible(facts: Instrument) -> str:
    """Return what no contract can have and what it should be, "" where nothing is wrong.

    A step larger than the largest quantity shows as a largest quantity of no lots.
    """
    tiers = facts.tiers
    wrong = (
        ("tick", facts.tick, 0 < facts.tick < math.inf, "a price above 0"),
        ("lot", facts.lot, 0 < facts.lot < math.inf, "a quantity above 0"),
        ("smallest order", facts.min_lots, facts.min_lots >= 1, "one lot at least"),
        ("largest order", facts.max_lots, facts.max_lots >= facts.min_lots, "the smallest order at least"),
        ("largest market order", facts.max_market_lots, facts.max_market_lots >= facts.min_lots,
         "the smallest order at least"),
        ("least notional", facts.min_notional_usdt, 0 <= facts.min_notional_usdt < math.inf, "USDT, 0 or more"),
        ("largest leverage", facts.max_leverage, 1 <= facts.max_leverage < math.inf, "1 or more"),
        ("funding interval", facts.funding_interval_minutes, facts.funding_interval_minutes > 0, "minutes, above 0"),
        *(("risk tier", tier, _is_possible(tier), "a limit above 0, a rate of 0 to 1, a leverage of 1 or more")
          for tier in tiers),
        ("risk tiers", [tier.limit_usdt for tier in tiers],
         all(a.limit_usdt < b.limit_usdt for a, b in pairwise(tiers)), "limits that rise"),
    )  # fmt: skip
    return "; ".join(
        f"{name} is {found}, expected {expected}"
        for name, found, is_well, expected in wrong
        if not is_well
    )


def _is_possible(tier: RiskTier) -> bool:
    return (
        0 < tier.limit_usdt < math.inf
        and 0 <= tier.maintenance_margin_rate < 1
        and 1 <= tier.max_leverage < math.inf
    )
