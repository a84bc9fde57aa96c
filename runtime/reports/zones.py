"""Zones as rectangles: one row per life of a zone in the slots of a structure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from compiler.graph.rule_graph import RuleGraph

_ACTIVE, _BROKEN = 1.0, 2.0
_SLOT = re.compile(r"(zone\d+_)?state")
_FIELDS = ("state", "lower", "upper", "anchor_idx")
Key = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone from the close it appeared at to the last close it was active; times ms UTC."""

    feature: str
    lower: float
    upper: float
    start_ts: int
    end_ts: int
    is_broken: bool


def zones_of(
    graph: RuleGraph,
    column: Callable[[int, str], Sequence[float]],
    close_time: Callable[[int, int], int],
    limit: int = 10_000,
) -> list[Zone]:
    """Return the zones of every structure of a card that has some, the newest `limit` of them.

    `column(feature, output)` and `close_time(feature, row)` read the market stage.
    """
    found: list[Zone] = []
    for index, feature in enumerate(graph.features):
        columns = {name: column(index, name) for name in feature.outputs}

        def at(row: int, index: int = index) -> int:
            return close_time(index, row)

        found += zones_from_columns(feature.id, columns, at)
    return sorted(found, key=lambda z: (z.start_ts, z.lower))[-limit:]


def zones_from_columns(
    feature: str, columns: Mapping[str, Sequence[float]], close_time: Callable[[int], int]
) -> list[Zone]:
    """Return the zones in a structure's columns: none where it has no zone slots.

    A zone changes slots as price moves, so it is known by its edges and its anchor.
    """
    lives: dict[Key, list[int]] = {}
    broken: set[Key] = set()
    for key, row, state in _sightings(columns):
        life = lives.setdefault(key, [row, row])
        life[0] = min(life[0], row)
        if state == _ACTIVE:
            life[1] = max(life[1], row)
        else:
            broken.add(key)
    return [
        Zone(feature, key[1], key[2], close_time(first), close_time(last), key in broken)
        for key, (first, last) in lives.items()
    ]


def _sightings(columns: Mapping[str, Sequence[float]]) -> Iterator[tuple[Key, int, float]]:
    for name in columns:
        match = _SLOT.fullmatch(name)
        if match is None:
            continue
        prefix = match.group(1) or ""
        if any(f"{prefix}{field}" not in columns for field in _FIELDS):
            continue
        states, lowers, uppers, anchors = (columns[f"{prefix}{field}"] for field in _FIELDS)
        for row, state in enumerate(states):
            if state in (_ACTIVE, _BROKEN):
                yield (anchors[row], lowers[row], uppers[row]), row, state
