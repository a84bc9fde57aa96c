"""Blocks against one frozen snapshot: which cases are true, and what they ask for.

The law: every block is looked at on every closed bar, all of them see the same values, and nothing
is asked for by a case whose condition is not known to be true.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

from compiler.catalog.actions import ACTIONS, leaving
from compiler.catalog.builtins import FILL_PRICE, PER_LOSS, PLACED_AT
from compiler.catalog.orders import OptionName, PriceSlot
from compiler.graph.program import Code, Instruction, Program
from compiler.graph.roots import states_amount
from compiler.graph.rule_graph import ActionNode, Op, RuleGraph
from runtime.decide.intent import Intent
from runtime.orders.order import Order
from runtime.orders.order_spec import OrderSpec, Origin, Rearm
from runtime.rules.machine import Machine
from runtime.rules.straight import function_of, search_of

ELSE = -1  # the case index of a block's `else`


@dataclass(frozen=True, slots=True)
class PlacedAction:
    """An action and where it stands; `Origin.action` is unique in its case, children included."""

    action: ActionNode
    origin: Origin
    on_fill: tuple[PlacedAction, ...] = ()
    is_stated: bool = False  # its size is a lone amount
    is_by_order: bool = False  # its size holds a risk
    leaves: bool = False  # by it the entry comes again of whose `on_fill` it is

    def family(self) -> Iterator[PlacedAction]:
        """Yield the action and everything its fills may ask for."""
        yield self
        for child in self.on_fill:
            yield from child.family()


Rows = tuple[PlacedAction, ...]


class BlocksExecutor:
    """Evaluates the blocks of a program and emits intents in card order."""

    def __init__(self, program: Program) -> None:
        graph = program.graph
        self._blocks: tuple[tuple[str, tuple[tuple[int, Rows], ...], Rows], ...] = tuple(
            (
                block.id,
                tuple(
                    (case.when, place_actions(graph, b, c, case.emit))
                    for c, case in enumerate(block.cases)
                ),
                place_actions(graph, b, ELSE, block.otherwise),
            )
            for b, block in enumerate(program.blocks)
        )
        has_else = any(otherwise for _, _, otherwise in self._blocks)
        wanted = _any_of(program)
        self._wants = None if has_else else function_of(wanted)
        self.search = None if has_else else search_of(wanted)  # for bars of which `wants` is true
        names = [name for name, _ in program.accounts]
        self._of_the_filled = {
            name: names.index(name) for name in (PLACED_AT, FILL_PRICE) if name in names
        }
        members = [
            member
            for _, cases, otherwise in self._blocks
            for rows in (*(rows for _, rows in cases), otherwise)
            for row in rows
            for member in row.family()
        ]
        self._follow_ups = {m.origin: m.on_fill for m in members if m.on_fill}
        self._members = {m.origin: m for m in members}
        self._asked_once = {child.origin for m in members for child in m.on_fill}

    def nothing_fired(self) -> list[list[int]]:
        """Return a zero for each case of each block, for `execute` to count in."""
        return [[0] * len(cases) for _, cases, _ in self._blocks]

    def execute(self, machine: Machine, fired: list[list[int]]) -> list[Intent]:
        """Return what the card asks for on the bar the machine was ticked to; count the cases that fired."""
        wanted: Rows = ()
        value = machine.value
        for block, (_, cases, otherwise) in enumerate(self._blocks):
            for case, (when, rows) in enumerate(cases):
                if value(when) == 1.0:  # unknown is not true: the next case is tried
                    wanted += rows
                    fired[block][case] += 1
                    break
            else:
                wanted += otherwise
        return [intent_of(row, machine) for row in wanted] if wanted else []

    def wants(self, machine: Machine) -> bool:
        """Return whether `execute` would return anything."""
        return self._wants is None or machine.run(self._wants) == 1.0

    def fired(self, machine: Machine) -> list[int | None]:
        """Return per block the case that is true, `ELSE`, or None where nothing is asked for."""
        found: list[int | None] = []
        for _, cases, otherwise in self._blocks:
            true = (c for c, (when, _) in enumerate(cases) if machine.value(when) == 1.0)
            found.append(next(true, ELSE if otherwise else None))
        return found

    def has_follow_up(self, spec: OrderSpec) -> bool:
        """Return whether the end of this order, filled, asks for more."""
        return spec.origin in self._follow_ups

    def is_asked_once(self, spec: OrderSpec) -> bool:
        """Return whether no rule asks for this order again: it follows a fill, or comes again."""
        return spec.rearm is not None or spec.origin in self._asked_once

    def asks_once(self, intent: Intent) -> bool:
        """Return whether no rule asks for an intent again: it follows a fill, or an entry comes again by it."""
        return intent.is_again or intent.origin in self._asked_once

    def refs_due(self, spec: OrderSpec) -> Iterator[str]:
        """Yield the refs under which the `on_fill` actions behind this order place."""
        for row in self._follow_ups.get(spec.origin, ()):
            if not ACTIONS[row.action.kind].names_live_order:
                refs = (text for name, text in row.action.options if name is OptionName.ORDER_REF)
                yield from (str(ref) for ref in refs)

    def follow_up(self, order: Order, machine: Machine) -> list[Intent]:
        """Return the intents of the `on_fill` actions behind an order, its own price and that of its fill known to them."""
        spec = order.spec
        rows = self._follow_ups.get(spec.origin, ())
        placed_at = spec.limit_price if spec.trigger_price is None else spec.trigger_price
        value = self._knowing(machine, placed_at, order.avg_fill_price)
        return [_intent(row, value) for row in rows]

    def again(self, rearm: Rearm, exit_price: float | None, machine: Machine) -> Intent:
        """Return an entry that comes again: at its first prices, everything else as of this close.

        What filled is its exit, on average at a price.
        """
        placed_at = rearm.limit if rearm.trigger is None else rearm.trigger
        value = self._knowing(machine, placed_at, exit_price)
        intent = _intent(self._members[rearm.entry], value)
        first = {
            PriceSlot.PRICE: rearm.limit,
            PriceSlot.LIMIT_PRICE: rearm.limit,
            PriceSlot.TRIGGER: rearm.trigger,
        }
        prices = tuple(
            (slot, price if (known := first.get(slot)) is None else known)
            for slot, price in intent.prices
        )
        return replace(intent, prices=prices, rearm=rearm.next(), is_again=True)

    def _knowing(
        self, machine: Machine, placed_at: float | None, filled_at: float | None
    ) -> Callable[[int], float]:
        """Return what gives a node's value at this close where the prices of an order are known."""
        if not self._of_the_filled:
            return machine.value
        accounts = list(machine.accounts)
        known = {PLACED_AT: placed_at, FILL_PRICE: filled_at}
        for name, slot in self._of_the_filled.items():
            price = known[name]
            accounts[slot] = math.nan if price is None else price
        return lambda node: machine.value_under(node, accounts)


def _any_of(program: Program) -> Code:
    """Return code that is true where a case of any block is.

    COST: on most bars none is, and one call says so.
    """
    tail: Code = ()
    for block in program.blocks:
        for case in block.cases:
            code = program.code[case.when]
            join = (Instruction("or", 2),)
            tail = (
                (*tail, Instruction("jump_if_true", len(code) + 1), *code, *join) if tail else code
            )
    return tail or (Instruction("const", 0.0),)


def place_actions(graph: RuleGraph, block: int, case: int, actions: tuple[ActionNode, ...]) -> Rows:
    """Number the actions of one case: first those of the case itself, then their descendants."""
    numbers = count(len(actions))
    name = graph.blocks[block].id
    offsets = _offsets(graph, block, case, len(actions))

    def placed(
        action: ActionNode, number: int, offset: int, *, leaves: bool = False
    ) -> PlacedAction:
        way = leaving([(child.kind, _has_ref(child)) for child in action.on_fill])
        children = tuple(
            placed(child, next(numbers), offset, leaves=i == way)
            for i, child in enumerate(action.on_fill)
        )
        origin = Origin(name, case, number, offset)
        size = action.size
        by_order = size is not None and _is_by_order(graph, size.value)
        return PlacedAction(action, origin, children, states_amount(graph, size), by_order, leaves)

    return tuple(placed(a, i, offsets[i]) for i, a in enumerate(actions))


def _has_ref(action: ActionNode) -> bool:
    return any(name is OptionName.ORDER_REF for name, _ in action.options)


def _is_by_order(graph: RuleGraph, root: int) -> bool:
    todo, seen = [root], {root}
    while todo:
        node = graph.nodes[todo.pop()]
        if node.op is Op.ACCOUNT and node.attr[0] == PER_LOSS:
            return True
        todo += [arg for arg in node.args if arg not in seen]
        seen.update(node.args)
    return False


def _offsets(graph: RuleGraph, block: int, case: int, actions: int) -> list[int]:
    """Return where each action of a case starts in the card; -1 where the graph has no places."""
    if block >= len(graph.case_origins):
        return [-1] * actions
    spans = graph.case_origins[block][case]  # `else` is the entry after the last case: index -1
    return [span.start for span in spans[1:]]


def intent_of(row: PlacedAction, machine: Machine) -> Intent:
    """Return an action with its operands frozen at this bar's close."""
    return _intent(row, machine.value)


def _intent(row: PlacedAction, value: Callable[[int], float]) -> Intent:
    action = row.action
    return Intent(
        action=action,
        origin=row.origin,
        prices=tuple((slot, value(node)) for slot, node in action.prices),
        size=None if action.size is None else value(action.size.value),
        numbers=tuple((name, value(node)) for name, node in action.numbers),
        is_stated=row.is_stated,
        is_by_order=row.is_by_order,
        leaves=row.leaves,
    )
