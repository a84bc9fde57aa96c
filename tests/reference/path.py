"""The path of a bar, the jump before it, and when a price is met on them.

Law: within a segment things happen in the order of the fraction of it that has been walked; the
mark price walks its own corners in the same order, matched by that fraction.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from tests.reference.script import Bar, Intrabar, Ohlc

THIRD = Fraction(1, 3)


@dataclass(frozen=True, slots=True)
class Ahead:
    """The part of a bar's path that is still to be walked: its prices and its share of the length."""

    low: int
    high: int
    share: Fraction


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight walk of last (`start`→`end`) and mark; `rest` are last's later corners.

    `begin`, `finish`: its place in the bar's time, as fractions of the bar. A jump has `is_jump`.
    """

    start: int
    end: int
    mark_start: Fraction
    mark_end: Fraction
    rest: tuple[int, ...] = ()
    length: int = 0
    begin: Fraction = Fraction(0)
    finish: Fraction = Fraction(0)
    is_jump: bool = False
    trades: bool = True
    """False where last prices do not trade (a bar of volume 0): only mark and funding go on."""

    def price(self, fraction: Fraction) -> Fraction:
        """Last at `fraction` of the segment, in ticks."""
        return self.start + (self.end - self.start) * fraction

    def mark(self, fraction: Fraction) -> Fraction:
        """Mark at `fraction` of the segment, in ticks."""
        return self.mark_start + (self.mark_end - self.mark_start) * fraction

    def ahead(self, fraction: Fraction) -> Ahead | None:
        """What is left of the bar's path from here; None = all of it (a jump, a flat bar)."""
        if self.is_jump or self.length == 0:
            return None
        here = self.price(fraction)
        corners = [here, Fraction(self.end), *map(Fraction, self.rest)]
        left = sum(abs(b - a) for a, b in itertools.pairwise(corners))
        low, high = min(corners), max(corners)
        # The next price that can still trade is a whole tick.
        return Ahead(-int(-low // 1), int(high // 1), Fraction(left) / self.length)


def reached(start: Fraction, end: Fraction, level: Fraction, walked: Fraction) -> Fraction | None:
    """Fraction at which a walk from `start` to `end`, `walked` so far, stands at `level` next."""
    if start == end:
        return walked if level == start else None
    fraction = (level - start) / (end - start)
    return fraction if walked <= fraction <= 1 else None


def at_or_above(
    start: Fraction, end: Fraction, level: Fraction, walked: Fraction
) -> Fraction | None:
    """Fraction at which the walk first is at `level` or above it, from `walked` on."""
    if start + (end - start) * walked >= level:
        return walked
    return reached(start, end, level, walked)


def at_or_below(
    start: Fraction, end: Fraction, level: Fraction, walked: Fraction
) -> Fraction | None:
    """Fraction at which the walk first is at `level` or below it, from `walked` on."""
    return at_or_above(-start, -end, -level, walked)


def high_first(bar: Bar | Ohlc, rule: Intrabar) -> bool:
    """Whether the path is O-H-L-C. Doji and `nearest`: nearer extreme first, O-H-L-C on a tie."""
    nearer = bar.high - bar.open <= bar.open - bar.low
    if rule is Intrabar.NEAREST or bar.close == bar.open:
        return nearer
    return bar.close < bar.open


def corners(bar: Bar | Ohlc, *, up: bool) -> tuple[int, int, int, int]:
    """The four prices in the order of the path."""
    first, second = (bar.high, bar.low) if up else (bar.low, bar.high)
    return bar.open, first, second, bar.close


def segments(bar: Bar, *, up: bool) -> Iterator[Segment]:
    """The three segments of the bar's path; each takes a third of its time."""
    last = corners(bar, up=up)
    mark = corners(bar.mark, up=up) if bar.mark else last
    length = sum(abs(b - a) for a, b in itertools.pairwise(last))
    for i in range(3):
        yield Segment(
            start=last[i],
            end=last[i + 1],
            mark_start=Fraction(mark[i]),
            mark_end=Fraction(mark[i + 1]),
            rest=last[i + 2 :],
            length=length,
            begin=i * THIRD,
            finish=(i + 1) * THIRD,
            trades=bar.volume != 0,
        )
