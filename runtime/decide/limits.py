"""What a limit of the card does where it stands: no entry is accepted, none works on, and, where the card
says so, the position is closed.

The law: asked at every close before any block; what it cancels and closes counts as done for the rest of it.
"""

from __future__ import annotations

from contextlib import suppress

from compiler.catalog.limits import Limit
from compiler.catalog.orders import OptionName
from compiler.graph.rule_graph import ActionNode
from runtime.decide.cancel import cancelled
from runtime.decide.context import Context
from runtime.decide.intent import Intent
from runtime.decide.leave import leave
from runtime.decide.refusals import RefusalCode, Refused
from runtime.orders.commands import Decided
from runtime.orders.order_spec import Effect


def check_limits(context: Context) -> None:
    """Refuse an entry while a limit stands."""
    course = context.capacity.ledger.course
    if course is None or not course.standing.hit:
        return
    limit = course.standing.hit[0]
    most = getattr(context.settings.limits, limit.value)
    text = f"`limits.{limit}` is {most:g}: it is lifted {limit.lifted}"
    raise Refused(RefusalCode.LIMIT, text, limit.value)


def stopped(context: Context) -> list[Decided]:
    """Return the cancels of working entries and the exit that the limits that stand demand."""
    capacity = context.capacity
    course = capacity.ledger.course
    if course is None or not course.standing.hit:
        return []
    reason = reason_of(course.standing.hit[0])
    commands: list[Decided] = []
    for order in list(capacity.ledger.book):
        is_entry = order.is_own and order.spec.effect is Effect.OPEN
        if is_entry and order.order_id not in capacity.gone:
            commands += cancelled(context, order, reason)
    closing = course.standing.closing
    if closing is not None and capacity.exit_room(at_market=True):
        options = ((OptionName.REASON, reason_of(closing)),)
        with suppress(Refused):  # less than the instrument's smallest quantity: nothing to be sold
            commands += leave(context, Intent(ActionNode("exit_all", options=options)))
    return commands


def reason_of(limit: Limit) -> str:
    return f"limit:{limit.value}"
