"""What `rearm` needs: how often, and the one exit in `on_fill` that lets the entry come again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.catalog.actions import EXITS, leaving
from compiler.catalog.orders import MOST_REARMS, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.syntax import tree as s
from compiler.syntax.constants import constant


def wrong_value(option: s.Option, params: Mapping[str, s.ParamDecl]) -> Iterator[Diagnostic]:
    """Yield what is wrong with how often an entry may come again."""
    if isinstance(option.value, str | bool):
        return
    value = constant(option.value, params)
    if value is None or not 1 <= value <= MOST_REARMS or value != int(value):
        text = f"`rearm` is `true`, or how often at most: a whole constant or tunable, 1 to {MOST_REARMS}"
        yield finding("IC110", text, option.span)


def wrong_beside(action: s.Action) -> Iterator[Diagnostic]:
    """Yield what an entry that is to come again lacks in its `on_fill`."""
    option = action.option(OptionName.REARM)
    if option is None or option.value is False:
        return
    placed = [
        (child.kind, child.option(OptionName.ORDER_REF) is not None) for child in action.on_fill
    ]
    if leaving(placed) is not None:
        return
    exits = sum(kind in EXITS for kind, _ in placed)
    named = sum(kind in EXITS and has_ref for kind, has_ref in placed)
    yield finding(
        "IC109",
        "`rearm` needs an exit in `on_fill`, found none"
        if not exits
        else f"`rearm` follows one exit of its `on_fill`, and {exits} stand there, {named} with an `order_ref`",
        option.name_span,
        help="the entry comes again when that exit has filled: "
        "`on_fill: [{ action: place_limit_exit_long, metadata: { price: …, size: fill } }]`"
        if not exits
        else "give exactly one of them an `order_ref`: the entry comes again when that one has filled",
    )
