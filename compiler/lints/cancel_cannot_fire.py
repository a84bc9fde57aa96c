"""IC505 cancel-cannot-fire: a cancel rule that waits longer than any order lives."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ABOUT_ORDERS, RESTING, Verb
from compiler.catalog.orders import AT_ONCE, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.findings.source import Span
from compiler.lints.context import LintContext, account, at_most

_CANCELS = frozenset({Verb.CANCEL, Verb.CANCEL_ALL})


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield cancel cases that need an order older than every `ttl_bars` allows."""
    longest = _longest_life(context)
    if longest is None:
        return
    bars, span = longest
    # An order with a life of n bars expires at the n-th close, before any rule looks.
    age = at_most(account("oldest_pending_age_bars"), bars - 1)
    for view in context.cases:
        if view.when is None or not any(a.spec.verb in _CANCELS for a in view.actions):
            continue
        if context.reasoner.can_be_true(view.when) and not context.possible(view, age):
            yield finding(
                "IC505",
                f"this never cancels anything: every order is gone after {bars:g} bars",
                view.span,
                labels=[Label(span, "the longest `ttl_bars` of the card")],
                help=f"ask for an age below {bars:g} bars, or remove the rule",
            )


def _longest_life(context: LintContext) -> tuple[float, Span] | None:
    """Return (bars, place) of the longest ttl; None when some order has none or it is not fixed."""
    found: tuple[float, Span] | None = None
    for _, action in context.placed(RESTING | ABOUT_ORDERS):
        option = action.written.option(OptionName.TTL_BARS)
        if action.kind in ABOUT_ORDERS:
            if option is not None:
                return None  # lives anew from whatever age it is amended at
            continue
        bars = context.constant(action.number(OptionName.TTL_BARS))
        if action.text(OptionName.TTL_TYPE) in AT_ONCE:
            continue
        if bars is None or option is None:
            return None
        if found is None or bars > found[0]:
            found = (bars, option.span)
    return found
