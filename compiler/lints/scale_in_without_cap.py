"""IC605 scale-in-without-cap: adding to a position with no limit on how often."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES
from compiler.catalog.promises import Promise
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext
from compiler.lints.entry_without_flat_or_scale_guard import repeats
from compiler.lints.events import is_event

_MANY = 1_000


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries that can add a layer however many there are."""
    policy = context.graph.settings.policy
    if policy.max_layers is not None or not policy.allow_scale_in:
        return
    if any(p.name is Promise.MAX_LAYERS for p in context.graph.invariants):
        return
    for view, action in context.placed(ENTRIES):
        if action not in view.actions or not context.may_scale_in(view, action, layers=_MANY):
            continue
        adds_only = not context.possible_while(view, ("flat",))
        if adds_only or not (repeats(context, view, action) or is_event(context, view)):
            yield finding(
                "IC605",
                "this entry adds layers to a position without a limit",
                action.written.kind_span,
                labels=[Label(view.span, "can be true with any number of layers")],
                help="add `position_layers < 3`, or `position_policy: {max_layers: 3}`",
            )
