"""Blocks, actions and promises to their nodes: operands as node indices, options in name order."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from compiler.catalog.orders import OPTION_CHOICES, OptionName, PriceSlot, SizeKind
from compiler.catalog.promises import Promise
from compiler.catalog.types import Unit, ValueType
from compiler.findings.source import Span
from compiler.graph.rule_graph import ActionNode, BlockNode, CaseNode, InvariantNode, SizeNode
from compiler.syntax import tree as s
from compiler.syntax.constants import constant


class Lower(Protocol):
    """An expression to its node, and what a node is."""

    def expr(self, expr: s.Expr) -> int: ...

    def type_of(self, node: int) -> ValueType: ...


CaseOrigins = tuple[tuple[tuple[Span, ...], ...], ...]


def lower_blocks(card: s.Card, lower: Lower) -> tuple[tuple[BlockNode, ...], CaseOrigins]:
    """Return the blocks and, per block and case, the spans of `when` and of each action.

    A block with an `else` has one entry more: the block's span and its actions'.
    """
    blocks: list[BlockNode] = []
    origins: list[tuple[tuple[Span, ...], ...]] = []
    for block in card.blocks:
        cases = tuple(
            CaseNode(lower.expr(case.when), _actions(case.emit, lower)) for case in block.cases
        )
        blocks.append(BlockNode(block.id, cases, _actions(block.otherwise, lower)))
        spans = [(case.when.span, *(a.span for a in case.emit)) for case in block.cases]
        if block.otherwise:
            spans.append((block.span, *(a.span for a in block.otherwise)))
        origins.append(tuple(spans))
    return tuple(blocks), tuple(origins)


def _actions(actions: tuple[s.Action, ...], lower: Lower) -> tuple[ActionNode, ...]:
    return tuple(_action(action, lower) for action in actions)


def _action(action: s.Action, lower: Lower) -> ActionNode:
    prices = {price.slot: lower.expr(price.value) for price in action.prices}
    size = action.size
    numbers: list[tuple[OptionName, int]] = []
    options: list[tuple[OptionName, str | bool]] = []
    for option in sorted(action.options, key=lambda o: o.name):
        if option.name is OptionName.TRAIL:
            continue  # what it holds stands beside it
        match option.value:
            case bool():
                options.append((option.name, option.value))
            case str():
                choice = option.name in OPTION_CHOICES
                options.append((option.name, option.value.lower() if choice else option.value))
            case s.Bool():
                options.append((option.name, option.value.value))
            case s.Name() if option.name in OPTION_CHOICES:
                options.append((option.name, option.value.head.lower()))
            case expr:
                numbers.append((option.name, lower.expr(expr)))
    return ActionNode(
        kind=action.kind,
        prices=tuple((slot, prices[slot]) for slot in PriceSlot if slot in prices),
        size=None if size is None else _size(size, lower),
        numbers=tuple(numbers),
        options=tuple(options),
        on_fill=_actions(action.on_fill, lower),
    )


def _size(size: s.Size, lower: Lower) -> SizeNode:
    """Return a size; one that is an expression is an amount of its unit."""
    node = lower.expr(size.value)
    if size.kind is not None:
        return SizeNode(size.kind, node)
    in_base = lower.type_of(node).unit is Unit.QTY
    return SizeNode(SizeKind.BASE if in_base else SizeKind.USDT, node)


def lower_invariants(
    card: s.Card, params: Mapping[str, s.ParamDecl], lower: Lower
) -> tuple[InvariantNode, ...]:
    """Return the promises of a card."""
    nodes = []
    for invariant in card.invariants:
        condition = invariant.condition
        argument = None
        if invariant.argument is not None:
            value = constant(invariant.argument, params)
            argument = None if value is None else float(value)
        nodes.append(
            InvariantNode(
                name=Promise(invariant.name or Promise.CONDITION),
                condition=None if condition is None else lower.expr(condition),
                argument=argument,
            )
        )
    return tuple(nodes)
