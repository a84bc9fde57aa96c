"""IC601 entry-without-stop: an entry that no stop protects."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Severity
from compiler.lints.averaging_down_no_stop import adds_at_a_loss
from compiler.lints.context import LintContext
from compiler.lints.protection import adds_to_protected, has_no_stop


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield entries without a stop of their own, of the card, or set by a rule of the card."""
    for view, action in context.opening():
        if not has_no_stop(context, action):
            continue
        if adds_to_protected(context, view, action):
            yield finding(
                "IC601",
                "this entry has no stop of its own",
                action.written.kind_span,
                severity=Severity.INFO,
                help="it adds to a position, so it relies on the stop that the first entry set",
            )
        elif not adds_at_a_loss(context, view, action):  # said by averaging-down-no-stop
            yield finding(
                "IC601",
                "nothing limits the loss of this entry",
                action.written.kind_span,
                help="add `stop_loss`, or a `risk_model: {stop_loss: …}` for all entries",
            )
