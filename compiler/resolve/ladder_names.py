"""What the orders of a ladder, and those of its `on_fill`, are called.

The law: a ref is what stands in the card; the orders of a ladder, and what their `on_fill` places, are called
`REF_1`, `REF_2` … after it. Outside of that `on_fill` the ref means every order called after it; inside, the
one of the same rung.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from compiler.catalog.actions import ACTIONS
from compiler.catalog.orders import OptionName
from compiler.classes import dataclass
from compiler.syntax import tree as s
from compiler.syntax.walker import actions


@dataclass(frozen=True, slots=True)
class Called:
    """One order of a ref. `rung` is its place in its ladder, 0 for an order of its own."""

    ref: str
    rung: int


def ref_of(action: s.Action) -> str:
    option = action.option(OptionName.ORDER_REF)
    return option.value if option is not None and isinstance(option.value, str) else ""


def places(action: s.Action) -> bool:
    """Return whether an action may place an order: one that speaks of another's does not."""
    return action.kind in ACTIONS and not ACTIONS[action.kind].names_live_order


def names_after(card: s.Card, orders: Mapping[int, int]) -> dict[str, tuple[Called, ...]]:
    """Return for each ref that more than one order is called after what they are called.

    `orders` says how many a ladder has, by the identity of its action.
    """
    found: dict[str, dict[Called, None]] = {}
    for block in card.blocks:
        for case in block.cases:
            _note(case.emit, (), orders, found)
        _note(block.otherwise, (), orders, found)
    return {
        ref: tuple(called) for ref, called in found.items() if any(one.ref != ref for one in called)
    }


def _note(
    emitted: Sequence[s.Action],
    within: tuple[int, ...],
    orders: Mapping[int, int],
    found: dict[str, dict[Called, None]],
) -> None:
    """Note the orders of some actions; `within` are the rungs whose `on_fill` they stand in, inmost first."""
    for action in emitted:
        most = orders.get(id(action), 0)
        rungs = [(k, *within) for k in range(1, most + 1)] or [within]
        for rung in rungs:
            ref = ref_of(action)
            if ref and places(action):
                name = "_".join((ref, *map(str, rung)))
                found.setdefault(ref, {})[Called(name, rung[0] if most else 0)] = None
            _note(action.on_fill, rung, orders, found)


def placed_refs(emitted: Sequence[s.Action]) -> frozenset[str]:
    """Return the refs that some actions, and those of their `on_fill`, place orders under."""
    return frozenset(_placed(emitted)) - {""}


def _placed(emitted: Sequence[s.Action]) -> Iterator[str]:
    for action in emitted:
        if places(action):
            yield ref_of(action)
        yield from _placed(action.on_fill)


def taken(card: s.Card, ladders: Mapping[int, int]) -> Iterator[tuple[s.Option, str]]:
    """Yield the refs of actions that a ladder calls an order of its own, each with the ladder's."""
    names = names_after(card, ladders)
    own = {ref_of(action) for action in actions(card) if id(action) in ladders}
    after = {one.ref: ref for ref, called in names.items() for one in called if one.ref != ref}
    after |= {ref: ref for ref in own}
    for action in actions(card):
        option = action.option(OptionName.ORDER_REF)
        if id(action) not in ladders and places(action) and ref_of(action) in after:
            assert option is not None
            yield option, after[ref_of(action)]
