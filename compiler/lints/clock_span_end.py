"""IC410 clock-span-end: a span of the day that takes the bar which opens at its end."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.timeframes import MINUTE_MS, interval_ms
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic
from compiler.lints.clock_spans import clock_spans
from compiler.lints.context import LintContext
from compiler.syntax.printer import clock_text
from compiler.syntax.walker import live_expressions


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield `time_utc between …` whose end is the open of a bar of the card."""
    minutes = interval_ms(context.graph.timeframe) // MINUTE_MS
    values = [variable.value for variable in context.card.variables]
    for root in (*values, *live_expressions(context.card)):
        for found in clock_spans(root):
            if found.name != "time_utc" or found.end <= found.begin or found.end % minutes:
                continue
            yield finding(
                "IC410",
                f"the bar that opens at {clock_text(found.end)} is in this span, too",
                found.span,
                help=f"`{found.half_open}` leaves it out; `between` takes both of its ends",
                fix=found.fix(context.source),
            )
