"""What a session has still to do although no request of it is on its way just now.

The law: who ends a session in order waits for it, and says what of it is left.
"""

from __future__ import annotations

from collections.abc import Collection

from runtime.account.ledger import Ledger
from runtime.live.asked_later import AskedLater
from runtime.live.changes import Changes
from runtime.live.close_out import CloseOut
from runtime.live.exits import Exits
from runtime.live.held import Held


class Unfinished:
    """What a desk has still to do."""

    ledger: Ledger
    held: Held
    changes: Changes
    later: AskedLater
    exits: Exits
    close_out: CloseOut
    _ts: int

    @property
    def to_close(self) -> int:
        """Return the lots that a close of everything left, or that exits owe."""
        position = self.ledger.position
        if self.close_out.why and position is not None:
            return position.quantity
        return self.exits.lots(self.ledger)

    @property
    def to_ask(self) -> list[str]:
        """Return the exits, by ref, that are to leave or to change once what stands against it has passed."""
        return sorted({*self.changes.of_exits(self.ledger), *self.later.exits(self.ledger)})

    @property
    def in_doubt(self) -> list[str]:
        """Return the entries that were given up so lately that they may fill yet."""
        return self.close_out.in_doubt(self._ts, self.exits.patience_ms)

    @property
    def kept(self) -> Collection[str]:
        """Return the entries that leave when entries are held back no more."""
        return self.held.kept
