"""What a bar in a session, or outside of it, decides of what the session tells.

Inside, the bar at hand is one of those whose highest, lowest and last price the session tells; outside these are of
another one, and may be anything beside it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from compiler.graph.rule_graph import RuleGraph
from compiler.lints.reasoning.bounds import Difference, Key, at_least, at_most
from compiler.lints.reasoning.branches import Assumption, OneOf
from compiler.lints.reasoning.facts import SESSION_PRICES, is_of_session

_TELLING = frozenset({"active", "first_bar", "last_bar", "bars", "over"})


def session_choices(
    graph: RuleGraph, keys: Iterable[Key], known: Mapping[Key, bool]
) -> Iterator[list[list[Assumption]]]:
    """Yield, per session, what would follow from the bar at hand being outside, its first one or a later one.

    `known` says which variables are claimed to be known or unknown: of one that is unknown nothing follows.
    """
    sessions: dict[int, dict[str, Key]] = {}
    for key in keys:
        if is_of_session(graph, key) and known.get(key, True):
            assert isinstance(key, tuple)
            sessions.setdefault(int(str(key[1])), {})[str(key[2])] = key
    for read in sessions.values():
        if len(read) > 1 and not _TELLING.isdisjoint(read):
            yield [_outside(read), _inside(read, is_first=True), _inside(read, is_first=False)]


def _outside(read: Mapping[str, Key]) -> list[Assumption]:
    found = _flags(read, active=False, first_bar=False, last_bar=False, over=True)
    return [*found, at_most(read["bars"], 0.0)] if "bars" in read else found


def _inside(read: Mapping[str, Key], *, is_first: bool) -> list[Assumption]:
    found = _flags(read, active=True, first_bar=is_first)
    if "bars" in read:
        found.append(at_least(read["bars"], 1.0 if is_first else 2.0))
        found += [at_most(read["bars"], 1.0)] if is_first else []
    for name, column in SESSION_PRICES.items():
        if name not in read:
            continue
        bar: Key = ("bar", column)
        if name != "low" or is_first:
            found.append(Difference(bar, read[name], 0.0))
        if name != "high" or is_first:
            found.append(Difference(read[name], bar, 0.0))
    return found


def _flags(read: Mapping[str, Key], **said: bool) -> list[Assumption]:
    return [
        OneOf(read[name], frozenset({float(is_so)}), -1)
        for name, is_so in said.items()
        if name in read
    ]
