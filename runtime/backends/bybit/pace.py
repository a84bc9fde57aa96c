"""How often the venue is asked, and how long it is waited for.

The law: what is waited for is another machine and the road to it, which take their time by the clock on the
wall. A session whose own time runs faster waits as long: else a slow machine passes for a lost answer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

_MISSED = 3  # looks in a row without an agreement, after which entries wait


def waited(ms: int, speed: float) -> int:
    """Return how much of a session's time (ms) a wait of so many ms on the wall is; never less than those.

    `speed`: ms of the session's time in one of the wall.
    """
    return round(ms * max(1.0, speed))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often and how patiently the venue is asked, in ms of the session's time."""

    reconcile_ms: int = 30_000
    blind_ms: int = 2_000  # the same while the private stream is down
    facts_ms: int = 3_600_000
    clock_ms: int = 300_000
    interval: str = "1"
    warm_ms: int = 0  # the connection for requests is used at least so often; 0: as it comes
    # Waits for the wire:
    settle_ms: int = 2_000
    request_ms: int = 5_000  # a request without its effect for so long is asked about
    bar_ms: int = 5_000  # a closed bar that has not come for so long is asked for
    borne_ms: int = 0  # without an agreement for so long entries wait; 0: three looks

    def at(self, speed: float) -> Pace:
        """Return the pace of a session whose time runs `speed` times as fast as the wall's: it waits as long."""
        return replace(
            self,
            settle_ms=waited(self.settle_ms, speed),
            request_ms=waited(self.request_ms, speed),
            bar_ms=waited(self.bar_ms, speed),
            borne_ms=waited(self.unheard_ms, speed),
        )

    @property
    def unheard_ms(self) -> int:
        """Return how long ledger and venue may go without an agreement before entries wait.

        So long an exit that is not found is sought, too: what has not been heard of for longer counts as lost.
        """
        return self.borne_ms or _MISSED * self.reconcile_ms
