"""What a turn, or an execution of one, leaves to do: to give back what it has opened too much, or to close what it has left.

The law: a turn closes what is held and opens its own size. What it opens beyond that, another having closed what it carried,
is given back; what it leaves of the position, its order having rested and not grown with that, is closed. Both are owed as
exits at market, out of the position of that moment, and told.
"""

from __future__ import annotations

from dataclasses import replace

from runtime.account.ledger import Ledger
from runtime.account.turning import left_to_close, to_close_now, to_take_back
from runtime.backends.base import Loudness, Notice
from runtime.live.owed import Attempt, Owed, position_number
from runtime.orders.events import OrderFilled
from runtime.orders.order import Order
from runtime.orders.order_spec import TOO_FAR, Effect, OrderSpec

TOO_SHORT = "turned_too_short"


def owed_by_turn(event: OrderFilled, ledger: Ledger, ts: int) -> tuple[Owed, Notice] | None:
    """Return what an applied execution makes owed, and what is told of it; None where nothing is."""
    order = ledger.orders[event.order_id]
    if order.fills[-1] is not event:
        return None
    if spec := to_take_back(order, ledger):
        said = f"{order.order_id} was to open {order.opens} lots and has opened {order.done}"
        is_late = order.spec.effect is not Effect.OPEN  # what it closed before may still be told
        if is_late:
            said = f"{order.order_id}, told late, closed what a turn was to close"
        text = f"{said}: {spec.quantity} lots too many are given back at market"
        return _owed(spec, ledger, ts * is_late), _notice(TOO_FAR, text, ts)
    if spec := to_close_now(order, ledger):
        name, total = order.spec.name, order.totals[-1][0]
        text = (
            f"`{name}` was to turn what is held with {total} lots and had {order.filled}: {spec.quantity} more are closed at "
            f"market, and {order.opened} of {order.opens} were opened"
        )
        return _owed(spec, ledger, 0), _notice(TOO_SHORT, text, ts)  # an execution tells the total
    return None


def left_by_turn(order: Order, asked: Attempt, ledger: Ledger) -> Owed | None:
    """Return what a turn that has ended was to close and has not, as an exit that is due at once; None where nothing.

    No exit has failed yet, so nothing is waited for. What a card or a person took back is not owed. It was to close the position
    of its close, or what an entry of that close has opened since.
    """
    spec, position = left_to_close(order, ledger), ledger.position
    if spec is None or position is None:
        return None
    first = ledger.orders.get(position.layers[0].order_id)
    is_of_its_close = first is not None and first.spec.created_at == order.spec.created_at
    if position.number != asked.position and not is_of_its_close:
        return None
    return Owed(spec, spec.quantity, replace(asked, position=position.number), 0)


def _owed(spec: OrderSpec, ledger: Ledger, since: int) -> Owed:
    last = Attempt(spec.order_id, spec.order_id, position_number(ledger))
    return Owed(spec, spec.quantity, last, since)


def _notice(kind: str, text: str, ts: int) -> Notice:
    return Notice(kind=kind, loudness=Loudness.ALARM, text=text, ts=ts)
