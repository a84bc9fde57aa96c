"""What the last so many trades came to: how many were won, and what they earned.

A trade goes from flat to flat, with its fees and its funding; one of exactly nothing is neither won nor lost.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from runtime.formulas.sums import total


def _mean(values: Sequence[float]) -> float:
    return total(values) / len(values) if values else math.nan


def figure(name: str, results: Sequence[float], count: int) -> float:
    """Return a figure of the newest `count` of some results (quote, oldest first), NaN before there are so many.

    KeyError for a name that is none.
    """
    read = _FIGURES[name]
    return math.nan if len(results) < count else read(results[len(results) - count :])


_FIGURES: Final = {
    "win_rate": lambda last: sum(1 for x in last if x > 0) / len(last),
    "avg_win": lambda last: _mean([x for x in last if x > 0]),
    "avg_loss": lambda last: _mean([-x for x in last if x < 0]),
    "avg_trade": _mean,
}
