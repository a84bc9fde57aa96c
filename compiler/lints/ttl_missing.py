"""IC503 ttl-missing: a resting order that neither expires nor is ever cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.actions import ENTRIES, RESTING
from compiler.catalog.orders import AT_ONCE, OnFlat, OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.lints.cancels import cancels
from compiler.lints.context import LintContext, Placed
from compiler.lints.repairs import with_option


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield limit and stop entries without `ttl_bars` that no rule cancels.

    An exit ends with the position it would reduce.
    """
    for _, action in context.placed(RESTING & ENTRIES):
        if action.number(OptionName.TTL_BARS) is not None:
            continue
        if action.text(OptionName.TTL_TYPE) in AT_ONCE:
            continue
        if _cancelled(context, action) or action.text(OptionName.ON_FLAT) == OnFlat.CANCEL:
            continue
        yield finding(
            "IC503",
            "this order stays until it fills: nothing expires or cancels it",
            action.written.kind_span,
            help="add `ttl_bars`, or a block that cancels it",
            fix=with_option(context.source, action, "ttl_bars: 20"),
        )


def _cancelled(context: LintContext, action: Placed) -> bool:
    is_named = any(cancels(other, action) for _, other in context.placed())
    return is_named or action.flag(OptionName.OCO)
