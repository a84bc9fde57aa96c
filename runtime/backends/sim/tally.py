"""What a run counts of its own doing, so that a result can say how it came about.

The law: counted on the way that was taken; ways that were only tried out count nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts of one run; amounts in quote, `ambiguous_bars` are exec bars."""

    fill_before_cancel: int = 0  # fills of orders whose cancel was on its way
    denied_by_model: int = (
        0  # turns at which a bar that opened beyond a limit left lots of it unfilled
    )
    remainder_improvement: float = 0.0  # (limit - price) of limits the market had left behind
    above_volume: int = 0  # market executions larger than all that their bar traded
    most_of_volume: float = 0.0  # the largest of them in volumes of its bar
    bounded: int = 0  # exits that would have paid beyond bankruptcy
    borne: float = 0.0  # what they did not pay
    ambiguous_decisions: int = 0
    ambiguous_bars: list[int] = field(default_factory=list)

    def note_volume(self, base: float, volume: float) -> None:
        """Count a market execution that is larger than its bar's volume (base units, both)."""
        if 0.0 < volume < base:
            self.above_volume += 1
            self.most_of_volume = max(self.most_of_volume, base / volume)

    def note_ambiguous(self, bar: int) -> None:
        """Count a decision inside a bar that its order of prices settled."""
        self.ambiguous_decisions += 1
        if not self.ambiguous_bars or self.ambiguous_bars[-1] != bar:
            self.ambiguous_bars.append(bar)
