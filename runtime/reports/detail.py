"""The level of detail of a page: past `MAX_CANDLES` several bars share one candle.

The law: candles, equity and lines of the card are cut at the same bars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

MAX_CANDLES = 100_000


def bars_per_candle(bars: int) -> int:
    """Return how many bars one candle holds, so that there are at most `MAX_CANDLES`."""
    return max(1, -(-bars // MAX_CANDLES))


def candle_ends(bars: int) -> list[int]:
    """Return the last bar of every candle; the last candle may hold fewer."""
    per = bars_per_candle(bars)
    ends = list(range(per - 1, bars, per))
    if bars % per:
        ends.append(bars - 1)
    return ends


def per_candle(column: Sequence[float], per: int, pick: Callable[..., float]) -> Sequence[float]:
    """Return one value per candle of `per` bars: what `pick` makes of two or more values of its bars.

    COST: whole columns side by side, so that no candle of a long history makes a column of its own.
    """
    if per == 1:
        return column
    full = len(column) // per * per
    values = list(map(pick, *(column[place:full:per] for place in range(per))))
    left = column[full:]
    if left:
        values.append(left[0] if len(left) == 1 else pick(*left))
    return values
