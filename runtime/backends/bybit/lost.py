"""Orders with a name of this run that its journal lacks: sent while that took nothing, by a process that is gone.

The law: what protects or exits leaves without a journal, so the next start may find it at the venue. It is found
by its name and adopted for what it is, once ledger and venue hold the same position: nothing is doubled for
long, and nothing of ours is left behind. Whatever else has such a name is taken in as an order of others, and so
is a stop that would be too much of what it comes to, while all stops are for no more than what is held: it may be that
of a layer whose entry the journal lacks, and what is adopted too much is cancelled.

Where there is one, the process before has decided what nobody wrote down: no close that it may have seen is decided
again, and a stop that stands tighter than the journal knows stays there.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace

from runtime.account.absence import Scope
from runtime.account.ledger import Ledger
from runtime.account.wanted import wanted
from runtime.backends.bybit.messages import Execution, OrderUpdate
from runtime.backends.bybit.names import LinkNames
from runtime.backends.bybit.outside import of_row
from runtime.backends.bybit.vocabulary import Status
from runtime.formulas.sums import whole
from runtime.orders.events import ProtectionChanged
from runtime.orders.naming import Naming, number_of
from runtime.orders.order import Order
from runtime.orders.order_spec import (
    PROTECTIVE,
    Effect,
    Level,
    LevelKind,
    OrderSpec,
    OrderType,
    Role,
)
from runtime.orders.trailing import nearer

_LIVES = (Status.OPEN, Status.UNTRIGGERED)
_RISES = 1  # VENUE: docs/v5/enum, triggerDirection


@dataclass(slots=True)
class Lost:
    """Newest rows of such orders, until they are judged. `since`: when this process began, ms UTC, by our clock.

    `is_found`: there is such an order. `agreed_at`: when the newest look was asked in which ledger and venue agreed.
    """

    since: int = 0
    is_found: bool = False
    agreed_at: int = 0
    has_agreed: bool = False  # ledger and venue, since then: what stood before is known
    rows: dict[str, OrderUpdate] = field(default_factory=dict)  # by our id

    def see(
        self,
        rows: Iterable[OrderUpdate | Execution],
        ledger: Ledger,
        names: LinkNames,
        has_booked: Callable[[str], bool],
    ) -> None:
        """Take what a look has brought, before anything of it is told; `has_booked` an execution by its id."""
        for row in rows:
            order_id = names.order_id(row.order_id)
            if order_id is None or order_id in ledger.orders:
                continue
            is_news = isinstance(row, OrderUpdate) or not has_booked(row.execution_id)
            if is_news and ledger.naming.is_of_the_past(order_id):
                self.is_found = True

    def has_acted(self, naming: Naming, settle_ms: int) -> bool | None:
        """Return whether the process before has acted without its journal; None: not known yet.

        There is nothing where a look that was asked a settle time after this process began shows nothing: what that
        one sent has had its effect by then.
        """
        if self.is_found or not naming.marks[:-1]:
            return self.is_found
        is_known = self.agreed_at >= self.since + settle_ms and not self.rows
        return False if is_known else None

    def tightened(
        self, order: Order, row: OrderUpdate, ledger: Ledger, bar: int
    ) -> tuple[ProtectionChanged, ...]:
        """Return the wish of which a changed row of a stop shows that the process before has carried it out."""
        position, layer, at = ledger.position, order.spec.layer, row.trigger_price
        held, stop = ledger.protection.get(layer), ledger.stop_price(layer)
        if not self.is_found or self.has_agreed or order.spec.role is not Role.STOP_LOSS:
            return ()
        if position is None or held is None or held.trail is not None or at is None:
            return ()
        if stop is None or nearer(position.side.sign, stop, at) == stop:
            return ()
        return (
            ProtectionChanged(
                stop_loss=Level(LevelKind.LEVEL, at), take_profit=held.take_profit, layer=layer,
                bar=bar, ts=row.updated_at, take_profit_type=held.take_profit_type,
            ),
        )  # fmt: skip

    def takes(self, row: OrderUpdate, names: LinkNames, naming: Naming) -> bool:
        """Take a row of an order that nobody knows; returns whether it is to be judged later.

        One that came after this process has begun and agreed with the venue was sent by another that lives, with a
        copy of the journal. Before that nobody asks when it came: our clock may be behind.
        """
        order_id = names.order_id(row.order_id)
        if order_id is None or not naming.is_of_the_past(order_id):
            return False
        if row.status not in _LIVES:
            self.rows.pop(order_id, None)
            return False
        is_late = self.has_agreed and row.created_at > self.since and order_id not in self.rows
        if not row.reduce_only or is_late:
            return False
        self.rows[order_id] = row
        return True

    def judged(
        self, ledger: Ledger, asked: Container[str]
    ) -> list[tuple[OrderUpdate, OrderSpec | None]]:
        """Return what waits as the order of ours that it is, None where the position should have no such order.

        The ledger holds what the venue does. Nothing is judged beside a stop or target of which nobody knows whether
        it stands (`asked`: orders that are being asked about): what is adopted too much is cancelled, and must not be
        the only one there is: no adoption takes its stop from a lot that has one.
        """
        if any(
            order.spec.role in PROTECTIVE and (order.in_flight or order.order_id in asked)
            for order in ledger.book
        ):
            return []
        self.has_agreed = True
        rows, self.rows = self.rows, {}
        found = list[tuple[OrderUpdate, OrderSpec | None]]()
        for order_id, row in rows.items():
            spec = _adopted(order_id, row, ledger)
            if spec is not None and _covers_more(row, spec, found, ledger):
                spec = None
            found.append((row, spec))
        return found


def _adopted(order_id: str, row: OrderUpdate, ledger: Ledger) -> OrderSpec | None:
    scope = _scope(row, ledger) if number_of(order_id, "v") is not None else (Role.EXIT, None)
    if scope is None:
        return None
    role, layer = scope
    return replace(
        of_row(row),
        order_id=order_id,
        effect=Effect.REDUCE,
        role=role,
        reduce_only=True,
        layer=layer,
        parent_id=layer,
        created_bar=ledger.bar,
        reason=role.value,
    )


def _covers_more(
    row: OrderUpdate,
    spec: OrderSpec,
    found: Iterable[tuple[OrderUpdate, OrderSpec | None]],
    ledger: Ledger,
) -> bool:
    """Return whether a stop is too much where it would be adopted, and covers what no other stop does.

    `found`: stops that were judged before it, in the same look.
    """
    goal, position = wanted(ledger).get((spec.role, spec.layer)), ledger.position
    if spec.role is not Role.STOP_LOSS or goal is None or position is None:
        return False
    stops = [(o.spec.layer, o.remaining) for o in ledger.book if o.spec.role is Role.STOP_LOSS]
    stops += [
        (one.order_id if of is None else of.layer, one.quantity - one.filled)
        for one, of in found
        if _is_stop(one)
    ]
    lots = row.quantity - row.filled
    there = whole(n for layer, n in stops if layer == spec.layer)
    return there + lots > goal.lots and whole(n for _, n in stops) + lots <= position.quantity


def _is_stop(row: OrderUpdate) -> bool:
    return row.trigger_price is not None and (
        (row.trigger_direction == _RISES) == (row.side.sign > 0)
    )


def _scope(row: OrderUpdate, ledger: Ledger) -> Scope | None:
    """Return what a stop or target covers: of the kind that it is, what should stand nearest to where it does."""
    price = row.limit_price if row.trigger_price is None else row.trigger_price
    if price is None or row.order_type is OrderType.MARKET:
        return None
    role = Role.STOP_LOSS if _is_stop(row) else Role.TAKE_PROFIT
    if ledger.position is None or row.side is ledger.position.side:
        return role, None  # what it protected is gone: it is cancelled as whatever is left over
    near = [
        (abs(target.price - price), scope)
        for scope, target in wanted(ledger).items()
        if scope[0] is role and target.is_limit == (row.trigger_price is None)
    ]
    return min(near, key=lambda one: one[0])[1] if near else None
