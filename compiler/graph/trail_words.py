"""A trailing stop in words, and whether a card has one."""

from __future__ import annotations

from collections.abc import Mapping

from compiler.catalog.orders import TRAIL_DISTANCES, OptionName
from compiler.graph.roots import actions
from compiler.graph.rule_graph import RuleGraph


def has_trail(options: Mapping[OptionName, str]) -> bool:
    return any(name in options for name in TRAIL_DISTANCES)


def trail_in_words(options: Mapping[OptionName, str], *, unsaid: str) -> str:
    """Return how far a trailing stop stays behind, and from when on; `unsaid` is when where it says none."""
    if OptionName.DISTANCE in options:
        far = options[OptionName.DISTANCE]
    else:
        far = f"{options[OptionName.DISTANCE_PCT]} % of the average entry"
    if OptionName.ACTIVATE in options:
        when = f"from the price {options[OptionName.ACTIVATE]} on"
    elif OptionName.ACTIVATE_PCT in options:
        when = f"from {options[OptionName.ACTIVATE_PCT]} % above the average entry on (below it for a short)"
    elif OptionName.ACTIVATE_R in options:
        when = f"from {options[OptionName.ACTIVATE_R]} times the distance to its stop in favour on"
    else:
        when = unsaid
    return f"a trailing stop {far} behind the best price, {when},"


def trails(graph: RuleGraph) -> bool:
    """Return whether any action of a card asks for a trailing stop."""
    return any(has_trail(dict.fromkeys((n for n, _ in a.numbers), "")) for a in actions(graph))
