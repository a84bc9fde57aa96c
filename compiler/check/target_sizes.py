"""What a target size needs: the side it opens, where it says what an opened position brings."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ACTIONS, Verb
from compiler.catalog.orders import OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.syntax import tree as s

_BROUGHT = (OptionName.TRAIL, OptionName.PROTECT, OptionName.TAKE_PROFIT_TYPE)


def wrong_beside(action: s.Action) -> Iterator[Diagnostic]:
    """Yield what a target size says of a position it cannot open: without a side it changes the open one."""
    if ACTIONS[action.kind].verb is not Verb.ADJUST_SIZE:
        return
    if action.option(OptionName.SIDE) is not None:
        return
    said = [(price.key, price.key_span) for price in action.prices]
    said += [(o.name, o.name_span) for o in action.options if o.name in _BROUGHT]
    for name, span in said:
        yield finding(
            "IC109",
            f"`{name}` is what an opened position brings: it needs `side`",
            span,
            help="`side: long` or `side: short` opens a position of the target size while there is none; "
            "`adjust_stop`, `adjust_target` and `adjust_trail` change what the open one has",
        )
