"""A close of everything, from its word to the last lot, and what may still fill beside it.

The law: a close of everything ends when nothing is held and nothing works that could open it again. An entry that was
given up may come back: after a person's `flatten` what it fills is closed, too, until somebody says `resume`, and the
end of a session in order waits for it as for any answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from runtime.account.ledger import Ledger
from runtime.account.margin import own_entries
from runtime.backends.bybit.given_up import NOT_RECEIVED, VANISHED
from runtime.orders.events import Event, OrderCancelled, OrderFilled, OrderRejected
from runtime.orders.order_spec import Effect

FLATTEN = "flatten"


@dataclass(slots=True)
class CloseOut:
    """`why` everything is being closed, "" where it is not; `is_flat_wanted`: a person's `flatten` still holds.

    `uncompared_since`: when a person said that (ms UTC), until a look that was asked later finds ledger and venue to agree:
    what the venue holds besides is closed, too, by whichever process runs. `given_up`: entries that were not found at the venue and count as over, by order id, since when (ms UTC).
    """

    why: str = ""
    is_flat_wanted: bool = False
    uncompared_since: int | None = None
    given_up: dict[str, int] = field(default_factory=dict)

    def flatten(self, ts: int) -> None:
        """Take a person's word: what is on its way fills after it."""
        self.why, self.is_flat_wanted, self.uncompared_since = FLATTEN, True, ts

    def agreed(self, asked_at: int) -> None:
        """Take word that ledger and venue agree, by a look that was asked at `asked_at`."""
        if self.uncompared_since is not None and asked_at >= self.uncompared_since:
            self.uncompared_since = None

    def hear(self, event: Event, ledger: Ledger) -> None:
        """Take an event of the venue that is not applied yet."""
        order = ledger.orders.get(getattr(event, "order_id", ""))
        if order is None or order.spec.effect is not Effect.OPEN or not order.is_own:
            return
        match event:
            case OrderRejected(code=code) if code == NOT_RECEIVED or order.uncertain:
                self.given_up[order.order_id] = event.ts
            case OrderCancelled(reason=reason) if reason == VANISHED:
                self.given_up[order.order_id] = event.ts
            case OrderFilled(quantity=lots) if order.order_id in self.given_up:
                self.why = FLATTEN if self.is_flat_wanted else self.why
                if lots >= order.remaining:
                    del self.given_up[order.order_id]
            case _:
                pass

    def in_doubt(self, ts: int, patience_ms: int) -> list[str]:
        """Return the entries that were given up so lately that they may fill yet."""
        return [name for name, since in self.given_up.items() if ts - since < patience_ms]

    def look(self, ledger: Ledger, ts: int, patience_ms: int) -> bool:
        """Return whether nothing is being closed; it is done when nothing is held, and nothing left could open it again."""
        if not self.is_flat_wanted:
            self.given_up = {one: self.given_up[one] for one in self.in_doubt(ts, patience_ms)}
        if ledger.position is None and not own_entries(ledger):
            self.why = ""
        return not self.why
