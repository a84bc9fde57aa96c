"""IC502 order-ref-reuse: placing under a ref that may still be working is refused at run time."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import RESTING, Verb
from compiler.catalog.orders import OnLiveRef, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.events import is_event

_HELP = (
    "add `pending_order_count == 0`, or set `on_live_ref: replace`; "
    "a second order under a working ref is refused"
)
# Replaced, the lots of the fill before would have no exit any more.
_OF_A_FILL = (
    "leave its `order_ref` away: then the lots of each fill have an exit of their own, and `rearm` follows it; "
    "a second order under a working ref is refused"
)


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield placements whose condition does not ask whether their ref is still working."""
    for view, action in context.placed(RESTING):
        ref = action.written.option(OptionName.ORDER_REF)
        if ref is None or action.text(OptionName.ON_LIVE_REF) == OnLiveRef.REPLACE:
            continue
        if is_event(context, view) or not context.may_repeat_while_pending(view, action):
            continue
        yield finding(
            "IC502",
            f"this places `{ref.value}` also while an order with that ref is still working",
            ref.span,
            labels=[Label(view.span, "the condition does not ask whether it is working")],
            help=_OF_A_FILL if action.spec.verb is Verb.EXIT and _follows(view, action) else _HELP,
        )


def _follows(view: CaseView, action: Placed) -> bool:
    """Return whether an action stands in an `on_fill`."""
    return all(one.written is not action.written for one in view.actions)
