"""What a bar's volume gives the limit orders of one side: one budget for all of them.

INVARIANT: together they never take more than `volume_participation_max` of the bar's volume, resting,
arriving and marketable ones alike; under `queue`, what the bar left behind by its close may have all
that traded at its price or better. Models without volume have no budget.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field

from runtime.formulas.shares import left_by_better, take_from_shares, used_since

WHOLE_BAR = -2.0  # the place an order is live from that sees the whole bar, the jump included


@dataclass(frozen=True, slots=True)
class Serving:
    """A resting limit's turn: its price, its share of the bar in lots, and where price stands.

    One that came to be inside the bar is `live` from there, and what traded since is shared, too:
    `ahead` are its price and the better ones served before, each with its share of that part.
    `is_behind`: the bar closed beyond it, under a model to which that matters.
    """

    price: float
    share: int
    place: float
    is_behind: bool
    live: float = WHOLE_BAR
    ahead: tuple[tuple[float, int], ...] = ()


@dataclass(slots=True)
class Budget:
    """The budget of one side of one (finer) bar: `most` lots for all, of `volume` that traded.

    `sign` is 1 for buys, -1 for sells.
    """

    sign: int
    most: int
    volume: int
    taken: int = 0  # by all limits of the side
    behind: int = 0  # of it, by those that the bar left behind: they are outside `most`
    prices: array[float] = field(default_factory=lambda: array("d"))
    lefts: array[int] = field(default_factory=lambda: array("q"))
    lots: array[int] = field(default_factory=lambda: array("q"))
    places: array[float] = field(default_factory=lambda: array("d"))

    def for_taker(self, most: int) -> int:
        """Return the lots a limit that takes may have, `most` of the part of the bar it sees."""
        return max(0, min(most, self.most - self.taken))

    def better(self, price: float) -> list[float]:
        """Return the prices better than one at which somebody was served."""
        return sorted({p for p in self.prices if self.sign * (p - price) > 0})

    def for_resting(self, serving: Serving) -> int:
        """Return the lots a resting limit may have of its share."""
        own = serving.share - self._used(serving.price, WHOLE_BAR)
        left = left_by_better(
            self.sign, serving.price, own, self.prices, self.lefts, len(self.prices)
        )
        for price, share in serving.ahead:
            left = min(left, share - self._used(price, serving.live))
        room = (self.volume if serving.is_behind else self.most) - self.taken
        return max(0, min(left, room))

    def _used(self, price: float, live: float) -> int:
        return used_since(
            self.sign, price, live, self.prices, self.lots, self.places, len(self.prices)
        )

    def take(self, lots: int) -> None:
        """Book what a taker took."""
        self.taken += lots
        self._hold()

    def serve(self, serving: Serving, lots: int) -> None:
        """Book what a resting limit got of its share."""
        left = serving.share - self._used(serving.price, WHOLE_BAR) - lots
        take_from_shares(self.sign, serving.price, lots, self.prices, self.lefts, len(self.prices))
        self.prices.append(serving.price)
        self.lefts.append(left)
        self.lots.append(lots)
        self.places.append(serving.place)
        self.taken += lots
        if serving.is_behind:
            self.behind += lots
        self._hold()

    def _hold(self) -> None:
        over = self.taken - self.behind
        assert over <= self.most, f"limits took {over} lots of a bar that gives {self.most}"
        assert self.taken <= self.volume, f"limits took {self.taken} lots of {self.volume}"
        assert all(left >= 0 for left in self.lefts), "shares of a bar's volume do not nest"

    def clone(self) -> Budget:
        return Budget(
            self.sign,
            self.most,
            self.volume,
            self.taken,
            self.behind,
            self.prices[:],
            self.lefts[:],
            self.lots[:],
            self.places[:],
        )
