"""What a session has still to do although no request of it is on its way just now.

The law: who ends a session in order waits for it, and says what of it is left. A person's cancel of a ref or an order ends
what comes again of it, though no order works just now.
"""

from __future__ import annotations

from collections.abc import Collection

from runtime.account.ledger import Ledger
from runtime.decide.intent import Intent
from runtime.decide.refusals import Refused
from runtime.engine import Engine
from runtime.live.asked_later import AskedLater
from runtime.live.changes import Changes
from runtime.live.close_out import CloseOut
from runtime.live.exits import Exits
from runtime.live.guard import Guard
from runtime.live.held import Held
from runtime.live.missed import Missed
from runtime.live.owed import Owed
from runtime.live.timed_out import timed_out
from runtime.market.data import MarketData
from runtime.orders.commands import Decided


class Unfinished:
    """What a desk has still to do."""

    ledger: Ledger
    held: Held
    changes: Changes
    later: AskedLater
    missed: Missed
    exits: Exits
    close_out: CloseOut
    guard: Guard
    engine: Engine
    _data: MarketData
    _ts: int

    @property
    def to_close(self) -> int:
        """Return the lots that a close of everything left, that exits owe, or that a refused turn was to close."""
        position = self.ledger.position
        if self.close_out.why and position is not None:
            return position.quantity
        return self.exits.lots(self.ledger) + self.missed.lots(self.ledger, self.exits)

    @property
    def uncompared_since(self) -> int | None:
        """Return when a person wanted flat what the venue holds, where no look since then has found both to agree."""
        return self.close_out.uncompared_since

    @property
    def timed_out(self) -> list[Decided]:
        """Return the cancels of entries whose time is up by the clock, while bars do not come."""
        return timed_out(self.ledger, self._data.exec, self.guard, self._ts)

    @property
    def to_ask(self) -> list[str]:
        """Return the exits, by ref, that are to leave or to change once what stands against it has passed."""
        return sorted({*self.changes.of_exits(self.ledger), *self.later.exits(self.ledger)})

    @property
    def to_come(self) -> list[str]:
        """Return the exits that come again or wait, by ref or id: each may be cancelled."""
        owed = (one.spec.order_ref or one.last.first for one in self.exits.owed.values())
        return sorted({*owed, *self.later.exits(self.ledger), *self.missed.turns(self.ledger)})

    def comes(self, name: str) -> bool:
        """Return whether something of a ref or an order comes again, or waits."""
        waits = [*self.later.exits(self.ledger), *self.missed.turns(self.ledger)]
        return name in waits or any(_is_called(one, name) for one in self.exits.owed.values())

    def parts(self, name: str) -> list[str]:
        """Return the orders of an exit that have not ended, by the id of any: its pieces, and what was asked again."""
        tried = self.exits.tried.items()
        return [order_id for order_id, one in tried if name in (one.first, one.owed_by)]

    def dismiss(self, name: str) -> None:
        """Take a person's cancel of a ref or an order: what is owed of it comes no more, and what waits to change it."""
        owed = self.exits.owed
        self.exits.owed = {part: one for part, one in owed.items() if not _is_called(one, name)}
        self.later.dismiss(name, self.ledger)
        self.missed.dismiss(name)

    @property
    def in_doubt(self) -> list[str]:
        """Return the entries that were given up so lately that they may fill yet."""
        return self.close_out.in_doubt(self._ts, self.exits.patience_ms)

    def _held_back(self, intent: Intent) -> Refused | None:
        """Return why an entry of an intent would not leave, None where it leaves or waits."""
        return self.guard.held_back(self._ts, waits=self.engine.asks_once(intent))

    @property
    def kept(self) -> Collection[str]:
        """Return the entries that leave when entries are held back no more."""
        return self.held.kept


def _is_called(one: Owed, name: str) -> bool:
    """Return whether a person means what is owed by a name: its ref, or the id of any order of it."""
    last = one.last
    return name in (one.spec.order_ref, one.spec.order_id, last.first, last.owed_by)
