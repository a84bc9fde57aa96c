"""Exits of the card that came to nothing: asked again until they are done or nothing is left to close.

The law: an exit at market is never given up silently. One that was refused, got lost or found too little in the
book is asked again for what it left; a newer one of the card, as large, takes its place. Three that fail in a row
halt, and it goes on. One that is larger than the venue's largest market order leaves in pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from runtime.account.ledger import Ledger
from runtime.consequences import ATTEMPTS
from runtime.orders.commands import Command, SubmitOrder
from runtime.orders.events import Event, OrderCancelled, OrderExpired, OrderRejected
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, OrderType, Role
from runtime.orders.patience import wait_ms
from runtime.orders.pieces import pieces

OVER_LARGEST = "over_largest"  # an exit that does not leave as it is, and is no failure


def too_large(command: Command, ledger: Ledger) -> bool:
    """Return whether a command is an exit of the card that the venue takes only in pieces."""
    if not isinstance(command, SubmitOrder):
        return False
    spec = command.spec
    is_exit = spec.role is Role.EXIT and spec.order_type is OrderType.MARKET
    return is_exit and spec.quantity > ledger.instrument.max_market_lots


def came_to_nothing(event: Event, ledger: Ledger) -> Order | None:
    """Return the exit that an applied event ends although nobody asked for its end, None for all else.

    A resting one counts only where it was refused: what ends later has been there to be seen.
    """
    if not isinstance(event, OrderRejected | OrderCancelled | OrderExpired):
        return None
    order, position = ledger.orders[event.order_id], ledger.position
    if order.spec.role is not Role.EXIT or order.leaving is not None or order.dismissed:
        return None
    if position is None or order.side is position.side or not order.remaining:
        return None
    is_at_market = order.spec.order_type is OrderType.MARKET
    return order if is_at_market or isinstance(event, OrderRejected) else None


@dataclass(frozen=True, slots=True)
class Owed:
    """What an exit left open: lots, how many attempts have failed, and when the last of them did (ms UTC)."""

    spec: OrderSpec
    lots: int
    failed: int
    since: int


@dataclass(slots=True)
class Exits:
    """Exits at market that are owed, by the id of the card's own order.

    `tried`: attempts on their way, with the id of that order and the failures before.
    """

    owed: dict[str, Owed] = field(default_factory=dict)
    tried: dict[str, tuple[str, int]] = field(default_factory=dict)

    def heard(self, event: Event, ledger: Ledger, ts: int) -> None:
        """Take an applied event."""
        order = came_to_nothing(event, ledger)
        if order is not None and order.spec.order_type is OrderType.MARKET:
            first, failed = self.tried.pop(order.order_id, (order.order_id, 0))
            if order.reason == OVER_LARGEST:
                failed, ts = failed - 1, 0  # nobody has refused it, and it is due
            self.owed[first] = Owed(order.spec, order.remaining, failed + 1, ts)

    @property
    def has_failed(self) -> bool:
        """Return whether an exit has failed as often as is borne."""
        return any(one.failed >= ATTEMPTS for one in self.owed.values())

    def due(self, ledger: Ledger, ts: int) -> list[Command]:
        """Return what a timer asks for; no exit of a position that is gone, none beside a close of everything."""
        self._settle(ledger)
        if any(order.spec.role is Role.CLOSE_AT_END for order in ledger.book):
            return []
        commands: list[Command] = []
        for name, one in list(self.owed.items()):
            if ts - one.since < wait_ms(one.failed):
                continue
            del self.owed[name]
            for part, spec in _again(name, one, ledger, ts):
                self.tried[spec.order_id] = part, one.failed
                commands.append(SubmitOrder(spec=spec))
        return commands

    def _settle(self, ledger: Ledger) -> None:
        """Drop what nobody owes any more, and attempts that have ended."""
        position = ledger.position
        newer = [
            o for o in ledger.book if o.spec.role is Role.EXIT and o.order_id not in self.tried
        ]
        for name, one in list(self.owed.items()):
            is_gone = position is None or position.side is one.spec.side
            is_asked = any(
                order.spec.order_type is OrderType.MARKET
                and order.side is one.spec.side
                and order.remaining >= one.lots
                for order in newer
            )
            if is_gone or is_asked:
                del self.owed[name]
        working = {order.order_id for order in ledger.book}
        self.tried = {name: n for name, n in self.tried.items() if name in working}


def _again(name: str, one: Owed, ledger: Ledger, ts: int) -> Iterator[tuple[str, OrderSpec]]:
    """Yield the next attempt, for what is left of the position: its parts, each with the name it is owed by."""
    assert ledger.position is not None
    lots = min(one.lots, ledger.position.quantity)
    for n, part in enumerate(pieces(lots, max(1, ledger.instrument.max_market_lots))):
        owed_by = f"{name}p{n}" if n else name
        spec = replace(
            one.spec, order_id=f"{owed_by}r{one.failed}", quantity=part,
            created_bar=ledger.bar, created_at=ts,
        )  # fmt: skip
        yield owed_by, spec
