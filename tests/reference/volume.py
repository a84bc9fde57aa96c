"""How much a bar fills: the five fill models and the one budget per bar and side.

Laws: the resting orders from any price on to worse prices together get at most what the model
offers at that price; all limit fills of a side together at most `volume_participation_max` x volume
(under `queue`, a bar that closes beyond a limit has filled it and that cap does not bind there).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from tests.reference.path import Ahead
from tests.reference.script import Bar, FillModel, Settings, Side

HAS_BUDGET = frozenset({FillModel.VOLUME_WEIGHTED, FillModel.QUEUE})


@dataclass(frozen=True, slots=True)
class Drawn:
    """Lots a resting order drew at `price`, as the `order`-th draw of the bar."""

    side: Side
    price: int
    lots: int


@dataclass(slots=True)
class Budget:
    """What limits have drawn from one bar so far."""

    settings: Settings
    bar: Bar
    resting: list[Drawn] = field(default_factory=list)
    total: dict[Side, int] = field(default_factory=lambda: {Side.BUY: 0, Side.SELL: 0})

    @property
    def has_budget(self) -> bool:
        return self.settings.fill_model in HAS_BUDGET

    @property
    def volume(self) -> int:
        if self.bar.volume is None:
            if self.has_budget:
                raise ValueError(f"fill_model {self.settings.fill_model} needs volume")
            return 1
        return self.bar.volume

    @property
    def draws(self) -> int:
        """Number of resting draws so far; an order born now remembers it."""
        return len(self.resting)

    def closes_beyond(self, side: Side, price: int) -> bool:
        """Whether the bar closed strictly beyond a resting limit."""
        return (self.bar.close - price) * side.sign < 0

    def offer(self, side: Side, price: int, ahead: Ahead | None) -> Fraction | None:
        """Lots the model offers to resting orders of `side` at `price` or worse; None = any size."""
        s = self.settings
        low, high = (ahead.low, ahead.high) if ahead else (self.bar.low, self.bar.high)
        volume = self.volume * (ahead.share if ahead else Fraction(1))
        levels = high - low + 1
        better = (price - low if side is Side.BUY else high - price) + 1
        k = max(0, min(better, levels))
        beyond = better - 1  # ticks by which the (rest of the) bar went through the limit
        if self.volume == 0 or k == 0:
            return Fraction(0)
        match s.fill_model:
            case FillModel.TOUCH:
                return None
            case FillModel.THROUGH:
                through = max(Fraction(s.through_ticks), price * s.through_threshold_pct / 100)
                return None if beyond >= through else Fraction(0)
            case FillModel.CONSERVATIVE:
                closed = self.closes_beyond(side, price) or not s.require_close_through
                return None if beyond > 0 and closed else Fraction(0)
            case FillModel.VOLUME_WEIGHTED:
                mine = s.volume_participation_max * (1 - s.assume_queue_position)
                return volume * k / levels * mine
            case FillModel.QUEUE:
                if self.closes_beyond(side, price):
                    return volume * k / levels
                mine = volume * (k - 1 + (1 - s.assume_queue_position)) / levels
                return min(mine, s.volume_participation_max * volume)

    def for_resting(
        self, side: Side, price: int, want: int, ahead: Ahead | None = None, *, since: int = 0
    ) -> int:
        """Lots a resting order at `price` gets; `since`: draws made before it was born."""
        offered = self.offer(side, price, ahead)
        if offered is None:
            return want
        if not self.has_budget:
            return 0
        room = [Fraction(want)]
        levels = {price} | {d.price for d in self.resting if d.side is side}
        for level in levels:
            if (level - price) * side.sign < 0:
                continue  # a worse price than mine: its share does not hold me
            room.append(self._whole(side, level) - self._taken(side, level, since=0))
            if ahead is not None:
                mine = self.offer(side, level, ahead) or Fraction(0)
                room.append(mine - self._taken(side, level, since=since))
        passed = self.settings.fill_model is FillModel.QUEUE and self.closes_beyond(side, price)
        cap = Fraction(self.volume) if passed else self._cap()
        room.append(cap - self.total[side])
        return max(0, floor(min(room)))

    def for_taker(self, side: Side, want: int, ahead: Ahead | None = None) -> int:
        """Lots a taker with a limit gets: no queue, at most its part of the volume ahead."""
        if self.volume == 0:
            return 0
        if not self.has_budget:
            return want
        share = ahead.share if ahead else Fraction(1)
        room = min(Fraction(want), self._cap() * share, self._cap() - self.total[side])
        return max(0, floor(room))

    def draw(self, side: Side, lots: int, price: int | None) -> None:
        """Book a limit fill; `price` None for a taker."""
        self.total[side] += lots
        if price is not None:
            self.resting.append(Drawn(side, price, lots))

    def _cap(self) -> Fraction:
        return self.settings.volume_participation_max * self.volume

    def _whole(self, side: Side, price: int) -> Fraction:
        return self.offer(side, price, None) or Fraction(0)

    def _taken(self, side: Side, price: int, *, since: int) -> int:
        """Lots drawn since then by resting orders at `price` or worse."""
        return sum(
            d.lots
            for d in self.resting[since:]
            if d.side is side and (d.price - price) * side.sign <= 0
        )
