"""What no number of bars warms up: what began before the first bar, and what waits for times of a condition.

Unknown, never guessed. What counts by days, weeks or months of the clock waits for the next one: a run from Friday on
for Monday, one from Monday on for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from compiler.catalog.timeframes import DAY_MS, WEEK_MS, bucket_open
from compiler.graph.describe import of_times_before
from compiler.graph.rule_graph import FeatureNode, Op, RuleGraph

_WORDS = {"D": "day", "W": "week", "M": "month"}


def counts_by(feature: FeatureNode) -> str:
    """Return the span of the clock with which an indicator begins anew: `week`; "" for none."""
    return _WORDS.get(str(dict(feature.params).get("anchor", "")), "")


def begun_before(features: Iterable[FeatureNode], first: Iterable[int]) -> Iterator[str]:
    """Yield in words what is unknown of each span that the first bar is not the beginning of."""
    spans: dict[str, list[str]] = {}
    for feature in features:
        if span := counts_by(feature):
            spans.setdefault(span, []).append(f"`{feature.id}`")
    for ts in first:
        for span, names in spans.items():
            if not _begins(span, ts):
                yield f"{', '.join(names)}: counted by the {span}, and one that began before the first bar is unknown"


def waits_for_times(graph: RuleGraph) -> Iterator[str]:
    """Yield in words how many times of a condition the card remembers, where it is more than the last one."""
    times = [
        of_times_before(graph, node)[0]
        for node in graph.nodes
        if node.op is Op.LATCH and graph.nodes[node.args[0]].op is not Op.CONST
    ]
    if most := max(times, default=0):
        yield (
            f"the warm-up counts bars alone: what the card remembers of a condition's last {most + 1} times is unknown "
            "until it was true so often"
        )


def _begins(span: str, ts: int) -> bool:
    """Return whether a time is the beginning of a day, a week (Monday) or a month, UTC."""
    if span == "month" and datetime.fromtimestamp(ts // 1000, UTC).day != 1:
        return False
    return bucket_open(ts, WEEK_MS if span == "week" else DAY_MS) == ts
