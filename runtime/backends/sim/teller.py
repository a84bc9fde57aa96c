"""Tells what happened and carries out at once what it demands, as a venue with no wire between would.

The law: what is demanded is decided in `runtime/consequences.py`; here it is only done. Orders that
stand somewhere new afterwards are left in `woken`, for the matcher to look at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field, replace

from runtime.account.standing import is_trailed_later, trail_in_force
from runtime.account.wanted import wanted
from runtime.backends.base import Emit
from runtime.backends.sim.scene import Scene
from runtime.consequences import after, upkeep
from runtime.orders.commands import AmendOrder, CancelOrder, Command, SetProtection, SubmitOrder
from runtime.orders.events import (
    EXPIRIES,
    Event,
    OrderAccepted,
    OrderAmended,
    OrderCancelled,
    OrderExpired,
    OrderFilled,
    OrderSubmitted,
    OrderTriggered,
    ProtectionChanged,
    TrailMoved,
)
from runtime.orders.order import Order
from runtime.orders.order_spec import PROTECTIVE, Effect, OrderSpec, Role


@dataclass(slots=True)
class Teller:
    """Speaks for the venue on one scene. `woken` are orders just made or moved, oldest first."""

    scene: Scene
    emit: Emit
    woken: deque[Order] = field(default_factory=deque)

    def tell(
        self, event: Event, *, waits: bool = False, moved: Collection[Role] = frozenset()
    ) -> None:
        """Tell an event and carry out what it demands. `waits`: what it makes arrives at the open.

        `moved` are the roles of the protection that the card moves by it: those stand at once, whenever
        protection that a fill brings becomes live.
        """
        ledger = self.scene.ledger
        self.emit(event)
        brought = ledger.brought(event)
        if brought is not None:
            self.emit(brought)
        layer = event.layer if isinstance(event, ProtectionChanged | TrailMoved) else None
        for command in after(event, ledger, at_once=True):
            if self._is_put_off(command):
                if self._what(command) not in {(r, layer) for r in moved}:
                    continue  # it is demanded again until it is done: at the close
                if isinstance(event, TrailMoved):  # it goes with the market, for the lots it has
                    command = self._without_more(command)
            self._carry_out(command, waits=waits, is_entry=isinstance(event, OrderFilled))
        for order in list(ledger.book):
            if order.dismissed and order.is_going:  # the cancel on its way would come too late
                self.cancel(order, order.dismissed)
            elif order.is_going:
                self._shed(order)

    def _shed(self, order: Order) -> None:
        """Take from an entry what it was to carry and that is closed: nobody amends what is going."""
        scene, position = self.scene, self.scene.ledger.position
        if order.spec.effect is not Effect.OPEN or not scene.terms.settings.policy.allow_flip:
            return
        is_against = position is not None and position.side is not order.side
        closes = position.quantity if position is not None and is_against else 0
        quantity = order.total_with(closes)
        if quantity < order.quantity:
            self.emit(
                OrderAmended(
                    order_id=order.order_id,
                    bar=scene.bar_index,
                    ts=scene.now,
                    quantity=quantity,
                    opens=order.opens,
                )
            )

    def settle(self) -> set[str]:
        """Do at a close what `attached: next_bar` put off; returns the orders that stand anew, or will at the open.

        Stop and trail are two levels: a trail that comes to a stop tightens it where it arrives, not before.
        """
        scene, later = self.scene, set[str]()
        for command in list(upkeep(scene.ledger, scene.bar_index, scene.now)):
            if isinstance(command, AmendOrder) and command.trigger_price is not None:
                if is_trailed_later(scene.ledger, scene.ledger.orders[command.order_id]):
                    later.add(command.order_id)
                    command = replace(command, trigger_price=None)
                    if command.quantity is None:
                        continue
            self._carry_out(command, waits=False, is_entry=False)
        still_woken = {order.order_id for order in self.woken}
        self.woken.clear()
        return still_woken | later

    def tighten(self) -> None:
        """Let in at the open the trails of the last bar: the stops that they tighten stand there now."""
        scene = self.scene
        later, scene.turns.trailed_later = scene.turns.trailed_later, set()
        for order in [x for x in scene.ledger.book if x.order_id in later]:
            level = trail_in_force(scene.ledger, order.spec.layer, scene.bar_index)
            if level is not None and level != order.trigger_price:
                command = AmendOrder(order_id=order.order_id, trigger_price=level)
                self._carry_out(command, waits=False, is_entry=False)

    def accept(self, spec: OrderSpec) -> Order:
        """Tell of an order that no card asked for: it is there and accepted at once."""
        scene, order_id = self.scene, spec.order_id
        self.emit(OrderSubmitted(spec=spec, bar=scene.bar_index, ts=scene.now))
        self.emit(
            OrderAccepted(
                order_id=order_id, exchange_order_id=order_id, bar=scene.bar_index, ts=scene.now
            )
        )
        return scene.ledger.orders[order_id]

    def trigger(self, order: Order) -> None:
        """Tell that a stop became live."""
        scene = self.scene
        self.emit(
            OrderTriggered(
                order_id=order.order_id, price=scene.takes_at, bar=scene.bar_index, ts=scene.now
            )
        )

    def cancel(self, order: Order, reason: str) -> None:
        """Tell that the venue cancelled an order."""
        scene = self.scene
        self.tell(
            OrderCancelled(
                order_id=order.order_id, reason=reason, bar=scene.bar_index, ts=scene.now
            )
        )

    def expire(self, order: Order, reason: str) -> None:
        """Tell that an order's time was up on arrival."""
        scene = self.scene
        self.tell(
            OrderExpired(order_id=order.order_id, reason=reason, bar=scene.bar_index, ts=scene.now)
        )

    # ------------------------------------------------------------ what follows

    def _carry_out(self, command: Command, *, waits: bool, is_entry: bool) -> None:
        match command:
            case CancelOrder():
                self.emit(ended(command, self.scene.bar_index, self.scene.now))
            case AmendOrder():
                self._amend(command, waits=waits)
            case SubmitOrder(spec=spec):
                # One demanded before it may have been put off: that one has not taken its number.
                spec = replace(spec, order_id=self.scene.ledger.made_id())
                self._make(self.accept(spec), waits=waits, is_entry=is_entry)
            case SetProtection():
                raise AssertionError("an event changes protection by what it brings")

    def _what(self, command: Command) -> tuple[Role, str | None]:
        """Return the role and the layer of the order that a command is about."""
        if isinstance(command, SubmitOrder):
            return command.spec.role, command.spec.layer
        assert not isinstance(command, SetProtection)
        spec = self.scene.ledger.orders[command.order_id].spec
        return spec.role, spec.layer

    def _without_more(self, command: Command) -> Command:
        """Return a change of protection without the lots that came in and have to wait."""
        if not isinstance(command, AmendOrder) or command.quantity is None:
            return command
        is_more = command.quantity > self.scene.ledger.orders[command.order_id].quantity
        return replace(command, quantity=None) if is_more else command

    def _is_put_off(self, command: Command) -> bool:
        """Return whether a command asks for more protection, or another level of it, before it may."""
        if not self.scene.terms.settings.execution.attached.waits:
            return False
        match command:
            case SubmitOrder():
                return True
            case AmendOrder():
                order = self.scene.ledger.orders[command.order_id]
                is_moved = command.limit_price is not None or command.trigger_price is not None
                is_more = command.quantity is not None and command.quantity > order.quantity
                return order.spec.role in PROTECTIVE and (is_moved or is_more)
            case CancelOrder(reason="replaced"):
                return self._what(command) in wanted(self.scene.ledger)  # by one of another type
            case _:
                return False

    def _make(self, order: Order, *, waits: bool, is_entry: bool) -> None:
        turns = self.scene.turns
        if is_entry and order.spec.role is Role.STOP_LOSS:
            turns.brought.add(order.order_id)
        if waits:
            turns.late[order.order_id] = 0
        else:
            self.scene.live_from_here(order)
            self.woken.append(order)

    def _amend(self, command: AmendOrder, *, waits: bool) -> None:
        scene = self.scene
        order = scene.ledger.orders[command.order_id]
        had = order.remaining
        self.emit(
            OrderAmended(
                order_id=command.order_id,
                bar=scene.bar_index,
                ts=scene.now,
                quantity=command.quantity,
                opens=command.opens,
                limit_price=command.limit_price,
                trigger_price=command.trigger_price,
            )
        )
        is_moved = command.limit_price is not None or command.trigger_price is not None
        if waits and order.spec.role in PROTECTIVE:
            # What a stop met on the jump brought in was bought at the open: what protects it arrives
            # there, a target that the jump has passed takes what it had before.
            scene.turns.late.setdefault(order.order_id, 0 if is_moved else had)
        elif is_moved:
            scene.live_from_here(order)
            self.woken.append(order)


def ended(command: CancelOrder, bar: int, ts: int) -> OrderCancelled | OrderExpired:
    """Return the event of a cancel that was carried out: a time to live ends as an expiry."""
    end = OrderExpired if command.reason in EXPIRIES else OrderCancelled
    return end(order_id=command.order_id, reason=command.reason, bar=bar, ts=ts)
