"""IC504 ttl-tif-conflict: a time to live that contradicts the time in force."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.orders import AT_ONCE, OptionName, TimeInForce
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.context import LintContext


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield ioc/fok orders with `ttl_bars` and gtd orders without."""
    for _, action in context.placed():
        kind = action.text(OptionName.TTL_TYPE)
        ttl, force = (
            action.written.option(OptionName.TTL_BARS),
            action.written.option(OptionName.TTL_TYPE),
        )
        if force is None:
            continue
        if kind in AT_ONCE and ttl is not None:
            yield finding(
                "IC504",
                f"`{kind}` orders live for one moment, `ttl_bars` cannot apply",
                ttl.span,
                labels=[Label(force.span, "decided at the open and then gone")],
                help="remove `ttl_bars`, or use `ttl_type: gtd`",
            )
        elif kind == TimeInForce.GTD and ttl is None:
            yield finding(
                "IC504",
                "`gtd` needs `ttl_bars`: until when is the order good?",
                force.span,
                help="add `ttl_bars: 20`, or use `ttl_type: gtc`",
            )
