"""IC507 entry-without-flat-or-scale-guard: an entry that can be placed on every bar."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES, RESTING
from compiler.catalog.orders import OnLiveRef, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.cancels import cleared
from compiler.lints.context import CaseView, LintContext, Placed
from compiler.lints.events import is_event

_MANY = 1_000


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries that may repeat bar after bar."""
    for view, action in context.placed(ENTRIES):
        if action in view.actions and repeats(context, view, action):
            resting = waits(context, view, action)
            what = "while its order is still working" if resting else "while the position is open"
            guard = "`pending_order_count == 0`" if resting else "`position_side == flat`"
            if resting and action.text(OptionName.ORDER_REF) is not None:
                guard += ", `on_live_ref: replace` where it is to move"
            yield finding(
                "IC507",
                f"this entry can be placed again on every bar {what}",
                action.written.kind_span,
                labels=[Label(view.span, "stays true, and asks neither")],
                help=f"add {guard}, or a limit on `position_layers` that counts",
            )


def repeats(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether nothing stops an entry from being placed on the next bar too."""
    if is_event(context, view) or action.text(OptionName.ON_LIVE_REF) == OnLiveRef.REPLACE:
        return False
    policy = context.graph.settings.policy
    if policy.max_layers is not None or not policy.allow_scale_in:
        return False  # what is held and what is ordered are both counted
    if waits(context, view, action):
        return context.may_repeat_while_pending(view, action, _MANY)
    if not context.possible_while(view, ("flat",)):
        return False  # it only adds: said by scale-in-without-cap
    # A cap on layers counts these entries: they are filled or gone before the next decision.
    return context.may_scale_in(view, action, layers=_MANY)


def waits(context: LintContext, view: CaseView, action: Placed) -> bool:
    """Return whether an order may still be working when its case places it again."""
    if action.kind not in RESTING or cleared(view, action):
        return False
    return not context.ends_before_next(action)
