"""`fill_price`, the average price of the order that filled, is known to the actions of its `on_fill` alone."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.builtins import FILL_PRICE
from compiler.findings.collected import Findings
from compiler.findings.diagnostics import Diagnostic
from compiler.resolve.ladder_plans import named
from compiler.syntax import tree as s
from compiler.syntax.walker import action_expressions, actions, subexpressions


def read_elsewhere(card: s.Card) -> list[Diagnostic]:
    """Return where a card reads `fill_price` though no order has filled there; a name of its own is that."""
    own = {x.id for x in card.features} | {x.name for x in card.variables}
    if FILL_PRICE in own | {x.name for x in card.params}:
        return []
    findings = Findings()
    known = {id(part) for expr in _of_fills(card) for part in subexpressions(expr)}
    for _, part in named(card, (FILL_PRICE,)):
        if id(part) not in known:
            findings.add(
                "IC201",
                f"`{FILL_PRICE}` is known in an `on_fill` only",
                part.span,
                help="it is the price at which the order before was filled; of the position there are "
                "`position_avg_entry`, `position_last_entry` and `last_exit_price`",
            )
    return findings.all()


def _of_fills(card: s.Card) -> Iterator[s.Expr]:
    for action in actions(card):
        for child in action.on_fill:
            yield from action_expressions(child)
