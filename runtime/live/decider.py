"""What every desk is, whatever answers it: items in, commands out, one account, one guard.

The law: pure. The same items give the same events, commands and state.
"""

from __future__ import annotations

from typing import Protocol

from runtime.account.ledger import Ledger
from runtime.engine import Engine
from runtime.live.coverage import Coverage
from runtime.live.guard import Guard
from runtime.live.items import Item
from runtime.orders.commands import Command
from runtime.orders.events import Event
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
