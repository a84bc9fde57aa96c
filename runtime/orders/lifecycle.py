"""The life of an order: one table, one machine as a rule book for all orders of every backend.

Rows have no guards: an event is split by the resulting quantity before it is fired. Requests in
flight and uncertainty are attributes of an order, not states.
Only this module imports `transitions`.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple, Protocol

from runtime.errors import IllegalTransition


class OrderStatus(StrEnum):
    PENDING = "pending"
    PARTIAL = "partial"
    FILLED = "filled"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REJECTED = "rejected"


TERMINAL = frozenset(
    {OrderStatus.FILLED, OrderStatus.EXPIRED, OrderStatus.CANCELLED, OrderStatus.REJECTED}
)
CANCELLABLE = frozenset({OrderStatus.PENDING, OrderStatus.PARTIAL})


class Living(Protocol):
    """What the machine moves along the table: it writes `state`, the name of a status."""

    state: str

    @property
    def order_id(self) -> str: ...


class Row(NamedTuple):
    trigger: str
    source: OrderStatus
    target: OrderStatus
    note: str = ""


_S = OrderStatus
TRANSITIONS: tuple[Row, ...] = (
    Row("accept", _S.PENDING, _S.PENDING, "the venue has it"),
    Row("activate", _S.PENDING, _S.PENDING, "a stop became live"),
    Row("fill_part", _S.PENDING, _S.PARTIAL, "an execution, something remains"),
    Row("fill_part", _S.PARTIAL, _S.PARTIAL, "an execution, something remains"),
    Row("fill_all", _S.PENDING, _S.FILLED, "an execution, nothing remains"),
    Row("fill_all", _S.PARTIAL, _S.FILLED, "an execution, nothing remains"),
    Row("amend", _S.PENDING, _S.PENDING, "price or total quantity changed"),
    Row("amend", _S.PARTIAL, _S.PARTIAL, "price or total quantity changed"),
    Row("cancel", _S.PENDING, _S.CANCELLED, ""),
    Row("cancel", _S.PARTIAL, _S.CANCELLED, "what was filled stays filled"),
    Row("expire", _S.PENDING, _S.EXPIRED, "ttl, ioc or fok"),
    Row("expire", _S.PARTIAL, _S.EXPIRED, "ttl or ioc: the remainder"),
    Row("reject", _S.PENDING, _S.REJECTED, ""),
    # Venue reality: an execution reported after the end is booked once; the order stays closed.
    Row("fill_late", _S.CANCELLED, _S.CANCELLED, "venue reality"),
    Row("fill_late", _S.EXPIRED, _S.EXPIRED, "venue reality"),
    Row("fill_late", _S.REJECTED, _S.REJECTED, "venue reality"),
)
TRIGGERS: tuple[str, ...] = tuple(dict.fromkeys(row.trigger for row in TRANSITIONS))


@cache
def machine() -> Any:
    """Return the shared `transitions` machine; it holds no models, so it costs nothing per order.

    Measured on transitions 0.9: `add_model` costs kilobytes an order and skips models that compare
    equal.
    """
    from transitions import Machine

    return Machine(
        model=None,
        states=[status.value for status in OrderStatus],
        transitions=[
            {"trigger": row.trigger, "source": row.source.value, "dest": row.target.value}
            for row in TRANSITIONS
        ],
        initial=OrderStatus.PENDING.value,
        auto_transitions=False,
    )


@cache
def _moves() -> dict[tuple[str, str], str]:
    """Return (trigger, state) -> state, as the machine has them.

    COST: a look-up takes a thirtieth of what the machine takes to fire, and an order has many events.
    """
    return {
        (trigger, source): row.dest
        for trigger, event in machine().events.items()
        for source, rows in event.transitions.items()
        for row in rows
    }


def fire(order: Living, trigger: str) -> None:
    """Move an order along one row of the table; IllegalTransition when there is none."""
    target = _moves().get((trigger, order.state))
    if target is None:
        raise IllegalTransition(
            f"order {order.order_id} is {order.state}: `{trigger}` is not allowed"
        )
    order.state = target


def allowed(status: OrderStatus, trigger: str) -> bool:
    """Return whether the table has a row for a trigger in a status."""
    return any(row.trigger == trigger and row.source is status for row in TRANSITIONS)
