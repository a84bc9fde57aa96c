"""How long what was refused waits until it is asked again.

The law: the more often it has failed in a row, the longer it waits; it is never given up.
"""

from __future__ import annotations

# Refusals in a row after which it is not waited for any more: a position is closed, another order takes the place.
ATTEMPTS = 3

WAITS_MS = (1_000, 2_000, 5_000, 10_000, 30_000)


def wait_ms(failed: int) -> int:
    """Return how long to wait after so many failures in a row, one at least, in ms."""
    return WAITS_MS[min(failed, len(WAITS_MS)) - 1]
