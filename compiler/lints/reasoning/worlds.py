"""Which states of the account, and which bars of the clock, agree with a set of literals.

Whether a position is open and whether an order works decide together what dozens of builtins can
tell (`compiler/catalog/builtins.py`). A set of literals is possible only if it is in one of these
worlds; the law: a world is never ruled out that a run can be in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from compiler.catalog.bar_clock import CLOCK_NAMES, values_on
from compiler.catalog.builtins import While, tells
from compiler.graph.rule_graph import RuleGraph
from compiler.lints.reasoning.bounds import Key, at_least, at_most
from compiler.lints.reasoning.branches import Assumption, Known, OneOf

SIDE_KEY: Key = ("account", "position_side", "")
SIDES = {"flat": 0.0, "long": 1.0, "short": 2.0}
LAYERS_KEY: Key = ("account", "position_layers", "")
# The alternatives of one question, each with all that would follow.
Question = Sequence[Sequence[Assumption]]


def concerned(keys: Iterable[Key]) -> dict[While, list[Key]]:
    """Return the account builtins among variables by what they depend on."""
    found: dict[While, list[Key]] = {}
    for key in keys:
        if not isinstance(key, tuple) or key[0] != "account":
            continue
        told = tells(str(key[1]))
        state = While.POSITION if key == SIDE_KEY else told.needs or told.nothing_without
        if state is not None:
            found.setdefault(state, []).append(key)
    return found


def worlds(
    keys: Iterable[Key], known: dict[Key, bool], bools: frozenset[Key]
) -> Iterator[Question]:
    """Yield, per question that matters here, the alternatives of what would follow from it.

    `known` says which variables are already claimed to be known or unknown. A question about one
    variable alone decides nothing and is not asked.
    """
    groups = concerned(keys)
    position = groups.get(While.POSITION, [])
    if len(position) > 1 or any(tells(str(k[1])).layers for k in position):  # type: ignore[index]
        sides = [OneOf(SIDE_KEY, frozenset({SIDES[s]}), -1) for s in ("flat", "long", "short")]
        yield [
            [
                side,
                *follows(position, While.POSITION, side is not sides[0], bools),
                *_of_layers(position, known),
            ]
            for side in sides
        ]
    orders = groups.get(While.ORDERS, [])
    if len(orders) > 1:
        yield [follows(orders, While.ORDERS, is_so, bools) for is_so in (False, True)]


def follows(
    keys: Iterable[Key], state: While, is_so: bool, bools: frozenset[Key]
) -> list[Assumption]:
    """Return what follows for some builtins from a state of the account."""
    found: list[Assumption] = []
    for key in keys:
        assert isinstance(key, tuple)
        told = tells(str(key[1]))
        if told.needs is state and (not is_so or told.certain):
            found.append(Known(key, is_so, -1))
        if told.nothing_without is not state:
            continue
        if key in bools:
            found += [] if is_so else [OneOf(key, frozenset({0.0}), -1)]
        elif not is_so:
            found += [at_most(key, 0.0), at_least(key, 0.0)]
        elif told.least > float("-inf"):
            found.append(at_least(key, told.least, strict=told.more))
    return found


def _of_layers(keys: Iterable[Key], known: dict[Key, bool]) -> Iterator[Assumption]:
    """Yield how many layers there are where something of one of them is (un)known."""
    for key in keys:
        assert isinstance(key, tuple)
        count = tells(str(key[1])).layers
        if count and key in known:
            yield at_least(LAYERS_KEY, count) if known[key] else at_most(LAYERS_KEY, count - 1)


def clock_choices(graph: RuleGraph, keys: Iterable[Key]) -> Iterator[Question]:
    """Yield, per clock builtin that has few values on this timeframe, the bounds that pin each."""
    for key in keys:
        if isinstance(key, tuple) and key[0] == "bar" and key[1] in CLOCK_NAMES:
            values = values_on(str(key[1]), graph.timeframe)
            if values is not None:
                yield [(at_most(key, v), at_least(key, v)) for v in sorted(values)]
