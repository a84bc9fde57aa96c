"""What a lint rule may look at: the card as written, the graph it lowers to, and the reasoner."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import assert_never

from compiler.catalog.actions import ENTRIES, ActionSpec, Verb, meaning_of
from compiler.catalog.builtins import ORDER_PRICE
from compiler.catalog.lookup import SIGNATURES
from compiler.catalog.orders import (
    AT_ONCE,
    OnFlat,
    OptionName,
    OrderType,
    PositionSide,
    PriceSlot,
    Side,
    SizeKind,
)
from compiler.catalog.types import OutputFacts, Type
from compiler.findings.source import Source, Span
from compiler.graph.describe import describe
from compiler.graph.roots import made_of
from compiler.graph.rule_graph import ActionNode, FeatureNode, Node, Op, RuleGraph, SizeNode
from compiler.lints.places import places
from compiler.lints.reasoning.bounds import Key, at_least, at_most
from compiler.lints.reasoning.branches import Assumption, Claim, Known, OneOf, Truth
from compiler.lints.reasoning.facts import key_of, leaves
from compiler.lints.reasoning.logic import Reasoner, Solver
from compiler.lints.reasoning.worlds import SIDE_KEY, SIDES
from compiler.syntax.tree import Action, Block, Card, Case

_MOST_SHOWN = 6
_WORD = re.compile(r"[A-Za-z_][\w.]*(@\w+)?(\[\d+\])?")


def account(name: str, ref: str = "") -> Key:
    """Return the reasoner's variable of an account builtin."""
    return ("account", name, ref)


def holding(side: str) -> Assumption:
    """Return the assumption that the position is on a side; what follows from it is the reasoner's."""
    return OneOf(SIDE_KEY, frozenset({SIDES[side]}), -1)


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
        return meaning_of(self.kind, self.text(OptionName.SIDE))

    @property
    def may_open(self) -> bool:
        """Return whether it may open a position: an entry, or a target size that names its side."""
        return self.kind in ENTRIES or self.is_target_of_a_side

    @property
    def is_target_of_a_side(self) -> bool:
        return self.spec.verb is Verb.ADJUST_SIZE and self.spec.side is not None

    @property
    def is_long(self) -> bool:
        return self.spec.side is PositionSide.LONG

    def text(self, name: OptionName) -> str | None:
        """Return a text option (`order_ref`, …)."""
        value = dict(self.node.options).get(name)
        return value if isinstance(value, str) else None

    def flag(self, name: OptionName) -> bool:
        return dict(self.node.options).get(name) is True

    @property
    def comes_again(self) -> bool:
        """Return whether it is placed again when its exit has filled: for ever, or so many times."""
        return self.flag(OptionName.REARM) or self.number(OptionName.REARM) is not None

    def price(self, slot: PriceSlot) -> int | None:
        return dict(self.node.prices).get(slot)

    def number(self, name: OptionName) -> int | None:
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
        self._places: dict[tuple[str, int], dict[int, Span]] = {}
        self._within: dict[tuple[str, int], dict[int, Span]] = {}

    def node(self, index: int) -> Node:
        return self.graph.nodes[index]

    def feature(self, node: Node) -> FeatureNode:
        """Return the feature that a node of one reads."""
        return self.graph.features[int(node.attr[0])]

    def facts(self, node: Node) -> OutputFacts:
        """Return what is always so of the output of a feature that a node reads."""
        feature = self.feature(node)
        return SIGNATURES[feature.type].output(str(node.attr[1]), dict(feature.params)).facts

    def origin(self, index: int) -> Span:
        return self.graph.origins[index]

    def constant(self, index: int | None) -> float | None:
        """Return the value of a constant node, None for any other."""
        if index is None or self.node(index).op is not Op.CONST:
            return None
        return float(self.node(index).attr[0])

    def notional(self, size: SizeNode) -> float | None:
        """Return what a size is, usdt, at the equity the card starts with; None where it is not fixed.

        A part of the largest position is one of what leverage carries: `max_position_usdt` is left out.
        """
        value, money = self.constant(size.value), self.graph.settings.account
        if value is None:
            return None
        match size.kind:
            case SizeKind.USDT:
                return value
            case SizeKind.EQUITY_FRACTION:
                return value * money.starting_equity_usdt
            case SizeKind.MAX_FRACTION:
                return value * money.max_leverage * money.starting_equity_usdt
            case (
                SizeKind.BASE
                | SizeKind.POSITION_FRACTION
                | SizeKind.RISK_PCT
                | SizeKind.REST
                | SizeKind.FILL
            ):
                return None
            case _:
                assert_never(size.kind)

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

    def earlier(self) -> Iterator[tuple[CaseView, tuple[CaseView, ...]]]:
        """Yield every case with those that stand before it in its block."""
        for _, cases in groupby(self.cases, key=lambda view: id(view.block)):
            views = tuple(cases)
            yield from ((view, views[:position]) for position, view in enumerate(views))

    def placed(self, *kinds: frozenset[str]) -> Iterator[tuple[CaseView, Placed]]:
        """Yield every action whose kind is in one of the sets; all without arguments."""
        for view in self.cases:
            for action in _with_on_fill(view.actions):
                if not kinds or any(action.kind in k for k in kinds):
                    yield view, action

    def opening(self) -> Iterator[tuple[CaseView, Placed]]:
        """Yield every action that may open a position."""
        return ((view, action) for view, action in self.placed() if action.may_open)

    def possible(self, view: CaseView, *assume: Assumption) -> bool:
        """Return whether a case can be true under the assumptions (True for `else`)."""
        if view.when is None:
            return True
        return self.reasoner.possible([Claim(view.when, Truth.TRUE)], assume)

    def possible_while(self, view: CaseView, sides: Iterable[str], *assume: Assumption) -> bool:
        """Return whether a case can be true while the position is on one of the sides."""
        return any(self.possible(view, holding(side), *assume) for side in sides)

    def may_repeat_while_pending(self, view: CaseView, action: Placed, orders: int = 1) -> bool:
        """Return whether the case can fire while the order it placed is still working.

        With more than one: while so many like it are working.
        """
        if self.ends_before_next(action):
            return False
        ref = action.text(OptionName.ORDER_REF)
        assume: list[Assumption] = [
            at_least(account("pending_order_count"), orders),
            Known(account("oldest_pending_age_bars"), True, -1),
        ]
        if ref is not None:
            assume.append(OneOf(account("order_pending", ref), frozenset({1.0}), -1))
            if action.spec.order_type is not OrderType.MARKET:  # it waits for a price
                assume.append(Known(account(ORDER_PRICE, ref), True, -1))
        if self._ends_with_its_position(view, action):
            assume.append(OneOf(SIDE_KEY, frozenset({SIDES["long"], SIDES["short"]}), -1))
        count = _COUNTS.get((action.spec.order_type, action.spec.order_side))
        if count is not None:
            assume.append(at_least(account(count), orders))
        return self.possible(view, *assume)

    def ends_before_next(self, action: Placed) -> bool:
        """Return whether an order is filled or gone before the rules of the next close are asked.

        One that lives for one bar expires before them, one that fills at once or not at all was
        decided at the open; not where the card may lengthen its life, or place it again itself.
        """
        if action.comes_again:
            return False
        if action.text(OptionName.TTL_TYPE) in AT_ONCE:
            return action.spec.order_type is OrderType.LIMIT
        life = self.constant(action.number(OptionName.TTL_BARS))
        return life is not None and life <= 1 and not self._lives_may_grow

    def _ends_with_its_position(self, view: CaseView, action: Placed) -> bool:
        """Return whether an order works only while a position is open: an entry's fill asks for it, its close ends it.

        An exit always ends so, an entry that says it.
        Not where more than one such entry may wait: each fill asks for it. One that comes again may do so at the close at
        which its exit has left nothing open. That the position is closed at the very open at which it arrives is left out.
        """
        ends = action.spec.verb is Verb.EXIT or action.text(OptionName.ON_FLAT) == OnFlat.CANCEL
        if not ends or action.spec.verb not in (Verb.ENTER, Verb.EXIT):
            return False
        every = tuple(_with_on_fill(view.actions))
        behind = (
            one for one in every if any(child is action.written for child in one.written.on_fill)
        )
        ref = action.text(OptionName.ORDER_REF)
        if ref is not None and sum(one.text(OptionName.ORDER_REF) == ref for one in every) > 1:
            return False  # the fills of two entries ask for it
        is_of_one_entry = any(
            one.spec.verb is Verb.ENTER
            and (
                one.spec.order_type is OrderType.MARKET
                or one.text(OptionName.ORDER_REF) is not None  # a second one is refused
                or not self.may_repeat_while_pending(view, one)
            )
            for one in behind
        )
        return is_of_one_entry and not action.comes_again

    @cached_property
    def _lives_may_grow(self) -> bool:
        amended = (a for _, a in self.placed() if a.spec.verb is Verb.AMEND)
        return any(a.number(OptionName.TTL_BARS) is not None for a in amended)

    def may_scale_in(self, view: CaseView, action: Placed, layers: int = 1) -> bool:
        """Return whether the case can fire while a position of its side with `layers` is open."""
        side = "long" if action.is_long else "short"
        return self.possible_while(view, (side,), at_least(account("position_layers"), layers))

    def place(self, view: CaseView, index: int) -> Span:
        """Return where a node stands in the condition of a case."""
        if view.case is None or view.when is None:
            return view.span
        key = (view.block.id, view.index)
        if key not in self._places:
            self._places[key] = places(self.graph, view.case.when, view.when)
        return self._places[key].get(index, view.span)

    def standing(self, view: CaseView, index: int) -> tuple[Span, Span | None]:
        """Return where a node of a case stands, and where the case uses it if a variable says it.

        What a variable says has its place in the variable: the case that names it may say much else.
        """
        if view.case is None or view.when is None:
            return view.span, None
        variables = {one.name: one.value for one in self.card.variables}
        key = (view.block.id, view.index)
        if key not in self._within:  # COST: a condition of many parts asks for each of them
            self._within[key] = places(self.graph, view.case.when, view.when, variables)
        span = self._within[key].get(index, view.span)
        if (named := variables.get(self.source.slice(span).strip())) is not None:
            return named.span, span
        inside = view.case.when.span
        if inside.start <= span.start and span.end <= inside.end:
            return span, None
        # The smallest part of the case that holds it: the name of the variable.
        holding = [
            place
            for node, place in places(self.graph, view.case.when, view.when).items()
            if index in made_of(self.graph, [node])
        ]
        return span, min(holding, key=lambda place: place.end - place.start, default=view.span)

    def mentions(self, view: CaseView, name: str) -> bool:
        """Return whether the condition of a case reads an account builtin."""
        if view.when is None:
            return False
        read = (self.node(leaf) for leaf in self.leaves(view.when))
        return any(node.op is Op.ACCOUNT and node.attr[0] == name for node in read)

    def example(self, claims: Sequence[Claim], assume: Sequence[Assumption] = ()) -> str | None:
        """Return values that make claims so, as text in the card's words; None if none is found."""
        values = self.reasoner.witness(claims, assume)
        if values is None:
            return None
        shown: dict[str, None] = {}
        for claim in claims:
            for index in leaves(self.graph, claim.node):
                value = values.get(key_of(self.graph.nodes, index))
                if value is not None:
                    shown.setdefault(f"{self.words(index)} {_shown(self.node(index), value)}")
        listed = list(shown)[:_MOST_SHOWN]
        return ", ".join(listed[:-1]) + (" and " if listed[1:] else "") + "".join(listed[-1:])

    def leaves(self, index: int) -> list[int]:
        """Return the values read below a node."""
        return list(leaves(self.graph, index))

    def words(self, index: int) -> str:
        """Return a value as the card writes it, as an expression where it is not written out."""
        written = self.source.slice(self.origin(index))
        return f"`{written if _WORD.fullmatch(written) else describe(self.graph, index)}`"


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
        yield from followers(action)


def followers(action: Placed) -> Iterator[Placed]:
    """Yield what the fill of an order asks for, and what theirs does."""
    yield from _with_on_fill(_pair(action.written.on_fill, action.node.on_fill))


def conjuncts(graph: RuleGraph, node: int) -> Iterator[int]:
    """Yield the operands of nested `and`s, the node itself when it is none."""
    if graph.nodes[node].op is Op.AND:
        for argument in graph.nodes[node].args:
            yield from conjuncts(graph, argument)
    else:
        yield node


def _shown(node: Node, value: float) -> str:
    tokens = node.value.enum or (("false", "true") if node.value.type is Type.BOOL else ())
    return tokens[int(value)] if tokens else f"{value:g}"


__all__ = [
    "CaseView",
    "LintContext",
    "Placed",
    "account",
    "at_least",
    "at_most",
    "conjuncts",
    "followers",
    "holding",
    "leaves",
]
