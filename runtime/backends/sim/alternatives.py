"""Two ways to tell one bar, gone from the same state: which one is taken, and whether it matters.

The law: only what the order of events can change is gone on copies; the ledger of the run sees
exactly one way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from runtime.account.ledger import Ledger
from runtime.backends.base import Emit
from runtime.backends.sim.line import Pace, Precedence
from runtime.backends.sim.turns import Turns
from runtime.market.frame import Bar
from runtime.orders.events import Event
from runtime.orders.order_spec import Effect, OrderType


@dataclass(frozen=True, slots=True)
class Way:
    """How a jump or a path is told: which extreme first, who is met first, where mark is meanwhile."""

    is_low_first: bool = False  # of a path; a jump has no extremes
    precedence: Precedence = Precedence.NEAREST
    pace: Pace = Pace.BESIDE

    def at_other_paces(self) -> tuple[Way, ...]:
        """Return the same with mark before last, and with mark behind it."""
        return tuple(replace(self, pace=pace) for pace in (Pace.AHEAD, Pace.BEHIND))


Go = Callable[[Ledger, Emit, Turns], None]  # goes one way on a ledger


def is_contested(ledger: Ledger, bar: Bar, turns: Turns, *, others: int) -> bool:
    """Return whether the order of events inside the bar may matter at all.

    Two things are reached, or one that brings or moves another: an entry with protection, an entry
    on borrowed money, a stop-limit (its limit counts only after its trigger). `others` is how many
    things besides orders happen on the way: a liquidation, a funding time.
    """
    reached = [o for o in ledger.book.get_fillable_orders(bar) if not turns.is_over(o.order_id)]
    if reached and len(reached) + others > 1:
        return True
    for order in reached:
        if order.is_armed_stop and order.spec.order_type is OrderType.STOP_LIMIT:
            return True
        brings = order.stop_loss is not None or order.take_profit is not None
        if order.spec.effect is Effect.OPEN:
            return brings or bool(ledger.protection) or ledger.leverage > 1.0
    return others > 1


def outcome_of(go: Go, ledger: Ledger, turns: Turns, close: float) -> Ledger:
    """Return what the ledger would be after a way; the ledger itself is left alone."""
    copy = ledger.clone()

    def emit(event: Event) -> None:
        copy.apply(event)

    go(copy, emit, turns.clone())
    copy.close = close
    return copy


def differ(one: Ledger, two: Ledger) -> bool:
    """Return whether two outcomes differ in anything that a later bar or the result can see."""
    return _visible(one) != _visible(two)


def _visible(ledger: Ledger) -> tuple[object, ...]:
    position, account, counters = ledger.position, ledger.account, ledger.counters
    results = ledger.results
    held = None
    if position is not None:
        layers = [(x.layer_id, x.quantity, round(x.entry_price, 9)) for x in position.layers]
        held = (position.side, round(position.avg_entry_price, 9), layers)
    working = [
        (o.spec.role, o.side, o.remaining, o.limit_price, o.trigger_price, o.is_armed_stop)
        for o in ledger.book
    ]
    return (
        held,
        round(account.realized, 9),
        round(account.fees, 9),
        round(account.funding, 9),
        sorted(map(repr, working)),
        (
            counters.entry_bar,
            counters.exit_bar,
            counters.entries,
            counters.exits,
            counters.fundings,
        ),
        (results.last_entry, results.last_exit, results.exit_reason, results.initial_stop),
        (results.wins, results.losses, results.lost),
    )
