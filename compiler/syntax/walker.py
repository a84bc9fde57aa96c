"""Visiting the syntax tree: the parts of an expression and the expressions of a card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from compiler.catalog.orders import OptionName
from compiler.syntax import tree as s


def children(expr: s.Expr) -> tuple[s.Expr, ...]:
    """Return the direct operands of an expression, in writing order."""
    match expr:
        case (s.Number() | s.Percent() | s.Bool() | s.Name() | s.FeatureRef() | s.BuiltinRef()) | (
            s.VarRef() | s.ParamRef() | s.Rest() | s.Clock() | s.Day()
        ):
            return ()
        case (
            s.Offset()
            | s.Negate()
            | s.IsMissing()
            | s.IsState()
            | s.InClock()
            | s.Not()
            | s.Window()
        ):
            return (expr.operand,)
        case s.Arith() | s.Compare() | s.Cross():
            return (expr.left, expr.right)
        case s.Call():
            return expr.args
        case s.Default():
            return (expr.value, expr.fallback)
        case s.Between():
            return (expr.operand, expr.low, expr.high)
        case s.In():
            return (expr.operand, *expr.items)
        case s.Near():
            return (expr.left, expr.right, expr.tolerance)
        case s.All() | s.Any():
            return expr.items
        case s.Choice():
            return (expr.value, expr.condition, expr.other)
        case s.Sequence():
            return (expr.first, expr.second)
        case s.PercentParam():
            return (expr.param,)
        case s.Part():
            return (expr.percent, expr.of)
        case s.Amount():
            return (expr.value,)
        case s.Risk():
            return (expr.percent,)
        case _:
            assert_never(expr)


def subexpressions(expr: s.Expr) -> Iterator[s.Expr]:
    """Yield an expression and everything inside it, outside first, without recursion."""
    todo = [expr]
    while todo:
        node = todo.pop()
        yield node
        todo.extend(reversed(children(node)))


def depth(expr: s.Expr) -> int:
    """Return how deep an expression nests, without recursion."""
    level, count = [expr], 0
    while level:
        count += 1
        level = [child for node in level for child in children(node)]
    return count


def action_expressions(action: s.Action) -> Iterator[s.Expr]:
    """Yield the operands of an action, `on_fill` actions included."""
    for price in action.prices:
        yield price.value
    if action.size is not None:
        yield action.size.value
    for option in action.options:
        if not isinstance(option.value, str | bool):
            yield option.value
    if action.ladder is not None:
        yield from action.ladder.expressions
    for child in action.on_fill:
        yield from action_expressions(child)


def actions(card: s.Card) -> Iterator[s.Action]:
    """Yield every action of the card, `on_fill` actions after the one that carries them."""
    todo: list[s.Action] = []
    for block in card.blocks:
        for case in block.cases:
            todo.extend(case.emit)
        todo.extend(block.otherwise)
    todo.reverse()
    while todo:
        action = todo.pop()
        yield action
        todo.extend(reversed(action.on_fill))


def live_expressions(card: s.Card) -> Iterator[s.Expr]:
    """Yield what a run evaluates: conditions, operands, promises, settings; no variables."""
    for block in card.blocks:
        for case in block.cases:
            yield case.when
            for action in case.emit:
                yield from action_expressions(action)
        for action in block.otherwise:
            yield from action_expressions(action)
    for invariant in card.invariants:
        if invariant.condition is not None:
            yield invariant.condition
        if invariant.argument is not None:
            yield invariant.argument
    for setting in card.settings:
        if not isinstance(setting.value, str | bool):
            yield setting.value


def order_refs(card: s.Card) -> tuple[str, ...]:
    """Return the order refs the card gives to its orders, in the order they are written."""
    refs: dict[str, None] = {}
    for action in actions(card):
        option = action.option(OptionName.ORDER_REF)
        if option is not None and isinstance(option.value, str):
            refs.setdefault(option.value)
    return tuple(refs)
