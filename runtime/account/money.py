"""Money of an isolated-margin USDT linear account: what was realized and paid since the start.

INVARIANT: equity = start + adjusted + realized + unrealized - fees - funding.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Account:
    """Sums since the start, in quote. `realized` is profit before fees and funding."""

    starting_equity: float
    realized: float = 0.0
    fees: float = 0.0
    funding: float = 0.0  # paid; negative when received
    adjusted: float = 0.0  # put in or taken out by transfers: no profit

    @property
    def balance(self) -> float:
        """Return the money that is not at stake: what the venue calls the wallet balance."""
        return self.starting_equity + self.adjusted + self.realized - self.fees - self.funding

    def equity(self, unrealized: float) -> float:
        return self.balance + unrealized

    def clone(self) -> Account:
        return Account(self.starting_equity, self.realized, self.fees, self.funding)
