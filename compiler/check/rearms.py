"""What `rearm` needs: how often, and the one exit in `on_fill` that lets the entry come again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from compiler.catalog.actions import ACTIONS, Verb
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
    exits = [
        child
        for child in action.on_fill
        if child.kind in ACTIONS
        and ACTIONS[child.kind].verb is Verb.EXIT
        and child.option(OptionName.ORDER_REF) is not None
    ]
    if len(exits) != 1:
        yield finding(
            "IC109",
            f"`rearm` needs exactly one exit with an `order_ref` in `on_fill`, found {len(exits)}",
            option.name_span,
            help="the entry comes again when that exit has filled: "
            "`on_fill: [{ action: place_limit_exit_long, metadata: { price: …, size: fill, order_ref: out } }]`",
        )
