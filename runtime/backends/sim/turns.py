"""Who has had a turn on this (finer) bar, from where on who is live, and what volume is left.

The law: an order has one turn on a bar; what it gets then is all the bar has for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from runtime.backends.sim.budget import Budget
from runtime.backends.sim.fill_models import takeable
from runtime.backends.sim.terms import Terms
from runtime.formulas.shares import whole_lots
from runtime.market.frame import Bar
from runtime.orders.order_spec import Side


@dataclass(slots=True)
class Turns:
    """State of one (finer) bar, thrown away with it."""

    buys: Budget
    sells: Budget
    done: set[str] = field(default_factory=set)
    since: dict[str, float] = field(default_factory=dict)  # order -> place it is live from
    brought: set[str] = field(default_factory=set)  # stops that were breached when they came
    # What the jump made or enlarged and only the open lets in: order -> lots it has before that.
    late: dict[str, int] = field(default_factory=dict)
    # What the open serves, not the jump: limits beyond the last close, and those on their way to a price
    # that the jump passes.
    marketable: set[str] = field(default_factory=set)
    moving: set[str] = field(default_factory=set)
    # Stops that a trail of the last bar is to tighten: on the jump they stand where they stood.
    trailed_later: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, bar: Bar, terms: Terms) -> Turns:
        """Return what a bar starts with."""
        # Without end where a position is valued at a last bar that nobody traded: limits get none of it.
        uses = terms.fills.uses_volume and 0.0 < bar.volume < math.inf
        most = takeable(bar, terms.instrument, terms.fills) if uses else 0
        volume = whole_lots(bar.volume, terms.instrument.lot) if uses else 0
        return cls(Budget(1, most, volume), Budget(-1, most, volume))

    def budget(self, side: Side) -> Budget:
        return self.buys if side is Side.BUY else self.sells

    def is_over(self, order_id: str) -> bool:
        """Return whether the bar has nothing for an order, no more or not before the open."""
        waits = order_id in self.marketable or order_id in self.moving
        waits = waits or self.late.get(order_id) == 0
        return waits or order_id in self.done

    def clone(self) -> Turns:
        return Turns(
            self.buys.clone(),
            self.sells.clone(),
            set(self.done),
            dict(self.since),
            set(self.brought),
            dict(self.late),
            set(self.marketable),
            set(self.moving),
            set(self.trailed_later),
        )
