"""Stops and targets that were refused, or ended without being asked to.

The law: an event does not demand them again, a timer does; what stands at the venue is absent no more. What was asked
for together and refused, several pieces of one stop, was refused once; a stop or target that is not made smaller is
there. A target is an exit: it is asked for again ever less often, and as long as its position is held; a change of one
that was not carried out is a failure, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from runtime.account.layers import ScaledPosition
from runtime.orders.events import (
    PASSED,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderRejected,
    RequestEnded,
    RequestRefused,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Role
from runtime.orders.patience import wait_ms

LOST = "not_sent"  # the code of a change that provably was not carried out

Scope = tuple[Role, str | None]  # of a stop or target: the layer it covers, None for the position


@dataclass(frozen=True, slots=True)
class Absence:
    """Why protection is not there: `refusals` in a row with the `code` of the last one, "" for none.

    `counted_at`: when the one came that was counted last, ms UTC.
    """

    refusals: int = 0
    code: str = ""
    counted_at: int = -1

    def refused(self, code: str, asked_at: int, ts: int) -> Absence:
        """Return it after one more refusal, which is counted where it was asked for after the last one came."""
        if asked_at <= self.counted_at:
            return replace(self, code=PASSED if self.is_passed else code)
        return Absence(self.refusals + 1, code, ts)

    def is_due(self, ts: int) -> bool:
        """Return whether it has waited at `ts` (ms UTC) as long as so many refusals in a row make it wait."""
        return not self.refusals or ts - self.counted_at >= wait_ms(self.refusals)

    @property
    def is_passed(self) -> bool:
        """Return whether it was refused because the market is beyond its price."""
        return self.code == PASSED


Absences = dict[Scope, Absence]


def refusals(absences: Absences, scope: Scope) -> int:
    """Return how often in a row a stop or target was refused, 0 where it is not missing."""
    absence = absences.get(scope)
    return 0 if absence is None else absence.refusals


def protects(order: Order, position: ScaledPosition | None) -> bool:
    """Return whether an order is a stop or target of what is held now.

    One of the other side was of a position that is gone, also where a new one took its place.
    """
    if order.spec.role not in PROTECTIVE or position is None:
        return False
    return order.side is position.side.opposite


def note(absences: Absences, order: Order, event: Event, position: ScaledPosition | None) -> None:
    """Note what an event, which the order has applied, says about the protection of a position."""
    role, layer = order.spec.role, order.spec.layer
    if role not in PROTECTIVE:
        return
    match event:
        case OrderAccepted() | OrderAmended():
            is_as_asked = order.amending is None
        case OrderFilled():
            is_as_asked = not order.is_terminal
        case _:
            is_as_asked = False
    if is_as_asked:
        absences.pop((role, layer), None)
    if not protects(order, position) or order.leaving is not None:
        return  # it is not missed
    before = absences.get((role, layer), Absence())
    match event:
        case OrderRejected(code=code):
            absences[role, layer] = before.refused(code, order.spec.created_at, event.ts)
        case RequestRefused() | RequestEnded(outcome="not_sent") if order.is_uncut:
            pass  # it stands for what it should, and more: nothing is missing
        case RequestRefused(request="amend", code=code):
            absences[role, layer] = before.refused(code, order.asked_at, event.ts)
        case RequestEnded(request="amend", outcome="not_sent") if role is Role.TAKE_PROFIT:
            # It works where it was; late, it would move what is cancelled first: nobody waits for it.
            absences[role, layer] = before.refused(LOST, order.asked_at, event.ts)
        case OrderCancelled(reason="replaced"):
            pass  # asked for, and carried out without a wire between: no request says so
        case OrderCancelled() | OrderExpired():
            # Not missing for sure: the word of an order's end overtakes that of executions.
            absences[role, layer] = replace(before, code="")
        case _:
            pass
