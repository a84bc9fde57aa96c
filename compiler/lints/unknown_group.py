"""IC511 unknown-group: a group that is cancelled but never placed, or placed but never used."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import Verb
from compiler.catalog.orders import OptionName
from compiler.findings.codes import finding
from compiler.findings.collected import listed
from compiler.findings.diagnostics import Diagnostic
from compiler.findings.source import Span
from compiler.findings.suggest import closest
from compiler.lints.context import LintContext


def _alone(context: LintContext) -> Iterator[Diagnostic]:
    """Yield orders that are to cancel the others of a group, and name none."""
    for _, action in context.placed():
        option = action.written.option(OptionName.OCO)
        if (
            option is not None
            and action.flag(OptionName.OCO)
            and action.text(OptionName.ORDER_GROUP) is None
        ):
            yield finding(
                "IC511",
                "`oco` cancels the other orders of a group, and this order has none",
                option.name_span,
                help="give the orders that exclude each other one `order_group`",
            )


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield group names that lead nowhere."""
    placed: dict[str, Span] = {}
    of_ladders: set[str] = set()  # nobody wrote these
    with_oco: set[str] = set()
    cancelled: dict[str, Span] = {}
    cancels_all = False
    for _, action in context.placed():
        if action.spec.names_live_order:
            continue  # its group is that of what it names
        option = action.written.option(OptionName.ORDER_GROUP)
        if option is None or not isinstance(option.value, str):
            cancels_all = cancels_all or action.spec.verb is Verb.CANCEL_ALL
        elif action.spec.verb is Verb.CANCEL_ALL:
            cancelled.setdefault(option.value, option.span)
        else:
            placed.setdefault(option.value, option.span)
            if action.written.rung:
                of_ladders.add(option.value)
            if action.flag(OptionName.OCO):
                with_oco.add(option.value)
    yield from _alone(context)
    for group, span in cancelled.items():
        if group not in placed:
            near = closest(group, placed)
            yield finding(
                "IC511",
                f"no order is placed in the group `{group}`",
                span,
                help=f"did you mean `{near}`?"
                if near
                else listed(placed) or "no order of this card names an `order_group`",
            )
    for group, span in placed.items():
        is_used = group in cancelled or group in with_oco or group in of_ladders
        if not is_used and not cancels_all:
            yield finding(
                "IC511",
                f"the group `{group}` is never used",
                span,
                help="cancel it somewhere, set `oco: true`, or leave the group out",
            )
