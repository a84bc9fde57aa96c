"""Coarse bars that end where the market is closed: a week over a weekend, a day over a night.

By the clock a week is over on Monday, 00:00 UTC; no bar says before that that none will follow. So its values are new
at the first close behind the hole, not at the last one before it.
"""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.timeframes import TIMEFRAMES, bucket_open
from compiler.graph.rule_graph import RuleGraph
from runtime.market.checks import find_gaps
from runtime.market.frame import Frame


def ended_in_holes(graph: RuleGraph, bars: Frame) -> Iterator[str]:
    """Yield in words, for each coarser timeframe of a card, how many of its bars ended in a hole."""
    coarse: dict[str, list[str]] = {}
    for feature in graph.features:
        if feature.timeframe != graph.timeframe:
            coarse.setdefault(feature.timeframe, []).append(f"`{feature.id}`")
    gaps = find_gaps(bars.ts, bars.interval_ms) if coarse else []
    for timeframe, names in coarse.items():
        width, step = TIMEFRAMES[timeframe], bars.interval_ms
        # Only the bar that was begun before the hole is there at all.
        ended = len(
            [
                gap
                for gap in gaps
                if 0
                < bucket_open(gap.after_ts, width) + width - gap.after_ts - step
                <= gap.missing * step
            ]
        )
        if ended:
            count = f"1 bar of {timeframe}" if ended == 1 else f"{ended:,} bars of {timeframe}"
            yield (
                f"{', '.join(names)}: {count} ended where no bar of {bars.timeframe} is (a closed market): "
                "what they tell is known at the first close behind the hole, not at the last before it"
            )
