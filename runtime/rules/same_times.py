"""Bars of the same times: what hangs on times and volumes alone is worked out once for all of them.

The law: a stage that takes it from another holds the columns that it would have computed by itself.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from math import nan

from compiler.graph.rule_graph import Node, Op
from runtime.kernel import Column, IntColumn, Kernel, Numbers
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.rules.tier import RuleColumns

Feed = tuple[str, str]  # symbol, timeframe
_JOIN, _LOOK_UP = range(2)
_OF_PRICES = frozenset({"open", "high", "low", "close", "hl2", "hlc3", "ohlc4", "mark_price"})


def join_bars(
    opens: Numbers, highs: Numbers, lows: Numbers, closes: Numbers, spans: Numbers,
    to_opens: Column, to_highs: Column, to_lows: Column, to_closes: Column, start: int, stop: int,
) -> None:  # fmt: skip
    """Write coarser bars: of bar k the rows from `spans[2 k]` up to `spans[2 k + 1]`, as `Resampler` does."""
    for k in range(start, stop):
        first = int(spans[2 * k])
        past = int(spans[2 * k + 1])
        high = highs[first]
        low = lows[first]
        for row in range(first + 1, past):
            if highs[row] > high:
                high = highs[row]
            if lows[row] < low:
                low = lows[row]
        to_opens[k] = opens[first]
        to_highs[k] = high
        to_lows[k] = low
        to_closes[k] = closes[past - 1]


def look_up(
    source: Numbers, view: IntColumn, back: int, out: Column, start: int, stop: int
) -> None:
    """Write, bar by bar, the row of another clock that is visible, `back` rows earlier; unknown where none is."""
    for t in range(start, stop):
        row = view[t]
        out[t] = nan
        if row >= 0 and row >= back:
            out[t] = source[row - back]


@dataclass(frozen=True, slots=True)
class OneClock:
    """A feed built from the execution bars: its times and volumes, what is visible of it, the rows in each bar."""

    ts: array[int]
    volume: array[float]
    view: array[int]
    spans: array[float]


@dataclass(frozen=True, slots=True)
class SameTimes:
    """What a whole stage leaves to those of its program over other bars of the same times."""

    data: MarketData
    kernels: Mapping[str, Kernel]
    rules: RuleColumns | None
    columns: Mapping[int, Column]  # by node: of times alone
    clocks: Mapping[Feed, OneClock]

    def fits(self, data: MarketData) -> bool:
        """Return whether these are other bars of the same times."""
        own, known = data.exec, self.data.exec
        return (
            own.ts is known.ts
            and own.volume is known.volume
            and data.first == self.data.first
            and data.funding is self.data.funding
        )


def hangs_on_times(node: Node) -> bool:
    """Return whether a node that nothing is calculated for is the same on all bars of the same times."""
    return node.op is Op.CONST or (node.op is Op.BAR and node.attr[0] not in _OF_PRICES)


def one_clock(fine: Frame, coarse: Frame, view: array[int]) -> OneClock | None:
    """Return a feed built from finer bars, None where it is not their plain joining."""
    spans = array("d")
    for ts in coarse.ts:
        spans.append(float(bisect_left(fine.ts, ts)))
        spans.append(float(bisect_left(fine.ts, ts + coarse.interval_ms)))
    made = OneClock(coarse.ts, coarse.volume, view, spans)
    again = Frame(coarse.symbol, coarse.timeframe, coarse.interval_ms, ts=coarse.ts)
    join(made, fine, again)
    is_same = all(
        getattr(again, name) == getattr(coarse, name) for name in ("open", "high", "low", "close")
    )
    return made if is_same else None


def join(clock: OneClock, fine: Frame, coarse: Frame) -> None:
    """Fill the prices of a feed, which are empty, from finer bars."""
    rows = len(clock.ts)
    columns = (coarse.open, coarse.high, coarse.low, coarse.close)
    for column in columns:
        column.frombytes(bytes(8 * rows))
    _loops()(_JOIN, fine.open, fine.high, fine.low, fine.close, clock.spans, *columns, 0, rows)


def looked_up(source: Column, view: array[int], back: int) -> array[float]:
    """Return what every bar sees of a column of another clock, `back` rows earlier."""
    made = array("d", bytes(8 * len(view)))
    _loops()(_LOOK_UP, source, view, back, made, 0, len(view))
    return made


@cache
def _loops() -> Callable[..., object]:
    from runtime.native import at_hand
    from runtime.native.cache import folder

    return at_hand.compiled((join_bars, look_up), where=folder()).call_whole
