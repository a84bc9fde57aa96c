"""What a lint rule may look at: the card as written, the graph it lowers to, and the reasoner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from compiler.catalog.actions import ACTIONS, ActionSpec
from compiler.catalog.orders import OrderType, PositionSide, Side
from compiler.findings.source import Source, Span
from compiler.graph.rule_graph import ActionNode, Node, Op, RuleGraph
from compiler.lints.reasoning.bounds import Key, at_least, at_most
from compiler.lints.reasoning.branches import Assumption, Claim, Known, OneOf, Truth
from compiler.lints.reasoning.logic import Reasoner, Solver
from compiler.syntax.tree import Action, Block, Card, Case

SIDE_KEY: Key = ("account", "position_side", "")
SIDES = {"flat": 0.0, "long": 1.0, "short": 2.0}
_KNOWN_IN_POSITION = ("position_avg_entry", "bars_since_entry", "position_unrealized_pct")


def account(name: str, ref: str = "") -> Key:
    """Return the reasoner's variable of an account builtin."""
    return ("account", name, ref)


def holding(side: str) -> tuple[Assumption, ...]:
    """Return all that follows from the side of the position: what is known, and what is zero."""
    flat = side == "flat"
    known = [Known(account(name), not flat, -1) for name in _KNOWN_IN_POSITION]
    bound = at_most if flat else at_least
    limits = [bound(account("position_layers"), 0 if flat else 1)]
    limits += [bound(account(name), 0) for name in ("position_qty", "position_size_usdt")]
    return (OneOf(SIDE_KEY, frozenset({SIDES[side]}), -1), *known, *limits)


@dataclass(frozen=True, slots=True)
class Placed:
    """One action as written and as lowered."""

    written: Action
    node: ActionNode

    @property
    def kind(self) -> str:
        return self.node.kind

    @property
    def spec(self) -> ActionSpec:
        return ACTIONS[self.kind]

    @property
    def is_long(self) -> bool:
        return self.spec.side is PositionSide.LONG

    def text(self, name: str) -> str | None:
        """Return a text option (`order_ref`, …)."""
        value = dict(self.node.options).get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: str) -> bool:
        return dict(self.node.options).get(name) is True

    def price(self, slot: str) -> int | None:
        return dict(self.node.prices).get(slot)

    def number(self, name: str) -> int | None:
        return dict(self.node.numbers).get(name)


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case of a block: `index` -1 and no condition for the `else` branch."""

    block: Block
    index: int
    case: Case | None
    when: int | None
    actions: tuple[Placed, ...]

    @property
    def span(self) -> Span:
        return self.case.when.span if self.case is not None else self.block.id_span


class LintContext:
    """Read-only views shared by all rules of one check."""

    def __init__(
        self, source: Source, card: Card, graph: RuleGraph, solver: Solver | None = None
    ) -> None:
        self.source = source
        self.card = card
        self.graph = graph
        self.reasoner = Reasoner(graph, solver)

    def node(self, index: int) -> Node:
        return self.graph.nodes[index]

    def origin(self, index: int) -> Span:
        return self.graph.origins[index]

    def constant(self, index: int | None) -> float | None:
        """Return the value of a constant node, None for any other."""
        if index is None or self.node(index).op is not Op.CONST:
            return None
        return float(self.node(index).attr[0])

    @cached_property
    def cases(self) -> tuple[CaseView, ...]:
        views = []
        for block, lowered in zip(self.card.blocks, self.graph.blocks, strict=True):
            for i, (case, node) in enumerate(zip(block.cases, lowered.cases, strict=True)):
                views.append(CaseView(block, i, case, node.when, _pair(case.emit, node.emit)))
            if block.otherwise:
                actions = _pair(block.otherwise, lowered.otherwise)
                views.append(CaseView(block, -1, None, None, actions))
        return tuple(views)

    def placed(self, *kinds: frozenset[str]) -> Iterator[tuple[CaseView, Placed]]:
        """Yield every action whose kind is in one of the sets; all without arguments."""
        for view in self.cases:
            for action in _with_on_fill(view.actions):
                if not kinds or any(action.kind in k for k in kinds):
                    yield view, action

    def possible(self, view: CaseView, *assume: Assumption) -> bool:
        """Return whether a case can be true under the assumptions (True for `else`)."""
        if view.when is None:
            return True
        return self.reasoner.possible([Claim(view.when, Truth.TRUE)], assume)

    def possible_while(self, view: CaseView, sides: Iterable[str], *assume: Assumption) -> bool:
        """Return whether a case can be true while the position is on one of the sides."""
        return any(self.possible(view, *holding(side), *assume) for side in sides)

    def may_repeat_while_pending(self, view: CaseView, action: Placed) -> bool:
        """Return whether the case can fire while the order it placed is still working."""
        ref = action.text("order_ref")
        assume: list[Assumption] = [
            at_least(account("pending_order_count"), 1),
            Known(account("oldest_pending_age_bars"), True, -1),
        ]
        if ref is not None:
            assume.append(OneOf(account("order_pending", ref), frozenset({1.0}), -1))
        count = _COUNTS.get((action.spec.order_type, action.spec.order_side))
        if count is not None:
            assume.append(at_least(account(count), 1))
        return self.possible(view, *assume)

    def may_scale_in(self, view: CaseView, action: Placed, layers: int = 1) -> bool:
        """Return whether the case can fire while a position of its side with `layers` is open."""
        side = "long" if action.is_long else "short"
        return self.possible_while(view, (side,), at_least(account("position_layers"), layers))

    def is_event(self, view: CaseView) -> bool:
        """Return whether the case must change to fire again: a cross, or a one-bar event field."""
        return view.when is not None and any(
            self._is_event(i) for i in conjuncts(self.graph, view.when)
        )

    def _is_event(self, index: int) -> bool:
        node = self.node(index)
        if node.op is Op.AND:
            return any(self._is_event(i) for i in node.args)
        if node.op in (Op.LTE, Op.GTE, Op.LT, Op.GT, Op.EQ):
            return any(self.node(a).op is Op.PREV or self._is_event_leaf(a) for a in node.args)
        return self._is_event_leaf(index)

    def _is_event_leaf(self, index: int) -> bool:
        node = self.node(index)
        if node.op is not Op.FEATURE:
            return False
        output = str(node.attr[1])
        return output.endswith("_this_bar") or output in _EVENT_OUTPUTS


_EVENT_OUTPUTS = frozenset({"fired", "fired_up", "fired_down", "reversal", "is_displacement"})
_COUNTS: dict[tuple[OrderType | None, Side | None], str] = {
    (OrderType.LIMIT, Side.BUY): "pending_limit_buy_count",
    (OrderType.LIMIT, Side.SELL): "pending_limit_sell_count",
    (OrderType.STOP_MARKET, Side.BUY): "pending_stop_buy_count",
    (OrderType.STOP_MARKET, Side.SELL): "pending_stop_sell_count",
}


def _pair(written: tuple[Action, ...], nodes: tuple[ActionNode, ...]) -> tuple[Placed, ...]:
    return tuple(Placed(w, n) for w, n in zip(written, nodes, strict=True))


def _with_on_fill(actions: tuple[Placed, ...]) -> Iterator[Placed]:
    for action in actions:
        yield action
        yield from _with_on_fill(_pair(action.written.on_fill, action.node.on_fill))


def conjuncts(graph: RuleGraph, node: int) -> Iterator[int]:
    """Yield the operands of nested `and`s, the node itself when it is none."""
    if graph.nodes[node].op is Op.AND:
        for argument in graph.nodes[node].args:
            yield from conjuncts(graph, argument)
    else:
        yield node


def leaves(graph: RuleGraph, node: int) -> Iterator[Node]:
    """Yield the read values below a node."""
    seen: set[int] = set()
    stack = [node]
    while stack:
        index = stack.pop()
        if index in seen:
            continue
        seen.add(index)
        current = graph.nodes[index]
        if not current.args:
            yield current
        stack.extend(current.args)


__all__ = [
    "CaseView", "LintContext", "Placed", "account", "at_least", "at_most", "conjuncts", "holding",
    "leaves",
]  # fmt: skip
