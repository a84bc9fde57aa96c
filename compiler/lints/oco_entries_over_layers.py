"""IC514 oco-entries-over-layers: entries of which one fill ends the others, and a cap of layers that counts them all."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import RESTING, Verb
from compiler.catalog.orders import OptionName
from compiler.catalog.promises import Promise
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries of an oco group that may be asked for while one waits, where there may be one layer.

    Who allows several has said how many may wait. One with a ref of its own waits once: what a second comes to is IC502's to say.
    """
    who = _one_layer(context)
    if who is None:
        return
    for view, action in context.placed(RESTING):
        group = action.text(OptionName.ORDER_GROUP)
        is_one_of_many = group is not None and action.flag(OptionName.OCO)
        if action.spec.verb is not Verb.ENTER or not is_one_of_many:
            continue
        if action.text(OptionName.ORDER_REF) is not None:
            continue
        if not context.may_repeat_while_pending(view, action):
            continue
        yield finding(
            "IC514",
            f"a further entry of `{group}` is refused while one waits: {who} counts what is ordered too, though a fill "
            "of one ends the others",
            action.written.kind_span,
            labels=[Label(view.span, "can be true while it waits")],
            help="allow as many layers as entries may wait; or ask for `pending_order_count == 0`, where one at a time is meant",
        )


def _one_layer(context: LintContext) -> str | None:
    """Return by which of its words a card allows one layer only; None where it does not."""
    policy = context.graph.settings.policy
    if not policy.allow_scale_in:
        return "`allow_scale_in: false`"
    if policy.max_layers == 1:
        return "`max_layers: 1`"
    promised = any(
        p.name is Promise.MAX_LAYERS and p.argument == 1 for p in context.graph.invariants
    )
    return "the promise `max_layers: 1`" if promised else None
