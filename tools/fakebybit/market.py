"""The market side of one symbol: prices, and a made-up book around the last trade.

Law: a taker never gets a better price than the touch; what it took is gone until the next print.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from tools.fakebybit.instrument import Instrument
from tools.fakebybit.numbers import ZERO, down, up
from tools.fakebybit.orders import By, Side


@dataclass(slots=True, kw_only=True)
class Market:
    """Prices and liquidity of one symbol. `depth` = base units on each level, None = without end."""

    instrument: Instrument
    spread_ticks: int
    depth: Decimal | None
    levels: int
    last: Decimal
    mark: Decimal
    index: Decimal
    bid: Decimal
    ask: Decimal
    mark_follows: bool = True
    is_empty: bool = False
    taken: dict[Decimal, Decimal] = field(default_factory=dict)
    volume: Decimal = ZERO
    turnover: Decimal = ZERO
    high: Decimal = ZERO
    low: Decimal = ZERO
    first: Decimal = ZERO
    tick_direction: str = "ZeroPlusTick"

    def printed(self, price: Decimal, qty: Decimal, aggressor: Side) -> None:
        """Note a trade of others: it moves last, touch and, unless fed by itself, mark."""
        gap = self.spread_ticks * self.instrument.tick
        up_tick, down_tick = price > self.last, price < self.last
        self.tick_direction = (
            "PlusTick" if up_tick else "MinusTick" if down_tick else self._level_tick()
        )
        self.last = price
        self.bid = price if aggressor is Side.SELL else price - gap
        self.ask = price if aggressor is Side.BUY else price + gap
        self.taken.clear()
        self.volume += qty
        self.turnover += qty * price
        self.high, self.low = max(self.high, price), min(self.low, price)
        if self.mark_follows:
            self.mark = self.index = price

    def _level_tick(self) -> str:
        return "ZeroPlusTick" if self.tick_direction.endswith("PlusTick") else "ZeroMinusTick"

    def price_by(self, by: By) -> Decimal:
        """Return the price a trigger watches."""
        return {By.MARK: self.mark, By.INDEX: self.index}.get(by, self.last)

    def touch(self, taker: Side) -> Decimal:
        """Return the best price for a taker of this side."""
        return self.ask if taker is Side.BUY else self.bid

    def crosses(self, side: Side, price: Decimal) -> bool:
        """Say whether a limit at `price` would trade at once."""
        if self.is_empty:
            return False
        return price >= self.ask if side is Side.BUY else price <= self.bid

    def offers(self, taker: Side, limit: Decimal) -> Iterator[tuple[Decimal, Decimal | None]]:
        """Yield (price, quantity left there) for a taker, best first; None = without end."""
        for level in range(0 if self.is_empty else self.levels):
            price = self.touch(taker) + taker.sign * level * self.instrument.tick
            if (price - limit) * taker.sign > 0 or price <= 0:
                return
            left = None if self.depth is None else self.depth - self.taken.get(price, ZERO)
            if left is None or left > 0:
                yield price, left

    def reach(self, taker: Side, limit: Decimal) -> Decimal | None:
        """Return all a taker can have up to `limit`; None = any quantity."""
        total = ZERO
        for _price, left in self.offers(taker, limit):
            if left is None:
                return None
            total += left
        return total

    def take(self, price: Decimal, qty: Decimal) -> None:
        self.taken[price] = self.taken.get(price, ZERO) + qty

    def queue_at(self, side: Side, price: Decimal) -> Decimal:
        """Return what stands before a new limit at this price (nothing inside the spread)."""
        if self.depth is None:
            return ZERO
        best = self.bid if side is Side.BUY else self.ask
        return self.depth if (best - price) * side.sign >= 0 else ZERO

    def band(self) -> tuple[Decimal, Decimal]:
        """Return (highest buy, lowest sell) limit price.

        VENUE: min(mark(1+Y), max(index, mark(1+X))) and its mirror; the premium term is left out.
        """
        facts = self.instrument
        buy = min(self.mark * (1 + facts.band_y), max(self.index, self.mark * (1 + facts.band_x)))
        sell = max(self.mark * (1 - facts.band_y), min(self.index, self.mark * (1 - facts.band_x)))
        return down(buy, facts.tick), up(sell, facts.tick)

    def worst(self, taker: Side, slip: Decimal) -> Decimal:
        """Return the price a market order becomes an IOC limit at."""
        if taker is Side.BUY:
            return down(self.mark * (1 + slip), self.instrument.tick)
        return up(self.mark * (1 - slip), self.instrument.tick)


def opened(
    instrument: Instrument, price: Decimal, spread_ticks: int, depth: Decimal | None, levels: int
) -> Market:
    """Return a market whose first price this is."""
    return Market(
        instrument=instrument,
        spread_ticks=spread_ticks,
        depth=depth,
        levels=levels,
        last=price,
        mark=price,
        index=price,
        bid=price,
        ask=price + spread_ticks * instrument.tick,
        high=price,
        low=price,
        first=price,
    )
