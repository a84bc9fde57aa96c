"""Entries that wait until the exits of their close have ended.

The law: two requests over a wire arrive in any order. An entry of the other side that came first would net
the position, and its exit would find nothing to reduce; so it leaves when the exit has ended, and not at all
where that left something of the position.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from runtime.account.ledger import Ledger
from runtime.orders.commands import CancelOrder, Command, SubmitOrder
from runtime.orders.order_spec import Effect, OrderSpec, OrderType


@dataclass(slots=True)
class Held:
    """Entries by order id, each with the ids of the exits it waits for."""

    waits: dict[str, tuple[SubmitOrder, tuple[str, ...]]] = field(default_factory=dict)

    def keep(self, commands: Sequence[Command]) -> list[Command]:
        """Return what may leave of the commands of one close; a cancel of what is held is none."""
        exits = [
            command.spec
            for command in commands
            if isinstance(command, SubmitOrder) and _closes(command.spec)
        ]
        kept: list[Command] = []
        for command in commands:
            if isinstance(command, SubmitOrder) and command.spec.effect is Effect.OPEN:
                before = tuple(x.order_id for x in exits if x.side is command.spec.side)
                if before and not command.spec.carries:
                    self.waits[command.spec.order_id] = (command, before)
                    continue
            if not (isinstance(command, CancelOrder) and command.order_id in self.waits):
                kept.append(command)
        return kept

    def due(self, ledger: Ledger) -> Iterator[tuple[SubmitOrder, str]]:
        """Yield what waits no more, with why it is not to leave, "" where it may."""
        for order_id, (command, exits) in list(self.waits.items()):
            order, position = ledger.orders[order_id], ledger.position
            if order.is_terminal:  # nobody has it, and the venue was asked
                del self.waits[order_id]
            elif order.leaving is not None:
                del self.waits[order_id]
                yield command, order.leaving.reason
            elif all(ledger.orders[one].is_terminal for one in exits):
                del self.waits[order_id]
                is_left = position is not None and position.side is not order.side
                yield command, "would_flip" if is_left else ""


def _closes(spec: OrderSpec) -> bool:
    return spec.effect is Effect.REDUCE and spec.order_type is OrderType.MARKET
