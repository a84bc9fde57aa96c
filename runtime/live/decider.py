"""What every desk is, whatever answers it: items in, commands out, one account, one guard.

The law: pure. The same items give the same events, commands and state.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from runtime.account.ledger import Ledger
from runtime.engine import Engine
from runtime.live.coverage import Coverage
from runtime.live.guard import Guard
from runtime.live.items import Item
from runtime.orders.commands import CancelOrder, Command
from runtime.orders.events import Event
from runtime.orders.order_spec import Effect
from runtime.rules.market_stage import MarketStage


class Decider(Protocol):
    """The deciding part of a session. `brought`: the events that the last item led to, in order.

    `archived`: orders the last item took out of the ledger. `agreed_at`: when ledger and venue last agreed.
    """

    ledger: Ledger
    market: MarketStage
    engine: Engine
    guard: Guard
    coverage: Coverage
    brought: list[Event]
    archived: list[str]
    agreed_at: int | None

    def take(self, item: Item) -> list[Command]:
        """Take one item and return what is to be asked of the venue, in order."""
        ...

    def state_hash(self) -> str:
        """Return a digest of everything the account has become."""
        ...


def state_hash(ledger: Ledger, guard: Guard) -> str:
    """Return a digest of everything an account has become, and of what holds its entries."""
    text = repr((ledger.state(), guard.halted, sorted(guard.blocked)))
    return hashlib.sha256(text.encode()).hexdigest()


def cancels(ledger: Ledger, reason: str, order_id: str = "") -> list[Command]:
    """Return the cancels of what would open more, or of one order; protection stays."""
    return [
        CancelOrder(order_id=order.order_id, reason=reason)
        for order in ledger.book
        if order.is_own
        and not order.is_going
        and (order.order_id == order_id if order_id else order.spec.effect is Effect.OPEN)
    ]
