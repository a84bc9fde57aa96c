"""Where price stands: which bar of which run, how far along its way, and what happened on it so far.

The law: nothing traded between the last close and the open, so who takes on the jump takes at the open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from runtime.account.ledger import Ledger
from runtime.backends.sim.path import Path, rest_of
from runtime.backends.sim.tally import Tally
from runtime.backends.sim.terms import Numbering, Terms
from runtime.backends.sim.turns import Turns
from runtime.market.frame import Bar
from runtime.orders.order import Order


class Phase(StrEnum):
    """What price is doing."""

    JUMP = "jump"  # from the last traded close to the open
    OPEN = "open"
    PATH = "path"


@dataclass(slots=True, kw_only=True)
class Scene:
    """One (finer) bar of one run. `bar_index` is the exec bar; times are ms UTC.

    `before` is the last traded close. `place` counts along the way: -1…0 the jump, 0…3 the path.
    """

    terms: Terms
    ledger: Ledger
    numbering: Numbering
    tally: Tally
    turns: Turns
    bar: Bar
    path: Path
    bar_index: int
    ts: int
    interval_ms: int
    before: float
    going: frozenset[str] = frozenset()  # orders whose cancel is on its way
    is_hole: bool = False  # a mark bar of the hole before the exec bar
    phase: Phase = Phase.OPEN
    price: float = 0.0
    place: float = 0.0

    @property
    def trades(self) -> bool:
        """Return whether anything traded in the bar: where nothing did, last prices meet nobody."""
        return self.bar.volume != 0.0

    @property
    def now(self) -> int:
        """Return the time of the current place: the path takes the whole bar evenly."""
        return self.ts + int(self.interval_ms * min(max(self.place, 0.0) / 3.0, 1.0))

    @property
    def along(self) -> float:
        """Return the place along the exec bar's own path: what came before its open stands at it."""
        return 0.0 if self.is_hole else max(self.place, 0.0)

    @property
    def takes_at(self) -> float:
        """Return the price at which somebody who takes here is served, before slippage."""
        return self.bar.open if self.phase is Phase.JUMP else self.price

    def bar_of(self, order: Order) -> Bar:
        """Return the part of the bar that an order sees: all of it, or what came after it."""
        since = self.turns.since.get(order.order_id)
        return self.bar if since is None else rest_of(self.bar, self.path, since)

    def live_from_here(self, order: Order) -> None:
        """Note that what the bar did before is not an order's; the open lets in for the whole bar."""
        if self.phase is Phase.PATH:
            self.turns.since[order.order_id] = self.place

    def is_passed(self, order: Order) -> bool:
        """Return whether price stands at or beyond a trigger, or strictly beyond a limit."""
        sign = order.side.sign
        if order.is_armed_stop:
            assert order.trigger_price is not None
            beyond = sign * (self.price - order.trigger_price)
            return beyond <= 0 if order.is_target else beyond >= 0
        return order.limit_price is not None and sign * (order.limit_price - self.price) > 0

    def hold_price(self, order: Order, reference: float, *, is_maker: bool) -> None:
        """Hold the price of an execution, before slippage, to what was there and to the order's own.

        INVARIANT: it lies in the bar, is the open, or lies on the jump; no maker gets a better price
        than its own, but for session markets and for what the market had left behind.
        """
        slack = self.terms.instrument.tick * 1e-6
        low, high = self.bar.low, self.bar.high
        if self.phase is not Phase.PATH:
            low, high = min(self.bar.open, self.before), max(self.bar.open, self.before)
        inside = low - slack <= reference <= high + slack
        assert inside, f"fill of {order.order_id} at {reference} outside {self.bar}"
        limit, trigger, sign = order.limit_price, order.trigger_price, order.side.sign
        if limit is not None:
            better = sign * (limit - reference)
            assert better >= -slack, f"fill of {order.order_id} at {reference} beyond {limit}"
            may_gain = not is_maker or self.terms.gap_improves or order.spec.post_only
            assert better <= slack or may_gain, "a maker got a better price"
        elif trigger is not None and not order.is_target:
            beyond = max(sign * (reference - trigger), sign * (self.before - trigger))
            assert beyond >= -slack, "a stop got a better price"
