"""What may be said of the set that ranks first: it was chosen, and choosing alone makes a number high.

The law: no word that praises; how many sets were tried stands beside every figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import e
from statistics import NormalDist

_EULER = 0.5772156649015329


def expected_highest(tries: int) -> float:
    """Return about how high the highest T of independent tries without any edge is (0 for one).

    (1 − γ)·Φ⁻¹(1 − 1/N) + γ·Φ⁻¹(1 − 1/(N·e)), as Bailey & López de Prado (2014) have it for Sharpe ratios; T has a
    standard deviation of about one without an edge.
    """
    if tries < 2:
        return 0.0
    normal = NormalDist()
    low, high = normal.inv_cdf(1.0 - 1.0 / tries), normal.inv_cdf(1.0 - 1.0 / (tries * e))
    return (1.0 - _EULER) * low + _EULER * high


@dataclass(frozen=True, slots=True)
class Selection:
    """`tried`: sets ever run on these bars; `t`: of the set that ranks first, None where it never held anything."""

    tried: int
    t: float | None

    @property
    def allowance(self) -> float:
        """Return what choosing among so many independent tries gives T without any edge."""
        return expected_highest(self.tried)

    @property
    def deflated(self) -> float | None:
        """Return T less that allowance."""
        return None if self.t is None else self.t - self.allowance

    def sentence(self) -> str:
        """Return what is to be read beside the set that ranks first."""
        sets = "1 set was" if self.tried == 1 else f"{self.tried:,} sets were"
        if self.t is None or self.deflated is None:
            return f"{sets} tried on these bars."
        return (
            f"{sets} tried on these bars; the first of a ranking is high because it was chosen. Its timing has "
            f"T = {self.t:.2f}; of {self.tried:,} independent tries without any edge the highest has about "
            f"{self.allowance:.2f}: {self.deflated:+.2f} is left. Sets of one card resemble each other, so choosing "
            "among them gives less than that; how much less, only the whole search run again on mirrored markets says."
        )
